// The door: the setup code, asked only when it is needed.
import {call} from '/common/api.js';
import {html, icon, nothing} from '/common/view.js';
import {t} from '/common/words.js';
import {live} from '/vendor/lit-html/directives/live.js';
import {pairingPanel} from './pairing.js';

const digits = 6;
const form = {code: '', wrong: '', until: 0, busy: false};

function wait(page, seconds) {
  form.until = Date.now() + seconds * 1000;
  const timer = setInterval(() => {
    if (Date.now() >= form.until) {
      clearInterval(timer);
      form.wrong = '';
    }
    page.update();
  }, 1_000);
}

function complain(page, problem) {
  form.code = '';
  if (problem.status === 401 && !problem.code?.startsWith('page_token.')) form.wrong = t('sign_in.wrong');
  else if (problem.status === 429) wait(page, problem.retryAfter || 30);
  else form.wrong = `${problem.message} ${problem.remedy}`;
}

async function send(page, entered) {
  if (form.busy || form.code.length !== digits || form.until > Date.now()) return;
  form.busy = true;
  form.wrong = '';
  page.update();
  try {
    await call('POST', '/api/v1/session', {setup_code: form.code});
    form.code = '';
    await entered();
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    complain(page, problem);
  }
  form.busy = false;
  page.update();
  if (form.wrong) document.getElementById('setup-code')?.focus();
}

function typed(page, entered, input) {
  form.code = input.value.replace(/\D/g, '').slice(0, digits);
  form.wrong = '';
  page.update();
  if (form.code.length === digits) send(page, entered);
}

// Focus goes to the only field, once; elements drawn later have no working autofocus.
let greeted = false;

export function signIn(page, entered) {
  if (page.problem) {
    complain(page, page.problem);
    page.problem = null;
  }
  if (!greeted) {
    greeted = true;
    requestAnimationFrame(() => document.getElementById('setup-code')?.focus());
  }
  const left = Math.ceil((form.until - Date.now()) / 1000);
  const wrong = left > 0 ? t('sign_in.slow', {count: left}) : form.wrong;
  return html`<main class="first-look" id="main" tabindex="-1">
    ${pairingPanel(page, false)}
    <section class="card sign-in" aria-labelledby="sign-in">
      <span class="badge working">${icon('key')}</span>
      <h2 id="sign-in">${t('sign_in.title')}</h2>
      <p class="muted">${t('sign_in.where')}</p>
      <form @submit=${(event) => { event.preventDefault(); send(page, entered); }}>
        <div class="field">
          <label for="setup-code">${t('sign_in.code')}</label>
          <input id="setup-code" class="setup-code figures" name="code" inputmode="numeric" autocomplete="one-time-code"
            maxlength="9" required .value=${live(form.code)} ?disabled=${left > 0}
            aria-invalid=${wrong ? 'true' : 'false'} aria-describedby=${wrong ? 'sign-in-wrong' : nothing}
            @input=${({target}) => typed(page, entered, target)}>
          ${wrong ? html`<p class="wrong" id="sign-in-wrong" role="alert">${icon('trouble', 'tiny')}${wrong}</p>` : nothing}
        </div>
        <button class="button first" type="submit" ?disabled=${form.busy || left > 0}>${t('sign_in.go')}</button>
      </form>
    </section>
  </main>`;
}
