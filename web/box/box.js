// The homepage: reads the box once, then lives from its events.
import {call, get} from '/common/api.js';
import {Live} from '/common/live.js';
import {setClock} from '/common/time.js';
import {announce, attempt, connectionBar, html, nothing, painter, toast} from '/common/view.js';
import {begin, said, t} from '/common/words.js';
import {overview, header} from './overview.js';
import {signIn} from './sign_in.js';
import {applyEvent, newState, pageOfActions, putAction} from './state.js';

const eventsFromBefore = 30; // shown when the page is opened
const timeOfBlinking = 6_000;
const timeBetweenLooks = 3_000; // at the door, where no events come
const timeBetweenApproaches = 3_000; // only while the box does not answer at all

const deepViews = {advanced: () => import('./advanced.js'), rights: () => import('./rights.js')};

const page = {
  state: newState(),
  live: null,
  view: 'overview', // 'advanced', 'rights', 'sign-in' or 'silent'
  deep: null, // the module of a view that is loaded when it is asked for
  tested: null, // told of each step while the connection is tested
  opened: new Map(), // actions whose details are open -> their trace
  update: () => {},
  readActions,
  show,
  signOut,
};

async function readBox() {
  const sent = Date.now();
  const box = await get('/api/v1/box');
  if (box.time) setClock(box.time, sent, Date.now());
  const updated = page.state.box?.version && page.state.box.version !== box.version;
  page.state.box = box;
  if (updated) location.reload(); // the box was updated; these pages belong to the old version
  document.title = `${box.name} · Troupe`;
  return box.signed_in !== false;
}

async function readDevices() {
  const {devices} = await get('/api/v1/devices');
  page.state.devices = devices.sort((a, b) => a.description.name.localeCompare(b.description.name));
}

async function readActions(before = null) {
  const from = before === null ? '' : `&before=${before}`;
  const {actions, next} = await get(`/api/v1/actions?limit=${pageOfActions}${from}`);
  for (const action of actions) putAction(page.state, action);
  page.state.nextActions = next;
  page.update();
}

async function readQuestions() {
  const {actions} = await get('/api/v1/actions?state=unknown&limit=20');
  for (const action of actions) putAction(page.state, action);
}

async function readOrigins() {
  page.state.origins = await get('/api/v1/origins');
}

async function readPairing() {
  page.state.pairing = await get('/api/v1/pairing');
}

/** A box without a server has no link. */
async function readServer() {
  await readPairing();
  page.state.link = page.state.pairing.state === 'paired' ? await get('/api/v1/link') : null;
}

/** Before signing in only the code can be seen, and whether this is the box that somebody looks for. */
async function lookFromOutside() {
  if (page.view !== 'sign-in') return;
  const before = page.state.box?.blinks;
  await Promise.all([readPairing(), readBox()]).catch(() => {});
  if (page.state.box?.blinks && !before) blink();
  page.update();
}

async function readAll() {
  const {sequence} = await get('/api/v1/events/last');
  page.state.actions = [];
  await Promise.all([readDevices(), readActions(), readOrigins(), readServer()]);
  await readQuestions();
  page.state.known = sequence;
  page.state.sequence = Math.max(page.state.sequence ?? 0, sequence - eventsFromBefore);
  page.state.ready = true;
  page.update();
}

const readings = {all: readAll, box: readBox, origins: readOrigins, server: readServer};

/** Somebody who stands before several boxes wants to see which one this is. */
function blink() {
  document.body.classList.remove('blinks');
  void document.body.offsetWidth; // begins anew when it blinks already
  document.body.classList.add('blinks');
  toast(t('box.blinks', {name: page.state.box.name}), {tone: 'ready'});
  clearTimeout(blink.end);
  blink.end = setTimeout(() => document.body.classList.remove('blinks'), timeOfBlinking);
}

async function heard(event) {
  if (event.type === 'box.blinked') return blink();
  if (event.type === 'connection.test') return page.tested?.();
  const {read, said: change} = applyEvent(page.state, event);
  if (change)
    announce(`${change.name}: ${t(`state.${change.status.state}`)}. ${said(change.status.text)} ${said(change.status.remedy)}`);
  page.deep?.heard(event);
  page.update();
  if (!read) return;
  await attempt(readings[read]);
  page.update();
}

function connect() {
  page.live = new Live({
    path: '/api/v1/events',
    probe: '/healthz',
    after: () => page.state.sequence,
    message: heard,
    change: () => {
      announce(page.live.state === 'lost' ? t('live.lost.short') : t('live.back'));
      page.update();
    },
    opened: (again) => again && readBox().then((signedIn) => signedIn || show('sign-in'), () => {}),
    // An upgrade that is refused looks like a cut line; only the box can tell them apart.
    refused: async () => {
      const signedIn = await readBox().catch(() => true);
      if (!signedIn) show('sign-in');
      return !signedIn;
    },
  });
  page.live.start();
}

async function enter() {
  page.live?.end();
  const box = page.state.box;
  page.state = newState();
  page.state.box = box;
  page.opened.clear();
  await readAll();
  connect();
  await show(viewInAddress());
  setTimeout(() => document.body.classList.add('settled'), 400);
}

async function signOut() {
  if (!(await attempt(() => call('DELETE', '/api/v1/session')))) return;
  page.live?.end();
  await readBox();
  show('sign-in');
}

const viewInAddress = () => (deepViews[location.hash.slice(1)] ? location.hash.slice(1) : 'overview');

/** Changes what is shown. */
async function show(view) {
  const deep = deepViews[view] ? await deepViews[view]() : null;
  if (page.deep !== deep) page.deep?.leave();
  page.deep = deep;
  page.view = view;
  if (view === 'sign-in') lookFromOutside();
  const hash = deep ? `#${view}` : '';
  if (location.hash !== hash) history.replaceState(null, '', location.pathname + location.search + hash);
  await deep?.enter(page);
  page.update();
}

function content() {
  if (page.view === 'silent')
    return html`<main class="first-look" id="main">
      <div class="card sign-in" role="alert"><h2>${t('silent.title')}</h2><p>${t('silent.text')}</p></div></main>`;
  if (page.view === 'sign-in') return signIn(page, entered);
  return page.deep ? page.deep.view(page) : overview(page);
}

function whole() {
  const inside = page.state.ready && page.view !== 'sign-in';
  return html`
    <a class="skip" href="#main">${t('skip')}</a>
    ${page.live && inside ? connectionBar(page.live) : nothing}
    ${page.state.box ? header(page, inside) : nothing}
    ${content()}`;
}

async function entered() {
  await readBox();
  await enter();
}

/**
 * A code may come with the address (from the status ticket's QR code), or a token (from the server): what is to be
 * sent to sign in. It must not stay there.
 */
function keyFromAddress() {
  const [, setup_code, page_token] = /^#(?:setup=([0-9]{6})|token=(troupe-page-[\w-]+))$/.exec(location.hash) ?? [];
  if (!setup_code && !page_token) return null;
  history.replaceState(null, '', location.pathname + location.search);
  return page_token ? {page_token} : {setup_code};
}

async function approach(key) {
  try {
    let signedIn = await readBox();
    if (!signedIn && key) {
      await call('POST', '/api/v1/session', key).catch((problem) => (page.problem = problem));
      signedIn = await readBox();
    }
    if (signedIn) await enter();
    else show('sign-in');
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    page.view = 'silent';
    setTimeout(() => approach(key), timeBetweenApproaches);
  }
  page.update();
}

async function start() {
  const key = keyFromAddress();
  await begin();
  await approach(key);
  const root = document.getElementById('page');
  root.replaceChildren();
  page.update = painter(whole, root);
  page.update();
  // While the line is cut the states turn to unknown by themselves.
  setInterval(() => page.live?.state === 'lost' && page.update(), 1_000);
  setInterval(() => document.visibilityState === 'visible' && page.view === 'sign-in' && lookFromOutside(), timeBetweenLooks);
  addEventListener('signed-out', () => {
    page.live?.end();
    show('sign-in');
  });
  addEventListener('hashchange', () => {
    if (page.state.ready) show(viewInAddress());
  });
}

start();
