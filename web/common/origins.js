// Whose pages may use a box: a list that its owner changes, on the box and on its server.
import {confirm, html, icon, nothing, pill, timeAgo, toast} from './view.js';
import {bring, t} from './words.js';

const own = {en: () => import('./origin_words.en.js'), de: () => import('./origin_words.de.js')};
export const originWords = () => bring(own);

const tones = {allowed: 'ready', refused: 'over', asking: 'attention'};
const fixed = {config: 'origin.by.config', server: 'origin.by.server'}; // nothing to forget

async function forget(origin, change) {
  const sure = await confirm({title: t('origin.forget.title', {origin}), text: t('origin.forget.text'), action: t('origin.forget')});
  if (sure) change(origin, 'forget');
}

/** `change(origin, 'allow' | 'refuse' | 'forget')`; null: the list can only be read. */
function originRow({origin, standing, since, by}, change) {
  const decide = (decision) => html`<button class="button compact quiet" type="button" aria-label=${t(`origin.${decision}.of`, {origin})}
    @click=${() => change(origin, decision)}>${t(decision)}</button>`;
  return html`<li class="plain-row" data-origin=${origin}>
    ${pill(tones[standing], t(`origin.${standing}`))}
    <span class="grow"><strong>${origin}</strong>
      <span class="small muted">${fixed[by] ? t(fixed[by]) : since ? timeAgo(since) : nothing}</span></span>
    ${!change || by === 'config' ? nothing : html`<span class="buttons">
      ${standing === 'allowed' ? nothing : decide('allow')}${standing === 'refused' ? nothing : decide('refuse')}
      ${fixed[by] || standing === 'asking' ? nothing : html`<button class="icon-button" type="button" title=${t('origin.forget')}
        aria-label=${t('origin.forget.of', {origin})} @click=${() => forget(origin, change)}>${icon('trash')}</button>`}</span>`}
  </li>`;
}

async function allowNew(event, change) {
  event.preventDefault();
  const input = event.target.elements.origin;
  let origin;
  try {
    origin = new URL(input.value.includes('://') ? input.value : `https://${input.value}`).origin;
  } catch {
    toast(t('origin.wrong'), {tone: 'trouble'});
    return;
  }
  if (await change(origin, 'allow')) input.value = '';
}

export const originsCard = (origins, change) => html`<section class="card" aria-labelledby="origins">
  <div class="card-head"><h2 id="origins">${t('origins')}</h2></div>
  <p class="card-body muted">${t('origins.text')}</p>
  <ul class="rows">${origins.map((each) => originRow(each, change))}</ul>
  ${change ? html`<form class="filter" @submit=${(event) => allowNew(event, change)}>
    <input name="origin" required maxlength="256" aria-label=${t('origin.new')} placeholder="https://shop.example.com" autocomplete="off">
    <button class="button" type="submit">${t('allow')}</button>
  </form>` : nothing}
</section>`;
