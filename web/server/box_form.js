// One box: what is wrong first, then its devices, its history, and what technicians want to know.
import {call, get} from '/common/api.js';
import {clock, now} from '/common/time.js';
import {attempt, confirm, empty, html, icon, nothing, pill, toast} from '/common/view.js';
import {said, t} from '/common/words.js';
import {repeat} from '/vendor/lit-html/directives/repeat.js';
import {sentence, tone} from './boxes.js';
import {ask, commandRow} from './commands.js';
import {isDeveloper} from './developer.js';
import {deviceRow} from './device_row.js';
import {eventRow} from './event_row.js';
import {boxIn, isDisconnected, named, needy, putBox, standing, telling, unheard} from './state.js';

const linesAtOnce = 20;
const freshFor = 120_000; // so long its steps are shown after the last of them
let page = null;
let shown = blank();

function blank() {
  return {id: '', missing: false, commands: [], nextCommand: null, events: [], nextEvent: null, tab: 'commands', progress: new Map(), linkOf: ''};
}
const pathOf = (id) => `/api/v1/boxes/${encodeURIComponent(id)}`;
function boxNow() {
  const box = page.state.boxes.get(shown.id);
  return box && page.live?.stale() ? unheard(box) : box;
}

// Reading

async function readBox() {
  const {id} = shown;
  try {
    putBox(page.state, await get(pathOf(id)));
  } catch (problem) {
    if (problem.status !== 404) throw problem;
    shown.missing = true;
  }
  page.update();
}

async function readCommands(before) {
  const {id} = shown;
  const {commands, next} = await get(`${pathOf(id)}/commands?limit=${linesAtOnce}${before ? `&before=${encodeURIComponent(before)}` : ''}`);
  if (id !== shown.id) return;
  const known = new Set(commands.map((each) => each.id));
  shown.commands = [...(before ? shown.commands.filter((each) => !known.has(each.id)) : []), ...commands];
  shown.nextCommand = next ?? null;
  page.update();
}

async function readEvents(before) {
  const {id} = shown;
  const {events, next} = await get(`/api/v1/events?box=${encodeURIComponent(id)}&limit=${linesAtOnce}${before ? `&before=${before}` : ''}`);
  if (id !== shown.id) return;
  shown.events = [...(before ? shown.events : []), ...events.map((event) => named(page.state, event))];
  shown.nextEvent = next ?? null;
  page.update();
}

const readAll = () => attempt(() => Promise.all([readBox(), readCommands(), readEvents()]));

function heard(event) {
  if (boxIn(event) !== shown.id || !event.sequence) return;
  if (event.type.startsWith('command.')) {
    const at = shown.commands.findIndex(({id}) => id === event.data.id);
    if (at < 0) shown.commands.unshift(event.data);
    else shown.commands[at] = event.data;
  } else {
    shown.events.unshift(named(page.state, event));
  }
}

export function enter(shownIn) {
  page = shownIn;
  shown = {...blank(), id: page.route.id};
  page.listeners.add(heard);
  readAll();
}
export const missed = readAll;
export const leave = () => page.listeners.delete(heard);

// What can be done

async function rename(box) {
  (await import('./box_dialogs.js')).renameBox(page, box);
}
async function writeNote(box) {
  (await import('./box_dialogs.js')).writeNote(page, box);
}

async function restart(box) {
  const sure = await confirm({title: t('box.restart.title', {name: box.name}), text: t('box.restart.text'), action: t('box.restart.action', {name: box.name}), danger: false});
  if (!sure) return;
  if (await ask(page, `${pathOf(box.id)}/restart`, {})) toast(t('box.restart.sent', {name: box.name}));
}

async function blink(box) {
  if (await ask(page, `${pathOf(box.id)}/blink`, {})) toast(t('box.blink.sent', {name: box.name}));
}

async function remove(box) {
  const sure = await confirm({title: t('box.delete.title', {name: box.name}), text: t(box.online ? 'box.delete.text' : 'box.delete.text.offline', {name: box.name}), action: t('box.delete.action', {name: box.name})});
  if (!sure) return;
  if (await attempt(() => call('DELETE', pathOf(box.id)))) {
    toast(t('box.deleted', {name: box.name}), {tone: 'over'});
    if (page.state.boxes.delete(box.id)) page.state.revision++;
    page.go('#/boxes');
  }
}

const decide = (box, decision) => attempt(async () => {
  putBox(page.state, await call('POST', `${pathOf(box.id)}/copy`, {decision}));
  page.update();
});

// What is wrong, before anything else

const otherKey = /another key/; // nothing to choose: who had it was turned away

function copied(box) {
  return html`<section class="card needs" aria-labelledby="copied">
    <div class="ask"><span class="badge attention">${icon('attention')}</span>
      <div class="ask-text"><p><strong id="copied">${said(box.alert)}</strong></p>${otherKey.test(box.alert) ? nothing : html`<p class="small muted">${t('copy.text')}</p>`}</div>
      ${page.may('owner') && !otherKey.test(box.alert)
        ? html`<div class="buttons">
            <button class="button compact" type="button" @click=${() => decide(box, 'keep')}>${t('copy.keep')}</button>
            <button class="button compact" type="button" @click=${() => decide(box, 'replace')}>${t('copy.replace')}</button></div>`
        : page.may('owner')
          ? html`<div class="buttons"><button class="button compact" type="button" @click=${() => decide(box, 'keep')}>${t('copy.noted')}</button></div>`
          : nothing}
    </div></section>`;
}

function verdict(box) {
  const [worst] = needy(box);
  const at = box.online ? box.state : 'unknown';
  const title = sentence({...box, alert: ''});
  const more = box.stale
    ? t('live.lost', {time: clock(page.live.since)})
    : !box.online
      ? t(isDisconnected(box) ? 'box.disconnected.text' : 'box.offline.text')
      : worst
        ? html`${said(worst.status.remedy)} ${worst.status.since ? html`<span class="muted">${t('since', {time: clock(worst.status.since)})}</span>` : nothing}`
        : nothing;
  return html`<section class="verdict ${at}" aria-label=${t('overall')}>
    ${icon(box.online ? at : 'plug')}<div><p class="verdict-title">${title}</p><p>${more}</p></div></section>`;
}

/** An owner comes to the box's own page signed in: with a token that is good once, and for a minute. */
async function openHomepage(event, box) {
  if (!page.may('owner') || !box.online || event.ctrlKey || event.metaKey) return; // the plain link leads to its door
  event.preventDefault();
  const made = await attempt(() => call('POST', `/api/v1/boxes/${encodeURIComponent(box.id)}/homepage-token`, {}, {noted: false}));
  if (made) globalThis.open(`${box.report.homepage}#token=${made.token}`, '_blank', 'noopener,noreferrer');
}

function heading(box) {
  const homepage = box.report?.homepage;
  return html`<div class="title-line">
    <a class="icon-button" href="#/boxes" title=${t('boxes.back')} aria-label=${t('boxes.back')}>${icon('back')}</a>
    <h1>${box.name}</h1>${pill(tone(box), t(`state.${standing(box)}`))}
    <span class="push"></span>
    ${homepage ? html`<a class="button compact" href=${homepage} target="_blank" rel="noreferrer" @click=${(event) => openHomepage(event, box)}>${icon('open', 'tiny')}${t('box.homepage')}</a>` : nothing}
    ${page.may('operator')
      ? html`<details class="menu"><summary class="icon-button" aria-label=${t('device.more', {name: box.name})}>${icon('more')}</summary><div>
          <button type="button" @click=${() => rename(box)}>${icon('pencil')}${t('box.rename.short')} …</button>
          <button type="button" @click=${() => writeNote(box)}>${icon('ticket')}${t('box.note')} …</button>
          ${box.online ? html`<button type="button" @click=${() => blink(box)}>${icon('bell')}${t('box.blink')}</button>` : nothing}
          <button type="button" @click=${() => restart(box)}>${icon('again')}${t('box.restart')} …</button>
          ${page.may('owner') ? html`<button type="button" class="danger" @click=${() => remove(box)}>${icon('trash')}${t('box.delete')} …</button>` : nothing}
        </div></details>`
      : nothing}
  </div>`;
}

function devices(box) {
  const list = box.devices ?? [];
  return html`<section class="card" aria-labelledby="devices"><div class="card-head"><h2 id="devices">${t('devices')}</h2></div>
    ${list.length
      ? html`<ul class="rows">${repeat(list, ({description}) => description.id, (device) => deviceRow(page, box, device, shown.progress))}</ul>`
      : empty('printer', t('box.no_devices'))}
  </section>`;
}

// History

const tabs = ['commands', 'events'];

function tabButton(name) {
  return html`<button class="tab" id="tab-${name}" type="button" role="tab" aria-selected=${shown.tab === name} aria-controls="panel"
    tabindex=${shown.tab === name ? 0 : -1} @click=${() => pick(name)}>${t(`history.${name}`)}</button>`;
}

function pick(name) {
  shown.tab = name;
  page.update();
}

function moveTab(event) {
  if (!['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
  pick(tabs[(tabs.indexOf(shown.tab) + 1) % tabs.length]);
  document.getElementById(`tab-${shown.tab}`).focus();
}

const older = (read) => html`<div class="card-foot"><button class="button quiet" type="button" @click=${() => attempt(read)}>${t('actions.older')}</button></div>`;

function commandList() {
  if (!shown.commands.length) return empty('ticket', t('history.commands.none'));
  return html`<ul class="rows">${repeat(shown.commands, ({id}) => id, (each) => commandRow(page, each))}</ul>
    ${shown.nextCommand === null ? nothing : older(() => readCommands(shown.nextCommand))}`;
}

function eventList() {
  const events = telling(shown.events);
  if (!events.length) return empty('bell', t('history.events.none'));
  return html`<ul class="rows">${repeat(events, ({sequence}) => sequence, (each) => eventRow(each, {withBox: false}))}</ul>
    ${shown.nextEvent === null ? nothing : older(() => readEvents(shown.nextEvent))}`;
}

function history() {
  return html`<section class="card" aria-labelledby="history"><div class="card-head"><h2 id="history">${t('history')}</h2>
      <div class="tabs" role="tablist" aria-labelledby="history" @keydown=${moveTab}>${tabs.map(tabButton)}</div></div>
    <div id="panel" role="tabpanel" aria-labelledby="tab-${shown.tab}">${shown.tab === 'commands' ? commandList() : eventList()}</div>
  </section>`;
}

// Parts that are loaded when they are needed

const parts = {belongs: null, technical: null, connected: null, origins: null};
const loaders = {belongs: () => import('./belongs.js'), technical: () => import('./technical.js'), connected: () => import('./connected.js'), origins: () => import('./box_origins.js')};

/** A part with its words, once it is there. */
function part(name) {
  parts[name] ??= loaders[name]().then(async (module) => {
    await Promise.all([module.placeWords?.(), module.words?.()]);
    parts[name] = module;
    page.update();
  }).catch(() => (parts[name] = null));
  return parts[name] instanceof Promise ? null : parts[name];
}

const belongs = (box) => part('belongs')?.belongsCard(page, box) ?? nothing;
const origins = (box) => part('origins')?.originsOf(page, box) ?? nothing;

/** The steps of a box that was just connected. */
function connecting(box) {
  const fresh = now() - Date.parse(box.connected) < freshFor;
  if (!box.stage || box.stage === 'none' || (box.stage === 'done' && !fresh)) return nothing;
  return part('connected')?.stepsCard(box) ?? nothing;
}

function technical(box) {
  if (!isDeveloper()) return nothing;
  const module = part('technical');
  if (!module) return nothing;
  if (shown.linkOf !== box.id) {
    shown.linkOf = box.id;
    module.readLink(page, box.id);
  }
  return module.technicalCard(page, box);
}

export function view() {
  const box = boxNow();
  if (!box)
    return html`<main id="main" class="form" tabindex="-1"><h1 class="only-read-aloud">${t('boxes')}</h1><div class="card">
      ${shown.missing ? empty('box', t('box.missing'), html`<a class="button" href="#/boxes">${t('boxes.back')}</a>`) : empty('working', t('reading'))}</div></main>`;
  return html`<main id="main" class="form" tabindex="-1">
    ${heading(box)}
    <div class="form-columns">
      <div class="column">
        ${box.alert ? copied(box) : nothing}${connecting(box)}${verdict(box)}
        ${box.note ? html`<p class="note card">${box.note}</p>` : nothing}
        ${devices(box)}${belongs(box)}${origins(box)}
      </div>
      <div class="column">${history()}${technical(box)}</div>
    </div>
  </main>`;
}
