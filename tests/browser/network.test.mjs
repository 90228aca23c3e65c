// The way to the server as the homepage shows it, and the page for an attached screen.
import assert from 'node:assert/strict';
import {after, afterEach, before, beforeEach, test} from 'node:test';
import {FakeBox} from './fake/box.mjs';
import {checkAccessibility, closePage, openPage, picture, sizes, startBrowser} from './support/browser.mjs';

const wait = {timeout: 60_000};
Object.assign(sizes, {seven: {width: 800, height: 480}, full: {width: 1920, height: 1080}});
let browser;
let box;

before(async () => (browser = await startBrowser()));
after(() => browser.close());
beforeEach(async () => (box = await new FakeBox().start()));
afterEach(() => box.stop());

const see = (page, text) => page.getByText(text).first().waitFor(wait);
const openBox = (options) => openPage(browser, `${box.url}/#setup=123456`, options);
const openScreen = (options) => openPage(browser, `${box.url}/status`, {size: 'seven', ...options});

const portal = 'This network wants a log-in page first (captive portal): it sends to http://login.hotel.example.';
const portalRemedy = 'Log in to the network, or have its owner let the box through. If there is no such page, look at the server\'s address.';
const goodWay = [
  {step: 'interface', state: 'good', text: '192.168.1.20 (eth0); IPv4 only.'},
  {step: 'gateway', state: 'good', text: 'The router is 192.168.1.1.'},
  {step: 'name', state: 'good', text: 'The name leads to 203.0.113.7.'},
  {step: 'proxy', state: 'skipped', text: 'No proxy is used.'},
  {step: 'tcp', state: 'good', text: 'It answers at 203.0.113.7.'},
  {step: 'tls', state: 'skipped', text: 'The server\'s address is not encrypted (http).'},
  {step: 'server', state: 'good', text: 'Corner shops answers, and has proved that it is this box\'s server.'},
  {step: 'link', state: 'good', text: 'The box is linked.'},
  {step: 'clock', state: 'good', text: 'Both clocks agree (0.2 s apart).'},
];
const portalWay = goodWay.map((each, at) =>
  at < 6 ? each : at === 6 ? {step: 'server', state: 'failed', text: portal, remedy: portalRemedy, code: 'link.captive_portal'} : {...each, state: 'not_tried', text: ''});

test('the connection is tested step by step, and the failing step says what to do', async () => {
  for (const options of [{}, {language: 'de-AT', scheme: 'dark'}, {size: 'phone'}]) {
    const german = options.language === 'de-AT';
    const page = await openBox(options);
    box.connectionTestSteps = portalWay;
    await page.getByRole('button', {name: german ? 'Erweitert' : 'Advanced'}).click();
    await page.getByRole('button', {name: german ? 'Verbindung prüfen' : 'Test the connection'}).click();
    await see(page, german ? 'Dieser Schritt scheitert: Server' : 'This step fails: Server');
    await see(page, german ? 'Es schickt zu http://login.hotel.example' : 'it sends to http://login.hotel.example');
    await see(page, german ? 'Im Netz anmelden' : 'Log in to the network');
    assert.equal(await page.locator('.test-step[data-state="not_tried"]').count(), 2);
    assert.equal(await page.locator('.test-step[data-state="good"]').count(), 4);
    await checkAccessibility(page, 'test of the connection');
    await picture(page, `box-connection-test${german ? '-dark' : options.size ? '-phone' : ''}`, false);
    box.connectionTestSteps = goodWay;
    await page.getByRole('button', {name: german ? 'Noch einmal prüfen' : 'Test again'}).click();
    await see(page, german ? 'Auf dem Weg zum Server ist alles in Ordnung.' : 'Everything on the way to the server works.');
    await closePage(page);
  }
});

test('a log-in page of the network is told on the homepage, with the test beside it', async () => {
  const page = await openBox();
  box.setLink({state: 'waiting', code: 'link.captive_portal', since: new Date(Date.now() - 120_000).toISOString(), text: `The server cannot be reached. ${portal}`, remedy: portalRemedy});
  await see(page, 'This network wants a log-in page first');
  await see(page, 'Log in to the network');
  box.connectionTestSteps = portalWay;
  await page.getByRole('button', {name: 'Test the connection'}).click();
  await see(page, 'This step fails: Server');
  await picture(page, 'box-captive-portal', false);
  await closePage(page);
});

test('a clock that is years off is told on the homepage while the box is linked', async () => {
  const page = await openBox({language: 'de-AT'});
  box.setLink({state: 'linked', code: 'link.clock', text: 'The box\'s clock says 1970-01-01 00:02 (UTC); the server\'s says 2026-11-26 20:00 (UTC).',
    remedy: 'Set the box\'s clock (NTP does it by itself where the network lets it), and look at the server\'s.'});
  await see(page, 'Die Uhr der Box zeigt 1970-01-01 00:02 (UTC), die des Servers 2026-11-26 20:00 (UTC).');
  await see(page, 'Die Uhr der Box stellen');
  await closePage(page);
});

test('a proxy is set with its log-in, and the password is never shown again', async () => {
  const page = await openBox({expected: ['422']});
  await page.getByRole('button', {name: 'Advanced'}).click();
  await page.getByRole('button', {name: 'Proxy …'}).click();
  await page.getByLabel('Through this proxy:').check();
  await page.getByLabel('Address of the proxy').fill('no proxy at all');
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'This is no address of a proxy.');
  await page.getByLabel('Address of the proxy').fill('http://proxy.example:3128');
  await page.getByLabel('User').fill('till');
  await page.getByLabel('Password').fill('geheim');
  await page.getByLabel('Reached without the proxy').fill('10.0.0.0/8\nshop.example');
  await checkAccessibility(page, 'proxy');
  await picture(page, 'box-proxy', false);
  await page.getByRole('button', {name: 'Save'}).click();
  await see(page, 'The way to the server was changed.');
  assert.deepEqual(box.lastProxy, {use: 'own', address: 'http://proxy.example:3128', user: 'till', password: 'geheim', direct: ['10.0.0.0/8', 'shop.example']});
  await page.getByRole('button', {name: 'Proxy …'}).click();
  await see(page, 'A password is set. Leave this empty to keep it.');
  assert.equal(await page.getByLabel('Password').inputValue(), '');
  await page.getByRole('button', {name: 'Save'}).click();
  await page.getByRole('dialog').waitFor({state: 'detached', ...wait});
  assert.equal('password' in box.lastProxy, false);
  await closePage(page);
});

test('the screen shows the code large, then the server, live and without a touch', async () => {
  box.loopback = true;
  for (const size of ['seven', 'full']) {
    box.unpair();
    const page = await openScreen({size});
    await see(page, 'BCDF-GHJK');
    await see(page, 'Enter this code on fleet.example:8080:');
    await see(page, 'Setup code of the homepage: 123456');
    assert.equal(await page.getByRole('img', {name: 'QR code that opens the server with this code'}).count(), 1);
    const code = await page.locator('.code').evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
    assert.ok(code >= (size === 'seven' ? 60 : 120), `the code can be read from afar: ${code}`);
    for (const small of await page.locator('p, h2, footer code').all())
      assert.ok((await small.evaluate((element) => parseFloat(getComputedStyle(element).fontSize))) >= 20, 'no small print');
    await checkAccessibility(page, 'screen with a code');
    await picture(page, `status-code-${size}`, false);
    const fits = () => page.evaluate(() => ['.screen', 'main', 'footer'].every((each) => {
      const element = document.querySelector(each);
      return element.scrollHeight <= element.clientHeight + 1 && element.scrollWidth <= element.clientWidth + 1 && element.getBoundingClientRect().bottom <= innerHeight + 1;
    }));
    assert.ok(await fits(), 'nothing is cut off');
    box.pairing = {state: 'paired', text: '', remedy: '', server: {url: 'http://fleet.example:8080', name: 'Corner shops'}};
    box.link = {...box.link, state: 'linked', code: '', text: '', server: {name: 'Corner shops'}};
    box.addDevice('p', 'Kitchen printer');
    box.show();
    await see(page, 'Connected to Corner shops.');
    assert.equal(await page.getByText('Setup code').count(), 0, 'later the screen may hang where customers see it');
    assert.ok(await fits());
    await picture(page, `status-linked-${size}`, false);
    box.problems = [{name: 'Kitchen printer', state: 'trouble', text: 'The printer is out of paper.', remedy: 'Put in a new roll and close the cover.'},
      {name: 'Scale at till 1', state: 'attention', text: 'Below zero.', remedy: 'Put back what belongs on it, or take everything off and press zero.'}];
    box.link = {...box.link, state: 'waiting', code: 'link.captive_portal', text: `The server cannot be reached. ${portal}`, remedy: portalRemedy};
    box.show();
    await see(page, 'Kitchen printer: The printer is out of paper.');
    await see(page, 'This network wants a log-in page first');
    assert.ok(await fits(), 'much to say, and nothing cut off');
    await checkAccessibility(page, 'screen with problems');
    await picture(page, `status-problems-${size}`, false);
    box.show({type: 'blink'});
    await see(page, 'This is Shop till 1');
    await picture(page, `status-blink-${size}`, false);
    box.problems = [];
    await closePage(page);
  }
});

test('the screen speaks the language that the box is set to, and comes back by itself', async () => {
  box.loopback = true;
  box.unpair();
  const page = await openScreen({expected: ['WebSocket', 'ERR_']});
  await see(page, 'Enter this code');
  box.show(box.status({language: 'de'}));
  await see(page, 'Diesen Code auf fleet.example:8080 eingeben:');
  const {port} = box;
  await box.stop();
  await see(page, 'Die Box startet neu oder antwortet nicht.');
  box.name = 'Kasse 2';
  await box.start(port);
  await see(page, 'Kasse 2');
  await page.getByText('Die Box startet neu').first().waitFor({state: 'detached', ...wait});
  await closePage(page);
});

test('strangers see on it what everybody may know, the code included', async () => {
  box.unpair();
  const page = await openScreen({expected: ['401', 'WebSocket']});
  await see(page, 'BCDF-GHJK');
  assert.equal(await page.getByText('192.168.1.20').count(), 0);
  await closePage(page);
});

test('the homepage says what an attached screen shows', async () => {
  box.screen = {state: 'no_browser', text: 'A screen is attached, but there is no browser to show it.', remedy: 'Install cog, or chromium and cage.'};
  const page = await openBox();
  await page.getByRole('button', {name: 'Advanced'}).click();
  await see(page, 'A screen is attached, but there is no browser to show it.');
  await closePage(page);
});
