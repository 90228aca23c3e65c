// The box's homepage after it was connected: step by step.
import {after, afterEach, before, beforeEach, test} from 'node:test';
import {FakeBox} from './fake/box.mjs';
import {checkAccessibility, closePage, openPage, picture, startBrowser} from './support/browser.mjs';

const wait = {timeout: 60_000};
let browser;
let box;

before(async () => (browser = await startBrowser()));
after(() => browser.close());
beforeEach(async () => (box = await new FakeBox().start()));
afterEach(() => box.stop());

const open = (options) => openPage(browser, `${box.url}/#setup=123456`, options);
const see = (page, text) => page.getByText(text).first().waitFor(wait);
const step = (page, name, state) => page.locator(`[data-step="${name}"][data-state="${state}"]`).waitFor(wait);
const paired = () => ({state: 'paired', text: '', remedy: '', server: {url: 'http://fleet.example:8080', configured: false, id: 'f1', name: 'Corner shops', person: 'Ada', since: new Date().toISOString()}});
const link = (more) => ({...box.link, code: '', text: '', remedy: '', since: new Date().toISOString(), server: {url: 'http://fleet.example:8080', id: 'f1', name: 'Corner shops'},
  state: 'connecting', stage: 'taken', first_time: true, devices_told: 0, ...more});

test('each step is shown as it is done, and what was shown can be closed', async () => {
  box.unpair();
  const page = await open();
  await see(page, 'BCDF-GHJK');
  box.becomePaired(paired(), link());
  await see(page, 'Corner shops is connecting this box');
  await step(page, 'taken', 'done');
  await step(page, 'linked', 'working');
  await step(page, 'devices', 'waiting');
  await picture(page, 'box-connecting');
  await checkAccessibility(page, 'connecting');
  box.setLink({stage: 'linked'});
  await step(page, 'proven', 'working');
  box.setLink({stage: 'done', state: 'linked', text: 'Linked to Corner shops.', first_time: false, devices_told: 2, completed: new Date().toISOString()});
  await see(page, 'Corner shops has this box');
  await step(page, 'done', 'done');
  await see(page, '2 devices sent');
  await page.locator('.pairing').getByRole('button', {name: 'Close'}).click();
  await page.locator('.step-list').waitFor({state: 'detached', ...wait});
  box.setLink({state: 'waiting', stage: 'taken', since: new Date(Date.now() - 3600_000).toISOString(), text: 'The server cannot be reached. The connection to the server was cut.', remedy: 'The box tries again by itself.'});
  await see(page, 'The server cannot be reached.');
  await page.locator('.step-list').waitFor({state: 'detached', ...wait});
  await closePage(page);
});

for (const [size, scheme, language] of [['phone', 'dark', 'en-GB'], ['panel', 'light', 'de-AT']]) {
  test(`a step that fails says which, why and what to do: ${size}, ${scheme}`, async () => {
    box.becomePaired(paired(), link({state: 'refused', stage: 'linked', text: 'Another machine with the same key is linked: this disk was copied.',
      remedy: 'Decide on the server\'s page of this box which of the two it is.'}));
    const page = await open({size, scheme, language});
    await step(page, 'linked', 'done');
    await step(page, 'proven', 'failed');
    await see(page, language === 'en-GB' ? 'Decide on the server\'s page of this box' : 'Dieser Datenträger wurde kopiert.');
    await step(page, 'devices', 'waiting');
    await picture(page, `box-step-failed-${size}-${scheme}`);
    await checkAccessibility(page, 'a step failed');
    await closePage(page);
  });
}

test('a box that was connected long ago shows no steps', async () => {
  box.becomePaired(paired(), link({state: 'linked', stage: 'done', first_time: false, text: 'Linked to Corner shops.'}));
  const page = await open();
  await page.getByRole('heading', {name: 'Devices'}).waitFor(wait);
  await page.locator('.step-list').waitFor({state: 'detached', ...wait});
  await closePage(page);
});
