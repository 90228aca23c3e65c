// The server itself: its name, what it is, and who changed what.
import {call, get} from '/common/api.js';
import {limitsCard, partsCard} from '/common/figures.js';
import {number} from '/common/time.js';
import {attempt, codeDisplay, empty, html, nothing, timeOfDay, toast} from '/common/view.js';
import {said, t} from '/common/words.js';
import {live} from '/vendor/lit-html/directives/live.js';
import {commandLabel} from './commands.js';
import {isDeveloper, setDeveloper} from './developer.js';
import {newest} from './newest.js';
import {pointsCard} from './points.js';
import {tokenCard} from './tokens.js';

const linesAtOnce = 50;
const known = {settings: null, server: null, limits: [], parts: [], entries: [], next: undefined};
const tokens = tokenCard(() => page.update());
const points = pointsCard(() => page);
let page = null;

async function readAudit(before) {
  const {entries, next} = await get(`/api/v1/audit?limit=${linesAtOnce}${before ? `&before=${before}` : ''}`);
  known.entries = before ? [...known.entries, ...entries] : entries;
  known.next = next ?? null;
  page.update();
}

const read = newest(() => Promise.all(['settings', 'server', 'limits', 'health'].map((what) => get(`/api/v1/${what}`))), ([settings, server, {limits}, {parts}]) => {
  Object.assign(known, {settings, server, limits, parts});
  page.update();
  return Promise.all([points.read(), ...(page.may('owner') ? [readAudit(), ...(isDeveloper() ? [tokens.read()] : [])] : [])]);
});

function heard({type}) {
  if (type.startsWith('point_of_sale.')) points.again();
}

export function enter(shownIn) {
  page = shownIn;
  page.listeners.add(heard);
  attempt(read);
}
export const leave = () => page.listeners.delete(heard);
export const missed = () => attempt(read);

const rename = (event) => {
  event.preventDefault();
  const name = event.target.elements.name.value.trim();
  return attempt(async () => {
    known.settings = await call('PATCH', '/api/v1/settings', {server_name: name});
    page.server = {...page.server, name};
    document.title = `${name} · Troupe`;
    page.update();
    toast(t('saved'), {tone: 'ready'});
    if (page.may('owner')) await readAudit();
  });
};

function about() {
  const {settings, server} = known;
  return html`<section class="card" aria-labelledby="server"><div class="card-head"><h2 id="server">${t('settings.server')}</h2></div>
    ${page.may('owner')
      ? html`<form class="filter" @submit=${rename}><input name="name" required maxlength="64" autocomplete="off" aria-label=${t('settings.name')} .value=${settings.server_name}>
          <button class="button" type="submit">${t('save')}</button></form>`
      : nothing}
    <dl class="facts-table card-body">
      ${page.may('owner') ? nothing : html`<dt>${t('settings.name')}</dt><dd>${settings.server_name}</dd>`}
      <dt>${t('settings.address')}</dt><dd>${codeDisplay(location.origin, t('settings.address'))}</dd>
      <dt>${t('box.identifier')}</dt><dd>${codeDisplay(server.id, t('box.identifier'))}</dd>
      <dt>${t('box.version')}</dt><dd class="figures">${server.version}</dd>
      <dt>${t('boxes')}</dt><dd class="figures">${number(page.state.boxes.size)}</dd>
    </dl></section>`;
}

function developerSwitch() {
  const turn = ({target}) => {
    setDeveloper(target.checked);
    page.update();
    if (isDeveloper() && page.may('owner')) attempt(tokens.read);
  };
  return html`<section class="card"><label class="switch card-body"><input type="checkbox" .checked=${live(isDeveloper())} @change=${turn} aria-describedby="developer-text">
    <span><strong>${t('developer')}</strong><span class="small muted" id="developer-text">${t('developer.text')}</span></span></label></section>`;
}

/** "Bakery, till 1 · Counter printer", of "BOX/DEVICE"; nothing for what is no box. */
function placeOf(target) {
  const [id, device] = target.split('/');
  const box = page.state.boxes.get(id);
  if (!box) return '';
  return [box.name, box.devices?.find(({description}) => description.id === device)?.description.name ?? device].filter(Boolean).join(' · ');
}

function auditWords({action, target, text}) {
  const asked = action === 'device.action' && /^Asked for (.+)\.$/.exec(text);
  const what = asked ? t('audit.asked', {what: commandLabel({action: asked[1]})}) : said(text) || `${action} ${target}`;
  const place = placeOf(target);
  return place ? `${place}: ${what}` : what;
}

function audit() {
  return html`<section class="card" aria-labelledby="audit"><div class="card-head"><h2 id="audit">${t('audit')}</h2></div>
    ${known.entries.length
      ? html`<ul class="rows">${known.entries.map((entry) => html`<li class="audit-row"><span class="small muted">${timeOfDay(entry.time)}</span>
          <strong>${entry.person || '–'}</strong><span class="grow">${auditWords(entry)}</span><span class="small muted figures">${entry.address}</span></li>`)}</ul>`
      : empty('ticket', t('audit.none'))}
    ${known.next ? html`<div class="card-foot"><button class="button quiet" type="button" @click=${() => attempt(() => readAudit(known.next))}>${t('actions.older')}</button></div>` : nothing}
  </section>`;
}

export const view = () => html`<main id="main" class="settings" tabindex="-1"><div class="title-line"><h1>${t('rail.settings')}</h1></div>
  ${known.settings ? html`${about()}${points.view()}${developerSwitch()}
    ${page.may('owner') ? [isDeveloper() ? tokens.view() : nothing, audit()] : nothing}
    <div class="columns">${partsCard(known.parts)}${limitsCard(known.limits)}</div>` : html`<div class="card">${empty('working', t('reading'))}</div>`}</main>`;
