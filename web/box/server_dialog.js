// Where the box's server is.
import {call} from '/common/api.js';
import {html, icon, nothing, openDialog} from '/common/view.js';
import {t} from '/common/words.js';

export function askServer(page) {
  const given = page.state.pairing.server?.url ?? '';
  const form = {wrong: ''};
  const submit = async (event, dialog) => {
    event.preventDefault();
    const typed = new FormData(event.target).get('url').trim();
    const url = typed && !typed.includes('://') ? `http://${typed}` : typed;
    try {
      page.state.pairing = await call('PUT', '/api/v1/pairing/server', {url});
      page.update();
      dialog.close();
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      form.wrong = `${problem.message} ${problem.remedy}`.trim();
      dialog.update();
      dialog.element.querySelector('input').focus();
    }
  };
  openDialog(t('pairing.server'), (dialog) => html`<form class="dialog-form" @submit=${(event) => submit(event, dialog)}>
    <div class="field"><label for="server-url">${t('pairing.address')}</label>
      <input id="server-url" name="url" maxlength="256" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="http://server:8080"
        .value=${given} aria-invalid=${form.wrong ? 'true' : 'false'} aria-describedby="server-url-hint${form.wrong ? ' server-url-wrong' : ''}">
      <p class="hint" id="server-url-hint">${t('pairing.address.hint')}</p>
      ${form.wrong ? html`<p class="wrong" id="server-url-wrong" role="alert">${icon('trouble', 'tiny')}${form.wrong}</p>` : nothing}</div>
    <div class="dialog-foot">
      <button class="button" type="button" @click=${() => dialog.close()}>${t('cancel')}</button>
      <button class="button first" type="submit">${t('save')}</button>
    </div></form>`);
}
