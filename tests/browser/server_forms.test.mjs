// The server's pages: a box, events, people and settings.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {checkAccessibility, closePage, picture} from './support/browser.mjs';
import {card, now, openSignedIn, see, smallFleet, wait} from './support/fleet.mjs';

// A box

test('asks devices once each, with a key and a trace, and follows to the end', async () => {
  smallFleet();
  const page = await openSignedIn({path: '/#/box/b1'});
  await page.getByRole('button', {name: 'Read weight on Scale at till 1'}).click();
  await page.locator('[data-device="scale"] [data-progress="confirmed"]').getByText('0.452 kg').waitFor(wait);
  now.server.holdCommands = true;
  await page.getByRole('button', {name: 'Open drawer at Counter printer'}).click();
  await page.locator('[data-device="counter"] [data-progress="accepted"]').waitFor(wait);
  await see(page, 'Cash drawer: on its way');
  const [record] = now.server.commands;
  assert.match(record.key, /^[0-9a-f]{32}$/);
  assert.equal(now.server.commands.length, 2);
  assert.equal(now.server.told(record).length, 0, 'it is not over yet');
  now.server.become(record, 'failed', {code: 'ERROR_UNREACHABLE', text: 'The printer cannot be reached.'});
  await page.locator('[data-device="counter"] [data-progress="failed"]').getByText('The printer cannot be reached.').waitFor(wait);
  await page.locator('[data-device="counter"] [data-progress] a').click();
  await page.locator('.waterfall').waitFor(wait);
  assert.equal(new URL(page.url()).hash, `#/traces/${record.trace.trace}`);
  assert.equal(await page.locator('.waterfall .place-browser').count(), 2, 'name and line of one span, though page and server know it');
  const [told] = now.server.told(record);
  assert.equal(told.span, now.server.traces.get(record.trace.trace).spans[0].span.parent, 'the span that the request named');
  assert.ok(told.duration_us >= 1000);
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
  assert.equal(now.server.commands.length, 1);
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
  now.server.setOnline('b4', true);
  now.server.become(now.server.commands[0], 'confirmed');
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
  assert.equal(now.server.commands[0].action, 'restart');
  await menu('Delete …');
  await see(page, 'Delete Till one?');
  await checkAccessibility(page, 'delete');
  await page.getByRole('button', {name: 'Delete Till one'}).click();
  await card(page, 'b2').waitFor(wait);
  await card(page, 'b1').waitFor({state: 'detached', ...wait});
  assert.ok(!now.server.boxes.has('b1'));
  await closePage(page);
});

test('decides whose pages may use a box, lets it blink; who is no owner only reads', async () => {
  smallFleet();
  const {report} = now.server.boxes.get('b1');
  report.origins = [{origin: 'https://pos.example', standing: 'allowed', by: 'config'}, {origin: now.server.url, standing: 'allowed', by: 'server'},
    {origin: 'https://shop.example', standing: 'asking', by: ''}];
  const page = await openSignedIn({path: '/#/box/b1'});
  const origin = (name) => page.locator(`[data-origin="${name}"]`);
  await origin('https://pos.example').getByText('by the configuration file').waitFor(wait);
  await origin(now.server.url).getByText('the box’s server').waitFor(wait);
  await page.getByRole('button', {name: 'Allow https://shop.example'}).click();
  await origin('https://shop.example').getByText('allowed').waitFor(wait);
  await page.getByLabel('Address of a page to allow').fill('till.example');
  await page.getByLabel('Address of a page to allow').press('Enter');
  await origin('https://till.example').getByText('allowed').waitFor(wait);
  await picture(page, 'server-box-origins');
  await checkAccessibility(page, 'origins of a box');
  await page.getByRole('button', {name: 'Forget https://shop.example'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Forget'}).click();
  await origin('https://shop.example').waitFor({state: 'detached', ...wait});
  await page.locator('summary[aria-label^="More"]').first().click();
  await page.getByRole('button', {name: 'Let it blink'}).click();
  await see(page, 'blinks on its pages and its screen');
  assert.deepEqual(now.server.commands.map(({action}) => action).sort(), ['blink', 'decide_origin', 'decide_origin', 'decide_origin']);
  await closePage(page);
  now.server.people.push({id: 'p9', name: 'Olga', password: 'correct horse battery', role: 'operator', created: new Date().toISOString(), last_seen: new Date().toISOString()});
  const other = await openSignedIn({path: '/#/box/b1', name: 'Olga'});
  await other.locator('[data-origin="https://pos.example"]').waitFor(wait);
  assert.equal(await other.getByRole('button', {name: 'Forget https://till.example'}).count(), 0);
  assert.equal(await other.getByLabel('Address of a page to allow').count(), 0);
  await closePage(other);
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
  assert.deepEqual(now.server.commands.map(({action}) => action), ['remove_device', 'rename_device']);
  await closePage(page);
});

test('a copied disk is decided by an owner', async () => {
  smallFleet();
  const page = await openSignedIn({path: '/#/box/b1'});
  await page.getByRole('heading', {name: 'Bakery, till 1'}).waitFor(wait);
  now.server.change('b1', {alert: 'Two machines say that they are this box.'});
  await page.locator('.needs').getByText('Two machines say that they are this box.').waitFor(wait);
  await picture(page, 'server-box-copied');
  await checkAccessibility(page, 'copied');
  await page.getByRole('button', {name: 'Take the other machine'}).click();
  await page.locator('.needs').waitFor({state: 'detached', ...wait});
  assert.ok(now.server.requests.includes('POST /api/v1/boxes/b1/copy'));
  await closePage(page);
});

test('who may only look is offered nothing else', async () => {
  smallFleet();
  now.server.people.push({id: 'p2', name: 'Vera', password: 'x', role: 'viewer', created: '', last_seen: ''});
  const page = await openSignedIn({path: '/#/box/b1', name: 'Vera'});
  await page.locator('[data-device="counter"]').waitFor(wait);
  for (const name of ['Connect a box', /Print a test ticket/, /Open drawer/, /Rename/]) assert.equal(await page.getByRole('button', {name}).count(), 0);
  await page.goto(`${now.server.url}/#/people`);
  await see(page, 'Only owners see who may come in.');
  await page.goto(`${now.server.url}/#/settings`);
  await see(page, 'Address of these pages');
  assert.equal(await page.getByRole('heading', {name: 'Who changed what'}).count(), 0);
  await closePage(page);
});

// Events, people, settings

test('events come live, are filtered by box and kind, held while paused, and go back in time', async () => {
  smallFleet();
  for (let count = 0; count < 130; count++) now.server.setStatus('b2', 'pass', {text: `Old ${count}.`});
  const page = await openSignedIn({path: '/#/events'});
  await see(page, 'Pass printer: Old 129.');
  await page.mouse.wheel(0, 50_000);
  await page.waitForFunction(() => document.querySelectorAll('.event').length > 60, null, wait);
  await page.evaluate(() => scrollTo(0, 0));
  now.server.setOnline('b1', false);
  await page.locator('.event').first().getByText('Is offline.').waitFor(wait);
  await page.getByRole('button', {name: 'Pause'}).click();
  now.server.setOnline('b1', true);
  await see(page, '1 new'); // that it told the same picture of itself again is left out
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
  await see(page, 'There is somebody with this name already.');
  await page.keyboard.press('Escape');
  await add('Oto');
  await page.locator('[data-person="Oto"]').waitFor(wait);
  await page.getByLabel('Role of Oto').selectOption('viewer');
  await page.getByLabel('More for Oto').click();
  await page.getByRole('button', {name: 'New password …'}).click();
  await page.getByLabel('New password', {exact: true}).fill('another horse battery');
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'Oto has a new password.');
  assert.deepEqual(now.server.people.map(({name, role, password}) => [name, role, password])[1], ['Oto', 'viewer', 'another horse battery']);
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
  await page.getByText(/troupe_/).waitFor({state: 'detached', ...wait});
  await page.locator('[data-token="Reports"]').waitFor(wait);
  await page.getByRole('button', {name: 'Remove Reports'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Remove Reports'}).click();
  await see(page, 'No program has a key.');
  await closePage(page);
});

test('renames the server, shows who changed what, changes the password and the language', async () => {
  smallFleet();
  now.server.audit.push({number: 0, time: new Date().toISOString(), person: 'Ada', address: '192.168.1.7', action: 'device.action', target: 'b1/counter', text: 'Asked for status.'});
  const page = await openSignedIn({path: '/#/settings', expected: ['403']});
  await page.getByLabel('Name of the server').fill('All shops');
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'The server is now called All shops.');
  await see(page, 'Bakery, till 1 · Counter printer: Test ticket was asked for.');
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
  await page.goto(`${now.server.url}/#/settings`);
  await see(page, 'Der Server heißt jetzt All shops.');
  await see(page, 'Bakery, till 1 · Counter printer: Testbeleg wurde verlangt.');
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
  now.server.addBox('b1', evil, {note: evil, alert: evil, devices: [now.server.makeDevice('one', evil, 'printer', {state: 'trouble', text: evil, remedy: evil})]});
  const page = await openSignedIn();
  await see(page, evil);
  await card(page, 'b1').click();
  await page.getByRole('heading', {name: evil}).waitFor(wait);
  await page.goto(`${now.server.url}/#/events`);
  now.server.setStatus('b1', 'one', {state: 'ready', text: evil});
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
