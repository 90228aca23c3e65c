// What concerns the person who is signed in: the password, the language; and one form for passwords of others.
import {call} from '/common/api.js';
import {html, icon, nothing, openDialog, toast} from '/common/view.js';
import {chooseLanguage, languages, locale, t} from '/common/words.js';
import {shortestPassword} from './door.js';

/** A dialog with some fields. `fields(wrong)` draws them; `send(values)` throws a Problem when they are not taken. */
export function askFields(title, {fields, go, send, done}) {
  const form = {wrong: '', busy: false};
  const submit = async (event, dialog) => {
    event.preventDefault();
    if (form.busy) return;
    Object.assign(form, {busy: true, wrong: ''});
    try {
      const answer = await send(Object.fromEntries(new FormData(event.target)));
      dialog.close();
      done?.(answer);
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      form.wrong = `${problem.message} ${problem.remedy}`.trim();
      dialog.update();
      dialog.element.querySelector('input')?.focus();
    }
    form.busy = false;
  };
  return openDialog(title, (dialog) => html`<form class="dialog-form" @submit=${(event) => submit(event, dialog)}>
    ${fields()}
    ${form.wrong ? html`<div class="field"><p class="wrong" role="alert">${icon('trouble', 'tiny')}${form.wrong}</p></div>` : nothing}
    <div class="dialog-foot">
      <button class="button" type="button" @click=${() => dialog.close()}>${t('cancel')}</button>
      <button class="button first" type="submit">${go}</button>
    </div></form>`);
}

export const textField = (name, label, {type = 'text', hint = '', complete = 'off', longest = 64, least = nothing, value = ''} = {}) => html`<div class="field">
  <label for="field-${name}">${label}</label>
  <input id="field-${name}" name=${name} type=${type} required autocomplete=${complete} autocapitalize="none" spellcheck="false" maxlength=${longest} minlength=${least}
    aria-describedby=${hint ? `field-${name}-hint` : nothing} value=${value || nothing}>
  ${hint ? html`<p class="hint" id="field-${name}-hint">${hint}</p>` : nothing}</div>`;

export const newPasswordField = (label) =>
  textField('password', label, {type: 'password', complete: 'new-password', longest: 128, least: shortestPassword, hint: t('door.password.hint', {count: shortestPassword})});

export function changePassword() {
  askFields(t('password.change'), {
    fields: () => [textField('old', t('password.old'), {type: 'password', complete: 'current-password', longest: 128}), newPasswordField(t('password.new'))],
    go: t('save'),
    send: ({old, password}) => call('PUT', '/api/v1/session/password', {old, new: password}),
    done: () => toast(t('password.changed'), {tone: 'ready'}),
  });
}

export function chooseWords(page) {
  openDialog(() => t('language'), (dialog) => html`<div class="field"><label for="language">${t('language.text')}</label>
    <select id="language" @change=${async ({target}) => { await chooseLanguage(target.value); dialog.update(); page.update(); }}>
      ${Object.entries(languages).map(([code, name]) => html`<option value=${code} lang=${code} ?selected=${locale().startsWith(code)}>${name}</option>`)}
    </select></div>`);
}
