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
  server.addBox('b1', 'Bakery, till 1', {devices: [device('counter', 'Counter printer'), device('scale', 'Scale at till 1', 'scale', {text: '0.452 kg', details: {weight: 0.452, text: '0.452', unit: 'kg'}})]});
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

// The door

test('the first person comes in by the printed link, which does not stay in the address', async () => {
  server.setupToken = 'a-token-of-one-use';
  const page = await openPage(browser, `${server.url}/#setup=a-token-of-one-use`);
  await see(page, 'Welcome. Who are you?');
  assert.equal(new URL(page.url()).hash, '');
  await checkAccessibility(page, 'set-up');
  await picture(page, 'server-set-up');
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', {name: 'Begin'}).click();
  await see(page, 'No boxes yet.');
  await checkAccessibility(page, 'no boxes');
  await picture(page, 'server-empty');
  await closePage(page);
});

test('without the link a new server says where to find it; a wrong link is refused in words', async () => {
  server.setupToken = 'a-token-of-one-use';
  const page = await openPage(browser, server.url, {expected: ['403']});
  await see(page, 'This server is not set up yet');
  await page.goto('about:blank');
  await page.goto(`${server.url}/#setup=another`);
  await page.getByLabel('Name').fill('Eve');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', {name: 'Begin'}).click();
  await see(page, 'This set-up link is not the right one.');
  await closePage(page);
});

test('signs in and out; a wrong password is refused, many wrong ones are slowed', async () => {
  smallFleet();
  const page = await openPage(browser, server.url, {expected: ['401', '429']});
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', {name: 'Sign in'}).click();
  await see(page, 'Name or password is wrong.');
  await checkAccessibility(page, 'sign-in');
  await picture(page, 'server-sign-in');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.keyboard.press('Enter');
  await card(page, 'b1').waitFor(wait);
  await page.reload();
  await card(page, 'b1').waitFor(wait);
  await page.locator('.person-name').click();
  await page.getByRole('button', {name: 'Sign out', exact: true}).click();
  await page.getByLabel('Password').waitFor(wait);
  server.wrong = 5;
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Password').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText(/Next try in \d+ seconds/).waitFor(wait);
  await closePage(page);
});

test('signed out everywhere, other pages go to the door by themselves', async () => {
  smallFleet();
  const page = await openSignedIn({expected: ['WebSocket', '401']});
  await card(page, 'b1').waitFor(wait);
  server.sessions.clear();
  server.cut();
  await page.getByLabel('Password').waitFor(wait);
  await closePage(page);
});

// The fleet

test('counters filter, the search finds by name, address, serial and device, the order can be chosen', async () => {
  smallFleet();
  server.boxes.get('b5').devices.push(server.makeDevice('hidden_one', 'Label printer'));
  const page = await openSignedIn();
  await card(page, 'b5').waitFor(wait);
  const names = () => page.locator('.box-name').allTextContents();
  assert.deepEqual(await names(), ['Bakery, kitchen', 'Bakery, till 1', 'Corner shop', 'Kiosk at the station', 'Market stall']);
  await page.getByRole('button', {name: /trouble/}).click();
  await card(page, 'b1').waitFor({state: 'detached', ...wait});
  assert.deepEqual(await names(), ['Bakery, kitchen']);
  await page.getByRole('button', {name: /trouble/}).click();
  for (const [question, id] of [['kiosk', 'b4'], ['10.3.0', 'b3'], ['b2', 'b2'], ['label', 'b5'], ['BAKERY till', 'b1']]) {
    await page.getByRole('searchbox').fill(question);
    await page.waitForFunction((wanted) => {
      const shown = [...document.querySelectorAll('[data-box]')].map((each) => each.dataset.box);
      return shown.length === 1 && shown[0] === wanted;
    }, id, wait);
  }
  await page.getByRole('searchbox').fill('nothing at all');
  await page.getByRole('button', {name: 'Show all boxes'}).click();
  await page.getByLabel('Sort').selectOption('worst');
  await page.waitForFunction(() => document.querySelector('[data-box]').dataset.box === 'b2', null, wait);
  await page.getByRole('button', {name: 'Rows'}).click();
  await page.locator('.box-row').first().waitFor(wait);
  await page.reload();
  await page.locator('.box-row').first().waitFor(wait);
  assert.equal((await names())[0], 'Bakery, kitchen');
  await closePage(page);
});

test('a box goes offline and comes back live, and a weight moves', async () => {
  smallFleet();
  const page = await openSignedIn();
  await card(page, 'b1').locator('.pill', {hasText: 'ready'}).waitFor(wait);
  server.setOnline('b1', false);
  await card(page, 'b1').locator('.pill', {hasText: 'offline'}).waitFor(wait);
  await page.getByRole('button', {name: /2\s*offline/}).waitFor(wait);
  server.setOnline('b1', true);
  await card(page, 'b1').locator('.pill', {hasText: 'ready'}).waitFor(wait);
  server.setStatus('b1', 'counter', outOfPaper);
  await card(page, 'b1').getByText('Counter printer: The printer is out of paper.').waitFor(wait);
  await card(page, 'b1').click();
  const value = page.locator('[data-device="scale"] .value');
  await value.getByText('0.452').waitFor(wait);
  for (const weight of ['0.460', '1.205']) {
    server.setWeight('b1', 'scale', weight, true);
    await page.locator('[data-device="scale"] .value.moving').waitFor(wait);
    server.setWeight('b1', 'scale', weight);
    await value.getByText(weight).waitFor(wait);
    assert.equal(await page.locator('[data-device="scale"] .pill').textContent(), 'ready');
  }
  await closePage(page);
});

test('says since when the line is cut and catches up by sequence, without a reload', async () => {
  smallFleet();
  const page = await openSignedIn({expected: ['WebSocket', 'ERR_']});
  await card(page, 'b1').waitFor(wait);
  await page.evaluate(() => (globalThis.sameDocument = true));
  const {port} = server;
  await server.stop();
  await page.getByText(/Connection lost since/).waitFor(wait);
  await checkAccessibility(page, 'cut');
  server.setOnline('b1', false);
  server.setStatus('b3', 'till', {state: 'ready', text: 'Ready.'});
  await server.start(port);
  await card(page, 'b1').locator('.pill', {hasText: 'offline'}).waitFor({timeout: 30_000});
  await card(page, 'b3').locator('.pill', {hasText: 'ready'}).waitFor(wait);
  await page.locator('.connection-bar').waitFor({state: 'detached', ...wait});
  assert.ok(await page.evaluate(() => globalThis.sameDocument));
  assert.ok(server.requests.filter((line) => line.includes('/api/v1/boxes?fields')).length === 1, 'the fleet was read once');
  await closePage(page);
});

test('reads the fleet anew when events between are no longer kept', async () => {
  smallFleet();
  const page = await openSignedIn({expected: ['WebSocket', 'ERR_']});
  await card(page, 'b1').waitFor(wait);
  const {port} = server;
  await server.stop();
  await page.getByText(/Connection lost since/).waitFor(wait);
  server.addBox('b9', 'While nobody looked', {});
  server.sequence += 100;
  server.forgottenBefore = server.sequence;
  await server.start(port);
  await card(page, 'b9').waitFor({timeout: 30_000});
  await closePage(page);
});

test('stays smooth with ten thousand boxes', async () => {
  for (let number = 0; number < 10_000; number++)
    server.addBox(`box${number}`, `Shop ${number}`, {online: number % 97 !== 0, report: {addresses: [`10.${number >> 8}.${number & 255}.2`]},
      devices: [server.makeDevice('till', 'Till printer', 'printer', number % 31 ? {} : paperLow), server.makeDevice('kitchen', 'Kitchen printer')]});
  const page = await openSignedIn();
  await card(page, 'box0').waitFor({timeout: 60_000});
  await see(page, '10000 boxes');
  assert.ok((await page.locator('[data-box]').count()) < 100, 'only what is seen is in the document');
  const frames = await page.evaluate(async () => {
    const times = [];
    let last = performance.now();
    for (let step = 0; step < 60; step++) {
      scrollBy(0, 400);
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => a - b);
  });
  console.log(`scrolling 10,000 boxes: median frame ${frames[30].toFixed(1)} ms, worst ${frames[59].toFixed(1)} ms`);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await card(page, 'box9999').waitFor(wait);
  await checkAccessibility(page, 'ten thousand');
  for (let number = 0; number < 500; number++) server.setStatus(`box${number}`, 'kitchen', number === 499 ? outOfPaper : {});
  await page.getByRole('button', {name: /1\s*trouble/}).click({timeout: 30_000});
  await card(page, 'box499').waitFor(wait);
  await page.getByRole('button', {name: /1\s*trouble/}).click();
  await page.getByRole('searchbox').fill('shop 7123');
  await card(page, 'box7123').waitFor(wait);
  await page.goto(`${server.url}/#/devices`);
  await see(page, '20000 devices');
  assert.ok((await page.locator('.device-line-of-fleet').count()) < 60);
  await closePage(page);
});

// Connect

test('connects a box by its code, typed any way; its card appears highlighted', async () => {
  smallFleet();
  server.waitWith('BCDFGHJK', 'b7', 'New till', {devices: [server.makeDevice('till', 'Till printer')]});
  const page = await openSignedIn({path: '/#/boxes?standing=trouble', expected: ['404', '422']});
  await page.getByRole('button', {name: 'Connect a box'}).click();
  const code = page.getByLabel('Code', {exact: true});
  await code.pressSequentially('bcdf');
  await page.getByRole('button', {name: 'Connect', exact: true}).click();
  await see(page, 'The code has 8 letters.');
  await code.fill('zzzz zzzz');
  assert.equal(await code.inputValue(), 'ZZZZ-ZZZZ');
  await page.getByRole('button', {name: 'Connect', exact: true}).click();
  await see(page, 'No box waits with this code.');
  await checkAccessibility(page, 'wrong code');
  await picture(page, 'server-connect-wrong');
  await code.fill('');
  await code.pressSequentially('bcdf-ghjk');
  assert.equal(await code.inputValue(), 'BCDF-GHJK');
  await page.keyboard.press('Enter');
  await page.locator('[data-box="b7"].fresh').waitFor(wait);
  await see(page, 'New till is connected.');
  assert.equal(new URL(page.url()).hash, '#/boxes');
  await picture(page, 'server-connected');
  await closePage(page);
});

test('the QR code on a box opens the dialog with the code in it, also through the door', async () => {
  server.waitWith('BCDFGHJK', 'b7', 'New till');
  const page = await openPage(browser, `${server.url}/#connect=BCDFGHJK`);
  assert.equal(new URL(page.url()).hash, '');
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor(wait);
  assert.equal(await page.getByLabel('Code', {exact: true}).inputValue(), 'BCDF-GHJK');
  await page.getByRole('button', {name: 'Connect', exact: true}).click();
  await card(page, 'b7').waitFor(wait);
  await closePage(page);
});

test('too many wrong codes are slowed, in words', async () => {
  server.wrongCodes = 5;
  const page = await openSignedIn({path: '/#/boxes', expected: ['429']});
  await page.getByRole('button', {name: 'Connect a box'}).first().click();
  await page.getByLabel('Code', {exact: true}).fill('bcdfghjk');
  await page.keyboard.press('Enter');
  await page.getByText(/Next try in \d+ seconds/).waitFor(wait);
  assert.ok(await page.getByLabel('Code', {exact: true}).isDisabled());
  await closePage(page);
});

// A box

test('asks devices once each, with a key and a trace, and follows to the end', async () => {
  smallFleet();
  const page = await openSignedIn({path: '/#/box/b1'});
  await page.getByRole('button', {name: 'Read weight on Scale at till 1'}).click();
  await page.locator('[data-device="scale"] [data-progress="confirmed"]').getByText('0.452 kg').waitFor(wait);
  server.holdCommands = true;
  await page.getByRole('button', {name: 'Open drawer at Counter printer'}).click();
  await page.locator('[data-device="counter"] [data-progress="accepted"]').waitFor(wait);
  await see(page, 'Cash drawer: on its way');
  const [record] = server.commands;
  assert.match(record.key, /^[0-9a-f]{32}$/);
  assert.equal(server.commands.length, 2);
  server.become(record, 'failed', {code: 'ERROR_UNREACHABLE', text: 'The printer cannot be reached.'});
  await page.locator('[data-device="counter"] [data-progress="failed"]').getByText('The printer cannot be reached.').waitFor(wait);
  await page.locator('[data-device="counter"] [data-progress] a').click();
  await page.locator('.waterfall').waitFor(wait);
  assert.equal(new URL(page.url()).hash, `#/traces/${record.trace.trace}`);
  await page.goBack();
  await page.locator('[data-command]').nth(1).waitFor(wait);
  await closePage(page);
});

test('an answer that is lost on its way is asked for again with the same key: nothing is done twice', async () => {
  smallFleet();
  const page = await openSignedIn({path: '/#/box/b1', expected: ['ERR_']});
  let lost = 0;
  await page.route('**/actions', async (route) => {
    if (lost++) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await page.getByRole('button', {name: 'Open drawer at Counter printer'}).click();
  await page.locator('[data-device="counter"] [data-progress="confirmed"]').waitFor(wait);
  assert.equal(lost, 2);
  assert.equal(server.commands.length, 1);
  await closePage(page);
});

test('what is asked of an offline box waits, and says so', async () => {
  smallFleet();
  const page = await openSignedIn({path: '/#/box/b4'});
  await see(page, 'It goes on working in its shop');
  await page.getByRole('button', {name: 'Print a test ticket on Till printer'}).click();
  await see(page, 'Test ticket: waits until the box is back');
  await picture(page, 'server-box-offline');
  await checkAccessibility(page, 'offline box');
  server.setOnline('b4', true);
  server.become(server.commands[0], 'confirmed');
  await see(page, 'Test ticket: printed');
  await closePage(page);
});

test('renames, notes, restarts and deletes a box; the question names it', async () => {
  smallFleet();
  const page = await openSignedIn({path: '/#/box/b1', expected: ['422']});
  const menu = async (name) => {
    await page.getByLabel(/^More for (Bakery, till 1|Till one)$/).click();
    await page.getByRole('button', {name}).click();
  };
  await menu('Rename …');
  await page.getByLabel('Name', {exact: true}).fill('Till one');
  await page.getByRole('button', {name: 'Save'}).click();
  await page.getByRole('heading', {name: 'Till one'}).waitFor(wait);
  await menu('Note …');
  await page.getByLabel('Note', {exact: true}).fill('Behind the bread.\n<b>Call Max.</b>');
  await page.getByRole('button', {name: 'Save'}).click();
  await page.locator('.note').getByText('<b>Call Max.</b>').waitFor(wait);
  await menu('Restart …');
  await page.getByRole('button', {name: 'Restart Till one'}).click();
  await see(page, 'Till one is asked to restart.');
  assert.equal(server.commands[0].action, 'restart');
  await menu('Delete …');
  await see(page, 'Delete Till one?');
  await checkAccessibility(page, 'delete');
  await page.getByRole('button', {name: 'Delete Till one'}).click();
  await card(page, 'b2').waitFor(wait);
  assert.equal(await card(page, 'b1').count(), 0);
  assert.ok(!server.boxes.has('b1'));
  await closePage(page);
});

test('renames and removes a device by command', async () => {
  smallFleet();
  const page = await openSignedIn({path: '/#/box/b1'});
  await page.getByLabel('More for Counter printer').click();
  await page.getByRole('button', {name: 'Rename …'}).click();
  await page.getByLabel('Name', {exact: true}).fill('Front printer');
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'Rename device: done');
  await page.getByLabel('More for Counter printer').click();
  await page.getByRole('button', {name: 'Remove …'}).click();
  await page.getByRole('button', {name: 'Remove Counter printer'}).click();
  await see(page, 'Remove device: done');
  assert.deepEqual(server.commands.map(({action}) => action), ['remove_device', 'rename_device']);
  await closePage(page);
});

test('a copied disk is decided by an owner', async () => {
  smallFleet();
  const page = await openSignedIn({path: '/#/box/b1'});
  await page.getByRole('heading', {name: 'Bakery, till 1'}).waitFor(wait);
  server.change('b1', {alert: 'Two machines say that they are this box.'});
  await page.locator('.needs').getByText('Two machines say that they are this box.').waitFor(wait);
  await picture(page, 'server-box-copied');
  await checkAccessibility(page, 'copied');
  await page.getByRole('button', {name: 'Take the other machine'}).click();
  await page.locator('.needs').waitFor({state: 'detached', ...wait});
  assert.ok(server.requests.includes('POST /api/v1/boxes/b1/copy'));
  await closePage(page);
});

test('who may only look is offered nothing else', async () => {
  smallFleet();
  server.people.push({id: 'p2', name: 'Vera', password: 'x', role: 'viewer', created: '', last_seen: ''});
  const page = await openSignedIn({path: '/#/box/b1', name: 'Vera'});
  await page.locator('[data-device="counter"]').waitFor(wait);
  for (const name of ['Connect a box', /Print a test ticket/, /Open drawer/, /Rename/]) assert.equal(await page.getByRole('button', {name}).count(), 0);
  await page.goto(`${server.url}/#/people`);
  await see(page, 'Only owners see who may come in.');
  await page.goto(`${server.url}/#/settings`);
  await see(page, 'Address of these pages');
  assert.equal(await page.getByRole('heading', {name: 'Who changed what'}).count(), 0);
  await closePage(page);
});

// Events, people, settings

test('events come live, are filtered by box and kind, held while paused, and go back in time', async () => {
  smallFleet();
  for (let count = 0; count < 130; count++) server.setStatus('b2', 'pass', {text: `Old ${count}.`});
  const page = await openSignedIn({path: '/#/events'});
  await see(page, 'Pass printer: Old 129.');
  await page.mouse.wheel(0, 50_000);
  await page.waitForFunction(() => document.querySelectorAll('.event').length > 60, null, wait);
  await page.evaluate(() => scrollTo(0, 0));
  server.setOnline('b1', false);
  await page.locator('.event').first().getByText('Is offline.').waitFor(wait);
  await page.getByRole('button', {name: 'Pause'}).click();
  server.setOnline('b1', true);
  await see(page, '1 new');
  assert.equal(await page.locator('.event', {hasText: 'Is online.'}).count(), 0);
  await page.getByRole('button', {name: 'Go on'}).click();
  await page.locator('.event').first().getByText('Is online.').waitFor(wait);
  await page.getByLabel('Only of this box').fill('Bakery, till 1');
  await page.getByLabel('Only of this box').blur();
  await page.waitForFunction(() => document.querySelectorAll('.event').length === 2, null, wait);
  await page.getByLabel('Only of this kind').selectOption('device.');
  await see(page, 'Nothing happened yet.');
  await page.getByLabel('Only of this box').fill('');
  await see(page, 'Pass printer: Old 129.');
  await page.locator('.event summary').first().click();
  await page.getByRole('link', {name: 'The box'}).first().click();
  await page.getByRole('heading', {name: 'Bakery, kitchen'}).waitFor(wait);
  await closePage(page);
});

test('lets people in with a role, gives them a new password, and removes them', async () => {
  const page = await openSignedIn({path: '/#/people', expected: ['409']});
  const add = async (name) => {
    await page.getByRole('button', {name: 'Add', exact: true}).first().click();
    await page.getByLabel('Name', {exact: true}).fill(name);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByLabel('Role', {exact: true}).selectOption('operator');
    await checkAccessibility(page, 'add a person');
    await page.getByRole('dialog').getByRole('button', {name: 'Add', exact: true}).click();
  };
  await page.locator('[data-person="Ada"]').waitFor(wait);
  await add('Ada');
  await see(page, 'There is a Ada already.');
  await page.keyboard.press('Escape');
  await add('Oto');
  await page.locator('[data-person="Oto"]').waitFor(wait);
  await page.getByLabel('Role of Oto').selectOption('viewer');
  await page.getByLabel('More for Oto').click();
  await page.getByRole('button', {name: 'New password …'}).click();
  await page.getByLabel('New password', {exact: true}).fill('another horse battery');
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'Oto has a new password.');
  assert.deepEqual(server.people.map(({name, role, password}) => [name, role, password])[1], ['Oto', 'viewer', 'another horse battery']);
  await page.getByLabel('More for Oto').click();
  await page.getByRole('button', {name: 'Remove', exact: true}).click();
  await page.getByRole('button', {name: 'Remove Oto'}).click();
  await page.locator('[data-person="Oto"]').waitFor({state: 'detached', ...wait});
  await closePage(page);
});

test('a key for a program is shown once', async () => {
  const page = await openSignedIn({path: '/#/people'});
  await page.getByRole('button', {name: 'New key'}).click();
  await page.getByLabel('What it is for').fill('Reports');
  await page.getByRole('button', {name: 'Make the key'}).click();
  await page.getByText(/^troupe_[0-9a-f]{40}$/).waitFor(wait);
  await checkAccessibility(page, 'secret');
  await page.getByRole('button', {name: 'I have it'}).click();
  await page.locator('[data-token="Reports"]').waitFor(wait);
  assert.equal(await page.getByText(/troupe_/).count(), 0);
  await page.getByRole('button', {name: 'Remove Reports'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Remove Reports'}).click();
  await see(page, 'No program has a key.');
  await closePage(page);
});

test('renames the server, shows who changed what, changes the password and the language', async () => {
  const page = await openSignedIn({path: '/#/settings', expected: ['403']});
  await page.getByLabel('Name of the server').fill('All shops');
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'The server is now called All shops.');
  await page.locator('.brand').getByText('All shops').waitFor(wait);
  await page.locator('.person-name').click();
  await page.getByRole('button', {name: 'Change password'}).click();
  await page.getByLabel('Present password').fill('wrong');
  await page.getByLabel('New password').fill('another horse battery');
  await page.getByRole('button', {name: 'Save'}).last().click();
  await see(page, 'The present password is wrong.');
  await page.getByLabel('Present password').fill('correct horse battery');
  await page.getByRole('button', {name: 'Save'}).last().click();
  await see(page, 'The password was changed.');
  await page.locator('.person-name').click();
  await page.getByRole('button', {name: 'Language'}).click();
  await page.getByLabel('Language of these pages').selectOption('de');
  await see(page, 'Boxen');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
  await closePage(page);
});

test('works by keyboard alone', async () => {
  smallFleet();
  const page = await openSignedIn();
  await card(page, 'b1').waitFor(wait);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.keyboard.press('/');
  await page.keyboard.type('corner');
  await page.waitForFunction(() => document.querySelectorAll('[data-box]').length === 1, null, wait);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: 'Corner shop'}).waitFor(wait);
  await page.waitForFunction(() => document.activeElement.id === 'main', null, wait);
  await page.getByRole('tab', {name: 'Commands'}).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('tab', {name: 'Events', selected: true}).waitFor(wait);
  await closePage(page);
});

test('user text is never HTML', async () => {
  const evil = '<img src=x onerror="globalThis.broken=1">';
  server.addBox('b1', evil, {note: evil, alert: evil, devices: [server.makeDevice('one', evil, 'printer', {state: 'trouble', text: evil, remedy: evil})]});
  const page = await openSignedIn();
  await see(page, evil);
  await card(page, 'b1').click();
  await page.getByRole('heading', {name: evil}).waitFor(wait);
  await page.goto(`${server.url}/#/events`);
  server.setStatus('b1', 'one', {state: 'ready', text: evil});
  await page.locator('.event').first().waitFor(wait);
  assert.equal(await page.evaluate(() => globalThis.broken), undefined);
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  await closePage(page);
});

test('says it when the server does not answer, and tries again by itself', async () => {
  smallFleet();
  const page = await openSignedIn({expected: ['ERR_', 'Failed to load']});
  await card(page, 'b1').waitFor(wait);
  await page.route('**/api/v1/session', (route) => route.abort());
  await page.reload();
  await see(page, 'The server does not answer');
  await page.unroute('**/api/v1/session');
  await card(page, 'b1').waitFor(wait);
  await closePage(page);
});
