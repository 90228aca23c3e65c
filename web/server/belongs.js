// Where a box belongs: its point of sale, and its tags.
import {call} from '/common/api.js';
import {attempt, html, icon, nothing, toast} from '/common/view.js';
import {t} from '/common/words.js';
import {live} from '/vendor/lit-html/directives/live.js';
import {pointOf, putBox, tagsInUse} from './state.js';

export {placeWords} from './place_words.js';

const longestTag = 32;

const change = (page, box, members) => attempt(async () => {
  putBox(page.state, await call('PATCH', `/api/v1/boxes/${encodeURIComponent(box.id)}`, members));
  page.update();
  toast(t('saved'), {tone: 'ready'});
});

function pointField(page, box) {
  const points = [...page.state.points].sort(([, a], [, b]) => a.localeCompare(b));
  if (!page.may('operator')) return html`<p>${pointOf(page.state, box) || html`<span class="muted">${t('point.none')}</span>`}</p>`;
  if (!points.length) return html`<p class="muted">${t('belongs.no_points')}</p>`;
  return html`<select id="belongs-point" @change=${({target}) => change(page, box, {point_of_sale: target.value})}>
    ${[['', t('point.none')], ...points].map(([id, name]) => html`<option value=${id} .selected=${live(id === (box.point_of_sale ?? ''))}>${name}</option>`)}</select>`;
}

const input = () => document.getElementById('belongs-tag');
const isSame = (a, b) => a.toLowerCase() === b.toLowerCase();

async function add(page, box, text) {
  const tag = text.trim();
  const tags = box.tags ?? [];
  if (!tag || tags.some((each) => isSame(each, tag))) return true;
  return change(page, box, {tags: [...tags, tag]});
}

async function remove(page, box, tag) {
  await change(page, box, {tags: box.tags.filter((each) => each !== tag)});
  input()?.focus();
}

function typed(event, page, box) {
  const {key, target} = event;
  if (event.isComposing) return;
  if (key === 'Backspace' && !target.value && box.tags?.length) {
    event.preventDefault();
    remove(page, box, box.tags.at(-1));
  } else if (key === ',') {
    event.preventDefault();
    take(target, page, box);
  }
}

async function take(field, page, box) {
  if (await add(page, box, field.value)) field.value = '';
}

function tagsField(page, box) {
  const tags = box.tags ?? [];
  const may = page.may('operator');
  const offered = may ? tagsInUse(page.state).filter((each) => !tags.includes(each)) : [];
  const submit = (event) => {
    event.preventDefault();
    take(input(), page, box);
  };
  return html`
    ${tags.length || !may ? html`<ul class="tags" aria-label=${t('tags')}>${tags.map((tag) => html`<li class="tag small">${tag}
      ${may ? html`<button class="icon-button" type="button" aria-label=${t('tags.remove', {tag})} @click=${() => remove(page, box, tag)}>${icon('close', 'tiny')}</button>` : nothing}</li>`)}
      ${tags.length ? nothing : html`<li class="muted">${t('tags.none')}</li>`}</ul>` : nothing}
    ${may ? html`<form class="tag-form" @submit=${submit}>
      <input id="belongs-tag" name="tag" maxlength=${longestTag} autocomplete="off" list="tags-in-use" placeholder=${t('tags.add')} aria-describedby="belongs-tag-hint"
        @keydown=${(event) => typed(event, page, box)}>
      <datalist id="tags-in-use">${offered.map((tag) => html`<option value=${tag}></option>`)}</datalist>
      <button class="button" type="submit" aria-label=${t('tags.add')}>${icon('plus', 'tiny')}</button>
      <p class="hint" id="belongs-tag-hint">${t('tags.hint')}</p></form>` : nothing}`;
}

export const belongsCard = (page, box) => html`<section class="card" aria-labelledby="belongs"><div class="card-head"><h2 id="belongs">${t('belongs')}</h2></div>
  <div class="card-body belongs">
    <div class="field">${page.may('operator') && page.state.points.size
      ? html`<label for="belongs-point">${t('belongs.point')}</label>` : html`<span class="label-text">${t('belongs.point')}</span>`}${pointField(page, box)}</div>
    <div class="field">${page.may('operator') ? html`<label for="belongs-tag">${t('tags')}</label>` : html`<span class="label-text">${t('tags')}</span>`}${tagsField(page, box)}</div>
  </div></section>`;
