// What everybody sees first: what is wrong, then devices, last actions and events.
import {call, newKey} from '/common/api.js';
import {ago, clock, now, span} from '/common/time.js';
import {attempt, confirm, empty, html, icon, nothing, pill, timeAgo, timeOfDay, toast} from '/common/view.js';
import {said, t} from '/common/words.js';
import {repeat} from '/vendor/lit-html/directives/repeat.js';
import {actionLabel, actionRow, answers} from './actions.js';
import {pairingPanel, serverFact} from './pairing.js';
import {actionOf, calm, nameOf, needy, openQuestions, overall, pauseEvents, valueIsOld} from './state.js';

// Header

const isStale = (page) => page.live?.stale() ?? false;

function facts(page) {
  const {box} = page.state;
  const addresses = [...new Set((box.addresses ?? []).filter(({family}) => family !== 'ipv6').map(({address}) => address))];
  const shown = addresses.filter((address) => !address.startsWith('127.'));
  return html`<ul class="facts small muted">
    ${box.identifier ? html`<li><code>${box.identifier}</code></li>` : nothing}
    ${(shown.length ? shown : addresses).map((address) => html`<li class="figures">${address}</li>`)}
    ${box.started ? html`<li>${t('box.up', {time: span(now() - Date.parse(box.started))})}</li>` : nothing}
    ${serverFact(page)}
  </ul>`;
}

export function header(page, inside) {
  const {box} = page.state;
  const state = !inside ? box.state : isStale(page) ? 'unknown' : overall(page.state);
  const advanced = page.view === 'advanced';
  return html`<header class="top">
    <div class="top-line">
      <img src="/common/mark.svg" alt="" width="32" height="32">
      <h1>${box.name}</h1>
      ${state ? pill(state, t(`state.${state}`)) : nothing}
      <span class="push"></span>
      ${inside
        ? html`
          <button class="icon-button" type="button" aria-pressed=${advanced} title=${t('advanced')}
            aria-label=${t('advanced')} @click=${() => page.show(advanced ? 'overview' : 'advanced')}>${icon('cogs')}</button>
          <button class="icon-button" type="button" title=${t('help')} aria-label=${t('help')}
            @click=${async () => (await import('./help.js')).openHelp(page)}>${icon('help')}</button>`
        : nothing}
    </div>
    ${inside ? facts(page) : nothing}
  </header>`;
}

// What is wrong, before anything else

function verdict(page) {
  if (isStale(page)) {
    return {state: 'unknown', title: t('overall.stale'), text: t('overall.stale.text', {time: clock(page.live.since)})};
  }
  const wanting = needy(page.state);
  if (wanting.length === 0) {
    const asked = openQuestions(page.state).length + page.state.origins.asking.length;
    if (asked) return {state: 'attention', title: t('overall.asked', {count: asked}), text: ''};
    if (page.state.devices.length === 0) return {state: 'ready', title: t('overall.empty'), text: ''};
    return {state: 'ready', title: t('overall.ready'), text: ''};
  }
  const {description, status} = wanting[0];
  const more = wanting.length - 1;
  return {
    state: overall(page.state),
    title: html`${description.name}: ${said(status.text) || t(`state.${status.state}`)}
      ${more ? html`<span class="muted">${t('overall.more', {count: more})}</span>` : nothing}`,
    text: html`${said(status.remedy)} <span class="muted">${t('since', {time: clock(status.since)})}</span>`,
  };
}

function banner(page) {
  const {state, title, text} = verdict(page);
  return html`<section class="verdict ${state}" aria-label=${t('overall')}>
    ${icon(state)}<div><p class="verdict-title">${title}</p>${text ? html`<p>${text}</p>` : nothing}</div>
  </section>`;
}

const decide = (page, origin, decision) =>
  attempt(async () => {
    await call('PUT', `/api/v1/origins/${encodeURIComponent(origin)}`, {decision});
    const {origins} = page.state;
    origins.asking = origins.asking.filter((asking) => asking.origin !== origin);
    page.update();
    toast(t(`origin.${decision}.done`, {origin}), {tone: decision === 'allow' ? 'ready' : 'over'});
  });

function askingRow(page, asking) {
  const {origin, count, last, address} = asking;
  return html`<li class="ask arrives">
    <span class="badge attention">${icon('page')}</span>
    <div class="ask-text">
      <p><strong>${t('origin.asked', {origin})}</strong></p>
      <p class="small muted">${t('origin.asked.how', {count, address: address || '–', time: ago(last)})}
        ${t('origin.asked.hint')}</p>
    </div>
    <div class="buttons">
      <button class="button first compact" type="button" @click=${() => decide(page, origin, 'allow')}>${t('allow')}</button>
      <button class="button compact" type="button" @click=${() => decide(page, origin, 'refuse')}>${t('refuse')}</button>
    </div>
  </li>`;
}

function questionRow(page, action) {
  return html`<li class="ask arrives">
    <span class="badge unknown">${icon('unknown')}</span>
    <div class="ask-text">
      <p><strong>${actionLabel(action)} → ${nameOf(page.state, action.device)}</strong>
        <span class="muted">${timeAgo(action.accepted)}</span></p>
      <p>${said(action.text)}</p>
    </div>
    ${answers(page, action)}
  </li>`;
}

function needs(page) {
  const {asking} = page.state.origins;
  const asked = openQuestions(page.state);
  if (asking.length + asked.length === 0) return nothing;
  return html`<section class="card needs" aria-labelledby="needs">
    <div class="card-head"><h2 id="needs">${t('needs')}</h2></div>
    <ul class="rows">
      ${repeat(asking, ({origin}) => origin, (each) => askingRow(page, each))}
      ${repeat(asked, ({id}) => id, (each) => questionRow(page, each))}
    </ul>
  </section>`;
}

// Devices

const iconOf = {printer: 'printer', scale: 'scale'};

const doNow = (device, action, words) =>
  attempt(async () => {
    await call('POST', `/api/v1/devices/${encodeURIComponent(device.description.id)}/actions`, {action}, {key: newKey()});
    toast(t(words, {name: device.description.name}));
  });

async function remove(page, {description, status}) {
  const sure = await confirm({
    title: t('device.remove.title', {name: description.name}),
    text: t(status.waiting ? 'device.remove.waiting' : 'device.remove.text', {name: description.name, count: status.waiting}),
    action: t('device.remove.action', {name: description.name}),
  });
  if (!sure) return;
  await attempt(() => call('DELETE', `/api/v1/devices/${encodeURIComponent(description.id)}`));
}

const openDevice = async (page, device) => (await import('./device_dialog.js')).editDevice(page, device);
const addDevice = async (page) => (await import('./device_dialog.js')).addDevice(page);

/** What a scale shows now; a dash where there is no weight. */
function liveValue({details}, stale) {
  const known = !stale && details?.text;
  return html`<span class="live-value ${details?.stable && known ? 'settled' : ''}" data-value>
    <span class="figures">${known ? details.text : '–'}</span>
    <span class="unit">${known ? details.unit : ''}</span></span>`;
}

function deviceRow(page, device) {
  const {description, status} = device;
  const stale = isStale(page) || valueIsOld(device);
  const scale = description.kind === 'scale';
  const state = stale ? 'unknown' : status.state;
  const quiet = calm({...status, state}) && !status.waiting;
  const drawer = description.kind === 'printer' && description.subtype === 'receipt_printer';
  return html`<li class="device arrives" data-device=${description.id}>
    <span class="badge ${state}">${icon(iconOf[description.kind] ?? 'device')}</span>
    <div class="device-text">
      <p class="device-line"><strong>${description.name}</strong> ${pill(state, t(`state.${state}`))}
        ${status.waiting ? html`<span class="waiting small">${t('device.waiting', {count: status.waiting})}</span>` : nothing}
        ${status.details?.drawer_open ? html`<span class="waiting small">${icon('drawer', 'tiny')}${t('drawer.open')}</span>` : nothing}</p>
      ${stale
        ? html`<p class="small muted">${t('device.stale', {state: t(`state.${status.state}`)})}</p>`
        : quiet
          ? html`<p class="small muted figures">${description.address}</p>`
          : html`<p>${said(status.text)} ${said(status.remedy)}
              <span class="muted">${t('since', {time: clock(status.since)})}</span></p>`}
    </div>
    <div class="buttons">
      ${scale ? liveValue(status, stale) : nothing}
      ${scale
        ? html`<button class="button compact" type="button" aria-label=${t('device.zero.of', {name: description.name})}
            @click=${() => doNow(device, 'zero', 'device.zero.sent')}>${t('device.zero')}</button>`
        : nothing}
      ${description.kind === 'printer'
        ? html`<button class="button compact" type="button" aria-label=${t('device.test.of', {name: description.name})}
            @click=${() => doNow(device, 'status', 'device.test.sent')}>${t('device.test')}</button>`
        : nothing}
      ${drawer
        ? html`<button class="button compact" type="button" aria-label=${t('device.drawer.of', {name: description.name})}
            @click=${() => doNow(device, 'cashbox', 'device.drawer.sent')}>${t('device.drawer')}</button>`
        : nothing}
      <details class="menu">
        <summary class="icon-button" aria-label=${t('device.more', {name: description.name})}>${icon('more')}</summary>
        <div>
          <button type="button" @click=${() => openDevice(page, device)}>${icon('pencil')}${t('device.edit')}</button>
          <button type="button" class="danger" @click=${() => remove(page, device)}>${icon('trash')}${t('device.remove')}</button>
        </div>
      </details>
    </div>
  </li>`;
}

function devices(page) {
  const add = html`<button class="button quiet compact" type="button" @click=${() => addDevice(page)}>
    ${icon('plus', 'tiny')}${t('device.add')}</button>`;
  return html`<section class="card" aria-labelledby="devices">
    <div class="card-head"><h2 id="devices">${t('devices')}</h2>${add}</div>
    ${page.state.devices.length
      ? html`<ul class="rows">${repeat(page.state.devices, ({description}) => description.id, (each) => deviceRow(page, each))}</ul>`
      : empty('printer', t('devices.none'), html`<button class="button first" type="button" @click=${() => addDevice(page)}>
          ${t('device.add.first')}</button>`)}
  </section>`;
}

// Last actions

function lastActions(page) {
  const {actions, nextActions} = page.state;
  return html`<section class="card" aria-labelledby="actions">
    <div class="card-head"><h2 id="actions">${t('actions')}</h2></div>
    ${actions.length
      ? html`<ul class="rows">${repeat(actions, ({id}) => id, (each) => actionRow(page, each))}</ul>`
      : empty('ticket', t('actions.none'))}
    ${nextActions === null ? nothing : html`<div class="card-foot">
      <button class="button quiet" type="button" @click=${() => attempt(() => page.readActions(nextActions))}>
        ${t('actions.older')}</button></div>`}
  </section>`;
}

// Live events

const toneOfAction = {confirmed: 'ready', failed: 'trouble', unknown: 'unknown', accepted: 'working', sent: 'working', canceled: 'over'};

function eventWords(page, event) {
  const name = event.deviceName || event.device;
  const [topic, what] = event.type.split('.');
  if (topic === 'device' && what === 'status')
    return [event.data.state, `${name}: ${said(event.data.text) || t(`state.${event.data.state}`)}` +
      (event.data.waiting ? ` (${t('device.waiting', {count: event.data.waiting})})` : '')];
  if (topic === 'device' && what === 'weight')
    return ['ready', t('event.device.weight', {name, weight: `${event.data.text} ${event.data.unit}`})];
  if (topic === 'device') return [what === 'removed' ? 'over' : 'working', t(`event.${event.type}`, {name})];
  if (topic === 'action') {
    const known = actionOf(page.state, event.action) ?? event.data;
    return [toneOfAction[what] ?? 'over', t(`event.${event.type}`, {name, what: actionLabel(known)})];
  }
  return ['over', t(`event.${event.type}`, {name, origin: event.data?.origin ?? ''})];
}

function eventRow(page, event) {
  const [tone, words] = eventWords(page, event);
  return html`<li class="event arrives">
    <details>
      <summary><span class="event-icon ${tone}">${icon(tone, 'tiny')}</span><span>${words}</span>
        <span class="small muted">${timeOfDay(event.time)}</span></summary>
      <pre tabindex="0" aria-label=${t('event.raw')}>${JSON.stringify({...event, deviceName: undefined}, null, 2)}</pre>
    </details>
  </li>`;
}

function events(page) {
  const {paused, heldEvents} = page.state;
  const pause = () => {
    pauseEvents(page.state, !paused);
    page.update();
  };
  return html`<section class="card events" aria-labelledby="events">
    <div class="card-head"><h2 id="events">${t('events')}</h2>
      ${paused && heldEvents.length ? html`<span class="small muted">${t('events.held', {count: heldEvents.length})}</span>` : nothing}
      <button class="icon-button" type="button" aria-pressed=${paused} title=${t(paused ? 'events.go' : 'events.pause')}
        aria-label=${t(paused ? 'events.go' : 'events.pause')} @click=${pause}>${icon(paused ? 'play' : 'pause')}</button>
    </div>
    ${page.state.events.length
      ? html`<ul class="rows">${repeat(page.state.events, ({sequence}) => sequence, (each) => eventRow(page, each))}</ul>`
      : empty('bell', t('events.none'))}
  </section>`;
}

export const overview = (page) => html`
  <main class="overview" id="main" tabindex="-1">
    <div class="column">${banner(page)}${pairingPanel(page)}${needs(page)}${devices(page)}${lastActions(page)}</div>
    <div class="column side">${events(page)}</div>
  </main>`;

