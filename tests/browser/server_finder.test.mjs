// The server's Connect dialog finds boxes in the network, lets them blink, and takes them in.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {test} from 'node:test';
import {checkAccessibility, closePage, picture} from './support/browser.mjs';
import {now, openSignedIn, smallFleet, wait} from './support/fleet.mjs';

const box = (id, name, more) => ({kind: 'box', url: `http://192.168.1.${id.slice(1)}:8069/`, id, name, version: '0.1.0', paired: false, tls: false, ...more});
const open = async (options) => {
  const page = await openSignedIn(options);
  await page.getByRole('button', {name: 'Connect a box'}).first().click();
  await page.locator('.finder').waitFor(wait);
  return page;
};
const ended = (page) => page.getByRole('button', {name: 'Search again'}).waitFor(wait);
const rows = async (page) => (await page.locator('.found li').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
/** The box that was let in comes into the fleet. */
const comes = (id, name) => {
  now.server.addBox(id, name, {devices: []});
  now.server.happen('box.connected', {id, name, online: true, devices: [], state: 'ready'}, {box: id});
};

test('searches the network and says what each box is', async () => {
  smallFleet();
  now.server.nearby = [box('b7', 'Box 7'), box('b6', 'Box 6'), box('b1', 'Bakery, till 1', {paired: true}), box('b8', 'Elsewhere', {paired: true}),
    box('b9', '<b>Till</b>', {kind: 'forged'}), box('b5x', 'Far away', {way: 'browser', answers: false, url: 'http://10.9.8.7:8069/'}), {kind: 'odoo', url: 'http://192.168.1.60:8069/'}];
  const page = await open();
  await page.locator('progress').waitFor(wait);
  await ended(page);
  assert.deepEqual(await rows(page), ['Box 7 free, at 192.168.1.7 Blink Connect', 'Box 6 free, at 192.168.1.6 Blink Connect', 'Bakery, till 1 in this fleet Its own page',
    'Elsewhere has a server Its own page', '<b>Till</b> not what it says: its signature is wrong',
    'Far away free; this server does not reach it: open its page, and enter its code here Its own page', '192.168.1.60 a box of Odoo Its own page']);
  assert.equal(await page.locator('.found a').first().getAttribute('href'), 'http://192.168.1.1:8069/');
  assert.deepEqual(now.server.adopted, [], 'of two free boxes none is taken by itself');
  await checkAccessibility(page, 'finder');
  await picture(page, 'server-finder');
  await closePage(page);
});

test('of several free boxes one is let blink, then taken in', async () => {
  smallFleet();
  now.server.announced = [box('b7', 'Box 7', {way: 'mdns'}), box('b6', 'Box 6', {way: 'mdns'})];
  const page = await open();
  await page.getByRole('button', {name: 'Let Box 7 blink'}).click();
  await page.getByText('Box 7 blinks on its page and its screen, and prints its name.').waitFor(wait);
  assert.deepEqual(now.server.blinked, ['http://192.168.1.7:8069/']);
  await page.getByRole('button', {name: 'Connect Box 7'}).click();
  await page.getByText('is coming …').waitFor(wait);
  assert.deepEqual(now.server.adopted, ['http://192.168.1.7:8069/']);
  comes('b7', 'Box 7');
  await page.getByText('Box 7 is connected.').waitFor(wait);
  await page.locator('.finder').waitFor({...wait, state: 'detached'});
  await page.locator('[data-box="b7"].fresh').waitFor(wait);
  await closePage(page);
});

test('the only free box is connected by itself', async () => {
  now.server.announced = [box('b7', 'Box 7', {way: 'mdns'}), box('b8', 'Elsewhere', {way: 'mdns', paired: true})];
  const page = await open();
  await page.getByText('Box 7 is the only free box here: it is being connected.').waitFor(wait);
  assert.deepEqual(now.server.adopted, ['http://192.168.1.7:8069/']);
  comes('b7', 'Box 7');
  await page.getByText('Box 7 is connected.').waitFor(wait);
  await closePage(page);
});

test('nothing is taken by itself while somebody types a code', async () => {
  const page = await open();
  await ended(page);
  await page.getByLabel('Code').fill('BC');
  now.server.announce(box('b7', 'Box 7', {way: 'mdns'}));
  await page.getByText('free, at 192.168.1.7').waitFor(wait);
  assert.deepEqual(now.server.adopted, []);
  await closePage(page);
});

test('a box that announces itself later is seen at once', async () => {
  const page = await open();
  await ended(page);
  now.server.announce(box('b7', 'Box 7', {way: 'mdns', paired: true}));
  await page.getByText('has a server').waitFor(wait);
  await closePage(page);
});

test('a search is stopped, finds nothing, or cannot be made: each in words', async () => {
  now.server.nearby = Array.from({length: 200}, (_, at) => ({kind: 'odoo', url: `http://192.168.1.${at + 1}:8069/`}));
  const page = await open({expected: ['409']});
  await page.getByRole('button', {name: 'Stop'}).click();
  await ended(page);
  assert.equal(now.server.search.running, false);
  now.server.nearby = [];
  await page.getByRole('button', {name: 'Search again'}).click();
  await page.getByText('No box answers in 192.168.1.0/24.').waitFor(wait);
  now.server.nearby = null;
  await page.getByRole('button', {name: 'Search again'}).click();
  await page.getByText('This server is on no private network.').waitFor(wait);
  await closePage(page);
});

/** A machine in the browser's network. */
async function machine(handler) {
  const server = createServer(handler);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {port: server.address().port, close: () => new Promise((done) => server.close(done))};
}

/** These pages ask others on purpose: only the address that was typed. */
async function closeAsker(page, port) {
  assert.deepEqual(page.external.filter((url) => !url.startsWith(`http://127.0.0.1:${port}/api/v1/announcement?`)), []);
  page.external.length = 0;
  await closePage(page);
}

test('the browser searches its own network too', async () => {
  const asked = [];
  const near = await machine((request, response) => {
    asked.push(request.url);
    response.writeHead(200, {'content-type': 'application/json', 'access-control-allow-origin': request.headers.origin ?? '*'});
    response.end(JSON.stringify({id: 'b77', name: 'Box next door', version: '0.1.0', paired: false}));
  });
  const page = await open();
  await ended(page);
  await page.getByRole('button', {name: 'Search this browser’s network too'}).click();
  await page.getByLabel('Address of the box, or of its network').fill('8.8.8.8');
  await page.getByRole('button', {name: 'Search from here'}).click();
  await page.getByText('That is no address of a private network.').waitFor(wait);
  await checkAccessibility(page, 'browser search');
  await page.getByLabel('Address of the box, or of its network').fill(`127.0.0.1:${near.port}`);
  await page.getByRole('button', {name: 'Search from here'}).click();
  await page.getByText('Box next door').waitFor(wait);
  assert.deepEqual(asked, [`/api/v1/announcement?nonce=${now.server.search.nonce}`]);
  await page.getByRole('button', {name: 'Search from here'}).waitFor(wait);
  await picture(page, 'server-browser-search');
  await near.close();
  await closeAsker(page, near.port);
});

test('a network that does not answer the browser is said so', async () => {
  const gone = await machine(() => {});
  await gone.close();
  const page = await open({expected: ['ERR_CONNECTION_REFUSED']});
  await ended(page);
  await page.getByRole('button', {name: 'Search this browser’s network too'}).click();
  await page.getByLabel('Address of the box, or of its network').fill(`127.0.0.1:${gone.port}`);
  await page.getByRole('button', {name: 'Search from here'}).click();
  await page.getByText('Nothing in that network answers this browser.').waitFor(wait);
  await closeAsker(page, gone.port);
});
