// Serves web/ the way the programs do: one page's own files at "/", with the same security policy.
import {readFile} from 'node:fs/promises';
import {dirname, extname, join, normalize} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

const web = join(dirname(fileURLToPath(import.meta.url)), '../../../web');
const types = {'.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml'};

/** A policy as the programs send it, read from the header that declares it. */
export async function contentSecurityPolicy(name = 'content_security_policy') {
  const header = await readFile(join(web, 'embedded.hpp'), 'utf8');
  const [, literal] = new RegExp(`${name} =([^;]*(?:"[^"]*"[^;]*)*?);\\n`, 's').exec(header);
  return [...literal.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join('');
}

const policy = await contentSecurityPolicy();
const askerPolicy = await contentSecurityPolicy('network_asker_policy');

/** Answers a file of the page `box` or `room`; false when there is none. */
export async function serveFile(page, path, response) {
  const wanted = path === '/' ? '/index.html' : path === '/status' ? '/status.html' : normalize(path);
  const file = /^\/(common|vendor)\//.test(wanted) ? join(web, wanted) : join(web, page, wanted);
  const content = await readFile(file).catch(() => null);
  if (!content) return false;
  const packed = gzipSync(content, {level: 9});
  response.writeHead(200, {
    'content-type': `${types[extname(file)] ?? 'text/plain'}; charset=utf-8`,
    'content-encoding': 'gzip',
    'content-length': packed.length,
    'content-security-policy': wanted === '/ask_network.html' ? askerPolicy : policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(packed);
  return true;
}

/** A page that goes away in the middle of an answer is no error of the server. */
export function forgive(server) {
  server.on('connection', (socket) => socket.on('error', () => {}));
}

export function answer(response, status, body, headers = {}) {
  const problem = status >= 400;
  response.writeHead(status, {'content-type': problem ? 'application/problem+json' : 'application/json', ...headers});
  response.end(body === null ? undefined : JSON.stringify(body));
}

export const refuse = (response, status, code, detail, remedy = '', headers = {}) =>
  answer(response, status, {type: 'about:blank', title: detail, status, detail, code, remedy, trace: ''}, headers);

export async function bodyOf(request) {
  let text = '';
  for await (const part of request) text += part;
  return text ? JSON.parse(text) : {};
}
