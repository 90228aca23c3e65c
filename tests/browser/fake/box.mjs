// A box that says what docs/interface.md says, and does what the test tells it to.
import {createServer} from 'node:http';
import {WebSocketServer} from 'ws';
import {answer, bodyOf, forgive, refuse, serveFile} from '../support/static.mjs';

const identifier = '10000000abcdef01';
/** Stands for a QR code: rows of modules, quiet zone and all. */
const finder = Array.from({length: 33}, (_, y) => Array.from({length: 33}, (_, x) =>
  Number(x > 3 && y > 3 && x < 29 && y < 29 && ((x * 7 + y * 13 + x * y) % 5 < 2 || x < 6 || y < 6))).join(''));
const levels = ['debug', 'info', 'warning', 'error'];
const hex = (length) => Array.from({length}, () => Math.floor(Math.random() * 16).toString(16)).join('');
const moments = (milliseconds = 0) => new Date(Date.now() - milliseconds).toISOString().replace('Z', '000Z');

export class FakeBox {
  setupCode = '123456';
  tokens = new Set();
  wrongCodes = 0;
  name = 'Shop till 1';
  version = '0.1.0';
  started = moments(3 * 24 * 3600_000);
  devices = new Map();
  actions = [];
  kept = []; // events
  sequence = 1000;
  forgottenBefore = 0;
  tokenPages = [];
  origins = {allowed: [{origin: 'https://pos.example.com', since: moments(), by: 'config'}], asking: [], refused: []};
  pairing = {state: 'paired', text: '', remedy: '', server: {url: 'http://fleet.example:8080', configured: false, id: 'f1', name: 'Corner shops', person: 'Ada',
    since: moments(86400_000)}};
  link = {state: 'linked', since: moments(3600_000), text: '', remedy: '', server: {url: 'http://fleet.example:8080', name: 'Corner shops', id: 'f1'},
    buffered_events: 3, buffer_events: 200_000, buffer_hours: 72, last_ack: 1000, next_try_at: null};
  lines = [];
  rootLevel = 'info';
  loggers = new Map([['http', null], ['ledger', null], ['printer', 'debug']]);
  proxy = {use: 'automatic', address: '', user: '', password_set: false, direct: [], configured: false, in_force: '', from_environment: false};
  connectionTest = {running: false, good: false, steps: []};
  connectionTestSteps = null; // what the next test finds
  loopback = false; // pages of this machine itself are told everything
  problems = []; // on the status page
  screen = {state: 'no_screen', text: 'No screen is attached.', remedy: ''};
  requests = []; // "METHOD path", for tests to look at
  traces = new Map();
  holdActions = false; // actions stay accepted

  async start(port = 0) {
    this.server = createServer((request, response) => {
      this.#handle(request, response).catch((error) => refuse(response, 500, 'fake.broken', String(error)));
    });
    this.events = new WebSocketServer({noServer: true});
    forgive(this.server);
    this.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async stop() {
    this.events.clients.forEach((client) => client.terminate());
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  cut() {
    this.events.clients.forEach((client) => client.terminate());
  }

  // What tests do to it

  addDevice(id, name, more = {}) {
    const device = {
      description: {id, name, kind: 'printer', subtype: 'receipt_printer', connection: 'network', manufacturer: '',
        address: `tcp://192.168.1.${10 + this.devices.size}:9100`, language: 'escpos', ...more},
      status: {state: 'ready', code: '', text: 'Ready.', remedy: '', since: moments(3600_000), waiting: 0,
        details: {drawer_open: false, cover_open: false, paper: 'enough'}},
    };
    this.devices.set(id, device);
    this.happen('device.added', device, {device: id});
    return device;
  }

  setStatus(id, status) {
    const device = this.devices.get(id);
    device.status = {...device.status, since: moments(), ...status};
    this.happen('device.status', device.status, {device: id});
  }

  act(device, action, more = {}) {
    const {traceId: trace = hex(32), parentSpan = '', ...members} = more;
    const record = {
      id: `01K${hex(10).toUpperCase()}${this.actions.length}`, number: this.actions.length + 1, key: '', device, action,
      state: 'accepted', code: '', text: '', session: '', origin: 'https://pos.example.com',
      trace: {trace, span: hex(16)}, accepted: moments(), updated: moments(), payload_bytes: 65874, repeats: '', repeatable: true, ...members,
    };
    this.actions.unshift(record);
    this.#spans(trace, parentSpan);
    this.happen('action.accepted', {...record}, {device, action: record.id});
    return record;
  }

  become(record, state, more = {}) {
    Object.assign(record, {state, updated: moments()}, more);
    this.happen(`action.${state}`, {...record}, {device: record.device, action: record.id});
  }

  /** The box has no server and shows a code, unless `more` says otherwise. */
  unpair(more = {}) {
    const code = {state: 'waiting', text: '', remedy: '', server: {url: 'http://fleet.example:8080', configured: false}, code: 'BCDFGHJK', shown: 'BCDF-GHJK',
      expires_at: moments(-112 * 60_000), connect_url: 'http://fleet.example:8080/#connect=BCDFGHJK', qr: finder};
    this.becomePaired({...(more.state && more.state !== 'waiting' ? {text: '', remedy: '', server: code.server} : code), ...more}, {...this.link, state: 'unpaired', server: null});
  }

  /** The box has a token, and no way to its server yet. */
  goWithToken() {
    const url = 'http://fleet.example:8080';
    this.becomePaired({state: 'connecting', text: 'The box has a token of Corner shops, which cannot be reached. The address does not answer.',
      remedy: 'The box connects by itself as soon as it reaches the server.', server: {url, configured: false},
      token: {id: 't1', server_name: 'Corner shops', url, expires: moments(-86400_000)}}, {...this.link, state: 'unpaired', server: null});
  }

  becomePaired(pairing, link) {
    Object.assign(this, {pairing, link});
    this.happen('pairing.changed', {...pairing, code: undefined, shown: undefined});
    this.happen('link.changed', link);
  }

  setLink(link) {
    Object.assign(this.link, {since: moments()}, link);
    this.happen('link.changed', this.link);
  }

  ask(origin, more = {}) {
    const asking = {origin, first: moments(), last: moments(), count: 1, route: '/hw_proxy/default_printer_action', address: '192.168.1.50', ...more};
    this.origins.asking.push(asking);
    this.happen('origin.asked', {origin});
  }

  log(level, logger, text, trace = '') {
    const line = {number: this.lines.length + 1, time: moments(), level, logger, text, trace};
    this.lines.push(line);
    for (const client of this.events.clients)
      if (client.log && !client.status && levels.indexOf(level) >= levels.indexOf(client.log)) client.send(JSON.stringify(line));
  }

  happen(type, data, {device = '', action = ''} = {}) {
    const event = {
      specversion: '1.0', id: String(++this.sequence), sequence: this.sequence,
      source: `/boxes/${identifier}${device ? `/devices/${device}` : ''}`, type, time: moments(),
      datacontenttype: 'application/json', traceparent: `00-${hex(32)}-${hex(16)}-01`, device, action, data: structuredClone(data),
    };
    this.kept.push(event);
    for (const client of this.events.clients) if (!client.log) client.send(JSON.stringify(event));
  }

  #spans(trace, parent) {
    const begin = Date.now();
    const at = (offset) => moments(Date.now() - begin - offset);
    const [http, ledger, encode, write] = [hex(16), hex(16), hex(16), hex(16)];
    this.traces.set(trace, {
      trace,
      spans: [
        {name: 'http POST /hw_proxy/default_printer_action', place: 'box', span: http, parent, start: at(0), duration_us: 4100, failed: false, note: ''},
        {name: 'ledger accept', place: 'box', span: ledger, parent: http, start: at(1), duration_us: 1900, failed: false, note: 'group of 1'},
        {name: 'decode and dither', place: 'box', span: encode, parent: http, start: at(3), duration_us: 6200, failed: false, note: ''},
        {name: 'printer write', place: 'device', span: write, parent: http, start: at(10), duration_us: 24300, failed: false, note: '65,874 bytes'},
      ],
      lines: [{number: 1, time: moments(), level: 'info', logger: 'printer', text: 'Receipt confirmed by the printer.', trace}],
    });
  }

  // The page for an attached screen

  status(more = {}) {
    return {type: 'status', name: this.name, identifier, version: this.version, time: moments(), language: '', state: 'ready', text: '', devices: this.devices.size,
      clock_never_set: false, network: {state: 'ready', text: '', remedy: '', addresses: [{interface: 'eth0', address: '192.168.1.20'}], url: 'http://192.168.1.20:8069'},
      problems: this.problems, pairing: this.pairing, link: {...this.link, server: this.link.server?.name},
      ...(this.pairing.state === 'paired' ? {} : {setup_code: this.setupCode}), ...more};
  }

  show(message = this.status()) {
    for (const client of this.events.clients) if (client.status) client.send(JSON.stringify(message));
  }

  // What pages ask of it

  #signedIn(request) {
    const token = /session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    return this.tokens.has(token);
  }

  #upgrade(request, socket, head) {
    const url = new URL(request.url, this.url);
    if (url.pathname === '/api/v1/status/live' && (this.loopback || this.#signedIn(request)))
      return this.events.handleUpgrade(request, socket, head, (client) => {
        client.status = true;
        client.log = 'none';
        client.send(JSON.stringify(this.status()));
      });
    if (!this.#signedIn(request)) return socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
    this.events.handleUpgrade(request, socket, head, (client) => {
      if (url.pathname === '/api/v1/logs/live') {
        client.log = url.searchParams.get('level') ?? 'info';
        return;
      }
      const after = url.searchParams.get('after');
      if (after === null) return;
      const from = Math.max(Number(after), this.forgottenBefore);
      if (from > Number(after))
        client.send(JSON.stringify({specversion: '1.0', id: '0', sequence: from, source: '/', type: 'gap', time: moments(),
          device: '', action: '', data: {after: Number(after), before: from + 1}}));
      for (const event of this.kept) if (event.sequence > from) client.send(JSON.stringify(event));
    });
  }

  #box(signedIn) {
    const minimal = {name: this.name, version: this.version, state: 'ready', text: 'Everything works.', signed_in: signedIn};
    if (!signedIn) return minimal;
    return {
      ...minimal, identifier, started: this.started, uptime_s: 1, time: moments(), memory_bytes: 12_600_000,
      addresses: [{interface: 'eth0', address: '192.168.1.20', family: 'ipv4'}, {interface: 'eth0', address: 'fe80::1', family: 'ipv6'}],
      urls: ['http://192.168.1.20:8069'], gateway: '192.168.1.1', screen: this.screen, origins_asking: this.origins.asking.length,
    };
  }

  async #handle(request, response) {
    const url = new URL(request.url, this.url);
    const path = decodeURI(url.pathname);
    this.requests.push(`${request.method} ${request.url}`);
    if (path === '/healthz') return answer(response, 200, {status: 'ok'});
    if (!path.startsWith('/api/')) return (await serveFile('box', path, response)) || refuse(response, 404, 'http.not_found', 'Nothing is here.');
    if (path === '/api/v1/box' && request.method === 'GET') return answer(response, 200, this.#box(this.#signedIn(request)));
    if (path === '/api/v1/pairing' && request.method === 'GET') return answer(response, 200, this.pairing);
    if (path.startsWith('/api/v1/session')) return this.#session(request, response);
    if (path === '/api/v1/status' && (this.loopback || this.#signedIn(request))) return answer(response, 200, this.status());
    if (!this.#signedIn(request)) return refuse(response, 401, 'session.missing', 'Sign in first.', 'Use the setup code.');
    const body = request.method === 'GET' ? {} : await bodyOf(request);
    const [, , , topic, ...rest] = url.pathname.split('/');
    const handler = {box: this.#patchBox, devices: this.#devices, actions: this.#actions, origins: this.#origins, limits: this.#limits,
      logs: this.#logs, traces: this.#trace, health: this.#health, events: this.#last, pairing: this.#pairing, link: this.#link,
      network: this.#proxy, 'connection-test': this.#test, rights: this.#rights, 'setup-code': this.#changeCode}[topic];
    if (!handler) return refuse(response, 404, 'http.not_found', 'Nothing is here.');
    handler.call(this, {request, response, url, body, rest: rest.map(decodeURIComponent)});
  }

  async #session(request, response) {
    if (request.method === 'DELETE' && request.url.endsWith('/others')) {
      const mine = /session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
      const before = this.tokens.size;
      this.tokens = new Set([mine]);
      return answer(response, 200, {closed: before - 1});
    }
    if (request.method === 'DELETE') {
      this.tokens.clear();
      response.writeHead(204);
      return response.end();
    }
    const {setup_code: code} = await bodyOf(request);
    if (this.wrongCodes >= 5) return refuse(response, 429, 'session.slow', 'Too many wrong codes.', '', {'retry-after': '30'});
    if (code !== this.setupCode) {
      this.wrongCodes++;
      return refuse(response, 401, 'session.wrong_code', 'That is not the setup code.');
    }
    const token = hex(32);
    this.tokens.add(token);
    answer(response, 200, {token, expires: moments(-86400_000)}, {'set-cookie': `session=${token}; HttpOnly; SameSite=Strict; Path=/`});
  }

  #rights({response}) {
    answer(response, 200, {sessions: this.tokens.size, pages: this.tokenPages, taken_in_until: null,
      server: this.pairing.state === 'paired' ? {name: this.pairing.server.name, url: this.pairing.server.url} : null});
  }

  #changeCode({response, body}) {
    if (body.code === '000000')
      return refuse(response, 422, 'box.bad_setup_code', 'A setup code has six digits that are not easily guessed.', 'Take other digits, or let the box choose.');
    this.setupCode = body.code ?? '271828';
    answer(response, 200, {code: this.setupCode});
  }

  #proxy({request, response, body}) {
    if (request.method === 'GET') return answer(response, 200, this.proxy);
    if (body.use === 'own' && !/^(http:\/\/)?[\w.:-]+$/.test(body.address ?? ''))
      return refuse(response, 422, 'proxy.bad_address', 'This is no address of a proxy.', 'Write it as http://proxy.example:3128; the log-in has fields of its own.');
    this.lastProxy = body;
    const address = body.use === 'own' ? body.address : '';
    this.proxy = {...this.proxy, ...body, address, user: body.user ?? '', password: undefined, direct: body.direct ?? [], in_force: address,
      password_set: Boolean(body.password) || (this.proxy.password_set && body.use === 'own')};
    answer(response, 200, this.proxy);
  }

  /** Each step ends a moment after the one before, and is told. */
  #test({request, response}) {
    if (request.method === 'GET') return answer(response, 200, this.connectionTest);
    const found = this.connectionTestSteps;
    const steps = found.map(({step}, at) => ({step, state: at ? 'waiting' : 'running', took_ms: 0, text: '', remedy: '', code: ''}));
    this.connectionTest = {running: true, good: false, target: this.pairing.server.url, started: moments(), steps};
    answer(response, 202, this.connectionTest);
    found.forEach((each, at) => setTimeout(() => {
      steps[at] = {took_ms: 12, remedy: '', code: '', ...each};
      if (steps[at + 1]) steps[at + 1].state = 'running';
      else Object.assign(this.connectionTest, {running: false, good: steps.every(({state}) => state !== 'failed')});
      const event = {specversion: '1.0', id: `${this.sequence}-1`, source: '/', type: 'connection.test', time: moments(), device: '', action: '',
        data: {running: this.connectionTest.running, done: at + 1}};
      for (const client of this.events.clients) if (!client.log) client.send(JSON.stringify(event));
    }, 20 * (at + 1)));
  }

  #patchBox({response, body}) {
    if (!body.name) return refuse(response, 422, 'box.bad_name', 'A name has 1 to 64 characters.', 'Choose another name.');
    this.name = body.name;
    this.happen('box.changed', {name: this.name});
    answer(response, 200, this.#box(true));
  }

  #devices({request, response, body, rest: [id, sub]}) {
    const {method} = request;
    if (!id && method === 'GET') return answer(response, 200, {devices: [...this.devices.values()]});
    if (!id) return this.#add(response, body);
    const device = this.devices.get(id);
    if (!device) return refuse(response, 404, 'device.unknown', `This box has no device "${id}".`, 'Look at the list of devices.');
    if (sub === 'actions') return this.#act(request, response, id, body);
    if (method === 'DELETE') {
      this.devices.delete(id);
      this.happen('device.removed', {}, {device: id});
      response.writeHead(204);
      return response.end();
    }
    Object.assign(device.description, body);
    this.happen('device.changed', device, {device: id});
    answer(response, 200, device);
  }

  #add(response, body) {
    if (!/^(tcp:\/\/|file:|sim:)/.test(body.address ?? ''))
      return refuse(response, 422, 'device.bad_address', `"${body.address}" is no address of a device.`, 'Write tcp://HOST:PORT for a network printer.');
    if ([...this.devices.values()].some(({description}) => description.address === body.address))
      return refuse(response, 409, 'device.address_taken', `Another device is already at ${body.address}.`, 'Give another address.');
    answer(response, 201, this.addDevice(`printer_${this.devices.size + 1}`, body.name ?? `Printer at ${body.address}`, body));
  }

  #act(request, response, id, body) {
    const [, traceId, parentSpan] = /^00-([0-9a-f]{32})-([0-9a-f]{16})/.exec(request.headers.traceparent ?? '') ?? [];
    const record = this.act(id, body.action, {key: request.headers['idempotency-key'] ?? '', origin: 'homepage', traceId, parentSpan});
    answer(response, 202, record);
    if (this.holdActions) return;
    this.become(record, 'sent');
    setTimeout(() => this.become(record, 'confirmed'), 30);
  }

  #actions({request, response, url, rest: [id, verb]}) {
    if (!id) {
      const state = url.searchParams.get('state');
      const before = Number(url.searchParams.get('before') ?? Infinity);
      const limit = Number(url.searchParams.get('limit') ?? 50);
      const found = this.actions.filter((each) => (!state || each.state === state) && each.number < before);
      return answer(response, 200, {actions: found.slice(0, limit), next: found.length > limit ? found[limit - 1].number : null});
    }
    const record = this.actions.find((each) => each.id === id);
    if (!record) return refuse(response, 404, 'action.unknown', 'This box knows no such action.');
    if (request.method === 'GET') return answer(response, 200, record);
    if (verb === 'confirm') this.become(record, 'confirmed', {text: ''});
    else if (verb === 'cancel') this.become(record, 'canceled', {text: 'Taken back before it was printed.'});
    else if (verb === 'repeat') {
      const again = this.act(record.device, record.action, {repeats: record.id, origin: 'homepage'});
      // The question is answered by printing again.
      if (record.state === 'unknown') this.become(record, 'failed', {text: 'Printed again.', repeatable: false});
      setTimeout(() => this.become(again, 'confirmed'), 30);
      return answer(response, 202, again);
    }
    answer(response, 200, record);
  }

  #origins({request, response, body, rest: [origin]}) {
    if (!origin) return answer(response, 200, this.origins);
    for (const list of ['asking', 'refused', 'allowed']) this.origins[list] = this.origins[list].filter((each) => each.origin !== origin);
    if (request.method === 'PUT') this.origins[body.decision === 'allow' ? 'allowed' : 'refused'].push({origin, since: moments(), by: 'owner'});
    this.happen('origin.decided', {origin});
    answer(response, 200, this.origins);
  }

  #limits({response}) {
    answer(response, 200, {limits: [
      {name: 'http.connections', text: 'At most 256 connections; one more is refused.', unit: 'connections', bound: 256, fill: 7, hits: 0, policy: 'refuse'},
      {name: 'ledger.documents', text: 'At most 268435456 bytes; one more pushes the oldest out.', unit: 'bytes', bound: 268435456, fill: 201326592, hits: 0, policy: 'drop oldest'},
      {name: 'printer.waiting', text: 'At most 100 prints; one more is refused.', unit: 'prints', bound: 100, fill: 97, hits: 3, policy: 'refuse'},
    ]});
  }

  #health({response}) {
    answer(response, 200, {parts: [
      {name: 'ledger', state: 'running', restarts: 0, reason: '', since: this.started},
      {name: 'printer counter', state: 'running', restarts: 2, reason: 'the printer answered out of turn', since: moments(600_000)},
    ]});
  }

  #logs({request, response, url, body, rest: [what, logger]}) {
    if (what === 'levels' && request.method === 'PUT') {
      if (logger === 'root') this.rootLevel = body.level;
      else this.loggers.set(logger, body.level);
    }
    if (what === 'levels') {
      const loggers = [...this.loggers].map(([name, level]) => ({name, level: level ?? this.rootLevel, inherited: level === null}));
      return answer(response, 200, {root: this.rootLevel, loggers, levels});
    }
    const level = levels.indexOf(url.searchParams.get('level') ?? 'debug');
    const after = Number(url.searchParams.get('after') ?? 0);
    const lines = this.lines.filter((line) => line.number > after && levels.indexOf(line.level) >= level);
    answer(response, 200, {lines, next: this.lines.length});
  }

  #trace({response, rest: [trace]}) {
    const found = this.traces.get(trace);
    return found ? answer(response, 200, found) : refuse(response, 404, 'trace.unknown', 'This trace is no longer kept.');
  }

  #pairing({request, response, body, rest: [what]}) {
    if (what === 'token') {
      if (request.method === 'DELETE') this.unpair();
      else if (!body.token.startsWith('troupe-token-1-')) return refuse(response, 422, 'token.malformed', 'That is no connection token, or not all of it.', 'Copy the whole token as the server shows it.');
      else this.goWithToken();
    } else if (request.method === 'DELETE') this.unpair();
    else if (what === 'code') this.unpair({state: 'waiting'});
    else if (!/^https?:\/\/[\w.:-]+$|^$/.test(body.url)) return refuse(response, 422, 'server.bad_url', `"${body.url}" is no address of a server.`, 'Write http://HOST:PORT.');
    else this.unpair(body.url ? {server: {url: body.url, configured: false}} : {state: 'off', server: {url: '', configured: false}});
    answer(response, 200, this.pairing);
  }

  #link({response}) {
    answer(response, 200, this.link);
  }

  #last({response}) {
    answer(response, 200, {sequence: this.sequence});
  }
}
