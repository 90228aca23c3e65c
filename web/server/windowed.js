// A long list of which only what can be seen is in the document. All its items are of one height.
import {html} from '/common/view.js';
import {repeat} from '/vendor/lit-html/directives/repeat.js';

const beyond = 600; // pixels drawn above and below what is seen, so that scrolling and tabbing meet no blank

/**
 * id        of the list's element
 * height    of one line of items in pixels, the gap between lines included
 * least     width of one item in pixels; 0: one item a line
 * update    asks for a new drawing
 */
export function newWindow({id, height, least = 0, update}) {
  const seen = {top: 0, width: 0, view: innerHeight};
  const measure = () => {
    const element = document.getElementById(id);
    if (!element) return;
    const {top, width} = element.getBoundingClientRect();
    const changed = Math.abs(top - seen.top) > beyond / 3 || width !== seen.width || innerHeight !== seen.view;
    if (!changed) return;
    Object.assign(seen, {top, width, view: innerHeight});
    update();
  };
  addEventListener('scroll', measure, {passive: true});
  addEventListener('resize', measure);
  const columns = () => (least ? Math.max(1, Math.floor(seen.width / least)) : 1);
  return {
    /** Draws the items that can be seen: `row(item, place)` gives one, `key(item)` its identity. */
    draw(items, key, row, {label, extra = ''}) {
      queueMicrotask(measure); // after this drawing
      const across = columns();
      const lines = Math.ceil(items.length / across);
      const first = Math.max(0, Math.floor((-seen.top - beyond) / height));
      const last = Math.min(lines, Math.ceil((seen.view - seen.top + beyond) / height));
      const from = Math.min(first * across, items.length);
      const shown = items.slice(from, last * across);
      return html`<ul id=${id} class="windowed ${extra}" aria-label=${label} .style=${`height: ${lines * height}px; --across: ${across}`}>
        ${repeat(shown, key, (item, at) => row(item, `--row: ${Math.floor((from + at) / across)}; --column: ${(from + at) % across}`, from + at))}
      </ul>`;
    },
    /** Brings an item into view. */
    show(place) {
      const element = document.getElementById(id);
      if (!element) return;
      const top = element.getBoundingClientRect().top + scrollY + Math.floor(place / columns()) * height;
      scrollTo({top: Math.max(0, top - innerHeight / 3)});
      measure();
    },
  };
}
