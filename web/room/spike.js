// The spike keeps the last fifty receipts; a click shows them big.
import {call} from '/common/api.js';
import {number} from '/common/time.js';
import {attempt, confirm, html, icon, nothing, openDialog, timeAgo} from '/common/view.js';
import {t} from '/common/words.js';
import {repeat} from '/vendor/lit-html/directives/repeat.js';

export const mostReceipts = 50;
const mostSeen = 9; // on the spike itself
const step = 9; // pixels between two of them

/** Crooked, but always the same way for the same receipt. */
function lean(id) {
  let sum = 7;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  return (sum % 23) - 11;
}

export function pile(station) {
  const {printer, receipts} = station;
  const seen = receipts.slice(0, mostSeen).reverse();
  const place = (at) => `--lean: ${lean(seen[at].id)}deg; --up: ${at * step}px`;
  return html`
    <button class="spike" type="button" ?disabled=${receipts.length === 0} data-spike=${printer.id}
      aria-label=${t('room.spike', {name: printer.name, count: receipts.length})} @click=${() => show(station, 0)}>
      <svg viewBox="0 0 64 150" aria-hidden="true"><path class="needle" d="M32 4v132"></path><path class="base" d="M10 146q2-12 22-12t22 12z"></path></svg>
      <span class="pile" aria-hidden="true">${repeat(seen, ({id}) => id, ({url}, at) => html`
        <span class="on-spike" .style=${place(at)}><img src=${url} alt="" loading="lazy" decoding="async"></span>`)}</span>
      ${receipts.length ? html`<span class="how-many figures" aria-hidden="true">${number(receipts.length)}</span>` : nothing}
    </button>`;
}

const alternative = ({text}) => text.trim() || t('room.receipt.blank');

async function clear(station, dialog) {
  const {printer} = station;
  const sure = await confirm({
    title: t('room.clear.title', {name: printer.name}),
    text: t('room.clear.text', {name: printer.name}),
    action: t('room.clear'),
  });
  if (sure && (await attempt(() => call('POST', `/api/v1/printers/${printer.id}/clear`, {})))) dialog.close();
}

/** A receipt, big; arrows go through the others. */
export function show(station, first) {
  const seen = {id: station.receipts[first].id};
  const place = () => Math.max(0, station.receipts.findIndex(({id}) => id === seen.id));
  const go = (dialog, to) => {
    seen.id = station.receipts[Math.max(0, Math.min(station.receipts.length - 1, to))].id;
    dialog.update();
  };
  const dialog = openDialog(() => t('room.receipt', {id: seen.id}), () => {
    const at = place();
    const receipt = station.receipts[at];
    if (!receipt) return html`<p>${t('room.text.none')}</p>`;
    return html`
      <p class="muted small">${station.printer.name} · ${timeAgo(receipt.time)} · ${t(`room.cut.${receipt.cut}`)}</p>
      <div class="big-paper" tabindex="0" role="region" aria-label=${t('room.receipt', {id: receipt.id})}>
        <img src=${receipt.url} alt=${alternative(receipt)} width=${receipt.width / 2} height=${receipt.height / 2}></div>
      <div class="pager">
        <button class="button compact" type="button" ?disabled=${at === 0} @click=${() => go(dialog, place() - 1)}>
          ${icon('back', 'tiny')}${t('room.newer')}</button>
        <span class="figures small muted">${t('room.receipt.of', {at: number(at + 1), count: number(station.receipts.length)})}</span>
        <button class="button compact" type="button" ?disabled=${at === station.receipts.length - 1} @click=${() => go(dialog, place() + 1)}>
          ${t('room.older')}${icon('chevron', 'tiny')}</button>
      </div>
      <details class="as-text"><summary>${t('room.text')}</summary>
        <pre tabindex="0">${receipt.text.trim() ? receipt.text : t('room.text.none')}</pre></details>
      <div class="dialog-foot">
        <button class="button danger" type="button" @click=${() => clear(station, dialog)}>${icon('trash', 'tiny')}${t('room.clear')}</button>
        <a class="button first" href=${receipt.url} download="${receipt.id}.png">${icon('download', 'tiny')}${t('room.download')}</a>
      </div>`;
  });
  dialog.element.addEventListener('keydown', (event) => {
    if (event.target.closest('pre')) return;
    if (event.key === 'ArrowLeft') go(dialog, place() - 1);
    if (event.key === 'ArrowRight') go(dialog, place() + 1);
  });
}
