// The real programs together: a server and a box in two windows, a scale and a printer that are simulated.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {checkAccessibility, closePage, measure, openPage, picture, startBrowser} from './support/browser.mjs';
import {Box, Room, Server, tillOrigin, until} from './support/programs.mjs';

const wait = {timeout: 60_000};
const away = ['WebSocket', 'ERR_', '401', 'Failed to load'];
const password = 'correct horse battery';
let browser;
let room;
let folder; // where the scale's line is
let server;
let box;
let fleet; // the server's page
let home; // the box's page

before(async () => {
  browser = await startBrowser();
  folder = mkdtempSync(join(tmpdir(), 'troupe-scale-'));
  const line = join(folder, 'scale');
  room = await new Room().start('counter', '--scale', `till=${line}`);
  await room.play('counter', 'pace', {state: 'instant'});
  server = await new Server().start();
  box = await new Box().start(`counter=tcp://127.0.0.1:${room.printerPort},scale=serial:${line}`, tillOrigin, '--server', server.url);
});
after(async () => {
  await browser?.close();
  await box?.remove();
  await server?.remove();
  await room?.end();
  if (folder) rmSync(folder, {recursive: true, force: true});
});

const card = () => fleet.locator('[data-box]');
const cardIs = (word) => card().locator('.pill', {hasText: word}).waitFor(wait);
const receipts = async () => (await room.receipts('counter')).length;

test('the first owner comes in by the link that the server prints', async () => {
  fleet = await openPage(browser, await server.setupLink(), {expected: away});
  await fleet.getByLabel('Name').fill('Ada');
  await fleet.getByLabel('Password').fill(password);
  await fleet.getByRole('button', {name: 'Begin'}).click();
  await fleet.getByText('No boxes yet.').waitFor(wait);
  const {bytes, firstPaint} = await measure(fleet);
  assert.ok(bytes < 60_000, `${bytes} bytes`);
  console.log(`server's pages: ${bytes} bytes, first paint after ${Math.round(firstPaint)} ms`);
});

test('a point of sale is added in the settings', async () => {
  await fleet.goto(`${server.url}/#/settings`);
  await fleet.getByRole('button', {name: 'New point of sale'}).click();
  await fleet.getByRole('dialog').getByLabel('Name').fill('Bäckerei ☕');
  await fleet.getByRole('button', {name: 'Add', exact: true}).click();
  await fleet.locator('[data-point="Bäckerei ☕"]').waitFor(wait);
  await fleet.goto(`${server.url}/#/boxes`);
});

test('the code on the box’s page, typed on the server’s, brings its card', async () => {
  home = await openPage(browser, `${box.url}/#setup=${box.setupCode}`, {expected: away});
  const code = await home.locator('.pairing-code code').textContent(wait);
  assert.match(code, /^[B-DF-HJ-NP-TV-Z]{4}-[B-DF-HJ-NP-TV-Z]{4}$/);
  await picture(home, 'real-pairing');
  await checkAccessibility(home, 'pairing');
  await until('the slip with the code comes out', async () => (await receipts()) > 0);
  await fleet.getByRole('button', {name: 'Connect a box'}).first().click();
  await fleet.getByLabel('Code', {exact: true}).fill(code.toLowerCase().replace('-', ' '));
  const typed = performance.now();
  await fleet.keyboard.press('Enter');
  await card().first().waitFor(wait);
  console.log(`from the code to the card: ${Math.round(performance.now() - typed)} ms`);
  await cardIs('ready');
  for (const page of [fleet, home])
    for (const step of ['taken', 'linked', 'proven', 'devices', 'done']) await page.locator(`[data-step="${step}"][data-state="done"]`).waitFor(wait);
  await picture(home, 'real-connected');
  await fleet.getByLabel(/^Which point of sale/).selectOption({label: 'Bäckerei ☕'});
  await fleet.getByRole('dialog').getByRole('button', {name: 'Save'}).click();
  await card().getByText('Bäckerei ☕').waitFor(wait);
  await fleet.getByRole('dialog').waitFor({state: 'detached', ...wait});
  await home.locator('.pairing-code').waitFor({state: 'detached', ...wait});
  await home.getByText(/connected to/).first().waitFor(wait);
  await picture(fleet, 'real-fleet');
  await checkAccessibility(fleet, 'fleet');
});

test('a test ticket asked for on the server comes out, once, and says so with its trace', async () => {
  const before = await receipts();
  await card().click();
  await fleet.getByRole('button', {name: /^Print a test ticket/}).click();
  await fleet.locator('[data-device="counter"] [data-progress="confirmed"]').waitFor(wait);
  await until('the ticket comes out', async () => (await receipts()) === before + 1);
  await fleet.locator('.action-line').first().click();
  for (const place of ['browser', 'server', 'box']) await fleet.locator('.waterfall .span-place', {hasText: place}).first().waitFor(wait);
  await picture(fleet, 'real-box-form');
  await checkAccessibility(fleet, 'box form');
});

test('a weight put on the scale moves on the server’s page, and is read on request', async () => {
  const scale = fleet.locator('[data-device="scale"]');
  for (const [grams, text] of [[452, '0.452'], [1205, '1.205']]) {
    await room.scale('till', 'weight', {grams});
    await scale.locator('.value').getByText(text).waitFor(wait);
  }
  await fleet.getByRole('button', {name: /^Read weight/}).click();
  await scale.locator('[data-progress="confirmed"]').getByText('1.205 kg').waitFor(wait);
  await picture(fleet, 'real-weight', false);
});

test('tags and technical information of the real box', async () => {
  const tag = fleet.getByPlaceholder('Add a tag');
  await tag.fill('  leased  ');
  await tag.press('Enter');
  await fleet.getByRole('button', {name: 'Remove the tag leased'}).waitFor(wait);
  await fleet.evaluate(() => localStorage.setItem('troupe.developer', '1'));
  await fleet.reload();
  await fleet.locator('[data-link]').getByText(/ms there and back/).waitFor(wait);
  await fleet.locator('[data-clock]').getByText(/the server’s \(±/).waitFor(wait);
  await fleet.getByText(`${box.port}/`).first().waitFor(wait);
  await picture(fleet, 'real-technical');
  await checkAccessibility(fleet, 'technical');
});

test('trouble on the box is read on the server, in words', async () => {
  await room.play('counter', 'paper', {state: 'out'});
  await fleet.locator('.verdict').getByText('The printer is out of paper.').waitFor(wait);
  await fleet.goto(`${server.url}/#/boxes`);
  await cardIs('trouble');
  await room.play('counter', 'paper', {state: 'in'});
  await cardIs('ready');
});

test('a card goes offline and comes back', async () => {
  await box.end();
  await cardIs('offline');
  await box.again();
  await cardIs('ready');
});

test('what is asked while the box is away is done when it is back, once', async () => {
  await box.end();
  await cardIs('offline');
  await card().click();
  const before = await receipts();
  await fleet.getByRole('button', {name: /^Print a test ticket/}).click();
  await fleet.getByText('waits until the box is back').first().waitFor(wait);
  await box.again();
  await fleet.locator('[data-device="counter"] [data-progress="confirmed"]').waitFor(wait);
  await until('the ticket comes out', async () => (await receipts()) === before + 1);
});

test('the server’s plug is pulled and put back: the page catches up by itself', async () => {
  await fleet.goto(`${server.url}/#/boxes`);
  await server.end();
  await fleet.getByText(/Connection lost since/).waitFor(wait);
  await room.play('counter', 'paper', {state: 'out'});
  await home.locator('[data-device="counter"] .pill', {hasText: 'trouble'}).waitFor(wait);
  await server.again();
  await cardIs('trouble');
  await fleet.locator('.connection-bar').waitFor({state: 'detached', ...wait});
  await room.play('counter', 'paper', {state: 'in'});
  await cardIs('ready');
});

test('deleted on the server, the box shows a code again', async () => {
  await card().click();
  await fleet.getByLabel(/^More for/).first().click();
  await fleet.getByRole('button', {name: 'Delete …'}).click();
  await fleet.getByRole('dialog').getByRole('button', {name: /^Delete/}).click();
  await fleet.getByText('No boxes yet.').waitFor(wait);
  await home.locator('.pairing-code code').waitFor(wait);
});

test('neither page complained, nor asked anybody else; all programs end in order', async () => {
  await closePage(fleet);
  await closePage(home);
  for (const program of [box, server, room]) assert.ok(await program.end('SIGTERM'), 'a program did not end');
});
