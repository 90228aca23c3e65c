// A device of a box, with what it measures now and what it can be asked to do.
import {call} from '/common/api.js';
import {clock} from '/common/time.js';
import {confirm, html, icon, nothing, pill} from '/common/view.js';
import {said, t} from '/common/words.js';
import {deviceIcon} from './boxes.js';
import {actionsPath, ask, commandProgress} from './commands.js';
import {stateOf} from './state.js';

/** What each kind of device can do from here: the words' key and the action. */
function abilities({kind, subtype}) {
  if (kind === 'printer') return [['ticket', 'status'], ...(subtype === 'receipt_printer' || !subtype ? [['drawer', 'cashbox']] : [])];
  if (kind === 'scale') return [['weigh', 'read_once']];
  return [];
}

/** What a scale shows, as "0.452 kg"; paler while it moves. */
export function valueView({details} = {}) {
  if (details?.weight === undefined) return nothing;
  return html`<span class="value ${details.motion ? 'moving' : ''}"><span class="figures">${details.text || '…'}</span> ${details.text ? details.unit : ''}</span>`;
}

const pathOf = (box, device) => `/api/v1/boxes/${encodeURIComponent(box.id)}/devices/${encodeURIComponent(device.description.id)}`;

async function act(page, box, device, action, progress) {
  const id = device.description.id;
  const record = await ask(page, actionsPath(box.id, id), {action});
  if (record) progress.set(id, record);
  page.update();
}

async function remove(page, box, device, progress) {
  const {name, id} = device.description;
  const sure = await confirm({title: t('device.remove.title', {name}), text: t('device.remove.text', {name}), action: t('device.remove.action', {name})});
  if (!sure) return;
  const record = await ask(page, pathOf(box, device), undefined, {method: 'DELETE'});
  if (record) progress.set(id, record);
  page.update();
}

async function rename(page, box, device, progress) {
  (await import('./box_dialogs.js')).renameDevice(device, async (name) => {
    const record = await call('PATCH', pathOf(box, device), {name});
    progress.set(device.description.id, record);
    page.update();
  });
}

export function deviceRow(page, box, device, progress) {
  const {description, status} = device;
  const state = box.online ? stateOf(status) ?? 'unknown' : 'unknown';
  const asked = progress.get(description.id);
  const close = () => {
    progress.delete(description.id);
    page.update();
  };
  return html`<li class="device arrives" data-device=${description.id}>
    <span class="badge ${state}">${icon(deviceIcon(description.kind))}</span>
    <div class="device-text">
      <p class="device-line"><strong>${description.name}</strong> ${pill(state, t(`state.${state}`))} ${box.online ? valueView(status) : nothing}
        ${status?.waiting ? html`<span class="waiting small">${t('device.waiting', {count: status.waiting})}</span>` : nothing}
        ${status?.details?.drawer_open ? html`<span class="waiting small">${icon('drawer', 'tiny')}${t('drawer.open')}</span>` : nothing}</p>
      ${!box.online
        ? html`<p class="small muted">${t('device.stale', {state: t(`state.${status?.state ?? 'unknown'}`)})}</p>`
        : state === 'ready'
          ? html`<p class="small muted figures">${description.address}</p>`
          : html`<p>${said(status?.text)} ${said(status?.remedy)}
              ${status?.since ? html`<span class="muted">${t('since', {time: clock(status.since)})}</span>` : nothing}</p>`}
      ${asked ? commandProgress(page, asked, close) : nothing}
    </div>
    ${page.may('operator')
      ? html`<div class="buttons">
          ${abilities(description).map(([word, action]) => html`<button class="button compact" type="button" aria-label=${t(`do.${word}.of`, {name: description.name})}
            @click=${() => act(page, box, device, action, progress)}>${t(`do.${word}`)}</button>`)}
          <details class="menu"><summary class="icon-button" aria-label=${t('device.more', {name: description.name})}>${icon('more')}</summary><div>
            <button type="button" @click=${() => rename(page, box, device, progress)}>${icon('pencil')}${t('box.rename.short')} …</button>
            <button type="button" class="danger" @click=${() => remove(page, box, device, progress)}>${icon('trash')}${t('device.remove')}</button>
          </div></details></div>`
      : nothing}
  </li>`;
}
