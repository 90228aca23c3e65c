// The server's pages before a server of our own making: what the tests of them share.
import {after, afterEach, before, beforeEach} from 'node:test';
import {FakeServer} from '../fake/server.mjs';
import {openPage, startBrowser} from './browser.mjs';

export const wait = {timeout: 60_000};
/** What is there during a test; a new server for each. */
export const now = {browser: null, server: null};

before(async () => (now.browser = await startBrowser()));
after(() => now.browser.close());
beforeEach(async () => (now.server = await new FakeServer().start()));
afterEach(() => now.server.stop());

export const outOfPaper = {state: 'trouble', code: 'ERROR_NO_PAPER', text: 'The printer is out of paper.',
  remedy: 'Put in a new roll and close the cover. The 2 that wait are printed by themselves then.', waiting: 2};
export const paperLow = {state: 'attention', code: 'WARNING_PAPER_LOW', text: 'The paper is nearly at its end.', remedy: 'Have a new roll at hand.'};

/** A small fleet with something of everything. */
export function smallFleet() {
  const {server} = now;
  const device = (...given) => server.makeDevice(...given);
  server.addBox('b1', 'Bakery, till 1', {devices: [device('counter', 'Counter printer'), device('scale', 'Scale at till 1', 'scale', {text: '0.452 kg', details: {weight: 0.452, text: '0.452', unit: 'kg'}})]});
  server.addBox('b2', 'Bakery, kitchen', {devices: [device('kitchen', 'Kitchen printer', 'printer', outOfPaper), device('pass', 'Pass printer')],
    report: {addresses: ['192.168.1.21']}});
  server.addBox('b3', 'Corner shop', {devices: [device('till', 'Till printer', 'printer', paperLow)], report: {addresses: ['10.3.0.7']}});
  server.addBox('b4', 'Kiosk at the station', {online: false, online_since: new Date(Date.now() - 7200_000).toISOString(), devices: [device('till', 'Till printer')]});
  server.addBox('b5', 'Market stall', {devices: []});
}

export const openSignedIn = ({path = '/', name = 'Ada', ...options} = {}) =>
  openPage(now.browser, now.server.url + path, {...options, cookies: [{name: 'troupe_session', value: now.server.session(name), url: now.server.url}]});
export const see = (page, text) => page.getByText(text).first().waitFor(wait);
export const card = (page, id) => page.locator(`[data-box="${id}"]`);
