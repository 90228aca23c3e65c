// Requests to the program that served this page; its problems (RFC 9457) become words.
import {t, has} from './words.js';

const requestTimeout = 10_000;
const keptClicks = 50;
const clicks = new Map(); // trace -> what the browser saw of it

const always = {}; // headers of each change

/** From now on each change carries this header: what proves that it comes from this page. */
export function sendAlways(name, value) {
  always[name] = value;
}

const hexDigits = (bytes) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A key that makes a request safe to send again. */
export const newKey = () => hexDigits(16);

/** What went wrong, in words: `message` says what, `remedy` what to do. */
export class Problem extends Error {
  constructor(status, members = {}, retryAfter = 0) {
    const {code = '', detail = '', title = '', remedy = '', trace = ''} = members;
    super(has(`problem.${code}`) ? t(`problem.${code}`) : detail || title || t('problem.status', {status}));
    this.status = status;
    this.code = code;
    this.remedy = has(`problem.${code}.remedy`) ? t(`problem.${code}.remedy`) : remedy;
    this.trace = trace;
    this.retryAfter = retryAfter;
  }
}

/** The page's own part of a trace: from the click to the answer, or to the end of what it set off. */
export const clickOf = (trace) => clicks.get(trace);

function remember(trace, span, name, start) {
  clicks.set(trace, {name, place: 'browser', span, parent: '', start, duration: Date.now() - start});
  if (clicks.size > keptClicks) clicks.delete(clicks.keys().next().value);
}

async function problemOf(answer) {
  let members = {};
  if (answer.headers.get('content-type')?.includes('json')) members = await answer.json().catch(() => ({}));
  return new Problem(answer.status, members, Number(answer.headers.get('retry-after')) || 0);
}

/** Sends one request; answers the JSON (null for none) or throws a Problem. Not `noted`: no click of a person. */
export async function call(method, path, body, {key, noted = true} = {}) {
  const trace = hexDigits(16);
  const span = hexDigits(8);
  const headers = {accept: 'application/json', traceparent: `00-${trace}-${span}-01`};
  if (method !== 'GET') Object.assign(headers, always, {'content-type': 'application/json'});
  if (key) headers['idempotency-key'] = key;
  const start = Date.now();
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      signal: AbortSignal.timeout(requestTimeout),
    });
  } catch {
    throw new Problem(0, {code: 'page.unreachable', trace});
  }
  if (method !== 'GET' && noted) remember(trace, span, `${method} ${path}`, start);
  if (answer.status === 401 && path !== '/api/v1/session') dispatchEvent(new Event('signed-out'));
  if (!answer.ok) throw await problemOf(answer);
  return answer.status === 204 ? null : answer.json();
}

export const get = (path) => call('GET', path);
