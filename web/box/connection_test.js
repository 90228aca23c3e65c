// Test the connection: each step on the way to the server, and the first that fails.
import {call, get} from '/common/api.js';
import {attempt, html, icon, nothing, openDialog} from '/common/view.js';
import {said, t} from '/common/words.js';
import {networkWords} from './network_words.js';

const tones = {good: 'ready', failed: 'trouble', running: 'working', waiting: 'over', skipped: 'over', not_tried: 'unknown'};
const timeBetweenLooks = 2_000; // should the events not come

function row({step, state, took_ms: took, text, remedy}) {
  const quiet = {waiting: t('test.waiting'), not_tried: t('test.not_tried')}[state];
  return html`<li class="test-step ${state}" data-step=${step} data-state=${state}>
    <span class="event-icon ${tones[state]}">${icon(tones[state], 'tiny')}</span>
    <div><p><strong>${t(`test.step.${step}`)}</strong> ${state === 'good' ? html`<span class="small muted figures">${t('test.took', {time: took})}</span>` : nothing}</p>
      ${quiet ? html`<p class="small muted">${quiet}</p>` : text ? html`<p class="${state === 'failed' ? '' : 'small muted'}">${said(text)}</p>` : nothing}
      ${remedy ? html`<p>${said(remedy)}</p>` : nothing}</div></li>`;
}

function verdict({running, steps}) {
  if (running || !steps.length) return t('test.running');
  const failed = steps.find(({state}) => state === 'failed');
  return failed ? t('test.failed', {step: t(`test.step.${failed.step}`)}) : t('test.good');
}

export async function testConnection(page) {
  await networkWords();
  let report = {running: true, steps: []};
  let timer = 0;
  const dialog = openDialog(t('test.title'), ({close}) => html`
    <p role="status" class="test-verdict">${verdict(report)}</p>
    <ol class="test-steps">${report.steps.map(row)}</ol>
    <div class="dialog-foot">
      <button class="button" type="button" ?disabled=${report.running} @click=${start}>${t('test.again')}</button>
      <button class="button first" type="button" @click=${() => close()}>${t('close')}</button>
    </div>`, {wide: true});
  const look = async () => {
    clearTimeout(timer);
    report = await get('/api/v1/connection-test').catch(() => report);
    dialog.update();
    if (report.running) timer = setTimeout(look, timeBetweenLooks);
  };
  async function start() {
    report = {running: true, steps: []};
    dialog.update();
    const began = await attempt(async () => (report = await call('POST', '/api/v1/connection-test', {})));
    if (!began) return dialog.close();
    dialog.update();
    look();
  }
  page.tested = look;
  dialog.closed.then(() => {
    clearTimeout(timer);
    page.tested = null;
  });
  await start();
}
