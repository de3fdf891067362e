"""Uploads are judged by their content, never by their name or by what the browser says."""

from dataclasses import dataclass
from typing import Literal

FileKind = Literal["image", "video"]
THUMBNAIL_PIXELS = 320
MAX_PIXELS = 40_000_000
MAX_IMAGE_BYTES = 10 * 1024 * 1024
MAX_VIDEO_BYTES = 50 * 1024 * 1024


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
    raise NotImplementedError


def make_thumbnail(data: bytes) -> bytes:
    """A JPEG of at most 320 x 320, upright, without any metadata, of an image that was checked."""
    raise NotImplementedError
