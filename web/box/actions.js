// One action: a line in the list, its answer buttons, and its details one click deeper.
import {call} from '/common/api.js';
import {duration, size} from '/common/time.js';
import {readTrace, traceView} from '/common/trace.js';
import {attempt, codeDisplay, html, icon, nothing, pill, timeOfDay, toast} from '/common/view.js';
import {has, said, t} from '/common/words.js';
import {nameOf, reasonToWait} from './state.js';

const tones = {accepted: 'working', sent: 'working', confirmed: 'ready', failed: 'trouble', unknown: 'unknown', canceled: 'over'};

/** "Receipt", "Cash drawer", "Status ticket" … */
export const actionLabel = ({action}) => (has(`action.${action}`) ? t(`action.${action}`) : action);

const isDrawer = ({action}) => action === 'cashbox';

const ask = (page, action, verb, done) =>
  attempt(async () => {
    await call('POST', `/api/v1/actions/${encodeURIComponent(action.id)}/${verb}`, {});
    toast(t(done, {what: actionLabel(action)}));
  });

/** The buttons that an action still offers. */
export function answers(page, action) {
  const buttons = [];
  const add = (word, verb, done, first = false) =>
    buttons.push(html`<button class="button compact ${first ? 'first' : ''}" type="button"
      @click=${() => ask(page, action, verb, done)}>${word}</button>`);
  if (action.state === 'unknown') add(t(isDrawer(action) ? 'answer.opened' : 'answer.printed'), 'confirm', 'answer.noted', true);
  if (action.state === 'accepted') add(t('cancel'), 'cancel', 'answer.canceled');
  if (['unknown', 'failed', 'canceled'].includes(action.state) && action.repeatable)
    add(t(isDrawer(action) ? 'answer.open' : 'answer.again'), 'repeat', 'answer.sent');
  return buttons.length ? html`<div class="buttons">${buttons}</div>` : nothing;
}

function reason(page, action) {
  const waits = reasonToWait(page.state, action);
  if (waits) return `${t('action.waits')} ${said(waits.text)} ${said(waits.remedy)}`;
  return ['failed', 'unknown', 'canceled'].includes(action.state) ? said(action.text) : '';
}

/** Beneath the line: why it stands as it does, and what can be done. */
function aside(page, action) {
  const why = reason(page, action);
  const buttons = answers(page, action);
  return why || buttons !== nothing ? html`<div class="action-aside"><p>${why}</p>${buttons}</div>` : nothing;
}

/** "printed", "opened", "waiting" … */
function stateWord(action) {
  const special = `action.state.${action.state}.${action.action}`;
  return t(has(special) ? special : `action.state.${action.state}`);
}

async function toggle(page, action) {
  if (page.opened.delete(action.id)) return page.update();
  const seen = {trace: null, problem: null};
  page.opened.set(action.id, seen);
  page.update();
  await readTrace(action.trace.trace).then((trace) => (seen.trace = trace), (problem) => (seen.problem = problem));
  page.update();
}

const fact = (name, value) => html`<dt>${name}</dt><dd>${value}</dd>`;

function details(page, action, seen) {
  const {trace, problem} = seen;
  return html`<div class="action-more" id="more-${action.id}">
    <dl class="facts-table">
      ${fact(t('action.fact.text'), said(action.text) || stateWord(action))}
      ${action.code ? fact(t('action.fact.code'), html`<code>${action.code}</code>`) : nothing}
      ${fact(t('action.fact.from'), action.origin || t('action.fact.from.unknown'))}
      ${fact(t('action.fact.size'), size(action.payload_bytes))}
      ${action.key ? fact(t('action.fact.key'), html`<code>${action.key}</code>`) : nothing}
      ${fact(t('action.fact.number'), html`<span class="figures">${action.number}</span>`)}
      ${action.repeats ? fact(t('action.fact.repeats'), html`<code>${action.repeats}</code>`) : nothing}
      ${fact(t('action.fact.trace'), codeDisplay(action.trace.trace, t('action.fact.trace')))}
    </dl>
    ${trace ? traceView(trace) : nothing}
    ${problem ? html`<p class="small muted">${t('action.no_trace')} ${problem.message}</p>` : nothing}
    ${action.state === 'confirmed' && action.repeatable && !isDrawer(action)
      ? html`<div><button class="button compact" type="button" @click=${() => ask(page, action, 'repeat', 'answer.sent')}>
          ${icon('again', 'tiny')}${t('answer.copy')}</button></div>`
      : nothing}
  </div>`;
}

const isOver = ({state}) => state !== 'accepted' && state !== 'sent';

export function actionRow(page, action) {
  const seen = page.opened.get(action.id);
  const took = isOver(action) ? Date.parse(action.updated) - Date.parse(action.accepted) : NaN;
  return html`<li class="action arrives" data-action=${action.id} data-state=${action.state}>
    <button class="action-line" type="button" aria-expanded=${Boolean(seen)} aria-controls=${seen ? `more-${action.id}` : nothing}
      @click=${() => toggle(page, action)}>
      <span class="small muted">${timeOfDay(action.accepted)}</span>
      <span class="action-what"><strong>${actionLabel(action)}</strong> <span class="muted">→</span> ${nameOf(page.state, action.device)}</span>
      ${pill(tones[action.state], stateWord(action))}
      <span class="action-took small muted figures">${duration(took)}</span>
      ${icon('chevron', 'tiny')}
    </button>
    ${aside(page, action)}
    ${seen ? details(page, action, seen) : nothing}
  </li>`;
}
