// What was asked of a box or a device: sent with a key, followed to its end, explained one click deeper.
import {call, clickOf, newKey} from '/common/api.js';
import {clockOffset, duration} from '/common/time.js';
import {followTrace, traceView} from '/common/trace.js';
import {attempt, codeDisplay, html, icon, nothing, pill, timeOfDay} from '/common/view.js';
import {has, said, t} from '/common/words.js';
import {deviceOf, putCommand} from './state.js';

export const commandTones = {accepted: 'working', sent: 'working', confirmed: 'ready', failed: 'trouble', unknown: 'unknown', canceled: 'over'};
const isOver = ({state}) => state !== 'accepted' && state !== 'sent';

/** "Test ticket", "Cash drawer", "Restart" … */
export const commandLabel = ({action}) => (has(`command.${action}`) ? t(`command.${action}`) : has(`action.${action}`) ? t(`action.${action}`) : action);

/** "on its way", "waits until the box is back", "printed" … */
export function commandWord(page, record) {
  const {state, action, box} = record;
  if (state === 'accepted' && page.state.boxes.get(box)?.online === false) return t('command.state.waits');
  const special = `command.state.${state}.${action}`;
  return t(has(special) ? special : `command.state.${state}`);
}

const weight = (data) => (data?.weight !== undefined && data.text ? `${data.text} ${data.unit ?? ''}`.trim() : '');

/** What it came to, when that is more than a word. */
export const commandAnswer = (record) => (record.state === 'confirmed' ? weight(record.data) : isOver(record) ? said(record.text) : '');

export const actionsPath = (box, device) => `/api/v1/boxes/${encodeURIComponent(box)}/devices/${encodeURIComponent(device)}/actions`;

/** When a command of this page is over, its trace is completed by what only the page saw: from the click to the end. */
export function tellClick(record) {
  const click = clickOf(record.trace.trace);
  if (!click || click.over || !isOver(record)) return;
  Object.assign(click, {over: true, duration: Date.now() - click.start});
  const {span, name, start} = click;
  call('POST', `/api/v1/traces/${record.trace.trace}/spans`,
    {span, name, start: new Date(start + clockOffset()).toISOString(), duration_us: click.duration * 1000}, {noted: false})
    .catch(() => {}); // the command is over without it
}

/** Asks once, whatever happens to the answer on its way; the record is then followed by its events. */
export async function ask(page, path, body, {method = 'POST'} = {}) {
  let record = null;
  const key = newKey();
  const done = await attempt(async () => {
    record = await call(method, path, body, {key}).catch((problem) => {
      if (problem.status !== 0) throw problem;
      return call(method, path, body, {key}); // the answer was lost; the key makes asking again safe
    });
    if (record?.id && record.state) {
      putCommand(page.state, record);
      tellClick(commandNow(page, record));
    }
    page.update();
  });
  return done ? record : null;
}

/** The record as it stands now. */
export const commandNow = (page, record) => page.state.commands.get(record.id) ?? record;

const opened = new Map(); // id -> {trace, problem}

async function toggle(page, record) {
  if (opened.delete(record.id)) return page.update();
  const seen = {trace: null, problem: null};
  opened.set(record.id, seen);
  page.update();
  const take = (trace) => {
    seen.trace = trace;
    page.update();
  };
  await followTrace(record.trace.trace, take, () => opened.get(record.id) === seen).catch((problem) => {
    seen.problem = problem;
    page.update();
  });
}

const fact = (name, value) => html`<dt>${name}</dt><dd>${value}</dd>`;

function details(page, record, seen) {
  return html`<div class="action-more" id="more-${record.id}">
    <dl class="facts-table">
      ${fact(t('action.fact.text'), commandAnswer(record) || commandWord(page, record))}
      ${record.code ? fact(t('action.fact.code'), html`<code>${record.code}</code>`) : nothing}
      ${fact(t('action.fact.from'), record.person || '–')}
      ${fact(t('command.fact.id'), codeDisplay(record.id, t('command.fact.id')))}
      ${fact(t('action.fact.trace'), html`<a href="#/traces/${record.trace.trace}"><code>${record.trace.trace}</code></a>`)}
    </dl>
    ${seen.trace?.spans.length ? traceView(seen.trace) : seen.trace ? html`<p class="small muted">${t('action.no_trace')}</p>` : nothing}
    ${seen.problem ? html`<p class="small muted">${t('action.no_trace')} ${seen.problem.message}</p>` : nothing}
  </div>`;
}

/** A line of the history. */
export function commandRow(page, given) {
  const record = commandNow(page, given);
  const seen = opened.get(record.id);
  const device = record.device ? deviceOf(page.state.boxes.get(record.box), record.device)?.description.name ?? record.device : '';
  const took = isOver(record) ? Date.parse(record.updated) - Date.parse(record.created) : NaN;
  const answer = commandAnswer(record);
  return html`<li class="action arrives" data-command=${record.id} data-state=${record.state}>
    <button class="action-line" type="button" aria-expanded=${Boolean(seen)} aria-controls=${seen ? `more-${record.id}` : nothing}
      @click=${() => toggle(page, record)}>
      <span class="small muted">${timeOfDay(record.created)}</span>
      <span class="action-what"><strong>${commandLabel(record)}</strong>${device ? html` <span class="muted">→</span> ${device}` : nothing}</span>
      ${pill(commandTones[record.state], commandWord(page, record))}
      <span class="action-took small muted figures">${duration(took)}</span>
      ${icon('chevron', 'tiny')}
    </button>
    ${answer ? html`<div class="action-aside"><p>${answer}</p></div>` : nothing}
    ${seen ? details(page, record, seen) : nothing}
  </li>`;
}

/** Beneath a device: how the last thing asked from this page goes, to its end. */
export function commandProgress(page, given, close) {
  const record = commandNow(page, given);
  const tone = commandTones[record.state];
  const answer = commandAnswer(record);
  return html`<p class="progress small ${tone}" role="status" data-progress=${record.state}>
    ${icon(tone, 'tiny')}<span>${commandLabel(record)}: ${commandWord(page, record)}${answer ? html` · ${answer}` : nothing}</span>
    ${isOver(record) ? html`<a href="#/traces/${record.trace.trace}">${t('trace.title')}</a>
      <button class="icon-button" type="button" aria-label=${t('close')} @click=${close}>${icon('close', 'tiny')}</button>` : nothing}
  </p>`;
}
