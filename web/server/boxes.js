// The fleet: how many stand how, and a card or a row for each box.
import {get} from '/common/api.js';
import {clock} from '/common/time.js';
import {empty, html, icon, nothing, pill, timeAgo} from '/common/view.js';
import {said, t} from '/common/words.js';
import {choose, isDisconnected, needy, pointOf, sorts, standing, standings, stateOf, tagsInUse, unheard} from './state.js';
import {newWindow} from './windowed.js';

const cardHeight = 168; // the gap included, as server.css has it
const labelledHeight = 200; // with a line for point of sale and tags
const cardWidth = 300;
const lineHeight = 60;
const mostIcons = 7;
const restBetweenChoices = 250; // while much happens
const restBeforeAsking = 200; // after the last key
const iconOf = {printer: 'printer', scale: 'scale'};

export const deviceIcon = (kind) => iconOf[kind] ?? 'device';
export const tone = (box) => (standing(box) === 'offline' ? 'unknown' : standing(box));

/** How a box stands, in one sentence. */
export function sentence(box) {
  if (box.stale) return t('overall.stale');
  if (box.alert) return said(box.alert);
  if (isDisconnected(box)) return t('box.disconnected.since', {time: clock(box.disconnected)});
  if (!box.online) return t('box.offline.since', {time: clock(box.online_since)});
  const [worst, ...more] = needy(box);
  if (!worst) return t(box.devices?.length ? 'box.fine' : 'box.empty');
  const text = said(worst.status.text) || t(`state.${worst.status.state}`);
  return `${worst.description.name}: ${text}${more.length ? ` ${t('box.more', {count: more.length})}` : ''}`;
}

const chosen = {of: '', at: 0, result: null};
let later = 0;

/** The list that fits, made anew when something changed, but not at each of many changes. */
function choice(page) {
  const {query} = page.route;
  const wish = {question: query.get('q') ?? '', standing: query.get('standing') ?? '', sort: query.get('sort') ?? 'name',
    point: query.get('point') ?? '', tag: query.get('tag') ?? ''};
  const wished = JSON.stringify(wish) + found.version;
  const of = `${wished} ${page.state.revision}`;
  if (chosen.of === of) return chosen.result;
  const same = chosen.of.startsWith(`${wished} `);
  const age = performance.now() - chosen.at;
  if (same && age < restBetweenChoices) {
    later ||= setTimeout(() => {
      later = 0;
      page.update();
    }, restBetweenChoices - age);
    return refreshed(page, chosen.result);
  }
  Object.assign(chosen, {of, at: performance.now(), result: choose(page.state, {...wish, found: found.question === wish.question ? found.boxes : null})});
  return chosen.result;
}

/** The same boxes in the same order, each as it is now. */
const refreshed = (page, result) => ({...result, boxes: result.boxes, now: (box) => page.state.boxes.get(box.id) ?? box});

// What only the server knows of a box (all its addresses and devices) is asked there.
const found = {question: '', boxes: null, version: 0, timer: 0};

function askServer(page, question) {
  if (found.question === question) return;
  clearTimeout(found.timer);
  Object.assign(found, {question, boxes: null});
  if (question.trim().length < 2) return;
  found.timer = setTimeout(async () => {
    const answer = await get(`/api/v1/boxes?fields=summary&limit=1000&q=${encodeURIComponent(question.trim())}`).catch(() => null);
    if (!answer || found.question !== question) return;
    Object.assign(found, {boxes: new Set(answer.boxes.map(({id}) => id)), version: found.version + 1});
    page.update();
  }, restBeforeAsking);
}

// Counters

function counter(page, name, count) {
  const on = page.route.query.get('standing') === name;
  return html`<button class="counter ${name === 'offline' ? 'unknown' : name}" type="button" aria-pressed=${on}
      @click=${() => page.replaceQuery({standing: on ? '' : name})}>
    ${icon(name === 'offline' ? 'plug' : name)}<strong class="figures">${count}</strong><span>${t(`state.${name}`)}</span></button>`;
}

function counters(page, {counts}) {
  const shown = standings.filter((name) => name !== 'unknown' || counts.unknown || page.route.query.get('standing') === 'unknown');
  return html`<div class="counters" role="group" aria-label=${t('counters')}>${shown.map((name) => counter(page, name, counts[name]))}</div>`;
}

const labels = {of: -1, tags: [], any: false};

/** Tags in use, and whether any box has a label; looked up again when a box changed. */
function labelsIn({state}) {
  if (labels.of === state.revision) return labels;
  const tags = tagsInUse(state);
  return Object.assign(labels, {of: state.revision, tags, any: tags.length > 0 || [...state.boxes.values()].some(({point_of_sale: point}) => point)});
}

/** Chooses by a label; nothing while there is none. */
function labelChoice(page, key, all, choices) {
  const chosen = page.route.query.get(key) ?? '';
  if (!choices.length && !chosen) return nothing;
  return html`<select class="plain" aria-label=${t(`filter.${key}`)} @change=${({target}) => page.replaceQuery({[key]: target.value})}>
    <option value="">${all}</option>${choices.map(([value, name]) => html`<option value=${value} ?selected=${value === chosen}>${name}</option>`)}</select>`;
}

function tools(page) {
  const {query} = page.route;
  const rows = query.get('show') === 'rows';
  const way = (name, iconName) => html`<button class="icon-button" type="button" aria-pressed=${rows === (name === 'rows')}
    title=${t(`show.${name}`)} aria-label=${t(`show.${name}`)} @click=${() => page.replaceQuery({show: name === 'rows' ? 'rows' : ''})}>${icon(iconName)}</button>`;
  const points = [...page.state.points].sort(([, a], [, b]) => a.localeCompare(b));
  return html`<div class="tools">
    <span class="labels">${labelChoice(page, 'point', t('filter.point.all'), points)}${labelChoice(page, 'tag', t('filter.tag.all'), labelsIn(page).tags.map((tag) => [tag, tag]))}</span>
    <label class="small muted" for="sort">${t('sort')}</label>
    <select class="plain" id="sort" @change=${({target}) => page.replaceQuery({sort: target.value === 'name' ? '' : target.value})}>
      ${sorts.map((sort) => html`<option value=${sort} ?selected=${(query.get('sort') ?? 'name') === sort}>${t(`sort.${sort}`)}</option>`)}
    </select>
    <span class="ways" role="group" aria-label=${t('show')}>${way('cards', 'cards')}${way('rows', 'lines')}</span>
  </div>`;
}

// A box

function deviceIcons({devices = [], online}) {
  const shown = devices.slice(0, mostIcons);
  return html`<span class="card-devices">${shown.map(({description, status}) => {
    const state = online ? stateOf(status) ?? 'unknown' : 'unknown';
    const words = `${description.name}: ${t(`state.${state}`)}`;
    const weight = online && status?.details?.text ? `${status.details.text} ${status.details.unit ?? ''}` : '';
    return html`<span class="mini ${state} ${weight ? 'with-value' : ''}" title=${words}>${icon(deviceIcon(description.kind), 'tiny')}<span class="only-read-aloud">${words}</span>
      ${weight ? html`<span class="small figures">${weight}</span>` : nothing}</span>`;
  })}${devices.length > mostIcons ? html`<span class="small muted">+${devices.length - mostIcons}</span>` : nothing}</span>`;
}

const statePill = (box) => pill(tone(box), t(`state.${standing(box)}`));
const lastHeard = (box) => (Date.parse(box.last_event_at) > 0 ? timeAgo(box.last_event_at) : nothing);
const link = (box) => `#/box/${encodeURIComponent(box.id)}`;
const fresh = (page, box) => (page.state.fresh === box.id ? 'fresh' : '');

/** Where it stands and what it is called by; in one line. */
function boxLabels(page, box) {
  const point = pointOf(page.state, box);
  const tags = box.tags ?? [];
  if (!point && !tags.length) return nothing;
  return html`<span class="box-labels small">${point ? html`<span class="label">${icon('place', 'tiny')}${point}</span>` : nothing}
    ${tags.map((tag) => html`<span class="tag">${tag}</span>`)}</span>`;
}

const card = (page) => (box, place) => html`<li .style=${place}>
  <a class="box-card ${standing(box)} ${fresh(page, box)}" href=${link(box)} data-box=${box.id}>
    <span class="box-line"><strong class="box-name">${box.name}</strong>${statePill(box)}</span>
    <span class="box-says ${standing(box) === 'ready' ? 'muted' : ''}">${sentence(box)}</span>
    ${boxLabels(page, box)}${deviceIcons(box)}
    <span class="box-foot small muted"><span class="figures">${box.report?.addresses?.[0] ?? nothing}</span>${lastHeard(box)}</span>
  </a></li>`;

const line = (page) => (box, place) => html`<li .style=${place}>
  <a class="box-row ${standing(box)} ${fresh(page, box)}" href=${link(box)} data-box=${box.id}>
    <span class="box-title"><strong class="box-name">${box.name}</strong>${boxLabels(page, box)}</span>${statePill(box)}
    <span class="box-says ${standing(box) === 'ready' ? 'muted' : ''}">${sentence(box)}</span>
    ${deviceIcons(box)}
    <span class="box-address small muted figures">${box.report?.addresses?.[0] ?? nothing}</span>
    <span class="box-heard small muted">${lastHeard(box)}</span>
  </a></li>`;

const windows = {};
function windowOf(page, rows, labelled) {
  const kind = rows ? 'rows' : labelled ? 'labelled' : 'cards';
  windows[kind] ??= newWindow({id: 'boxes-list', height: rows ? lineHeight : labelled ? labelledHeight : cardHeight, least: rows ? 0 : cardWidth, update: () => page.update()});
  return windows[kind];
}

let shownFresh = '';

/** A box that was just connected is brought into view, once it is in the list. */
function showFresh(page, boxes, view) {
  const {fresh: id} = page.state;
  if (!id || shownFresh === id) return;
  const at = boxes.findIndex((box) => box.id === id);
  if (at < 0) return;
  shownFresh = id;
  requestAnimationFrame(() => view.show(at));
}

function nothingFits(page, total) {
  if (total === 0)
    return empty('box', t('boxes.none'), page.may('operator') ? html`<button class="button first" type="button"
      @click=${async () => (await import('./connect.js')).openConnect(page)}>${t('connect.open')}</button>` : nothing);
  return empty('search', t('boxes.no_match'), html`<button class="button" type="button"
    @click=${() => page.replaceQuery({q: '', standing: '', point: '', tag: ''})}>${t('boxes.all')}</button>`);
}

export function boxesView(page) {
  const {query} = page.route;
  askServer(page, query.get('q') ?? '');
  const {boxes, counts, total, now = (box) => box} = choice(page);
  const rows = query.get('show') === 'rows';
  const labelled = labelsIn(page).any;
  const view = windowOf(page, rows, labelled);
  showFresh(page, boxes, view);
  const draw = rows ? line(page) : card(page);
  const stale = page.live?.stale() ?? false;
  return html`<main id="main" class="fleet" tabindex="-1">
    <div class="title-line"><h1>${t('boxes')}</h1><p class="muted figures" role="status">${boxes.length === total
      ? t('boxes.count', {count: total}) : t('boxes.shown', {shown: boxes.length, count: total})}</p>${tools(page)}</div>
    ${counters(page, {counts})}
    ${boxes.length
      ? view.draw(boxes, ({id}) => id, (box, place) => draw(stale ? unheard(now(box)) : now(box), place), {label: t('boxes'), extra: rows ? 'as-rows card' : labelled ? 'as-cards labelled' : 'as-cards'})
      : html`<div class="card">${nothingFits(page, total)}</div>`}
  </main>`;
}
