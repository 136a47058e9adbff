"""Pictures that people upload: looked at, decoded and encoded anew, so that nothing of the file itself is kept."""

import hashlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

import structlog
from PIL import Image, ImageCms
from PIL.ExifTags import Base as ExifTag

from lld.core.bulkhead import Bulkhead
from lld.core.errors import InvalidInput, TooLarge

log = structlog.get_logger(__name__)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES = 20 * 1024 * 1024
# Phones that are sold as having 64 have a little more.
MOST_PIXELS = 65_000_000
# WebP's reader holds every pixel three times, and no camera writes it.
MOST_PIXELS_OF_WEBP = 40_000_000
# Longer ones are no pictures, and the slowest to decode for their size.
LONGEST_SIDE = 20_000
# A JPEG in thousands of passes is small, and takes minutes; those of cameras and editors have some ten.
MOST_PASSES = 40
SIDE, THUMBNAIL_SIDE = 1600, 320
# Rows that are brought into our colours at a time.
BAND = 64
QUALITY = 85
WHITE = (255, 255, 255)
# Those of printers have some 3 MB.
MOST_PROFILE_BYTES = 4 * 1024 * 1024
_MODES_OF_PROFILES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}

# The largest take seconds and up to 600 MB to decode: two at a time do, two more wait, and the rest of a process's
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
            profile = image.info.get("icc_profile") or b""
            small = _shrink(image)
    except InvalidInput:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(field) from None
    except Exception as error:
        # The readers of the formats raise whatever a hostile file makes them stumble over.
        log.info("picture_refused", error=type(error).__name__)
        sentence = "This is no picture that can be read: use a whole JPEG, PNG, WebP or GIF."
        raise InvalidInput(sentence, fields={field: [sentence]}) from error
    small.thumbnail((SIDE, SIDE), reducing_gap=3.0)
    flat = _as_srgb(small, profile)
    return flat if turn is None else flat.transpose(turn)


def _check_size(image: Image.Image, field: str) -> None:
    """Before anything is decoded: the header says how large it would become."""
    most = MOST_PIXELS_OF_WEBP if image.format == "WEBP" else MOST_PIXELS
    if image.width * image.height > most:
        raise _too_many_pixels(field, most)
    if max(image.size) > LONGEST_SIDE:
        sentence = f"A picture may have {LONGEST_SIDE:,} pixels a side at most."
        raise InvalidInput(sentence, fields={field: [sentence]})


def _too_many_pixels(field: str, most: int = MOST_PIXELS) -> InvalidInput:
    sentence = f"A picture may have {most // 1_000_000} million pixels at most."
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


def _shrink(image: Image.Image) -> Image.Image:
    """The picture in L, RGB or CMYK, on white where one could see through it; large ones of some 2 × SIDE.

    A few rows at a time: in another mode the largest would be in memory twice.
    """
    factor = max(image.size) // (2 * SIDE)
    if factor <= 1:
        return _flatten(image)
    small: Image.Image | None = None
    for top, band in _bands(image, factor):
        rows = _flatten(band).reduce(factor)
        if small is None:
            small = Image.new(rows.mode, (rows.width, -(-image.height // factor)))
        small.paste(rows, (0, top // factor))
    assert small is not None, "no picture is without rows"
    return small


def _bands(image: Image.Image, factor: int) -> Iterator[tuple[int, Image.Image]]:
    height = BAND * factor
    for top in range(0, image.height, height):
        yield top, image.crop((0, top, image.width, min(top + height, image.height)))


def _flatten(image: Image.Image) -> Image.Image:
    """In L, RGB or CMYK, as its colours are told; on white where one could see through it."""
    if image.has_transparency_data:
        seen = image if image.mode == "RGBA" else image.convert("RGBA")
        flat = Image.new("RGB", seen.size, WHITE)
        flat.paste(seen, mask=seen)
        return flat if image.mode in {"P", "RGB", "RGBA"} else flat.convert("L")
    if image.mode.startswith("I;16"):
        # Pillow would cut the upper half of the tones off.
        return image.point(lambda tone: tone / 256, "L")
    if image.mode in {"L", "RGB", "CMYK"}:
        return image
    return image.convert("L" if image.mode in {"1", "LA"} else "RGB")


def _as_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The same colours without the profile that they were told by, and nothing besides the pixels.

    A profile that is broken, or of other colours than the picture has, counts as none.
    """
    flat = image
    if profile and len(profile) <= MOST_PROFILE_BYTES:
        flat = _told_by(image, profile)
    if flat.mode != "RGB":
        flat = flat.convert("RGB")
    # Comments and the like would go along into the new file.
    flat.info = {}
    return flat


def _told_by(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        if _MODES_OF_PROFILES.get(source.profile.xcolor_space.strip()) != image.mode:
            return image
        told = ImageCms.profileToProfile(image, source, _srgb(), ImageCms.Intent.RELATIVE_COLORIMETRIC, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        log.info("profile_ignored", error=type(error).__name__)
        return image
    return image if told is None else told


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _encode(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, progressive=True)
    return out.getvalue()
