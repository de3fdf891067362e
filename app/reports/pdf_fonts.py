"""The Chinese font of our PDFs, and what happens to a character that it lacks."""

import threading
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.reports.text import clean

FOLDER = Path(__file__).parent / "fonts"
REGULAR, BOLD = "NotoSansSC", "NotoSansSC-Bold"
FILES = {REGULAR: "NotoSansSC_400Regular.ttf", BOLD: "NotoSansSC_700Bold.ttf"}
# The printers' sign for a sort that is missing. A missing glyph would vanish without a trace.
MISSING = "〓"
_lock = threading.Lock()


@cache
def _registered() -> dict[str, frozenset[int]]:
    glyphs = {}
    for name, file in FILES.items():
        font = TTFont(name, FOLDER / file)
        pdfmetrics.registerFont(font)
        glyphs[name] = frozenset(font.face.charToGlyph)
    for bold in (0, 1):
        for italic in (0, 1):
            addMapping(REGULAR, bold, italic, BOLD if bold else REGULAR)
    return glyphs


def register() -> None:
    """Load both cuts once a process (0.4 s)."""
    with _lock:
        _registered()


def drawable(text: str) -> str:
    """The text with a visible sign in the place of each character that the font lacks."""
    register()
    known = _registered()[REGULAR]
    return "".join(
        letter if ord(letter) in known or letter == "\n" else MISSING
        for letter in clean(text).replace("\t", " ")
    )


def markup(text: str) -> str:
    """The text for a Paragraph: drawable, its markup inert, its line breaks kept."""
    return escape(drawable(text)).replace("\n", "<br/>")
