// Black and white pictures: just enough of PNG for the tests' own receipts.
import {deflateSync, inflateSync} from 'node:zlib';

const crcTable = Array.from({length: 256}, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crcOf = (bytes) => (bytes.reduce((crc, byte) => crcTable[(crc ^ byte) & 255] ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crcOf(body), body.length + 4);
  return out;
}

const paeth = (a, b, c) => {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
};

/** Reads a 1-bit greyscale PNG into rows of bits, 1 = black. */
export function readPng(file) {
  const width = file.readUInt32BE(16);
  const height = file.readUInt32BE(20);
  if (file[24] !== 1 || file[25] !== 0) throw new Error('only 1-bit greyscale');
  const parts = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at))
    if (file.toString('ascii', at + 4, at + 8) === 'IDAT') parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(parts));
  const stride = Math.ceil(width / 8);
  const bits = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row++) {
    const filter = raw[row * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x ? bits[row * stride + x - 1] : 0;
      const above = row ? bits[(row - 1) * stride + x] : 0;
      const corner = x && row ? bits[(row - 1) * stride + x - 1] : 0;
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter];
      bits[row * stride + x] = raw[row * (stride + 1) + 1 + x] + guess;
    }
  }
  return {width, height, bits: bits.map((byte) => byte ^ 255)};
}

/** Writes rows of bits, 1 = black, as a 1-bit greyscale PNG. */
export function writePng({width, height, bits}) {
  const stride = width / 8;
  const raw = Buffer.alloc((stride + 1) * height);
  for (let row = 0; row < height; row++)
    for (let x = 0; x < stride; x++) raw[row * (stride + 1) + 1 + x] = bits[row * stride + x] ^ 255;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 1;
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]);
}
