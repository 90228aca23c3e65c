// What happens in the whole fleet, live, with what happened before beneath it.
import {get} from '/common/api.js';
import {attempt, empty, html, icon, nothing} from '/common/view.js';
import {t} from '/common/words.js';
import {repeat} from '/vendor/lit-html/directives/repeat.js';
import {eventRow} from './event_row.js';
import {named, pauseEvents, telling} from './state.js';

const linesAtOnce = 50;
const mostBefore = 5_000; // kept of the past in this page
const mostNames = 20; // offered while a box's name is typed
const topics = ['box.', 'device.', 'action.', 'command.'];
const past = {of: '', events: [], next: null, reading: false};
let page = null;

const filters = () => {
  const {query} = page.route;
  return {box: query.get('box') ?? '', device: query.get('device') ?? '', type: query.get('type') ?? ''};
};

const fits = ({box, device, type}) => (event) =>
  (!box || event.box === box) && (!device || event.device === device) && (!type || event.type.startsWith(type));

/** Reads a page of the past; the first time for a choice, the newest. */
async function readPast(again = false) {
  const wish = filters();
  const of = JSON.stringify(wish);
  if (past.of !== of || again) Object.assign(past, {of, events: [], next: undefined, reading: false});
  if (past.reading || past.next === null || past.events.length >= mostBefore) return;
  past.reading = true;
  const query = new URLSearchParams({limit: linesAtOnce});
  for (const [name, value] of Object.entries(wish)) if (value) query.set(name, value);
  if (past.next !== undefined) query.set('before', past.next);
  await attempt(async () => {
    const {events, next} = await get(`/api/v1/events?${query}`);
    if (past.of !== of) return;
    past.events.push(...events.map((event) => named(page.state, event)));
    past.next = next ?? null;
  });
  past.reading = false;
  page.update();
}

/** Live ones first, then the past, each once. */
function lines() {
  const live = page.state.events.filter(fits(filters()));
  const oldest = live.length ? live[live.length - 1].sequence : Infinity;
  const known = new Set(live.map(({sequence}) => sequence));
  const held = page.state.paused && page.state.heldEvents.length ? page.state.heldEvents[page.state.heldEvents.length - 1].sequence : Infinity;
  return telling([...live, ...past.events.filter(({sequence}) => (sequence < oldest || !known.has(sequence)) && sequence < held)]);
}

function nearEnd() {
  if (scrollY + innerHeight > document.documentElement.scrollHeight - 600) readPast();
}

export function enter(shownIn) {
  page = shownIn;
  addEventListener('scroll', nearEnd, {passive: true});
  readPast(true);
}
export const reenter = true;
export const missed = () => readPast(true);
export const leave = () => removeEventListener('scroll', nearEnd);

function change(wish) {
  page.replaceQuery(wish);
  readPast();
}

/** A box is chosen by its name; what fits no name chooses none. */
function pickBox({target}) {
  const wanted = target.value.trim().toLowerCase();
  const box = wanted && [...page.state.boxes.values()].find(({name, id}) => name.toLowerCase() === wanted || id.toLowerCase() === wanted);
  if (wanted && !box) {
    target.setAttribute('aria-invalid', 'true');
    return;
  }
  target.setAttribute('aria-invalid', 'false');
  change({box: box ? box.id : '', device: ''});
}

function namesLike(text) {
  const wanted = text.trim().toLowerCase();
  const names = [];
  for (const {name} of page.state.boxes.values()) {
    if (name.toLowerCase().includes(wanted)) names.push(name);
    if (names.length === mostNames) break;
  }
  return names;
}

let typed = '';

function filterBar() {
  const wish = filters();
  const box = page.state.boxes.get(wish.box);
  return html`<div class="filter">
    <input type="search" list="box-names" aria-label=${t('events.of_box')} placeholder=${t('events.of_box')} autocomplete="off" .value=${box?.name ?? wish.box}
      @input=${(event) => { typed = event.target.value; if (!typed) pickBox(event); page.update(); }} @change=${pickBox}>
    <datalist id="box-names">${namesLike(typed).map((name) => html`<option value=${name}></option>`)}</datalist>
    ${box?.devices?.length
      ? html`<select aria-label=${t('events.of_device')} @change=${({target}) => change({device: target.value})}>
          <option value="">${t('events.all_devices')}</option>
          ${box.devices.map(({description}) => html`<option value=${description.id} ?selected=${description.id === wish.device}>${description.name}</option>`)}</select>`
      : nothing}
    <select aria-label=${t('events.of_type')} @change=${({target}) => change({type: target.value})}>
      <option value="">${t('events.all_types')}</option>
      ${topics.map((topic) => html`<option value=${topic} ?selected=${topic === wish.type}>${t(`events.type.${topic.slice(0, -1)}`)}</option>`)}</select>
  </div>`;
}

export function view() {
  const {paused, heldEvents} = page.state;
  const shown = lines();
  const pause = () => {
    pauseEvents(page.state, !paused);
    page.update();
  };
  const waiting = new Set(paused ? heldEvents.filter(fits(filters())) : []);
  const held = waiting.size && telling([...heldEvents, ...page.state.events]).filter((event) => waiting.has(event)).length;
  return html`<main id="main" class="narrow" tabindex="-1">
    <div class="title-line"><h1>${t('rail.events')}</h1><span class="push"></span>
      ${paused && held ? html`<span class="small muted" role="status">${t('events.held', {count: held})}</span>` : nothing}
      <button class="button compact" type="button" aria-pressed=${paused} @click=${pause}>${icon(paused ? 'play' : 'pause', 'tiny')}${t(paused ? 'events.go' : 'events.pause')}</button></div>
    <section class="card events" aria-label=${t('rail.events')}>
      ${filterBar()}
      ${shown.length
        ? html`<ul class="rows">${repeat(shown, ({sequence}) => sequence, (event) => eventRow(event))}</ul>`
        : empty(past.reading ? 'working' : 'bell', t(past.reading ? 'reading' : 'events.none.fleet'))}
      ${past.next ? html`<div class="card-foot"><button class="button quiet" type="button" @click=${() => readPast()}>${t('actions.older')}</button></div>` : nothing}
    </section></main>`;
}
