// One trace on a page of its own: from the click to the paper and back.
import {followTrace, traceView} from '/common/trace.js';
import {codeDisplay, empty, html, icon} from '/common/view.js';
import {t} from '/common/words.js';

let page = null;
let seen = {id: '', trace: null, problem: null};

async function read() {
  const mine = seen;
  const take = (outcome) => {
    Object.assign(mine, outcome);
    page.update();
  };
  await followTrace(mine.id, (trace) => take({trace, problem: null}), () => seen === mine).catch((problem) => take({problem}));
}

export function enter(shownIn) {
  page = shownIn;
  seen = {id: page.route.id, trace: null, problem: null};
  read();
}
export const missed = read;
export const leave = () => (seen = {id: '', trace: null, problem: null});

function content() {
  if (seen.problem) return empty('ticket', seen.problem.message);
  if (!seen.trace) return empty('working', t('reading'));
  if (!seen.trace.spans.length && !seen.trace.lines.length) return empty('ticket', t('action.no_trace'));
  return html`<div class="card-body trace">${traceView(seen.trace)}</div>`;
}

export const view = () => html`<main id="main" class="narrow" tabindex="-1">
  <div class="title-line">
    <button class="icon-button" type="button" title=${t('back')} aria-label=${t('back')} @click=${() => history.back()}>${icon('back')}</button>
    <h1>${t('trace.title')}</h1></div>
  <section class="card" aria-label=${t('trace.title')}>
    <div class="card-head"><p>${codeDisplay(seen.id, t('action.fact.trace'))}</p></div>
    ${content()}</section></main>`;
