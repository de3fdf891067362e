"""Drawn photos of the demo: rooms before and after, each stored once and shared; and portraits."""

import io
import random
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app
from PIL import Image, ImageDraw

from app.gateways import files

SIZE = (640, 480)
FLOOR_AT = 330
OF_A_KIND = 4
WALLS = ("#e8e2d4", "#dfe7ea", "#f0e6dc", "#e3e8da")
STAINS = "#8a7a5c"
BACKGROUNDS = ("#dbe7ee", "#e9e4da", "#e3ecdf", "#ece1e6")
UNIFORMS = ("#0f766e", "#1d4e89", "#7a4f9a")
SKINS = ("#f3d3b8", "#eac4a2", "#dfb48f")
HAIR = ("#2b2320", "#3a2c26", "#57524e")


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored photo; the fields are columns of Attachment."""

    storage_key: str
    thumbnail_key: str
    mime: str
    width: int | None
    height: int | None
    size_bytes: int
    sha256: str

    def columns(self) -> dict[str, Any]:
        return asdict(self)


def load_pictures(rng: random.Random) -> dict[str, list[Picture]]:
    """Pictures of each kind of attachment, kept in the application's storage."""
    return {
        kind: [_kept(draw_room(rng, tidy=kind == "after")) for _ in range(OF_A_KIND)]
        for kind in ("before", "after")
    }


def draw_room(rng: random.Random, *, tidy: bool) -> bytes:
    """A JPEG of a wall with a window above a floor, with stains unless it is tidy."""
    image = Image.new("RGB", SIZE, rng.choice(WALLS))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, FLOOR_AT, *SIZE), fill="#b98d5e")
    for x in range(0, SIZE[0], 80):
        pen.line((x, FLOOR_AT, x - 60, SIZE[1]), fill="#a27a4e", width=2)
    left = rng.randint(60, 360)
    pen.rectangle((left, 70, left + 180, 230), fill="#bfe0f2", outline="#ffffff", width=8)
    if tidy:
        pen.polygon([(left, 470), (left + 120, 350), (left + 190, 350), (left + 70, 470)],
                    fill="#d0a778")  # fmt: skip
    else:
        for _ in range(14):
            x, y, r = rng.randint(20, 600), rng.randint(FLOOR_AT, 460), rng.randint(6, 26)
            pen.ellipse((x, y, x + 2 * r, y + r), fill=STAINS)
    return _jpeg(image)


def draw_portrait(rng: random.Random) -> bytes:
    """A JPEG of a drawn face above a uniform, before a plain wall."""
    image = Image.new("RGB", (320, 320), rng.choice(BACKGROUNDS))
    pen = ImageDraw.Draw(image)
    skin, hair = rng.choice(SKINS), rng.choice(HAIR)
    pen.ellipse((40, 232, 280, 420), fill=rng.choice(UNIFORMS))
    pen.ellipse((92, 52, 228, 208), fill=hair)
    if rng.random() < 0.6:
        pen.rectangle((92, 130, 228, rng.randint(200, 250)), fill=hair)
    pen.rectangle((140, 190, 180, 250), fill=skin)
    pen.ellipse((104, 84, 216, 220), fill=skin)
    pen.pieslice((100, 60, 220, 170), 180, 360, fill=hair)
    for x in (136, 176):
        pen.ellipse((x, 142, x + 9, 153), fill="#3b2f2a")
    pen.arc((138, 160, 182, 196), 20, 160, fill="#a8564a", width=4)
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _kept(content: bytes) -> Picture:
    checked = files.check_upload(content)
    storage = current_app.extensions["gateways"].storage
    return Picture(
        storage_key=storage.put(content).key,
        thumbnail_key=storage.put(files.make_thumbnail(content)).key,
        mime=checked.mime,
        width=checked.width,
        height=checked.height,
        size_bytes=checked.size,
        sha256=checked.sha256,
    )
