// Pieces that all pages are made of. User text goes in as text only: lit-html never makes HTML of it.
import {html, nothing, render} from '/vendor/lit-html/lit-html.js';
import {ago, clock, exact} from './time.js';
import {t} from './words.js';

export {html, nothing, render};

export const icon = (name, extra = '') =>
  html`<svg class="icon ${extra}" aria-hidden="true"><use href="/common/icons.svg#${name}"></use></svg>`;

/** A state as colour, icon and word. `tone` is ready, attention, trouble, unknown, working or over. */
export const pill = (tone, word) => html`<span class="pill ${tone}">${icon(tone, 'tiny')}${word}</span>`;

export const timeAgo = (time) => html`<time datetime=${time} title=${exact(time)}>${ago(time)}</time>`;
export const timeOfDay = (time) => html`<time datetime=${time} title=${exact(time)}>${clock(time)}</time>`;

/** A fill between 0 and 1. */
export const bar = (fraction, tone = '') => html`
  <svg class="bar ${tone}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
    <rect width=${Math.max(0, Math.min(1, fraction)) * 100} height="6"></rect>
  </svg>`;

/** Text to be copied: codes, addresses, traces. */
export const codeDisplay = (text, name, large = false) => html`
  <span class="code-display ${large ? 'large' : ''}">
    <code>${text}</code>
    <button class="icon-button" type="button" title=${t('copy')} aria-label=${t('copy.what', {name})}
      @click=${() => copy(text)}>${icon('copy', 'tiny')}</button>
  </span>`;

/** A QR code as one path; its rows are text of "1" and "0". */
export function qrPicture(rows, label) {
  if (!rows?.length) return nothing;
  const runs = rows.map((row, y) => [...row.matchAll(/1+/g)].map((run) => `M${run.index} ${y}h${run[0].length}v1h-${run[0].length}z`).join('')).join('');
  return html`<svg class="qr" viewBox="0 0 ${rows[0].length} ${rows.length}" role="img" aria-label=${label}><path d=${runs}></path></svg>`;
}

export const empty = (iconName, text, action = nothing) =>
  html`<div class="empty">${icon(iconName)}<p>${text}</p>${action}</div>`;

export const connectionBar = (live) =>
  live.state === 'lost'
    ? html`<aside class="connection-bar" aria-label=${t('live')}>
        ${icon('attention', 'tiny')}<span>${t('live.lost', {time: clock(live.since)})}</span>
      </aside>`
    : nothing;

/** Puts text on the clipboard, also on pages without TLS, where the clipboard interface is missing. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'only-read-aloud';
    (document.querySelector('dialog[open]') ?? document.body).append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast(t('copied'));
}

// Toasts

const toastTime = 6_000;
const mostToasts = 3;

function toastPlace() {
  let place = document.querySelector('.toasts');
  if (!place) {
    place = document.createElement('div');
    place.className = 'toasts';
    document.body.append(place);
  }
  // A modal dialog hides and mutes everything beneath it; what happens in it must be seen and heard.
  const home = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
  if (place.parentElement !== home) home.append(place);
  return place;
}

/** A short message that goes by itself; a problem stays until it is closed. */
export function toast(text, {tone = 'working', detail = '', stays = tone === 'trouble'} = {}) {
  const place = toastPlace();
  const element = document.createElement('div');
  element.className = `toast ${tone}`;
  element.setAttribute('role', tone === 'trouble' ? 'alert' : 'status');
  const close = () => element.remove();
  render(html`${icon(tone === 'working' ? 'ready' : tone)}
    <div><strong>${text}</strong>${detail ? html`<p class="small muted">${detail}</p>` : nothing}</div>
    <button class="icon-button" type="button" aria-label=${t('close')} @click=${close}>${icon('close', 'tiny')}</button>`,
  element);
  place.append(element);
  while (place.children.length > mostToasts) place.firstElementChild.remove();
  if (!stays) setTimeout(close, toastTime);
}

/** Runs something that may meet a Problem and says so when it does. Answers whether it went well. */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    toast(problem.message, {tone: 'trouble', detail: problem.remedy});
    return false;
  }
}

// Dialogs

let dialogs = 0;

/**
 * Opens a dialog; `view(dialog)` gives its content. `dialog.update()` draws it anew, `dialog.close()` ends it.
 * The promise `dialog.closed` ends with the value given to close, or undefined.
 */
export function openDialog(title, view, {wide = false} = {}) {
  const element = document.createElement('dialog');
  const titleId = `dialog-${++dialogs}`;
  element.className = wide ? 'wide' : '';
  element.setAttribute('aria-labelledby', titleId);
  document.body.append(element);
  let value;
  let end;
  const dialog = {
    element,
    closed: new Promise((resolve) => (end = resolve)),
    close(result) {
      value = result;
      element.close();
    },
    update() {
      render(html`
        <div class="dialog-head">
          <h2 id=${titleId}>${typeof title === 'function' ? title() : title}</h2>
          <button class="icon-button" type="button" aria-label=${t('close')} @click=${() => dialog.close()}>
            ${icon('close')}</button>
        </div>
        <div class="dialog-body">${view(dialog)}</div>`, element);
    },
  };
  element.addEventListener('close', () => {
    const toasts = element.querySelector('.toasts');
    if (toasts) document.body.append(toasts);
    element.remove();
    end(value);
  });
  element.addEventListener('pointerdown', (event) => {
    if (event.target === element) dialog.close();
  });
  dialog.update();
  element.showModal();
  return dialog;
}

/** Asks before something is lost. The question and the button name the thing. */
export async function confirm({title, text, action, danger = true}) {
  const dialog = openDialog(title, () => html`
    <p>${text}</p>
    <div class="dialog-foot">
      <button class="button" type="button" autofocus @click=${() => dialog.close(false)}>${t('cancel')}</button>
      <button class="button ${danger ? 'danger' : 'first'}" type="button" @click=${() => dialog.close(true)}>
        ${action}</button>
    </div>`);
  return (await dialog.closed) === true;
}

// Menus are <details>; they close by Escape, by a choice and by a click elsewhere.
document.addEventListener('click', ({target}) => {
  for (const menu of document.querySelectorAll('.menu[open]'))
    if (!menu.contains(target) || target.closest('.menu > div > button')) menu.open = false;
});
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && document.querySelector('.menu[open]');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});

/** Says something to a screen reader without moving anything. */
export function announce(text) {
  const place = document.getElementById('announcements');
  if (place) place.textContent = text;
}

/** Draws at most once a frame, and again now and then so that relative times stay true. */
export function painter(view, root, everyMilliseconds = 15_000) {
  let asked = false;
  const paint = () => {
    asked = false;
    render(view(), root);
  };
  const ask = () => {
    if (asked) return;
    asked = true;
    // A hidden page gets no frames; it must not fall behind for ever.
    if (document.visibilityState === 'visible') requestAnimationFrame(paint);
    else setTimeout(paint, 200);
  };
  setInterval(ask, everyMilliseconds);
  return ask;
}
