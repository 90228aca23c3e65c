// The switches of one printer: everything that a person at the counter could do to it, and a few things only a
// simulator can.
import {number, size} from '/common/time.js';
import {bar, codeDisplay, html, nothing, pill} from '/common/view.js';
import {t} from '/common/words.js';
import {live} from '/vendor/lit-html/directives/live.js';

const faults = ['offline', 'cutter', 'slow', 'silent', 'garbage'];
const bytesBeforeDeath = 300;

const toggle = (id, word, on, change) => html`
  <label class="toggle" for=${id}><span>${word}</span>
    <input id=${id} type="checkbox" role="switch" .checked=${live(on)} @change=${({target}) => change(target.checked)}><i aria-hidden="true"></i></label>`;

const choice = (name, legend, values, chosen, change) => html`
  <fieldset class="choice"><legend>${legend}</legend>
    <div>${values.map(([value, word]) => html`<label><input type="radio" name=${name} .checked=${live(value === chosen)}
      @change=${() => change(value)}><span>${word}</span></label>`)}</div>
  </fieldset>`;

const chip = (word, on, change) => html`
  <button class="chip" type="button" aria-pressed=${on} @click=${() => change(!on)}>${word}</button>`;

export function stateWords({problem, printing}) {
  return t(problem ? `sim.${problem}` : printing ? 'sim.printing' : 'sim.ready');
}

function dies(printer, play, station) {
  const dying = printer.dead_after_bytes !== null || printer.faults.includes('dead');
  return html`<div class="dies">
    ${chip(t('sim.fault.dead'), dying, (on) => play('fault', on ? {state: 'dead', on, after_bytes: station.deadAfter} : {state: 'dead', on}))}
    <label class="small"><input type="number" min="0" max="1000000" step="100" .value=${String(station.deadAfter)}
      @change=${({target}) => (station.deadAfter = Math.max(0, Math.round(Number(target.value)) || 0))}> ${t('sim.dead.after')}</label>
    ${printer.dead_after_bytes === null ? nothing : html`<span class="small muted">${t('sim.dead.left', {bytes: size(printer.dead_after_bytes)})}</span>`}
  </div>`;
}

function figures(printer) {
  const fill = printer.buffer_bytes ? printer.buffered_bytes / printer.buffer_bytes : 0;
  return html`<details class="figures-box small"><summary>${t('sim.details')}</summary>
    <dl>
      <dt>${t('sim.language')}</dt><dd>${{escpos: 'ESC/POS', star: 'Star'}[printer.language] ?? printer.language}</dd>
      <dt>${t('sim.connections')}</dt><dd class="figures">${number(printer.connections)}</dd>
      <dt>${t('sim.received')}</dt><dd class="figures">${size(printer.received_bytes)}</dd>
      <dt>${t('sim.receipts')}</dt><dd class="figures">${number(printer.receipts)}</dd>
      <dt>${t('sim.buffer')}</dt><dd class="figures">${size(printer.buffered_bytes)} / ${size(printer.buffer_bytes)}
        ${bar(fill, fill > 0.9 ? 'trouble' : fill > 0.5 ? 'attention' : 'working')}</dd>
      ${printer.unknown_commands.length ? html`<dt>${t('sim.unknown_commands')}</dt>
        <dd>${printer.unknown_commands.map(({bytes, count}) => html`<div><code>${bytes}</code> × ${number(count)}</div>`)}</dd>` : nothing}
    </dl>
  </details>`;
}

const paperOf = {present: 'in', low: 'low', out: 'out'};

export function controls(station, play) {
  const {printer, stale} = station;
  const {id, name} = printer;
  const state = stale ? 'unknown' : printer.state;
  const left = printer.roll_dots ? printer.roll_left_dots / printer.roll_dots : 0;
  const percent = number(left, {style: 'percent', maximumFractionDigits: 0});
  return html`
    <section class="controls" aria-labelledby="name-${id}" data-printer=${id}>
      <div class="who"><h2 id="name-${id}">${name}</h2>${pill(state, t(`state.${state}`))}</div>
      <p class="words">${stateWords(printer)}</p>
      <p class="small muted">${t('room.address')} ${printer.address ? codeDisplay(printer.address, t('room.address')) : t('room.inside')}</p>
      ${choice(`paper-${id}`, t('sim.paper'), ['in', 'low', 'out'].map((value) => [value, t(`sim.paper.${value}`)]), paperOf[printer.paper],
        (value) => play('paper', {state: value}))}
      <p class="small muted left">${t('sim.paper.left', {percent})}</p>
      <div class="toggles">
        ${toggle(`power-${id}`, t('sim.power'), printer.power === 'on', (on) => play('power', {state: on ? 'on' : 'off'}))}
        ${toggle(`plug-${id}`, t('sim.plug'), printer.plug === 'in', (on) => play('plug', {state: on ? 'in' : 'out'}))}
        ${toggle(`cover-${id}`, t('sim.cover'), printer.cover === 'open', (on) => play('cover', {state: on ? 'open' : 'closed'}))}
        ${toggle(`drawer-${id}`, t('sim.drawer'), printer.drawer === 'open', (on) => play('drawer', {state: on ? 'open' : 'closed'}))}
      </div>
      <div class="by-hand">
        <button class="button compact" type="button" @click=${() => play('feed', {})}>${t('sim.feed')}</button>
        <button class="button compact" type="button" @click=${() => play('tear', {})}>${t('sim.tear')}</button>
      </div>
      ${choice(`pace-${id}`, t('sim.pace'), ['real', 'instant'].map((value) => [value, t(`sim.pace.${value}`)]), printer.pace,
        (value) => play('pace', {state: value}))}
      <fieldset class="faults"><legend>${t('sim.faults')}</legend>
        <div>${faults.map((fault) => chip(t(`sim.fault.${fault}`), printer.faults.includes(fault), (on) => play('fault', {state: fault, on})))}</div>
        ${dies(printer, play, station)}
        ${printer.faults.length || printer.dead_after_bytes !== null
          ? html`<button class="button quiet compact" type="button" @click=${() => play('fault', {state: 'none'})}>${t('sim.fault.none')}</button>` : nothing}
      </fieldset>
      ${figures(printer)}
    </section>`;
}

export {bytesBeforeDeath};
