"""What our printed documents share: paper, heading, tables, seal, QR code, page x of y.

document = Document(_("Receipt"), number, kind="receipt", company=..., paper=A5_LANDSCAPE)
document.facts([(_("Payer"), "林*"), ...])
document.table(columns, rows, total)
document.build(target)
"""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from flask_babel import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4, A5, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from app.domain.chinese_amount import chinese_amount
from app.domain.money import yuan
from app.models.base import now
from app.reports import pdf_fonts as fonts
from app.reports.base import Column, Kind
from app.reports.render import shown
from app.reports.text import city_time
from app.reports.verification import verification_url

A4_PORTRAIT, A5_LANDSCAPE = A4, landscape(A5)
INK, QUIET, BRAND = HexColor("#1F2937"), HexColor("#6B7280"), HexColor("#0F5C56")
RULE, PANEL, SEAL = HexColor("#D5DBDB"), HexColor("#F3F6F6"), HexColor("#B91C1C")
MARGIN = 16 * mm
RIGHT: frozenset[Kind] = frozenset({"money_fen", "integer", "percent_bp"})
CENTRE: frozenset[Kind] = frozenset({"date", "instant"})


def style(size: float = 9, *, bold: bool = False, colour: Any = INK, align: int = TA_LEFT) -> Any:
    return ParagraphStyle(
        "text", fontName=fonts.BOLD if bold else fonts.REGULAR, fontSize=size,
        leading=size * 1.4, textColor=colour, alignment=align,
    )  # fmt: skip


def paragraph(text: str, look: Any = None) -> Paragraph:
    """Text that wraps: Chinese between any two characters, English between words."""
    look = look or style()
    if not text.isascii():
        look = ParagraphStyle("chinese", parent=look, wordWrap="CJK")
    return Paragraph(fonts.markup(text), look)


def grid(rows: list[list[Any]], widths: list[float], look: list[Any], **more: Any) -> Table:
    """A table in our font: reportlab would name Helvetica, which is not embedded."""
    font = ("FONTNAME", (0, 0), (-1, -1), fonts.REGULAR)
    return Table(rows, widths, style=[font, *look], **more)


class Document:
    """A document with a number: its parts in order, then `build`."""

    def __init__(
        self, title: str, number: str, *, kind: str, company: str, paper: tuple[float, float]
    ) -> None:
        fonts.register()
        self.title, self.number, self.company = title, number, company
        self.url = verification_url(kind, number)
        self.paper = paper
        self.width = paper[0] - 2 * MARGIN
        self.parts: list[Any] = []
        self._heading()

    def space(self, height_mm: float) -> None:
        self.parts.append(Spacer(1, height_mm * mm))

    def text(self, text: str, look: Any = None) -> None:
        self.parts.append(paragraph(text, look))

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Names and values in two columns on a quiet ground."""
        cells = [self._fact(name, value) for name, value in pairs]
        cells += [["", ""]] * (len(cells) % 2)
        rows = [[*left, *right] for left, right in zip(cells[::2], cells[1::2], strict=True)]
        widths = [self.width * part for part in (0.15, 0.36, 0.15, 0.34)]
        ground = [("BACKGROUND", (0, 0), (-1, -1), PANEL), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        self.parts.append(grid(rows, widths, [*ground, *_padding(3)]))

    def amount(self, fen: int, name: str) -> None:
        """An amount in figures and in words, larger than the rest."""
        large = style(12, bold=True)
        row = [
            paragraph(name, style(8.5, colour=QUIET)),
            paragraph(f"¥{yuan(fen)}", large),
            paragraph(_("In words"), style(8.5, colour=QUIET)),
            paragraph(chinese_amount(fen), large),
        ]
        widths = [self.width * part for part in (0.12, 0.26, 0.08, 0.54)]
        look = [("BOX", (0, 0), (-1, -1), 0.8, BRAND), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        self.parts.append(grid([row], widths, [*look, *_padding(5)]))

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Any]], total: Sequence[Any] = ()
    ) -> None:
        """A table whose header repeats on each page; `width` of a column is its share."""
        all_widths = sum(column.width for column in columns)
        body = [[_cell(c, v) for c, v in zip(columns, row, strict=True)] for row in rows]
        if total:
            body.append([_cell(c, v, bold=True) for c, v in zip(columns, total, strict=True)])
        widths = [self.width * column.width / all_widths for column in columns]
        look = [*_GRID, *(_TOTAL if total else [])]
        head = [_head(column) for column in columns]
        self.parts.append(grid([head, *body], widths, look, repeatRows=1))

    def keep_together(self, since: int) -> None:
        """Keep the parts from number `since` on one page."""
        self.parts[since:] = [KeepTogether(self.parts[since:])]

    def build(self, target: Path | str | IO[bytes]) -> None:
        height = self.paper[1] - 2 * MARGIN
        frame = Frame(MARGIN, MARGIN, self.width, height, 0, 0, 0, 0)
        template = BaseDocTemplate(
            str(target) if isinstance(target, Path) else target,
            pagesize=self.paper, title=f"{self.title} {self.number}", author=self.company,
            lang="zh-CN",
        )  # fmt: skip
        template.addPageTemplates(PageTemplate("page", [frame]))
        template.build(self.parts, canvasmaker=self._canvas)

    def _heading(self) -> None:
        title = paragraph(self.title, style(18, bold=True, colour=BRAND))
        company = paragraph(self.company, style(9, colour=QUIET))
        number = paragraph(
            _("No. %(number)s", number=self.number), style(9.5, bold=True, align=TA_RIGHT)
        )
        widths = [self.width * 0.55, self.width * 0.45]
        look = [
            ("LINEBELOW", (0, -1), (-1, -1), 1.2, BRAND),
            ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
            *_padding(4, 0),
        ]
        self.parts.append(grid([[[company, title], number]], widths, look))
        self.space(4)

    def _fact(self, name: str, value: str) -> list[Any]:
        return [paragraph(name, style(8.5, colour=QUIET)), paragraph(value, style(9, bold=True))]

    def _canvas(self, *args: Any, **kwargs: Any) -> "NumberedCanvas":
        return NumberedCanvas(*args, foot=self._foot, **kwargs)

    def _foot(self, canvas: Canvas, page: int, pages: int) -> None:
        canvas.setFont(fonts.REGULAR, 7.5)
        canvas.setFillColor(QUIET)
        canvas.setStrokeColor(RULE)
        canvas.line(MARGIN, 12 * mm, MARGIN + self.width, 12 * mm)
        printed = _("Printed %(time)s", time=f"{city_time(now()):%Y-%m-%d %H:%M}")
        canvas.drawString(MARGIN, 8 * mm, fonts.drawable(f"{self.company} · {printed}"))
        place = _("Page %(page)s of %(pages)s", page=page, pages=pages)
        canvas.drawRightString(MARGIN + self.width, 8 * mm, fonts.drawable(place))
        if page > 1:
            top = self.paper[1] - 11 * mm
            canvas.drawString(MARGIN, top, fonts.drawable(f"{self.title} {self.number}"))


class NumberedCanvas(Canvas):
    """Keeps the pages until the last one is known, then writes "page x of y" on each."""

    def __init__(self, *args: Any, foot: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initialFontName": fonts.REGULAR})
        self._foot = foot
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # reportlab's name
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page, state in enumerate(self._kept, start=1):
            self.__dict__.update(state)
            self._foot(self, page, len(self._kept))
            super().showPage()
        super().save()


_GRID = [
    ("BACKGROUND", (0, 0), (-1, 0), BRAND),
    ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
]
_TOTAL = [
    ("BACKGROUND", (0, -1), (-1, -1), HexColor("#E6F2F1")),
    ("LINEABOVE", (0, -1), (-1, -1), 0.8, INK),
    ("LINEBELOW", (0, -1), (-1, -1), 0.8, INK),
]


def _align(kind: Kind) -> int:
    return TA_RIGHT if kind in RIGHT else TA_CENTER if kind in CENTRE else TA_LEFT


def _head(column: Column) -> Paragraph:
    look = style(8.5, bold=True, colour=HexColor("#FFFFFF"), align=_align(column.kind))
    return paragraph(str(column.title), look)


def _cell(column: Column, value: Any, *, bold: bool = False) -> Paragraph:
    negative = column.kind == "money_fen" and value is not None and value < 0
    look = style(8.5, bold=bold, colour=SEAL if negative else INK, align=_align(column.kind))
    return paragraph(shown(column.kind, value), look)


def _padding(vertical: float, horizontal: float = 6) -> list[Any]:
    return [
        ("TOPPADDING", (0, 0), (-1, -1), vertical),
        ("BOTTOMPADDING", (0, 0), (-1, -1), vertical),
        ("LEFTPADDING", (0, 0), (-1, -1), horizontal),
        ("RIGHTPADDING", (0, 0), (-1, -1), horizontal),
    ]
