// What the server's pages make of events: pure, so it is tried without a browser.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {applyEvent, choose, mostEvents, needy, newState, pauseEvents, putBox, putBoxes, putCommand, standing, telling} from '../../web/server/state.js';

const time = '2026-03-01T12:00:00Z';
const device = (id, state = 'ready', more = {}) => ({description: {id, name: `Device ${id}`, kind: 'printer'}, status: {state, text: state, since: time, ...more}});
const box = (id, more = {}) => ({id, name: `Box ${id}`, note: '', online: true, state: 'ready', alert: '', report: {addresses: [`10.0.0.${id}`], version: '1'}, devices: [device('one')], ...more});
const event = (sequence, type, data, about = {}) => ({sequence, type, data, box: '1', device: '', time, ...about});

function withBoxes(...boxes) {
  const state = newState();
  putBoxes(state, boxes);
  state.sequence = 10;
  return state;
}

test('a box stands under one counter: offline before its state, and a decision wants attention', () => {
  assert.equal(standing(box(1)), 'ready');
  assert.equal(standing(box(1, {online: false, state: 'unknown'})), 'offline');
  assert.equal(standing(box(1, {alert: 'Two machines.'})), 'attention');
  assert.equal(standing(box(1, {alert: 'Two machines.', state: 'trouble'})), 'trouble');
  assert.equal(standing(box(1, {alert: 'Two machines.', online: false})), 'attention');
});

test('a status event changes device and box, and is said once', () => {
  const state = withBoxes(box('1'));
  const first = applyEvent(state, event(11, 'device.status', {state: 'trouble', text: 'Out of paper.', since: time}, {device: 'one'}));
  assert.equal(first.said.name, 'Box 1, Device one');
  assert.equal(state.boxes.get('1').state, 'trouble');
  assert.equal(state.sequence, 11);
  assert.equal(applyEvent(state, event(12, 'device.status', {state: 'trouble', text: 'Still.', since: time}, {device: 'one'})).said, null);
});

test('an event that was seen is not taken twice, and one before the first reading is not applied', () => {
  const state = withBoxes(box('1'));
  applyEvent(state, event(9, 'box.offline', {}));
  assert.equal(state.boxes.get('1').online, true);
  applyEvent(state, event(11, 'box.offline', {}));
  applyEvent(state, event(11, 'box.online', {}));
  assert.equal(state.boxes.get('1').online, false);
  assert.equal(state.events.length, 1);
});

test('a live value moves what is shown, is not kept, and moves no sequence', () => {
  const state = withBoxes(box('1', {devices: [device('scale')]}));
  applyEvent(state, {...event(undefined, 'device.value', {state: 'ready', details: {text: '0.452'}}, {device: 'scale'})});
  assert.equal(state.boxes.get('1').devices[0].status.details.text, '0.452');
  assert.equal(state.sequence, 10);
  assert.equal(state.events.length, 0);
});

test('a scale on which something moves wants nothing; one that is overloaded does', () => {
  const state = withBoxes(box('1', {devices: [device('scale')]}));
  applyEvent(state, event(undefined, 'device.value', {state: 'attention', text: 'Moving.', details: {motion: true}}, {device: 'scale'}));
  assert.equal(state.boxes.get('1').state, 'ready');
  assert.deepEqual(needy(state.boxes.get('1')), []);
  applyEvent(state, event(undefined, 'device.value', {state: 'attention', code: 'WARNING_UNDER_ZERO', text: 'Below zero.', details: {motion: false}}, {device: 'scale'}));
  assert.equal(state.boxes.get('1').state, 'attention');
  applyEvent(state, event(11, 'device.status', {state: 'trouble', text: 'Too heavy.', details: {over: true}}, {device: 'scale'}));
  assert.equal(state.boxes.get('1').state, 'trouble');
});

test('a box comes, goes offline, comes back, changes and goes', () => {
  const state = withBoxes();
  assert.equal(applyEvent(state, event(11, 'box.connected', box('1'))).came, '1');
  assert.equal(applyEvent(state, event(12, 'box.offline', {})).said.status.state, 'offline');
  assert.equal(state.boxes.get('1').state, 'unknown');
  applyEvent(state, event(13, 'box.online', {id: '1', state: 'ready', devices: [device('one')]}));
  assert.equal(standing(state.boxes.get('1')), 'ready');
  applyEvent(state, event(14, 'box.changed', {id: '1', name: 'Other', report: {version: '2'}}));
  assert.equal(state.boxes.get('1').name, 'Other');
  assert.deepEqual(state.boxes.get('1').report, {addresses: ['10.0.0.1'], version: '2'});
  assert.equal(applyEvent(state, event(15, 'box.removed', {})).gone, '1');
  assert.equal(state.boxes.size, 0);
  assert.equal(state.events[0].boxName, 'Other');
});

test('a box that was alerted wants a decision until it is made', () => {
  const state = withBoxes(box('1'));
  applyEvent(state, event(11, 'box.alert', {text: 'Two machines.'}));
  assert.equal(standing(state.boxes.get('1')), 'attention');
  applyEvent(state, event(12, 'box.alert', {text: ''}));
  assert.equal(standing(state.boxes.get('1')), 'ready');
});

test('short news of a box keeps what it does not tell', () => {
  const state = withBoxes(box('1', {devices: [device('one', 'ready', {details: {drawer_open: true}})]}));
  putBox(state, {id: '1', devices: [{description: {id: 'one', name: 'New name'}, status: {state: 'attention'}}]});
  const [{description, status}] = state.boxes.get('1').devices;
  assert.deepEqual([description.name, description.kind, status.state, status.details], ['New name', 'printer', 'attention', {drawer_open: true}]);
});

test('an older picture of a command never overwrites a newer one', () => {
  const state = newState();
  putCommand(state, {id: 'c', state: 'confirmed', updated: '2026-03-01T12:00:01Z'});
  putCommand(state, {id: 'c', state: 'accepted', updated: '2026-03-01T12:00:00Z'});
  assert.equal(state.commands.get('c').state, 'confirmed');
});

test('a gap makes the page read the fleet anew', () => {
  assert.equal(applyEvent(newState(), {type: 'gap', data: {after: 3, before: 40}}).read, true);
});

test('events are bounded, also while paused, and nothing is lost by pausing', () => {
  const state = withBoxes(box('1'));
  pauseEvents(state, true);
  for (let sequence = 11; sequence < 14; sequence++) applyEvent(state, event(sequence, 'box.changed', {id: '1'}));
  assert.equal(state.events.length, 0);
  pauseEvents(state, false);
  assert.deepEqual(state.events.map(({sequence}) => sequence), [13, 12, 11]);
  for (let sequence = 14; sequence < 20 + mostEvents; sequence++) applyEvent(state, event(sequence, 'box.changed', {id: '1'}));
  assert.equal(state.events.length, mostEvents);
});

test('a list leaves out a box’s picture that only repeats itself, and keeps a new name or address', () => {
  const picture = (name, ...addresses) => ({id: '1', name, report: {addresses}});
  const events = [
    event(1, 'box.connected', picture('Till')), event(2, 'box.changed', picture('Till', '10.0.0.1')), event(3, 'box.offline', {name: 'Till'}),
    event(4, 'box.online', {name: 'Till'}), event(5, 'box.changed', picture('Till', '10.0.0.1')), event(6, 'box.changed', picture('Bar', '10.0.0.1')),
    event(7, 'box.changed', picture('Bar', '10.0.0.1')), event(8, 'box.changed', picture('Bar', '10.0.0.2')),
    event(9, 'box.changed', {id: '2', name: 'Other', report: {addresses: ['10.0.0.3']}}, {box: '2'}),
  ];
  assert.deepEqual(telling(events.reverse()).map(({sequence}) => sequence), [8, 6, 4, 3, 1]);
});

test('the list: by name as people count, filtered by state and question, worst first, with the server’s finds', () => {
  const state = withBoxes(box('1', {name: 'Shop 10'}), box('2', {name: 'shop 2'}), box('3', {name: 'Kiosk', note: 'call Max', devices: [device('till', 'trouble')], state: 'trouble'}),
    box('4', {name: 'Aisle', online: false}));
  const ids = (wish) => choose(state, wish).boxes.map(({id}) => id);
  assert.deepEqual(ids({}), ['4', '3', '2', '1']);
  assert.deepEqual(ids({standing: 'trouble'}), ['3']);
  assert.deepEqual(ids({question: 'SHOP'}), ['2', '1']);
  assert.deepEqual(ids({question: '2 shop'}), ['2']);
  assert.deepEqual(ids({question: 'max'}), ['3']);
  assert.deepEqual(ids({question: '10.0.0.4'}), ['4']);
  assert.deepEqual(ids({question: 'till'}), ['3']);
  assert.deepEqual(ids({question: 'elsewhere', found: new Set(['2'])}), ['2']);
  assert.deepEqual(ids({sort: 'worst'}).slice(0, 2), ['3', '4']);
  assert.deepEqual(choose(state, {question: 'shop'}).counts, {ready: 2, attention: 0, trouble: 0, unknown: 0, offline: 0});
});
