"""One page of a list: what the URL asks, the rows, and what the template needs to show them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.fab_filters import RelationIs, RowFilter, RowFilters
from app.fab_interface import Size
from app.fab_kinds import value_at

if TYPE_CHECKING:
    from app.views.base import ModelView

PAGE_SIZES = (25, 50, 100)
LARGEST_PAGE_SIZE = 100
FURTHEST_PAGE = 1_000_000


@dataclass(frozen=True)
class Asked:
    """What the URL asks of a list, made harmless: nonsense falls back to the view's own."""

    column: str
    direction: str
    page: int
    page_size: int
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    column: str
    label: Any
    text: Any
    numeric: bool = False


@dataclass(frozen=True)
class Row:
    pk: Any
    cells: list[Cell]
    source: Any


@dataclass(frozen=True)
class Header:
    column: str
    label: Any
    numeric: bool
    url: str = ""
    direction: str = ""  # "asc", "desc" or not ordered by this column


@dataclass(frozen=True)
class Control:
    """One question of the filter bar."""

    kind: str  # text, number, date, choice, lookup, hidden
    label: Any
    name: str
    value: str = ""
    name_to: str = ""
    value_to: str = ""
    options: list[tuple[str, Any]] = field(default_factory=list)
    source: str = ""
    shown: str = ""

    @property
    def active(self) -> bool:
        return bool(self.value or self.value_to)


@dataclass(frozen=True)
class Listing:
    """A page of rows, ready for the template."""

    view: "ModelView"
    asked: Asked
    filters: RowFilters
    size: Size
    page: int
    rows: list[Row]
    fixed: bool = False  # a related list on another page: no filter bar, few rows
    columns: Sequence[str] = ()

    @property
    def count(self) -> int:
        """How many rows there are; not the last word when `size` is no exact one."""
        return self.size.number

    @property
    def pages(self) -> int:
        """How many pages to offer. A full page of a list whose size is a guess has a next one."""
        known = max(1, -(-self.count // self.asked.page_size))
        full = self.size.kind != "exact" and len(self.rows) == self.asked.page_size
        return max(known, self.page + 1 + full)

    @property
    def told_count(self) -> str:
        """The number of rows in words: exact, rounded when it was guessed, or a lower bound."""
        if self.size.kind == "exact":
            return f"{self.count:,}"
        rounded = round(self.count, 2 - len(str(self.count)))
        if self.size.kind == "about":
            return str(_("about %(count)s", count=f"{rounded:,}"))
        return str(_("more than %(count)s", count=f"{self.count:,}"))

    @property
    def first(self) -> int:
        return self.page * self.asked.page_size + 1 if self.count else 0

    @property
    def last(self) -> int:
        return self.page * self.asked.page_size + len(self.rows)

    @property
    def headers(self) -> list[Header]:
        return [self._header(column) for column in self.columns]

    def _header(self, column: str) -> Header:
        label, numeric = self.view.label_columns[column], self.view.numeric(column)
        if self.fixed or column not in self.view.order_columns:
            return Header(column, label, numeric)
        now = self.asked.direction if column == self.asked.column else ""
        turned = "desc" if now == "asc" else "asc"
        name = type(self.view).__name__
        url = self.url(**{f"_oc_{name}": column, f"_od_{name}": turned, f"page_{name}": None})
        return Header(column, label, numeric, url, now)

    def url(self, **changes: Any) -> str:
        """This page with other arguments; None takes one away."""
        arguments = {**request.args.to_dict(flat=False), **(request.view_args or {}), **changes}
        kept = {key: value for key, value in arguments.items() if value is not None}
        return url_for(request.endpoint or "", **kept)

    def page_url(self, page: int) -> str:
        return self.url(**{f"page_{type(self.view).__name__}": page or None})

    def size_url(self, size: int) -> str:
        name = type(self.view).__name__
        return self.url(**{f"psize_{name}": size, f"page_{name}": None})

    def near_pages(self) -> Iterator[int | None]:
        """Page numbers to offer: the ends, the neighbours, None for a gap."""
        near = {0, self.pages - 1, *range(self.page - 2, self.page + 3)}
        previous = -1
        for page in sorted(page for page in near if 0 <= page < self.pages):
            if page != previous + 1:
                yield None
            yield page
            previous = page


def asked_of(view: "ModelView", filters: RowFilters | None) -> Asked:
    """Read order, page and filters from the URL into `filters`. Never raises."""
    name = type(view).__name__
    column = request.args.get(f"_oc_{name}", "")
    direction = request.args.get(f"_od_{name}", "asc")
    if column not in view.order_columns or direction not in {"asc", "desc"}:
        column, direction = view.base_order or ("", "desc")
    size = _number(f"psize_{name}", view.page_size, lowest=1, highest=LARGEST_PAGE_SIZE)
    page = _number(f"page_{name}", 0, lowest=0, highest=FURTHEST_PAGE)
    ignored = _read_filters(view, filters) if filters is not None else []
    return Asked(column, direction, page, size, ignored)


def _number(argument: str, default: int, *, lowest: int, highest: int) -> int:
    text = request.args.get(argument, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return default
    return min(max(int(text), lowest), highest)


def _read_filters(view: "ModelView", filters: RowFilters) -> list[str]:
    filters.clear_filters()
    ignored = []
    for argument in request.args:
        if not argument.startswith("_flt_"):
            continue
        number, _dash, column = argument.removeprefix("_flt_").partition("_")
        texts = [text for text in request.args.getlist(argument) if text.strip()]
        chosen = _filter(filters, number, column)
        if chosen is None or not all(chosen.understands(text) for text in texts):
            ignored.append(str(view.label_columns.get(column, _("unknown"))))
            continue
        for text in texts:
            filters._add_filter(chosen, text)
    return list(dict.fromkeys(ignored))


def _filter(filters: RowFilters, number: str, column: str) -> RowFilter | None:
    known = filters.get_search_filters().get(column, [])
    usable = number.isascii() and number.isdigit() and len(number) < 3 and int(number) < len(known)
    return known[int(number)] if usable else None


def listing(view: "ModelView") -> Listing:
    """The list page that the URL asks for."""
    filters = view._filters
    return _listing(view, filters, asked_of(view, filters), fixed=False)


def related_listing(view: "ModelView", relation: str, key: Any, size: int) -> Listing:
    """The first rows of `view` that belong to another row. In scope, like everywhere.

    Without the column of that other row: the page is about it.
    """
    filters = view.datamodel.get_filters()
    filters._add_filter(RelationIs(relation, view.datamodel, True), key)
    column, direction = view.base_order or ("", "desc")
    return _listing(view, filters, Asked(column, direction, 0, size), fixed=True, without=relation)


def _listing(
    view: "ModelView", filters: RowFilters, asked: Asked, *, fixed: bool, without: str = ""
) -> Listing:
    both = filters.get_joined_filters(view._base_filters)
    size, page, found = (_first if fixed else _page)(view, both, asked)
    columns = [column for column in view.list_columns if column != without]
    shown = [_cells_of(view, column) for column in columns]
    rows = [Row(view.key_of(row), [cell_of(row) for cell_of in shown], row) for row in found]
    return Listing(view, asked, filters, size, page, rows, fixed, columns)


def _first(view: "ModelView", filters: Any, asked: Asked) -> tuple[Size, int, list[Any]]:
    """The first rows of a related list are mostly all there are."""
    found = _rows(view, filters, asked, 0)
    all_ = len(found) < asked.page_size
    return (Size(len(found)) if all_ else view.datamodel.size(filters)), 0, found


def _page(view: "ModelView", filters: Any, asked: Asked) -> tuple[Size, int, list[Any]]:
    """The rows of the page asked for, or of the last one. A guessed size bounds nothing: the
    page is tried, and when it is empty the rows are counted after all.
    """
    size = view.datamodel.size(filters)
    page = asked.page
    if size.kind != "exact":
        found = _rows(view, filters, asked, page)
        if len(found) == asked.page_size:
            return size, page, found
        if found:
            return Size(page * asked.page_size + len(found)), page, found
        size = Size(view.datamodel.count(filters))
    page = min(page, max(0, (size.number - 1) // asked.page_size))
    return size, page, _rows(view, filters, asked, page)


def _rows(view: "ModelView", filters: Any, asked: Asked, page: int) -> list[Any]:
    rows: list[Any] = view.datamodel.rows(
        filters, asked.column, asked.direction, page, asked.page_size, load=view.list_columns
    )
    return rows


def cell(view: "ModelView", row: Any, column: str) -> Cell:
    return _cells_of(view, column)(row)


def _cells_of(view: "ModelView", column: str) -> Callable[[Any], Cell]:
    """Row -> cell. A column's label is translated and its formatter found once a page."""
    label, numeric = str(view.label_columns[column]), view.numeric(column)
    formatter = view.formatter(column)
    return lambda row: Cell(column, label, formatter(value_at(row, column)), numeric)


def controls(view: "ModelView", filters: RowFilters) -> list[Control]:
    """The filter bar: one question for each searchable column, filled with what was asked."""
    values = {
        f"_flt_{filters.get_search_filters()[f.column_name].index(f)}_{f.column_name}": str(value)
        for f, value in zip(filters.filters, filters.values, strict=True)
    }
    return [
        _control(view, column, known, values)
        for column, known in filters.get_search_filters().items()
    ]


def _control(
    view: "ModelView", column: str, known: list[RowFilter], values: dict[str, str]
) -> Control:
    label, kind = view.label_columns[column], known[0].control
    first = f"_flt_0_{column}"
    value = values.get(first, "")
    if kind in {"number", "date"} and len(known) > 2:
        low, high = f"_flt_1_{column}", f"_flt_2_{column}"
        return Control(kind, label, low, values.get(low, ""), high, values.get(high, ""))
    if kind == "choice":
        options = [(str(key), text) for key, text in view.choices[column].items()]
        return Control(kind, label, first, value, options=options)
    if kind == "boolean":
        return Control("choice", label, first, value, options=[("y", _l("Yes")), ("n", _l("No"))])
    if kind == "lookup":
        return _lookup_control(view, column, first, value)
    return Control("hidden" if kind == "hidden" else "text", label, first, value)


def _lookup_control(view: "ModelView", column: str, name: str, value: str) -> Control:
    lookup, label = view.lookups[column], view.label_columns[column]
    session = db.session()
    if lookup.small:
        options = [(str(lookup.key(row)), lookup.label(row)) for row in lookup.all(session)]
        return Control("choice", label, name, value, options=options)
    chosen = lookup.find(session, [value]) if value else []
    shown = lookup.label(chosen[0]) if chosen else value
    return Control(
        "lookup", label, name, value, source=view.url_of("lookup", name=column), shown=shown
    )
