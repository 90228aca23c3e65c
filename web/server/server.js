// The server's pages: sign in, read the fleet once, then live from its events.
import {call, clickOf, get, sendAlways} from '/common/api.js';
import {Live} from '/common/live.js';
import {setClock} from '/common/time.js';
import {announce, attempt, html, painter} from '/common/view.js';
import {begin, said, t} from '/common/words.js';
import {boxesView} from './boxes.js';
import {door} from './door.js';
import {frame} from './frame.js';
import {applyEvent, newState, putBoxes, putPoints, standings} from './state.js';
import {words as english} from './words.en.js';

const mostBoxes = 20_000;
const timeBetweenApproaches = 3_000; // only while the server does not answer at all
const restBetweenReadings = 5_000; // of the whole fleet, when more happens than a page can follow

/** Parts that are loaded when they are first asked for. */
const parts = {
  box: () => import('./box_form.js'),
  devices: () => import('./devices.js'),
  events: () => import('./events.js'),
  people: () => import('./people.js'),
  settings: () => import('./settings.js'),
  traces: () => import('./trace_view.js'),
};

const page = {
  state: newState(),
  live: null,
  door: 'silent', // what stands in the way: 'sign-in', 'set-up', 'no-link', 'silent'; empty: inside
  person: null,
  server: null,
  setupToken: '',
  code: '', // from the QR code on a box
  route: {name: 'boxes', id: '', query: new URLSearchParams()},
  part: null, // the module of what is shown, unless it is the boxes
  listeners: new Set(), // parts that want to hear events
  update: () => {},
  go,
  replaceQuery,
  entered,
  may,
  signOut,
};

const ranks = ['viewer', 'operator', 'owner'];

/** Whether the person signed in may do what wants this role. */
function may(role) {
  return ranks.indexOf(page.person?.role) >= ranks.indexOf(role);
}

// Where we are: "#/boxes?standing=trouble", "#/box/ID", "#/traces/ID" …

function routeOf(hash) {
  const [, path = '', query = ''] = /^#\/([^?]*)\??(.*)$/.exec(hash) ?? [];
  const [name, id = ''] = path.split('/').map(decodeURIComponent);
  return {name: name in parts || name === 'boxes' ? name : 'boxes', id, query: new URLSearchParams(query)};
}

function go(hash) {
  location.hash = hash;
}

/** Keeps a choice in the address without a new step in the browser's history. */
function replaceQuery(changes) {
  const {query, name, id} = page.route;
  for (const [key, value] of Object.entries(changes)) value ? query.set(key, value) : query.delete(key);
  const text = query.toString();
  history.replaceState(null, '', `#/${name}${id ? `/${encodeURIComponent(id)}` : ''}${text ? `?${text}` : ''}`);
  page.update();
}

async function follow() {
  if (takeSecrets()) connectByCode();
  const before = page.route;
  page.route = routeOf(location.hash);
  const same = before.name === page.route.name && before.id === page.route.id;
  if (!same) page.part?.leave?.();
  page.part = page.route.name === 'boxes' ? null : await parts[page.route.name]();
  if (page.door) return;
  if (!same || page.part?.reenter) page.part?.enter?.(page);
  page.update();
  if (same) return;
  scrollTo({top: 0});
  requestAnimationFrame(() => document.getElementById('main')?.focus({preventScroll: true})); // once it is drawn
}

/** What came with the address and must not stay there: "#setup=TOKEN", "#connect=CODE". */
function takeSecrets() {
  const [, kind = '', value = ''] = /^#(setup|connect)=([\w.~-]+)$/.exec(location.hash) ?? [];
  if (!kind) return false;
  page[kind === 'setup' ? 'setupToken' : 'code'] = value;
  history.replaceState(null, '', location.pathname + location.search);
  return true;
}

// The fleet

async function readFleet() {
  const [{boxes, sequence}, {points_of_sale: points}] =
    await Promise.all([get(`/api/v1/boxes?fields=summary&limit=${mostBoxes}`), get('/api/v1/points-of-sale')]);
  putPoints(page.state, points);
  putBoxes(page.state, boxes);
  page.state.sequence = Math.max(page.state.sequence ?? 0, sequence);
  page.update();
}

let lastReading = 0;
let nextReading = 0;
function readFleetSoon() {
  if (nextReading) return;
  const wait = Math.max(0, lastReading + restBetweenReadings - Date.now());
  nextReading = setTimeout(async () => {
    nextReading = 0;
    lastReading = Date.now();
    await attempt(readFleet);
    page.part?.missed?.();
  }, wait);
}

function sayChange({name, status}) {
  const word = standings.includes(status.state) ? t(`state.${status.state}`) : t(`event.box.${status.state}.short`);
  announce(`${name}: ${word}. ${said(status.text)}`);
}

let connected = null; // the part that asks where a new box stands; one promise, so that boxes are asked for in their order

function heard(events) {
  for (const event of events) {
    const {read, came, gone, asks, said: change} = applyEvent(page.state, event);
    if (read) readFleetSoon();
    if (came) welcome(came);
    if (asks && may('operator')) (connected ??= import('./connected.js')).then(({askPoint}) => askPoint(page, asks));
    if (gone && page.route.name === 'box' && page.route.id === gone) go('#/boxes');
    if (event.type.startsWith('command.') && clickOf(event.data?.trace?.trace)) import('./commands.js').then(({tellClick}) => tellClick(event.data));
    if (change && events.length < 5) sayChange(change); // nobody can listen to more
    for (const listener of page.listeners) listener(event);
  }
  page.update();
}

/** A box was just connected: it is shown, whatever was looked for before. */
function welcome(id) {
  page.state.fresh = id;
  announce(t('connect.came', {name: page.state.boxes.get(id)?.name ?? id}));
  setTimeout(() => {
    if (page.state.fresh === id) page.state.fresh = '';
    page.update();
  }, 20_000);
}

function connectLive() {
  page.live = new Live({
    path: '/api/v1/events',
    probe: '/healthz',
    after: () => page.state.sequence,
    message: (events) => heard(Array.isArray(events) ? events : [events]),
    change: () => {
      announce(page.live.state === 'lost' ? t('live.lost.short') : t('live.back'));
      page.update();
    },
    opened: (again) => again && readSession().then((inside) => (inside ? page.part?.missed?.() : show('sign-in')), () => {}),
    // An upgrade that is refused looks like a cut line; only the server can tell them apart.
    refused: async () => {
      const inside = await readSession().catch(() => true);
      if (!inside) show('sign-in');
      return !inside;
    },
  });
  page.live.start();
}

// The door

function show(what) {
  page.live?.end();
  page.door = what;
  page.update();
}

async function readSession() {
  const session = await get('/api/v1/session').catch((problem) => {
    if (problem.status !== 401) throw problem;
    return {person: null, server: page.server};
  });
  takeSession(session);
  return Boolean(session.person);
}

function takeSession({person, csrf, server}) {
  if (page.server?.version && server?.version && page.server.version !== server.version) location.reload(); // these pages are old
  page.person = person;
  page.server = server ?? page.server;
  if (csrf) sendAlways('x-csrf-token', csrf);
  document.title = page.server?.name ? `${page.server.name} · Troupe` : 'Troupe';
}

async function readClock() {
  const sent = Date.now();
  const {time} = await get('/api/v1/server');
  setClock(time, sent, Date.now());
}

/** After signing in: the fleet, then its events, then what the address asks for. */
async function entered(session) {
  if (session) takeSession(session);
  page.live?.end();
  page.state = newState();
  await Promise.all([readFleet(), readClock()]);
  page.door = '';
  page.route = {name: '', id: '', query: new URLSearchParams()};
  connectLive();
  await follow();
  connectByCode();
  setTimeout(() => document.body.classList.add('settled'), 400);
}

async function connectByCode() {
  if (page.door || !page.code) return;
  const code = page.code;
  page.code = '';
  (await import('./connect.js')).openConnect(page, code);
}

async function signOut(everywhere = false) {
  const done = await attempt(() => (everywhere ? call('POST', '/api/v1/session/end-all', {}) : call('DELETE', '/api/v1/session')));
  if (!done) return;
  page.person = null;
  show('sign-in');
}

async function approach() {
  try {
    if (await readSession()) return await entered();
    const {needed} = await get('/api/v1/setup');
    page.door = !needed ? 'sign-in' : page.setupToken ? 'set-up' : 'no-link';
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    page.door = 'silent';
    setTimeout(approach, timeBetweenApproaches);
  }
  page.update();
}

function whole() {
  if (page.door) return door(page);
  return frame(page, page.part ? page.part.view(page) : boxesView(page));
}

async function start() {
  takeSecrets();
  await begin({en: async () => ({words: english}), de: () => import('./words.de.js')});
  await approach();
  const root = document.getElementById('page');
  root.replaceChildren();
  page.update = painter(() => html`${whole()}`, root);
  page.update();
  setInterval(() => page.live?.state === 'lost' && page.update(), 1_000);
  addEventListener('signed-out', () => page.door || show('sign-in'));
  addEventListener('hashchange', follow);
}

start();
