// A trace as a waterfall: one line a span, coloured and named by place, the longest piece of own work marked.
import {clickOf, get} from './api.js';
import {clockOffset, clockSeconds, duration, now} from './time.js';
import {html, nothing} from './view.js';
import {has, t} from './words.js';

const width = 1000; // of the drawing, in its own units
const least = 4;
const places = new Set(['browser', 'box', 'link', 'server', 'device']);
const deepest = 6;

/** A server says of each span and line which box it is of. */
const flat = ({box, span, line, ...rest}) => ({...rest, ...(typeof span === 'object' ? span : {span}), ...line, box});

/** All that is kept of a trace, and what this browser saw of it. */
export async function readTrace(id) {
  const {spans, lines} = await get(`/api/v1/traces/${id}`);
  const trace = {spans: spans.map(flat), lines: lines.map(flat)};
  const click = clickOf(id);
  if (click && !trace.spans.some(({span}) => span === click.span)) trace.spans.push({...click, start: new Date(click.start + clockOffset()).toISOString(), duration_us: click.duration * 1000});
  return trace;
}

const youth = 15_000;
const waits = [1_200, 3_000]; // parts from a box come up about a second after their end

/** Reads a trace, and again while more of it may come. `take` gets each reading; `open` says whether somebody still looks. */
export async function followTrace(id, take, open) {
  for (const wait of [0, ...waits]) {
    if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
    if (!open()) return;
    const trace = await readTrace(id);
    if (!open()) return;
    take(trace);
    const newest = Math.max(0, ...trace.spans.map(({start}) => Date.parse(start)));
    if (newest && now() - newest > youth) return;
  }
}

/** Spans in the order they are read, each with its depth, begin and length in microseconds. */
export function arrange(spans) {
  const known = new Set(spans.map(({span}) => span));
  const lines = spans.map((each) => ({...each, begin: Date.parse(each.start) * 1000, length: Math.max(0, each.duration_us), below: []}));
  const byId = new Map(lines.map((line) => [line.span, line]));
  const roots = [];
  for (const line of lines) {
    // Finer than a millisecond, as far as the text goes.
    const [, fraction = ''] = /\.\d{3}(\d{1,3})/.exec(line.start) ?? [];
    line.begin += Number(fraction.padEnd(3, '0'));
    if (known.has(line.parent) && line.parent !== line.span) byId.get(line.parent).below.push(line);
    else roots.push(line);
  }
  const ordered = [];
  const walk = (line, depth) => {
    ordered.push({...line, depth: Math.min(depth, deepest)});
    line.below.sort((a, b) => a.begin - b.begin).forEach((child) => walk(child, depth + 1));
  };
  roots.sort((a, b) => a.begin - b.begin).forEach((root) => walk(root, 0));
  const own = (line) => line.length - line.below.reduce((sum, child) => sum + child.length, 0);
  const slowest = ordered.reduce((most, line) => (most && own(most) >= own(line) ? most : line), null);
  if (slowest && ordered.length > 1) slowest.longest = true;
  return ordered;
}

const placeName = (place) => (has(`place.${place}`) ? t(`place.${place}`) : place);

export function waterfall(spans) {
  if (!spans?.length) return nothing;
  const lines = arrange(spans);
  const from = Math.min(...lines.map(({begin}) => begin));
  const whole = Math.max(...lines.map(({begin, length}) => begin + length)) - from || 1;
  const row = (line) => {
    const long = Math.max(least, (line.length / whole) * width);
    const at = Math.min(width - long, ((line.begin - from) / whole) * width);
    return html`<li class="span depth-${line.depth} ${line.longest ? 'longest' : ''} ${line.failed ? 'trouble' : ''}">
      <span class="span-name" title=${line.name}>${line.name}
        ${line.note ? html`<span class="muted">${line.note}</span>` : nothing}</span>
      <span class="span-place place-${places.has(line.place) ? line.place : 'box'}">${placeName(line.place)}</span>
      <svg viewBox="0 0 ${width} 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="place-${places.has(line.place) ? line.place : 'box'}" x=${at} width=${long} height="10" rx="2"></rect></svg>
      <span class="span-time figures">${duration(line.length / 1000)}${line.longest ? html`<span class="only-read-aloud">, ${t('trace.longest')}</span>` : nothing}</span>
    </li>`;
  };
  return html`<ol class="waterfall small" aria-label=${t('trace.title')}>${lines.map(row)}</ol>`;
}

/** The waterfall, and beneath it what the log says. */
export const traceView = ({spans, lines}) => html`
  ${waterfall(spans)}
  ${lines?.length
    ? html`<pre class="log-lines" tabindex="0" aria-label=${t('log')}>${lines.map(({time, level, logger, text}) =>
        `${clockSeconds(time)} ${level.padEnd(7)} ${logger}: ${text}\n`)}</pre>`
    : nothing}`;
