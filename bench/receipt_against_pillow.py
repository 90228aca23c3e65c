#!/usr/bin/env python3
"""Times Pillow turning a till's receipt into dots, as Odoo's box does, and prints JSON.

Usage: receipt_against_pillow.py [PICTURE] [--rounds N]   (needs Debian's python3-pil)

The work: open, convert("L"), invert, convert("1"), tobytes. Compare `median_us` with
`printer/receipt_to_escpos` of printer_benchmark, which makes the ESC/POS commands as well.
"""
import argparse
import io
import json
import pathlib
import statistics
import time

import PIL
from PIL import Image, ImageOps

RECEIPT = pathlib.Path(__file__).resolve().parent.parent / "tests/data/odoo-pos/receipt.jpg"


def print_once(encoded: bytes) -> bytes:
    grey = Image.open(io.BytesIO(encoded)).convert("L")
    return ImageOps.invert(grey).convert("1").tobytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", nargs="?", default=RECEIPT, type=pathlib.Path)
    parser.add_argument("--rounds", default=200, type=int)
    options = parser.parse_args()
    encoded = options.picture.read_bytes()
    times, processor_times = [], []
    for _ in range(options.rounds):
        start, processor_start = time.perf_counter(), time.process_time()
        print_once(encoded)
        times.append((time.perf_counter() - start) * 1e6)
        processor_times.append((time.process_time() - processor_start) * 1e6)
    print(json.dumps({"what": "receipt to dots", "library": "Pillow " + PIL.__version__,
                      "picture": options.picture.name, "rounds": options.rounds,
                      "median_us": round(statistics.median(times), 1),
                      "least_us": round(min(times), 1),
                      "median_cpu_us": round(statistics.median(processor_times), 1)}))


if __name__ == "__main__":
    main()
