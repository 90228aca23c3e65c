// One event in words; what programs see is one click deeper.
import {html, icon, nothing, timeOfDay} from '/common/view.js';
import {has, said, t} from '/common/words.js';
import {commandLabel, commandTones} from './commands.js';

const tonesOfBox = {online: 'ready', offline: 'unknown', connected: 'ready', disconnected: 'unknown', removed: 'over', alert: 'attention'};

const actionWords = (event) => (has(`action.${event.data?.action}`) ? t(`action.${event.data.action}`) : event.data?.action ?? '');

/** The tone and the sentence. */
export function eventWords(event) {
  const [topic, what] = event.type.split('.');
  const name = event.deviceName || event.device || event.boxName;
  if (topic === 'device' && what === 'status')
    return [event.data.state, `${name}: ${said(event.data.text) || t(`state.${event.data.state}`)}`];
  if (event.type === 'device.weight') return ['ready', `${name}: ${event.data?.text ?? ''} ${event.data?.unit ?? ''}`.trim()];
  if (topic === 'command') {
    const label = commandLabel(event.data ?? {});
    const words = {what: event.device ? `${label} → ${name}` : label, person: event.data?.person ?? ''};
    return [commandTones[what] ?? 'over', `${t(`event.command.${what}`, words)} ${what === 'failed' ? said(event.data?.text) : ''}`.trim()];
  }
  if (topic === 'action') return [commandTones[what] ?? 'over', t(`event.${event.type}`, {name, what: actionWords(event)})];
  const key = topic === 'box' ? `event.fleet.${what}` : `event.${event.type}`;
  const tone = topic === 'box' ? tonesOfBox[what] ?? 'over' : what === 'removed' ? 'over' : 'working';
  return [tone, has(key) ? t(key, {name, origin: event.data?.origin ?? '', point: event.data?.name ?? ''}) : `${event.type} ${name}`];
}

const hidden = new Set(['boxName', 'deviceName', 'box']);
const asSent = (event) => JSON.stringify(event, (key, value) => (hidden.has(key) ? undefined : value), 2);
const traceOf = ({traceparent = ''}) => /^00-([0-9a-f]{32})-/.exec(traceparent)?.[1] ?? '';

export function eventRow(event, {withBox = true} = {}) {
  const [tone, words] = eventWords(event);
  const trace = traceOf(event);
  return html`<li class="event arrives" data-type=${event.type}>
    <details>
      <summary><span class="event-icon ${tone}">${icon(tone, 'tiny')}</span>
        <span>${withBox && event.box ? html`<strong>${event.boxName}</strong> ` : nothing}${words}</span>
        <span class="small muted">${timeOfDay(event.time)}</span></summary>
      ${withBox && event.box || trace
        ? html`<p class="event-links small">${withBox && event.box ? html`<a href="#/box/${encodeURIComponent(event.box)}">${t('event.box')}</a>` : nothing}
            ${trace ? html`<a href="#/traces/${trace}">${t('trace.title')}</a>` : nothing}</p>`
        : nothing}
      <pre tabindex="0" aria-label=${t('event.raw')}>${asSent(event)}</pre>
    </details>
  </li>`;
}
