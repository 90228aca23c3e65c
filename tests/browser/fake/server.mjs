// A fleet's server that says what docs/your-fleet.md and the server's interface say, and does what the test tells it to.
import {createServer} from 'node:http';
import {WebSocketServer} from 'ws';
import {answer, bodyOf, forgive, refuse, serveFile} from '../support/static.mjs';

const hex = (length) => Array.from({length}, () => Math.floor(Math.random() * 16).toString(16)).join('');
const moments = (milliseconds = 0) => new Date(Date.now() - milliseconds).toISOString().replace('Z', '000Z');
const gravity = {trouble: 3, attention: 2, unknown: 1, ready: 0};
const ranks = ['viewer', 'operator', 'owner'];
const scopes = {read: 'viewer', operate: 'operator', manage: 'owner'};

/** What wants more than looking: "METHOD /path" -> the role. */
const wanted = [
  [/^(POST|PATCH|DELETE) \/api\/v1\/boxes\/[^/]+\/devices/, 'operator'],
  [/^(PATCH|POST) \/api\/v1\/boxes\/[^/]+(\/(restart|blink))?$/, 'operator'],
  [/^(PUT|DELETE) \/api\/v1\/boxes\/[^/]+\/origins/, 'owner'],
  [/^POST \/api\/v1\/pairing$/, 'operator'],
  [/^\w+ \/api\/v1\/discovery/, 'operator'],
  [/^DELETE \/api\/v1\/boxes/, 'owner'],
  [/^POST \/api\/v1\/boxes\/[^/]+\/copy$/, 'owner'],
  [/^\w+ \/api\/v1\/(people|tokens|connection-tokens|audit)/, 'owner'],
  [/^PATCH \/api\/v1\/settings/, 'owner'],
  [/^(POST|PATCH|DELETE) \/api\/v1\/points-of-sale/, 'owner'],
];

export class FakeServer {
  name = 'Corner shops';
  version = '0.1.0';
  id = hex(32);
  setupToken = ''; // when set, the server is not set up yet
  people = [{id: 'p1', name: 'Ada', password: 'correct horse battery', role: 'owner', created: moments(9e8), last_seen: moments(60_000)}];
  tokens = [];
  connectionTokens = [];
  sessions = new Map(); // cookie -> {person, csrf}
  wrong = 0;
  boxes = new Map();
  points = []; // of sale
  quality = {measured: moments(20_000), samples: 5, round_trip_us: 3400, jitter_us: 450, clock_offset_us: 93_600_000_000, clock_error_us: 1650, lost_links: 2, watched_since: moments(86400_000)};
  codes = new Map(); // code -> box that waits
  wrongCodes = 0;
  search = {running: false, ranges: [], asked: 0, total: 0, found: [], nonce: ''};
  nearby = []; // what a search finds, one box an answer; null: the server is on no private network
  announced = []; // what announces itself
  blinked = []; // addresses of boxes that were to blink
  adopted = []; // those that were let in; they come when the test says so
  commands = [];
  traces = new Map();
  kept = [];
  sequence = 1000;
  forgottenBefore = 0;
  audit = [];
  requests = [];
  holdCommands = false; // commands stay accepted

  async start(port = 0) {
    this.server = createServer((request, response) => {
      this.#handle(request, response).catch((error) => refuse(response, 500, 'fake.broken', String(error.stack)));
    });
    this.pages = new WebSocketServer({noServer: true});
    forgive(this.server);
    this.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async stop() {
    this.cut();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  cut() {
    this.pages.clients.forEach((client) => client.terminate());
  }

  // What tests do to it

  /** The cookie of a session, as after signing in. */
  session(name = 'Ada') {
    const cookie = hex(32);
    this.sessions.set(cookie, {person: this.people.find((each) => each.name === name), csrf: hex(16)});
    return cookie;
  }

  makeBox(id, name, more = {}) {
    const {devices = [], report = {}, ...rest} = more;
    return {
      id, name, note: '', online: true, online_since: moments(3 * 3600_000), state: 'ready', alert: '', connected: moments(30 * 86400_000),
      connected_by: 'Ada', disconnected: '1970-01-01T00:00:00Z', point_of_sale: '', point_of_sale_name: '', point_question: false, tags: [],
      stage: 'done', stage_problem: {code: '', text: '', remedy: ''}, last_event: 'device.status', last_event_at: moments(240_000),
      report: {name, version: '0.1.0', addresses: ['192.168.1.20'], homepage: 'http://192.168.1.20:8069/', started: moments(3 * 86400_000),
        buffered_events: 0, buffer_events: 200_000, buffer_hours: 72, ...report},
      devices, ...rest,
    };
  }

  makeDevice(id, name, kind = 'printer', status = {}) {
    const printer = kind === 'printer';
    return {
      description: {id, name, kind, subtype: printer ? 'receipt_printer' : '', connection: printer ? 'network' : 'serial', manufacturer: '',
        address: printer ? 'tcp://192.168.1.31:9100' : 'serial:/dev/ttyUSB0', language: printer ? 'escpos' : ''},
      status: {state: 'ready', code: '', text: 'Ready.', remedy: '', since: moments(3600_000), waiting: 0,
        details: printer ? {drawer_open: false} : {}, ...status},
    };
  }

  addBox(id, name, more) {
    const box = this.makeBox(id, name, more);
    this.#settle(box);
    this.boxes.set(id, box);
    return box;
  }

  /** A box that shows its code and waits. */
  waitWith(code, id, name, more) {
    this.codes.set(code, this.makeBox(id, name, {connected: moments(), online_since: moments(), ...more}));
  }

  #settle(box) {
    const worst = box.devices.reduce((state, {status}) => (gravity[status.state] > gravity[state] ? status.state : state), 'ready');
    box.state = box.online ? worst : 'unknown';
  }

  setOnline(id, online) {
    const box = this.boxes.get(id);
    Object.assign(box, {online, online_since: moments()});
    this.#settle(box);
    this.happen(online ? 'box.online' : 'box.offline', {name: box.name}, {box: id});
    if (online) this.happen('box.changed', this.#summary(box), {box: id}); // its first picture of itself
  }

  addPoint(name) {
    const point = {id: hex(16), name, created: moments(), created_by: 'Ada'};
    this.points.push(point);
    this.happen('point_of_sale.added', {id: point.id, name});
    return point;
  }

  nameOfPoint = (id) => this.points.find((each) => each.id === id)?.name ?? '';

  /** Another person says, or a program, where a box stands. */
  place(id, point) {
    this.change(id, {point_of_sale: point, point_of_sale_name: this.nameOfPoint(point), point_question: false});
  }

  /** A box comes into the fleet, by whatever way. */
  takeIn(box) {
    Object.assign(box, {connected: moments(), point_question: this.points.length > 0 && !box.point_of_sale});
    this.boxes.set(box.id, box);
    this.happen('box.connected', this.#summary(box), {box: box.id});
  }

  /** Somebody disconnects the box at its homepage. */
  disconnect(id) {
    const box = this.boxes.get(id);
    Object.assign(box, {online: false, online_since: moments(), disconnected: moments()});
    this.#settle(box);
    this.happen('box.disconnected', this.#summary(box), {box: id});
  }

  setStatus(id, device, status, type = 'device.status') {
    const box = this.boxes.get(id);
    const found = box.devices.find(({description}) => description.id === device);
    found.status = {...found.status, since: moments(), ...status};
    this.#settle(box);
    this.happen(type, found.status, {box: id, device});
  }

  /** A live value: not numbered, not kept. While it moves the scale says "attention". */
  setWeight(id, device, text, motion = false) {
    const details = {weight: motion ? null : Number(text), text, unit: 'kg', motion, stable: !motion};
    this.setStatus(id, device, {...(motion ? {state: 'attention', text: 'Moving.'} : {state: 'ready', text: `${text} kg`}), details}, 'device.value');
  }

  change(id, members) {
    const box = this.boxes.get(id);
    Object.assign(box, members);
    if (members.alert !== undefined) this.happen('box.alert', {text: members.alert}, {box: id});
    else this.happen('box.changed', members.report ? {...box} : this.#summary(box), {box: id});
  }

  become(record, state, more = {}) {
    Object.assign(record, {state, updated: moments()}, more);
    this.happen(`command.${state}`, {...record}, {box: record.box, device: record.device});
  }

  happen(type, data, {box = '', device = '', action = ''} = {}) {
    const live = type === 'device.value' || type === 'discovery.changed';
    const event = {
      specversion: '1.0', id: live ? `${this.sequence}-${hex(4)}` : String(++this.sequence), ...(live ? {} : {sequence: this.sequence}),
      source: box ? `/boxes/${box}` : '/server', type, time: moments(), datacontenttype: 'application/json',
      traceparent: `00-${data?.trace?.trace ?? hex(32)}-${hex(16)}-01`, box, device, action, data: structuredClone(data),
    };
    if (!live) this.kept.push(event);
    for (const client of this.pages.clients) client.send(JSON.stringify([event]));
    return event;
  }

  /** A box announces itself in the network. */
  announce(found) {
    this.announced.push(found);
    this.happen('discovery.changed', null);
  }

  // What pages ask of it

  #sessionOf(request) {
    const cookie = /troupe_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    return this.sessions.get(cookie);
  }

  #upgrade(request, socket, head) {
    const url = new URL(request.url, this.url);
    if (!this.#sessionOf(request)) return socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
    this.pages.handleUpgrade(request, socket, head, (client) => {
      const after = Number(url.searchParams.get('after') ?? this.sequence);
      const from = Math.max(after, this.forgottenBefore);
      const missed = this.kept.filter((event) => event.sequence > from);
      if (from > after)
        missed.unshift({specversion: '1.0', id: '0', sequence: from, source: '/server', type: 'gap', time: moments(), box: '', device: '', action: '',
          data: {after, before: from + 1}});
      if (missed.length) client.send(JSON.stringify(missed));
    });
  }

  async #handle(request, response) {
    const url = new URL(request.url, this.url);
    const path = url.pathname;
    this.requests.push(`${request.method} ${request.url}`);
    if (path === '/healthz') return answer(response, 200, {status: 'ok'});
    if (!path.startsWith('/api/')) return (await serveFile('server', path, response)) || refuse(response, 404, 'http.not_found', 'Nothing is here.');
    const body = request.method === 'GET' ? {} : await bodyOf(request);
    if (path === '/api/v1/setup') return this.#setup(request, response, body);
    if (path === '/api/v1/session' && request.method !== 'DELETE') return this.#session(request, response, body);
    const session = this.#sessionOf(request);
    if (!session) return refuse(response, 401, 'session.missing', 'Sign in first.');
    if (request.method !== 'GET' && request.headers['x-csrf-token'] !== session.csrf) return refuse(response, 403, 'session.forged', 'This did not come from a page of this server.');
    const role = wanted.find(([pattern]) => pattern.test(`${request.method} ${path}`))?.[1] ?? 'viewer';
    if (ranks.indexOf(session.person.role) < ranks.indexOf(role)) return refuse(response, 403, 'right.missing', 'You may not do this.');
    const [, , , topic, ...rest] = path.split('/');
    const handler = {session: this.#account, boxes: this.#boxes, pairing: this.#pairing, discovery: this.#discovery, 'points-of-sale': this.#points, commands: this.#command, events: this.#events, traces: this.#trace,
      people: this.#people, tokens: this.#tokens, 'connection-tokens': this.#connectionTokens, audit: this.#audit, settings: this.#settings, server: this.#about, limits: this.#limits, health: this.#health}[topic];
    if (!handler) return refuse(response, 404, 'http.not_found', 'Nothing is here.');
    handler.call(this, {request, response, url, body, session, rest: rest.map(decodeURIComponent)});
  }

  #welcome(response, person) {
    const cookie = this.session(person.name);
    answer(response, 200, this.#who(this.sessions.get(cookie)), {'set-cookie': `troupe_session=${cookie}; HttpOnly; SameSite=Strict; Path=/`});
  }

  #who = ({person: {id, name, role}, csrf}) => ({person: {id, name, role}, csrf, server: {id: this.id, name: this.name, version: this.version}});

  #setup(request, response, {token, name, password}) {
    if (request.method === 'GET') return answer(response, 200, {needed: Boolean(this.setupToken)});
    if (!this.setupToken) return refuse(response, 409, 'setup.done', 'This server is set up already.');
    if (token !== this.setupToken) return refuse(response, 403, 'setup.wrong', 'This set-up link is not the right one.');
    this.setupToken = '';
    this.people = [{id: 'p1', name, password, role: 'owner', created: moments(), last_seen: moments()}];
    this.#welcome(response, this.people[0]);
  }

  #session(request, response, {name, password}) {
    if (request.method === 'GET') {
      const session = this.#sessionOf(request);
      return answer(response, 200, session ? this.#who(session) : {person: null, server: {name: this.name, version: this.version}});
    }
    if (this.wrong >= 5) return refuse(response, 429, 'session.slow', 'Too many wrong tries.', '', {'retry-after': '30'});
    const person = this.people.find((each) => each.name === name && each.password === password);
    if (person) return this.#welcome(response, person);
    this.wrong++;
    refuse(response, 401, 'session.wrong', 'Name or password is wrong.');
  }

  #account({request, response, body, session, rest: [what]}) {
    if (what === 'password') {
      if (body.old !== session.person.password) return refuse(response, 403, 'people.wrong_password', 'The present password is wrong.');
      session.person.password = body.new;
    } else {
      for (const [cookie, each] of this.sessions) if (each === session || (what === 'end-all' && each.person === session.person)) this.sessions.delete(cookie);
    }
    response.writeHead(204);
    response.end();
  }

  // Boxes

  #summary = (box) => ({
    ...box, report: {addresses: box.report.addresses, version: box.report.version},
    devices: box.devices.map(({description: {id, name, kind, subtype}, status: {state, code, text, waiting, details}}) =>
      ({description: {id, name, kind, subtype}, status: {state, code, text, waiting, details}})),
  });

  #boxes({request, response, url, body, session, rest: [id, what, device, verb]}) {
    if (!id) return this.#list(response, url);
    const box = this.boxes.get(id);
    if (!box) return refuse(response, 404, 'box.unknown', 'No such box is in the fleet.');
    const {method} = request;
    if (what === 'devices' && device) return this.#device(request, response, box, device, verb, body, session);
    if (what === 'commands') return this.#page(response, url, 'commands', this.commands.filter((each) => each.box === id), (each) => each.id);
    if (what === 'link') return answer(response, 200, this.quality);
    if (what === 'restart' || what === 'blink') return answer(response, 202, this.#order(request, box, '', what, session));
    if (what === 'origins') return this.#decideOrigin(request, response, box, decodeURIComponent(device), body, session);
    if (what === 'copy') {
      this.change(id, {alert: ''});
      return answer(response, 200, box);
    }
    if (method === 'DELETE') {
      this.boxes.delete(id);
      this.happen('box.removed', {}, {box: id});
      response.writeHead(204);
      return response.end();
    }
    if (method === 'PATCH') {
      if (body.name !== undefined && !body.name) return refuse(response, 422, 'box.bad_name', 'A name has 1 to 64 characters.', 'Choose another name.');
      if (body.answers_question && !box.point_question) return refuse(response, 409, 'box.point_answered', 'Somebody said meanwhile at which point of sale it is.');
      if (body.tags?.some((tag) => tag.length > 32)) return refuse(response, 422, 'box.bad_tags', 'A tag has 1 to 32 characters.');
      const {answers_question: answers, ...changes} = body;
      if (changes.point_of_sale !== undefined) changes.point_of_sale_name = this.nameOfPoint(changes.point_of_sale);
      if (answers || changes.point_of_sale !== undefined) changes.point_question = false;
      this.change(id, changes);
    }
    answer(response, 200, box);
  }

  /** The box carries it out and tells how its origins stand then. */
  #decideOrigin(request, response, box, origin, {decision}, session) {
    const others = box.report.origins.filter((each) => each.origin !== origin);
    const standing = {allow: 'allowed', refuse: 'refused'}[decision];
    const origins = request.method === 'DELETE' ? others : [...others, {origin, standing, by: 'owner'}];
    this.change(box.id, {report: {...box.report, origins}});
    answer(response, 202, this.#order(request, box, '', 'decide_origin', session));
  }

  #list(response, url) {
    const question = (url.searchParams.get('q') ?? '').toLowerCase();
    const found = [...this.boxes.values()].filter((box) => !question || JSON.stringify(box).toLowerCase().includes(question));
    const short = url.searchParams.get('fields') === 'summary';
    answer(response, 200, {boxes: short ? found.map(this.#summary) : found, total: this.boxes.size, counts: {}, sequence: this.sequence});
  }

  #device(request, response, box, id, verb, body, session) {
    const device = box.devices.find(({description}) => description.id === id);
    if (!device) return refuse(response, 404, 'device.unknown', `This box has no device "${id}".`);
    const action = verb === 'actions' ? body.action : request.method === 'DELETE' ? 'remove_device' : 'rename_device';
    const record = this.#order(request, box, id, action, session);
    answer(response, 202, record);
    if (this.holdCommands || !box.online || !record.fresh) return;
    delete record.fresh;
    this.become(record, 'sent');
    setTimeout(() => this.become(record, 'confirmed', action === 'read_once' ? {data: {weight: 0.452, text: '0.452', unit: 'kg', stable: true}} : {}), 30);
  }

  #order(request, box, device, action, {person}) {
    const key = request.headers['idempotency-key'] ?? '';
    const known = this.commands.find((each) => key && each.key === key && each.box === box.id);
    if (known) return known;
    const [, trace = hex(32), parent = ''] = /^00-([0-9a-f]{32})-([0-9a-f]{16})/.exec(request.headers.traceparent ?? '') ?? [];
    const record = {
      id: `01K${String(this.commands.length).padStart(6, '0')}${hex(6)}`, number: this.commands.length + 1, key, box: box.id, device, action, state: 'accepted',
      code: '', text: '', data: null, box_action: '', person: person.name, trace: {trace, span: hex(16)}, created: moments(), updated: moments(), expires: moments(-3600_000),
    };
    this.commands.unshift(record);
    this.#spans(trace, parent, box.id);
    this.happen('command.accepted', {...record}, {box: box.id, device});
    Object.defineProperty(record, 'fresh', {value: true, enumerable: false, configurable: true, writable: true});
    return record;
  }

  /** What pages told of the trace of a command. */
  told = ({trace: {trace}}) => this.traces.get(trace).spans.map(({span}) => span).filter(({place}) => place === 'browser');

  #spans(trace, parent, box) {
    const begin = Date.now();
    const at = (offset) => moments(Date.now() - begin - offset);
    const [http, link, directory, write] = [hex(16), hex(16), hex(16), hex(16)];
    const span = (name, place, id, above, start, duration, note = '') =>
      ({name, place, span: id, parent: above, start: at(start), duration_us: duration, failed: false, note});
    this.traces.set(trace, {
      spans: [
        {box: '', span: span('http POST /api/v1/boxes/…/actions', 'server', http, parent, 0, 5200)},
        {box: '', span: span('command to box', 'link', link, http, 2, 1400)},
        {box, span: span('directory: status', 'box', directory, link, 4, 7900)},
        {box, span: span('printer write', 'device', write, directory, 6, 24300, '2,114 bytes')},
      ],
      lines: [{box, line: {time: moments(), level: 'info', logger: 'printer', text: 'Ticket confirmed by the printer.', trace}}],
    });
  }

  #command({response, rest: [id]}) {
    const record = this.commands.find((each) => each.id === id);
    return record ? answer(response, 200, record) : refuse(response, 404, 'command.unknown', 'No such command.');
  }

  #found() {
    const seen = new Map([...this.announced, ...this.search.found].map((each) => [each.url, {way: 'sweep', answers: true, ...each}]));
    return {...this.search, listening: true, found: [...seen.values()]};
  }

  #discovery({request, response, body, rest: [what]}) {
    if (what === 'seen') {
      this.search.found.push({kind: 'box', url: body.url, way: 'browser', answers: false, ...body.announcement});
      return answer(response, 200, this.#found());
    }
    if (what) {
      if (!this.#found().found.some(({url}) => url === body.url)) return refuse(response, 404, 'discovery.unknown', 'No box was found at this address.');
      this[what === 'blink' ? 'blinked' : 'adopted'].push(body.url);
      return answer(response, 202, {printed: what === 'blink'});
    }
    if (request.method === 'POST') {
      if (!this.nearby) return refuse(response, 409, 'discovery.no_network', 'This server is on no private network.', 'Say which range to search, like 192.168.1.0/24.');
      this.search = {running: true, ranges: ['192.168.1.0/24'], asked: 0, total: 254, found: [], nonce: hex(16)};
    } else if (this.search.running) {
      const {found} = this.search;
      const done = request.method === 'DELETE' || found.length === this.nearby.length;
      this.search = {...this.search, running: !done, asked: done ? 254 : 64 * found.length, found: this.nearby.slice(0, found.length + 1)};
    }
    answer(response, request.method === 'POST' ? 202 : 200, this.#found());
  }

  #pairing({response, body, session}) {
    if (this.wrongCodes >= 5) return refuse(response, 429, 'pairing.slow', 'Too many wrong codes.', '', {'retry-after': '30'});
    const code = body.code.toUpperCase().replace(/[^A-Z]/g, '');
    if (code.length !== 8) return refuse(response, 422, 'pairing.bad_form', 'That is no code.');
    const box = this.codes.get(code);
    if (!box) {
      this.wrongCodes++;
      return refuse(response, 404, 'pairing.wrong', 'No box waits with this code.');
    }
    this.codes.delete(code);
    box.connected_by = session.person.name;
    this.takeIn(box);
    answer(response, 200, {box: box.id, name: box.name});
  }

  #points({request, response, body, rest: [id]}) {
    if (request.method === 'GET')
      return answer(response, 200, {points_of_sale: this.points.map((each) => ({...each, boxes: [...this.boxes.values()].filter((box) => box.point_of_sale === each.id).length}))});
    const taken = body.name && this.points.some((each) => each.id !== id && each.name.toLowerCase() === body.name.toLowerCase());
    if (taken) return refuse(response, 409, 'point_of_sale.name_taken', `There is a point of sale called ${body.name} already.`, 'Choose another name.');
    if (request.method === 'POST') return answer(response, 201, this.addPoint(body.name));
    const point = this.points.find((each) => each.id === id);
    if (!point) return refuse(response, 404, 'point_of_sale.unknown', 'There is no such point of sale.');
    if (request.method === 'PATCH') {
      Object.assign(point, body);
      for (const box of this.boxes.values()) if (box.point_of_sale === id) box.point_of_sale_name = point.name;
      this.happen('point_of_sale.changed', {id, name: point.name});
      return answer(response, 200, point);
    }
    this.points = this.points.filter((each) => each !== point);
    for (const box of this.boxes.values()) if (box.point_of_sale === id) Object.assign(box, {point_of_sale: '', point_of_sale_name: ''});
    this.happen('point_of_sale.removed', {id, name: point.name});
    response.writeHead(204);
    response.end();
  }

  // Lists

  #page(response, url, name, all, keyOf) {
    const before = url.searchParams.get('before');
    const limit = Number(url.searchParams.get('limit') ?? 100);
    const from = before === null ? 0 : all.findIndex((each) => String(keyOf(each)) === before) + 1;
    const found = all.slice(from, from + limit);
    answer(response, 200, {[name]: found, next: from + limit < all.length ? keyOf(found[found.length - 1]) : null});
  }

  #events({response, url}) {
    const [box, device, type] = ['box', 'device', 'type'].map((name) => url.searchParams.get(name) ?? '');
    const fitting = this.kept.filter((event) => (!box || event.box === box) && (!device || event.device === device) &&
      (!type || type.split(',').some((prefix) => event.type.startsWith(prefix)))).reverse();
    this.#page(response, url, 'events', fitting, ({sequence}) => sequence);
  }

  #trace({request, response, body, rest: [trace]}) {
    if (request.method === 'POST') {
      const kept = this.traces.get(trace);
      if (!kept) return refuse(response, 404, 'trace.unknown', 'Nothing is kept of that trace.');
      kept.spans.push({box: '', span: {...body, place: 'browser', parent: '', failed: false, note: ''}});
      response.writeHead(204);
      return response.end();
    }
    answer(response, 200, this.traces.get(trace) ?? {spans: [], lines: []});
  }

  #people({request, response, body, rest: [id]}) {
    const shown = ({password, ...rest}) => rest;
    if (!id && request.method === 'GET') return answer(response, 200, {people: this.people.map(shown)});
    if (!id) {
      if (this.people.some(({name}) => name === body.name)) return refuse(response, 409, 'people.name_taken', `There is a ${body.name} already.`, 'Choose another name.');
      const person = {id: `p${hex(6)}`, created: moments(), last_seen: '1970-01-01T00:00:00Z', ...body};
      this.people.push(person);
      return answer(response, 201, shown(person));
    }
    const person = this.people.find((each) => each.id === id);
    if (request.method === 'DELETE') {
      this.people = this.people.filter((each) => each !== person);
      response.writeHead(204);
      return response.end();
    }
    answer(response, 200, shown(Object.assign(person, body)));
  }

  #tokens({request, response, body, session, rest: [id]}) {
    if (request.method === 'GET') return answer(response, 200, {tokens: this.tokens});
    if (request.method === 'DELETE') {
      this.tokens = this.tokens.filter((each) => each.id !== id);
      response.writeHead(204);
      return response.end();
    }
    if (!scopes[body.scope]) return refuse(response, 422, 'tokens.bad_scope', 'No such scope.');
    const token = {id: `t${hex(6)}`, name: body.name, scope: body.scope, person: session.person.name, created: moments(), last_used: '1970-01-01T00:00:00Z'};
    this.tokens.push(token);
    answer(response, 201, {...token, secret: `troupe_${hex(40)}`});
  }

  #connectionTokens({request, response, body, session, rest: [id]}) {
    if (request.method === 'GET') return answer(response, 200, {tokens: this.connectionTokens});
    if (request.method === 'DELETE') {
      this.connectionTokens.find((each) => each.id === id).state = 'revoked';
      response.writeHead(204);
      return response.end();
    }
    if (!/^https?:\/\/[\w.:-]+$/.test(body.url)) return refuse(response, 422, 'token.bad_url', `"${body.url}" is no address of a server.`, 'Write it as boxes reach this server: http://server.example:8080.');
    const made = {id: hex(16), ...body, uses_left: body.boxes, created: moments(), made_by: session.person.name, state: 'open'};
    this.connectionTokens.unshift(made);
    answer(response, 201, {...made, token: `troupe-token-1-${'AbC_-9'.repeat(70)}`, qr: ['0000', '0110', '0110', '0000']});
  }

  #audit({response, url}) {
    this.#page(response, url, 'entries', this.audit, ({number}) => number);
  }

  #settings({request, response, body}) {
    if (request.method === 'PATCH') {
      this.name = body.server_name;
      this.audit.unshift({number: this.audit.length + 1, time: moments(), person: 'Ada', address: '192.168.1.7', action: 'settings.changed', target: '', text: `The server is now called ${this.name}.`});
    }
    answer(response, 200, {server_name: this.name});
  }

  #limits({response}) {
    answer(response, 200, {limits: [
      {name: 'link.boxes', text: 'At most 20000 boxes; one more is refused.', unit: 'boxes', bound: 20_000, fill: this.boxes.size, hits: 0, policy: 'refuse'},
      {name: 'events.kept', text: 'At most 1000000 events; one more pushes the oldest out.', unit: 'events', bound: 1_000_000, fill: 760_000, hits: 0, policy: 'drop oldest'},
    ]});
  }

  #health({response}) {
    answer(response, 200, {parts: [{name: 'store', state: 'running', restarts: 0, reason: '', since: moments(86400_000)}]});
  }

  #about({response}) {
    answer(response, 200, {id: this.id, name: this.name, version: this.version, time: moments(), boxes: this.boxes.size});
  }
}
