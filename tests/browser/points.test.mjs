// Points of sale, tags, the steps after connecting, and developer mode.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {checkAccessibility, closePage, picture, sizes} from './support/browser.mjs';
import {card, now, openSignedIn, see, smallFleet, wait} from './support/fleet.mjs';

const names = (page) => page.locator('.box-name').allTextContents();
const only = (page, id) => page.waitForFunction((wanted) => {
  const shown = [...document.querySelectorAll('[data-box]')].map((each) => each.dataset.box);
  return shown.length === 1 && shown[0] === wanted;
}, id, wait);
const step = (page, name, state) => page.locator(`[data-step="${name}"][data-state="${state}"]`).first().waitFor(wait);
const question = (page) => page.getByLabel(/^Which point of sale does/);
const until = async (check, what) => {
  const end = Date.now() + wait.timeout;
  while (!check()) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

function placedFleet() {
  smallFleet();
  const {server} = now;
  const [bakery, corner] = ['Bakery Zürich', 'Corner ☕'].map((name) => server.addPoint(name));
  server.place('b1', bakery.id);
  server.place('b2', bakery.id);
  server.place('b3', corner.id);
  server.change('b1', {tags: ['till', 'VIP 🥐']});
  server.change('b2', {tags: ['kitchen', 'needs a new cable soon', 'leased until 2027']});
  return {bakery, corner};
}

test('cards show point of sale and tags; both are found by the search and chosen by', async () => {
  const {corner} = placedFleet();
  const page = await openSignedIn();
  await card(page, 'b1').getByText('Bakery Zürich').waitFor(wait);
  await card(page, 'b1').getByText('VIP 🥐').waitFor(wait);
  for (const [question_, id] of [['corner ☕', 'b3'], ['vip', 'b1'], ['bakery cable', 'b2']]) {
    await page.getByRole('searchbox').fill(question_);
    await only(page, id);
  }
  await page.getByRole('searchbox').fill('');
  await page.getByLabel('Only of this point of sale').selectOption({label: 'Bakery Zürich'});
  await card(page, 'b3').waitFor({state: 'detached', ...wait});
  assert.deepEqual(await names(page), ['Bakery, kitchen', 'Bakery, till 1']);
  await page.getByLabel('Only with this tag').selectOption('till');
  await only(page, 'b1');
  await page.reload();
  await only(page, 'b1');
  await page.goto(`${now.server.url}/#/boxes?point=${corner.id}`);
  await only(page, 'b3');
  now.server.points.find(({id}) => id === corner.id).name = 'Kiosk';
  now.server.happen('point_of_sale.changed', {id: corner.id, name: 'Kiosk'});
  await card(page, 'b3').getByText('Kiosk', {exact: true}).waitFor(wait);
  now.server.happen('point_of_sale.removed', {id: corner.id, name: 'Kiosk'});
  await see(page, 'No box fits.');
  await closePage(page);
});

test('a box gets its point of sale and its tags on its form, by keyboard too', async () => {
  placedFleet();
  const page = await openSignedIn({path: '/#/box/b4'});
  await page.getByLabel('Point of sale', {exact: true}).selectOption({label: 'Corner ☕'});
  await until(() => now.server.boxes.get('b4').point_of_sale_name === 'Corner ☕', 'the server knows it');
  const field = page.getByLabel('Tags', {exact: true}).and(page.locator('input'));
  await field.pressSequentially('  leased  ');
  await page.keyboard.press('Enter');
  await page.getByRole('button', {name: 'Remove the tag leased'}).waitFor(wait);
  await field.pressSequentially('<b>bold</b>,');
  await page.getByRole('button', {name: 'Remove the tag <b>bold</b>'}).waitFor(wait);
  await field.pressSequentially('LEASED'); // it has that
  await page.keyboard.press('Enter');
  assert.deepEqual(now.server.boxes.get('b4').tags, ['leased', '<b>bold</b>']);
  const offered = await page.locator('#tags-in-use option').evaluateAll((all) => all.map(({value}) => value));
  assert.deepEqual(offered, ['kitchen', 'leased until 2027', 'needs a new cable soon', 'till', 'VIP 🥐']);
  await checkAccessibility(page, 'where it belongs');
  await field.fill('');
  await field.press('Backspace');
  await page.getByRole('button', {name: 'Remove the tag <b>bold</b>'}).waitFor({state: 'detached', ...wait});
  await page.getByRole('button', {name: 'Remove the tag leased'}).press('Enter');
  await until(() => now.server.boxes.get('b4').tags.length === 0, 'both are gone');
  await closePage(page);
});

test('who may only look sees where a box belongs, and changes nothing', async () => {
  placedFleet();
  now.server.people.push({id: 'p2', name: 'Vera', password: 'x', role: 'viewer', created: '', last_seen: ''});
  const page = await openSignedIn({path: '/#/box/b1', name: 'Vera'});
  await page.locator('.belongs').getByText('Bakery Zürich').waitFor(wait);
  await page.locator('.belongs').getByText('VIP 🥐').waitFor(wait);
  assert.equal(await page.locator('.belongs :is(select, input, button)').count(), 0);
  now.server.waitWith('BCDFGHJK', 'b7', 'New till');
  now.server.takeIn(now.server.codes.get('BCDFGHJK'));
  await page.goto(`${now.server.url}/#/boxes`);
  await card(page, 'b7').waitFor(wait);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.goto(`${now.server.url}/#/settings`);
  await page.locator('[data-point="Bakery Zürich"]').waitFor(wait);
  assert.equal(await page.getByRole('button', {name: 'New point of sale'}).count(), 0);
  await closePage(page);
});

test('owners keep the points of sale in the settings', async () => {
  smallFleet();
  const page = await openSignedIn({path: '/#/settings', expected: ['409']});
  await see(page, 'There is none yet.');
  const add = async (name) => {
    await page.getByRole('button', {name: 'New point of sale'}).click();
    await page.getByRole('dialog').getByLabel('Name').fill(name);
    await page.getByRole('button', {name: 'Add', exact: true}).click();
  };
  await add('Bakery');
  await page.locator('[data-point="Bakery"]').waitFor(wait);
  await add('BAKERY');
  await see(page, 'There is a point of sale with this name already.');
  await page.getByRole('button', {name: 'Cancel'}).click();
  now.server.place('b1', now.server.points[0].id);
  await page.getByLabel('More for Bakery').click();
  await page.getByRole('button', {name: 'Rename …'}).click();
  assert.equal(await page.getByRole('dialog').getByLabel('Name').inputValue(), 'Bakery');
  await page.getByRole('dialog').getByLabel('Name').fill('Bäckerei');
  await page.getByRole('button', {name: 'Save', exact: true}).last().click();
  await page.locator('[data-point="Bäckerei"]').waitFor(wait);
  await page.getByLabel('More for Bäckerei').click();
  await page.getByRole('button', {name: 'Remove …'}).click();
  await see(page, '1 box belongs to it');
  await checkAccessibility(page, 'removing a point of sale');
  await page.getByRole('button', {name: 'Remove Bäckerei'}).click();
  await see(page, 'There is none yet.');
  assert.equal(now.server.boxes.get('b1').point_of_sale, '');
  await closePage(page);
});

// After connecting

/** A box that has just been taken in by its code, and has not come yet. */
function newBox(id, name) {
  now.server.waitWith('BCDFGHJK', id, name, {stage: 'taken', online: false, devices: [], report: {started: '1970-01-01T00:00:00Z'}});
  return now.server.codes.get('BCDFGHJK');
}

async function connect(page) {
  await page.getByRole('button', {name: 'Connect a box'}).click();
  await page.getByLabel('Code', {exact: true}).fill('bcdfghjk');
  await page.keyboard.press('Enter');
}

test('after the code each step is shown as it is done, then where the box belongs is asked', async () => {
  placedFleet();
  const box = newBox('b7', 'New till');
  const page = await openSignedIn();
  await card(page, 'b1').waitFor(wait);
  await connect(page);
  await page.getByRole('heading', {name: 'New till is being connected'}).waitFor(wait);
  await step(page, 'taken', 'done');
  await step(page, 'linked', 'working');
  await step(page, 'done', 'waiting');
  await picture(page, 'server-connecting');
  await checkAccessibility(page, 'connecting');
  Object.assign(box, {stage: 'proven', online: true});
  now.server.happen('box.online', {name: box.name, stage: 'proven'}, {box: box.id});
  await step(page, 'proven', 'done');
  await step(page, 'devices', 'working');
  now.server.change('b7', {stage: 'done', devices: [now.server.makeDevice('till', 'Till printer'), now.server.makeDevice('scale', 'Scale', 'scale')]});
  await step(page, 'done', 'done');
  await page.locator('dialog').getByText('2 devices sent').waitFor(wait);
  await question(page).selectOption({label: 'Corner ☕'});
  await page.getByRole('dialog').getByRole('button', {name: 'Save'}).click();
  await page.getByRole('dialog').waitFor({state: 'detached', ...wait});
  assert.deepEqual([box.point_of_sale_name, box.point_question], ['Corner ☕', false]);
  await page.reload();
  await card(page, 'b7').getByText('Corner ☕').waitFor(wait);
  assert.equal(await page.getByRole('dialog').count(), 0, 'it is not asked twice');
  await closePage(page);
});

test('a step that fails says which, why and what to do; one that takes long says so', async () => {
  smallFleet();
  const box = newBox('b7', 'New till');
  const page = await openSignedIn();
  await connect(page);
  await step(page, 'linked', 'working');
  now.server.change('b7', {stage: 'linked', stage_problem: {code: 'link.bad_proof', text: 'The box could not prove its key.', remedy: 'Connect the box again with a new code.'}});
  await step(page, 'proven', 'failed');
  await page.getByRole('dialog').getByText('Connect the box again with a new code.').waitFor(wait);
  await checkAccessibility(page, 'a step failed');
  now.server.change('b7', {stage: 'taken', stage_problem: {code: '', text: '', remedy: ''}, connected: new Date(Date.now() - 60_000).toISOString()});
  await step(page, 'linked', 'late');
  await page.getByRole('dialog').getByText('It calls by itself.').waitFor(wait);
  assert.equal(await question(page).count(), 0, 'there is no point of sale');
  await page.getByRole('dialog').locator('.dialog-foot').getByRole('button', {name: 'Close'}).click();
  await card(page, 'b7').click();
  await page.getByRole('heading', {name: 'Connecting, step by step'}).waitFor(wait);
  await step(page, 'linked', 'late');
  now.server.change('b7', {stage: 'done', connected: new Date(Date.now() - 600_000).toISOString()});
  await page.getByRole('heading', {name: 'Connecting, step by step'}).waitFor({state: 'detached', ...wait});
  assert.equal(box.stage, 'done');
  await closePage(page);
});

test('boxes that come by themselves are asked for one after the other, and never over another dialog', async () => {
  placedFleet();
  const page = await openSignedIn();
  await card(page, 'b1').waitFor(wait);
  await page.getByRole('button', {name: 'Connect a box'}).click();
  await page.getByLabel('Code', {exact: true}).waitFor(wait);
  for (const id of ['t1', 't2']) now.server.takeIn(now.server.makeBox(id, `Box ${id}`));
  await card(page, 't2').waitFor({state: 'attached', ...wait});
  assert.equal(await page.getByRole('dialog').count(), 1);
  await page.keyboard.press('Escape');
  await question(page).waitFor(wait);
  await page.getByText('Which point of sale does Box t1 belong to?').waitFor(wait);
  await page.getByRole('button', {name: 'Not now'}).click();
  await page.getByText('Which point of sale does Box t2 belong to?').waitFor(wait);
  await until(() => !now.server.boxes.get('t1').point_question, 'the first was put aside');
  await page.keyboard.press('Escape');
  await until(() => !now.server.boxes.get('t2').point_question, 'the second too');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await closePage(page);
});

test('of several people one is heard; the question goes away for the others', async () => {
  const {bakery, corner} = placedFleet();
  const [one, other] = [await openSignedIn(), await openSignedIn({expected: ['409']})];
  for (const page of [one, other]) await card(page, 'b1').waitFor(wait);
  now.server.takeIn(now.server.makeBox('t1', 'Box t1'));
  for (const page of [one, other]) await question(page).waitFor(wait);
  await question(one).selectOption({label: bakery.name});
  await one.getByRole('dialog').getByRole('button', {name: 'Save'}).click();
  await other.getByText('Somebody answered meanwhile: Box t1 belongs to Bakery Zürich.').waitFor(wait);
  await other.getByRole('dialog').waitFor({state: 'detached', ...wait});
  // At the very same time the server decides.
  now.server.takeIn(now.server.makeBox('t2', 'Box t2'));
  await question(other).selectOption({label: corner.name});
  now.server.boxes.get('t2').point_question = false; // the event of it is still on its way
  now.server.boxes.get('t2').point_of_sale = bakery.id;
  await other.getByRole('dialog').getByRole('button', {name: 'Save'}).click();
  await other.getByText(/Somebody answered meanwhile: Box t2/).waitFor(wait);
  assert.equal(now.server.boxes.get('t2').point_of_sale, bakery.id);
  await closePage(one);
  await closePage(other);
});

// Developer mode

test('developer mode shows technical information and connection tokens, in this browser', async () => {
  smallFleet();
  Object.assign(now.server.boxes.get('b1').report, {interfaces: [
    {name: 'eth0', mac: 'dc:a6:32:00:00:01', addresses: ['192.168.1.20/24', 'fe80::1/64']}, {name: 'wlan0', mac: 'dc:a6:32:00:00:02', addresses: []}]});
  const page = await openSignedIn({path: '/#/box/b1'});
  await page.locator('.belongs').waitFor(wait);
  assert.equal(await page.getByText('Technical information').count(), 0);
  await page.goto(`${now.server.url}/#/settings`);
  await see(page, 'Address of these pages');
  assert.equal(await page.getByRole('heading', {name: 'Connection tokens'}).count(), 0);
  await page.getByRole('checkbox', {name: /Developer mode/}).check();
  await page.getByRole('heading', {name: 'Connection tokens'}).waitFor(wait);
  await page.getByLabel('Developer mode is on; the settings turn it off').waitFor(wait);
  await page.goto(`${now.server.url}/#/box/b1`);
  await page.getByRole('heading', {name: 'Technical information'}).waitFor(wait);
  for (const text of ['192.168.1.20/24', 'fe80::1/64', 'dc:a6:32:00:00:01', 'dc:a6:32:00:00:02', 'http://192.168.1.20:8069/', '2 since'])
    await page.getByText(text, {exact: text.includes(':')}).first().waitFor(wait);
  await page.locator('[data-link]').getByText('3.4 ms there and back, varying by 0.5 ms').waitFor(wait);
  await page.locator('[data-clock]').getByText('26 h ahead of the server’s (± 1.7 ms)').waitFor(wait);
  now.server.quality = {...now.server.quality, clock_offset_us: 900};
  await page.getByRole('button', {name: 'Read again'}).click();
  await page.locator('[data-clock]').getByText('as the server’s').waitFor(wait);
  await page.reload();
  await page.getByRole('heading', {name: 'Technical information'}).waitFor(wait);
  await page.goto(`${now.server.url}/#/settings`);
  await page.getByRole('checkbox', {name: /Developer mode/}).uncheck();
  await page.getByRole('heading', {name: 'Connection tokens'}).waitFor({state: 'detached', ...wait});
  await page.getByLabel('Developer mode is on').waitFor({state: 'detached', ...wait});
  await closePage(page);
});

for (const [size, scheme] of [['desktop', 'light'], ['desktop', 'dark'], ['phone', 'light'], ['phone', 'dark'], ['panel', 'light']]) {
  test(`looks right: ${size}, ${scheme}`, async () => {
    placedFleet();
    Object.assign(now.server.boxes.get('b2').report, {interfaces: [{name: 'eth0', mac: 'dc:a6:32:00:00:01', addresses: ['192.168.1.21/24', 'fe80::dea6:32ff:fe00:1/64']}]});
    const page = await openSignedIn({size, scheme});
    await page.evaluate(() => localStorage.setItem('troupe.developer', '1'));
    await page.reload();
    const look = async (name, ready) => {
      await ready.waitFor(wait);
      await page.waitForTimeout(300); // what slides in has arrived
      await picture(page, `points-${name}-${size}-${scheme}`);
      await checkAccessibility(page, name);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= sizes[size].width, name);
    };
    await look('boxes', card(page, 'b1'));
    await page.goto(`${now.server.url}/#/boxes?show=rows`);
    await look('rows', page.locator('.box-row').first());
    await page.goto(`${now.server.url}/#/box/b2`);
    await page.locator('.belongs').waitFor(wait);
    await look('form', page.locator('[data-link]'));
    await page.goto(`${now.server.url}/#/settings`);
    await look('settings', page.locator('[data-point]').first());
    now.server.takeIn(now.server.makeBox('t1', 'Box t1', {stage: 'linked', online: false, stage_problem: {code: 'link.bad_proof', text: 'The box could not prove its key.', remedy: 'Connect the box again with a new code.'}}));
    await look('question', question(page));
    await closePage(page);
  });
}
