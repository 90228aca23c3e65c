// What stands around everything: the rail, the search, who is signed in.
import {connectionBar, html, icon, nothing} from '/common/view.js';
import {t} from '/common/words.js';
import {live} from '/vendor/lit-html/directives/live.js';
import {isDeveloper} from './developer.js';

const rail = [
  ['boxes', 'box'],
  ['devices', 'printer'],
  ['events', 'bell'],
  ['people', 'people'],
  ['settings', 'cogs'],
];
const searched = new Set(['boxes', 'devices']);
const trace = /^[0-9a-f]{32}$/;

function railEntry(page, [name, iconName]) {
  const here = page.route.name === name || (name === 'boxes' && page.route.name === 'box');
  return html`<li><a href="#/${name}" aria-current=${here ? 'page' : nothing}>${icon(iconName)}<span>${t(`rail.${name}`)}</span></a></li>`;
}

function typed(page, text) {
  if (searched.has(page.route.name)) page.replaceQuery({q: text});
  else if (text) page.go(`#/boxes?q=${encodeURIComponent(text)}`);
}

function search(page) {
  const text = searched.has(page.route.name) ? page.route.query.get('q') ?? '' : '';
  const submit = (event) => {
    event.preventDefault();
    const wanted = event.target.elements.q.value.trim();
    if (trace.test(wanted)) page.go(`#/traces/${wanted}`);
    else document.querySelector('#boxes-list a, #devices-list a')?.focus();
  };
  return html`<form class="search" role="search" @submit=${submit}>
    ${icon('search')}
    <input id="search" name="q" type="search" autocomplete="off" spellcheck="false" maxlength="128" aria-label=${t('search')} placeholder=${t('search')}
      .value=${live(text)} @input=${({target}) => typed(page, target.value)}>
  </form>`;
}

function personMenu(page) {
  return html`<details class="menu person">
    <summary class="person-name" aria-label=${t('person.menu', {name: page.person.name})}>${icon('person')}<span>${page.person.name}</span></summary>
    <div>
      <button type="button" @click=${async () => (await import('./account.js')).changePassword()}>${icon('key')}${t('password.change')}</button>
      <button type="button" @click=${async () => (await import('./account.js')).chooseWords(page)}>${icon('page')}${t('language')}</button>
      <button type="button" @click=${() => page.signOut(true)}>${icon('exit')}${t('sign_out.everywhere')}</button>
      <button type="button" @click=${() => page.signOut()}>${icon('exit')}${t('sign_out')}</button>
    </div>
  </details>`;
}

const connect = async (page) => (await import('./connect.js')).openConnect(page);

export const frame = (page, content) => html`
  <a class="skip" href="#main" @click=${(event) => { event.preventDefault(); document.getElementById('main').focus(); }}>${t('skip')}</a>
  <div class="frame">
    <nav class="rail" aria-label=${t('rail')}>
      <p class="brand"><img src="/common/mark.svg" alt="" width="32" height="32"><span>${page.server?.name || 'Troupe'}</span></p>
      <ul>${rail.map((entry) => railEntry(page, entry))}</ul>
    </nav>
    <div class="inside">
      ${page.live ? connectionBar(page.live) : nothing}
      <header class="head">
        ${search(page)}
        ${page.may('operator')
          ? html`<button class="button first connect" type="button" aria-label=${t('connect.open')} @click=${() => connect(page)}>${icon('plus', 'tiny')}<span>${t('connect.open')}</span></button>`
          : nothing}
        ${isDeveloper() ? html`<a class="pill working developer" href="#/settings" title=${t('developer.on')} aria-label=${t('developer.on')}>${icon('cogs', 'tiny')}<span>${t('developer.short')}</span></a>` : nothing}
        ${personMenu(page)}
      </header>
      ${content}
    </div>
  </div>`;

// "/" goes to the search, as in many lists.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.('input, select, textarea, dialog')) return;
  event.preventDefault();
  document.getElementById('search')?.focus();
});
