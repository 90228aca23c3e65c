// The steps of connecting a box, as a list with their states in words; for the box's page and the server's.
import {html, icon, nothing} from './view.js';
import {bring, said, t} from './words.js';
import {words} from './step_words.en.js';

const own = {en: async () => ({words}), de: () => import('./step_words.de.js')};
export const stepWords = () => bring(own);

const stages = ['none', 'taken', 'linked', 'proven', 'done'];
const names = ['taken', 'linked', 'proven', 'devices', 'done'];
const icons = {done: 'ready', working: 'working', failed: 'trouble', late: 'attention', waiting: 'unknown'};
const tones = {done: 'ready', working: 'working', failed: 'trouble', late: 'attention', waiting: 'unknown'};

/** How each step stands. `problem` is why the next one was not reached; `late`: it takes longer than it should. */
export function stepsOf({stage, problem, late = null}) {
  const reached = stages.indexOf(stage);
  const all = stage === 'done';
  const wrong = problem?.text ? problem : null;
  return names.map((name, at) => {
    if (all || at < reached) return {name, state: 'done'};
    if (at > reached) return {name, state: 'waiting'};
    return wrong ? {name, state: 'failed', ...wrong} : late ? {name, state: 'late', ...late} : {name, state: 'working'};
  });
}

const wordsOf = (name, state, devices) =>
  name === 'devices' && state === 'done' ? (devices ? t('step.devices.count', {count: devices}) : t('step.devices.none')) : t(`step.${name}`);

export const stepList = (steps, devices) => html`<ol class="step-list" aria-label=${t('steps')}>
  ${steps.map(({name, state, text, remedy}) => html`<li class="step ${tones[state]}" data-step=${name} data-state=${state}>
    <span class="step-icon">${icon(icons[state], 'tiny')}</span>
    <div><span>${wordsOf(name, state, devices)}</span> <span class="small muted">${t(`step.state.${state}`)}</span>
      ${text ? html`<p class="small"><strong>${said(text)}</strong> ${said(remedy)}</p>` : nothing}</div></li>`)}
</ol>`;
