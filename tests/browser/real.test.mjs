// The real programs, side by side in two windows: a till prints, the paper room shows the paper, the homepage says how it went.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {checkAccessibility, closePage, measure, openPage, picture, startBrowser} from './support/browser.mjs';
import {Box, Room, sleep, till, tillOrigin, until} from './support/programs.mjs';

const wait = {timeout: 60_000};
const away = ['WebSocket', 'ERR_', '401'];
let browser;
let room;
let box;
let home; // the homepage
let paper; // the paper room

before(async () => {
  browser = await startBrowser();
  room = await new Room().start();
  await room.play('counter', 'pace', {state: 'instant'});
  box = await new Box().start(`counter=tcp://127.0.0.1:${room.printerPort}`, tillOrigin);
  paper = await openPage(browser, room.url, {expected: away});
  home = await openPage(browser, `${box.url}/#setup=${box.setupCode}`, {expected: away});
});
after(async () => {
  await browser?.close();
  await box?.remove();
  await room?.end();
});

const device = () => home.locator('[data-device="counter"]');
const actions = (state) => home.locator(`[data-state="${state}"]`);
const onSpike = () => paper.locator('.on-spike').count();
const state = (word) => device().locator('.pill', {hasText: word}).waitFor(wait);

test('the homepage signs in and shows the printer ready', async () => {
  await state('ready');
  assert.equal(new URL(home.url()).hash, '');
  await home.getByText('Everything works.').waitFor(wait);
  const {bytes, firstPaint} = await measure(home);
  assert.ok(bytes < 60_000, `${bytes} bytes`);
  console.log(`homepage: ${bytes} bytes, first paint after ${Math.round(firstPaint)} ms`);
  await picture(home, 'real-home-ready');
});

test('a wrong setup code is refused in words', async () => {
  const page = await openPage(browser, box.url, {expected: away});
  const wrong = box.setupCode === '000000' ? '111111' : '000000';
  await page.getByLabel('Setup code').fill(wrong);
  await page.getByText('That is not this box’s code.').waitFor(wait);
  await closePage(page);
});

test('the recorded till’s receipt comes out of the paper room, and the homepage says so', async () => {
  for (const step of ['01-hello', '02-handshake-preflight', '03-handshake', '04-status-preflight', '05-status', '06-printer-action-preflight']) {
    const {status} = await till(box, step);
    assert.ok(status < 300, `${step}: ${status}`);
  }
  const {status, text} = await till(box, '08-print-receipt');
  assert.equal(status, 200);
  assert.equal(JSON.parse(text).result, true);
  await actions('confirmed').first().waitFor(wait);
  await paper.locator('.on-spike').first().waitFor(wait);
  const [receipt] = await room.receipts('counter');
  assert.ok(receipt.height > 700, `${receipt.height} rows`);
  await paper.locator('[data-spike="counter"]').click();
  await paper.getByRole('dialog').getByRole('img').waitFor(wait);
  await picture(paper, 'real-receipt', false);
  await checkAccessibility(paper, 'receipt');
  await paper.keyboard.press('Escape');
});

test('the details show where the time went', async () => {
  await actions('confirmed').first().locator('.action-line').click();
  await home.locator('.waterfall').waitFor(wait);
  assert.ok((await home.locator('.span').count()) >= 2);
  await picture(home, 'real-home-trace');
  await checkAccessibility(home, 'trace');
  await actions('confirmed').first().locator('.action-line').click();
});

test('the recorded till opens the drawer', async () => {
  await till(box, '07-open-drawer');
  await paper.locator('.drawer.open').waitFor(wait);
  await picture(paper, 'real-drawer');
  await checkAccessibility(paper, 'drawer');
  await room.play('counter', 'drawer', {state: 'closed'});
});

test('an unknown till is asked about; allowed, it prints', async () => {
  const origin = 'https://new-till.example';
  const before = (await room.receipts('counter')).length;
  await till(box, '06-printer-action-preflight', {origin});
  assert.notEqual(JSON.parse((await till(box, '07-open-drawer', {origin})).text).result, true);
  const ask = home.locator('.ask', {hasText: origin});
  await ask.getByRole('button', {name: 'Allow'}).click(wait);
  await ask.waitFor({state: 'detached', ...wait});
  assert.equal(JSON.parse((await till(box, '08-print-receipt', {origin})).text).result, true);
  await until('its receipt comes out', async () => (await room.receipts('counter')).length === before + 1);
});

test('without paper the homepage says what to do; with paper the waiting receipt comes out by itself', async () => {
  await until('all that was cut lies on the spike', async () => (await onSpike()) === (await room.receipts('counter')).length);
  const before = await onSpike();
  await paper.getByRole('radio', {name: 'None'}).click({force: true});
  await state('trouble');
  await device().getByText('The printer is out of paper.').waitFor(wait);
  await till(box, '08-print-receipt');
  await device().getByText('1 waiting').waitFor(wait);
  await home.getByText('Waits: The printer is out of paper.').waitFor(wait);
  await picture(home, 'real-home-no-paper');
  await checkAccessibility(home, 'no paper');
  await picture(paper, 'real-room-no-paper');
  assert.equal(await onSpike(), before);
  await paper.getByRole('radio', {name: 'Full roll'}).click({force: true});
  await state('ready');
  await until('the waiting receipt is on the spike', async () => (await onSpike()) === before + 1);
  await home.locator('[data-state="accepted"]').waitFor({state: 'detached', ...wait});
});

test('cover, power and plug turn into words on the homepage', async () => {
  await paper.getByRole('switch', {name: 'Cover open'}).click({force: true});
  await device().getByText('The cover of the printer is open.').waitFor(wait);
  await paper.getByRole('switch', {name: 'Cover open'}).click({force: true});
  await state('ready');
  await paper.getByRole('switch', {name: 'Power'}).click({force: true});
  await device().getByText(/refuses the connection|cannot be reached/).waitFor({timeout: 60_000});
  await paper.getByRole('switch', {name: 'Power'}).click({force: true});
  await device().locator('.pill', {hasText: 'ready'}).waitFor({timeout: 60_000});
});

test('a status ticket comes out by a click', async () => {
  const before = (await room.receipts('counter')).length;
  await device().getByRole('button', {name: /^Test/}).click();
  await until('the ticket comes out', async () => (await room.receipts('counter')).length === before + 1);
});

test('killed in mid-print, the box asks; "print again" prints it', async () => {
  await room.play('counter', 'pace', {state: 'real'});
  await room.play('counter', 'fault', {state: 'slow', on: true});
  const before = (await room.receipts('counter')).length;
  const lost = till(box, '08-print-receipt').catch(() => {});
  await until('paper moves', async () => (await (await fetch(`${room.url}/api/v1/printers/counter`)).json()).printing);
  await actions('sent').first().waitFor(wait);
  await box.end();
  await lost;
  await home.getByText(/Connection lost since/).waitFor(wait);
  await room.play('counter', 'fault', {state: 'none'});
  await room.play('counter', 'pace', {state: 'instant'});
  await room.play('counter', 'tear', {});
  await box.again();
  const question = home.locator('.needs li').first();
  await question.getByText('The box was cut off while printing.').waitFor({timeout: 60_000});
  await home.locator('.connection-bar').waitFor({state: 'detached', ...wait});
  await picture(home, 'real-home-unknown');
  await checkAccessibility(home, 'unknown');
  await sleep(500);
  const torn = (await room.receipts('counter')).length;
  assert.ok(torn >= before, 'nothing is printed by itself');
  await question.getByRole('button', {name: 'Print again'}).click();
  await until('the copy comes out', async () => (await room.receipts('counter')).length > torn);
});

test('behind the cogs everything is filled from the real box', async () => {
  await home.getByRole('button', {name: 'Advanced'}).click();
  await home.locator('.log li').first().waitFor(wait);
  await home.locator('.limit').first().waitFor(wait);
  await home.getByText('ledger').first().waitFor(wait);
  await picture(home, 'real-home-advanced');
  await checkAccessibility(home, 'advanced');
  await home.getByRole('button', {name: 'Back to the overview'}).click();
});

test('both programs end in order', async () => {
  assert.ok(await room.end('SIGTERM'), 'the room did not end');
  assert.ok(await box.end('SIGTERM'), 'the box did not end');
});

test('neither page complained, nor asked anybody else', async () => {
  assert.deepEqual(home.external, []);
  assert.deepEqual(paper.external, []);
  assert.deepEqual(home.complaints, []);
  assert.deepEqual(paper.complaints, []);
});
