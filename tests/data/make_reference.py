#!/usr/bin/env python3
"""Makes tests/data/odoo-pos/receipt-pillow.pbm: the dots that Pillow prints for receipt.jpg.

Usage: make_reference.py            (needs Debian's python3-pil)
"""
import pathlib
import sys

from PIL import Image, ImageOps


def main() -> int:
    if len(sys.argv) > 1:
        print(__doc__.strip())
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    folder = pathlib.Path(__file__).resolve().parent / "odoo-pos"
    grey = Image.open(folder / "receipt.jpg").convert("L")
    dots = ImageOps.invert(grey).convert("1")
    header = f"P4\n{dots.width} {dots.height}\n".encode("ascii")
    (folder / "receipt-pillow.pbm").write_bytes(header + dots.tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
