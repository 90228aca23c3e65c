// Just connected: how far the box has come, step by step.
import {stepList, stepsOf, stepWords} from '/common/steps.js';
import {html, nothing} from '/common/view.js';
import {t} from '/common/words.js';
import {button, panel, title} from './pairing.js';

export {stepWords};

/** What goes wrong while it tries again is still the reason. */
function problemOf({state, text, remedy}) {
  return state === 'waiting' || state === 'refused' ? {text, remedy} : null;
}

export function connectingPanel(page, close) {
  const {link} = page.state;
  const steps = stepsOf({stage: link.stage, problem: problemOf(link)});
  const done = link.stage === 'done';
  const failed = steps.some(({state}) => state === 'failed');
  const name = link.server?.name || link.server?.url || '';
  return panel(done ? 'ready' : failed ? 'attention' : 'working', done ? 'ready' : 'plug', html`${title(t(done ? 'connecting.done' : 'connecting', {name}))}
    ${stepList(steps, link.devices_told)}`, done ? button(t('close'), close, false) : nothing);
}
