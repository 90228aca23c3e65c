// The log, live. Its WebSocket is open only while somebody looks.
import {get} from '/common/api.js';
import {Live} from '/common/live.js';
import {clockSeconds, exact} from '/common/time.js';
import {attempt, copy, empty, html, icon} from '/common/view.js';
import {t} from '/common/words.js';
import {repeat} from '/vendor/lit-html/directives/repeat.js';

const mostLines = 500;
const levels = ['debug', 'info', 'warning', 'error'];
const log = {lines: [], next: null, level: 'info', text: '', paused: false, live: null, update: () => {}};

function take(line) {
  if (log.lines.length && log.lines[0].number >= line.number) return;
  log.lines.unshift(line);
  log.next = line.number;
  if (log.lines.length > mostLines) log.lines.length = mostLines;
  if (!log.paused) log.update();
}

async function readMissed() {
  const after = log.next === null ? '' : `&after=${log.next}`;
  const {lines} = await get(`/api/v1/logs?level=${log.level}&limit=${mostLines}${after}`);
  lines.sort((a, b) => a.number - b.number).forEach(take);
  log.update();
}

function watch() {
  log.live?.end();
  log.live = new Live({
    path: `/api/v1/logs/live?level=${log.level}`,
    probe: '/healthz',
    message: take,
    change: () => log.update(),
    opened: () => attempt(readMissed),
  });
  log.live.start();
}

export function openLog(update) {
  log.update = update;
  watch();
}

export function closeLog() {
  log.live?.end();
  log.live = null;
}

function setLevel(level) {
  Object.assign(log, {level, lines: [], next: null});
  watch();
  log.update();
}

const shown = () => {
  const wanted = log.text.toLowerCase();
  return wanted ? log.lines.filter(({text, logger, trace}) => `${logger} ${text} ${trace}`.toLowerCase().includes(wanted)) : log.lines;
};

let frozen = [];

export function logCard() {
  if (!log.paused) frozen = shown();
  const lines = frozen;
  const toggle = () => {
    log.paused = !log.paused;
    log.update();
  };
  const copyAll = () => copy(lines.map(({time, level, logger, text, trace}) => [time, level, logger, text, trace].join(' ')).reverse().join('\n'));
  return html`<section class="card wide" aria-labelledby="log">
    <div class="card-head"><h2 id="log">${t('log')}</h2>
      <button class="icon-button" type="button" title=${t('log.copy')} aria-label=${t('log.copy')} @click=${copyAll}>${icon('copy')}</button>
      <button class="icon-button" type="button" aria-pressed=${log.paused} title=${t(log.paused ? 'events.go' : 'events.pause')}
        aria-label=${t(log.paused ? 'events.go' : 'events.pause')} @click=${toggle}>${icon(log.paused ? 'play' : 'pause')}</button>
    </div>
    <div class="filter">
      <select aria-label=${t('log.level')} @change=${({target}) => setLevel(target.value)}>
        ${levels.map((level) => html`<option value=${level} ?selected=${level === log.level}>${t(`level.from.${level}`)}</option>`)}
      </select>
      <input type="search" aria-label=${t('log.search')} placeholder=${t('log.search')} .value=${log.text}
        @input=${({target}) => { log.text = target.value; log.update(); }}>
    </div>
    ${lines.length
      ? html`<ol class="log" tabindex="0" aria-label=${t('log')}>${repeat(lines, ({number}) => number, ({time, level, logger, text}) => html`
          <li class="level-${level}"><time datetime=${time} title=${exact(time)}>${clockSeconds(time)}</time>
            <span class="level">${t(`level.${level}`)}</span><span class="muted">${logger}</span><span>${text}</span></li>`)}</ol>`
      : empty('ticket', t('log.none'))}
  </section>`;
}
