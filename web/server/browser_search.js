// Searches for boxes in the network that the browser is on, which may be another than the server's. A page of its
// own does the asking: only that page may reach foreign addresses, and it knows nothing and may do nothing else.
import {html, icon, nothing} from '/common/view.js';
import {t} from '/common/words.js';

const boxPort = 8069;
/** Where routers of homes and small shops put their network when nobody chose another. */
const usualNetworks = ['192.168.1', '192.168.0', '192.168.178', '192.168.2', '10.0.0'];
const mostNetworks = 8;

const inside = (text) => {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return null;
  const [a, b] = parts;
  const isPrivate = a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254) || a === 127;
  return isPrivate ? parts : null;
};
const allOf = (network) => Array.from({length: 254}, (_, at) => `${network}.${at + 1}`);

/** The addresses that a person means: one, or those of a /24; null: it is none. */
export function addressesOf(text) {
  const [, address, port, prefix] = /^(?:http:\/\/)?([\d.]+)(?::(\d+))?(?:\/(\d*))?$/.exec(text.trim()) ?? [];
  const parts = inside(address ?? '');
  if (!parts || (prefix && prefix !== '24' && prefix !== '32')) return null;
  const all = prefix === '24' ? allOf(parts.slice(0, 3).join('.')) : [address];
  return all.map((each) => `http://${each}:${port ?? boxPort}/`);
}

/** Networks that a box may stand in, likeliest first: this page's, those the server knows, the usual ones. */
export function likelyNetworks({hostname, ranges, seen}) {
  const networks = [hostname, ...seen, ...ranges.map((range) => range.split('/')[0])]
    .map(inside).filter((parts) => parts && parts[0] !== 127).map((parts) => parts.slice(0, 3).join('.'));
  return [...new Set([...networks, ...usualNetworks])].slice(0, mostNetworks);
}

export function makeBrowserSearch(page, {isOpen, update, ranges, nonce, saw}) {
  const form = {address: '', wrong: '', asked: 0, total: 0, running: false, found: 0};
  let frame = null;

  function end(wrong = '') {
    frame?.remove();
    frame = null;
    removeEventListener('message', heard);
    Object.assign(form, {running: false, wrong});
    if (isOpen()) update();
  }

  function heard({source, origin, data}) {
    if (!frame || source !== frame.contentWindow || origin !== location.origin) return;
    if (!isOpen()) return end();
    if (data.ready) frame.contentWindow.postMessage({urls: form.urls, nonce: nonce()}, location.origin);
    if (data.asked !== undefined) form.asked = data.asked;
    if (data.found) {
      form.found++;
      saw(data.found.url, data.found.announcement).catch(() => {}); // what is no box of ours is not shown
    }
    if (data.done) return end(form.found ? '' : t(data.denied ? 'finder.browser.denied' : data.answered ? 'finder.browser.none' : 'finder.browser.silent'));
    update();
  }

  function start() {
    const typed = form.address.trim();
    const seen = [...page.state.boxes.values()].flatMap(({report}) => report?.addresses ?? []);
    form.urls = typed ? addressesOf(typed)
      : likelyNetworks({hostname: location.hostname, ranges: ranges(), seen}).flatMap((network) => addressesOf(`${network}.0/24`));
    if (!form.urls) {
      form.wrong = t('finder.browser.bad');
      return update();
    }
    Object.assign(form, {wrong: '', asked: 0, total: form.urls.length, running: true, found: 0});
    addEventListener('message', heard);
    frame = document.createElement('iframe');
    frame.hidden = true;
    frame.allow = 'local-network-access; local-network; loopback-network';
    frame.src = '/ask_network.html';
    document.body.append(frame);
    update();
  }

  return () => html`<div class="field">
    <p class="hint">${t('finder.browser.hint')}</p>
    <label for="browser-address">${t('finder.browser.address')}</label>
    <div class="finder-line">
      <input id="browser-address" class="grow" autocomplete="off" spellcheck="false" inputmode="url" .value=${form.address} ?disabled=${form.running}
        @input=${({target}) => { form.address = target.value; form.wrong = ''; update(); }}>
      <button class="button" type="button" @click=${() => (form.running ? end() : start())}>${t(form.running ? 'finder.browser.stop' : 'finder.browser.go')}</button></div>
    <p class="hint">${t('finder.browser.address.hint')}</p>
    ${form.running ? html`<progress max=${form.total} value=${form.asked} aria-label=${t('finder.progress')}></progress>` : nothing}
    ${form.wrong ? html`<p class="wrong" role="alert">${icon('trouble', 'tiny')}${form.wrong}</p>` : nothing}</div>`;
}
