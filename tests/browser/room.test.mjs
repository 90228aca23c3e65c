// The paper room against a simulator of our own making.
import assert from 'node:assert/strict';
import {after, afterEach, before, beforeEach, test} from 'node:test';
import {FakeRoom, receiptPicture} from './fake/room.mjs';
import {checkAccessibility, closePage, measure, openPage, picture, sizes, startBrowser} from './support/browser.mjs';

const mostBytes = 60_000; // pages.md
const wait = {timeout: 60_000};
let browser;
let room;

before(async () => (browser = await startBrowser()));
after(() => browser.close());
beforeEach(async () => {
  room = await new FakeRoom().start();
  room.addPrinter('counter');
});
afterEach(() => room.stop());

const open = (options) => openPage(browser, room.url, options);
const spike = (page, id = 'counter') => page.locator(`[data-spike="${id}"]`);
const controls = (page, id = 'counter') => page.locator(`[data-printer="${id}"]`);
/** What a person presses: the word beside the switch, once it stands still. */
const labelOf = (page, role, name) => controls(page).locator('label', {has: page.getByRole(role, {name})});
const strip = (page, id = 'counter') => page.locator('.station', {has: controls(page, id)}).locator('.strip');

/** Rows of the canvas from the bottom up that have any paper. */
const rowsSeen = (canvas) => canvas.evaluate((element) => {
  const {width, height} = element;
  const {data} = element.getContext('2d').getImageData(0, 0, width, height);
  let rows = 0;
  while (rows < height && data[((height - 1 - rows) * width + 5) * 4 + 3] === 255) rows++;
  return rows;
});

/** The last `count` rows of the canvas as bits, 1 = black. */
const bitsSeen = (canvas, count) => canvas.evaluate((element, rows) => {
  const {width, height} = element;
  const {data} = element.getContext('2d').getImageData(0, height - rows, width, rows);
  const bits = new Array((width / 8) * rows).fill(0);
  for (let dot = 0; dot < width * rows; dot++) if (data[dot * 4] < 128) bits[dot >> 3] |= 128 >> (dot & 7);
  return bits;
}, count);

for (const [size, scheme, language] of [['desktop', 'light', 'en-GB'], ['desktop', 'dark', 'en-GB'], ['phone', 'light', 'en-GB'], ['phone', 'dark', 'de-AT']]) {
  test(`is a counter to look at: ${size}, ${scheme}, ${language}`, async () => {
    room.addPrinter('kitchen', {paper: 'out', state: 'trouble', problem: 'no_paper', roll_left_dots: 0});
    const page = await open({size, scheme, language});
    await controls(page).waitFor(wait);
    for (let count = 0; count < 3; count++) {
      await room.print('counter', receiptPicture, {pace: 0});
      room.cut('counter');
      await page.locator('.on-spike').nth(count).waitFor(wait);
    }
    await room.print('counter', receiptPicture, {pace: 0, until: 480});
    room.change('counter', {printing: true, drawer: 'open'});
    await page.waitForTimeout(900);
    await picture(page, `room-${size}-${scheme}`);
    await checkAccessibility(page, 'room');
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= sizes[size].width);
    await closePage(page);
  });
}

test('a receipt comes out dot for dot, and the cut puts it on the spike', async () => {
  const page = await open();
  await controls(page).waitFor(wait);
  await room.print('counter', receiptPicture, {pace: 5, until: 400});
  await page.waitForFunction(() => document.querySelector('.strip').getAttribute('aria-label').includes('5 cm'));
  assert.equal(await rowsSeen(strip(page)), 400);
  assert.deepEqual(await bitsSeen(strip(page), 400), [...receiptPicture.bits.subarray(0, 400 * 72)]);
  room.cut('counter');
  await page.locator('.on-spike').waitFor(wait);
  assert.equal(await rowsSeen(strip(page)), 0);
  assert.match(await spike(page).getAttribute('aria-label'), /1 receipt/);
  assert.equal(await page.locator('.leaf').count(), 0);
  await closePage(page);
});

test('what is printed while a receipt flies comes after it', async () => {
  const page = await open();
  await controls(page).waitFor(wait);
  for (let count = 0; count < 3; count++) {
    await room.print('counter', receiptPicture, {pace: 0, until: 200});
    room.cut('counter');
  }
  await room.print('counter', receiptPicture, {pace: 0, until: 120});
  await page.locator('.on-spike').nth(2).waitFor(wait);
  await page.waitForFunction(() => document.querySelector('.strip').getAttribute('aria-label').includes('cm so far'));
  assert.equal(await rowsSeen(strip(page)), 120);
  await closePage(page);
});

test('shows a receipt big, with its text as alternative, and goes through the others', async () => {
  const page = await open();
  await controls(page).waitFor(wait);
  for (const text of ['First', 'Second', 'Third']) {
    await room.print('counter', receiptPicture, {pace: 0});
    room.cut('counter', text);
  }
  await page.locator('.on-spike').nth(2).waitFor(wait);
  await spike(page).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('img', {name: 'Third'}).waitFor(wait);
  assert.deepEqual(await dialog.locator('img').evaluate((image) => image.decode().then(() => [image.naturalWidth, image.naturalHeight])), [576, 817]);
  await picture(page, 'room-receipt', false);
  await checkAccessibility(page, 'receipt');
  await dialog.getByRole('button', {name: 'Older'}).click();
  await dialog.getByRole('img', {name: 'Second'}).waitFor(wait);
  await page.keyboard.press('ArrowRight');
  await dialog.getByRole('img', {name: 'First'}).waitFor(wait);
  assert.ok(await dialog.getByRole('button', {name: 'Older'}).isDisabled());
  const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('link', {name: 'Download PNG'}).click()]);
  assert.equal(download.suggestedFilename(), 'counter-1.png');
  await dialog.getByRole('button', {name: 'Empty the spike'}).click();
  await page.getByRole('dialog', {name: 'Throw away the receipts of counter?'}).getByRole('button', {name: 'Empty the spike'}).click();
  await page.getByRole('dialog').waitFor({state: 'detached', ...wait});
  await page.locator('.on-spike').waitFor({state: 'detached', ...wait});
  await closePage(page);
});

const plays = [
  ['None', 'radio', 'paper', {state: 'out'}, 'Out of paper.'],
  ['Nearly out', 'radio', 'paper', {state: 'low'}, 'nearly at its end'],
  ['Cover open', 'switch', 'cover', {state: 'open'}, 'The cover is open.'],
  ['Power', 'switch', 'power', {state: 'off'}, 'Switched off.'],
  ['Network cable', 'switch', 'plug', {state: 'out'}, 'The network cable is out.'],
  ['At once', 'radio', 'pace', {state: 'instant'}, 'Happy.'],
  ['Drawer open', 'switch', 'drawer', {state: 'open'}, 'Happy.'],
];
for (const [name, role, what, body, words] of plays) {
  test(`plays by switch: ${name}`, async () => {
    const page = await open();
    await labelOf(page, role, name).click();
    await controls(page).getByText(words).waitFor(wait);
    assert.deepEqual(room.posts, [{id: 'counter', what, body}]);
    await closePage(page);
  });
}

test('plays faults, death in mid-job and healing', async () => {
  const page = await open();
  await controls(page).getByRole('button', {name: 'Stuck cutter'}).click();
  await controls(page).getByText('The cutter is stuck.').waitFor(wait);
  await controls(page).getByRole('button', {name: 'Stuck cutter', pressed: true}).waitFor(wait);
  await controls(page).getByLabel('after so many bytes').fill('1200');
  await controls(page).getByRole('button', {name: 'Dies in mid-job'}).click();
  await controls(page).getByText('dies in 1.2 kB').waitFor(wait);
  await controls(page).getByRole('button', {name: 'Heal everything'}).click();
  await controls(page).getByText('Happy.').waitFor(wait);
  assert.deepEqual(room.posts.map(({body}) => body), [{state: 'cutter', on: true}, {state: 'dead', on: true, after_bytes: 1200}, {state: 'none'}]);
  await closePage(page);
});

test('the things themselves can be touched', async () => {
  const page = await open();
  await page.locator('.lid').click();
  await page.locator('.drawer').click();
  await page.locator('.core').click();
  await controls(page).getByText('The cover is open.').waitFor(wait);
  assert.deepEqual(room.posts.map(({what, body}) => [what, body.state]), [['cover', 'open'], ['drawer', 'open'], ['paper', 'out']]);
  await page.locator('.printer').screenshot();
  await picture(page, 'room-touched', false);
  await closePage(page);
});

test('says it when a switch is refused, and shows what is true', async () => {
  room.refusals.set('cover', {status: 422, code: 'printer.stuck', detail: 'The cover is stuck.', remedy: 'Pull harder.'});
  const page = await open({expected: ['422']});
  await labelOf(page, 'switch', 'Cover open').click();
  await page.getByRole('alert').getByText('The cover is stuck.').waitFor(wait);
  await page.waitForFunction(() => !document.getElementById('cover-counter').checked);
  await closePage(page);
});

test('a page that was away starts anew without a reload', async () => {
  const page = await open({expected: ['WebSocket']});
  await controls(page).waitFor(wait);
  await room.print('counter', receiptPicture, {pace: 0, until: 80});
  room.cutLine();
  room.cut('counter');
  await room.print('counter', receiptPicture, {pace: 0, until: 200});
  await page.locator('.on-spike').waitFor(wait);
  await page.waitForFunction(() => document.querySelector('.strip').getAttribute('aria-label').includes('3 cm'));
  assert.equal(await rowsSeen(strip(page)), 200);
  await closePage(page);
});

test('leaves the rows of a gap white', async () => {
  const page = await open();
  await controls(page).waitFor(wait);
  await room.print('counter', receiptPicture, {pace: 0, until: 40});
  room.tell({type: 'gap', printer: 'counter', receipt: 'counter-1', first: 40, count: 60});
  await page.waitForFunction(() => document.querySelector('.strip').getAttribute('aria-label').includes('cm so far'));
  assert.equal(await rowsSeen(strip(page)), 100);
  assert.ok((await bitsSeen(strip(page), 60)).every((byte) => byte === 0));
  await closePage(page);
});

test('under reduced motion nothing flies and nothing moves', async () => {
  const page = await open({motion: 'reduce'});
  await controls(page).waitFor(wait);
  await room.print('counter', receiptPicture, {pace: 0, until: 300});
  await page.waitForFunction(() => document.querySelector('.strip').getAttribute('aria-label').includes('4 cm'));
  assert.equal(await strip(page).evaluate((canvas) => canvas.style.transform), 'translateY(0px)');
  room.cut('counter');
  await page.locator('.on-spike').waitFor(wait);
  assert.equal(await page.locator('.leaf').count(), 0);
  await closePage(page);
});

test('tells a screen reader what happens', async () => {
  const page = await open();
  await controls(page).waitFor(wait);
  room.change('counter', {problem: 'no_paper', state: 'trouble', paper: 'out'});
  await page.getByText('counter: trouble. Out of paper. Put in a roll; what waits prints by itself.').waitFor({state: 'attached', ...wait});
  await room.print('counter', receiptPicture, {pace: 0, until: 40});
  room.cut('counter');
  await page.getByText('A receipt came out of counter.').waitFor({state: 'attached', ...wait});
  await closePage(page);
});

test('a room without printers says how to get one', async () => {
  room.printers.clear();
  const page = await open();
  await page.getByText('Nothing is in this room.').waitFor(wait);
  await checkAccessibility(page, 'empty room');
  await closePage(page);
});

test(`weighs less than ${mostBytes} bytes in all`, async () => {
  const page = await open({language: 'de-AT'});
  await controls(page).waitFor(wait);
  const {bytes, files} = await measure(page);
  assert.ok(bytes < mostBytes, `${bytes}: ${JSON.stringify(files)}`);
  await closePage(page);
});
