// A scale, real programs: things dragged onto it in the paper room weigh on the box's homepage.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {checkAccessibility, measure, openPage, picture, startBrowser} from './support/browser.mjs';
import {Box, Room, tillOrigin, until} from './support/programs.mjs';

const wait = {timeout: 60_000};
const away = ['WebSocket', 'ERR_', '401', '422'];
let browser, room, box, home, paper, folder;

before(async () => {
  browser = await startBrowser();
  folder = mkdtempSync(join(tmpdir(), 'troupe-line-'));
  const line = join(folder, 'line');
  room = await new Room().start('counter', '--scale', `till=${line}`);
  box = await new Box().start(`scale=serial:${line}`, tillOrigin);
  paper = await openPage(browser, room.url, {expected: away});
  home = await openPage(browser, `${box.url}/#setup=${box.setupCode}`, {expected: away});
});
after(async () => {
  await browser?.close();
  await box?.remove();
  await room?.end();
  rmSync(folder, {recursive: true, force: true});
});

const row = () => home.locator('[data-device="scale"]');
const shows = (text) => row().locator('[data-value] .figures', {hasText: new RegExp(`^${text}$`)}).waitFor(wait);
const thing = (name) => paper.locator(`[data-thing="${name}"]`);

test('the homepage shows the scale with its live weight', async () => {
  await row().waitFor(wait);
  await shows('0.000');
  await home.getByText('Everything works.').waitFor(wait);
  await checkAccessibility(home);
});

test('a thing dragged onto the plate weighs, and weighs no more when it is taken off', async () => {
  const plate = await paper.locator('.plate').boundingBox();
  const apple = await thing('apple').boundingBox();
  await paper.mouse.move(apple.x + apple.width / 2, apple.y + 20);
  await paper.mouse.down();
  await paper.mouse.move(plate.x + plate.width / 2, plate.y - 20, {steps: 8});
  await paper.mouse.up();
  await paper.locator('.on-plate [data-thing="apple"]').waitFor(wait);
  await shows('0.182');
  await picture(paper, 'room-scale');
  await picture(home, 'home-scale');
  await home.getByText('scale: 0.182 kg.').first().waitFor(wait);
  await thing('apple').click();
  await shows('0.000');
});

test('everything goes by keyboard too', async () => {
  await thing('cheese').focus();
  await paper.keyboard.press('Enter');
  await shows('0.742');
  await paper.locator('#flour-till').focus();
  for (let presses = 0; presses < 5; presses++) await paper.keyboard.press('ArrowRight');
  await shows('0.747');
  await thing('cheese').focus();
  await paper.keyboard.press('Enter');
  await shows('0.005');
});

test('too heavy is said in words and shows no weight', async () => {
  await thing('anvil').click();
  await row().getByText('Too heavy: more than the scale can weigh.').waitFor(wait);
  await shows('–');
  await paper.locator('[data-scale="till"] .pill', {hasText: 'trouble'}).waitFor(wait);
  await picture(paper, 'room-scale-too-heavy');
  await thing('anvil').click();
  await shows('0.005');
});

test('zero from the homepage', async () => {
  await row().getByRole('button', {name: /^Zero/}).click();
  await shows('0.000');
});

test('the plug pulled and put back', async () => {
  await room.scale('till', 'plug', {state: 'out'});
  await row().locator('.pill', {hasText: 'trouble'}).waitFor(wait);
  await shows('–');
  await room.scale('till', 'plug', {state: 'in'});
  await row().locator('.pill', {hasText: 'ready'}).waitFor(wait);
});

test('a scale can be added by its address', async () => {
  await home.getByRole('button', {name: 'Add', exact: true}).click();
  await home.getByLabel('Address').fill('/dev/troupe-none');
  await home.getByLabel('Name').fill('Second scale');
  await home.getByLabel('Protocol of the scale').selectOption('mettler_toledo_8217');
  await home.getByRole('button', {name: 'Add device'}).click();
  const added = home.locator('[data-device="second-scale"]');
  await added.getByText('There is no /dev/troupe-none.').waitFor(wait);
  const devices = await (await fetch(`${box.url}/api/v1/devices`, {headers: {origin: tillOrigin}})).json();
  const second = devices.devices.find(({description}) => description.id === 'second-scale').description;
  assert.equal(second.kind, 'scale');
  assert.equal(second.address, 'serial:/dev/troupe-none');
});

test('the paper room with a scale is accessible and stays small', async () => {
  await checkAccessibility(paper);
  const {bytes} = await measure(paper);
  assert.ok(bytes < 60_000, `${bytes} bytes`);
  await paper.setViewportSize({width: 390, height: 844});
  await until('nothing is cut off', async () =>
    paper.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
});
