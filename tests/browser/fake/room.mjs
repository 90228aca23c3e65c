// A simulator that says what docs/paper-room.md says; tests print on it row by row.
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {WebSocketServer} from 'ws';
import {readPng, writePng} from '../support/png.mjs';
import {answer, bodyOf, forgive, refuse, serveFile} from '../support/static.mjs';

/** A till's real receipt, as dots. */
export const receiptPicture = readPng(readFileSync(new URL('./receipt.png', import.meta.url)));

const rowsAMessage = 40;
const messagePause = 33;

export class FakeRoom {
  printers = new Map();
  receipts = new Map(); // printer -> newest first
  strips = new Map(); // printer -> {id, rows: Buffer[]}
  posts = [];
  refusals = new Map(); // what -> problem to answer once

  async start() {
    this.server = createServer((request, response) => {
      this.#handle(request, response).catch((error) => refuse(response, 500, 'fake.broken', String(error.stack)));
    });
    this.live = new WebSocketServer({noServer: true});
    forgive(this.server);
    this.server.on('upgrade', (request, socket, head) => this.live.handleUpgrade(request, socket, head, (client) => this.#greet(client)));
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async stop() {
    this.cutLine();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  cutLine() {
    this.live.clients.forEach((client) => client.terminate());
  }

  addPrinter(id, more = {}) {
    this.printers.set(id, {
      id, name: id, language: 'escpos', address: `127.0.0.1:${9100 + this.printers.size}`, width: 576, state: 'ready', problem: '',
      since: new Date().toISOString(), paper: 'present', roll_dots: 640000, roll_left_dots: 512000, cover: 'closed', power: 'on', plug: 'in',
      drawer: 'closed', pace: 'real', faults: [], dead_after_bytes: null, connections: 1, printing: false, buffered_bytes: 0, buffer_bytes: 65536,
      received_bytes: 49321, receipts: 0, strip: {receipt: `${id}-1`, height: 0}, unknown_commands: [], ...more,
    });
    this.receipts.set(id, []);
    this.strips.set(id, {number: 1, rows: 0, bits: Buffer.alloc(0)});
  }

  /** Lets rows out; `pace` in milliseconds between messages, 0 for all at once. */
  async print(id, {width, height, bits} = receiptPicture, {pace = messagePause, until = height} = {}) {
    const strip = this.strips.get(id);
    this.change(id, {printing: true});
    for (let first = 0; first < until; first += rowsAMessage) {
      const count = Math.min(rowsAMessage, until - first);
      const part = bits.subarray((first * width) / 8, ((first + count) * width) / 8);
      this.#send({type: 'rows', printer: id, receipt: `${id}-${strip.number}`, first: strip.rows, count, width, bits: part.toString('base64')});
      strip.bits = Buffer.concat([strip.bits, part]);
      strip.rows += count;
      if (pace) await new Promise((resolve) => setTimeout(resolve, pace));
    }
    this.change(id, {printing: false});
  }

  cut(id, text = 'Coffee            2.20\nCake              3.90\n', cut = 'partial') {
    const strip = this.strips.get(id);
    const receipt = {id: `${id}-${strip.number}`, printer: id, time: new Date().toISOString(), width: 576, height: strip.rows, text,
      hash: '8f14e45fceea167a', cut, url: `/api/v1/receipts/${id}-${strip.number}.png`};
    receipt.png = writePng({width: 576, height: strip.rows, bits: strip.bits});
    this.receipts.set(id, [receipt, ...this.receipts.get(id)].slice(0, 50));
    this.strips.set(id, {number: strip.number + 1, rows: 0, bits: Buffer.alloc(0)});
    this.#send({type: 'cut', printer: id, receipt: {...receipt, png: undefined}});
    this.change(id, {receipts: this.printers.get(id).receipts + 1});
  }

  change(id, values) {
    const printer = this.printers.get(id);
    Object.assign(printer, values);
    this.#send({type: 'state', printer: id, snapshot: printer});
  }

  tell(message) {
    this.#send(message);
  }

  #send(message) {
    for (const client of this.live.clients) client.send(JSON.stringify(message));
  }

  #greet(client) {
    for (const [id, snapshot] of this.printers) {
      client.send(JSON.stringify({type: 'state', printer: id, snapshot}));
      const {rows, bits, number} = this.strips.get(id);
      if (rows) client.send(JSON.stringify({type: 'rows', printer: id, receipt: `${id}-${number}`, first: 0, count: rows, width: 576, bits: bits.toString('base64')}));
    }
  }

  async #handle(request, response) {
    const path = new URL(request.url, this.url).pathname;
    if (!path.startsWith('/api/')) return (await serveFile('room', path, response)) || refuse(response, 404, 'http.not_found', 'Nothing is here.');
    const [, , , topic, id, what] = path.split('/');
    if (topic === 'receipts') return this.#picture(response, id);
    if (topic === 'scales') return answer(response, 200, {scales: []});
    if (!id) return answer(response, 200, {printers: [...this.printers.values()]});
    if (!this.printers.has(id)) return refuse(response, 404, 'printer.unknown', 'There is no such printer.');
    if (what === 'receipts') return answer(response, 200, {receipts: this.receipts.get(id).map((each) => ({...each, png: undefined}))});
    if (request.method !== 'POST') return answer(response, 200, this.printers.get(id));
    const body = await bodyOf(request);
    this.posts.push({id, what, body});
    const refusal = this.refusals.get(what);
    if (refusal) return refuse(response, refusal.status, refusal.code, refusal.detail, refusal.remedy);
    this.#play(id, what, body);
    answer(response, 200, this.printers.get(id));
  }

  #picture(response, file) {
    const receipt = [...this.receipts.values()].flat().find(({id}) => `${id}.png` === file);
    if (!receipt) return refuse(response, 404, 'receipt.gone', 'It has left the spike.');
    response.writeHead(200, {'content-type': 'image/png', 'cache-control': 'immutable'});
    response.end(receipt.png);
  }

  #play(id, what, {state, on, after_bytes: after}) {
    const printer = this.printers.get(id);
    const changes = {
      paper: () => ({paper: state === 'in' ? 'present' : state, roll_left_dots: state === 'out' ? 0 : state === 'low' ? 20000 : 640000}),
      cover: () => ({cover: state}), power: () => ({power: state}), plug: () => ({plug: state}), drawer: () => ({drawer: state}), pace: () => ({pace: state}),
      fault: () => (state === 'none' ? {faults: [], dead_after_bytes: null} : state === 'dead' ? {dead_after_bytes: on ? after : null}
        : {faults: on ? [...printer.faults, state] : printer.faults.filter((each) => each !== state)}),
      feed: () => ({}), tear: () => this.cut(id, '', 'torn') ?? {},
      clear: () => { this.receipts.set(id, []); this.#send({type: 'cleared', printer: id}); return {}; },
    }[what]();
    if (what === 'drawer') this.#send({type: 'drawer', printer: id, drawer: state});
    Object.assign(printer, changes);
    const problem = printer.power === 'off' ? 'power_off' : printer.plug === 'out' ? 'unplugged' : printer.cover === 'open' ? 'cover_open'
      : printer.paper === 'out' ? 'no_paper' : printer.faults.includes('cutter') ? 'cutter_error' : printer.faults.includes('offline') ? 'offline'
      : printer.paper === 'low' ? 'paper_low' : printer.faults[0] ?? '';
    const trouble = ['cover_open', 'no_paper', 'cutter_error', 'offline'];
    const grave = ['power_off', 'unplugged'];
    this.change(id, {problem, state: grave.includes(problem) ? 'unknown' : trouble.includes(problem) ? 'trouble' : problem ? 'attention' : 'ready'});
  }
}
