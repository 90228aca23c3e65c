// The server's Connect dialog finds boxes in the network.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {checkAccessibility, closePage, picture} from './support/browser.mjs';
import {now, openSignedIn, smallFleet, wait} from './support/fleet.mjs';

const open = async (options) => {
  const page = await openSignedIn(options);
  await page.getByRole('button', {name: 'Connect a box'}).first().click();
  await page.getByText('The box shows no code?').click();
  return page;
};

test('searches the network and says what each box is', async () => {
  smallFleet();
  const box = (id, name, more) => ({kind: 'box', url: `http://192.168.1.${id.slice(1)}:8069/`, id, name, version: '0.1.0', paired: false, tls: false, ...more});
  now.server.nearby = [box('b7', 'Box 7'), box('b1', 'Bakery, till 1', {paired: true}), box('b8', 'Elsewhere', {paired: true}),
    box('b9', '<b>Till</b>', {kind: 'forged'}), {kind: 'odoo', url: 'http://192.168.1.60:8069/'}];
  const page = await open();
  await page.getByRole('button', {name: 'Search the network'}).click();
  await page.locator('progress').waitFor(wait);
  await page.getByRole('button', {name: 'Search the network'}).waitFor(wait);
  const rows = (await page.locator('.found li').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
  assert.deepEqual(rows, ['Box 7 free: its page shows its code Its own page', 'Bakery, till 1 in this fleet Its own page',
    'Elsewhere has a server Its own page', '<b>Till</b> not what it says: its signature is wrong', '192.168.1.60 a box of Odoo Its own page']);
  assert.equal(await page.locator('.found a').first().getAttribute('href'), 'http://192.168.1.7:8069/');
  await checkAccessibility(page, 'finder');
  await picture(page, 'server-finder');
  await closePage(page);
});

test('a search is stopped, finds nothing, or cannot be made: each in words', async () => {
  now.server.nearby = Array.from({length: 200}, () => ({kind: 'odoo', url: 'http://192.168.1.60:8069/'}));
  const page = await open({expected: ['409']});
  await page.getByRole('button', {name: 'Search the network'}).click();
  await page.getByRole('button', {name: 'Stop'}).click();
  await page.getByRole('button', {name: 'Search the network'}).waitFor(wait);
  assert.equal(now.server.search.running, false);
  now.server.nearby = [];
  await page.getByRole('button', {name: 'Search the network'}).click();
  await page.getByText('No box answers in 192.168.1.0/24.').waitFor(wait);
  now.server.nearby = null;
  await page.getByRole('button', {name: 'Search the network'}).click();
  await page.getByText('This server is on no private network.').waitFor(wait);
  await closePage(page);
});
