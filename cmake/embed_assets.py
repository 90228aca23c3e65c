#!/usr/bin/env python3
"""Makes files part of a program: one blob, the assembler file that brings it in, and the table in C++.

Each file is stored as it is and, when that is smaller, compressed with gzip. The same files give the
same bytes: no times, no names of the machine in the blob or the table.
"""

import argparse
import hashlib
import shutil
import struct
import sys
import zlib
from pathlib import Path

MIME_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    "": "text/plain; charset=utf-8",  # LICENSE, VERSION
}
GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"  # no name, no time, best compression, unknown system


def gzip(content: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    body = deflate.compress(content) + deflate.flush()
    return GZIP_HEADER + body + struct.pack("<II", zlib.crc32(content), len(content))


def collect(mounts: list[str]) -> dict[str, Path]:
    """Path served -> file, for mounts written as PREFIX=FOLDER."""
    found: dict[str, Path] = {}
    for mount in mounts:
        prefix, _, folder = mount.partition("=")
        root = Path(folder)
        for file in sorted(root.rglob("*")):
            if not file.is_file() or any(part.startswith(".") for part in file.relative_to(root).parts):
                continue
            path = prefix.rstrip("/") + "/" + file.relative_to(root).as_posix()
            if path in found:
                sys.exit(f"{path} comes from both {found[path]} and {file}")
            if file.suffix not in MIME_TYPES:
                sys.exit(f"{file}: no media type is known for {file.suffix!r}")
            found[path] = file
    return found


class Blob:
    """Contents one behind the other; equal ones only once."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.places: dict[bytes, int] = {}

    def add(self, content: bytes) -> tuple[int, int]:
        digest = hashlib.sha256(content).digest()
        if digest not in self.places:
            self.places[digest] = len(self.content)
            self.content += content
        return self.places[digest], len(content)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def row(path: str, file: Path, blob: Blob) -> str:
    content = file.read_bytes()
    packed = gzip(content)
    start, size = blob.add(content)
    compressed = "byte_span()"
    if len(packed) < len(content):
        at, length = blob.add(packed)
        compressed = f"byte_span(troupe_web_blob + {at}, {length})"
    etag = quoted('"' + hashlib.sha256(content).hexdigest()[:16] + '"')
    return (f"    {{{quoted(path)}, {quoted(MIME_TYPES[file.suffix])},\n"
            f"     byte_span(troupe_web_blob + {start}, {size}), {compressed}, {etag}}},")


def table(name: str, files: dict[str, Path], blob: Blob) -> str:
    rows = "\n".join(row(path, file, blob) for path, file in files.items())
    return f"constexpr asset {name}_table[] = {{\n{rows}\n}};\n"


def source(tables: dict[str, str], size: int) -> str:
    readers = "\n".join(
        f"std::span<const transport::asset> {name}_assets() {{ return {name}_table; }}" for name in tables)
    return f"""#include "web/embedded.hpp"

extern "C" const std::uint8_t troupe_web_blob[{size}];

namespace troupe::web {{
namespace {{

using transport::asset;

{chr(10).join(tables.values())}
}} // namespace

{readers}

}} // namespace troupe::web
"""


def assembler(blob_name: str) -> str:
    return f"""    .section .rodata
    .global troupe_web_blob
    .type troupe_web_blob, %object
    .balign 16
troupe_web_blob:
    .incbin "{blob_name}"
    .size troupe_web_blob, . - troupe_web_blob
    .section .note.GNU-stack, "", %progbits
"""


def copy_tree(root: Path, files: dict[str, Path]) -> None:
    """The files as they are served, for programs that are told to read them from a folder."""
    shutil.rmtree(root, ignore_errors=True)
    for path, file in files.items():
        write(root / path.lstrip("/"), file.read_bytes())


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True,
                        help="folder for assets.{bin,s,cpp}, and the files of each set in a folder of its name")
    parser.add_argument("--set", action="append", nargs="+", required=True, metavar="NAME PREFIX=FOLDER",
                        help="a set of files: its name and where its folders are served")
    options = parser.parse_args()

    blob, tables = Blob(), {}
    for name, *mounts in options.set:
        files = collect(mounts)
        if not any(path == "/index.html" for path in files):
            sys.exit(f"the set {name} has no /index.html")
        tables[name] = table(name, files, blob)
        copy_tree(options.output / name, files)
    write(options.output / "assets.bin", bytes(blob.content))
    write(options.output / "assets.s", assembler(str(options.output / "assets.bin")).encode())
    write(options.output / "assets.cpp", source(tables, len(blob.content)).encode())


if __name__ == "__main__":
    main()
