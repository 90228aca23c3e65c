#!/usr/bin/env python3
"""Makes the pictures and dots that the printer tests compare with, by Pillow (python3-pil).

Usage: make_reference.py

odoo-pos/receipt-pillow.pbm            the dots that Pillow prints for odoo-pos/receipt.jpg
odoo-pos/08-print-receipt-pillow.pbm   the same for the receipt in the recorded request
pictures/NAME.{jpg,png}       small pictures of many kinds
pictures/NAME.pgm             each of them in Pillow's shades of grey, transparency put on white
"""
import base64
import io
import json
import pathlib
import random
import sys

from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).resolve().parent
WIDTH, HEIGHT = 61, 37


def make_receipt(encoded: bytes, name: str) -> None:
    grey = Image.open(io.BytesIO(encoded)).convert("L")
    dots = ImageOps.invert(grey).convert("1")
    header = f"P4\n{dots.width} {dots.height}\n".encode("ascii")
    (HERE / "odoo-pos" / name).write_bytes(header + dots.tobytes())


def make_receipts() -> None:
    folder = HERE / "odoo-pos"
    make_receipt((folder / "receipt.jpg").read_bytes(), "receipt-pillow.pbm")
    request = json.loads(json.loads((folder / "08-print-receipt.json").read_text())["body"])
    make_receipt(base64.b64decode(request["params"]["data"]["receipt"]), "08-print-receipt-pillow.pbm")


def colours() -> Image.Image:
    chance = random.Random(7)
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    for y in range(HEIGHT):
        for x in range(WIDTH):
            if x > 20:
                picture.putpixel((x, y), (x * 4, y * 6, (x * y) % 256))
            elif y > 25:
                picture.putpixel((x, y), tuple(chance.randrange(256) for _ in range(3)))
    return picture


def transparent() -> Image.Image:
    picture = colours().convert("RGBA")
    for y in range(HEIGHT):
        for x in range(WIDTH):
            red, green, blue, _ = picture.getpixel((x, y))
            picture.putpixel((x, y), (red, green, blue, (x * 5 + y) % 256))
    return picture


def on_white(picture: Image.Image) -> Image.Image:
    """Grey first, then put on white in whole numbers."""
    grey, opacity = picture.convert("RGB").convert("L"), picture.getchannel("A")
    out = Image.new("L", picture.size)
    out.putdata([(g * a + 255 * (255 - a) + 127) // 255
                 for g, a in zip(grey.getdata(), opacity.getdata())])
    return out


def save(name: str, picture: Image.Image, **options) -> None:
    path = HERE / "pictures" / name
    picture.save(path, **options)
    read = Image.open(path)
    grey = on_white(read.convert("RGBA")) if "transparent" in name else read.convert("L")
    path.with_suffix(".pgm").write_bytes(
        f"P5\n{grey.width} {grey.height}\n255\n".encode("ascii") + grey.tobytes())


def make_pictures() -> None:
    (HERE / "pictures").mkdir(exist_ok=True)
    colour = colours()
    for name, subsampling in (("jpeg-444", 0), ("jpeg-422", 1), ("jpeg-420", 2)):
        save(f"{name}.jpg", colour, quality=80, subsampling=subsampling)
    save("jpeg-progressive.jpg", colour, quality=80, progressive=True)
    save("jpeg-grey.jpg", colour.convert("L"), quality=80)
    save("jpeg-inks.jpg", colour.convert("CMYK"), quality=80)
    save("jpeg-narrow.jpg", colour.crop((30, 0, 35, HEIGHT)), quality=80)
    save("png-colour.png", colour)
    save("png-grey.png", colour.convert("L"))
    save("png-one-bit.png", colour.convert("1"))
    save("png-palette.png", colour.quantize(13))
    save("png-transparent.png", transparent())
    save("png-transparent-grey.png", transparent().convert("LA"))
    palette = colour.quantize(13)
    palette.info["transparency"] = 2
    save("png-transparent-palette.png", palette, transparency=2)


def main() -> int:
    if len(sys.argv) > 1:
        print(__doc__.strip())
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    make_receipts()
    make_pictures()
    return 0


if __name__ == "__main__":
    sys.exit(main())
