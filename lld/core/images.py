"""Pictures that people upload: looked at, decoded and encoded anew, so that nothing of the file itself is kept."""

import hashlib
import io
import threading
from dataclasses import dataclass
from typing import BinaryIO

import structlog
from PIL import Image
from PIL.ExifTags import Base as ExifTag

from lld.core.bulkhead import Bulkhead
from lld.core.errors import InvalidInput, TooLarge

log = structlog.get_logger(__name__)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
# Longer ones are no pictures, and the slowest to decode for their size.
LONGEST_SIDE = 20_000
# A JPEG in thousands of passes is small, and takes minutes; those of cameras and editors have some ten.
MOST_PASSES = 40
SIDE, THUMBNAIL_SIDE = 1600, 320
QUALITY = 85
WHITE = (255, 255, 255)

# The largest take seconds and up to 700 MB to decode: two at a time do, two more wait, and the rest of a process's
# threads are the shop's.
_PLACES = Bulkhead(4)
_DECODING = threading.BoundedSemaphore(2)
WAIT_SECONDS = 1

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """A picture in our own encoding: JPEG, upright, on white, without metadata.

    `jpeg` has at most SIDE pixels a side, `width` and `height` are its own; `thumbnail` has at most THUMBNAIL_SIDE.
    `name` is a hash of `jpeg`: the same picture has the same name.
    """

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    name: str


def read_picture(upload: bytes | BinaryIO, *, field: str = "image") -> Picture:
    """The picture in a file, which its content and not its name tells: JPEG, PNG, WebP, or a GIF's first frame.

    TooLarge above MOST_BYTES. InvalidInput, naming `field`, for what is no such picture, is broken, or has more than
    MOST_PIXELS, or LONGEST_SIDE. Overloaded when several are being read.
    """
    stream = io.BytesIO(upload) if isinstance(upload, bytes) else upload
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size > MOST_BYTES:
        raise TooLarge(f"A picture may have {MOST_BYTES // 1024**2} MB at most.")
    with _PLACES.place(wait_seconds=WAIT_SECONDS), _DECODING:
        flat = _decode(stream, field)
    jpeg = _encode(flat)
    width, height = flat.size
    flat.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    name = hashlib.sha256(jpeg).hexdigest()[:32]
    return Picture(jpeg, _encode(flat), width, height, name)


def _decode(stream: BinaryIO, field: str) -> Image.Image:
    try:
        with Image.open(stream, formats=FORMATS) as image:
            _check_size(image, field)
            if image.format in {"JPEG", "MPO"}:
                _check_passes(stream, field)
                # Decodes no more pixels than are kept.
                image.draft("RGB", (SIDE, SIDE))
            image.load()
            turn = _TURNS.get(_orientation(image) or 1)
            flat = _flatten(image)
    except InvalidInput:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(field) from None
    except Exception as error:
        # The readers of the formats raise whatever a hostile file makes them stumble over.
        log.info("picture_refused", error=type(error).__name__)
        sentence = "This is no picture that can be read: use a whole JPEG, PNG, WebP or GIF."
        raise InvalidInput(sentence, fields={field: [sentence]}) from error
    flat.thumbnail((SIDE, SIDE), reducing_gap=3.0)
    return flat if turn is None else flat.transpose(turn)


def _check_size(image: Image.Image, field: str) -> None:
    """Before anything is decoded: the header says how large it would become."""
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels(field)
    if max(image.size) > LONGEST_SIDE:
        sentence = f"A picture may have {LONGEST_SIDE:,} pixels a side at most."
        raise InvalidInput(sentence, fields={field: [sentence]})


def _too_many_pixels(field: str) -> InvalidInput:
    sentence = f"A picture may have {MOST_PIXELS // 1_000_000} million pixels at most."
    return InvalidInput(sentence, fields={field: [sentence]})


def _check_passes(stream: BinaryIO, field: str) -> None:
    place = stream.tell()
    stream.seek(0)
    passes = stream.read().count(b"\xff\xda")
    stream.seek(place)
    if passes > MOST_PASSES:
        sentence = "This picture is put together in too many passes. Save it anew."
        raise InvalidInput(sentence, fields={field: [sentence]})


def _orientation(image: Image.Image) -> int | None:
    try:
        turned = image.getexif().get(ExifTag.Orientation)
    except Exception:
        # Of broken metadata nothing is kept anyway.
        return None
    return turned if isinstance(turned, int) else None


def _flatten(image: Image.Image) -> Image.Image:
    """The same picture in RGB, on white where one could see through it, and nothing besides its pixels."""
    if image.has_transparency_data:
        seen = image if image.mode == "RGBA" else image.convert("RGBA")
        flat = Image.new("RGB", seen.size, WHITE)
        flat.paste(seen, mask=seen)
        return flat
    if image.mode.startswith("I;16"):
        # Pillow would cut the upper half of the tones off.
        image = image.point(lambda tone: tone / 256, "L")
    flat = image if image.mode == "RGB" else image.convert("RGB")
    # Comments and the like would go along into the new file.
    flat.info = {}
    return flat


def _encode(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, progressive=True)
    return out.getvalue()
