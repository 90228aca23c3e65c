// The homepage against a box of our own making.
import assert from 'node:assert/strict';
import {after, afterEach, before, beforeEach, test} from 'node:test';
import {FakeBox} from './fake/box.mjs';
import {checkAccessibility, closePage, measure, openPage, picture, sizes, startBrowser} from './support/browser.mjs';

const mostBytes = 60_000; // pages.md
const wait = {timeout: 60_000};
let browser;
let box;

before(async () => (browser = await startBrowser()));
after(() => browser.close());
beforeEach(async () => {
  box = await new FakeBox().start();
  box.addDevice('counter', 'Kitchen printer');
  box.addDevice('bar', 'Bar printer');
});
afterEach(() => box.stop());

const open = (options) => openPage(browser, `${box.url}/#setup=123456`, options);
const see = (page, text) => page.getByText(text).first().waitFor(wait);
const row = (page, id) => page.locator(`[data-device="${id}"]`);

const outOfPaper = {state: 'trouble', code: 'ERROR_NO_PAPER', text: 'The printer is out of paper.',
  remedy: 'Put in a new roll and close the cover. The 2 that wait are printed by themselves then.', waiting: 2};
const cutOff = {code: 'ERROR_UNKNOWN', text: 'The box was cut off while printing. Look at the printer: did it come out?'};

async function busyBox() {
  for (let count = 0; count < 4; count++) {
    const done = box.act('counter', 'print_receipt');
    box.become(done, 'sent');
    box.become(done, 'confirmed', {updated: new Date(Date.parse(done.accepted) + 34).toISOString()});
  }
  box.become(box.act('counter', 'print_receipt'), 'unknown', cutOff);
  box.become(box.act('bar', 'print_receipt'), 'failed', {code: 'ERROR_UNREACHABLE', text: 'The printer cannot be reached.'});
  box.act('bar', 'print_receipt');
  box.setStatus('bar', outOfPaper);
  box.ask('https://shop.example');
}

test('signs in with the setup code, refuses a wrong one, keeps the session', async () => {
  const page = await openPage(browser, box.url, {expected: ['401']});
  await see(page, 'Who is there?');
  assert.equal(await page.getByText('Kitchen printer').count(), 0);
  await checkAccessibility(page, 'sign-in');
  await picture(page, 'box-sign-in');
  await page.getByLabel('Setup code').fill('999999');
  await see(page, 'That is not this box’s code.');
  assert.ok(await page.getByLabel('Setup code').evaluate((input) => input === document.activeElement));
  await page.getByLabel('Setup code').fill('123456');
  await see(page, 'Kitchen printer');
  await page.reload();
  await see(page, 'Kitchen printer');
  await closePage(page);
});

test('says how long to wait after too many wrong codes', async () => {
  box.wrongCodes = 5;
  const page = await openPage(browser, box.url, {expected: ['429']});
  await page.getByLabel('Setup code').fill('111111');
  await page.getByText(/Next try in (30|29|28) seconds/).waitFor(wait);
  assert.ok(await page.getByLabel('Setup code').isDisabled());
  await closePage(page);
});

test('takes the code from the address and takes it out of there at once', async () => {
  const page = await open();
  await see(page, 'Everything works.');
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(await page.evaluate(() => history.length), 2);
  await closePage(page);
});

test('signs out', async () => {
  const page = await open({expected: ['401']});
  await page.getByRole('button', {name: 'Advanced'}).click();
  await page.getByRole('button', {name: 'Sign out'}).click();
  await see(page, 'Who is there?');
  assert.equal(box.tokens.size, 0);
  await closePage(page);
});

test('asks for the code again when the session has ended on the box', async () => {
  const page = await open({expected: ['401', 'WebSocket']});
  await see(page, 'Kitchen printer');
  box.tokens.clear();
  box.cut();
  await see(page, 'Who is there?');
  await closePage(page);
});

for (const [size, scheme, language] of [['desktop', 'light', 'en-GB'], ['desktop', 'dark', 'en-GB'], ['phone', 'light', 'en-GB'], ['phone', 'dark', 'de-AT']]) {
  test(`shows a busy day: ${size}, ${scheme}, ${language}`, async () => {
    await busyBox();
    const page = await open({size, scheme, language});
    await row(page, 'bar').waitFor(wait);
    await page.waitForTimeout(500);
    await picture(page, `box-overview-${size}-${scheme}`);
    await checkAccessibility(page, 'overview');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= sizes[size].width, `${wide} pixels wide`);
    await page.locator('[data-state="confirmed"] .action-line').first().click();
    await page.locator('.waterfall').waitFor(wait);
    await picture(page, `box-trace-${size}-${scheme}`);
    await checkAccessibility(page, 'trace');
    await page.locator('header .icon-button').first().click();
    await page.locator('#log').waitFor(wait);
    await page.waitForTimeout(300);
    await picture(page, `box-advanced-${size}-${scheme}`);
    await checkAccessibility(page, 'advanced');
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= sizes[size].width);
    await closePage(page);
  });
}

test('shows a device’s trouble live, in words, with the remedy, and says it to screen readers', async () => {
  const page = await open();
  await see(page, 'Everything works.');
  box.setStatus('bar', outOfPaper);
  await row(page, 'bar').getByText('Put in a new roll and close the cover. The 2 that wait are printed by themselves then.').waitFor(wait);
  assert.equal(await row(page, 'bar').locator('.pill').innerText(), 'trouble');
  assert.match(await row(page, 'bar').innerText(), /2 waiting/);
  assert.match(await page.locator('.verdict').innerText(), /Bar printer: The printer is out of paper\./);
  assert.match(await page.locator('#announcements').innerText(), /Bar printer: trouble/);
  box.setStatus('bar', {state: 'ready', code: '', text: 'Ready.', remedy: '', waiting: 0});
  await see(page, 'Everything works.');
  await closePage(page);
});

test('prints a status ticket and opens the drawer, once each, with a key and a trace', async () => {
  const page = await open();
  await page.getByRole('button', {name: 'Test Kitchen printer'}).click();
  await page.locator('[data-state="confirmed"]').waitFor(wait);
  await page.getByRole('button', {name: 'Open drawer at Bar printer'}).click();
  await page.getByText('opened').first().waitFor(wait);
  assert.deepEqual(box.actions.map(({action, device}) => [action, device]), [['cashbox', 'bar'], ['status', 'counter']]);
  assert.match(box.actions[0].key, /^[0-9a-f]{32}$/);
  assert.notEqual(box.actions[0].key, box.actions[1].key);
  await page.locator('[data-state="confirmed"] .action-line').last().click();
  await page.locator('.span.depth-0').getByText('browser', {exact: true}).waitFor(wait);
  assert.match(await page.locator('.span.depth-1').innerText(), /http POST/);
  assert.equal(await page.locator('.span.depth-2').count(), 3);
  assert.equal(await page.locator('.longest').count(), 1);
  await closePage(page);
});

test('asks what became of an unknown print, and takes both answers', async () => {
  box.become(box.act('counter', 'print_receipt'), 'unknown', cutOff);
  box.become(box.act('bar', 'print_receipt'), 'unknown', cutOff);
  const page = await open();
  const needs = page.locator('.needs');
  await needs.waitFor(wait);
  assert.equal(await needs.locator('li').count(), 2);
  await needs.locator('li', {hasText: 'Kitchen printer'}).getByRole('button', {name: 'It printed'}).click();
  await needs.locator('li', {hasText: 'Kitchen printer'}).waitFor({state: 'detached', ...wait});
  assert.equal(box.actions.at(-1).state, 'confirmed');
  await needs.getByRole('button', {name: 'Print again'}).click();
  await needs.waitFor({state: 'detached', ...wait});
  assert.equal(box.actions[0].repeats, box.actions[1].id);
  await closePage(page);
});

test('says why a print waits, and takes it back', async () => {
  box.setStatus('bar', outOfPaper);
  box.act('bar', 'print_receipt');
  const page = await open();
  await page.getByText('Waits: The printer is out of paper.').waitFor(wait);
  await page.locator('[data-state="accepted"]').getByRole('button', {name: 'Cancel'}).click();
  await page.locator('[data-state="canceled"]').waitFor(wait);
  await closePage(page);
});

test('lets the owner allow or refuse a page that asked', async () => {
  const page = await open();
  await see(page, 'Everything works.');
  box.ask('https://shop.example');
  box.ask('https://strange.example');
  const asked = (origin) => page.locator('.ask', {hasText: origin});
  await asked('https://shop.example').getByRole('button', {name: 'Allow'}).click();
  await asked('https://strange.example').getByRole('button', {name: 'Refuse'}).click();
  await asked('https://strange.example').waitFor({state: 'detached', ...wait});
  assert.deepEqual(box.origins.allowed.map(({origin}) => origin), ['https://pos.example.com', 'https://shop.example']);
  assert.deepEqual(box.origins.refused.map(({origin}) => origin), ['https://strange.example']);
  await page.getByRole('button', {name: 'Advanced'}).click();
  await page.getByRole('button', {name: 'Who may do what'}).click();
  await page.locator('.plain-row', {hasText: 'https://strange.example'}).getByText('refused').waitFor(wait);
  await page.getByRole('button', {name: 'Forget https://shop.example'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Forget'}).click();
  await page.locator('.plain-row', {hasText: 'https://shop.example'}).waitFor({state: 'detached', ...wait});
  assert.equal(box.origins.allowed.length, 1);
  await closePage(page);
});

test('says who may do what, gives another setup code, and signs others out', async () => {
  box.tokenPages = [{origin: 'https://shop.example', count: 2}];
  box.tokens.add('of-somebody-else');
  const page = await open({expected: ['422']});
  await page.goto(`${box.url}/#rights`);
  await see(page, 'The box is closed. What is not named here is refused.');
  await see(page, '2 are signed in, you among them.');
  await see(page, '2 pages of https://shop.example are in.');
  await checkAccessibility(page, 'rights');
  await picture(page, 'box-rights');
  await page.getByRole('button', {name: 'Change the setup code'}).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New code').fill('000000');
  await dialog.getByRole('button', {name: 'Change the setup code'}).click();
  await see(page, 'A setup code has six digits that are not easily guessed.');
  await dialog.getByLabel('New code').fill('314159');
  await dialog.getByRole('button', {name: 'Change the setup code'}).click();
  await see(page, 'From now on this code opens the box.');
  assert.equal(box.setupCode, '314159');
  await checkAccessibility(page, 'a new setup code');
  await dialog.getByRole('button', {name: 'Close'}).last().click();
  await page.getByRole('button', {name: 'Sign out all others'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Sign out all others'}).click();
  await see(page, 'You alone are signed in.');
  await closePage(page);
});

test('adds, renames and removes a device; what is wrong stands at its field', async () => {
  const page = await open({expected: ['422', '409']});
  await page.getByRole('button', {name: 'Add', exact: true}).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill('usb:printer');
  await checkAccessibility(page, 'add a device');
  await picture(page, 'box-add-device', false);
  await dialog.getByRole('button', {name: 'Add device'}).click();
  await dialog.getByText('"usb:printer" is no address of a device.').waitFor(wait);
  assert.equal(await dialog.getByLabel('Address').getAttribute('aria-invalid'), 'true');
  await dialog.getByLabel('Address').fill('192.168.1.10');
  await dialog.getByRole('button', {name: 'Add device'}).click();
  await dialog.getByText('Another device is already at tcp://192.168.1.10:9100.').waitFor(wait);
  await dialog.getByLabel('Address').fill('192.168.1.77');
  await dialog.getByLabel('Name').fill('Terrace');
  await dialog.getByRole('button', {name: 'Add device'}).click();
  await row(page, 'printer_3').waitFor(wait);
  await row(page, 'printer_3').locator('summary').click();
  await page.getByRole('button', {name: 'Rename and settings'}).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Garden');
  await page.getByRole('button', {name: 'Save'}).click();
  await row(page, 'printer_3').getByText('Garden', {exact: true}).waitFor(wait);
  await row(page, 'printer_3').locator('summary').click();
  await page.getByRole('button', {name: 'Remove …'}).click();
  await page.getByRole('heading', {name: 'Remove Garden?'}).waitFor(wait);
  await page.getByRole('button', {name: 'Remove Garden'}).click();
  await row(page, 'printer_3').waitFor({state: 'detached', ...wait});
  assert.equal(box.devices.size, 2);
  await closePage(page);
});

test('user text is never HTML', async () => {
  const nasty = '<img src=x onerror="document.title=1"><b>bold</b>';
  box.addDevice('nasty', nasty);
  box.become(box.act('nasty', 'print_receipt', {origin: nasty}), 'failed', {text: nasty});
  box.name = nasty;
  const page = await open();
  await row(page, 'nasty').getByText(nasty).waitFor(wait);
  assert.equal(await page.locator('main img, main b').count(), 0);
  await closePage(page);
});

test('says since when the line is cut, lets states turn to unknown, and catches up without a reload', async () => {
  const page = await open({expected: ['WebSocket', 'ERR_CONNECTION']});
  await see(page, 'Everything works.');
  await page.evaluate(() => (globalThis.marker = 'same page'));
  const {port} = box;
  await box.stop();
  await page.getByText(/Connection lost since \d\d:\d\d/).waitFor(wait);
  await page.locator('.verdict.unknown').waitFor({timeout: 60_000});
  await row(page, 'bar').getByText('Last known: ready.').waitFor(wait);
  await picture(page, 'box-connection-lost');
  await checkAccessibility(page, 'connection lost');
  box.setStatus('bar', outOfPaper);
  await box.start(port);
  await row(page, 'bar').getByText('trouble').waitFor({timeout: 60_000});
  await page.locator('.connection-bar').waitFor({state: 'detached', ...wait});
  assert.equal(await page.evaluate(() => globalThis.marker), 'same page');
  await closePage(page);
});

test('reads everything anew when events between are no longer kept', async () => {
  const page = await open({expected: ['WebSocket']});
  await see(page, 'Everything works.');
  box.devices.get('bar').status = {...box.devices.get('bar').status, ...outOfPaper};
  box.sequence += 500;
  box.forgottenBefore = box.sequence;
  box.cut();
  await row(page, 'bar').getByText('trouble').waitFor(wait);
  await closePage(page);
});

test('shows events live, newest first, and holds them while paused', async () => {
  const page = await open();
  await see(page, 'Everything works.');
  box.become(box.act('counter', 'print_receipt'), 'confirmed');
  const events = page.locator('.event');
  await events.first().getByText('Receipt: Kitchen printer did it.').waitFor(wait);
  await page.getByRole('button', {name: 'Pause'}).click();
  box.act('bar', 'cashbox');
  await see(page, '1 new');
  assert.match(await events.first().innerText(), /Receipt: Kitchen printer did it/);
  await page.getByRole('button', {name: 'Go on'}).click();
  await events.first().getByText('Cash drawer for Bar printer accepted.').waitFor(wait);
  await closePage(page);
});

test('follows the log live, by level and by word, and changes levels', async () => {
  box.log('info', 'http', 'Listening on port 8069.');
  const page = await open();
  await page.getByRole('button', {name: 'Advanced'}).click();
  await see(page, 'Listening on port 8069.');
  box.log('warning', 'printer', 'The printer does not answer.');
  await see(page, 'The printer does not answer.');
  await page.getByLabel('Search in the log').fill('8069');
  await page.getByText('The printer does not answer.').waitFor({state: 'detached', ...wait});
  await page.getByLabel('Search in the log').fill('');
  await page.getByLabel('How much to show').selectOption('error');
  await see(page, 'No line matches.');
  box.log('error', 'ledger', 'The disk is full.');
  await see(page, 'The disk is full.');
  await page.getByLabel('ledger', {exact: true}).selectOption('debug');
  await page.waitForFunction(() => document.getElementById('level-ledger').value === 'debug');
  assert.equal(box.loggers.get('ledger'), 'debug');
  await closePage(page);
});

test('renames the box and changes the language without a reload', async () => {
  const page = await open();
  await page.getByRole('button', {name: 'Advanced'}).click();
  await page.getByRole('button', {name: 'Rename', exact: true}).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Bakery');
  await page.getByRole('button', {name: 'Save'}).click();
  await page.getByRole('heading', {level: 1, name: 'Bakery'}).waitFor(wait);
  await page.getByLabel('Language').selectOption('de');
  await see(page, 'Wer darf was');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
  await page.reload();
  await see(page, 'Wer darf was');
  await closePage(page);
});

test('works by keyboard alone', async () => {
  const page = await open();
  await see(page, 'Everything works.');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.getByRole('button', {name: 'Help'}).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor(wait);
  await checkAccessibility(page, 'help');
  await picture(page, 'box-help', false);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({state: 'detached', ...wait});
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Help');
  await row(page, 'bar').locator('summary').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await row(page, 'bar').locator('details[open]').waitFor({state: 'detached', ...wait});
  await closePage(page);
});

test('shows the code that connects it, at the door and inside, until it is connected', async () => {
  box.unpair();
  const page = await openPage(browser, box.url);
  await see(page, 'BCDF-GHJK');
  await picture(page, 'box-pairing-door');
  await checkAccessibility(page, 'pairing at the door');
  await page.getByLabel('Setup code').fill('123456');
  await see(page, 'Kitchen printer');
  await see(page, 'BCDF-GHJK');
  await see(page, /Expires in 1 hr 5[12] mins?\./);
  assert.equal(await page.locator('.qr-link').getAttribute('href'), 'http://fleet.example:8080/#connect=BCDFGHJK');
  await picture(page, 'box-pairing');
  await checkAccessibility(page, 'pairing');
  box.becomePaired({state: 'paired', text: '', remedy: '', server: {url: 'http://fleet.example:8080', name: 'Corner shops', id: 'f1'}},
    {...box.link, state: 'linked', server: {name: 'Corner shops'}});
  await see(page, 'connected to Corner shops');
  await page.getByText('BCDF-GHJK').waitFor({state: 'detached', ...wait});
  await closePage(page);
});

test('an expired code is made new by one button; a server is chosen by its address', async () => {
  box.unpair({state: 'expired'});
  const page = await open({expected: ['422']});
  await page.getByRole('button', {name: 'New code'}).click();
  await see(page, 'BCDF-GHJK');
  assert.ok(box.requests.includes('POST /api/v1/pairing/code'));
  box.unpair({state: 'off', server: {url: '', configured: false}});
  await page.getByRole('button', {name: 'Connect to a server'}).click();
  await page.getByLabel('Address of the server').fill('no address');
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'is no address of a server');
  await checkAccessibility(page, 'server address');
  await page.getByLabel('Address of the server').fill('fleet.example:8080');
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'BCDF-GHJK');
  assert.equal(box.pairing.server.url, 'http://fleet.example:8080');
  await closePage(page);
});

test('a server that lost the box is named as the reason; one set up anew gives a code by one button', async () => {
  box.unpair({why: 'The server does not have this box any more.'});
  const page = await open();
  await page.getByRole('heading', {name: 'The server does not have this box any more.'}).waitFor(wait);
  await see(page, 'BCDF-GHJK');
  box.becomePaired({state: 'paired', text: '', remedy: '', server: {url: 'http://fleet.example:8080', name: 'Corner shops', id: 'f1'}},
    {...box.link, state: 'refused', code: 'link.wrong_server', text: 'Another server answers at http://fleet.example:8080.', remedy: '', server: {name: 'Corner shops'}});
  await page.getByRole('heading', {name: 'Another server answers'}).waitFor(wait);
  await page.getByRole('button', {name: 'New code'}).click();
  await see(page, 'BCDF-GHJK');
  assert.ok(box.requests.includes('DELETE /api/v1/pairing'));
  await closePage(page);
});

test('says that another machine has its disk, though it is linked itself', async () => {
  const page = await open();
  await see(page, 'Kitchen printer');
  box.setLink({state: 'linked', code: 'link.copied', text: 'Another machine says that it is this box: its disk was copied.',
    remedy: 'Decide on the server\'s page of this box which of the two it is.'});
  const heading = page.getByRole('heading', {name: 'its disk was copied'});
  await heading.waitFor(wait);
  await see(page, 'which of the two it is');
  await checkAccessibility(page, 'copied disk');
  box.setLink({state: 'linked', code: '', text: 'Linked to Corner shops.', remedy: ''});
  await heading.waitFor({state: 'detached', ...wait});
  await closePage(page);
});

test('says when its server turns it away, what the buffer holds, and disconnects', async () => {
  const page = await open();
  await see(page, 'connected to Corner shops');
  box.setLink({state: 'refused', text: 'Another machine speaks with this box’s key.', remedy: 'An owner must decide on the server.', buffered_events: 214});
  await see(page, 'Another machine speaks with this box’s key.');
  await picture(page, 'box-link-refused');
  await checkAccessibility(page, 'refused');
  await page.getByRole('button', {name: 'Advanced'}).click();
  await see(page, '214 of 200,000 events wait for the server.');
  await see(page, 'At the present rate it lasts 72 hours.');
  await picture(page, 'box-link-advanced');
  await checkAccessibility(page, 'link behind the cogs');
  await page.getByRole('button', {name: 'Disconnect …'}).click();
  await page.getByRole('button', {name: 'Disconnect from Corner shops'}).click();
  await page.getByRole('button', {name: 'Back to the overview'}).click();
  await see(page, 'BCDF-GHJK');
  await closePage(page);
});

test('blinks when somebody wants to see which box this is', async () => {
  const page = await open();
  await see(page, 'Kitchen printer');
  box.happen('box.blinked', {by: '192.168.1.5'});
  await page.locator('body.blinks').waitFor(wait);
  await see(page, `This is ${box.name}.`);
  await page.locator('body:not(.blinks)').waitFor(wait);
  await closePage(page);
});

test('says the next step where there is nothing', async () => {
  box.devices.clear();
  const page = await open();
  await page.getByRole('button', {name: 'Add a printer'}).waitFor(wait);
  await see(page, 'Nothing was printed yet.');
  await picture(page, 'box-empty');
  await checkAccessibility(page, 'empty');
  await closePage(page);
});

test('says it when the box does not answer, and tries again by itself', async () => {
  const page = await open({expected: ['WebSocket', 'ERR_', 'Failed to load']});
  await see(page, 'Everything works.');
  await page.route('**/api/v1/box', (route) => route.abort());
  await page.reload();
  await see(page, 'The box does not answer');
  await page.unroute('**/api/v1/box');
  await see(page, 'Everything works.');
  await closePage(page);
});

test(`weighs less than ${mostBytes} bytes in all, and asks nobody else`, async () => {
  await busyBox();
  const page = await open({language: 'de-AT'});
  await row(page, 'bar').waitFor(wait);
  await page.locator('header .icon-button').first().click();
  await page.locator('.log, .advanced .empty').first().waitFor(wait);
  const {bytes, files} = await measure(page);
  assert.ok(bytes < mostBytes, `${bytes}: ${JSON.stringify(files)}`);
  await closePage(page);
});
