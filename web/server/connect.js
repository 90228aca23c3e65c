// Connects a box: by the code that it shows, or as one that was found in the network.
import {call} from '/common/api.js';
import {attempt, html, icon, nothing, openDialog, toast} from '/common/view.js';
import {t} from '/common/words.js';
import {makeFinder, readFinderWords} from '/finder.js';
import {live} from '/vendor/lit-html/directives/live.js';

const letters = 8;

/** What was typed or pasted, as a code is shown: "BCDF-GHJK". */
export function shapeCode(text) {
  const code = text.toUpperCase().replace(/[^A-Z]/g, '').slice(0, letters);
  return code.length > letters / 2 ? `${code.slice(0, letters / 2)}-${code.slice(letters / 2)}` : code;
}

const isWhole = (shown) => shown.length === letters + 1;
let open = null;

async function makeToken(dialog) {
  const tokens = await import('./tokens.js');
  dialog.close();
  return tokens.makeToken();
}

export async function openConnect(page, code = '') {
  await readFinderWords();
  open?.close();
  const form = {code: shapeCode(code), wrong: '', until: 0, busy: false};

  function wait(dialog, seconds) {
    form.until = Date.now() + seconds * 1000;
    const timer = setInterval(() => {
      if (Date.now() >= form.until || open !== dialog) clearInterval(timer);
      if (open === dialog) dialog.update();
    }, 1_000);
  }

  async function send(event, dialog) {
    event.preventDefault();
    if (form.busy || form.until > Date.now()) return;
    if (!isWhole(form.code)) {
      form.wrong = t('connect.short', {count: letters});
      dialog.update();
      return dialog.element.querySelector('#code').focus();
    }
    form.busy = true;
    form.wrong = '';
    dialog.update();
    try {
      const {box, name} = await call('POST', '/api/v1/pairing', {code: form.code});
      await arrived({id: box, name}, dialog);
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      if (problem.status === 429) wait(dialog, problem.retryAfter || 30);
      form.wrong = `${problem.message} ${problem.remedy}`.trim();
      form.busy = false;
      dialog.update();
      dialog.element.querySelector('#code').focus();
    }
  }

  function typed({target}, dialog) {
    const atEnd = target.selectionStart === target.value.length;
    form.code = shapeCode(target.value);
    if (!atEnd) form.code = target.value.toUpperCase().slice(0, letters + 4); // shaped when it is left
    form.wrong = '';
    dialog.update();
  }

  async function arrived({id, name}, dialog) {
    page.state.fresh = id;
    dialog.close();
    if (page.route.name === 'boxes') page.replaceQuery({q: '', standing: '', point: '', tag: ''});
    else page.go('#/boxes');
    toast(t('connect.done', {name}), {tone: 'ready'});
    (await import('./connected.js')).showConnected(page, id);
  }

  const finder = makeFinder(page, {
    isOpen: () => open === here, update: () => here?.update(), came: (box) => arrived(box, here),
    busy: () => form.busy || Boolean(form.code),
  });
  open = openDialog(t('connect.title'), (dialog) => {
    const left = Math.ceil((form.until - Date.now()) / 1000);
    const wrong = left > 0 ? t('connect.slow', {count: left}) : form.wrong;
    return html`<form class="dialog-form" @submit=${(event) => send(event, dialog)}>
      <p>${t('connect.text')}</p>
      <div class="field"><label for="code">${t('connect.code')}</label>
        <input id="code" class="code-input figures" name="code" required autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX"
          .value=${live(form.code)} ?disabled=${left > 0} aria-invalid=${wrong ? 'true' : 'false'}
          aria-describedby=${wrong ? 'code-hint code-wrong' : 'code-hint'} @input=${(event) => typed(event, dialog)}
          @change=${() => { form.code = shapeCode(form.code); dialog.update(); }}>
        <p class="hint" id="code-hint">${t('connect.hint')}</p>
        ${wrong ? html`<p class="wrong" id="code-wrong" role="alert">${icon('trouble', 'tiny')}${wrong}</p>` : nothing}</div>
      ${finder.view()}
      <details class="fold plain"><summary>${t('connect.no_code')}${icon('chevron', 'tiny')}</summary>
        <ol class="steps"><li>${t('connect.no_code.1')}</li><li>${t('connect.no_code.2', {url: location.origin})}</li><li>${t('connect.no_code.3')}</li></ol>
        ${page.may('owner') ? html`<p class="muted">${t('connect.token.text')} <button class="button quiet compact" type="button" @click=${() => attempt(() => makeToken(dialog))}>${t('connect.token')}</button></p>` : nothing}</details>
      <div class="dialog-foot">
        <button class="button" type="button" @click=${() => dialog.close()}>${t('cancel')}</button>
        <button class="button first" type="submit" ?disabled=${form.busy || left > 0}>${t(form.busy ? 'connect.busy' : 'connect.go')}</button>
      </div></form>`;
  });
  const here = open;
  here.closed.then(() => {
    if (open === here) open = null;
    finder.end();
  });
  if (!code) finder.start();
  requestAnimationFrame(() => here.element.querySelector(form.code && isWhole(form.code) ? '[type="submit"]' : '#code')?.focus());
}
