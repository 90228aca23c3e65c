// Behind the cogs: who may print, the log, network, limits, the parts' health, versions.
import {call, get} from '/common/api.js';
import {limitsCard, partsCard} from '/common/figures.js';
import {number, size} from '/common/time.js';
import {attempt, bar, codeDisplay, confirm, html, icon, nothing, pill, timeAgo, toast} from '/common/view.js';
import {chooseLanguage, languages, locale, said, t} from '/common/words.js';
import {live} from '/vendor/lit-html/directives/live.js';
import {closeLog, logCard, openLog} from './log.js';
import {askServer, disconnect, readyToSpeak, testConnection} from './pairing.js';

const renameBox = async (of) => (await import('./device_dialog.js')).renameBox(of);

const restBetweenReadings = 2_000; // figures follow events, not the clock
const known = {limits: [], parts: [], levels: null};
let reading = 0;
let page = null;

async function readFigures() {
  const [{limits}, {parts}] = await Promise.all([get('/api/v1/limits'), get('/api/v1/health')]);
  Object.assign(known, {limits, parts});
  page.update();
}

async function readLevels() {
  known.levels = await get('/api/v1/logs/levels');
  page.update();
}

export function enter(shown) {
  page = shown;
  openLog(page.update);
  attempt(readFigures);
  attempt(readLevels);
}

export function leave() {
  closeLog();
  clearTimeout(reading);
  reading = 0;
}

/** Something happened: the figures may have moved. */
export function heard() {
  if (page?.view !== 'advanced' || reading) return;
  reading = setTimeout(() => {
    reading = 0;
    readFigures().catch(() => {});
  }, restBetweenReadings);
}

// Log levels

const setLevel = (logger, level) =>
  attempt(async () => {
    await call('PUT', `/api/v1/logs/levels/${encodeURIComponent(logger)}`, {level: level || null});
    await readLevels();
  });

function levelChoice(name, chosen, inherits, options) {
  return html`<li class="plain-row"><label class="grow" for="level-${name}"><code>${name}</code></label>
    <select class="plain" id="level-${name}" @change=${({target}) => setLevel(name, target.value)}>
      ${inherits === null ? nothing : html`<option value="" .selected=${live(inherits)}>${t('level.inherited')}</option>`}
      ${options.map((level) => html`<option value=${level} .selected=${live(!inherits && level === chosen)}>${t(`level.${level}`)}</option>`)}
    </select></li>`;
}

function levelsCard() {
  if (!known.levels) return nothing;
  const {root, loggers, levels} = known.levels;
  return html`<section class="card" aria-labelledby="levels">
    <div class="card-head"><h2 id="levels">${t('levels')}</h2></div>
    <ul class="rows">
      ${levelChoice('root', root, null, levels)}
      ${loggers.map(({name, level, inherited}) => levelChoice(name, level, inherited, levels))}
    </ul>
  </section>`;
}

// Network

const askProxy = async () => (await import('./proxy_dialog.js')).askProxy();

function networkCard() {
  const {addresses = [], gateway, urls = [], network_problem: problem} = page.state.box;
  return html`<section class="card" aria-labelledby="network">
    <div class="card-head"><h2 id="network">${t('network')}</h2></div>
    <dl class="facts-table card-body">
      ${addresses.map((each) => html`<dt>${each.interface}</dt><dd>${codeDisplay(each.address, each.interface)}</dd>`)}
      <dt>${t('network.gateway')}</dt><dd>${gateway ? html`<code>${gateway}</code>` : t('network.gateway.none')}</dd>
      ${urls.length ? html`<dt>${t('network.urls')}</dt><dd>${urls.map((url) => html`<div>${codeDisplay(url, t('network.urls'))}</div>`)}</dd>` : nothing}
      ${problem ? html`<dt>${pill('trouble', t('state.trouble'))}</dt><dd>${said(problem.text)} ${said(problem.remedy)}</dd>` : nothing}
    </dl>
    <div class="card-foot"><button class="button quiet compact" type="button" @click=${askProxy}>${t('network.proxy')}</button>
      ${page.state.pairing?.server?.url ? html`<button class="button compact" type="button" @click=${() => testConnection(page)}>${t('network.test')}</button>` : nothing}</div>
  </section>`;
}

// The server

async function leaveServer(name) {
  const sure = await confirm({title: t('link.disconnect.title', {name}), text: t('link.disconnect.text'), action: t('link.disconnect.action', {name})});
  if (sure) await disconnect(page, name);
}

const linkTones = {linked: 'ready', connecting: 'working', waiting: 'attention', refused: 'trouble'};
const hours = (value) => number(value, {style: 'unit', unit: 'hour', unitDisplay: 'long', maximumFractionDigits: value < 10 ? 1 : 0});

function buffer(link) {
  return html`<dt>${t('link.buffer')}</dt><dd>${t('link.buffer.text', {waiting: number(link.buffered_events), most: number(link.buffer_events)})}
    ${bar(link.buffer_events ? link.buffered_events / link.buffer_events : 0, link.buffered_events > link.buffer_events * 0.7 ? 'attention' : 'working')}
    <span class="small muted">${link.buffer_hours ? t('link.buffer.hours', {time: hours(link.buffer_hours)}) : nothing}</span></dd>`;
}

function serverCard() {
  const {pairing, link} = page.state;
  if (!pairing) return nothing;
  const paired = pairing.state === 'paired' && link !== null;
  const name = link?.server?.name || pairing.server?.name || pairing.server?.url || '';
  const change = pairing.server?.configured ? nothing : html`<button class="button quiet compact" type="button"
    @click=${() => askServer(page)}>${icon('pencil', 'tiny')}${t('pairing.server.change')}</button>`;
  return html`<section class="card" aria-labelledby="server">
    <div class="card-head"><h2 id="server">${t('link')}</h2>
      ${paired ? pill(linkTones[link.state] ?? 'unknown', t(`link.state.${link.state}`)) : nothing}</div>
    <dl class="facts-table card-body">
      ${name ? html`<dt>${t('link.server')}</dt><dd>${name}</dd>` : html`<dt>${t('link.server')}</dt><dd>${t('link.none')}</dd>`}
      ${pairing.server?.url ? html`<dt>${t('pairing.address')}</dt><dd>${codeDisplay(pairing.server.url, t('pairing.address'))}</dd>` : nothing}
      ${paired && pairing.server.since ? html`<dt>${t('link.since')}</dt><dd>${timeAgo(pairing.server.since)}
        ${pairing.server.person ? t('link.by', {name: pairing.server.person}) : nothing}</dd>` : nothing}
      ${paired && link.state !== 'linked' && link.text ? html`<dt>${t('link.state')}</dt><dd>${said(link.text)} ${said(link.remedy)}</dd>` : nothing}
      ${paired ? buffer(link) : nothing}
    </dl>
    ${paired || change !== nothing ? html`<div class="card-foot">${change}
      ${paired ? html`<button class="button danger compact" type="button" @click=${() => leaveServer(name)}>${t('link.disconnect')}</button>` : nothing}</div>` : nothing}
  </section>`;
}

// This box

/** Of a screen that is not there nothing is said. */
function shownScreen({screen}) {
  const shown = screen && !/^(off|no_screen)$/.test(screen.state);
  if (shown || page.state.box.network_problem) readyToSpeak(page);
  return shown;
}

async function restartBox() {
  const {name} = page.state.box;
  const sure = await confirm({title: t('box.restart.title', {name}), text: t('box.restart.text'), action: t('box.restart.action', {name}), danger: false});
  if (sure && (await attempt(() => call('POST', '/api/v1/box/restart', {})))) toast(t('box.restart.sent', {name}));
}

function aboutCard() {
  const {box} = page.state;
  return html`<section class="card" aria-labelledby="about">
    <div class="card-head"><h2 id="about">${t('about')}</h2>
      <button class="button quiet compact" type="button" @click=${() => renameBox(page)}>${icon('pencil', 'tiny')}${t('box.rename.short')}</button></div>
    <dl class="facts-table card-body">
      <dt>${t('box.name')}</dt><dd>${box.name}</dd>
      <dt>${t('box.identifier')}</dt><dd>${codeDisplay(box.identifier, t('box.identifier'))}</dd>
      <dt>${t('box.version')}</dt><dd class="figures">${box.version}</dd>
      <dt>${t('box.started')}</dt><dd>${timeAgo(box.started)}</dd>
      <dt>${t('box.memory')}</dt><dd class="figures">${size(box.memory_bytes)}</dd>
      ${shownScreen(box) ? html`<dt>${t('box.screen')}</dt><dd>${said(box.screen.text)} ${said(box.screen.remedy)}</dd>` : nothing}
      <dt><label for="language">${t('language')}</label></dt>
      <dd><select class="plain" id="language" @change=${async ({target}) => { await chooseLanguage(target.value); page.update(); }}>
        ${Object.entries(languages).map(([code, name]) => html`<option value=${code} lang=${code} ?selected=${locale().startsWith(code)}>${name}</option>`)}
      </select></dd>
    </dl>
    <div class="card-foot"><button class="button quiet" type="button" @click=${restartBox}>${icon('again', 'tiny')}${t('box.restart')}</button>
      <button class="button" type="button" @click=${() => page.signOut()}>${icon('exit', 'tiny')}${t('sign_out')}</button></div>
  </section>`;
}

export const view = () => html`
  <main class="advanced" id="main" tabindex="-1">
    <div class="advanced-head">
      <button class="button quiet" type="button" @click=${() => page.show('overview')}>${icon('back', 'tiny')}${t('advanced.back')}</button>
      <button class="button" type="button" @click=${() => page.show('rights')}>${icon('lock', 'tiny')}${t('rights')}</button>
    </div>
    ${logCard()}
    <div class="columns">
      <div class="column">${serverCard()}${networkCard()}${levelsCard()}</div>
      <div class="column">${aboutCard()}${partsCard(known.parts)}${limitsCard(known.limits)}</div>
    </div>
  </main>`;
