// What the homepage makes of events: pure, so it is tried without a browser.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {applyEvent, mostEvents, needy, newState, openQuestions, overall, pauseEvents, putAction, putDevice, reasonToWait, valueIsOld} from '../../web/box/state.js';

const device = (id, state = 'ready', since = '2026-03-01T12:00:00Z') => ({
  description: {id, name: `Printer ${id}`, kind: 'printer'}, status: {state, text: state, remedy: '', since, waiting: 0},
});
const action = (number, state = 'confirmed', updated = '2026-03-01T12:00:00Z') => ({id: `a${number}`, number, device: 'one', action: 'print', state, updated});
const event = (sequence, type, data, about = 'one') => ({sequence, type, data, device: about, action: data?.id ?? '', time: '2026-03-01T12:00:00Z'});

function withDevices(...devices) {
  const state = newState();
  devices.forEach((each) => putDevice(state, each));
  return state;
}

test('devices are kept in the order of their names', () => {
  const state = withDevices(device('b'), device('c'), device('a'));
  assert.deepEqual(state.devices.map(({description}) => description.id), ['a', 'b', 'c']);
});

test('a status event changes the device and says so', () => {
  const state = withDevices(device('one'));
  const {said, read} = applyEvent(state, event(5, 'device.status', {...device('one', 'trouble').status, text: 'Out of paper.'}));
  assert.equal(state.devices[0].status.state, 'trouble');
  assert.equal(said.name, 'Printer one');
  assert.equal(read, '');
  assert.equal(state.sequence, 5);
});

test('a status that only changes a number is not read aloud', () => {
  const state = withDevices(device('one'));
  assert.equal(applyEvent(state, event(5, 'device.status', {...device('one').status, waiting: 3})).said, null);
  assert.equal(state.devices[0].status.waiting, 3);
});

test('a live value is shown, not listed, not read aloud, and grows old', () => {
  const state = withDevices(device('one'));
  const value = {type: 'device.value', device: 'one', data: {...device('one').status, text: '0.452 kg'}};
  const before = {sequence: state.sequence};
  assert.deepEqual(applyEvent(state, value), {read: '', said: null});
  assert.equal(state.devices[0].status.text, '0.452 kg');
  assert.equal(state.events.length, 0);
  assert.equal(state.sequence, before.sequence);
  assert.equal(valueIsOld(state.devices[0]), false);
  assert.equal(valueIsOld(state.devices[0], Date.now() + 20_000), true);
  assert.equal(valueIsOld(device('one')), false);
});

test('a scale that moves leaves the page calm', () => {
  const moving = device('one', 'attention');
  moving.status.details = {motion: true};
  assert.equal(overall(withDevices(moving)), 'ready');
});

test('a removed device goes, and its event keeps the name', () => {
  const state = withDevices(device('one'));
  applyEvent(state, event(5, 'device.removed', {}));
  assert.equal(state.devices.length, 0);
  assert.equal(state.events[0].deviceName, 'Printer one');
});

test('actions stand newest first, and an older picture never overwrites a newer one', () => {
  const state = newState();
  for (const number of [2, 5, 3]) putAction(state, action(number));
  assert.deepEqual(state.actions.map(({number}) => number), [5, 3, 2]);
  putAction(state, action(3, 'accepted', '2026-03-01T11:59:00Z'));
  assert.equal(state.actions[1].state, 'confirmed');
  putAction(state, action(3, 'failed', '2026-03-01T12:01:00Z'));
  assert.equal(state.actions[1].state, 'failed');
});

test('events from before the first reading are history: shown, not applied', () => {
  const state = withDevices(device('one'));
  state.known = 10;
  applyEvent(state, event(9, 'device.status', device('one', 'trouble').status));
  assert.equal(state.devices[0].status.state, 'ready');
  assert.equal(state.events.length, 1);
});

test('a gap behind the first reading makes the page read all anew; one before it does not matter', () => {
  const state = newState();
  state.known = 10;
  assert.equal(applyEvent(state, {type: 'gap', data: {after: 3, before: 8}}).read, '');
  assert.equal(applyEvent(state, {type: 'gap', data: {after: 3, before: 11}}).read, '');
  assert.equal(applyEvent(state, {type: 'gap', data: {after: 12, before: 40}}).read, 'all');
});

test('the list of events is bounded, also while it is paused, and nothing is lost by pausing', () => {
  const state = newState();
  applyEvent(state, event(1, 'box.changed', {}));
  pauseEvents(state, true);
  applyEvent(state, event(2, 'box.changed', {}));
  assert.equal(state.events.length, 1);
  assert.equal(state.heldEvents.length, 1);
  pauseEvents(state, false);
  assert.deepEqual(state.events.map(({sequence}) => sequence), [2, 1]);
  for (let sequence = 3; sequence < mostEvents + 50; sequence++) applyEvent(state, event(sequence, 'box.changed', {}));
  assert.equal(state.events.length, mostEvents);
});

test('the box is as its worst device; open questions want attention', () => {
  const state = withDevices(device('one'), device('two'));
  assert.equal(overall(state), 'ready');
  putAction(state, action(1, 'unknown'));
  assert.equal(openQuestions(state).length, 1);
  assert.equal(overall(state), 'attention');
  putDevice(state, device('two', 'trouble'));
  assert.equal(overall(state), 'trouble');
});

test('what wants something stands worst first, then longest', () => {
  const state = withDevices(device('a', 'attention'), device('b', 'trouble', '2026-03-01T12:05:00Z'), device('c', 'trouble'), device('d'));
  assert.deepEqual(needy(state).map(({description}) => description.id), ['c', 'b', 'a']);
});

test('an accepted action says why it waits, as long as its device is not ready', () => {
  const state = withDevices(device('one', 'trouble'));
  assert.equal(reasonToWait(state, action(1, 'accepted')).state, 'trouble');
  assert.equal(reasonToWait(state, action(1, 'confirmed')), null);
  putDevice(state, device('one'));
  assert.equal(reasonToWait(state, action(1, 'accepted')), null);
});
