// Every word that the pages ask for is there, in each language, with the same gaps to fill.
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {patterns, words as german} from '../../web/common/words.de.js';
import {words as english} from '../../web/common/words.en.js';

const web = fileURLToPath(new URL('../../web', import.meta.url));
const sources = ['common', 'box', 'room']
  .flatMap((folder) => readdirSync(join(web, folder)).filter((name) => name.endsWith('.js')).map((name) => join(web, folder, name)))
  .filter((name) => !/words\.\w\w\.js$/.test(name));

const forms = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry));
const gaps = (entry) => [...new Set(forms(entry).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)))].sort();

test('each key that the pages name exists', () => {
  const missing = [];
  for (const name of sources)
    for (const [, key] of readFileSync(name, 'utf8').matchAll(/\bt\('([a-z_.0-9]+)'/g)) if (!(key in english)) missing.push(`${name}: ${key}`);
  assert.deepEqual(missing, []);
});

test('keys made of a prefix and a value have words for each value', () => {
  const needed = {
    'state.': ['ready', 'attention', 'trouble', 'unknown'],
    'action.state.': ['accepted', 'sent', 'confirmed', 'failed', 'unknown', 'canceled'],
    'event.': ['device.added', 'device.changed', 'device.removed', 'action.accepted', 'action.sent', 'action.confirmed', 'action.failed',
      'action.unknown', 'action.canceled', 'box.changed', 'origin.asked', 'origin.decided'],
    'subtype.': ['receipt_printer', 'label_printer', 'office_printer'],
    'language.': ['escpos', 'escpos_column', 'star', 'zpl', 'raw'],
    'level.': ['debug', 'info', 'warning', 'error'],
    'level.from.': ['debug', 'info', 'warning', 'error'],
    'place.': ['browser', 'box', 'link', 'server', 'device'],
    'help.state.': ['ready', 'attention', 'trouble', 'unknown'],
    'sim.': ['power_off', 'unplugged', 'dead', 'cover_open', 'no_paper', 'cutter_error', 'offline', 'paper_low', 'slow', 'garbage', 'silent'],
    'room.cut.': ['full', 'partial', 'torn'],
    'origin.': ['allow.done', 'refuse.done'],
  };
  for (const [prefix, values] of Object.entries(needed)) for (const value of values) assert.ok(prefix + value in english, prefix + value);
});

test('German has all the words of English, and no others', () => {
  assert.deepEqual(Object.keys(german).sort(), Object.keys(english).sort());
});

test('German leaves the same gaps as English', () => {
  for (const key of Object.keys(english)) assert.deepEqual(gaps(german[key]), gaps(english[key]), key);
});

test('plurals have the forms that both languages need', () => {
  for (const table of [english, german])
    for (const [key, entry] of Object.entries(table)) if (typeof entry !== 'string') assert.deepEqual(Object.keys(entry), ['one', 'other'], key);
});

test('what a box says with numbers in it is said in German too', () => {
  const said = (sentence) => patterns.map(([pattern, words]) => [pattern.exec(sentence), words]).filter(([match]) => match)
    .map(([match, words]) => words(...match.slice(1)));
  assert.deepEqual(said('Put in a new roll and close the cover. The 2 that wait are printed by themselves then.'),
    ['Neue Rolle einlegen und den Deckel schließen. Die 2 wartenden drucken dann von selbst.']);
  assert.deepEqual(said('At most 256 connections; one more is refused.'), ['Höchstens 256 connections; eines mehr wird abgewiesen.']);
});
