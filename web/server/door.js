// The door: who comes in, and the first person of a new server.
import {call} from '/common/api.js';
import {html, icon, nothing} from '/common/view.js';
import {has, t} from '/common/words.js';

export const shortestPassword = 10;
const form = {wrong: '', field: '', until: 0, busy: false};

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
  if (problem.status === 429) wait(page, problem.retryAfter || 30);
  else if (problem.status === 401 && !has(`problem.${problem.code}`)) form.wrong = t('door.wrong');
  else form.wrong = `${problem.message} ${problem.remedy}`.trim();
}

async function send(page, event, path, more = {}) {
  event.preventDefault();
  if (form.busy || form.until > Date.now()) return;
  const {name, password} = Object.fromEntries(new FormData(event.target));
  form.busy = true;
  form.wrong = '';
  page.update();
  try {
    const session = await call('POST', path, {name: name.trim(), password, ...more});
    page.setupToken = '';
    await page.entered(session);
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    complain(page, problem);
  }
  form.busy = false;
  page.update();
  if (form.wrong) document.getElementById('password')?.focus();
}

// Focus goes to the first field, once; elements drawn later have no working autofocus.
let greeted = '';
function greet(where) {
  if (greeted === where) return;
  greeted = where;
  requestAnimationFrame(() => document.getElementById('person')?.focus());
}

const field = (id, name, type, complete, more = {}) => html`<div class="field">
  <label for=${id}>${t(`door.${name}`)}</label>
  <input id=${id} name=${name} type=${type} autocomplete=${complete} required maxlength=${more.longest ?? 128} minlength=${more.least ?? nothing}
    autocapitalize="none" spellcheck="false" aria-invalid=${form.wrong && type === 'password' ? 'true' : 'false'}
    aria-describedby=${form.wrong && type === 'password' ? 'door-wrong' : more.hint ? `${id}-hint` : nothing}>
  ${more.hint ? html`<p class="hint" id="${id}-hint">${more.hint}</p>` : nothing}
</div>`;

function frontDoor(page, {name, iconName, title, text, path, more, fields, go}) {
  greet(name);
  const left = Math.ceil((form.until - Date.now()) / 1000);
  const wrong = left > 0 ? t('door.slow', {count: left}) : form.wrong;
  return html`<main class="first-look" id="main" tabindex="-1">
    <section class="card sign-in" aria-labelledby="door">
      <span class="badge working">${icon(iconName)}</span>
      <h1 id="door">${title}</h1>
      <p class="muted">${text}</p>
      <form @submit=${(event) => send(page, event, path, more)}>
        ${fields}
        ${wrong ? html`<div class="field"><p class="wrong" id="door-wrong" role="alert">${icon('trouble', 'tiny')}${wrong}</p></div>` : nothing}
        <button class="button first" type="submit" ?disabled=${form.busy || left > 0}>${go}</button>
      </form>
    </section>
  </main>`;
}

const message = (title, text) => html`<main class="first-look" id="main" tabindex="-1">
  <section class="card sign-in" role="alert"><h1>${title}</h1><p>${text}</p></section></main>`;

export function door(page) {
  if (page.door === 'silent') return message(t('door.silent'), t('door.silent.text'));
  if (page.door === 'no-link') return message(t('door.no_link'), t('door.no_link.text'));
  if (page.door === 'set-up')
    return frontDoor(page, {
      name: 'set-up', iconName: 'people', title: t('door.set_up'), text: t('door.set_up.text'), path: '/api/v1/setup',
      more: {token: page.setupToken}, go: t('door.set_up.go'),
      fields: [
        field('person', 'name', 'text', 'username', {longest: 64}),
        field('password', 'password', 'password', 'new-password', {least: shortestPassword, hint: t('door.password.hint', {count: shortestPassword})}),
      ],
    });
  return frontDoor(page, {
    name: 'sign-in', iconName: 'key', title: page.server?.name || t('door.title'), text: t('door.text'), path: '/api/v1/session', go: t('door.go'),
    fields: [field('person', 'name', 'text', 'username', {longest: 64}), field('password', 'password', 'password', 'current-password')],
  });
}
