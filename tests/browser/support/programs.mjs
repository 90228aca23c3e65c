// The real programs, started on free ports with a state folder of their own, and a till that plays its recording.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {request} from 'node:http';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const programs = process.env.TROUPE_BIN_DIR ?? join(root, 'build/release/bin');
const patience = 20_000;
const pause = 25;

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks until the answer is true, and fails when it never is. */
export async function until(what, question) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if (await question().catch(() => false)) return;
    await sleep(pause);
  }
  assert.fail(`never: ${what}`);
}

/** Below the range from which the system takes ports for clients, or a box might meet itself there. */
async function freePort() {
  for (let tries = 0; tries < 200; tries++) {
    const server = createServer().listen(randomInt(12_000, 32_000), '127.0.0.1');
    const port = await once(server, 'listening').then(() => server.address().port, () => null);
    await new Promise((resolve) => server.close(resolve));
    if (port) return port;
  }
  return assert.fail('no free port');
}

/** Tests speak to nobody in the network of the machine. */
const quiet = {TROUPE_BOX_DISCOVERY_ANNOUNCE: 'false', TROUPE_SERVER_DISCOVERY_LISTEN: 'false', TROUPE_SERVER_DISCOVERY_RANGES: '127.0.0.1'};

class Program {
  async launch(name, options, ready) {
    this.child = spawn(join(programs, name), options, {stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, ...quiet}});
    this.said = '';
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (text) => (this.said += text));
    const gone = once(this.child, 'exit').then(([code]) => assert.fail(`${name} ended with ${code}: ${this.said}`));
    gone.catch(() => {});
    await Promise.race([until(`${name} answers`, async () => (await fetch(ready)).ok), gone]);
  }

  /** Ends it: by SIGKILL as a power cut would, or in order by SIGTERM. Answers whether it went in time. */
  async end(signal = 'SIGKILL') {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return true;
    const gone = once(this.child, 'exit').then(() => true);
    this.child.kill(signal);
    return Promise.race([gone, sleep(patience).then(() => false)]);
  }
}

export class Room extends Program {
  async start(printer = 'counter', ...more) {
    this.port = await freePort();
    this.printerPort = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    await this.launch('troupe-sim', ['room', '--printer', `${printer}=${this.printerPort}`, '--http-port', String(this.port), ...more], `${this.url}/api/v1/printers`);
    return this;
  }

  async play(printer, what, body) {
    const answer = await fetch(`${this.url}/api/v1/printers/${printer}/${what}`, {
      method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  }

  async scale(name, what, body) {
    const path = `${this.url}/api/v1/scales/${name}`;
    const answer = await (what === undefined ? fetch(path)
      : fetch(`${path}/${what}`, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body ?? {})}));
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  }

  async receipts(printer) {
    return (await (await fetch(`${this.url}/api/v1/printers/${printer}/receipts`)).json()).receipts;
  }
}

export class Box extends Program {
  async start(devices, origin, ...more) {
    this.state = mkdtempSync(join(tmpdir(), 'troupe-box-'));
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    this.options = ['--state', this.state, '--http-port', String(this.port), '--devices', devices, '--allow-origin', origin, ...more];
    await this.again();
    return this;
  }

  again() {
    return this.launch('troupe-box', this.options, `${this.url}/readyz`);
  }

  get setupCode() {
    return readFileSync(join(this.state, 'setup-code'), 'utf8').trim();
  }

  async remove() {
    await this.end();
    rmSync(this.state, {recursive: true, force: true});
  }
}

/** The server of a fleet. */
export class Server extends Program {
  async start() {
    this.state = mkdtempSync(join(tmpdir(), 'troupe-server-'));
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    await this.again();
    return this;
  }

  again() {
    return this.launch('troupe-server', ['--state', this.state, '--http-port', String(this.port)], `${this.url}/readyz`);
  }

  /** The link that it prints for its first owner. */
  async setupLink() {
    const link = () => /\/(#setup=[^\s]+)/.exec(this.said)?.[1];
    await until('the server prints its set-up link', async () => link() !== undefined);
    return `${this.url}/${link()}`;
  }

  async remove() {
    await this.end();
    rmSync(this.state, {recursive: true, force: true});
  }
}

/** Sends one request of the recorded till to a box; answers status and body. */
export async function till(box, name, {origin} = {}) {
  const {method, path, headers, body = ''} = JSON.parse(readFileSync(join(root, `tests/data/odoo-pos/${name}.json`), 'utf8'));
  const sent = request(`${box.url}${path}`, {method, headers: {...headers, host: new URL(box.url).host, ...(origin ? {origin} : {})}});
  sent.end(body);
  const [answer] = await once(sent, 'response');
  let text = '';
  for await (const part of answer) text += part;
  return {status: answer.statusCode, text};
}

export const tillOrigin = JSON.parse(readFileSync(join(root, 'tests/data/odoo-pos/08-print-receipt.json'), 'utf8')).headers.origin;
