// Who may do what: the rules of this box in words, as they stand at the moment, and what its owner can change.
import {call, get} from '/common/api.js';
import {originsCard, originWords} from '/common/origins.js';
import {clock} from '/common/time.js';
import {attempt, codeDisplay, confirm, html, icon, nothing, openDialog, toast} from '/common/view.js';
import {bring, said, t} from '/common/words.js';

const own = {en: () => import('./rights_words.en.js'), de: () => import('./rights_words.de.js')};
const standings = ['asking', 'allowed', 'refused'];
let page = null;
let now = null; // as the box tells it

async function read() {
  now = await get('/api/v1/rights');
  page.update();
}

export async function enter(shown) {
  page = shown;
  await Promise.all([bring(own), originWords()]);
  await attempt(read);
}
export const leave = () => {};

/** What is read anew for the overview is told by its own events; the rest may have moved with them. */
export function heard({type}) {
  if (/^(pairing|link|setup_code|origin)\./.test(type)) read().catch(() => {});
}

const changeOrigin = (origin, decision) => attempt(async () => {
  const path = `/api/v1/origins/${encodeURIComponent(origin)}`;
  await (decision === 'forget' ? call('DELETE', path) : call('PUT', path, {decision}));
  page.state.origins = await get('/api/v1/origins');
  page.update();
});

function askForCode() {
  let fault = null;
  let code = null;
  const dialog = openDialog(t('rights.code.change'), ({close}) => html`
    ${code ? html`<p>${t('rights.code.changed')}</p><p class="pairing-code">${codeDisplay(code, t('rights.code'), true)}</p>
      <div class="dialog-foot"><button class="button first" type="button" @click=${() => close()}>${t('close')}</button></div>`
    : html`<form @submit=${save}>
      <p class="muted">${t('rights.code.text')}</p>
      <div class="field"><label for="new-code">${t('rights.code.new')}</label>
        <input id="new-code" name="code" inputmode="numeric" pattern="[0-9]{6}" maxlength="6" autocomplete="off" aria-describedby="new-code-hint">
        <p class="hint" id="new-code-hint">${t('rights.code.hint')}</p>
        ${fault ? html`<p class="wrong" role="alert">${icon('trouble', 'tiny')}<span>${said(fault.message)} ${said(fault.remedy)}</span></p>` : nothing}</div>
      <div class="dialog-foot"><button class="button" type="button" @click=${() => close()}>${t('cancel')}</button>
        <button class="button first" type="submit">${t('rights.code.change')}</button></div></form>`}`);
  async function save(event) {
    event.preventDefault();
    const typed = event.target.elements.code.value;
    try {
      ({code} = await call('PUT', '/api/v1/setup-code', typed ? {code: typed} : {}));
    } catch (problem) {
      fault = problem;
    }
    dialog.update();
  }
}

async function signOutOthers() {
  const sure = await confirm({title: t('rights.others.title'), text: t('rights.others.text'), action: t('rights.others')});
  if (!sure) return;
  await attempt(async () => {
    const {closed} = await call('DELETE', '/api/v1/session/others');
    toast(t('rights.others.done', {count: closed}));
    await read();
  });
}

const who = (name, iconName, what, present = nothing, buttons = nothing) => html`<section class="card who" aria-labelledby=${name} data-who=${name}>
  <div class="card-head"><h2 id=${name}>${icon(iconName, 'tiny')} ${t(`rights.${name}`)}</h2></div>
  <p class="card-body">${what}</p>${present === nothing ? nothing : html`<p class="card-body small muted">${present}</p>`}
  ${buttons === nothing ? nothing : html`<div class="card-foot">${buttons}</div>`}</section>`;

const button = (words, action) => html`<button class="button quiet compact" type="button" @click=${action}>${words}</button>`;

function people() {
  return who('people', 'key', t('rights.people.text'), now ? t('rights.people.now', {count: now.sessions}) : nothing,
    html`${button(t('rights.code.change'), askForCode)}
      ${now?.sessions > 1 ? button(t('rights.others'), signOutOthers) : nothing}`);
}

function pages() {
  if (!now?.server) return nothing;
  const present = now.pages.map(({origin, count}) => t('rights.pages.of', {origin, count})).join(' ');
  return who('pages', 'page', t('rights.pages.text', {server: now.server.name || now.server.url}), present || t('rights.pages.none'));
}

function network() {
  return who('network', 'place', t('rights.network.text'),
    now?.taken_in_until ? t('rights.network.until', {time: clock(now.taken_in_until)}) : t('rights.network.closed'));
}

export function view() {
  const origins = standings.flatMap((standing) => page.state.origins[standing].map((each) => ({...each, standing})));
  return html`
  <main class="advanced" id="main" tabindex="-1">
    <div class="advanced-head">
      <button class="button quiet" type="button" @click=${() => page.show('overview')}>${icon('back', 'tiny')}${t('advanced.back')}</button>
    </div>
    <h2>${t('rights')}</h2>
    <p class="muted">${t('rights.text')}</p>
    <div class="columns">
      <div class="column">${originsCard(origins, changeOrigin)}${pages()}${people()}</div>
      <div class="column">${now?.server ? who('server', 'box', t('rights.server.text', {server: now.server.name || now.server.url})) : nothing}
        ${network()}${who('machine', 'cogs', t('rights.machine.text'))}${who('anybody', 'person', t('rights.anybody.text'))}</div>
    </div>
  </main>`;
}
