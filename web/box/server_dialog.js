// Where the box's server is, or a token that says so and connects the box.
import {call} from '/common/api.js';
import {html, icon, nothing, openDialog} from '/common/view.js';
import {said, t} from '/common/words.js';
import {dialogWords} from './dialog_words.js';

const longestToken = 4096;
const askProxy = async () => (await import('./proxy_dialog.js')).askProxy();

export async function askServer(page) {
  await dialogWords();
  const given = page.state.pairing.server?.url ?? '';
  const form = {wrong: '', wrongField: ''};

  function send(values) {
    const token = values.get('token').trim();
    form.wrongField = token ? 'token' : 'url';
    if (token) return call('POST', '/api/v1/pairing/token', {token});
    const typed = values.get('url').trim();
    return call('PUT', '/api/v1/pairing/server', {url: typed && !typed.includes('://') ? `http://${typed}` : typed});
  }

  const submit = async (event, dialog) => {
    event.preventDefault();
    try {
      page.state.pairing = await send(new FormData(event.target));
      page.update();
      dialog.close();
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      form.wrong = `${said(problem.message)} ${said(problem.remedy)}`.trim();
      dialog.update();
      dialog.element.querySelector(`[name="${form.wrongField}"]`).focus();
    }
  };
  const load = async ({target}, dialog) => {
    const text = await target.files[0]?.slice(0, longestToken).text();
    if (text) dialog.element.querySelector('[name="token"]').value = text.trim();
  };
  const isWrong = (name) => form.wrong && form.wrongField === name;
  const about = (name) => `server-${name}-hint${isWrong(name) ? ` server-${name}-wrong` : ''}`;
  const complaint = (name) => (isWrong(name) ? html`<p class="wrong" id="server-${name}-wrong" role="alert">${icon('trouble', 'tiny')}${form.wrong}</p>` : nothing);
  const invalid = (name) => (isWrong(name) ? 'true' : 'false');
  openDialog(t('pairing.server'), (dialog) => html`<form class="dialog-form" @submit=${(event) => submit(event, dialog)}>
    <div class="field"><label for="server-url">${t('pairing.address')}</label>
      <input id="server-url" name="url" maxlength="256" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="http://server:8080"
        .value=${given} aria-invalid=${invalid('url')} aria-describedby=${about('url')}>
      <p class="hint" id="server-url-hint">${t('pairing.address.hint')}</p>${complaint('url')}</div>
    <div class="field"><label for="server-token">${t('pairing.token')}</label>
      <textarea id="server-token" name="token" rows="3" maxlength=${longestToken} autocomplete="off" autocapitalize="none" spellcheck="false"
        aria-invalid=${invalid('token')} aria-describedby=${about('token')}></textarea>
      <p class="hint" id="server-token-hint">${t('pairing.token.hint')}</p>${complaint('token')}
      <label for="server-token-file">${t('pairing.token.file')}</label>
      <input id="server-token-file" type="file" accept=".txt,text/plain" @change=${(event) => load(event, dialog)}></div>
    <p class="small"><button class="button quiet compact" type="button" @click=${askProxy}>${t('network.proxy')}</button></p>
    <div class="dialog-foot">
      <button class="button" type="button" @click=${() => dialog.close()}>${t('cancel')}</button>
      <button class="button first" type="submit">${t('save')}</button>
    </div></form>`);
}
