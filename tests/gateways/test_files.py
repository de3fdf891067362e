"""Uploads by content: pictures that lie, bombs, cut-off files, and what a thumbnail keeps."""

import hashlib
import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from app.domain.errors import InvalidInput
from app.gateways.files import MAX_IMAGE_BYTES, MAX_VIDEO_BYTES, check_upload, make_thumbnail

ORIENTATION, GPS = 0x0112, 0x8825
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 64


def picture(image_format: str, size: tuple[int, int] = (600, 400), **options: object) -> bytes:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()


def rotated(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[GPS] = {1: "N", 2: (23.0, 7.0, 48.0)}
    return picture("JPEG", exif=exif)


def png_claiming(width: int, height: int) -> bytes:
    """A few hundred bytes that say they are width x height, as a bomb does."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 10_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def colour(image: Image.Image, at: tuple[int, int]) -> str:
    pixel = image.getpixel(at)
    assert isinstance(pixel, tuple)
    return {(True, False): "red", (False, True): "blue"}[pixel[0] > 200, pixel[2] > 200]


def reason(data: bytes, check: Callable[[bytes], object] = check_upload) -> str:
    with pytest.raises(InvalidInput) as refused:
        check(data)
    found: str = refused.value.details["reason"]
    return found


@pytest.mark.parametrize(
    ("image_format", "mime"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")],
)
def test_a_picture_is_known_by_its_content(image_format: str, mime: str) -> None:
    data = picture(image_format)

    checked = check_upload(data)

    assert (checked.kind, checked.mime) == ("image", mime)
    assert (checked.width, checked.height, checked.size) == (600, 400, len(data))
    assert checked.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_as_a_person_sees_it(orientation: int) -> None:
    checked = check_upload(rotated(orientation))

    upright = (600, 400) if orientation < 5 else (400, 600)
    assert (checked.width, checked.height) == upright


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7\n",
        b"GIF89a" + b"\x00" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ" + b"\x00" * 100,
        b"PK\x03\x04" + b"\x00" * 100,
        b"x",
    ],
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(data: bytes) -> None:
    assert reason(data) == "unsupported_type"


def test_nothing_is_refused() -> None:
    assert reason(b"") == "empty"


def test_a_picture_of_40_megapixels_is_the_largest() -> None:
    assert reason(png_claiming(8_000, 5_001)) == "too_many_pixels"
    assert reason(png_claiming(8_000, 5_000)) == "broken_image"  # the claim was a lie


@pytest.mark.parametrize("side", [10_000, 20_000, 60_000])
def test_a_bomb_is_refused_by_its_head(side: int) -> None:
    assert reason(png_claiming(side, side)) == "too_many_pixels"
    assert reason(png_claiming(side, side), make_thumbnail) == "too_many_pixels"


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_a_cut_off_picture_is_refused(image_format: str) -> None:
    data = picture(image_format, (64, 64))

    assert reason(data[: len(data) * 2 // 3]) == "broken_image"
    assert reason(data[:40]) == "broken_image"


def test_a_photo_whose_upload_broke_off_is_refused() -> None:
    out = io.BytesIO()
    Image.effect_noise((600, 400), 80).save(out, "JPEG")

    assert reason(out.getvalue()[: len(out.getvalue()) // 2]) == "broken_image"


def test_a_png_without_its_end_is_refused() -> None:
    assert reason(picture("PNG")[:-6]) == "broken_image"


def test_a_picture_with_another_head_is_refused() -> None:
    assert reason(b"\xff\xd8\xff\xe0" + picture("PNG")) == "broken_image"


def test_too_many_bytes_are_refused() -> None:
    data = picture("JPEG")

    assert check_upload(data + b"\x00" * (MAX_IMAGE_BYTES - len(data))).size == MAX_IMAGE_BYTES
    assert reason(data + b"\x00" * (MAX_IMAGE_BYTES - len(data) + 1)) == "too_large"


def test_a_video_is_taken_only_where_it_is_wanted() -> None:
    assert reason(MP4) == "unsupported_type"

    checked = check_upload(MP4, allow_video=True)

    assert (checked.kind, checked.mime, checked.width) == ("video", "video/mp4", None)
    too_long = MP4 + b"\x00" * (MAX_VIDEO_BYTES - len(MP4) + 1)
    assert reason(too_long, lambda data: check_upload(data, allow_video=True)) == "too_large"


def test_a_thumbnail_is_upright_small_and_tells_no_place() -> None:
    data = rotated(6)  # taken with the phone on its side: turn right to see it
    with Image.open(io.BytesIO(data)) as original:
        assert GPS in original.getexif()

    with Image.open(io.BytesIO(make_thumbnail(data))) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (213, 320))
        assert dict(thumbnail.getexif()) == {}
        assert "exif" not in thumbnail.info
        assert colour(thumbnail, (100, 40)) == "red"
        assert colour(thumbnail, (100, 280)) == "blue"


def test_a_small_picture_is_not_blown_up() -> None:
    with Image.open(io.BytesIO(make_thumbnail(picture("PNG", (20, 10))))) as thumbnail:
        assert thumbnail.size == (20, 10)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_png_of_any_kind_has_a_thumbnail(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (640, 320)).save(out, "PNG")

    with Image.open(io.BytesIO(make_thumbnail(out.getvalue()))) as thumbnail:
        assert (thumbnail.mode, thumbnail.size) == ("RGB", (320, 160))


def test_what_is_transparent_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(out, "PNG")

    with Image.open(io.BytesIO(make_thumbnail(out.getvalue()))) as thumbnail:
        assert thumbnail.getpixel((5, 5)) == (255, 255, 255)


def test_a_print_shops_jpeg_has_a_thumbnail_too() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (640, 320)).save(out, "JPEG")

    assert check_upload(out.getvalue()).mime == "image/jpeg"
    with Image.open(io.BytesIO(make_thumbnail(out.getvalue()))) as thumbnail:
        assert thumbnail.mode == "RGB"
