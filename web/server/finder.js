// Boxes in the networks that the server is on: asked for, shown as they are found.
import {call} from '/common/api.js';
import {html, icon, nothing} from '/common/view.js';
import {t} from '/common/words.js';

const lookAgain = 500;

/** The part of a dialog that searches. `isOpen` says whether somebody still looks at it. */
export function makeFinder(page, isOpen, update) {
  let search = null;
  let wrong = '';

  async function ask(method) {
    try {
      search = await call(method, '/api/v1/discovery', method === 'POST' ? {} : undefined, {noted: method !== 'GET'});
      wrong = '';
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      search = null;
      wrong = `${problem.message} ${problem.remedy}`.trim();
    }
    if (!isOpen()) return;
    update();
    if (search?.running) setTimeout(() => search?.running && isOpen() && ask('GET'), lookAgain);
  }

  const standing = (found) => {
    if (found.kind !== 'box') return t(found.kind === 'odoo' ? 'finder.odoo' : 'finder.forged');
    if (page.state.boxes.has(found.id)) return t('finder.fleet');
    return t(found.paired ? 'finder.paired' : 'finder.free');
  };
  const row = (found) => html`<li data-found=${found.kind}>
    <span class="found-name">${found.name ?? new URL(found.url).hostname}</span>
    <span class="hint">${standing(found)}</span>
    ${found.kind === 'forged' ? nothing : html`<a href=${found.url} target="_blank" rel="noopener">${t('box.homepage')}</a>`}</li>`;

  return () => html`<div class="finder">
    <div class="finder-line">
      <button class="button" type="button" @click=${() => ask(search?.running ? 'DELETE' : 'POST')}>${t(search?.running ? 'finder.stop' : 'finder.start')}</button>
      ${search?.running ? html`<progress max=${search.total} value=${search.asked} aria-label=${t('finder.progress')}></progress>` : nothing}
    </div>
    <div aria-live="polite">
      ${wrong ? html`<p class="wrong">${icon('trouble', 'tiny')}${wrong}</p>` : nothing}
      ${search?.found.length ? html`<ul class="found">${search.found.map(row)}</ul>` : nothing}
      ${search && !search.running && !search.found.length ? html`<p class="hint">${t('finder.none', {ranges: search.ranges.join(', ')})}</p>` : nothing}
    </div></div>`;
}
