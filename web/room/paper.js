// The paper that hangs out of one printer: rows come in, a canvas shows the last of them, the cut sends it flying.

const windowRows = 1200; // what can be seen of a long strip; the rest has gone over the edge
const dotsPerPixel = 2;
const catchUp = 70; // milliseconds in which the paper follows what has arrived
const slowest = 240; // rows a second
const furthestBehind = 900; // rows; beyond that it jumps
const flight = 700; // milliseconds to the spike
const paperColour = [253, 251, 246];
const inkColour = [38, 35, 33];

export const calmWished = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Rows of bits (1 = black, most significant left) as a picture. */
export function pictureOf(bits, width, count) {
  const picture = new ImageData(width, count);
  const rowBytes = width / 8;
  const {data} = picture;
  for (let row = 0, at = 0; row < count; row++) {
    for (let x = 0; x < width; x++, at += 4) {
      const black = (bits[row * rowBytes + (x >> 3)] >> (7 - (x & 7))) & 1;
      const [red, green, blue] = black ? inkColour : paperColour;
      data[at] = red;
      data[at + 1] = green;
      data[at + 2] = blue;
      data[at + 3] = 255;
    }
  }
  return picture;
}

export class Paper {
  canvas = document.createElement('canvas');
  receipt = ''; // id of what hangs out
  height = 0; // rows that have come out
  #context = this.canvas.getContext('2d');
  #behind = 0; // rows that are drawn but have not come up yet
  #waiting = []; // what comes after a cut that still has to fly
  #frame = 0;
  #last = 0;
  #flying = false;
  #onChange;

  constructor(width, onChange) {
    this.#onChange = onChange;
    this.canvas.className = 'strip';
    this.canvas.setAttribute('role', 'img');
    this.#clear(width);
  }

  #clear(width) {
    this.canvas.width = width;
    this.canvas.height = windowRows;
    this.canvas.style.width = `${width / dotsPerPixel}px`;
    this.height = 0;
    this.#behind = 0;
    this.#place();
  }

  /** Forgets everything, as before the server tells it anew. */
  reset() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#waiting = [];
    this.#flying = false;
    this.receipt = '';
    this.#clear(this.canvas.width);
  }

  /** Takes a `rows` or `gap` message. */
  take(message) {
    if (this.#flying) return void this.#waiting.push(message);
    if (message.receipt !== this.receipt) {
      this.receipt = message.receipt;
      this.#clear(message.width ?? this.canvas.width);
    }
    if (message.first < this.height) return; // already seen
    const missing = message.first - this.height + (message.type === 'gap' ? message.count : 0);
    if (missing > 0) this.#append(null, missing);
    if (message.type === 'rows') this.#append(pictureOf(bytesOf(message.bits), message.width, message.count), message.count);
    this.#onChange();
  }

  #append(picture, count) {
    const context = this.#context;
    const {width} = this.canvas;
    const shift = Math.min(count, windowRows);
    context.globalCompositeOperation = 'copy';
    context.drawImage(this.canvas, 0, -shift);
    context.globalCompositeOperation = 'source-over';
    if (picture) {
      context.putImageData(picture, 0, windowRows - count);
    } else {
      context.fillStyle = `rgb(${paperColour})`;
      context.fillRect(0, windowRows - shift, width, shift);
    }
    this.height += count;
    this.#behind = calmWished() ? 0 : Math.min(this.#behind + count, furthestBehind);
    this.#place();
    this.#run();
  }

  #place() {
    this.canvas.style.transform = `translateY(${this.#behind / dotsPerPixel}px)`;
  }

  #run() {
    if (this.#frame || this.#behind === 0) return;
    this.#last = performance.now();
    const step = (at) => {
      const passed = Math.min(100, at - this.#last);
      this.#last = at;
      const moved = Math.max((slowest * passed) / 1000, (this.#behind * passed) / catchUp);
      this.#behind = Math.max(0, this.#behind - moved);
      this.#place();
      this.#frame = this.#behind > 0 ? requestAnimationFrame(step) : 0;
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** Cuts the strip off and lets it fly to `target`; `landed` is called when it is there. */
  cut(target, landed) {
    if (this.#flying) return void this.#waiting.push({type: 'cut', target, landed});
    const visible = Math.min(this.height, windowRows);
    const box = this.canvas.getBoundingClientRect();
    const hidden = document.visibilityState !== 'visible';
    if (calmWished() || hidden || visible === 0 || !target || box.width === 0) return this.#land(landed);
    this.#flying = true;
    const leaf = this.#leaf(visible, box);
    this.#clear(this.canvas.width);
    this.#fly(leaf, target).then(() => {
      leaf.remove();
      this.#flying = false;
      landed();
      this.#resume();
    });
  }

  #land(landed) {
    this.#clear(this.canvas.width);
    this.receipt = '';
    landed();
    this.#onChange();
  }

  #resume() {
    this.receipt = '';
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each.type === 'cut' ? this.cut(each.target, each.landed) : this.take(each);
    this.#onChange();
  }

  #leaf(visible, box) {
    const leaf = document.createElement('canvas');
    const scale = box.width / this.canvas.width;
    leaf.width = this.canvas.width;
    leaf.height = visible;
    leaf.getContext('2d').drawImage(this.canvas, 0, visible - windowRows);
    leaf.className = 'leaf';
    leaf.setAttribute('aria-hidden', 'true');
    leaf.style.width = `${box.width}px`;
    leaf.style.left = `${box.left + scrollX}px`;
    leaf.style.top = `${box.bottom - visible * scale - (this.#behind * scale) + scrollY}px`;
    document.body.append(leaf);
    return leaf;
  }

  #fly(leaf, target) {
    const from = leaf.getBoundingClientRect();
    const to = target.getBoundingClientRect();
    const x = to.left + to.width / 2 - (from.left + from.width / 2);
    const y = to.top + to.height / 2 - (from.top + from.height / 2);
    const size = Math.max(0.1, 44 / from.width);
    return leaf.animate([
      {transform: 'none', easing: 'cubic-bezier(0.3, 0, 0.4, 1)'},
      {transform: 'translateY(-22px) rotate(-1.5deg)', offset: 0.3, easing: 'cubic-bezier(0.5, 0, 0.4, 1)'},
      {transform: `translate(${x}px, ${y}px) rotate(9deg) scale(${size})`, opacity: 1},
    ], {duration: flight, fill: 'forwards'}).finished.catch(() => {});
  }
}
