// Connection tokens: with one, boxes come into the fleet without a code, also when they have no network yet.
import {call, get} from '/common/api.js';
import {exact} from '/common/time.js';
import {attempt, codeDisplay, confirm, html, icon, nothing, openDialog, pill, qrPicture} from '/common/view.js';
import {bring, t} from '/common/words.js';
import {askFields, textField} from './account.js';
import {newest} from './newest.js';
import {words} from './token_words.en.js';

const own = {en: async () => ({words}), de: () => import('./token_words.de.js')};
const path = '/api/v1/connection-tokens';
const tones = {open: 'ready', used_up: 'over', expired: 'over', revoked: 'over'};
const fileName = 'troupe-token.txt';
const dayMilliseconds = 86_400_000;
const usualDays = 30;

/** A day as date fields have it. */
const dayIn = (days) => {
  const at = new Date(Date.now() + days * dayMilliseconds);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
};
const endOf = (day) => new Date(`${day}T23:59:59`).toISOString();

const field = (name, label, hint, input) => html`<div class="field"><label for="field-${name}">${label}</label>${input}
  <p class="hint" id="field-${name}-hint">${hint}</p></div>`;

function fields() {
  return [
    textField('note', t('connection_tokens.note'), {hint: t('connection_tokens.note.hint')}),
    field('boxes', t('connection_tokens.boxes'), t('connection_tokens.boxes.hint'),
      html`<input id="field-boxes" name="boxes" type="number" required min="1" max="10000" value="1" aria-describedby="field-boxes-hint">`),
    field('until', t('connection_tokens.until'), t('connection_tokens.until.hint'),
      html`<input id="field-until" name="until" type="date" required min=${dayIn(0)} max=${dayIn(364)} value=${dayIn(usualDays)} aria-describedby="field-until-hint">`),
    field('url', t('connection_tokens.url'), t('connection_tokens.url.hint'),
      html`<input id="field-url" name="url" required maxlength="256" autocapitalize="none" spellcheck="false" value=${location.origin} aria-describedby="field-url-hint">`),
  ];
}

function showToken({token, qr}) {
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(`${token}\n`)}`;
  openDialog(t('connection_tokens.made'), (dialog) => html`<p>${t('connection_tokens.made.text')}</p>
    <p class="connection-token">${codeDisplay(token, t('connection_tokens.name'))}</p>
    ${qrPicture(qr, t('connection_tokens.qr'))}
    <div class="dialog-foot">
      <a class="button" href=${file} download=${fileName}>${t('connection_tokens.download')}</a>
      <button class="button first" type="button" @click=${() => dialog.close()}>${t('tokens.secret.done')}</button></div>`);
}

/** Asks what the token is for, makes it and shows it; `done` is told when there is a new one. */
export async function makeToken(done) {
  await bring(own);
  askFields(t('connection_tokens.add'), {
    fields,
    go: t('connection_tokens.add.go'),
    send: ({note, boxes, until, url}) => call('POST', path, {note: note.trim(), boxes: Number(boxes), expires: endOf(until), url: url.trim()}),
    done: (made) => {
      showToken(made);
      done?.();
    },
  });
}

/** The card for the settings: `update` draws it anew. */
export function tokenCard(update) {
  const known = {tokens: null};
  const read = newest(() => Promise.all([get(path), bring(own)]), ([{tokens}]) => {
    known.tokens = tokens;
    update();
  });
  const again = () => attempt(read);

  async function revoke(token) {
    const name = token.note || token.id;
    const sure = await confirm({title: t('connection_tokens.revoke.title', {name}), text: t('connection_tokens.revoke.text'), action: t('connection_tokens.revoke.action', {name})});
    if (sure && await attempt(() => call('DELETE', `${path}/${encodeURIComponent(token.id)}`))) again();
  }

  const row = (token) => html`<li class="plain-row" data-token=${token.id}>${icon('key')}
    <span class="grow"><strong>${token.note || token.id}</strong> ${pill(tones[token.state], t(`connection_tokens.state.${token.state}`))}
      <span class="small muted">${t('connection_tokens.left', {left: token.uses_left, boxes: token.boxes})} ${t('connection_tokens.until.is', {time: exact(token.expires)})} ${token.made_by}</span></span>
    ${token.state === 'open' ? html`<button class="icon-button" type="button" title=${t('connection_tokens.revoke')}
      aria-label=${t('connection_tokens.revoke.action', {name: token.note || token.id})} @click=${() => revoke(token)}>${icon('trash')}</button>` : nothing}</li>`;

  const view = () => known.tokens && html`<section class="card" aria-labelledby="connection-tokens">
    <div class="card-head"><h2 id="connection-tokens">${t('connection_tokens')}</h2>
      <button class="button quiet compact" type="button" @click=${() => makeToken(again)}>${icon('plus', 'tiny')}${t('connection_tokens.add.short')}</button></div>
    <p class="card-body muted">${t('connection_tokens.text')}</p>
    ${known.tokens.length ? html`<ul class="rows">${known.tokens.map(row)}</ul>` : html`<p class="card-body muted">${t('connection_tokens.none')}</p>`}</section>`;
  return {read, view};
}
