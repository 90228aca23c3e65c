// The paper room: every printer of the simulator on one counter.
import {call, get} from '/common/api.js';
import {Live} from '/common/live.js';
import {announce, attempt, connectionBar, empty, html, icon, painter} from '/common/view.js';
import {begin, chooseLanguage, languages, locale, t} from '/common/words.js';
import {repeat} from '/vendor/lit-html/directives/repeat.js';
import {bytesBeforeDeath, controls, stateWords} from './controls.js';
import {Paper} from './paper.js';
import {newScale, scaleControls, scaleWords, takeSnapshot, weighing} from './scale.js';
import {scene} from './scene.js';
import {beep, hum, ring, snip, soundIsOn, switchSound} from './sound.js';
import {mostReceipts} from './spike.js';
import {words as english} from './words.en.js';

const beepTime = 900;
const timeBetweenApproaches = 3_000; // only while the simulator does not answer at all
const stations = new Map(); // printer's id -> what stands there
const scales = new Map(); // scale's id -> the same
let update = () => {};
let silent = false;

const live = new Live({
  path: '/api/v1/events',
  probe: '/api/v1/printers',
  message: heard,
  change: () => update(),
  opened: startAnew,
});

function stationOf(printer) {
  let station = stations.get(printer.id);
  if (!station) {
    station = {printer, receipts: [], paper: new Paper(printer.width, () => update()), beeping: false, stale: false, deadAfter: bytesBeforeDeath};
    station.play = (what, body) =>
      attempt(async () => {
        station.printer = await call('POST', `/api/v1/printers/${printer.id}/${what}`, body);
      }).finally(() => update());
    stations.set(printer.id, station);
  }
  return station;
}

function setPrinter(station, printer) {
  const before = station.printer;
  station.printer = printer;
  if (before.problem !== printer.problem) announce(`${printer.name}: ${t(`state.${printer.state}`)}. ${stateWords(printer)}`);
  hum([...stations.values()].some((each) => each.printer.printing));
}

function putReceipt(station, receipt) {
  if (station.receipts.some(({id}) => id === receipt.id)) return;
  station.receipts = [receipt, ...station.receipts].slice(0, mostReceipts);
  update();
}

const heardOf = {
  state: (station, {snapshot}) => setPrinter(station, snapshot),
  rows: (station, message) => station.paper.take(message),
  gap: (station, message) => station.paper.take(message),
  cut(station, {receipt}) {
    snip();
    announce(t('room.came', {name: station.printer.name}));
    station.paper.cut(document.querySelector(`[data-spike="${CSS.escape(station.printer.id)}"]`), () => putReceipt(station, receipt));
  },
  drawer(station, {drawer}) {
    if (drawer === 'open' && station.printer.drawer !== 'open') {
      ring();
      announce(t('room.drawer.came', {name: station.printer.name}));
    }
    station.printer = {...station.printer, drawer};
  },
  beep(station) {
    beep();
    station.beeping = true;
    setTimeout(() => {
      station.beeping = false;
      update();
    }, beepTime);
  },
  cleared(station) {
    station.receipts = [];
  },
};

function scaleOf(snapshot) {
  let scale = scales.get(snapshot.id);
  if (!scale) {
    scale = newScale(snapshot, async (path, body) => {
      let seen = null;
      await attempt(async () => { seen = await call('POST', path, body); });
      return seen;
    }, () => update());
    scales.set(snapshot.id, scale);
  }
  return scale;
}

function setScale(snapshot) {
  const scale = scaleOf(snapshot);
  const before = scale.seen;
  takeSnapshot(scale, snapshot);
  if (before.problem !== snapshot.problem) announce(`${snapshot.name}: ${scaleWords(snapshot)}`);
}

function heard(message) {
  if (message.type === 'scale') {
    setScale(message.snapshot);
    return update();
  }
  const station = message.type === 'state' ? stationOf(message.snapshot) : stations.get(message.printer);
  if (station) heardOf[message.type]?.(station, message);
  update();
}

/** At each opening the server tells everything; receipts are asked for. */
async function startAnew() {
  silent = false;
  for (const {paper} of stations.values()) paper.reset();
  await readPrinters().catch(() => {});
}

async function readPrinters() {
  const {printers} = await get('/api/v1/printers');
  const found = await get('/api/v1/scales').catch(() => ({scales: []}));
  for (const id of [...scales.keys()]) if (!found.scales.some((each) => each.id === id)) scales.delete(id);
  for (const each of found.scales) takeSnapshot(scaleOf(each), each);
  for (const id of [...stations.keys()]) if (!printers.some((printer) => printer.id === id)) stations.delete(id);
  await Promise.all(printers.map(async (printer) => {
    const station = stationOf(printer);
    station.printer = printer;
    const known = new Set(station.receipts.map(({id}) => id));
    const {receipts} = await get(`/api/v1/printers/${printer.id}/receipts`);
    // What was cut while the answer was on its way stays on top.
    const fresh = station.receipts.filter(({id}) => !known.has(id) && !receipts.some((each) => each.id === id));
    station.receipts = [...fresh, ...receipts].slice(0, mostReceipts);
  }));
  update();
}

const top = () => html`
  <header class="top">
    <img src="/common/mark.svg" alt="" width="32" height="32">
    <div class="title"><h1>${t('room')}</h1><p class="small muted">${t('room.intro')}</p></div>
    <label class="only-read-aloud" for="language">${t('language')}</label>
    <select class="plain" id="language" @change=${async ({target}) => { await chooseLanguage(target.value); document.title = t('room'); update(); }}>
      ${Object.entries(languages).map(([code, name]) => html`<option value=${code} lang=${code} ?selected=${locale().startsWith(code)}>${name}</option>`)}
    </select>
    <button class="icon-button" type="button" aria-pressed=${soundIsOn()} title=${t('room.sound')} aria-label=${t('room.sound')}
      @click=${() => { switchSound(!soundIsOn()); update(); }}>${icon(soundIsOn() ? 'bell' : 'bell-off')}</button>
  </header>`;

function content() {
  if (silent) return html`<main id="main"><div class="card">${empty('plug', t('room.silent'))}</div></main>`;
  if (stations.size + scales.size === 0) return html`<main id="main"><div class="card">${empty('printer', t('room.none'))}</div></main>`;
  const stale = live.stale();
  return html`<main class="counter" id="main" tabindex="-1">
    ${repeat([...stations.values()], ({printer}) => printer.id, (station) => {
      station.stale = stale;
      return html`<article class="station"><div class="both">${scene(station, station.play)}${controls(station, station.play)}</div></article>`;
    })}
    ${repeat([...scales.values()], ({seen}) => seen.id, (scale) => {
      scale.stale = stale;
      return html`<article class="station"><div class="both">${weighing(scale)}${scaleControls(scale)}</div></article>`;
    })}
  </main>`;
}

const whole = () => html`
  <a class="skip" href="#main">${t('skip')}</a>
  ${connectionBar(live)}${top()}${content()}`;

async function approach() {
  try {
    await readPrinters();
    silent = false;
    live.start();
  } catch {
    silent = true;
    setTimeout(approach, timeBetweenApproaches);
  }
  update();
}

async function start() {
  await begin({en: async () => ({words: english}), de: () => import('./words.de.js')});
  document.title = t('room');
  await approach();
  const root = document.getElementById('page');
  root.replaceChildren();
  update = painter(whole, root);
  update();
  setInterval(() => live.state === 'lost' && update(), 1_000);
  setTimeout(() => document.body.classList.add('settled'), 400);
}

start();
