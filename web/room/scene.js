// One printer on the counter, seen from the front. Everything in it can be touched; the switches below do the same
// for keyboards and screen readers.
import {svg} from '/vendor/lit-html/lit-html.js';
import {number} from '/common/time.js';
import {html, nothing} from '/common/view.js';
import {t} from '/common/words.js';
import {face} from './faces.js';
import {pile} from './spike.js';

const fullRoll = 25; // radius in the picture
const emptyRoll = 8;

const turned = {closed: 'open', open: 'closed', on: 'off', off: 'on', in: 'out', out: 'in'};

/** Paper is wound in area, not in radius. */
function rollRadius({paper, roll_dots: full, roll_left_dots: left}) {
  if (paper === 'out' || !full) return 0;
  return Math.sqrt(emptyRoll ** 2 + (fullRoll ** 2 - emptyRoll ** 2) * Math.min(1, left / full));
}

function roll(printer) {
  const radius = rollRadius(printer);
  return svg`
    <rect class="window" x="236" y="66" width="62" height="62" rx="31"></rect>
    ${radius ? svg`<circle class="roll" cx="267" cy="97" r=${radius}></circle><circle class="core" cx="267" cy="97" r="6"></circle>`
      : svg`<path class="no-roll" d="m257 87 20 20m0-20-20 20"></path>`}`;
}

function body(printer, play) {
  const {cover, power, state, paper, problem} = printer;
  const error = state === 'trouble';
  return svg`
    <svg class="printer" viewBox="0 0 320 176" aria-hidden="true">
      <g class="inside"><path d="M34 44 44 14h232l10 30z"></path>
        ${rollRadius(printer) ? svg`<rect class="roll" x="60" y="18" width="200" height="26" rx="10"></rect>` : nothing}</g>
      <g class="lid touch ${cover}" @click=${() => play('cover', {state: turned[cover]})}>
        <path class="shell" d="M26 48 40 18q2-6 8-6h224q6 0 8 6l14 30z"></path>
        <path class="slot" d="M58 15h204"></path>
      </g>
      <rect class="shell body" x="14" y="44" width="292" height="118" rx="16"></rect>
      <path class="edge" d="M20 60h280"></path>
      <g transform="translate(100 70)">
        <rect class="glass" width="120" height="72" rx="10"></rect>
        <g class="screen" transform="translate(10 6)">${face(printer)}</g>
      </g>
      <g class="lamps">
        <circle class="lamp green ${power === 'on' ? 'lit' : ''}" cx="44" cy="82" r="5"></circle>
        <circle class="lamp red ${error && power === 'on' ? 'lit' : ''}" cx="62" cy="82" r="5"></circle>
        <circle class="lamp amber ${paper === 'low' && power === 'on' ? 'lit' : ''}" cx="80" cy="82" r="5"></circle>
      </g>
      <g class="touch knob" @click=${() => play('feed', {})}><rect x="38" y="104" width="48" height="24" rx="8"></rect>
        <path d="M62 110v11m-4-4 4 4 4-4"></path></g>
      <g class="touch" @click=${() => play('paper', {state: paper === 'out' ? 'in' : 'out'})}>${roll(printer)}</g>
      <g class="touch switch ${power}" @click=${() => play('power', {state: turned[power]})}>
        <rect x="40" y="140" width="30" height="13" rx="6.5"></rect><circle cx=${power === 'on' ? 63.5 : 46.5} cy="146.5" r="4.5"></circle></g>
      <path class="foot" d="M40 162h36v6H40zM244 162h36v6h-36z"></path>
      ${problem === 'dead' ? svg`<path class="smoke" d="M150 40q-8-12 2-20t0-18M172 42q-8-12 2-22t-2-16"></path>` : nothing}
    </svg>`;
}

const cable = ({plug}, play) => svg`
  <svg class="cable ${plug}" viewBox="0 0 96 300" aria-hidden="true">
    <rect class="socket" x="58" y="6" width="34" height="34" rx="6"></rect>
    <rect class="hole" x="67" y="15" width="16" height="16" rx="2"></rect>
    <path class="cord" d=${plug === 'in' ? 'M75 24v190q0 74-75 74' : 'M70 262q-6 34-70 26'}></path>
    <g class="touch" @click=${() => play('plug', {state: turned[plug]})}>
      <rect class="grab" x="48" y="0" width="48" height="298"></rect>
      <rect class="plug" x="66" y=${plug === 'in' ? 14 : 242} width="18" height="22" rx="3"></rect>
    </g>
  </svg>`;

const drawer = (printer, play) => html`
  <div class="drawer touch ${printer.drawer}" aria-hidden="true" @click=${() => play('drawer', {state: turned[printer.drawer]})}>
    <div class="tray">
      <svg viewBox="0 0 240 30" preserveAspectRatio="xMidYMax meet">
        <g class="notes"><rect x="14" y="6" width="44" height="22" rx="2"></rect><rect x="64" y="4" width="44" height="24" rx="2"></rect></g>
        <g class="coins"><circle cx="134" cy="21" r="8"></circle><circle cx="147" cy="19" r="8"></circle><circle cx="170" cy="20" r="9"></circle>
          <circle cx="184" cy="22" r="7"></circle><circle cx="208" cy="19" r="9"></circle><circle cx="220" cy="22" r="7"></circle></g>
      </svg>
    </div>
    <div class="front"><span></span></div>
  </div>`;

const notes = svg`<svg class="notes-in-the-air" viewBox="0 0 60 40" aria-hidden="true">
  <path d="M8 30a4 3 0 1 1-1-2V12l16-4v18a4 3 0 1 1-1-2V12L8 15zM40 26a4 3 0 1 1-1-2V8l10 4"></path></svg>`;

/** Wall, paper, printer, spike, counter, drawer. */
export function scene(station, play) {
  const {printer, paper} = station;
  const length = number(paper.height / 80, {style: 'unit', unit: 'centimeter', maximumFractionDigits: 0});
  paper.canvas.setAttribute('aria-label', paper.height ? t('room.strip.dots', {name: printer.name, length}) : t('room.strip', {name: printer.name}));
  return html`
    <div class="scene ${printer.power} ${printer.state} ${printer.printing ? 'printing' : ''}">
      <div class="wall">
        <div class="paper-way">${paper.canvas}</div>
        ${station.beeping ? notes : nothing}
        ${cable(printer, play)}
        <div class="on-counter">${body(printer, play)}</div>
        ${pile(station)}
      </div>
      <div class="counter-top"></div>
      <div class="counter-front">${drawer(printer, play)}</div>
    </div>`;
}
