// How full a program's limits are, and how its parts do. Box and server show the same.
import {ago, number, size} from './time.js';
import {bar, empty, html, nothing, pill} from './view.js';
import {said, t} from './words.js';

const filled = (fill, bound, unit) =>
  (unit === 'bytes' ? `${size(fill)} / ${size(bound)}` : `${number(fill)} / ${number(bound)} ${unit ?? ''}`).trim();

function limitRow({name, text, unit, bound, fill, hits}) {
  const fraction = bound > 0 ? fill / bound : 0;
  const tone = fraction >= 0.9 ? 'trouble' : fraction >= 0.7 ? 'attention' : 'working';
  return html`<li class="limit">
    <p class="limit-line"><code class="grow">${name}</code> <span class="figures small">${filled(fill, bound, unit)}</span></p>
    ${bar(fraction, tone)}
    <p class="small muted">${said(text)} ${hits ? html`<strong>${t('limit.hits', {count: hits})}</strong>` : nothing}</p>
  </li>`;
}

export function limitsCard(limits) {
  return html`<section class="card" aria-labelledby="limits">
    <div class="card-head"><h2 id="limits">${t('limits')}</h2></div>
    ${limits.length ? html`<ul class="rows">${limits.map(limitRow)}</ul>` : empty('working', t('reading'))}
  </section>`;
}

function partRow({name, state, restarts, reason, since}) {
  const tone = state === 'running' ? (restarts ? 'attention' : 'ready') : 'trouble';
  return html`<li class="plain-row">
    <span class="grow"><strong>${name}</strong>
      ${reason ? html`<span class="small muted">${t('part.reason', {reason})}</span>` : nothing}</span>
    ${restarts ? html`<span class="small muted">${t('part.restarts', {count: restarts})}</span>` : nothing}
    <span class="small muted">${Date.parse(since) > 0 ? ago(since) : ''}</span>
    ${pill(tone, t(state === 'running' ? 'part.running' : 'part.stopped'))}
  </li>`;
}

export function partsCard(parts) {
  return html`<section class="card" aria-labelledby="parts">
    <div class="card-head"><h2 id="parts">${t('parts')}</h2></div>
    ${parts.length ? html`<ul class="rows">${parts.map(partRow)}</ul>` : empty('working', t('reading'))}
  </section>`;
}
