// Points of sale: the list in the settings.
import {call, get} from '/common/api.js';
import {attempt, confirm, html, icon, nothing} from '/common/view.js';
import {t} from '/common/words.js';
import {askFields, textField} from './account.js';
import {newest} from './newest.js';
import {placeWords} from './place_words.js';
import {putPoints} from './state.js';

const path = '/api/v1/points-of-sale';
const pathOf = ({id}) => `${path}/${encodeURIComponent(id)}`;

/** The card for the settings. */
export function pointsCard(pageNow) {
  const known = {points: null};
  const read = newest(() => Promise.all([get(path), placeWords()]), ([{points_of_sale: points}]) => {
    known.points = points;
    putPoints(pageNow().state, points);
    pageNow().update();
  });
  const again = () => attempt(read);
  const field = (value = '') => [textField('name', t('points.name'), {hint: t('points.name.hint'), value})];

  const add = () => askFields(t('points.add'), {
    fields: () => field(), go: t('points.add.go'), send: ({name}) => call('POST', path, {name: name.trim()}), done: again,
  });
  const rename = (point) => askFields(t('points.rename.of', {name: point.name}), {
    fields: () => field(point.name), go: t('save'), send: ({name}) => call('PATCH', pathOf(point), {name: name.trim()}), done: again,
  });
  async function remove(point) {
    const sure = await confirm({title: t('points.remove.title', {name: point.name}), text: t('points.remove.text', {count: point.boxes}), action: t('points.remove.action', {name: point.name})});
    if (sure && await attempt(() => call('DELETE', pathOf(point)))) again();
  }

  const row = (point) => html`<li class="plain-row" data-point=${point.name}>${icon('place')}
    <a class="grow" href="#/boxes?point=${encodeURIComponent(point.id)}"><strong>${point.name}</strong> <span class="small muted">${t('points.boxes', {count: point.boxes})}</span></a>
    ${pageNow().may('owner') ? html`<details class="menu"><summary class="icon-button" aria-label=${t('device.more', {name: point.name})}>${icon('more')}</summary><div>
      <button type="button" @click=${() => rename(point)}>${icon('pencil')}${t('points.rename')} …</button>
      <button type="button" class="danger" @click=${() => remove(point)}>${icon('trash')}${t('points.remove')} …</button></div></details>` : nothing}
  </li>`;

  const view = () => known.points && html`<section class="card" aria-labelledby="points">
    <div class="card-head"><h2 id="points">${t('points')}</h2>
      ${pageNow().may('owner') ? html`<button class="button quiet compact" type="button" aria-label=${t('points.add')} @click=${add}>${icon('plus', 'tiny')}${t('points.add.short')}</button>` : nothing}</div>
    <p class="card-body muted">${t('points.text')}</p>
    ${known.points.length ? html`<ul class="rows">${known.points.map(row)}</ul>` : html`<p class="card-body muted">${t('points.none')}</p>`}</section>`;
  return {read, view, again};
}
