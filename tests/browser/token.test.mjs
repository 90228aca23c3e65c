// Connection tokens: made on the server's pages, given to the box on its own.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, afterEach, before, beforeEach, test} from 'node:test';
import {FakeBox} from './fake/box.mjs';
import {FakeServer} from './fake/server.mjs';
import {checkAccessibility, closePage, openPage, picture, startBrowser} from './support/browser.mjs';

const wait = {timeout: 60_000};
const token = `troupe-token-1-${'AbC_-9'.repeat(70)}`;
let browser;
let box;
let server;

before(async () => (browser = await startBrowser()));
after(() => browser.close());
beforeEach(async () => {
  box = await new FakeBox().start();
  server = await new FakeServer().start();
});
afterEach(() => Promise.all([box.stop(), server.stop()]));

const see = (page, text) => page.getByText(text).first().waitFor(wait);
const openBox = (options) => openPage(browser, `${box.url}/#setup=123456`, options);
const openServer = (path, {name = 'Ada', ...options} = {}) =>
  openPage(browser, server.url + path, {...options, cookies: [{name: 'troupe_session', value: server.session(name), url: server.url}]});

async function makeToken(page) {
  await page.getByLabel('What it is for').fill('Kitchen');
  await page.getByLabel('For how many boxes').fill('3');
  assert.equal(await page.getByLabel('Address of this server').inputValue(), server.url);
  await checkAccessibility(page, 'new connection token');
  await page.getByRole('button', {name: 'Make the token'}).click();
}

test('an owner makes a token, copies it, keeps it as a file, and revokes it', async () => {
  const page = await openServer('/#/settings', {expected: ['422']});
  await page.getByRole('checkbox', {name: /Developer mode/}).check();
  await page.getByRole('button', {name: 'New token'}).click();
  await page.getByLabel('Address of this server').fill('nowhere at all');
  await page.getByLabel('What it is for').fill('Kitchen');
  await page.getByRole('button', {name: 'Make the token'}).click();
  await see(page, 'is no address of a server');
  await page.getByLabel('Address of this server').fill(server.url);
  await makeToken(page);
  await see(page, token);
  assert.equal(await page.getByRole('img', {name: 'The token as a QR code'}).count(), 1);
  await checkAccessibility(page, 'connection token');
  await picture(page, 'server-connection-token');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', {name: 'Save as a file'}).click()]);
  assert.equal(download.suggestedFilename(), 'troupe-token.txt');
  assert.equal(await readFile(await download.path(), 'utf8'), `${token}\n`);
  await page.getByRole('dialog').getByRole('button').last().click();
  const row = page.locator('[data-token]');
  await row.getByText('For 3 more of 3.').waitFor(wait);
  await checkAccessibility(page, 'connection tokens');
  await row.getByRole('button', {name: 'Revoke Kitchen'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Revoke Kitchen'}).click();
  await row.getByText('Revoked').waitFor(wait);
  assert.equal(server.connectionTokens[0].state, 'revoked');
  await closePage(page);
});

test('the connect dialog leads to a token, for owners alone', async () => {
  server.people.push({id: 'p2', name: 'Olga', password: 'correct horse battery', role: 'operator', created: new Date().toISOString(), last_seen: new Date().toISOString()});
  for (const [name, offered] of [['Olga', 0], ['Ada', 1]]) {
    const page = await openServer('/', {name});
    await page.getByRole('button', {name: 'Connect a box'}).first().click();
    await page.getByText('The box shows no code?').click();
    await page.getByRole('heading', {name: 'In your network'}).waitFor(wait);
    const button = page.getByRole('button', {name: 'Make a connection token'});
    assert.equal(await button.count(), offered);
    if (offered) {
      await button.click();
      await makeToken(page);
      await see(page, token);
    }
    await closePage(page);
  }
});

test('a box takes a token, says where it goes, and lets it go again', async () => {
  box.unpair({state: 'off', server: {url: '', configured: false}});
  const page = await openBox({expected: ['422']});
  await page.getByRole('button', {name: 'Connect to a server'}).click();
  await page.getByLabel('Server token').fill('BCDF-GHJK');
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'That is no connection token, or not all of it.');
  assert.ok(await page.getByLabel('Server token').evaluate((field) => field === document.activeElement));
  await checkAccessibility(page, 'server token');
  await picture(page, 'box-server-token');
  await page.getByLabel('Load from a file').setInputFiles({name: 'troupe-token.txt', mimeType: 'text/plain', buffer: Buffer.from(`${token}\r\n`)});
  await page.waitForFunction((text) => document.querySelector('[name="token"]').value === text, token, wait);
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'The box has a token of Corner shops, which cannot be reached.');
  await see(page, 'The box connects by itself as soon as it reaches the server.');
  await checkAccessibility(page, 'a box with a token');
  await page.getByRole('button', {name: 'Take the token away'}).click();
  await see(page, 'BCDF-GHJK');
  await closePage(page);
});

test('what became of a token is said beside the code, in German too', async () => {
  box.unpair({token_problem: {code: 'token.used_up', text: 'Another box was connected with this token already.', remedy: 'Get another token, or connect the box with its code.'}});
  const page = await openBox({language: 'de-AT'});
  await see(page, 'Das Token wurde nicht angenommen');
  await see(page, 'Mit diesem Token wurde schon eine andere Box verbunden.');
  await see(page, 'BCDF-GHJK');
  await checkAccessibility(page, 'a token that was not taken');
  await closePage(page);
});
