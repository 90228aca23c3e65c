// Who may come in: people with roles, and keys for programs.
import {call, get} from '/common/api.js';
import {attempt, codeDisplay, confirm, empty, html, icon, nothing, openDialog, timeAgo, toast} from '/common/view.js';
import {t} from '/common/words.js';
import {live} from '/vendor/lit-html/directives/live.js';
import {askFields, newPasswordField, textField} from './account.js';
import {newest} from './newest.js';

const roles = ['viewer', 'operator', 'owner'];
const scopes = ['read', 'operate', 'manage'];
const known = {people: null, tokens: null};
let page = null;

const read = newest(() => Promise.all([get('/api/v1/people'), get('/api/v1/tokens')]), ([{people}, {tokens}]) => {
  Object.assign(known, {people, tokens});
  page.update();
});

export function enter(shownIn) {
  page = shownIn;
  if (page.may('owner')) attempt(read);
}
export const missed = () => page.may('owner') && attempt(read);

const change = (work) => attempt(async () => {
  await work();
  await read();
}).then((done) => done || attempt(read));

const choice = (name, label, values, words, hint) => html`<div class="field"><label for="field-${name}">${label}</label>
  <select id="field-${name}" name=${name} aria-describedby="field-${name}-hint">${values.map((value) => html`<option value=${value}>${t(`${words}.${value}`)}</option>`)}</select>
  <p class="hint" id="field-${name}-hint">${hint}</p></div>`;

// People

const addPerson = () => askFields(t('people.add'), {
  fields: () => [textField('name', t('door.name')), newPasswordField(t('door.password')), choice('role', t('role'), roles, 'role', t('role.hint'))],
  go: t('people.add.go'),
  send: (values) => call('POST', '/api/v1/people', {...values, name: values.name.trim()}),
  done: (person) => {
    toast(t('people.added', {name: person.name}), {tone: 'ready'});
    attempt(read);
  },
});

const givePassword = (person) => askFields(t('people.password.of', {name: person.name}), {
  fields: () => newPasswordField(t('password.new')),
  go: t('save'),
  send: ({password}) => call('PATCH', `/api/v1/people/${encodeURIComponent(person.id)}`, {password}),
  done: () => toast(t('people.password.changed', {name: person.name}), {tone: 'ready'}),
});

async function removePerson(person) {
  const sure = await confirm({title: t('people.remove.title', {name: person.name}), text: t('people.remove.text', {name: person.name}), action: t('people.remove.action', {name: person.name})});
  if (sure) change(() => call('DELETE', `/api/v1/people/${encodeURIComponent(person.id)}`));
}

function personRow(person) {
  const self = person.id === page.person.id;
  return html`<li class="plain-row" data-person=${person.name}>${icon('person')}
    <span class="grow"><strong>${person.name}</strong>${self ? html` <span class="muted">(${t('people.you')})</span>` : nothing}
      ${Date.parse(person.last_seen) > 0 ? html`<span class="small muted">${t('people.seen')} ${timeAgo(person.last_seen)}</span>` : nothing}</span>
    <select class="plain" aria-label=${t('role.of', {name: person.name})} ?disabled=${self}
      @change=${({target}) => change(() => call('PATCH', `/api/v1/people/${encodeURIComponent(person.id)}`, {role: target.value}))}>
      ${roles.map((role) => html`<option value=${role} .selected=${live(role === person.role)}>${t(`role.${role}`)}</option>`)}</select>
    ${self ? nothing : html`<details class="menu"><summary class="icon-button" aria-label=${t('device.more', {name: person.name})}>${icon('more')}</summary><div>
      <button type="button" @click=${() => givePassword(person)}>${icon('key')}${t('people.password')}</button>
      <button type="button" class="danger" @click=${() => removePerson(person)}>${icon('trash')}${t('people.remove')}</button></div></details>`}
  </li>`;
}

// Keys for programs

function showSecret({name, secret}) {
  openDialog(t('tokens.secret', {name}), (dialog) => html`<p>${t('tokens.secret.text')}</p>
    <p>${codeDisplay(secret, t('tokens.secret.name'))}</p>
    <div class="dialog-foot"><button class="button first" type="button" @click=${() => dialog.close()}>${t('tokens.secret.done')}</button></div>`);
}

const addToken = () => askFields(t('tokens.add'), {
  fields: () => [textField('name', t('tokens.name'), {hint: t('tokens.name.hint')}), choice('scope', t('scope'), scopes, 'scope', t('scope.hint'))],
  go: t('tokens.add.go'),
  send: (values) => call('POST', '/api/v1/tokens', {...values, name: values.name.trim()}),
  done: (token) => {
    showSecret(token);
    attempt(read);
  },
});

async function removeToken(token) {
  const sure = await confirm({title: t('tokens.remove.title', {name: token.name}), text: t('tokens.remove.text'), action: t('tokens.remove.action', {name: token.name})});
  if (sure) change(() => call('DELETE', `/api/v1/tokens/${encodeURIComponent(token.id)}`));
}

const tokenRow = (token) => html`<li class="plain-row" data-token=${token.name}>${icon('key')}
  <span class="grow"><strong>${token.name}</strong> <span class="muted">${t(`scope.${token.scope}`)}</span>
    <span class="small muted">${Date.parse(token.last_used) > 0 ? html`${t('tokens.used')} ${timeAgo(token.last_used)}` : t('tokens.unused')}</span></span>
  <button class="icon-button" type="button" title=${t('people.remove')} aria-label=${t('tokens.remove.action', {name: token.name})} @click=${() => removeToken(token)}>${icon('trash')}</button>
</li>`;

const card = (id, title, text, button, rows) => html`<section class="card" aria-labelledby=${id}>
  <div class="card-head"><h2 id=${id}>${title}</h2>${button}</div><p class="card-body muted">${text}</p>${rows}</section>`;
const add = (words, action) => html`<button class="button quiet compact" type="button" @click=${action}>${icon('plus', 'tiny')}${words}</button>`;

export function view() {
  const inside = !page.may('owner')
    ? html`<div class="card">${empty('people', t('people.owners_only'))}</div>`
    : !known.people
      ? html`<div class="card">${empty('working', t('reading'))}</div>`
      : html`${card('people', t('people.accounts'), t('people.text'), add(t('people.add.short'), addPerson), html`<ul class="rows">${known.people.map(personRow)}</ul>`)}
          ${card('tokens', t('tokens'), t('tokens.text'), add(t('tokens.add.short'), addToken),
            known.tokens.length ? html`<ul class="rows">${known.tokens.map(tokenRow)}</ul>` : html`<p class="card-body muted">${t('tokens.none')}</p>`)}`;
  return html`<main id="main" class="narrow" tabindex="-1"><div class="title-line"><h1>${t('rail.people')}</h1></div>${inside}</main>`;
}
