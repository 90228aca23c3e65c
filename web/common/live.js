// One WebSocket a page. Resumes by sequence, backs off, notices a dead line, and says since when it is cut.

const firstWait = 400;
const longestWait = 15_000;
const silenceBeforeProbe = 20_000;
const probeTimeout = 4_000;
/** After so long without the line, what the page shows is no longer known to be true. */
export const staleAfter = 10_000;

/**
 * options.path     where the WebSocket is
 * options.after    gives the last sequence seen, or null
 * options.message  takes each message
 * options.change   is told when the state changed
 * options.opened   is called at each opening, `again` says whether it is a return; may be absent
 * options.refused  is asked when the line cannot be opened; true ends the attempts; may be absent
 * options.probe    a cheap path that answers when the line lives
 */
export class Live {
  state = 'connecting'; // 'open', 'lost', 'ended'
  since = null; // when it was lost
  #options;
  #socket = null;
  #attempts = 0;
  #retry = 0;
  #lastHeard = 0;
  #opened = 0;
  #watch = 0;

  constructor(options) {
    this.#options = options;
  }

  start() {
    addEventListener('online', this.#hurry);
    addEventListener('offline', this.#doubt);
    document.addEventListener('visibilitychange', this.#hurry);
    this.#watch = setInterval(() => this.#listen(), 5_000);
    this.#connect();
  }

  end() {
    removeEventListener('online', this.#hurry);
    removeEventListener('offline', this.#doubt);
    document.removeEventListener('visibilitychange', this.#hurry);
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#drop();
    this.#become('ended');
  }

  /** Whether what the page shows may be out of date. */
  stale(at = Date.now()) {
    return this.state === 'lost' && at - this.since > staleAfter;
  }

  #connect() {
    clearTimeout(this.#retry);
    const after = this.#options.after?.();
    const url = new URL(this.#options.path, location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    if (after !== null && after !== undefined) url.searchParams.set('after', after);
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => this.#open();
    socket.onmessage = ({data}) => {
      this.#lastHeard = Date.now();
      this.#options.message(JSON.parse(data));
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  #open() {
    this.#lastHeard = Date.now();
    this.#attempts = 0;
    this.since = null;
    this.#become('open');
    this.#options.opened?.(this.#opened++ > 0);
  }

  async #lost() {
    this.#drop();
    this.since ??= Date.now();
    this.#become('lost');
    if (await this.#options.refused?.()) return this.end();
    if (this.state !== 'lost') return;
    const wait = Math.min(longestWait, firstWait * 2 ** this.#attempts++);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), wait * (0.5 + Math.random() / 2));
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #become(state) {
    if (this.state === 'ended' || this.state === state) return;
    this.state = state;
    this.#options.change();
  }

  #hurry = () => {
    if (document.visibilityState !== 'visible') return;
    if (this.state === 'lost' && !this.#socket) this.#connect();
    else if (this.state === 'open') this.#listen(5_000);
  };

  #doubt = () => {
    if (this.state === 'open') this.#probe();
  };

  // A pulled cable closes nothing: when nothing was heard for a while, ask.
  #listen(patience = silenceBeforeProbe) {
    if (this.state === 'open' && Date.now() - this.#lastHeard > patience) this.#probe();
  }

  async #probe() {
    const socket = this.#socket;
    const asked = Date.now();
    this.#lastHeard = asked;
    try {
      await fetch(this.#options.probe, {cache: 'no-store', signal: AbortSignal.timeout(probeTimeout)});
    } catch {
      if (socket === this.#socket && this.#lastHeard === asked) this.#lost();
    }
  }
}
