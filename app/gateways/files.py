"""Uploads are judged by their content, never by their name or by what the browser says."""

import hashlib
import io
import struct
from dataclasses import dataclass
from typing import Any, Literal

import filetype
from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps

from app.domain.errors import InvalidInput

FileKind = Literal["image", "video"]
THUMBNAIL_PIXELS = 320
MAX_PIXELS = 40_000_000
MAX_IMAGE_BYTES = 10 * 1024 * 1024
MAX_VIDEO_BYTES = 50 * 1024 * 1024

_IMAGE_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_VIDEO = "video/mp4"
_MESSAGES = {
    "empty": _l("The file is empty."),
    "too_large": _l("The file is too large."),
    "unsupported_type": _l("Only JPEG, PNG and WebP pictures or MP4 videos can be uploaded."),
    "no_picture": _l("Only JPEG, PNG and WebP pictures can be uploaded."),
    "broken_image": _l("The picture is damaged."),
    "too_many_pixels": _l("The picture has too many pixels."),
}
_ORIENTATION_TAG = 0x0112
# What Pillow's readers raise on damaged input.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error)
_SIDEWAYS = {5, 6, 7, 8}  # EXIF orientations that swap width and height


@dataclass(frozen=True)
class CheckedFile:
    """width and height are as a person sees it (EXIF orientation applied); None for a video."""

    kind: FileKind
    mime: str
    width: int | None
    height: int | None
    size: int
    sha256: str


def check_upload(data: bytes, *, allow_video: bool = False) -> CheckedFile:
    """Raises InvalidInput; details["reason"] is one of
    empty, too_large, unsupported_type, broken_image, too_many_pixels.
    """
    if not data:
        raise _refused("empty")
    mime = filetype.guess_mime(data)
    if mime in _IMAGE_FORMATS:
        return _checked_image(data, mime)
    if mime == _VIDEO and allow_video:
        return _checked_video(data)
    if not allow_video:
        raise InvalidInput(_MESSAGES["no_picture"], reason="unsupported_type", found=mime)
    raise _refused("unsupported_type", found=mime)


def make_thumbnail(data: bytes, pixels: int = THUMBNAIL_PIXELS) -> bytes:
    """A JPEG of at most so many pixels a side, upright, without any metadata, of an image that was
    checked.
    """
    box = (pixels, pixels)
    with _opened(data, list(_IMAGE_FORMATS.values())) as image:
        try:
            image.thumbnail(box)
            return _bare_jpeg(ImageOps.exif_transpose(image))
        except _BROKEN as exc:
            raise _refused("broken_image") from exc


def _checked_image(data: bytes, mime: str) -> CheckedFile:
    if len(data) > MAX_IMAGE_BYTES:
        raise _refused("too_large", limit_bytes=MAX_IMAGE_BYTES)
    width, height = _decoded_size(data, _IMAGE_FORMATS[mime])
    return _checked("image", mime, data, width, height)


def _decoded_size(data: bytes, image_format: str) -> tuple[int, int]:
    try:
        # verify() checks sums but misses a cut-off end; load() finds it. Each needs a fresh image.
        with _opened(data, [image_format]) as image:
            image.verify()
        with _opened(data, [image_format]) as image:
            image.load()
            sideways = image.getexif().get(_ORIENTATION_TAG) in _SIDEWAYS
            return (image.height, image.width) if sideways else (image.width, image.height)
    except _BROKEN as exc:
        raise _refused("broken_image") from exc


def _checked_video(data: bytes) -> CheckedFile:
    if len(data) > MAX_VIDEO_BYTES:
        raise _refused("too_large", limit_bytes=MAX_VIDEO_BYTES)
    return _checked("video", _VIDEO, data, None, None)


def _opened(data: bytes, formats: list[str]) -> Image.Image:
    """Open without decoding; the size is read from the head, so a bomb never unfolds."""
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise _refused("too_many_pixels", limit=MAX_PIXELS) from exc
    except _BROKEN as exc:
        raise _refused("broken_image") from exc
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise _refused("too_many_pixels", limit=MAX_PIXELS)
    return image


def _bare_jpeg(image: Image.Image) -> bytes:
    """Pixels only, on white where they were transparent: no EXIF, no place, no profile."""
    canvas = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        canvas.paste(rgba, mask=rgba.getchannel("A"))
    else:
        canvas.paste(image.convert("RGB"))
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=80)
    return out.getvalue()


def _checked(
    kind: FileKind, mime: str, data: bytes, width: int | None, height: int | None
) -> CheckedFile:
    digest = hashlib.sha256(data).hexdigest()
    return CheckedFile(kind, mime, width, height, len(data), digest)


def _refused(reason: str, **details: Any) -> InvalidInput:
    return InvalidInput(_MESSAGES[reason], reason=reason, **details)
