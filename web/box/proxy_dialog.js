// Through which proxy the box reaches its server.
import {call, get} from '/common/api.js';
import {attempt, html, icon, nothing, openDialog, toast} from '/common/view.js';
import {said, t} from '/common/words.js';
import {networkWords} from './network_words.js';

const lines = (text) => text.split(/[\s,]+/).filter(Boolean);

function choice(form, use, words, dialog) {
  return html`<label class="choice"><input type="radio" name="use" value=${use} .checked=${form.use === use}
    @change=${() => { form.use = use; dialog.update(); }}><span>${words}</span></label>`;
}

function fields(form) {
  return html`
    <div class="field"><label for="proxy-address">${t('proxy.address')}</label>
      <input id="proxy-address" name="address" required maxlength="256" autocomplete="off" autocapitalize="none" spellcheck="false"
        placeholder="http://proxy.example:3128" .value=${form.known.address} aria-describedby=${form.wrong ? 'proxy-wrong' : nothing}></div>
    <div class="field"><label for="proxy-user">${t('proxy.user')}</label>
      <input id="proxy-user" name="user" maxlength="256" autocomplete="off" autocapitalize="none" spellcheck="false" .value=${form.known.user} aria-describedby="proxy-user-hint">
      <p class="hint" id="proxy-user-hint">${t('proxy.user.hint')}</p></div>
    <div class="field"><label for="proxy-password">${t('proxy.password')}</label>
      <input id="proxy-password" name="password" type="password" maxlength="256" autocomplete="new-password" aria-describedby=${form.known.password_set ? 'proxy-password-hint' : nothing}>
      ${form.known.password_set ? html`<p class="hint" id="proxy-password-hint">${t('proxy.password.kept')}</p>` : nothing}</div>
    <div class="field"><label for="proxy-direct">${t('proxy.direct')}</label>
      <textarea id="proxy-direct" name="direct" rows="2" maxlength="4000" autocapitalize="none" spellcheck="false" aria-describedby="proxy-direct-hint"
        .value=${form.known.direct.join('\n')}></textarea>
      <p class="hint" id="proxy-direct-hint">${t('proxy.direct.hint')}</p></div>`;
}

function wanted(form, values) {
  if (form.use !== 'own') return {use: form.use};
  const password = values.get('password');
  return {use: 'own', address: values.get('address'), user: values.get('user'), direct: lines(values.get('direct')), ...(password ? {password} : {})};
}

export async function askProxy() {
  await networkWords();
  let known;
  if (!(await attempt(async () => (known = await get('/api/v1/network/proxy'))))) return;
  const form = {known, use: known.use, wrong: ''};
  const submit = async (event, dialog) => {
    event.preventDefault();
    try {
      await call('PUT', '/api/v1/network/proxy', wanted(form, new FormData(event.target)));
      dialog.close();
      toast(t('proxy.saved'));
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      form.wrong = `${said(problem.message)} ${said(problem.remedy)}`.trim();
      dialog.update();
    }
  };
  const automatic = known.from_environment ? t('proxy.use.automatic.now', {address: known.in_force}) : t('proxy.use.automatic');
  openDialog(t('proxy.title'), (dialog) => known.configured
    ? html`<p>${t('proxy.configured')}</p><p><code>${known.in_force || t('proxy.use.off')}</code></p>
      <div class="dialog-foot"><button class="button first" type="button" @click=${() => dialog.close()}>${t('close')}</button></div>`
    : html`<form class="dialog-form" @submit=${(event) => submit(event, dialog)}>
      <p class="muted">${t('proxy.text')}</p>
      <fieldset class="choices"><legend>${t('proxy.use')}</legend>
        ${choice(form, 'automatic', automatic, dialog)}${choice(form, 'off', t('proxy.use.off'), dialog)}${choice(form, 'own', t('proxy.use.own'), dialog)}</fieldset>
      ${form.use === 'own' ? fields(form) : nothing}
      ${form.wrong ? html`<div class="field"><p class="wrong" id="proxy-wrong" role="alert">${icon('trouble', 'tiny')}${form.wrong}</p></div>` : nothing}
      <div class="dialog-foot">
        <button class="button" type="button" @click=${() => dialog.close()}>${t('cancel')}</button>
        <button class="button first" type="submit">${t('save')}</button>
      </div></form>`);
}
