"""How our workbooks look: one palette, one font, one format for each kind of value."""

from typing import Any

from app.reports.base import Kind

FONT = "Microsoft YaHei"
INK = "#1F2937"
QUIET = "#6B7280"
BRAND = "#0F5C56"
HEAD_FILL = "#0F5C56"
TOTAL_FILL = "#E6F2F1"
PANEL_FILL = "#F3F6F6"
RULE = "#D5DBDB"
GOOD = "#15803D"
BAD = "#B91C1C"

MONEY = "#,##0.00;[Red]-#,##0.00"
NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "id": "@",
    "money_fen": MONEY,
    "integer": "#,##0",
    "decimal": "General",
    "percent_bp": "0.00%",
    "date": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm",
}
ALIGN: dict[Kind, str] = {
    "text": "left",
    "id": "left",
    "money_fen": "right",
    "integer": "right",
    "decimal": "right",
    "percent_bp": "right",
    "date": "center",
    "instant": "center",
}

# Text keeps off the number on its left.
INDENT: dict[Kind, dict[str, int]] = {
    kind: {"indent": 1} if side == "left" else {} for kind, side in ALIGN.items()
}

BASE: dict[str, Any] = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
TITLE = {**BASE, "font_size": 16, "bold": True, "font_color": BRAND}
SUBTITLE = {**BASE, "font_size": 9, "font_color": QUIET}
NOTE = {**BASE, "font_color": QUIET, "italic": True, "align": "left"}
LINED = {**BASE, "bottom": 1, "bottom_color": RULE}
HEAD = {
    **BASE,
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": HEAD_FILL,
    "align": "center",
    "text_wrap": True,
    "border": 1,
    "border_color": "#FFFFFF",
}
LEFT_HEAD = {**HEAD, "align": "left", "indent": 1}
TOTAL = {**BASE, "bold": True, "bg_color": TOTAL_FILL, "top": 1, "bottom": 6}


def cell(kind: Kind, *, wrap: bool = False) -> dict[str, Any]:
    look = {**LINED, "num_format": NUMBER_FORMATS[kind], "align": ALIGN[kind], **INDENT[kind]}
    return {**look, "text_wrap": True} if wrap else look


def total(kind: Kind) -> dict[str, Any]:
    return {**TOTAL, "num_format": NUMBER_FORMATS[kind], "align": ALIGN[kind], **INDENT[kind]}
