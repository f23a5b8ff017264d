"""Pictures from outside: opened carefully, made small, and written anew, so that nothing but the picture is left."""

import io

from PIL import Image, ImageOps
from PIL.Image import Resampling

from tourism.errors import Message, OutOfRangeError

LARGEST_BYTES = 8_000_000
MOST_PIXELS = 40_000_000
LONGEST_SIDE, LARGEST_LOGO, QUALITY = 1280, 400, 80
SMOOTH = ("L", "LA", "RGB", "RGBA")  # modes that shrink well; the others are few colours
FORMATS = ("JPEG", "PNG", "WEBP")


def to_jpeg(content: bytes) -> bytes:
    """Return a picture as a JPEG without any of its metadata, at most 1280 pixels wide or high.

    Raises OutOfRangeError for what is no picture, or too large; its size is looked at before it is unpacked.
    """
    upright = _opened(content, LONGEST_SIDE)
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return written.getvalue()


def _opened(content: bytes, longest_side: int) -> Image.Image:
    """Return a picture upright and small, with its transparency; raises OutOfRangeError."""
    if len(content) > LARGEST_BYTES:
        raise _refused("PHOTO_TOO_LARGE", "A photo has at most {most} MB.", most=LARGEST_BYTES // 1_000_000)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                text = "A photo has at most {most} million pixels."
                raise _refused("PHOTO_TOO_MANY_PIXELS", text, most=MOST_PIXELS // 1_000_000)
            opened.draft("RGB", (longest_side * 2, longest_side * 2))
            # Made small as it is stored, before anything else makes a copy of all its pixels.
            smooth = opened.mode in SMOOTH
            opened.thumbnail((longest_side, longest_side), Resampling.BICUBIC if smooth else Resampling.NEAREST)
            return ImageOps.exif_transpose(opened).convert("RGBA")
    except OutOfRangeError:
        raise
    except Exception as error:  # whatever hostile bytes make of the decoders
        raise _refused("NOT_A_PICTURE", "This is not a JPEG, PNG or WebP picture.") from error


def to_logo(content: bytes) -> bytes:
    """Return a logo as a PNG without any of its metadata, at most 400 pixels wide or high; raises OutOfRangeError.

    An SVG is refused: it may carry scripts, and neither posters nor share pictures could draw all of it.
    """
    if b"<svg" in content[:2000].lower():
        raise OutOfRangeError({"logo": Message("SVG_LOGO", "An SVG may carry scripts. Save the logo as a PNG.")})
    try:
        picture = _opened(content, LARGEST_LOGO)
    except OutOfRangeError as error:
        raise OutOfRangeError({"logo": error.issues["photo"]}) from error
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


def _refused(code: str, text: str, **params: object) -> OutOfRangeError:
    return OutOfRangeError({"photo": Message(code, text, **params)})
