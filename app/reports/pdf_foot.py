"""The end of a document: who signed, where the seal goes, and the code that proves it."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Table

from app.reports import pdf_fonts as fonts
from app.reports.pdf import INK, QUIET, RULE, SEAL, Document, grid, paragraph, style

QR_SIDE = 25 * mm
QUIET_MODULES = 4
SEAL_SIDE = 34 * mm


class SealArea(Flowable):
    """A dashed ring where the company's seal is stamped."""

    def wrap(self, *_available: float) -> tuple[float, float]:
        return SEAL_SIDE, SEAL_SIDE

    def draw(self) -> None:
        canvas = self.canv
        canvas.setStrokeColor(SEAL)
        canvas.setFillColor(SEAL)
        canvas.setDash(2, 2)
        canvas.circle(SEAL_SIDE / 2, SEAL_SIDE / 2, SEAL_SIDE / 2 - 1)
        canvas.setFont(fonts.REGULAR, 7.5)
        canvas.drawCentredString(
            SEAL_SIDE / 2, SEAL_SIDE / 2 - 3, fonts.drawable(_("Company's seal"))
        )


class QrCode(Flowable):
    """A QR code with its quiet zone. Drawn by hand: a Drawing would name a font of its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.code = QrCodeWidget(text, barLevel="M").qr
        self.code.make()

    def wrap(self, *_available: float) -> tuple[float, float]:
        return QR_SIDE, QR_SIDE

    def draw(self) -> None:
        count = self.code.getModuleCount()
        side = QR_SIDE / (count + 2 * QUIET_MODULES)
        self.canv.setFillColor(INK)
        for row in range(count):
            for col in range(count):
                if self.code.isDark(row, col):
                    x, y = col + QUIET_MODULES, count - 1 - row + QUIET_MODULES
                    # A hair wider than a module, so that no viewer shows seams.
                    self.canv.rect(x * side, y * side, side + 0.05, side + 0.05, stroke=0, fill=1)


def add_foot(document: Document, signatures: Sequence[tuple[str, str]]) -> None:
    """Signatures on the left, the seal, and the QR code on the right."""
    code = [
        QrCode(document.url),
        paragraph(_("Scan to verify"), style(7.5, colour=QUIET, align=TA_CENTER)),
    ]
    seal, code_width = SEAL_SIDE + 10 * mm, QR_SIDE + 2 * mm
    widths = [document.width - seal - code_width, seal, code_width]
    foot = grid(
        [[_signatures(signatures, widths[0]), SealArea(), code]],
        widths,
        [
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("ALIGN", (1, 0), (-1, -1), "CENTER"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ],
    )
    document.parts.append(foot)


def _signatures(signatures: Sequence[tuple[str, str]], width: float) -> Table:
    rows: list[list[Any]] = [
        [
            paragraph(name, style(8.5, colour=QUIET)),
            paragraph(who, style(9, colour=INK)),
        ]
        for name, who in signatures
    ]
    look = [
        ("LINEBELOW", (1, 0), (1, -1), 0.5, RULE),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ]
    heights = [10 * mm] * len(rows)
    return grid(rows, [width * 0.34, width * 0.6], look, rowHeights=heights)
