// The server's pages against a server of our own making.
import assert from 'node:assert/strict';
import {after, afterEach, before, beforeEach, test} from 'node:test';
import {FakeServer} from './fake/server.mjs';
import {checkAccessibility, closePage, measure, openPage, picture, sizes, startBrowser} from './support/browser.mjs';

const mostBytes = 60_000; // pages.md
const wait = {timeout: 15_000};
let browser;
let server;

before(async () => (browser = await startBrowser()));
after(() => browser.close());
beforeEach(async () => (server = await new FakeServer().start()));
afterEach(() => server.stop());

const outOfPaper = {state: 'trouble', code: 'ERROR_NO_PAPER', text: 'The printer is out of paper.',
  remedy: 'Put in a new roll and close the cover. The 2 that wait are printed by themselves then.', waiting: 2};
const paperLow = {state: 'attention', code: 'WARNING_PAPER_LOW', text: 'The paper is nearly at its end.', remedy: 'Have a new roll at hand.'};

/** A small fleet with something of everything. */
function smallFleet() {
  const device = (...given) => server.makeDevice(...given);
  server.addBox('b1', 'Bakery, till 1', {devices: [device('counter', 'Counter printer'), device('scale', 'Scale at till 1', 'scale', {details: {weight: '0.452', unit: 'kg'}})]});
  server.addBox('b2', 'Bakery, kitchen', {devices: [device('kitchen', 'Kitchen printer', 'printer', outOfPaper), device('pass', 'Pass printer')],
    report: {addresses: ['192.168.1.21']}});
  server.addBox('b3', 'Corner shop', {devices: [device('till', 'Till printer', 'printer', paperLow)], report: {addresses: ['10.3.0.7']}});
  server.addBox('b4', 'Kiosk at the station', {online: false, online_since: new Date(Date.now() - 7200_000).toISOString(), devices: [device('till', 'Till printer')]});
  server.addBox('b5', 'Market stall', {devices: []});
}

const openSignedIn = ({path = '/', name = 'Ada', ...options} = {}) =>
  openPage(browser, server.url + path, {...options, cookies: [{name: 'troupe_session', value: server.session(name), url: server.url}]});
const see = (page, text) => page.getByText(text).first().waitFor(wait);
const card = (page, id) => page.locator(`[data-box="${id}"]`);

for (const [size, scheme, language] of [['desktop', 'light', 'en-GB'], ['desktop', 'dark', 'de-AT'], ['phone', 'light', 'en-GB'], ['phone', 'dark', 'de-AT'], ['panel', 'light', 'en-GB']]) {
  test(`every page: ${size}, ${scheme}, ${language}`, async () => {
    smallFleet();
    const page = await openSignedIn({size, scheme, language});
    const look = async (name, ready) => {
      await ready.waitFor(wait);
      await page.waitForTimeout(300); // what slides in has arrived
      await picture(page, `server-${name}-${size}-${scheme}`);
      await checkAccessibility(page, name);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= sizes[size].width, `${name}: ${wide} pixels wide`);
    };
    await look('boxes', card(page, 'b1'));
    await page.goto(`${server.url}/#/boxes?show=rows&sort=worst`);
    await look('rows', page.locator('.box-row').first());
    await page.goto(`${server.url}/#/box/b2`);
    await page.locator('[data-device="pass"] button').first().click();
    await page.locator('[data-progress="confirmed"]').waitFor(wait);
    await page.locator('.action-line').first().click();
    await page.locator('.waterfall').waitFor(wait);
    await look('box', page.locator('.verdict'));
    await page.goto(`${server.url}/#/traces/${server.commands[0].trace.trace}`);
    await look('trace', page.locator('.waterfall'));
    await page.goto(`${server.url}/#/devices`);
    await look('devices', page.locator('.device-line-of-fleet').first());
    await page.goto(`${server.url}/#/events`);
    await look('events', page.locator('.event').first());
    await page.goto(`${server.url}/#/people`);
    await look('people', page.locator('[data-person="Ada"]'));
    await page.goto(`${server.url}/#/settings`);
    await look('settings', page.locator('.facts-table'));
    await page.locator('.connect').click();
    await look('connect', page.locator('#code'));
    await closePage(page);
  });
}

test('weighs less than 60 kB at first, and paints early', async () => {
  smallFleet();
  const page = await openSignedIn();
  await card(page, 'b1').waitFor(wait);
  const {bytes, files, firstPaint} = await measure(page);
  console.log(`server's pages: ${bytes} bytes, first paint after ${Math.round(firstPaint)} ms`);
  assert.ok(bytes < mostBytes, `${bytes}: ${JSON.stringify(files)}`);
  await closePage(page);
});
