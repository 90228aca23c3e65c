// The page for a screen that hangs on the box: code, addresses, server, what is wrong. Nobody touches it.
import {get} from '/common/api.js';
import {Live} from '/common/live.js';
import {clock, exact, left, now, setClock} from '/common/time.js';
import {html, icon, nothing, painter, qrPicture} from '/common/view.js';
import {begin, said, speak, t} from '/common/words.js';

const ownWords = {en: () => import('./status_words.en.js'), de: () => import('./status_words.de.js')};
const blinkTime = 8_000;
const timeBetweenLooks = 15_000; // where the box tells strangers no more than the code

const page = {status: null, open: true, blinking: 0, live: null, update: () => {}};

async function take(status) {
  const before = page.status;
  if (before?.version && before.version !== status.version) location.reload(); // the box was updated
  setClock(status.time, Date.now(), Date.now());
  if (status.language && status.language !== before?.language) await speak(status.language);
  page.status = status;
  document.title = `${status.name} · Troupe`;
  page.update();
}

function blink() {
  clearTimeout(page.blinking);
  page.blinking = setTimeout(() => {
    page.blinking = 0;
    page.update();
  }, blinkTime);
  page.update();
}

const heard = (message) => (message.type === 'blink' ? blink() : take(message));

// Elsewhere than on the box itself only what everybody may know is shown.

async function look() {
  const [box, pairing] = await Promise.all([get('/api/v1/box'), get('/api/v1/pairing')]);
  page.status = {name: box.name, version: box.version, state: box.state, text: box.text, pairing, problems: [], network: {addresses: []}, link: null};
  page.update();
}

async function isStranger() {
  try {
    await get('/api/v1/status');
    return false;
  } catch ({status}) {
    return status === 401 || status === 403;
  }
}

function lookFromOutside() {
  page.open = false;
  look().catch(() => {});
  setInterval(() => document.visibilityState === 'visible' && look().catch(() => {}), timeBetweenLooks);
}

function connect() {
  page.live = new Live({
    path: '/api/v1/status/live',
    probe: '/healthz',
    message: heard,
    change: () => page.update(),
    refused: isStranger,
  });
  page.live.start();
}

// What is shown

const line = (tone, title, text = '') => html`<div class="line ${tone}">${icon(tone)}<div><h2>${title}</h2>${text ? html`<p class="small muted">${text}</p>` : nothing}</div></div>`;

function code({pairing}) {
  const server = pairing.server?.name || pairing.server?.url?.replace(/^https?:\/\//, '');
  return html`<section class="connect">
    <div class="connect-text">
      <h2>${server ? t('status.enter', {server}) : t('status.enter.any')}</h2>
      <p class="code">${pairing.shown}</p>
      <p class="small muted">${pairing.remedy ? `${said(pairing.text)} ${said(pairing.remedy)}` : t('status.left', {time: left(pairing.expires_at)})}</p>
    </div>
    ${qrPicture(pairing.qr, t('status.qr'))}
  </section>`;
}

function server({pairing, link}) {
  if (pairing.shown) return nothing;
  if (pairing.state === 'paired') {
    const name = link?.server || pairing.server?.name || pairing.server?.url || '';
    if (!link || (link.state === 'linked' && !link.code)) return line('ready', t('status.linked', {name}));
    if (link.state === 'connecting') return line('working', t('status.connecting', {name}));
    return line('attention', said(link.text), said(link.remedy));
  }
  if (pairing.state === 'off') return line('over', said(pairing.why) || t('status.off'), t('status.off.text'));
  if (pairing.state === 'expired') return line('over', t('status.expired'), t('status.expired.text'));
  return line(pairing.remedy ? 'attention' : 'working', said(pairing.text), said(pairing.remedy));
}

const devices = ({devices: count}) =>
  count === undefined ? nothing : line(count ? 'ready' : 'over', count ? t('status.devices', {count}) : t('status.devices.none'));

function notes(status) {
  const {network, problems} = status;
  const all = [
    network.state === 'trouble' ? line('trouble', said(network.text), said(network.remedy)) : nothing,
    status.clock_never_set ? line('attention', t('status.clock', {time: exact(status.time)})) : nothing,
    ...problems.map((each) => line(each.state, `${each.name}: ${said(each.text)}`, said(each.remedy))),
  ].filter((each) => each !== nothing);
  const room = status.pairing.shown ? 1 : 3; // the code needs the place
  return all.length ? html`<div class="notes">${all.slice(0, room)}</div>` : status.pairing.shown ? nothing : devices(status);
}

function foot({network, identifier, pairing, setup_code: setup}) {
  const addresses = network.addresses.map(({address}) => address);
  const most = pairing.shown ? 1 : 2;
  return html`<footer class="small muted">
    <span>${network.url ? html`<code>${network.url}</code>` : nothing}
      ${addresses.slice(1, most).map((address) => html` · <code>${address}</code>`)}</span>
    ${setup ? html`<span>${t('status.setup_code', {code: setup})}</span>` : nothing}
    ${identifier ? html`<code>${identifier}</code>` : nothing}
  </footer>`;
}

function whole() {
  const {status} = page;
  if (!status) return html`<div class="screen"><header></header><main>${page.live?.state === 'lost' ? line('attention', t('status.lost')) : nothing}</main></div>`;
  return html`<div class="screen">
    <header><h1>${status.name}</h1>${status.time ? html`<time class="watch">${clock(new Date(now()).toISOString())}</time>` : nothing}</header>
    <main>${status.pairing.shown ? code(status) : nothing}${server(status)}${notes(status)}</main>
    ${foot(status)}
  </div>
  ${page.live?.stale() ? html`<p class="lost small" role="status">${t('status.lost')}</p>` : nothing}
  ${page.blinking ? html`<div class="blinking" role="alert">${t('status.blink', {name: status.name})}</div>` : nothing}`;
}

async function start() {
  await begin(ownWords);
  page.update = painter(whole, document.getElementById('page'));
  page.update();
  if (await isStranger()) return lookFromOutside();
  connect();
  setInterval(() => page.update(), 5_000); // minutes pass
}

start();
