// What technicians want to know of a box, in developer mode: its addresses, how well it is reached, what its clock shows.
import {get} from '/common/api.js';
import {clock, number} from '/common/time.js';
import {attempt, codeDisplay, html, icon, nothing, timeAgo} from '/common/view.js';
import {t} from '/common/words.js';

export {placeWords} from './place_words.js';

const known = {id: '', quality: null};

/** Asks the server how it reaches the box. */
export const readLink = (page, id) => attempt(async () => {
  if (known.id !== id) Object.assign(known, {id, quality: null});
  const quality = await get(`/api/v1/boxes/${encodeURIComponent(id)}/link`);
  if (known.id === id) known.quality = quality;
  page.update();
});

const milliseconds = (microseconds) => number(microseconds / 1000, {maximumFractionDigits: microseconds < 10_000 ? 1 : 0});

/** A span in the unit that fits. */
function spanOf(microseconds) {
  const [unit, size] = [['days', 86_400e6], ['h', 3_600e6], ['s', 1e6]].find(([, least]) => microseconds >= 2 * least) ?? ['ms', 1e3];
  const count = microseconds / size;
  return t(`unit.${unit}`, {count: Math.round(count), number: number(count, {maximumFractionDigits: count < 10 ? 1 : 0})});
}

function linkRows(row) {
  const {quality} = known;
  if (!quality) return row(t('technical.link'), t('technical.reading'));
  const measured = Date.parse(quality.measured) > 0;
  const offset = Math.abs(quality.clock_offset_us);
  const which = offset <= quality.clock_error_us ? 'same' : quality.clock_offset_us > 0 ? 'ahead' : 'behind';
  return html`
    ${row(t('technical.link'), measured
      ? html`<span class="figures" data-link>${t('technical.link.text', {trip: milliseconds(quality.round_trip_us), jitter: milliseconds(quality.jitter_us)})}</span>
        <span class="small muted">${t('technical.link.measured', {count: quality.samples})} ${timeAgo(quality.measured)}</span>`
      : t('technical.link.none'))}
    ${row(t('technical.lost'), html`<span class="figures">${t('technical.lost.text', {count: quality.lost_links, time: clock(quality.watched_since)})}</span>`)}
    ${row(t('technical.clock'), measured
      ? html`<span class="figures" data-clock>${t(`technical.clock.${which}`, {time: spanOf(offset), error: milliseconds(quality.clock_error_us)})}</span>`
      : t('technical.link.none'))}`;
}

function addressesOf({interfaces = [], addresses = []}) {
  const all = interfaces.flatMap(({name, addresses: own}) => own.map((address) => ({name, address})));
  return all.length ? all : addresses.map((address) => ({name: '', address}));
}

export function technicalCard(page, box) {
  const {report = {}} = box;
  const row = (name, value) => html`<dt>${name}</dt><dd>${value}</dd>`;
  const macs = (report.interfaces ?? []).filter(({mac}) => mac);
  return html`<details class="card fold" open><summary><h2>${t('technical')}</h2>${icon('chevron', 'tiny')}</summary>
    <dl class="facts-table card-body">
      ${row(t('box.identifier'), codeDisplay(box.id, t('box.identifier')))}
      ${report.homepage ? row(t('technical.url'), codeDisplay(report.homepage, t('technical.url'))) : nothing}
      ${row(t('technical.addresses'), addressesOf(report).map(({name, address}) => html`<div>${codeDisplay(address, t('technical.addresses'))} <span class="small muted">${name}</span></div>`))}
      ${macs.length ? row(t('technical.mac'), macs.map(({name, mac}) => html`<div>${codeDisplay(mac, t('technical.mac'))} <span class="small muted">${name}</span></div>`)) : nothing}
      ${row(t('box.version'), html`<span class="figures">${report.version ?? '–'}</span>`)}
      ${Date.parse(report.started) > 0 ? row(t('box.started'), timeAgo(report.started)) : nothing}
      ${row(t('technical.connected'), html`${timeAgo(box.connected)} ${box.connected_by ? t('technical.connected.by', {name: box.connected_by}) : nothing}`)}
      ${row(t(box.online ? 'technical.online' : 'technical.offline'), timeAgo(box.online_since))}
      ${linkRows(row)}
      ${report.buffer_events
        ? row(t('technical.buffer'), t('technical.buffer.text', {
            waiting: number(report.buffered_events ?? 0), most: number(report.buffer_events), hours: number(report.buffer_hours ?? 0, {maximumFractionDigits: 0}),
          }))
        : nothing}
    </dl>
    <div class="card-foot"><button class="button quiet" type="button" @click=${() => readLink(page, box.id)}>${icon('again', 'tiny')}${t('technical.again')}</button></div></details>`;
}
