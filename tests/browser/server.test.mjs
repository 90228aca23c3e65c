// The server's pages: each of them, the door, the fleet, connecting a box.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {checkAccessibility, closePage, measure, openPage, picture, sizes} from './support/browser.mjs';
import {card, now, openSignedIn, outOfPaper, paperLow, see, smallFleet, wait} from './support/fleet.mjs';

const mostBytes = 60_000; // pages.md

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
    await page.goto(`${now.server.url}/#/boxes?show=rows&sort=worst`);
    await look('rows', page.locator('.box-row').first());
    await page.goto(`${now.server.url}/#/box/b2`);
    await page.locator('[data-device="pass"] button').first().click();
    await page.locator('[data-progress="confirmed"]').waitFor(wait);
    await page.locator('.action-line').first().click();
    await page.locator('.waterfall').waitFor(wait);
    await look('box', page.locator('.verdict'));
    await page.goto(`${now.server.url}/#/traces/${now.server.commands[0].trace.trace}`);
    await look('trace', page.locator('.waterfall'));
    await page.goto(`${now.server.url}/#/devices`);
    await look('devices', page.locator('.device-line-of-fleet').first());
    await page.goto(`${now.server.url}/#/events`);
    await look('events', page.locator('.event').first());
    await page.goto(`${now.server.url}/#/people`);
    await look('people', page.locator('[data-person="Ada"]'));
    await page.goto(`${now.server.url}/#/settings`);
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
  now.server.setupToken = 'a-token-of-one-use';
  const page = await openPage(now.browser, `${now.server.url}/#setup=a-token-of-one-use`);
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
  now.server.setupToken = 'a-token-of-one-use';
  const page = await openPage(now.browser, now.server.url, {expected: ['403']});
  await see(page, 'This server is not set up yet');
  await page.goto('about:blank');
  await page.goto(`${now.server.url}/#setup=another`);
  await page.getByLabel('Name').fill('Eve');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', {name: 'Begin'}).click();
  await see(page, 'This set-up link is not the right one.');
  await closePage(page);
});

test('signs in and out; a wrong password is refused, many wrong ones are slowed', async () => {
  smallFleet();
  const page = await openPage(now.browser, now.server.url, {expected: ['401', '429']});
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
  now.server.wrong = 5;
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
  now.server.sessions.clear();
  now.server.cut();
  await page.getByLabel('Password').waitFor(wait);
  await closePage(page);
});

// The fleet

test('counters filter, the search finds by name, address, serial and device, the order can be chosen', async () => {
  smallFleet();
  now.server.boxes.get('b5').devices.push(now.server.makeDevice('hidden_one', 'Label printer'));
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

test('a box that was disconnected at its homepage keeps its card, which says so', async () => {
  smallFleet();
  const page = await openSignedIn();
  await card(page, 'b1').locator('.pill', {hasText: 'ready'}).waitFor(wait);
  now.server.disconnect('b1');
  await card(page, 'b1').getByText('Disconnected by the box since').waitFor(wait);
  await page.reload();
  await card(page, 'b1').getByText('Disconnected by the box since').waitFor(wait);
  await card(page, 'b1').click();
  await page.getByText('Somebody disconnected it at its homepage.').waitFor(wait);
  await closePage(page);
});

test('a box goes offline and comes back live, and a weight moves', async () => {
  smallFleet();
  const page = await openSignedIn();
  await card(page, 'b1').locator('.pill', {hasText: 'ready'}).waitFor(wait);
  now.server.setOnline('b1', false);
  await card(page, 'b1').locator('.pill', {hasText: 'offline'}).waitFor(wait);
  await page.getByRole('button', {name: /2\s*offline/}).waitFor(wait);
  now.server.setOnline('b1', true);
  await card(page, 'b1').locator('.pill', {hasText: 'ready'}).waitFor(wait);
  now.server.setStatus('b1', 'counter', outOfPaper);
  await card(page, 'b1').getByText('Counter printer: The printer is out of paper.').waitFor(wait);
  now.server.setWeight('b1', 'scale', '0.453');
  await card(page, 'b1').getByText('0.453 kg').waitFor(wait);
  now.server.setWeight('b1', 'scale', '0.452');
  await card(page, 'b1').click();
  const value = page.locator('[data-device="scale"] .value');
  await value.getByText('0.452').waitFor(wait);
  for (const weight of ['0.460', '1.205']) {
    now.server.setWeight('b1', 'scale', weight, true);
    await page.locator('[data-device="scale"] .value.moving').waitFor(wait);
    now.server.setWeight('b1', 'scale', weight);
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
  const {port} = now.server;
  await now.server.stop();
  await page.getByText(/Connection lost since/).waitFor(wait);
  await checkAccessibility(page, 'cut');
  await card(page, 'b2').locator('.pill', {hasText: 'unknown'}).waitFor({timeout: 60_000});
  await card(page, 'b2').getByText('Not known at the moment.').waitFor(wait);
  now.server.setOnline('b1', false);
  now.server.setStatus('b3', 'till', {state: 'ready', text: 'Ready.'});
  await now.server.start(port);
  await card(page, 'b1').locator('.pill', {hasText: 'offline'}).waitFor({timeout: 60_000});
  await card(page, 'b3').locator('.pill', {hasText: 'ready'}).waitFor(wait);
  await page.locator('.connection-bar').waitFor({state: 'detached', ...wait});
  assert.ok(await page.evaluate(() => globalThis.sameDocument));
  assert.ok(now.server.requests.filter((line) => line.includes('/api/v1/boxes?fields')).length === 1, 'the fleet was read once');
  await closePage(page);
});

test('reads the fleet anew when events between are no longer kept', async () => {
  smallFleet();
  const page = await openSignedIn({expected: ['WebSocket', 'ERR_']});
  await card(page, 'b1').waitFor(wait);
  const {port} = now.server;
  await now.server.stop();
  await page.getByText(/Connection lost since/).waitFor(wait);
  now.server.addBox('b9', 'While nobody looked', {});
  now.server.sequence += 100;
  now.server.forgottenBefore = now.server.sequence;
  await now.server.start(port);
  await card(page, 'b9').waitFor({timeout: 60_000});
  await closePage(page);
});

test('stays smooth with ten thousand boxes', async () => {
  for (let number = 0; number < 10_000; number++)
    now.server.addBox(`box${number}`, `Shop ${number}`, {online: number % 97 !== 0, report: {addresses: [`10.${number >> 8}.${number & 255}.2`]},
      devices: [now.server.makeDevice('till', 'Till printer', 'printer', number % 31 ? {} : paperLow), now.server.makeDevice('kitchen', 'Kitchen printer')]});
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
  for (let number = 0; number < 500; number++) now.server.setStatus(`box${number}`, 'kitchen', number === 499 ? outOfPaper : {});
  await page.getByRole('button', {name: /1\s*trouble/}).click({timeout: 60_000});
  await card(page, 'box499').waitFor(wait);
  await page.getByRole('button', {name: /1\s*trouble/}).click();
  await page.getByRole('searchbox').fill('shop 7123');
  await card(page, 'box7123').waitFor(wait);
  await page.goto(`${now.server.url}/#/devices`);
  await see(page, '20000 devices');
  assert.ok((await page.locator('.device-line-of-fleet').count()) < 60);
  await closePage(page);
});

// Connect

test('connects a box by its code, typed any way; its card appears highlighted', async () => {
  smallFleet();
  now.server.waitWith('BCDFGHJK', 'b7', 'New till', {devices: [now.server.makeDevice('till', 'Till printer')]});
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
  now.server.waitWith('BCDFGHJK', 'b7', 'New till');
  const page = await openPage(now.browser, `${now.server.url}/#connect=BCDFGHJK`);
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
  now.server.wrongCodes = 5;
  const page = await openSignedIn({path: '/#/boxes', expected: ['429']});
  await page.getByRole('button', {name: 'Connect a box'}).first().click();
  await page.getByLabel('Code', {exact: true}).fill('bcdfghjk');
  await page.keyboard.press('Enter');
  await page.getByText(/Next try in \d+ seconds/).waitFor(wait);
  assert.ok(await page.getByLabel('Code', {exact: true}).isDisabled());
  await closePage(page);
});
