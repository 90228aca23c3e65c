// Small questions about a box or a device: its name, its note.
import {call} from '/common/api.js';
import {html, icon, nothing, openDialog, toast} from '/common/view.js';
import {t} from '/common/words.js';
import {putBox} from './state.js';

const longestName = 64;
const longestNote = 2000;

/** One field, one button. `send(text)` throws a Problem when it is not taken. */
function askText(title, {label, hint, text, longest, lines = 0, send}) {
  const form = {wrong: '', busy: false};
  const submit = async (event, dialog) => {
    event.preventDefault();
    if (form.busy) return;
    form.busy = true;
    form.wrong = '';
    try {
      await send(new FormData(event.target).get('text').trim());
      dialog.close();
      toast(t('saved'), {tone: 'ready'});
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      form.wrong = `${problem.message} ${problem.remedy}`.trim();
      dialog.update();
      dialog.element.querySelector('[name="text"]').focus();
    }
    form.busy = false;
  };
  const described = () => `ask-hint${form.wrong ? ' ask-wrong' : ''}`;
  openDialog(title, (dialog) => html`<form class="dialog-form" @submit=${(event) => submit(event, dialog)}>
    <div class="field"><label for="ask-text">${label}</label>
      ${lines
        ? html`<textarea id="ask-text" name="text" rows=${lines} maxlength=${longest} aria-describedby=${described()} .value=${text}></textarea>`
        : html`<input id="ask-text" name="text" required maxlength=${longest} autocomplete="off" aria-invalid=${form.wrong ? 'true' : 'false'}
            aria-describedby=${described()} .value=${text}>`}
      <p class="hint" id="ask-hint">${hint}</p>
      ${form.wrong ? html`<p class="wrong" id="ask-wrong" role="alert">${icon('trouble', 'tiny')}${form.wrong}</p>` : nothing}</div>
    <div class="dialog-foot">
      <button class="button" type="button" @click=${() => dialog.close()}>${t('cancel')}</button>
      <button class="button first" type="submit">${t('save')}</button>
    </div></form>`);
}

const patch = (page, box, change) => async (text) => {
  putBox(page.state, await call('PATCH', `/api/v1/boxes/${encodeURIComponent(box.id)}`, {[change]: text}));
  page.update();
};

export const renameBox = (page, box) =>
  askText(t('box.rename.of', {name: box.name}), {label: t('box.name'), hint: t('box.name.hint'), text: box.name, longest: longestName, send: patch(page, box, 'name')});

export const writeNote = (page, box) =>
  askText(t('box.note.of', {name: box.name}), {label: t('box.note'), hint: t('box.note.hint'), text: box.note ?? '', longest: longestNote, lines: 6, send: patch(page, box, 'note')});

export const renameDevice = ({description}, send) =>
  askText(t('box.rename.of', {name: description.name}), {label: t('device.name'), hint: t('device.rename.hint'), text: description.name, longest: longestName, send});
