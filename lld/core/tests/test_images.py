"""Pictures of people who mean no harm come out small, upright and without a past; hostile files come to nothing."""

import io
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from PIL.ExifTags import IFD, Base

from lld.core import images
from lld.core.errors import InvalidInput, Overloaded, TooLarge
from lld.core.images import MOST_BYTES, SIDE, read_picture
from tests import pictures
from tests.pictures import picture

PROJECT = Path(__file__).resolve().parents[3]
SECRET = b"<script>alert(1)</script>"


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return isinstance(pixel, tuple) and all(abs(a - b) < 12 for a, b in zip(pixel, colour, strict=True))


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_kind_is_told_by_content(kind: str) -> None:
    made = read_picture(picture(1, kind=kind))
    image = opened(made.jpeg)
    assert (image.format, image.size, (made.width, made.height)) == ("JPEG", (40, 30), (40, 30))
    assert image.info.get("progressive") == 1
    assert opened(made.thumbnail).size == (40, 30)


def test_name_is_the_same_for_the_same_picture() -> None:
    assert read_picture(picture(1)).name == read_picture(io.BytesIO(picture(1, kind="PNG", compress_level=1))).name
    assert read_picture(picture(1)).name != read_picture(picture(2)).name
    assert len(read_picture(picture(1)).name) == 32


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_large_pictures_are_made_small(kind: str) -> None:
    made = read_picture(picture(size=(5000, 2500), kind=kind))
    assert opened(made.jpeg).size == (SIDE, SIDE // 2)
    assert opened(made.thumbnail).size == (320, 160)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_exif_is_applied(orientation: int) -> None:
    upright = Image.new("RGB", (60, 40), "white")
    ImageDraw.Draw(upright).rectangle((0, 0, 20, 15), fill="red")
    turns = Image.Transpose
    turned = {
        2: turns.FLIP_LEFT_RIGHT, 3: turns.ROTATE_180, 4: turns.FLIP_TOP_BOTTOM, 5: turns.TRANSPOSE,
        6: turns.ROTATE_90, 7: turns.TRANSVERSE, 8: turns.ROTATE_270,
    }  # fmt: skip
    held = upright if orientation == 1 else upright.transpose(turned[orientation])
    exif = Image.Exif()
    exif[Base.Orientation] = orientation

    image = opened(read_picture(saved(held, "JPEG", exif=exif, quality=95)).jpeg)

    assert image.size == (60, 40)
    assert near(image.getpixel((5, 5)), (255, 0, 0))
    assert near(image.getpixel((55, 35)), (255, 255, 255))


def test_metadata_is_removed() -> None:
    exif = Image.Exif()
    exif[Base.Artist] = "Maria Lopez"
    exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: (41.0, 52.0, 55.0)})
    told = saved(
        Image.new("RGB", (50, 50), "blue"), "JPEG", exif=exif, comment=SECRET, dpi=(300, 300), icc_profile=b"x" * 200
    )
    assert b"Maria" in told

    made = read_picture(told)
    for jpeg in (made.jpeg, made.thumbnail):
        image = opened(jpeg)
        assert dict(image.getexif()) == {}
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert not any(word in jpeg for word in (b"Maria", b"script", b"Exif", b"ICC_PROFILE"))


@pytest.mark.filterwarnings("ignore")  # Pillow warns of it
def test_broken_metadata_does_not_matter() -> None:
    plain = picture(kind="JPEG")
    broken = plain[:2] + b"\xff\xe1\x00\x10Exif\0\0II*\0\xff\xff\xff\xff" + plain[2:]
    assert read_picture(broken).width == 40


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 19, 39), fill=(0, 0, 0, 255))
    flat = opened(read_picture(saved(image.convert(mode))).jpeg)
    assert near(flat.getpixel((5, 20)), (0, 0, 0))
    assert near(flat.getpixel((35, 20)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "CMYK"])
def test_colour_modes_keep_their_colour(mode: str) -> None:
    grey = Image.new("L", (40, 40), 128)
    image = Image.new("I;16", (40, 40), 128 * 256) if mode == "I;16" else grey.convert("RGB").convert(mode)
    middle = opened(read_picture(saved(image, "JPEG" if mode == "CMYK" else "PNG")).jpeg).resize((1, 1))
    assert near(middle.getpixel((0, 0)), (128, 128, 128))


def test_polyglot_file_loses_its_script() -> None:
    for polyglot in (
        picture() + SECRET,
        pictures.png_with(b"tEXt", b"Comment\0" + SECRET),
        picture(kind="GIF", comment=SECRET),
        picture(kind="JPEG") + SECRET,
    ):
        assert SECRET in polyglot

        made = read_picture(polyglot)
        assert b"script" not in made.jpeg + made.thumbnail


NO_PICTURES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "words": lambda: b"This is no picture.",
    "html": lambda: b"<!doctype html><html><body>" + SECRET,
    "html behind a PNG's first bytes": lambda: b"\x89PNG\r\n\x1a\n" + SECRET * 20,
    "html behind a JPEG's first bytes": lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + SECRET * 20,
    "html behind a GIF's first bytes": lambda: b"GIF89a" + SECRET * 20,
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "pdf": lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "tiff": lambda: picture(kind="TIFF"),
    "bmp": lambda: picture(kind="BMP"),
    "ico": lambda: picture(kind="ICO"),
    "zip": lambda: b"PK\x03\x04" + b"\0" * 200,
    "a bomb of a PNG": pictures.png_bomb,
    "a WebP that says it is huge": lambda: pictures.webp_of_size(16_000, 16_000),
    "a GIF that says it is huge": lambda: b"GIF89a\xff\xff\xff\xff\x00\x00\x00" + picture(kind="GIF")[13:],
    "66 million pixels": lambda: saved(Image.new("1", (8200, 8049))),
    "41 million pixels of WebP": lambda: pictures.webp_of_size(8200, 5000),
    "100 million pixels": lambda: saved(Image.new("1", (10_000, 10_000))),
    "a PNG without a size": lambda: pictures.png_bomb()[:8] + pictures.chunk(b"IHDR", b"\0" * 13),
    "words that unpack without end": lambda: pictures.png_with(b"zTXt", b"k\0\0" + zlib.compress(b"\0" * 50_000_000)),
    "a JPEG in hundreds of passes": pictures.many_passes,
}


@pytest.mark.parametrize("what", NO_PICTURES)
def test_files_other_than_pictures_are_refused(what: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_picture(NO_PICTURES[what](), field="front")
    assert set(refused.value.fields or {}) == {"front"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_broken_files_are_invalid_input(kind: str) -> None:
    noise = Image.effect_noise((200, 150), 90).convert("RGB")
    whole = saved(noise, kind)

    for end in (1, 5, 12, 20, 40, 100, len(whole) // 2, len(whole) * 3 // 4):
        with pytest.raises(InvalidInput):
            read_picture(whole[:end])
    for place in range(0, len(whole), max(1, len(whole) // 150)):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        try:
            assert read_picture(bytes(broken)).jpeg.startswith(b"\xff\xd8")
        except InvalidInput:
            continue


def test_animation_is_its_first_frame() -> None:
    bomb = pictures.gif_bomb()
    assert len(bomb) < MOST_BYTES
    began = time.perf_counter()
    assert read_picture(bomb).width == SIDE
    assert time.perf_counter() - began < 3


def test_oversized_file_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read_picture(picture() + b"\0" * MOST_BYTES)


def test_decompression_bombs_take_no_memory() -> None:
    """In a process of its own: Pillow's pixels are nothing that Python counts."""
    program = """
import resource, sys
from lld.core.errors import InvalidInput
from lld.core.images import read_picture
from tests import pictures
from tests.pictures import picture
bombs = [pictures.png_bomb(), pictures.webp_of_size(16_000, 16_000), pictures.gif_bomb()]
read_picture(picture())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for bomb in bombs:
    try:
        read_picture(bomb)
    except InvalidInput:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    setup = "import django; django.setup()\n"

    done = subprocess.run([sys.executable, "-c", setup + program], cwd=PROJECT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    scale = 1024 if sys.platform == "darwin" else 1
    assert int(done.stdout) / scale < 60_000  # kilobytes; the bomb would take 900,000


def test_side_longer_than_20000_pixels_is_refused() -> None:
    with pytest.raises(InvalidInput, match="20,000 pixels a side"):
        read_picture(saved(Image.new("L", (1, 20_001))))
    assert read_picture(saved(Image.new("L", (1, 20_000)))).height == SIDE


def test_simultaneous_pictures_leave_most_threads_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twelve, two are decoded, two wait, and eight are told to come again."""
    monkeypatch.setattr(images, "WAIT_SECONDS", 0.1)
    decoded, release = threading.Semaphore(0), threading.Event()
    decode = images._decode

    def slow(*arguments: Any) -> Any:
        decoded.release()
        release.wait(10)
        return decode(*arguments)

    monkeypatch.setattr(images, "_decode", slow)
    outcomes: list[object] = []

    def send() -> None:
        try:
            outcomes.append(read_picture(picture(1)).width)
        except Overloaded as error:
            outcomes.append(error.status)

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        assert decoded.acquire(timeout=10)

    deadline = time.monotonic() + 10
    while len(outcomes) < 8 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert outcomes == [503] * 8

    release.set()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes, key=str) == [40] * 4 + [503] * 8


ADOBE = pictures.rgb_profile((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
GREY_OF_LIGHT = pictures.grey_profile(1.0)
# L 60, a −20, b 20
CMYK = pictures.cmyk_profile((153, 108, 148))


@pytest.mark.parametrize(
    ("mode", "colour", "profile", "seen"),
    [
        ("RGB", (100, 180, 100), ADOBE, (0, 181, 97)),
        ("RGB", (200, 100, 100), ADOBE, (224, 98, 99)),
        ("RGB", (128, 128, 128), ADOBE, (128, 128, 128)),
        ("RGBA", (100, 180, 100, 255), ADOBE, (0, 181, 97)),
        ("L", 128, GREY_OF_LIGHT, (188, 188, 188)),
        ("LA", (128, 255), GREY_OF_LIGHT, (188, 188, 188)),
        ("1", 255, GREY_OF_LIGHT, (255, 255, 255)),
        ("CMYK", (255, 0, 0, 0), CMYK, (117, 154, 108)),
    ],
)
def test_colours_are_kept_when_their_profile_goes(
    mode: str, colour: Any, profile: bytes, seen: tuple[int, int, int]
) -> None:
    told = saved(Image.new(mode, (40, 40), colour), "JPEG" if mode == "CMYK" else "PNG", icc_profile=profile)

    image = opened(read_picture(told).jpeg)

    assert near(image.getpixel((20, 20)), seen), image.getpixel((20, 20))
    assert "icc_profile" not in image.info


def test_palette_is_told_by_its_profile() -> None:
    told = Image.new("RGB", (40, 40), (100, 180, 100)).quantize(4)
    assert near(opened(read_picture(saved(told, icc_profile=ADOBE)).jpeg).getpixel((20, 20)), (0, 181, 97))


@pytest.mark.parametrize(
    "profile",
    [b"x" * 200, ADOBE[:300], GREY_OF_LIGHT, CMYK, ADOBE + b"\0" * images.MOST_PROFILE_BYTES],
    ids=["noise", "half", "grey", "cmyk", "too large"],
)
def test_profile_that_is_broken_or_of_others_counts_as_none(profile: bytes) -> None:
    told = saved(Image.new("RGB", (40, 40), (100, 180, 100)), "JPEG", icc_profile=profile)
    assert near(opened(read_picture(told).jpeg).getpixel((20, 20)), (100, 180, 100))


def test_corrupted_profiles_do_no_harm() -> None:
    for place in range(0, len(ADOBE), 3):
        broken = bytearray(ADOBE)
        broken[place] ^= 0xFF
        told = saved(Image.new("RGB", (8, 8)), icc_profile=bytes(broken))
        assert read_picture(told).width == 8


def test_large_pictures_look_as_they_did_in_bands() -> None:
    """Sizes that no band divides: an edge or a row that is twice there would show."""
    drawn = Image.linear_gradient("L").resize((6500, 4999))
    small = opened(read_picture(saved(Image.merge("RGB", [drawn] * 3), compress_level=1)).jpeg)

    for part in (0.001, 0.25, 0.5, 0.75, 0.999):
        place = int(part * small.height)
        was = drawn.getpixel((3000, int((place + 0.5) / small.height * drawn.height)))
        assert near(small.getpixel((800, place)), (was, was, was))
    assert small.size == (SIDE, round(SIDE * 4999 / 6500))


@pytest.mark.parametrize(("kind", "most_mb"), [("JPEG", 150), ("PNG", 420)])
def test_picture_of_a_48_megapixel_phone_takes_no_more_than_its_pixels(kind: str, most_mb: int) -> None:
    """In a process of its own. A PNG has four bytes a pixel in memory, once; a JPEG is made small as it is read."""
    program = f"""
import io, resource, sys
from PIL import Image
from lld.core.images import read_picture
from tests.pictures import picture
told = picture(size=(8064, 6048), kind="{kind}")
read_picture(picture())
with open("/proc/self/clear_refs", "w") as refs: refs.write("5")
def peak(): return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
before = peak()
assert read_picture(told).width == 1600
print(peak() - before)
"""
    setup = "import django; django.setup()\n"

    done = subprocess.run([sys.executable, "-c", setup + program], cwd=PROJECT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) / 1024 < most_mb
