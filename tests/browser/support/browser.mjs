// Debian's Chromium, driven by playwright-core; pictures go to build/screenshots.
import {createRequire} from 'node:module';
import {mkdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import assert from 'node:assert/strict';
import {chromium} from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const screenshots = process.env.TROUPE_SCREENSHOTS ?? join(root, 'build/screenshots');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const sizes = {phone: {width: 390, height: 844}, panel: {width: 1024, height: 600}, desktop: {width: 1280, height: 900}};

export const startBrowser = () =>
  chromium.launch({
    executablePath: process.env.TROUPE_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });

/** A page that fails the test when it throws, logs an error, or breaks the security policy. */
export async function openPage(browser, url, {size = 'desktop', scheme = 'light', language = 'en-GB', motion = 'no-preference', expected = [], cookies = []} = {}) {
  const context = await browser.newContext({
    viewport: sizes[size], colorScheme: scheme, locale: language, reducedMotion: motion,
    deviceScaleFactor: size === 'phone' ? 3 : 1, hasTouch: size === 'phone', isMobile: size === 'phone', timezoneId: 'Europe/Vienna',
  });
  if (cookies.length) await context.addCookies(cookies);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.complaints = [];
  page.external = [];
  const known = (text) => expected.some((each) => text.includes(each));
  page.on('pageerror', (error) => page.complaints.push(String(error.stack)));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !known(text)) page.complaints.push(text);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(url).host && !request.url().startsWith('data:') && !request.url().startsWith('blob:'))
      page.external.push(request.url());
  });
  await page.goto(url);
  return page;
}

/** Closes it, after looking whether it complained or asked anybody else. */
export async function closePage(page) {
  await page.context().close();
  assert.deepEqual(page.complaints, []);
  assert.deepEqual(page.external, []);
}

export async function picture(page, name, fullPage = true) {
  mkdirSync(screenshots, {recursive: true});
  await page.screenshot({path: join(screenshots, `${name}.png`), fullPage, animations: 'disabled'});
}

/** Nothing that axe knows of may be wrong, with everything faded in: half a colour has half a contrast. */
export async function checkAccessibility(page, what) {
  await page.evaluate(axeSource);
  await page.evaluate(() => {
    for (const each of document.getAnimations()) if (Number.isFinite(each.effect?.getComputedTiming().endTime)) each.finish();
  });
  const {violations} = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ['violations']}));
  const found = violations.map(({id, nodes}) => `${id}: ${nodes.map(({html, failureSummary}) => `${html} ${failureSummary}`).join('\n   ')}`);
  assert.deepEqual(found, [], what);
}

/** What came over the wire, compressed, for everything that the page loaded. */
export async function measure(page) {
  return page.evaluate(() => {
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    // What is used twice is entered twice, but comes once.
    const once = new Map(entries.map((entry) => [entry.name.replace(/#.*/, ''), entry]));
    const files = [...once.values()].filter(({name}) => !name.includes('/api/') && !name.includes('/healthz'));
    return {
      bytes: files.reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0),
      files: files.map(({name, encodedBodySize}) => [new URL(name).pathname, encodedBodySize]),
      firstPaint: performance.getEntriesByName('first-paint')[0]?.startTime,
      firstContent: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    };
  });
}
