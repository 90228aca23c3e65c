// What the server's pages know of the fleet, and how each event changes it. No document, no network.

export const mostEvents = 500;
export const mostCommands = 500;

export function newState() {
  return {
    boxes: new Map(), // id -> box; each change makes a new object
    revision: 0, // rises with each change of a box
    sequence: null, // of the newest event seen
    known: 0, // events up to this one are in what was read
    commands: new Map(), // id -> record, newest last
    events: [], // newest first
    heldEvents: [], // arrived while paused
    paused: false,
    fresh: '', // the box that was just connected
    points: new Map(), // points of sale: id -> name
  };
}

const gravity = {trouble: 3, attention: 2, unknown: 1, ready: 0};
export const standings = ['ready', 'attention', 'trouble', 'unknown', 'offline'];

/** A scale on which something just moves wants nothing: lists stay calm. The short form has no details. */
export const stateOf = (status) =>
  status?.state === 'attention' && !status.code && (status.details?.motion ?? true) ? 'ready' : status?.state;

/** The worst of the devices' states, as the server counts it. */
const worstOf = (devices) =>
  devices.reduce((worst, {status}) => (gravity[stateOf(status)] > gravity[worst] ? status.state : worst), 'ready');

/** Under which counter a box goes. What an owner must decide wants attention at least. */
export function standing(box) {
  if (box.alert) return gravity[box.state] > gravity.attention && box.online ? box.state : 'attention';
  return box.online ? box.state : 'offline';
}

/** Somebody took it from this server at its homepage. */
export const isDisconnected = (box) => !box.online && Date.parse(box.disconnected) > 0;

/** Its devices that want something, worst first, then longest. */
export const needy = (box) =>
  (box.devices ?? [])
    .filter(({status}) => status && stateOf(status) !== 'ready')
    .sort((a, b) => gravity[b.status.state] - gravity[a.status.state] || Date.parse(a.status.since) - Date.parse(b.status.since));

/** A box as it looks while nobody knows how it is: the line to the server is cut. */
export const unheard = (box) => ({
  ...box, stale: true, online: true, alert: '', state: 'unknown',
  devices: (box.devices ?? []).map(({description, status}) => ({description, status: {...status, state: 'unknown', code: '', text: '', remedy: ''}})),
});

export const deviceOf = (box, id) => box?.devices?.find(({description}) => description.id === id);

function put(state, box) {
  state.boxes.set(box.id, box);
  state.revision++;
}

export function putBoxes(state, boxes) {
  state.boxes = new Map(boxes.map((box) => [box.id, box]));
  state.revision++;
}

/** Its point of sale in words; empty: none. */
export const pointOf = (state, box) => (box.point_of_sale ? state.points.get(box.point_of_sale) ?? box.point_of_sale_name ?? '' : '');

export const putPoints = (state, points) => {
  state.points = new Map(points.map(({id, name}) => [id, name]));
  state.revision++;
};

/** All tags in use, by name. */
export const tagsInUse = (state) =>
  [...new Set([...state.boxes.values()].flatMap(({tags = []}) => tags))].sort((a, b) => a.localeCompare(b));

function applyToPoints(state, {id, name}, what) {
  if (what === 'removed') {
    state.points.delete(id);
    for (const box of state.boxes.values())
      if (box.point_of_sale === id) put(state, {...box, point_of_sale: '', point_of_sale_name: ''});
  } else {
    state.points.set(id, name);
    for (const box of state.boxes.values())
      if (box.point_of_sale === id) put(state, {...box, point_of_sale_name: name});
  }
  state.revision++;
}

const mergeDevice = (known, device) => ({
  description: {...known?.description, ...device.description},
  status: {...known?.status, ...device.status},
});

/** Takes news of a box. A short form leaves out what it does not tell. */
export function putBox(state, news) {
  const known = state.boxes.get(news.id);
  const box = {...known, ...news, report: {...known?.report, ...news.report}};
  if (news.devices) box.devices = news.devices.map((device) => mergeDevice(deviceOf(known, device.description.id), device));
  if (box.online && box.devices?.length) box.state = worstOf(box.devices);
  put(state, box);
}

function putDevice(state, box, device) {
  const id = device.description.id;
  const devices = (box.devices ?? []).filter(({description}) => description.id !== id);
  devices.push(mergeDevice(deviceOf(box, id), device));
  devices.sort((a, b) => a.description.name.localeCompare(b.description.name));
  put(state, {...box, devices, state: worstOf(devices)});
}

function putStatus(state, box, id, status) {
  const at = (box.devices ?? []).findIndex(({description}) => description.id === id);
  if (at < 0) return;
  const devices = [...box.devices];
  devices[at] = {...devices[at], status};
  put(state, {...box, devices, state: worstOf(devices)});
}

/** An older picture of a command never overwrites a newer one. */
export function putCommand(state, record) {
  const known = state.commands.get(record.id);
  if (known && Date.parse(known.updated) > Date.parse(record.updated)) return;
  state.commands.set(record.id, record);
  if (state.commands.size > mostCommands) state.commands.delete(state.commands.keys().next().value);
}

/** "/boxes/ID/devices/D" */
export const boxIn = (event) => event.box ?? /^\/boxes\/([^/]+)/.exec(event.source ?? '')?.[1] ?? '';

/** The names are kept with the event: it must be legible when box or device are gone. */
export function named(state, event) {
  const id = boxIn(event);
  const box = state.boxes.get(id);
  return {
    ...event, box: id, boxName: box?.name ?? event.data?.name ?? id,
    deviceName: event.device ? deviceOf(box, event.device)?.description.name ?? event.data?.description?.name ?? event.device : '',
  };
}

function keepEvent(state, event) {
  const list = state.paused ? state.heldEvents : state.events;
  list.unshift(named(state, event));
  if (list.length > mostEvents) list.length = mostEvents;
}

/**
 * Of a list, newest first, what tells something. A box that comes back sends its picture again; unless its name or
 * an address is another, that is no news to a person.
 */
export function telling(events) {
  const known = new Map(); // box -> what was last told of it
  const told = [];
  for (let at = events.length - 1; at >= 0; at--) {
    const event = events[at];
    const {name, report} = event.data ?? {};
    const before = known.get(event.box) ?? {};
    const addresses = report?.addresses?.length ? [...report.addresses].sort().join(' ') : undefined;
    const differs = (now, then) => now !== undefined && then !== undefined && now !== then;
    if (event.type.startsWith('box.')) known.set(event.box, {name: name ?? before.name, addresses: addresses ?? before.addresses});
    if (event.type !== 'box.changed' || differs(name, before.name) || differs(addresses, before.addresses)) told.push(event);
  }
  return told.reverse();
}

export function pauseEvents(state, paused) {
  state.paused = paused;
  if (paused) return;
  state.events = [...state.heldEvents, ...state.events].slice(0, mostEvents);
  state.heldEvents = [];
}

function applyToBox(state, event, box, what) {
  if (what === 'removed') {
    if (state.boxes.delete(boxIn(event))) state.revision++;
    return;
  }
  const news = event.data?.id ? {...event.data} : box && {...box};
  if (!news) return;
  if (what === 'alert') news.alert = event.data.text ?? ''; // empty: it was decided
  if (what === 'online' || what === 'offline') {
    const online = what === 'online';
    if (event.data?.stage) news.stage = event.data.stage;
    putBox(state, {...news, online, online_since: event.time, ...(online ? {} : {state: 'unknown'})});
  } else {
    putBox(state, news);
  }
}

function applyToDevice(state, event, box, what) {
  if (!box) return null;
  const before = deviceOf(box, event.device);
  if (what === 'removed') {
    const devices = (box.devices ?? []).filter(({description}) => description.id !== event.device);
    put(state, {...box, devices, state: worstOf(devices)});
  } else if (what === 'added' || what === 'changed') {
    putDevice(state, box, event.data);
  } else if (what === 'status' || what === 'value') {
    putStatus(state, box, event.device, event.data);
    if (what === 'status' && before && stateOf(before.status) !== stateOf(event.data))
      return {name: `${box.name}, ${before.description.name}`, status: event.data};
  }
  return null;
}

/**
 * Takes one event. Answers whether the fleet must be read anew, which box came into it, which wants to know its
 * point of sale, and what to say to people who cannot see it change.
 */
export function applyEvent(state, event) {
  const outcome = {read: false, came: '', gone: '', asks: '', said: null};
  if (event.type === 'gap') return {...outcome, read: true};
  const live = !event.sequence; // a value: not numbered, not kept
  if (!live) {
    const old = event.sequence <= (state.sequence ?? 0);
    state.sequence = Math.max(state.sequence ?? 0, event.sequence);
    if (old) return outcome;
  }
  const [topic, what] = event.type.split('.');
  const id = boxIn(event);
  const box = state.boxes.get(id);
  if (!live) keepEvent(state, event);
  if (topic === 'box') {
    applyToBox(state, event, box, what);
    if (what === 'connected' && !box) outcome.came = id;
    if (what === 'connected' && event.data?.point_question) outcome.asks = id;
    if (what === 'removed') outcome.gone = id;
    if (box && (what === 'online' || what === 'offline')) outcome.said = {name: box.name, status: {state: what}};
  } else if (topic === 'point_of_sale') {
    applyToPoints(state, event.data, what);
  } else if (topic === 'device') {
    outcome.said = applyToDevice(state, event, box, what);
  } else if (topic === 'command' && event.data?.id) {
    putCommand(state, event.data);
  }
  const now = state.boxes.get(id);
  if (now && !live) put(state, {...now, last_event: event.type, last_event_at: event.time});
  return outcome;
}

// Order and choice

const collator = new Intl.Collator(undefined, {numeric: true, sensitivity: 'base'});
const orders = {
  name: () => 0,
  worst: (a, b) => rank(b) - rank(a),
  last: (a, b) => Date.parse(b.last_event_at) - Date.parse(a.last_event_at),
  newest: (a, b) => Date.parse(b.connected) - Date.parse(a.connected),
};
export const sorts = Object.keys(orders);

function rank(box) {
  const at = standing(box);
  return at === 'offline' ? 2.5 : gravity[at];
}

/** All that a box can be found by, in small letters. */
function haystack({id, name, note = '', point_of_sale_name: point = '', tags = [], report = {}, devices = []}) {
  const parts = [id, name, note, point, ...tags, ...(report.addresses ?? [])];
  for (const {description} of devices) parts.push(description.id, description.name, description.address ?? '');
  return parts.join('\n').toLowerCase();
}
const haystacks = new WeakMap();
function hayOf(box) {
  if (!haystacks.has(box)) haystacks.set(box, haystack(box));
  return haystacks.get(box);
}

/** Whether a box answers to all words of a question. */
export const matches = (box, question) =>
  question.toLowerCase().split(/\s+/).every((word) => hayOf(box).includes(word));

let placed = null; // comparing names is dear: it is done when a name changed

/** The boxes by name; made anew only when a box came, went or was renamed. */
function byName(boxes) {
  const same = placed && placed.length === boxes.size && placed.every(({id, name}) => boxes.get(id)?.name === name);
  if (!same) {
    placed = [...boxes.values()].sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1))
      .map(({id, name}) => ({id, name}));
  }
  return placed.map(({id}) => boxes.get(id));
}

/**
 * What the list shows: the boxes that fit, in order, and how many stand how among those found by the question.
 * `found` are boxes that the server found by what these pages do not know.
 */
export function choose(state, {question = '', standing: wanted = '', sort = 'name', point = '', tag = '', found = null}) {
  const counts = Object.fromEntries(standings.map((each) => [each, 0]));
  const shown = [];
  const asked = question.trim();
  for (const box of byName(state.boxes)) {
    if (asked && !matches(box, asked) && !found?.has(box.id)) continue;
    if ((point && box.point_of_sale !== point) || (tag && !box.tags?.includes(tag))) continue;
    const at = standing(box);
    counts[at]++;
    if (!wanted || at === wanted) shown.push(box);
  }
  if (sort !== 'name') shown.sort(orders[sort] ?? orders.name);
  return {boxes: shown, counts, total: state.boxes.size};
}
