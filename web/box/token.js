// The connection token that the box goes to its server with, and why a server did not take it.
import {exact} from '/common/time.js';
import {html, icon, nothing} from '/common/view.js';
import {said, t} from '/common/words.js';
import {button, changePairing, panel, title} from './pairing.js';

export {dialogWords} from './dialog_words.js';

const remove = (page) => changePairing(page, 'DELETE', '/token');

function refused({text, remedy}) {
  return html`<section class="card pairing" aria-labelledby="token-problem"><span class="badge attention">${icon('key')}</span>
    <div class="pairing-text"><h2 id="token-problem">${t('pairing.token.refused')}</h2><p>${said(text)} <span class="muted">${said(remedy)}</span></p></div></section>`;
}

export function tokenPanel(page) {
  const {pairing} = page.state;
  if (!pairing.token) return pairing.token_problem ? refused(pairing.token_problem) : nothing;
  return panel(pairing.state === 'failed' ? 'attention' : 'working', 'key', html`${title(said(pairing.text))}
    <p>${said(pairing.remedy)} <span class="muted">${t('pairing.token.until', {time: exact(pairing.token.expires)})}</span></p>`,
    button(t('pairing.token.remove'), () => remove(page), false));
}
