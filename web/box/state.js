// What the homepage knows, and how each event changes it. No document, no network: a test can run it.

export const mostEvents = 200;
export const mostActions = 400;
export const pageOfActions = 30;

export function newState() {
  return {
    ready: false, // the first reading is done
    box: null,
    devices: [],
    actions: [], // newest first
    nextActions: null, // where older ones begin
    origins: {allowed: [], asking: [], refused: []},
    pairing: null, // how the box comes to its server
    link: null, // how it stands with the server
    events: [], // newest first
    heldEvents: [], // arrived while paused
    paused: false,
    sequence: null, // of the newest event seen
    known: 0, // events up to this one are in what was read; they are history
  };
}

const byName = (a, b) => a.description.name.localeCompare(b.description.name);

export function putDevice(state, device) {
  const others = state.devices.filter(({description}) => description.id !== device.description.id);
  state.devices = [...others, device].sort(byName);
}

/** Takes an action as news: an older picture of it never overwrites a newer one. */
export function putAction(state, action) {
  const at = state.actions.findIndex(({id}) => id === action.id);
  if (at >= 0) {
    if (Date.parse(action.updated) >= Date.parse(state.actions[at].updated)) state.actions[at] = action;
  } else {
    const place = state.actions.findIndex(({number}) => number < action.number);
    state.actions.splice(place < 0 ? state.actions.length : place, 0, action);
  }
  if (state.actions.length > mostActions) state.actions.length = mostActions;
}

export const deviceOf = (state, id) => state.devices.find(({description}) => description.id === id);
export const nameOf = (state, id) => deviceOf(state, id)?.description.name ?? id;
export const actionOf = (state, id) => state.actions.find((action) => action.id === id);

function keepEvent(state, event) {
  if (event.type === 'link.changed' && event.data?.devices_told && !event.data.code) return; // the last step of connecting: the list of steps shows it
  const list = state.paused ? state.heldEvents : state.events;
  list.unshift({...event, deviceName: event.device ? nameOf(state, event.device) : ''});
  if (list.length > mostEvents) list.length = mostEvents;
}

export function pauseEvents(state, paused) {
  state.paused = paused;
  if (paused) return;
  state.events = [...state.heldEvents, ...state.events].slice(0, mostEvents);
  state.heldEvents = [];
}

/** A live value: shown, not listed, and not read aloud. */
function takeValue(state, event) {
  const before = deviceOf(state, event.device);
  if (before) putDevice(state, {...before, status: event.data, valueAt: Date.now()});
}

/** A live value is told again every five seconds; one that was not is no longer known to be true. */
const valueLasts = 15_000;
export const valueIsOld = (device, at = Date.now()) => device.valueAt !== undefined && at - device.valueAt > valueLasts;

/** A scale on which something moves wants nothing: the page stays calm. */
export const calm = ({state, details}) => state === 'ready' || (state === 'attention' && Boolean(details?.motion));

/**
 * Takes one event. Answers what has to be read anew ('all', 'box', 'origins', 'server' or '') and what to say
 * to people who cannot see it change.
 */
export function applyEvent(state, event) {
  if (event.type === 'gap') return {read: event.data.before > state.known + 1 ? 'all' : '', said: null};
  if (event.type === 'device.value') {
    takeValue(state, event);
    return {read: '', said: null};
  }
  state.sequence = Math.max(state.sequence ?? 0, event.sequence);
  const [topic, what] = event.type.split('.');
  const outcome = {read: '', said: null};
  if (event.sequence <= state.known) {
    keepEvent(state, event);
    return outcome;
  }
  const before = event.device ? deviceOf(state, event.device) : null;
  if (topic === 'device') {
    if (what === 'removed') {
      keepEvent(state, event);
      state.devices = state.devices.filter(({description}) => description.id !== event.device);
      return outcome;
    }
    if (what === 'status' && before) {
      if (before.status.state !== event.data.state || before.status.text !== event.data.text)
        outcome.said = {name: before.description.name, status: event.data};
      putDevice(state, {...before, status: event.data});
    } else if (what === 'added' || what === 'changed') {
      putDevice(state, event.data);
    }
  } else if (topic === 'action') {
    putAction(state, event.data);
  } else if (topic === 'box' || topic === 'screen') {
    outcome.read = 'box';
  } else if (topic === 'origin') {
    outcome.read = 'origins';
  } else if (topic === 'pairing' || topic === 'link') {
    outcome.read = 'server';
  }
  keepEvent(state, event);
  return outcome;
}

/** Prints of which only a person can say whether they came out. */
export const openQuestions = (state) => state.actions.filter(({state: at}) => at === 'unknown');

const gravity = {trouble: 3, attention: 2, unknown: 1, ready: 0};

/** The devices that want something, worst first, then longest. */
export const needy = (state) =>
  state.devices
    .filter(({status}) => !calm(status))
    .sort((a, b) => gravity[b.status.state] - gravity[a.status.state] ||
                    Date.parse(a.status.since) - Date.parse(b.status.since));

/** The state of the whole box: that of its worst device; open questions want attention. */
export function overall(state) {
  const worst = needy(state)[0]?.status.state ?? 'ready';
  const asked = openQuestions(state).length + state.origins.asking.length > 0;
  return asked && gravity[worst] < gravity.attention ? 'attention' : worst;
}

/** Why an accepted action still waits: the state of its device, when that is not ready. */
export function reasonToWait(state, action) {
  if (action.state !== 'accepted') return null;
  const status = deviceOf(state, action.device)?.status;
  return status && status.state !== 'ready' ? status : null;
}
