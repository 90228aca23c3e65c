"""Black and white: paper as dots, PBM and PNG read without any library, and PNGs made for tests."""

import struct
import zlib


class Bitmap:
    """Rows of dots, one integer a row, the leftmost dot being the highest bit; 1 is black."""

    def __init__(self, width, rows):
        self.width, self.rows = width, rows

    def trimmed(self):
        """Without white rows at top and bottom."""
        black = [index for index, row in enumerate(self.rows) if row]
        return Bitmap(self.width, self.rows[black[0]:black[-1] + 1] if black else [])

    def column_range(self, first, width):
        shift = self.width - first - width
        return Bitmap(width, [(row >> shift) & ((1 << width) - 1) for row in self.rows])

    def difference(self, other):
        """The share of dots that differ."""
        assert self.width == other.width and len(self.rows) == len(other.rows), (
            self.width, len(self.rows), other.width, len(other.rows))
        wrong = sum(bin(a ^ b).count("1") for a, b in zip(self.rows, other.rows))
        return wrong / (self.width * len(self.rows))


def read_pbm(content):
    """Binary PBM: 1 is black."""
    assert content.startswith(b"P4")
    fields, at = [], 2
    while len(fields) < 2:
        while content[at:at + 1].isspace():
            at += 1
        if content[at:at + 1] == b"#":
            at = content.index(b"\n", at)
            continue
        end = at
        while not content[end:end + 1].isspace():
            end += 1
        fields.append(int(content[at:end]))
        at = end
    width, height = fields
    stride, at = (width + 7) // 8, at + 1
    rows = [int.from_bytes(content[at + y * stride:at + (y + 1) * stride], "big") >> (stride * 8 - width)
            for y in range(height)]
    return Bitmap(width, rows)


def _unfilter(kind, line, before):
    out = bytearray(line)
    for index in range(len(out)):
        left = out[index - 1] if index else 0
        up = before[index]
        corner = before[index - 1] if index else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        elif kind == 4:
            p = left + up - corner
            guess = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))[2]
        else:
            guess = 0
        out[index] = (out[index] + guess) & 0xff
    return bytes(out)


def read_png(content):
    """A 1-bit greyscale PNG, as receipts are."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at:at + 8])
        body = content[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert (depth, colour, interlace) == (1, 0, 0), (depth, colour, interlace)
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    raw = zlib.decompress(packed)
    stride = (width + 7) // 8
    rows, before = [], bytes(stride)
    for y in range(height):
        start = y * (stride + 1)
        before = _unfilter(raw[start], raw[start + 1:start + 1 + stride], before)
        rows.append((int.from_bytes(before, "big") >> (stride * 8 - width)) ^ ((1 << width) - 1))
    return Bitmap(width, rows)


def make_png(width, height, rows=b"", depth=8):
    """A greyscale PNG with these raw rows (each led by its filter byte)."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
