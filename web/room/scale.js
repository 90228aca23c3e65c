// A scale on the counter, with things to put on it. Drag them onto the plate, or press them: a press does the same
// for keyboards and screen readers.
import {svg} from '/vendor/lit-html/lit-html.js';
import {number} from '/common/time.js';
import {codeDisplay, html, nothing, pill} from '/common/view.js';
import {t} from '/common/words.js';
import {repeat} from '/vendor/lit-html/directives/repeat.js';
import {live} from '/vendor/lit-html/directives/live.js';

/** What stands beside the scale, in grams. */
export const goods = [
  {id: 'apple', grams: 182},
  {id: 'coffee', grams: 500},
  {id: 'cheese', grams: 742},
  {id: 'melon', grams: 2460},
  {id: 'anvil', grams: 20_000},
];
const faults = ['shaking', 'silent', 'garbage'];
const mostFlour = 5_000;
const clickDistance = 6; // pixels: less is a press, more a drag
const timeBetweenPours = 60; // a slider tells more often than a scale can feel
const timeToAgree = 2_000; // after the last answer; then what the simulator says counts

const pictures = {
  apple: svg`<path class="red" d="M32 22c-6-6-20-3-20 12 0 14 9 24 15 24 3 0 3-1 5-1s2 1 5 1c6 0 15-10 15-24 0-15-14-18-20-12z"></path>
    <path class="stalk" d="M32 22c0-6 2-9 5-11"></path><path class="leaf" d="M36 15c4-5 9-5 12-3-3 5-8 6-12 3z"></path>`,
  coffee: svg`<path class="brown" d="M14 12h36l3 46H11z"></path><path class="cream" d="M14 12h36l1 9H13z"></path>
    <ellipse class="cream" cx="32" cy="40" rx="10" ry="12"></ellipse><path class="bean" d="M32 30c-5 5 5 14 0 20"></path>`,
  cheese: svg`<path class="yellow" d="M6 44 40 18q18 6 18 26v14H6z"></path><path class="rind" d="M6 44h52"></path>
    <circle class="hole" cx="20" cy="51" r="3.500"></circle><circle class="hole" cx="40" cy="52" r="4"></circle><circle class="hole" cx="42" cy="34" r="4"></circle>`,
  melon: svg`<circle class="green" cx="32" cy="34" r="24"></circle><path class="stripe" d="M32 10v48M18 15q-10 19 0 38M46 15q10 19 0 38"></path>`,
  anvil: svg`<path class="iron" d="M4 18h16v-4h40v10q-14 1-17 12v6h8v16H17V42h8v-5Q8 36 4 18z"></path>`,
};
const picture = (id) => svg`<svg viewBox="0 0 64 60" aria-hidden="true">${pictures[id]}</svg>`;

/** What a page keeps of a scale beside what the simulator says. */
export function newScale(snapshot, call, update) {
  // What was put there counts until the simulator says the same: its news of a moment ago are still on their way.
  const scale = {seen: snapshot, on: new Set(), stale: false, pouring: 0, wanted: null, asked: 0, answered: 0};
  const known = goods.reduce((sum, {grams}) => sum + grams, 0);
  const want = (grams) => {
    scale.wanted = grams;
    scale.seen = {...scale.seen, load_grams: grams};
  };
  scale.flour = () => Math.min(mostFlour, Math.max(0, Math.round(scale.seen.load_grams - weightOf(scale.on))));
  scale.play = async (what, body) => {
    scale.asked++;
    const seen = await call(`/api/v1/scales/${snapshot.id}/${what}`, body);
    scale.asked--;
    scale.answered = performance.now();
    if (!seen) scale.wanted = null;
    else scale.seen = {...seen, load_grams: scale.wanted ?? seen.load_grams};
    update();
  };
  scale.put = (id, on) => {
    const flour = scale.flour();
    if (on) scale.on.add(id);
    else scale.on.delete(id);
    want(Math.min(known + mostFlour, weightOf(scale.on) + flour));
    scale.play('weight', {grams: scale.wanted});
  };
  scale.pour = (grams) => {
    want(weightOf(scale.on) + grams);
    if (scale.pouring) return;
    scale.pouring = setTimeout(() => {
      scale.pouring = 0;
      if (scale.wanted !== null) scale.play('weight', {grams: scale.wanted});
    }, timeBetweenPours);
  };
  return scale;
}

const weightOf = (on) => goods.reduce((sum, {id, grams}) => sum + (on.has(id) ? grams : 0), 0);

/** Somebody else may have emptied the plate. */
export function takeSnapshot(scale, seen) {
  const busy = scale.pouring || scale.asked;
  if (!busy && (Math.abs(seen.load_grams - scale.wanted) < 0.5 || performance.now() - scale.answered > timeToAgree)) scale.wanted = null;
  scale.seen = {...seen, load_grams: scale.wanted ?? seen.load_grams};
  if (scale.wanted === null && weightOf(scale.on) > seen.load_grams + 0.5) scale.on.clear();
}

// Dragging

function drag(scale, id, event) {
  const thing = event.currentTarget;
  const plate = thing.closest('.weighing').querySelector('.plate-zone').getBoundingClientRect();
  const from = {x: event.clientX, y: event.clientY};
  let moved = false;
  const move = ({clientX, clientY}) => {
    moved ||= Math.hypot(clientX - from.x, clientY - from.y) > clickDistance;
    if (moved) thing.style.transform = `translate(${clientX - from.x}px, ${clientY - from.y}px) rotate(-3deg)`;
    thing.classList.toggle('held', moved);
  };
  const end = ({clientX, clientY, type}) => {
    thing.removeEventListener('pointermove', move);
    thing.style.transform = '';
    thing.classList.remove('held');
    if (!moved || type === 'pointercancel') return;
    thing.addEventListener('click', (click) => click.stopImmediatePropagation(), {once: true, capture: true});
    const over = clientX > plate.left && clientX < plate.right && clientY > plate.top - 120 && clientY < plate.bottom;
    if (over !== scale.on.has(id)) scale.put(id, over);
  };
  thing.setPointerCapture(event.pointerId);
  thing.addEventListener('pointermove', move);
  for (const kind of ['pointerup', 'pointercancel']) thing.addEventListener(kind, end, {once: true});
}

const weightWords = (grams) => number(grams / 1000, {style: 'unit', unit: 'kilogram', maximumFractionDigits: 3});

const thing = (scale, {id, grams}) => {
  const on = scale.on.has(id);
  const name = t(`thing.${id}`);
  return html`<button class="thing ${id}" type="button" aria-pressed=${on} data-thing=${id}
    aria-label=${t(on ? 'room.thing.off' : 'room.thing.on', {thing: name, weight: weightWords(grams)})}
    @pointerdown=${(event) => drag(scale, id, event)} @click=${() => scale.put(id, !scale.on.has(id))}>
    ${picture(id)}<span class="small" aria-hidden="true">${weightWords(grams)}</span></button>`;
};

// The picture

function flourHeap(grams) {
  if (grams < 20) return nothing;
  const size = Math.sqrt(grams / mostFlour);
  const wide = 30 + 90 * size;
  const high = 6 + 54 * size;
  return svg`<svg class="flour" viewBox="0 0 240 70" aria-hidden="true">
    <path d="M${120 - wide} 70Q${120 - wide / 2} ${70 - high / 3} 120 ${70 - high}T${120 + wide} 70z"></path></svg>`;
}

function display({power, display: shown, moving, net, zero, unit, problem}) {
  if (power === 'off') return html`<div class="lcd off" aria-hidden="true"></div>`;
  return html`<div class="lcd ${problem}" aria-hidden="true">
    <span class="marks"><i class=${moving ? '' : 'lit'}>●</i><i class=${zero ? 'lit' : ''}>0</i><i class=${net ? 'lit' : ''}>NET</i></span>
    <span class="figures">${shown}</span><span class="unit">${unit}</span></div>`;
}

export function weighing(scale) {
  const {seen} = scale;
  const sinks = Math.min(10, Math.sqrt(seen.load_grams / seen.capacity_grams) * 8);
  const groan = seen.problem === 'too_heavy' ? 'groans' : seen.faults.includes('shaking') ? 'shakes' : '';
  return html`
    <div class="scene weighing ${seen.power} ${seen.plug}">
      <div class="wall">
        <div class="shelf" role="group" aria-label=${t('room.things')}>
          ${repeat(goods.filter(({id}) => !scale.on.has(id)), ({id}) => id, (each) => thing(scale, each))}</div>
        <div class="balance ${groan}">
          <div class="plate-zone" .style=${`transform: translateY(${sinks}px)`}>
            ${flourHeap(scale.flour())}
            <div class="on-plate">${repeat(goods.filter(({id}) => scale.on.has(id)), ({id}) => id, (each) => thing(scale, each))}</div>
            <div class="plate"></div>
          </div>
          <div class="pillar"></div>
          <div class="base">${display(seen)}
            <button class="key" type="button" tabindex="-1" aria-hidden="true" @click=${() => scale.play('zero', {})}>→0←</button>
            <button class="key" type="button" tabindex="-1" aria-hidden="true" @click=${() => scale.play('tare', {})}>T</button></div>
        </div>
      </div>
      <div class="counter-top"></div>
      <div class="counter-front"><div class="line ${seen.plug}" aria-hidden="true"></div></div>
    </div>`;
}

// The switches

const toggle = (id, word, on, change) => html`
  <label class="toggle" for=${id}><span>${word}</span>
    <input id=${id} type="checkbox" role="switch" .checked=${live(on)} @change=${({target}) => change(target.checked)}><i aria-hidden="true"></i></label>`;

const chip = (word, on, change) => html`
  <button class="chip" type="button" aria-pressed=${on} @click=${() => change(!on)}>${word}</button>`;

const slider = (id, word, value, most, step, change) => html`
  <label class="slider" for=${id}><span>${word}</span>
    <input id=${id} type="range" min="0" max=${most} step=${step} .value=${live(String(value))}
      aria-valuetext=${weightWords(value)} @input=${({target}) => change(Number(target.value))}>
    <output class="small figures" for=${id}>${weightWords(value)}</output></label>`;

export const scaleWords = ({problem, moving}) => t(problem ? `sim.scale.${problem}` : moving ? 'sim.scale.moving' : 'sim.scale.ready');

export function scaleControls(scale) {
  const {seen, stale} = scale;
  const {id, name} = seen;
  const state = stale ? 'unknown' : seen.state;
  return html`
    <section class="controls" aria-labelledby="name-scale-${id}" data-scale=${id}>
      <div class="who"><h2 id="name-scale-${id}">${name}</h2>${pill(state, t(`state.${state}`))}</div>
      <p class="words">${scaleWords(seen)}</p>
      <p class="reading figures" data-display>${seen.display ? `${seen.display} ${seen.unit}` : '–'}</p>
      <p class="small muted">${t('room.scale.address')} ${seen.address ? codeDisplay(seen.address, t('room.scale.address')) : t('room.inside')}</p>
      ${slider(`flour-${id}`, t('room.flour'), scale.flour(), mostFlour, 1, scale.pour)}
      <div class="by-hand">
        <button class="button compact" type="button" @click=${() => scale.play('zero', {})}>${t('sim.scale.zero')}</button>
        <button class="button compact" type="button" @click=${() => scale.play('tare', {})}>${t('sim.scale.tare')}</button>
      </div>
      <div class="toggles">
        ${toggle(`power-scale-${id}`, t('sim.power'), seen.power === 'on', (on) => scale.play('power', {state: on ? 'on' : 'off'}))}
        ${toggle(`plug-scale-${id}`, t('sim.scale.plug'), seen.plug === 'in', (on) => scale.play('plug', {state: on ? 'in' : 'out'}))}
      </div>
      ${slider(`noise-${id}`, t('sim.scale.noise'), seen.noise_grams, 50, 1, (grams) => scale.play('noise', {grams}))}
      <fieldset class="faults"><legend>${t('sim.faults')}</legend>
        <div>${faults.map((fault) => chip(t(`sim.scale.fault.${fault}`), seen.faults.includes(fault), (on) => scale.play('fault', {state: fault, on})))}</div>
        ${seen.faults.length ? html`<button class="button quiet compact" type="button" @click=${() => scale.play('fault', {state: 'none'})}>${t('sim.fault.none')}</button>` : nothing}
      </fieldset>
      <details class="figures-box small"><summary>${t('sim.details')}</summary><dl>
        <dt>${t('sim.language')}</dt><dd><code>${seen.language}</code></dd>
        <dt>${t('sim.scale.capacity')}</dt><dd class="figures">${weightWords(seen.capacity_grams)}</dd>
        <dt>${t('sim.scale.questions')}</dt><dd class="figures">${number(seen.questions)}</dd></dl></details>
    </section>`;
}
