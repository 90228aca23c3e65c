// How the box comes to its server: the code to type there, where to ask for one, what is wrong with the link.
import {call} from '/common/api.js';
import {clock, left, now} from '/common/time.js';
import {attempt, codeDisplay, html, icon, nothing, qrPicture, toast} from '/common/view.js';
import {said, t} from '/common/words.js';

const patience = 30_000; // a link that was lost and comes back at once is no news

/** Sends a change; the answer is how it stands then. */
export const changePairing = (page, method, path, body) => attempt(async () => {
  page.state.pairing = await call(method, `/api/v1/pairing${path}`, body);
  if (page.state.pairing.state !== 'paired') page.state.link = null;
  page.update();
});

export const panel = (tone, iconName, content, buttons = nothing) => html`<section class="card pairing" aria-labelledby="pairing">
  <span class="badge ${tone}">${icon(iconName)}</span><div class="pairing-text">${content}</div><div class="buttons">${buttons}</div></section>`;

export const title = (text) => html`<h2 id="pairing">${text}</h2>`;
const server = ({server: {url, name} = {}}) => name || url || '';
export const button = (words, action, first = true) => html`<button class="button compact ${first ? 'first' : ''}" type="button" @click=${action}>${words}</button>`;

/** What there is to say of a token; loaded when there is something. */
let tokenPart = null;
function tokenPanel(page) {
  const {pairing} = page.state;
  if (!pairing.token && !pairing.token_problem) return nothing;
  tokenPart ??= import('./token.js').then(async (part) => {
    await part.dialogWords();
    tokenPart = part;
    page.update();
  }).catch(() => (tokenPart = null));
  return tokenPart.tokenPanel?.(page) ?? nothing;
}

export const testConnection = async (page) => (await import('./connection_test.js')).testConnection(page);
const test = (page) => button(t('network.test'), () => testConnection(page), false);

/** Words for what is wrong on the way; loaded when something is. */
let wayWords = null;
export function readyToSpeak(page) {
  wayWords ??= import('./network_words.js').then(async ({networkWords}) => {
    await networkWords();
    page.update();
  }).catch(() => (wayWords = null));
}

function waiting(pairing) {
  return html`<section class="card pairing with-code" aria-labelledby="pairing">
    <div class="pairing-text">
      ${title(said(pairing.why) || t('pairing.waiting'))}
      ${pairing.remedy ? html`<p>${said(pairing.text)} ${said(pairing.remedy)}</p>` : html`<p class="muted">${t('pairing.waiting.text', {server: server(pairing)})}</p>`}
      <p class="pairing-code">${codeDisplay(pairing.shown, t('pairing.code'), true)}</p>
      <p class="small muted">${t('pairing.left', {time: left(pairing.expires_at)})}</p>
    </div>
    <a class="qr-link" href=${pairing.connect_url} target="_blank" rel="noreferrer">${qrPicture(pairing.qr, t('pairing.qr'))}<span class="small">${t('pairing.open')}</span></a>
  </section>`;
}

/** The dialog for the server's address is loaded when it is asked for. */
export const askServer = async (page) => (await import('./server_dialog.js')).askServer(page);

/** The steps of connecting, until they are done and for a while after; loaded when there are any. */
const stepsShownFor = 120_000;
let stepsPart = null;
let closed = ''; // when what was closed was completed
function stepsPanel(page) {
  const {link} = page.state;
  const fresh = link?.completed && now() - Date.parse(link.completed) < stepsShownFor;
  if (!link?.first_time && (!fresh || closed === link.completed || link.state !== 'linked')) return null;
  stepsPart ??= import('./connecting.js').then(async (part) => {
    await part.stepWords();
    stepsPart = part;
    page.update();
  }).catch(() => (stepsPart = null));
  return stepsPart.connectingPanel?.(page, () => {
    closed = link.completed;
    page.update();
  }) ?? nothing;
}

/** What is wrong with a server that the box has, when somebody should know. */
function linkPanel(page) {
  const {link} = page.state;
  if (!link?.text || link.state === 'unpaired' || (link.state === 'linked' && !link.code)) return nothing;
  const old = now() - Date.parse(link.since) > patience;
  readyToSpeak(page);
  if (link.state === 'linked') return panel('attention', 'plug', html`${title(said(link.text))}<p>${said(link.remedy)}</p>`, test(page));
  if (link.state !== 'refused' && !old) return nothing;
  return panel('attention', 'plug', html`${title(said(link.text))}<p>${said(link.remedy)} ${t('pairing.meanwhile')}
    <span class="muted">${t('since', {time: clock(link.since)})}</span></p>`,
    [test(page), /wrong_server|bad_proof/.test(link.code) ? button(t('pairing.renew'), () => disconnect(page, server(link))) : nothing]);
}

/** Between what is wrong and the devices; nothing when all is well. `inside`: somebody is signed in. */
export function pairingPanel(page, inside = true) {
  const {pairing} = page.state;
  if (!pairing) return nothing;
  if (pairing.state === 'paired') return inside ? stepsPanel(page) ?? linkPanel(page) : nothing;
  if (!inside) return pairing.shown ? waiting(pairing) : nothing;
  return [tokenPanel(page), pairing.token ? nothing : codePanel(page)];
}

function codePanel(page) {
  const {pairing} = page.state;
  if (pairing.state === 'waiting' && pairing.shown) return waiting(pairing);
  const renew = () => changePairing(page, 'POST', '/code', {});
  const change = pairing.server?.configured ? nothing : button(t('pairing.server.change'), () => askServer(page), false);
  if (pairing.state === 'off')
    return panel('over', 'plug', html`${title(said(pairing.why) || t('pairing.off'))}<p class="muted">${t('pairing.off.text')}</p>`,
      button(t('pairing.server'), () => askServer(page), false));
  if (pairing.state === 'expired')
    return panel('over', 'key', html`${title(t('pairing.expired'))}<p class="muted">${t('pairing.expired.text')}</p>`,
      [change, button(t('pairing.renew'), renew)]);
  if (pairing.remedy) readyToSpeak(page);
  const text = said(pairing.text) || t('pairing.connecting', {server: server(pairing)});
  return panel(pairing.remedy ? 'attention' : 'working', 'plug', html`${title(text)}<p class="muted">${said(pairing.remedy)}</p>`,
    [pairing.remedy ? test(page) : nothing, change, pairing.state === 'failed' ? button(t('pairing.renew'), renew) : nothing]);
}

/** In the line beneath the name: which server, and since when it is away. */
export function serverFact({state: {link}}) {
  if (!link?.server || link.state === 'unpaired' || link.first_time) return nothing;
  const name = link.server?.name || link.server?.url;
  return html`<li>${link.state === 'linked' ? t('link.to', {name}) : t('link.away', {name, time: clock(link.since)})}</li>`;
}

/** After leaving a server the box shows a code again. */
export async function disconnect(page, name) {
  if (await changePairing(page, 'DELETE', '')) toast(t('link.disconnected', {name}), {tone: 'over'});
}
