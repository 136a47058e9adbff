"""Pictures to upload, good and hostile, and products that show some."""

import io
import random
import struct
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.models import Product, ProductImage
from catalog.services import images
from lld.core.actors import SYSTEM

BOMB_SIDE = 30_000
Colour = tuple[float, float, float]


def picture(seed: int = 0, *, size: tuple[int, int] = (40, 30), kind: str = "PNG", **options: Any) -> bytes:
    """A file with a plain picture in a colour of its own."""
    shade = random.Random(seed)
    colour = (shade.randrange(256), shade.randrange(256), shade.randrange(256))
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


def upload(content: bytes | None = None, name: str = "pan.png", kind: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content, kind)


def shown(product: Product, count: int = 1) -> list[ProductImage]:
    """The product's gallery with this many pictures, the first of them primary."""
    for seed in range(count):
        images.add_to_gallery(product.pk, images.store_upload(picture(seed)), actor=SYSTEM)
    product.refresh_from_db()
    return list(product.gallery.select_related("image").order_by("sort_order"))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(side: int = BOMB_SIDE) -> bytes:
    """A whole, valid PNG of `side` × `side` grey pixels: 900 million from less than a megabyte."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + side // 8)
    lines = packer.compress(row * 1000)
    body = lines + b"".join(packer.compress(row * 1000) for _ in range(side // 1000 - 1)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def png_with(chunk_of: bytes, body: bytes) -> bytes:
    """A small PNG with one more chunk before its pixels."""
    plain = picture()
    return plain[:33] + chunk(chunk_of, body) + plain[33:]


def gif_bomb(frames: int = 2000) -> bytes:
    """An animation of many large frames in little space."""
    first, second = Image.new("P", (2000, 2000), 0), Image.new("P", (2000, 2000), 1)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=[second], duration=10)
    whole = out.getvalue()
    one = Image.open(io.BytesIO(whole))
    one.seek(1)
    start = whole.rindex(b"\x21\xf9")
    return whole[:start] + whole[start:-1] * frames + b";"


def many_passes(count: int = 500) -> bytes:
    """A JPEG whose last pass is there again and again."""
    whole = picture(size=(64, 64), kind="JPEG", progressive=True)
    start = whole.rindex(b"\xff\xda")
    return whole[:start] + whole[start:-2] * count + whole[-2:]


def webp_of_size(width: int, height: int) -> bytes:
    """A WebP that says it is this large, with next to nothing in it."""
    canvas = struct.pack("<I", 0x02)[:4] + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"VP8X" + struct.pack("<I", 10) + canvas + picture(kind="WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def profile(space: bytes, tags: dict[bytes, bytes], *, connected_by: bytes = b"XYZ ") -> bytes:
    """An ICC profile of version 2 with these tags, told in `connected_by`."""
    place = 128 + 4 + 12 * len(tags)
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        table += name + struct.pack(">II", place + len(bodies), len(body))
        bodies += body + b"\0" * (-len(body) % 4)
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    header = struct.pack(">I4sI4s4s4s", place + len(bodies), b"", 0x02100000, kind, space, connected_by)
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + _numbers(0.9642, 1, 0.8249)
    return header.ljust(128, b"\0") + table + bodies


def rgb_profile(red: Colour, green: Colour, blue: Colour, *, gamma: float = 2.2) -> bytes:
    """Of a screen whose primaries are these in XYZ."""
    primaries = {b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue, b"wtpt": (0.9642, 1.0, 0.8249)}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(gamma))
    return profile(b"RGB ", {name: b"XYZ \0\0\0\0" + _numbers(*at) for name, at in primaries.items()} | curves)


def grey_profile(gamma: float) -> bytes:
    return profile(b"GRAY", {b"wtpt": b"XYZ \0\0\0\0" + _numbers(0.9642, 1, 0.8249), b"kTRC": _curve(gamma)})


def cmyk_profile(ink: tuple[int, int, int]) -> bytes:
    """Of a printer: paper is white, and whatever is printed on it has this colour in Lab, in bytes."""
    steps = bytes(range(256))
    printed = bytes((255, 128, 128)) + bytes(ink) * 15
    table = (
        b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + _numbers(1, 0, 0, 0, 1, 0, 0, 0, 1) + steps * 4 + printed + steps * 3
    )
    return profile(b"CMYK", {b"A2B0": table}, connected_by=b"Lab ")


def _numbers(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
