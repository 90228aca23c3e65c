// Help: how a till finds this box, and what the four states mean.
import {codeDisplay, html, openDialog, pill} from '/common/view.js';
import {t} from '/common/words.js';
import {dialogWords} from './dialog_words.js';

const states = ['ready', 'attention', 'trouble', 'unknown'];

export async function openHelp(page) {
  await dialogWords();
  const host = location.host;
  const receipts = page.state.devices.some(({description}) => description.subtype === 'receipt_printer');
  openDialog(t('help.title'), () => html`
    <h3>${t('help.till')}</h3>
    <ol class="steps">
      <li>${t('help.till.1')} ${codeDisplay(host, t('help.address'))}</li>
      <li>${t('help.till.2')}</li>
      <li>${receipts ? t('help.till.3') : t('help.till.3.none')}</li>
    </ol>
    <h3>${t('help.states')}</h3>
    <dl class="facts-table states">
      ${states.map((state) => html`<dt>${pill(state, t(`state.${state}`))}</dt><dd>${t(`help.state.${state}`)}</dd>`)}
    </dl>
    <h3>${t('help.unknown')}</h3>
    <p>${t('help.unknown.text')}</p>
    <p class="small muted">${t('help.programs')} <a href="/openapi.json">openapi.json</a>, <a href="/asyncapi.json">asyncapi.json</a></p>`);
}
