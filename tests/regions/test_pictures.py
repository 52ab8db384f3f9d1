"""Pictures as they are kept: upright, no larger than needed, and telling nothing but what they show."""

import io
import zlib

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, PngImagePlugin

from regions.models import StoredFile
from regions.services import open_file, store_file
from tests.regions.factories import RegionFactory

pytestmark = pytest.mark.django_db

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
SECRETS = (b"Mallikas", b"GPS", b"http://ns.adobe.com")


def photograph(format="JPEG", size=(60, 40), *, orientation=None, mode="RGB", secret=True, **options):
    """Red on the left, blue on the right; with the notes that a camera or an editor writes."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    image = image.convert(mode)
    exif = image.getexif()
    if secret:
        exif[0x013B] = "Matti Mallikas"  # the artist
        exif.get_ifd(0x8825)[29] = "GPS 2026"
    if orientation:
        exif[0x0112] = orientation
    if format in {"JPEG", "WEBP", "PNG"}:
        options["exif"] = exif
    if secret and format == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Author", "Matti Mallikas")
    if secret and format in {"JPEG", "GIF"}:
        options["comment"] = "Matti Mallikas"
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def keep(content):
    stored = store_file(RegionFactory(), name="kuva", content=content, by=None)
    with open_file(stored) as stream:
        return stored, stream.read()


def colours(content):
    """What stands in the four corners, roughly: r or b."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    right, bottom = image.width - 2, image.height - 2
    return "".join(
        "r" if image.getpixel(place)[0] > 128 else "b" for place in ((1, 1), (right, 1), (1, bottom), (right, bottom))
    )


@pytest.mark.parametrize("format", sorted(TYPES))
@pytest.mark.parametrize("size", [(60, 40), (3000, 1500)])
def test_picture_keeps_its_format_and_loses_what_it_tells(format, size):
    content = photograph(format, size)
    if format != "GIF":
        assert any(secret in content for secret in SECRETS)
    stored, kept = keep(content)
    image = Image.open(io.BytesIO(kept))
    assert (image.format, stored.content_type) == (format, TYPES[format])
    assert image.size == ((60, 40) if size == (60, 40) else (2400, 1200))
    assert not any(secret in kept for secret in SECRETS)
    assert dict(image.getexif()) == {}
    assert colours(kept) == "rbrb"
    assert (stored.size, keep(kept)[1]) == (len(kept), kept)  # what was settled stays as it is


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(60, 40), (3000, 1500)])
def test_picture_is_turned_as_the_camera_was_held(format, size):
    _stored, kept = keep(photograph(format, size, orientation=6))
    image = Image.open(io.BytesIO(kept))
    assert image.width < image.height
    assert dict(image.getexif()) == {}
    assert colours(kept) == "rrbb"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(60, 40), (3000, 1500)])
def test_odd_notes_of_a_camera_are_no_obstacle(format, size):
    """The width is told as words, which cannot be written again as the number that it should be."""
    odd = bytes.fromhex(
        "4578696600004d4d002a00000008" + "0002" + "010000020000000461620000" + "011200030000000100060000"
    )
    content = photograph(format, size, secret=False)
    image = Image.open(io.BytesIO(content))
    out = io.BytesIO()
    image.save(out, format, exif=odd + b"\0\0\0\0")
    _stored, kept = keep(out.getvalue())
    assert colours(kept) == "rrbb"
    assert dict(Image.open(io.BytesIO(kept)).getexif()) == {}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF"])
def test_picture_without_notes_keeps_its_bytes(format):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, format)
    assert keep(out.getvalue())[1] == out.getvalue()


def test_what_hangs_behind_a_picture_goes():
    bare = keep(photograph())[1]
    film = bare + b"\x00\x00\x00\x18ftypmp42 Mallikas"
    assert keep(film)[1].endswith(b"\xff\xd9")
    assert b"Mallikas" not in keep(film)[1]
    drawing = keep(photograph("PNG"))[1]
    assert keep(drawing + b"Mallikas")[1] == drawing


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "1", "I;16"])
def test_drawing_of_any_colours_is_made_smaller(mode):
    image = Image.new("L", (3000, 300), 255) if mode == "I;16" else Image.new("RGB", (3000, 300), "white")
    image = (
        image.convert("I").point(lambda value: value * 256).convert("I;16") if mode == "I;16" else image.convert(mode)
    )
    out = io.BytesIO()
    image.save(out, "PNG")
    _stored, kept = keep(out.getvalue())
    small = Image.open(io.BytesIO(kept))
    assert small.size == (2400, 240)
    assert small.convert("L").getpixel((5, 5)) > 250


def test_transparent_drawing_stays_transparent():
    out = io.BytesIO()
    Image.new("RGBA", (3000, 300), (255, 0, 0, 0)).quantize().save(out, "PNG")
    kept = Image.open(io.BytesIO(keep(out.getvalue())[1]))
    assert kept.convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_of_a_moving_picture_the_first_frame_is_kept(format):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, format, save_all=True, append_images=frames[1:], duration=100, loop=0)
    kept = keep(out.getvalue())[1]
    assert getattr(Image.open(io.BytesIO(kept)), "n_frames", 1) == 1
    assert colours(kept) == "rrrr"


def bomb(width, height):
    """A PNG of a few bytes whose head promises any number of pixels."""
    content = bytearray(photograph("PNG", (2, 2), secret=False))
    content[16:24] = width.to_bytes(4) + height.to_bytes(4)
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4)
    return bytes(content)


@pytest.mark.parametrize("size", [(10_000, 8_900), (60_000, 60_000)])
def test_picture_above_the_limit_is_refused_by_its_head(size, monkeypatch):
    content = bomb(*size)
    monkeypatch.setattr(Image.Image, "load", lambda *args: pytest.fail("was unpacked"))
    with pytest.raises(ValidationError) as refused:
        store_file(RegionFactory(), name="ilmakuva.png", content=content, by=None)
    assert refused.value.code == "too_many_pixels"
    assert "ilmakuva.png" in refused.value.messages[0]
    assert not StoredFile.objects.exists()


def test_limit_of_pixels_is_a_setting(settings):
    content = photograph("PNG", (60, 40))
    settings.PICTURE_MAX_PIXELS = 60 * 40
    keep(content)
    settings.PICTURE_MAX_PIXELS -= 1
    with pytest.raises(ValidationError):
        keep(content)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(400, 400), (3000, 1500)])
def test_picture_that_breaks_off_is_refused(format, size):
    content = photograph(format, size, secret=False)
    with pytest.raises(ValidationError) as refused:
        keep(content[: len(content) // 2])
    assert refused.value.code == "broken_image"
