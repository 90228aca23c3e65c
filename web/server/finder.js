// Boxes in the networks that the server is on: as they announce themselves, and by asking each address. A free one
// is taken in with a click, and by itself where it is the only one.
import {call} from '/common/api.js';
import {html, icon, nothing, toast} from '/common/view.js';
import {bring, t} from '/common/words.js';
import {words} from './finder_words.en.js';

const own = {en: async () => ({words}), de: () => import('./finder_words.de.js')};
const lookAgain = 500;
/** A box that was let in comes within a second or two. */
const longestWay = 20_000;

export const readFinderWords = () => bring(own);

/**
 * The part of a dialog that finds boxes. `isOpen` says whether somebody still looks at it, `came` is told which box
 * came, `busy` whether the person does something else there, so that nothing happens by itself.
 */
export function makeFinder(page, {isOpen, update, came, busy}) {
  let search = null;
  let wrong = '';
  let note = '';
  let mayTake = true; // by itself, once
  const taking = new Map(); // id -> when it was let in
  let browser = null; // the part that searches from the browser, once it is asked for

  const isFree = ({kind, paired, id}) => kind === 'box' && !paired && !page.state.boxes.has(id);
  const free = () => (search?.found ?? []).filter((found) => isFree(found) && found.answers);

  function show(problem) {
    wrong = `${problem.message} ${problem.remedy ?? ''}`.trim();
    update();
  }

  async function ask(method) {
    try {
      search = await call(method, '/api/v1/discovery', method === 'POST' ? {} : undefined, {noted: method === 'DELETE'});
      wrong = search.problem ? `${search.problem.text} ${search.problem.remedy}`.trim() : '';
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      if (method === 'POST') await ask('GET'); // what announced itself is there all the same
      return show(problem);
    }
    if (!isOpen()) return;
    update();
    if (search.running) setTimeout(() => search?.running && isOpen() && ask('GET'), lookAgain);
    else takeTheOnlyOne();
  }

  /** One new box: it is connected by itself. Of several the person chooses. */
  function takeTheOnlyOne() {
    const [only, ...more] = free();
    if (!mayTake || !only || more.length || busy()) return;
    mayTake = false;
    note = t('finder.only_one', {name: only.name});
    take(only);
  }

  async function take(found) {
    mayTake = false;
    wrong = '';
    taking.set(found.id, Date.now());
    update();
    try {
      await call('POST', '/api/v1/discovery/adopt', {url: found.url});
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      taking.delete(found.id);
      note = '';
      return show(problem);
    }
    setTimeout(() => {
      if (!isOpen() || !taking.delete(found.id)) return;
      note = '';
      wrong = t('finder.not_come', {name: found.name});
      update();
    }, longestWay);
  }

  async function blink(found) {
    try {
      const {printed} = await call('POST', '/api/v1/discovery/blink', {url: found.url});
      toast(t(printed ? 'finder.blink.printed' : 'finder.blink.done', {name: found.name}));
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      show(problem);
    }
  }

  async function openBrowserSearch() {
    const {makeBrowserSearch} = await import('./browser_search.js');
    browser = makeBrowserSearch(page, {
      isOpen, update, ranges: () => search?.ranges ?? [],
      nonce: () => search?.nonce ?? '',
      saw: async (url, announcement) => {
        search = {...search, ...await call('POST', '/api/v1/discovery/seen', {url, announcement})};
        update();
      },
    });
    update();
  }

  // A box that came, or announces itself now, is seen at once.
  const heard = (event) => {
    if (event.type === 'discovery.changed') ask('GET');
    if (event.type !== 'box.connected' || !taking.delete(event.box ?? event.data?.id)) return;
    came(event.data);
  };

  const standing = (found) => {
    if (found.kind !== 'box') return t(found.kind === 'odoo' ? 'finder.odoo' : 'finder.forged');
    if (page.state.boxes.has(found.id)) return t('finder.fleet');
    if (found.paired) return t('finder.paired');
    if (!found.answers) return t('finder.silent');
    return t('finder.free.at', {address: new URL(found.url).hostname});
  };
  const actions = (found) => {
    if (found.kind === 'forged') return nothing;
    if (taking.has(found.id)) return html`<span class="found-actions hint">${t('finder.taking')}</span>`;
    if (!isFree(found) || !found.answers) return html`<a href=${found.url} target="_blank" rel="noopener">${t('box.homepage')}</a>`;
    return html`<span class="found-actions">
      <button class="button quiet compact" type="button" aria-label=${t('finder.blink.of', {name: found.name})} @click=${() => blink(found)}>${t('finder.blink')}</button>
      <button class="button compact" type="button" aria-label=${t('finder.take.of', {name: found.name})} @click=${() => take(found)}>${t('finder.take')}</button></span>`;
  };
  const row = (found) => html`<li data-found=${found.kind}>
    <span class="found-what"><span class="found-name">${found.name ?? new URL(found.url).hostname}</span>
    <span class="hint">${standing(found)}</span></span>
    ${actions(found)}</li>`;

  const view = () => html`<section class="finder" aria-labelledby="finder-title">
    <div class="finder-line">
      <h3 id="finder-title">${t('finder.title')}</h3>
      ${search?.running ? html`<progress max=${search.total} value=${search.asked} aria-label=${t('finder.progress')}></progress>` : html`<span class="grow"></span>`}
      <button class="button quiet compact" type="button" @click=${() => ask(search?.running ? 'DELETE' : 'POST')}>${t(search?.running ? 'finder.stop' : search ? 'finder.again' : 'finder.start')}</button>
    </div>
    <div aria-live="polite">
      ${note ? html`<p class="hint">${note}</p>` : nothing}
      ${wrong ? html`<p class="wrong">${icon('trouble', 'tiny')}${wrong}</p>` : nothing}
      ${search?.found.length ? html`<ul class="found">${search.found.map(row)}</ul>` : nothing}
      ${search && !search.running && !search.found.length && !wrong ? html`<p class="hint">${t('finder.none', {ranges: search.ranges.join(', ')})}</p>` : nothing}
    </div>
    ${browser ? browser() : html`<button class="button quiet compact" type="button" @click=${openBrowserSearch}>${t('finder.browser')}</button>`}
  </section>`;
  return {
    view,
    start() {
      page.listeners.add(heard);
      return ask('POST');
    },
    end: () => page.listeners.delete(heard),
  };
}
