// All devices of the fleet in one list, those that want something first.
import {empty, html, icon, nothing, pill} from '/common/view.js';
import {has, said, t} from '/common/words.js';
import {deviceIcon} from './boxes.js';
import {valueView} from './device_row.js';
import {stateOf} from './state.js';
import {newWindow} from './windowed.js';

const lineHeight = 64;
const manyLines = 2_000;
const restBetweenLists = 1_000; // of so many, while much happens
const kept = {wish: '', of: '', at: 0, later: 0, lines: [], kinds: []};
const gravity = {trouble: 3, attention: 2, unknown: 1, ready: 0};
let list = null;

const kindName = (kind) => (has(`kind.${kind}`) ? t(`kind.${kind}`) : kind);
const shownState = (page, box, status) => (box.online && !page.live?.stale() ? stateOf(status) ?? 'unknown' : 'unknown');

function linesOf(page) {
  const {query} = page.route;
  const [question, kind] = [(query.get('q') ?? '').trim().toLowerCase(), query.get('kind') ?? ''];
  const wish = `${kind} ${question} ${page.live?.stale() ?? false}`;
  const of = `${page.state.revision} ${wish}`;
  if (kept.of === of) return kept;
  const rest = restBetweenLists - (performance.now() - kept.at);
  if (kept.wish === wish && kept.lines.length > manyLines && rest > 0) {
    kept.later ||= setTimeout(() => {
      kept.later = 0;
      page.update();
    }, rest);
    return kept;
  }
  const lines = [];
  const kinds = new Set();
  for (const box of page.state.boxes.values())
    for (const {description, status} of box.devices ?? []) {
      kinds.add(description.kind);
      if (kind && description.kind !== kind) continue;
      if (question && !`${description.name} ${description.id} ${description.address ?? ''} ${box.name}`.toLowerCase().includes(question)) continue;
      lines.push({box, description, status, state: shownState(page, box, status), id: `${box.id}/${description.id}`});
    }
  lines.sort((a, b) => gravity[b.state] - gravity[a.state] || (a.box.name < b.box.name ? -1 : a.box.name > b.box.name ? 1 : 0) || (a.id < b.id ? -1 : 1));
  return Object.assign(kept, {wish, of, at: performance.now(), lines, kinds: [...kinds].sort()});
}

const row = ({box, description, status, state}, place) => html`<li .style=${place}>
  <a class="box-row device-line-of-fleet ${state}" href="#/box/${encodeURIComponent(box.id)}">
    <span class="mini ${state}">${icon(deviceIcon(description.kind), 'tiny')}</span>
    <span class="box-name"><strong>${description.name}</strong><span class="small muted">${box.name}</span></span>
    ${pill(state, t(`state.${state}`))}
    <span class="box-says ${state === 'ready' ? 'muted' : ''}">${!box.online ? t('device.box_offline') : state === 'ready' ? valueView(status) : said(status?.text)}</span>
  </a></li>`;

export function view(page) {
  list ??= newWindow({id: 'devices-list', height: lineHeight, update: () => page.update()});
  const {lines, kinds} = linesOf(page);
  const kind = page.route.query.get('kind') ?? '';
  return html`<main id="main" class="fleet" tabindex="-1">
    <div class="title-line"><h1>${t('devices')}</h1><p class="muted figures" role="status">${t('devices.count', {count: lines.length})}</p>
      ${kinds.length > 1 || kind
        ? html`<div class="tools"><label class="small muted" for="kind">${t('device.kind')}</label>
            <select class="plain" id="kind" @change=${({target}) => page.replaceQuery({kind: target.value})}>
              <option value="">${t('kind.all')}</option>
              ${kinds.map((each) => html`<option value=${each} ?selected=${each === kind}>${kindName(each)}</option>`)}</select></div>`
        : nothing}</div>
    ${lines.length ? list.draw(lines, ({id}) => id, row, {label: t('devices'), extra: 'as-rows card tall'}) : html`<div class="card">${empty('printer', t('devices.none.fleet'))}</div>`}
  </main>`;
}
