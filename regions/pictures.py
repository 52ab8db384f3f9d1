"""Pictures as they are kept: of a size that a page and a print can use, and without what a camera wrote into them.

A camera notes the place, the time and its owner; none of it belongs into a plan that anyone may read. What needs no
change keeps its bytes, so a picture that comes back from a file of ours is known again by its SHA-256.
"""

import io
import re
import struct
import warnings
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image

from regions.files import GIF, JPEG, PNG, WEBP

_FORMATS = {PNG: "PNG", JPEG: "JPEG", WEBP: "WEBP", GIF: "GIF"}
_ORIENTATION = 0x0112
# How a picture is turned upright, by the camera's note of how it was held. Not by Pillow's own function: that writes
# the other notes anew, which fails where one of them is odd.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What draws the picture or says how its colours are meant; everything else tells of something outside it.
_PNG_CHUNKS = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"iCCP",
    b"sBIT",
    b"bKGD",
    b"pHYs",
}
_WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"}
# JPEG: application segments of JFIF, of the colour profile and of Adobe's colour transform.
_JPEG_SEGMENTS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_END_OF_JPEG = re.compile(rb"\xff\xd9")


def settled_picture(content: bytes, content_type: str, *, name: str) -> bytes:
    """The picture as it is kept, in its own format: upright, at most PICTURE_LONGEST_SIDE pixels on its longer side,
    without metadata; of a moving one the first frame, as it is printed.

    The size in the head is looked at before anything is unpacked. Raises ValidationError (`too_many_pixels`,
    `broken_image`). Settling what was settled changes nothing.
    """
    try:
        with warnings.catch_warnings():
            # Our own limit speaks, in words; Pillow would only warn at its own.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[_FORMATS[content_type]]) as image:
                if image.width * image.height > settings.PICTURE_MAX_PIXELS:
                    raise _too_many_pixels(name)
                if _breaks_off(content, content_type):
                    raise ValueError("The file ends before the picture does.")
                return _settled(image, content, content_type)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name) from error
    # Pillow raises all of these for what is not well formed.
    except (OSError, EOFError, SyntaxError, ValueError, IndexError, struct.error) as error:
        raise ValidationError(_("This picture cannot be read."), code="broken_image") from error


def _too_many_pixels(name: str) -> ValidationError:
    return ValidationError(
        _(
            "The picture “%(name)s” has too many pixels: it may have at most %(limit)d million. "
            "Make it smaller and bring it again."
        ),
        code="too_many_pixels",
        params={"name": name, "limit": settings.PICTURE_MAX_PIXELS // 1_000_000},
    )


def _settled(image: Image.Image, content: bytes, content_type: str) -> bytes:
    limit = settings.PICTURE_LONGEST_SIDE
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    if max(image.size) <= limit and turn is None:
        if _is_bare(image, content, content_type):
            image.load()  # what cannot be read is refused now and not when it is printed
            return content
        if content_type == PNG and not getattr(image, "is_animated", False):
            image.load()
            return _bare_png(content)
    icc = image.info.get("icc_profile")
    kept_quality: dict[str, Any] = {}
    if content_type == JPEG:
        # The decoder halves a far too large photograph on the way, which spares most of the memory.
        image.draft(image.mode, (limit, limit))
        kept_quality = {"quality": "keep"} if max(image.size) <= limit and turn is None else {"quality": 88}
    lossless = content_type == WEBP and b"VP8L" in content[:64]
    image.load()
    drawn: Image.Image = image
    if max(image.size) > limit:
        drawn = _in_full_colours(image)
        drawn.thumbnail((limit, limit), Image.Resampling.LANCZOS)
    if turn is not None:
        drawn = drawn.transpose(turn)
    if content_type == GIF:
        drawn = drawn.copy()
    for key in ("comment", "exif", "xmp", "XML:com.adobe.xmp", "extension", "duration", "loop", "background"):
        drawn.info.pop(key, None)
    out = io.BytesIO()
    options: dict[str, Any] = {
        JPEG: kept_quality,
        PNG: {"optimize": False},
        WEBP: {"lossless": True} if lossless else {"quality": 88},
        GIF: {},
    }[content_type]
    if icc:
        options = {**options, "icc_profile": icc}
    drawn.save(out, _FORMATS[content_type], exif=b"", save_all=False, **options)
    made = out.getvalue()
    return _bare_png(made) if content_type == PNG else made


def _in_full_colours(image: Image.Image) -> Image.Image:
    """Colours that can be mixed: a palette's numbers cannot, nor can sixteen bits everywhere."""
    if image.mode in {"L", "RGB", "RGBA", "LA", "CMYK"}:
        return image.copy()
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA" if "transparency" in image.info or "A" in image.mode else "RGB")


def _breaks_off(content: bytes, content_type: str) -> bool:
    """Told here, because the printing engine lets Pillow fill up with grey what is missing."""
    ends = {PNG: b"IEND", JPEG: b"\xff\xd9"}
    return content_type in ends and ends[content_type] not in content


# --- Is there anything but the picture? -----------------------------------------------------------------


def _is_bare(image: Image.Image, content: bytes, content_type: str) -> bool:
    if getattr(image, "is_animated", False):
        return False
    if content_type == PNG:
        return _bare_png(content) == content
    if content_type == JPEG:
        return _is_bare_jpeg(content)
    if content_type == WEBP:
        return _is_bare_webp(content)
    return not {"comment", "extension"} & set(image.info) and content.endswith(b";")


def _bare_png(content: bytes) -> bytes:
    """The file without the chunks that tell of anything but the picture, and without what stands behind its end."""
    kept, place = [content[:8]], 8
    while place + 12 <= len(content):
        size, kind = int.from_bytes(content[place : place + 4]), content[place + 4 : place + 8]
        if kind in _PNG_CHUNKS:
            kept.append(content[place : place + 12 + size])
        if kind == b"IEND":
            break
        place += 12 + size
    return b"".join(kept)


def _is_bare_jpeg(content: bytes) -> bool:
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker, size = content[place + 1], int.from_bytes(content[place + 2 : place + 4])
        if marker == 0xDA:  # the picture itself: nothing may follow its end (phones hang films and second pictures on)
            end = _END_OF_JPEG.search(content, place)
            return end is not None and end.end() == len(content)
        if marker == 0xFE:  # a comment
            return False
        if 0xE0 <= marker <= 0xEF:
            signature = _JPEG_SEGMENTS.get(marker)
            if signature is None or not content.startswith(signature, place + 4):
                return False
        place += 2 + size
    return False


def _is_bare_webp(content: bytes) -> bool:
    place = 12
    while place + 8 <= len(content):
        if content[place : place + 4] not in _WEBP_CHUNKS:
            return False
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
    return place == len(content)
