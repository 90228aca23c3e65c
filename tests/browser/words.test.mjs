// Every word that the pages ask for is there, in each language, with the same gaps to fill.
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {words as boxGerman} from '../../web/box/dialog_words.de.js';
import {words as boxEnglish} from '../../web/box/dialog_words.en.js';
import {words as networkGerman} from '../../web/box/network_words.de.js';
import {words as networkEnglish} from '../../web/box/network_words.en.js';
import {words as rightsGerman} from '../../web/box/rights_words.de.js';
import {words as rightsEnglish} from '../../web/box/rights_words.en.js';
import {words as statusGerman} from '../../web/box/status_words.de.js';
import {words as statusEnglish} from '../../web/box/status_words.en.js';
import {patterns, words as commonGerman} from '../../web/common/words.de.js';
import {words as commonEnglish} from '../../web/common/words.en.js';
import {words as originsGerman} from '../../web/common/origin_words.de.js';
import {words as originsEnglish} from '../../web/common/origin_words.en.js';
import {words as stepsGerman} from '../../web/common/step_words.de.js';
import {words as stepsEnglish} from '../../web/common/step_words.en.js';
import {words as roomGerman} from '../../web/room/words.de.js';
import {words as roomEnglish} from '../../web/room/words.en.js';
import {patterns as auditPatterns, sentences as serverSentences, words as serverGerman} from '../../web/server/words.de.js';
import {words as finderGerman} from '../../web/server/finder_words.de.js';
import {words as finderEnglish} from '../../web/server/finder_words.en.js';
import {words as placesGerman} from '../../web/server/place_words.de.js';
import {words as placesEnglish} from '../../web/server/place_words.en.js';
import {words as tokensGerman} from '../../web/server/token_words.de.js';
import {words as tokensEnglish} from '../../web/server/token_words.en.js';
import {words as serverEnglish} from '../../web/server/words.en.js';

const boxAllEnglish = {...boxEnglish, ...networkEnglish, ...rightsEnglish, ...statusEnglish};
const english = {...commonEnglish, ...boxAllEnglish, ...roomEnglish, ...serverEnglish, ...tokensEnglish, ...finderEnglish, ...stepsEnglish, ...placesEnglish, ...originsEnglish};
const german = {...commonGerman, ...boxGerman, ...networkGerman, ...rightsGerman, ...statusGerman, ...roomGerman, ...serverGerman, ...tokensGerman, ...finderGerman, ...stepsGerman, ...placesGerman, ...originsGerman};
const web = fileURLToPath(new URL('../../web', import.meta.url));
const sources = ['common', 'box', 'server', 'room']
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

test('a page names only words that it brings along, and no key has two owners', () => {
  const strayed = [];
  for (const [folder, own] of [['common', {...stepsEnglish, ...originsEnglish}], ['box', {...boxAllEnglish, ...stepsEnglish}], ['server', {...serverEnglish, ...tokensEnglish, ...finderEnglish, ...stepsEnglish, ...placesEnglish}], ['room', roomEnglish]])
    for (const name of sources.filter((each) => each.startsWith(join(web, folder))))
      for (const [, key] of readFileSync(name, 'utf8').matchAll(/\bt\('([a-z_.0-9]+)'/g)) if (!(key in commonEnglish) && !(key in own)) strayed.push(`${name}: ${key}`);
  assert.deepEqual(strayed, []);
  const keys = [commonEnglish, boxEnglish, networkEnglish, rightsEnglish, statusEnglish, originsEnglish, roomEnglish, serverEnglish, tokensEnglish, finderEnglish, stepsEnglish, placesEnglish].flatMap((table) => Object.keys(table));
  assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) !== at), []);
});

test('keys made of a prefix and a value have words for each value', () => {
  const needed = {
    'state.': ['ready', 'attention', 'trouble', 'unknown', 'offline'],
    'action.state.': ['accepted', 'sent', 'confirmed', 'failed', 'unknown', 'canceled'],
    'event.': ['device.added', 'device.changed', 'device.removed', 'action.accepted', 'action.sent', 'action.confirmed', 'action.failed',
      'action.unknown', 'action.canceled', 'box.changed', 'origin.asked', 'origin.decided', 'setup_code.changed', 'pairing.changed', 'link.changed', 'screen.changed'],
    'step.': ['taken', 'linked', 'proven', 'devices', 'done'],
    'step.state.': ['done', 'working', 'failed', 'late', 'waiting'],
    'unit.': ['ms', 's', 'h', 'days'],
    'event.point_of_sale.': ['added', 'changed', 'removed'],
    'test.step.': ['interface', 'gateway', 'name', 'proxy', 'tcp', 'tls', 'server', 'link', 'clock'],
    'link.state.': ['linked', 'connecting', 'waiting', 'refused', 'unpaired'],
    'subtype.': ['receipt_printer', 'label_printer', 'office_printer'],
    'language.': ['escpos', 'escpos_column', 'star', 'zpl', 'raw'],
    'level.': ['debug', 'info', 'warning', 'error'],
    'level.from.': ['debug', 'info', 'warning', 'error'],
    'place.': ['browser', 'box', 'link', 'server', 'device'],
    'help.state.': ['ready', 'attention', 'trouble', 'unknown'],
    'sim.': ['power_off', 'unplugged', 'dead', 'cover_open', 'no_paper', 'cutter_error', 'offline', 'paper_low', 'slow', 'garbage', 'silent'],
    'room.cut.': ['full', 'partial', 'torn'],
    'origin.': ['allow.done', 'refuse.done', 'allowed', 'refused', 'asking', 'allow.of', 'refuse.of', 'by.config', 'by.server'],
    'rights.': ['pages', 'people', 'server', 'network', 'machine', 'anybody'],
    'rail.': ['boxes', 'devices', 'events', 'people', 'settings'],
    'sort.': ['name', 'worst', 'last', 'newest'],
    'show.': ['cards', 'rows'],
    'role.': ['viewer', 'operator', 'owner'],
    'scope.': ['read', 'operate', 'manage'],
    'history.': ['commands', 'events', 'commands.none', 'events.none'],
    'command.state.': ['accepted', 'sent', 'confirmed', 'failed', 'unknown', 'canceled'],
    'event.fleet.': ['connected', 'online', 'offline', 'changed', 'removed', 'alert'],
    'event.command.': ['accepted', 'sent', 'confirmed', 'failed', 'unknown', 'canceled'],
    'events.type.': ['box', 'device', 'action', 'command'],
    'do.': ['ticket', 'ticket.of', 'drawer', 'drawer.of', 'weigh', 'weigh.of'],
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

test('each line of the list of changes is said in German too', () => {
  const german = (text) => {
    if (serverSentences[text]) return serverSentences[text];
    const [pattern, words] = auditPatterns.find(([each]) => each.test(text)) ?? assert.fail(text);
    return words(...pattern.exec(text).slice(1));
  };
  const expected = {
    'Signed in.': 'Angemeldet.', 'Signed out.': 'Abgemeldet.', 'Signed out everywhere.': 'Überall abgemeldet.', 'A new password.': 'Ein neues Passwort.',
    'Ada is the first owner of this server.': 'Ada ist der erste Inhaber dieses Servers.',
    'Bob came in as operator.': 'Bob kam dazu, als Bediener.', 'Bob is now owner.': 'Bob ist jetzt Inhaber.',
    'Bob is now called Ben.': 'Bob heißt jetzt Ben.', 'Bob is now called Ben. Bob is now viewer.': 'Bob heißt jetzt Ben und ist Betrachter.',
    'Bob has a new password.': 'Bob hat ein neues Passwort.', 'Bob was removed.': 'Bob wurde entfernt.',
    'The key till was made.': 'Der Schlüssel till wurde gemacht.', 'The key till was removed.': 'Der Schlüssel till wurde entfernt.',
    'The server is now called Shop.': 'Der Server heißt jetzt Shop.', 'The box is now called Till.': 'Die Box heißt jetzt Till.',
    'Till has a new note.': 'Till hat eine neue Notiz.', 'Till has a new name and note.': 'Till hat einen neuen Namen und eine neue Notiz.',
    'Till came into the fleet.': 'Till kam in die Flotte.', 'Till was removed from the fleet.': 'Till wurde aus der Flotte genommen.',
    'Till came into the fleet with a token.': 'Till kam mit einem Verbindungs-Token in die Flotte.',
    'Till came into the fleet with the token Kitchen.': 'Till kam mit dem Verbindungs-Token Kitchen in die Flotte.',
    'The connection token Kitchen was made, for a box.': 'Das Verbindungs-Token Kitchen wurde gemacht, für eine Box.',
    'The connection token Kitchen was made, for 20 boxes.': 'Das Verbindungs-Token Kitchen wurde gemacht, für 20 Boxen.',
    'The connection token Kitchen was revoked.': 'Das Verbindungs-Token Kitchen wurde widerrufen.',
    'The newcomer is Till from now on.': 'Von nun an ist der Neuankömmling Till.',
    'Till stays; the newcomer is locked out.': 'Till bleibt; der Neuankömmling ist ausgesperrt.',
    'The box was asked to restart.': 'Neustart der Box verlangt.', 'The box was asked to show itself.': 'Die Box sollte sich zeigen.',
    'A page of https://shop.example may use Till.': 'Eine Seite von https://shop.example darf Till nutzen.',
    'The box was told to forget pages of https://shop.example.': 'Die Box soll Seiten von https://shop.example vergessen.',
    'The homepage of Till was opened.': 'Die Seite von Till wurde geöffnet.', 'The device p1 was added.': 'Das Gerät p1 wurde hinzugefügt.',
    'The device p1 was removed.': 'Das Gerät p1 wurde entfernt.', 'A device is now called Bar.': 'Ein Gerät heißt jetzt Bar.',
  };
  for (const [text, words] of Object.entries(expected)) assert.equal(german(text), words);
});

test('what a box says with numbers in it is said in German too', () => {
  const said = (sentence) => patterns.map(([pattern, words]) => [pattern.exec(sentence), words]).filter(([match]) => match)
    .map(([match, words]) => words(...match.slice(1)));
  assert.deepEqual(said('Put in a new roll and close the cover. The 2 that wait are printed by themselves then.'),
    ['Neue Rolle einlegen und den Deckel schließen. Die 2 wartenden drucken dann von selbst.']);
  assert.deepEqual(said('At most 256 connections; one more is refused.'), ['Höchstens 256 connections; eines mehr wird abgewiesen.']);
});
