// Adding a device, and changing what is known of it.
import {call} from '/common/api.js';
import {codeDisplay, html, icon, nothing, openDialog, toast} from '/common/view.js';
import {t} from '/common/words.js';

const subtypes = ['receipt_printer', 'label_printer', 'office_printer'];
const languages = ['escpos', 'escpos_column', 'star', 'zpl', 'raw'];
const protocols = ['auto', 'mettler_toledo_8217', 'adam_mdw', 'adam'];
const kinds = ['printer', 'scale'];
const rawPrintingPort = 9100;
const longestName = 64;

/** People write "192.168.1.9" or "printer.local:9100" and mean the network. */
export function completeAddress(text) {
  const address = text.trim();
  if (address === '' || /^(tcp|file|sim|usb|serial|cups|ipp|ipps|http|https|sim-scale):/i.test(address)) return address;
  if (address.startsWith('/dev/')) return `serial:${address}`;
  if (address.startsWith('/')) return `file:${address}`;
  if (/^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:]*$/i.test(address)) return `tcp://[${address}]:${rawPrintingPort}`;
  return /:\d+$/.test(address) ? `tcp://${address}` : `tcp://${address}:${rawPrintingPort}`;
}

/** Scales stand on serial lines, printers on the network. */
export const kindOfAddress = (address) => (/^(serial|sim-scale):/i.test(address) ? 'scale' : 'printer');

/** Which field a problem speaks of, from its code: "device.bad_address". */
function fieldOf({code = ''}) {
  return ['address', 'name', 'language', 'subtype', 'kind'].find((field) => code.includes(field)) ?? '';
}

const field = (form, name, label, control, hint = nothing) => {
  const wrong = form.wrong?.field === name ? form.wrong : null;
  return html`<div class="field">
    <label for="device-${name}">${label}</label>
    ${control({
      id: `device-${name}`,
      invalid: wrong ? 'true' : 'false',
      described: `device-${name}-hint${wrong ? ` device-${name}-wrong` : ''}`,
    })}
    <p class="hint" id="device-${name}-hint">${hint}</p>
    ${wrong ? html`<p class="wrong" id="device-${name}-wrong" role="alert">${icon('trouble', 'tiny')}<span>${wrong.text}</span></p>` : nothing}
  </div>`;
};

const choice = (name, values, chosen) => ({id, invalid, described}) => html`
  <select id=${id} name=${name} aria-invalid=${invalid} aria-describedby=${described}>
    ${values.map((value) => html`<option value=${value} ?selected=${value === chosen}>${t(`${name}.${value}`)}</option>`)}
  </select>`;

const textInput = (name, value, more = {}) => ({id, invalid, described}) => html`
  <input id=${id} name=${name} .value=${value} aria-invalid=${invalid} aria-describedby=${described}
    ?required=${more.required} maxlength=${more.longest ?? 256} autocomplete="off" autocapitalize="none" spellcheck="false"
    placeholder=${more.example ?? nothing} @change=${more.change ?? null}>`;

const nameAndKinds = (form, given) => html`
  ${field(form, 'name', t('device.name'), textInput('name', given.name, {longest: longestName, example: t('device.name.example')}),
    t('device.name.hint'))}
  ${form.kind === 'scale'
    ? field(form, 'language', t('device.protocol'), choice('language', protocols, protocols.includes(given.language) ? given.language : 'auto'), t('device.protocol.hint'))
    : html`${field(form, 'subtype', t('device.subtype'), choice('subtype', subtypes, given.subtype), '')}
      ${field(form, 'language', t('device.language'), choice('language', languages, languages.includes(given.language) ? given.language : 'escpos'), t('device.language.hint'))}`}`;

function deviceForm(title, given, {withAddress, go, send, extra = nothing}) {
  const form = {wrong: null, busy: false, kind: given.kind ?? 'printer'};
  const submit = async (event, dialog) => {
    event.preventDefault();
    if (form.busy) return;
    const values = Object.fromEntries(new FormData(event.target));
    form.busy = true;
    form.wrong = null;
    dialog.update();
    try {
      await send(values);
      dialog.close();
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      form.wrong = {field: fieldOf(problem), text: `${problem.message} ${problem.remedy}`.trim()};
      form.busy = false;
      dialog.update();
      dialog.element.querySelector('[aria-invalid="true"]')?.focus();
    }
  };
  const complete = (dialog) => ({target}) => {
    target.value = completeAddress(target.value);
    form.kind = kindOfAddress(target.value);
    dialog.update();
  };
  return openDialog(title, (dialog) => html`<form class="dialog-form" @submit=${(event) => submit(event, dialog)}>
    ${withAddress
      ? field(form, 'address', t('device.address'),
          textInput('address', given.address, {required: true, example: 'tcp://192.168.1.9:9100', change: complete(dialog)}),
          html`${t('device.address.hint')}<br><code>tcp://192.168.1.9:9100</code> ${t('device.address.tcp')}<br>
            <code>serial:/dev/ttyUSB0</code> ${t('device.address.serial')}<br>
            <code>file:/var/receipts</code> ${t('device.address.file')}<br><code>sim:printer</code> ${t('device.address.sim')}<br>
            <code>sim-scale:till</code> ${t('device.address.sim_scale')}`)
      : nothing}
    ${withAddress
      ? field(form, 'kind', t('device.kind'), ({id, described}) => html`<select id=${id} name="kind" aria-describedby=${described}
          .value=${form.kind} @change=${({target}) => { form.kind = target.value; dialog.update(); }}>
          ${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === form.kind}>${t(`device.is.${kind}`)}</option>`)}</select>`, '')
      : nothing}
    ${nameAndKinds(form, given)}
    ${extra}
    ${form.wrong && !form.wrong.field ? html`<div class="field"><p class="wrong" role="alert">${icon('trouble', 'tiny')}${form.wrong.text}</p></div>` : nothing}
    <div class="dialog-foot">
      <button class="button" type="button" @click=${() => dialog.close()}>${t('cancel')}</button>
      <button class="button first" type="submit" ?disabled=${form.busy}>${go}</button>
    </div>
  </form>`);
}

export function addDevice() {
  const given = {name: '', address: '', subtype: 'receipt_printer', language: 'escpos'};
  deviceForm(t('device.add.title'), given, {
    withAddress: true,
    go: t('device.add.go'),
    send: async ({name, address, kind, subtype, language}) => {
      const body = {address: completeAddress(address), kind, language};
      if (subtype) body.subtype = subtype;
      if (name.trim()) body.name = name.trim();
      const device = await call('POST', '/api/v1/devices', body);
      toast(t('device.added', {name: device.description.name}), {tone: 'ready'});
    },
  });
}

export function editDevice(page, {description, status}) {
  const path = `/api/v1/devices/${encodeURIComponent(description.id)}`;
  const entries = Object.entries(status.details ?? {}).filter(([, value]) => typeof value !== 'object');
  const extra = html`<dl class="facts-table">
    <dt>${t('device.address')}</dt><dd>${codeDisplay(description.address, t('device.address'))}</dd>
    <dt>${t('device.identifier')}</dt><dd>${codeDisplay(description.id, t('device.identifier'))}</dd>
    ${status.code ? html`<dt>${t('action.fact.code')}</dt><dd><code>${status.code}</code></dd>` : nothing}
    ${entries.map(([name, value]) => html`<dt><code>${name}</code></dt><dd><code>${String(value)}</code></dd>`)}
  </dl>`;
  deviceForm(description.name, description, {
    withAddress: false,
    go: t('save'),
    extra,
    send: async ({name, subtype, language: chosen}) => {
      const language = chosen === 'auto' ? '' : chosen;
      const changed = {};
      if (name.trim() !== description.name) changed.name = name.trim();
      if (subtype !== undefined && subtype !== description.subtype) changed.subtype = subtype;
      if (language !== description.language) changed.language = language;
      if (Object.keys(changed).length) await call('PATCH', path, changed);
      toast(t('saved'), {tone: 'ready'});
    },
  });
}

export function renameBox(page) {
  const form = {wrong: ''};
  const submit = async (event, dialog) => {
    event.preventDefault();
    try {
      page.state.box = {...page.state.box, ...(await call('PATCH', '/api/v1/box', {name: new FormData(event.target).get('name').trim()}))};
      document.title = `${page.state.box.name} · Troupe`;
      page.update();
      dialog.close();
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      form.wrong = {field: 'name', text: `${problem.message} ${problem.remedy}`};
      dialog.update();
    }
  };
  openDialog(t('box.rename'), (dialog) => html`<form class="dialog-form" @submit=${(event) => submit(event, dialog)}>
    ${field(form, 'name', t('box.name'), textInput('name', page.state.box.name, {required: true, longest: longestName}), t('box.name.hint'))}
    <div class="dialog-foot">
      <button class="button" type="button" @click=${() => dialog.close()}>${t('cancel')}</button>
      <button class="button first" type="submit">${t('save')}</button>
    </div>
  </form>`);
}
