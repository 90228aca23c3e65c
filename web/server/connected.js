// After a box was connected: its steps, and the question at which point of sale it is.
import {call} from '/common/api.js';
import {stepList, stepsOf, stepWords} from '/common/steps.js';
import {clock, now} from '/common/time.js';
import {attempt, html, icon, nothing, openDialog, toast} from '/common/view.js';
import {t} from '/common/words.js';
import {placeWords} from './place_words.js';
import {pointOf, putBox} from './state.js';

const patience = 30_000; // a box calls within seconds
const arrivalPatience = 10_000;
const restBetweenLooks = 400; // for the moment when no other dialog is open
const waiting = new Map(); // boxes whose question was not put yet
let open = null;
let looking = 0;

/** The steps of a box as its server knows them. */
export function stepsOfBox(box) {
  const late = box.stage === 'taken' && now() - Date.parse(box.connected) > patience
    ? {text: t('connected.late', {time: clock(box.connected)}), remedy: t('connected.late.remedy')}
    : null;
  return stepsOf({stage: box.stage, problem: box.stage_problem, late});
}

const path = (id) => `/api/v1/boxes/${encodeURIComponent(id)}`;

/** Somebody else was faster: what they chose is said, and nothing is asked. */
function sayAnswer(page, id) {
  const box = page.state.boxes.get(id);
  if (!box) return;
  const point = pointOf(page.state, box);
  toast(t(point ? 'point.answered' : 'point.put_aside', {name: box.name, point}));
}

async function answer(page, id, change) {
  try {
    putBox(page.state, await call('PATCH', path(id), {...change, answers_question: true}));
    page.update();
    return true;
  } catch (problem) {
    if (problem.code !== 'box.point_answered') throw problem;
    sayAnswer(page, id);
    return true;
  }
}

function question(page, box, form, dialog) {
  const points = [...page.state.points].sort(([, a], [, b]) => a.localeCompare(b));
  const submit = async (event) => {
    event.preventDefault();
    const point = new FormData(event.target).get('point');
    form.mine = true;
    if (await attempt(() => answer(page, box.id, {point_of_sale: point}))) dialog.close();
    else form.mine = false;
  };
  return html`<form class="dialog-form question" @submit=${submit}>
    <div class="field"><label for="point">${t('point.question', {name: box.name})}</label>
      <select id="point" name="point" required aria-describedby="point-hint"><option value="">${t('point.choose')}</option>
        ${points.map(([id, name]) => html`<option value=${id}>${name}</option>`)}</select>
      <p class="hint" id="point-hint">${t('point.question.text')}</p></div>
    <div class="dialog-foot"><button class="button" type="button" @click=${() => dialog.close()}>${t('point.skip')}</button>
      <button class="button first" type="submit">${t('save')}</button></div></form>`;
}

function show(page, id) {
  const asks = () => page.state.boxes.get(id)?.point_question && page.state.points.size > 0;
  const form = {mine: false, asked: asks()};
  const title = () => {
    const box = page.state.boxes.get(id);
    return t(box?.stage === 'done' ? 'connected.title.done' : 'connected.title', {name: box?.name ?? id});
  };
  const dialog = openDialog(title, (self) => {
    const box = page.state.boxes.get(id);
    if (!box) return nothing;
    return html`${stepList(stepsOfBox(box), box.devices?.length ?? 0)}
      ${asks() ? question(page, box, form, self)
        : html`<div class="dialog-foot"><button class="button first" type="button" @click=${() => self.close()}>${t('connected.close')}</button></div>`}`;
  });
  open = {id, dialog};
  const heard = () => {
    if (!page.state.boxes.has(id)) return dialog.close();
    if (form.asked && !form.mine && !asks()) { // answered elsewhere
      form.asked = false;
      sayAnswer(page, id);
      if (page.state.boxes.get(id).stage === 'done') return dialog.close();
    }
    form.asked ||= asks();
    dialog.update();
  };
  page.listeners.add(heard);
  const timer = setInterval(heard, 5_000); // that it takes long is no event
  dialog.closed.then(() => {
    clearInterval(timer);
    page.listeners.delete(heard);
    open = null;
    if (!form.mine && asks()) attempt(() => answer(page, id, {})); // put aside: it is never asked twice
    lookAgain();
  });
}

function lookAgain() {
  clearInterval(looking);
  looking = 0;
  if (waiting.size) looking = setInterval(putNext, restBetweenLooks);
}

/** One question after the other, and none over another dialog. */
function putNext() {
  if (open || document.querySelector('dialog[open]')) return;
  for (const [id, page] of waiting) {
    waiting.delete(id);
    if (!page.door && page.state.boxes.get(id)?.point_question) {
      show(page, id);
      break;
    }
  }
  lookAgain();
}

export const words = () => Promise.all([stepWords(), placeWords()]);

/** Ends when the box is in the fleet, which its event tells, or does not come. */
function arrival(page, id) {
  if (page.state.boxes.has(id)) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      page.listeners.delete(heard);
      resolve();
    };
    const heard = () => page.state.boxes.has(id) && done();
    page.listeners.add(heard);
    setTimeout(done, arrivalPatience);
  });
}

/** This person connected the box: all its steps are shown. */
export async function showConnected(page, id) {
  await Promise.all([words(), arrival(page, id)]);
  waiting.delete(id);
  if (!open && page.state.boxes.has(id)) show(page, id);
}

/** The box came into the fleet, by whatever way, and nobody said yet where it stands. */
export async function askPoint(page, id) {
  if (page.state.points.size === 0 || open?.id === id) return;
  waiting.set(id, page);
  await words();
  lookAgain();
}

/** For a box's form: its steps, until it is through. */
export const stepsCard = (box) => html`<section class="card" aria-labelledby="steps"><div class="card-head"><h2 id="steps">${t('steps')}</h2>${icon('plug', 'tiny')}</div>
  <div class="card-body">${stepList(stepsOfBox(box), box.devices?.length ?? 0)}</div></section>`;
