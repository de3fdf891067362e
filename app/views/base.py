"""What every admin view is built on. Import from here, never from flask_appbuilder.views.

Reference data, which a form may change::

    class ServiceView(ModelView):
        datamodel = ModelInterface(Service)
        noun, noun_plural = _l("Service"), _l("Services")
        list_columns = ["name", "category", "base_price_fen", "active"]
        show_columns = ["name", "category", "base_price_fen", "active", "updated_at"]
        search_columns = ["name", "category", "active"]
        add_columns = edit_columns = ["name", "category", "base_price_fen", "active"]
        label_columns = {"category": _l("Category"), "base_price_fen": _l("Base price")}
        lookups = {"category": Lookup(search=("name",), small=True)}

What has states or money is read-only; it changes through actions that call services::

    class OrderView(ReadOnlyModelView):
        datamodel = ModelInterface(Order, load=("customer", "visits.worker"))
        noun, noun_plural = _l("Order"), _l("Orders")
        list_columns = ["number", "state", "customer", "total_fen", "created_at"]
        show_columns = [...]
        search_columns = ["number", "state", "customer", "created_at"]
        choices = {"state": ORDER_STATE_LABELS}            # stored value -> lazy label
        badges = {"state": {"paid": "good", "cancelled": "off"}}
        lookups = {"customer": Lookup(search=("name",))}   # AJAX, 20 rows at a time
        base_order = ("created_at", "desc")                # the primary key is added last

        def scope(self, query):                            # rows this person may see
            return access.orders_for(g.user, query)

        @row_action("cancel", _l("Cancel"), confirm=_l("Cancel this order?"), danger=True,
                    when=lambda order: order.state in CANCELLABLE)
        def cancel(self, pk: int) -> None:
            cancellation.cancel_order(pk, actor=self.actor)

        @row_action("refund", _l("Refund"), form=RefundForm)   # asks first, on its own page
        def refund(self, pk: int, form: RefundForm) -> str:    # a returned text is shown
            return refunds.refund_order(pk, form.amount_fen.data, actor=self.actor).number

Declaring a view. All of it is checked when the view is created; a fault raises `ViewError`.
    noun, noun_plural   lazy strings; list, show, add and edit titles are made of them
    list_columns, show_columns (or show_fieldsets), search_columns (may be [])   always
    add_columns, edit_columns (or *_fieldsets)   where base_permissions allow add / edit
    label_columns       a label for each column used; common ones are in base_labels.COMMON
    lookups             {relation: Lookup(...)}, needed for each relation in a form or search
    choices, badges     {column: {value: label}}, {column: {value: badge kind}};
                        kinds: good, info, warn, bad, off. Makes badges, selects and filters
    formatters_columns  {column: function(value)}; else by type: `_fen` -> yuan, UTC instants
                        -> the city's time, dates, booleans, choices (see formatters.py)
    description_columns, validators_columns, order_columns, page_size (25, at most 100),
    base_order, add_form_extra_fields / edit_form_extra_fields   as in FAB
    search_filters      {name: [RowFilter subclass]}, filters that are no column of the model
    refusals            {check of the table: (field, sentence)}: what a form says when the
                        database refuses, for instance {"days_in_order": ("valid_to", _l("..."))}
    related_views       [ViewClass]; tabs on the show page, scoped and permission-checked
    add_button, adds_several   the words on the list's button; whether the form may go on to another
    empty_text, empty_next   the sentence of an empty list and the next step
    show_template / list_template   extend "appbuilder/general/model/show.html" (blocks
                        show_top, show_bottom) or ".../list.html" (blocks list_top, list_bottom)
Every list can be taken away as an Excel file by who holds `can_export` on its view.
`base_permissions` default to can_list, can_show, can_add, can_edit, can_delete; for
`ReadOnlyModelView` can_list and can_show. Each action adds `can_<action name>`.
Columns may be dotted through to-one relations ("customer.name"). To-one relations that a list
shows are loaded with the rows; `load=` of the interface adds what __str__ or formatters touch.

Overridable verbs. They run inside `transaction(actor=self.actor)`; a DomainError rolls back and
is shown (at a field when `details["field"]` names one), and what was typed stays.
    create(form) -> row         default: a new row from the form
    change(row, form) -> None   default: form.populate_obj(row); the row is locked
    remove(row) -> None         default: delete
    scope(query) -> query       row scope of list, show, edit, delete, actions, related, lookups
    show_context(row), list_context() -> dict   more values for the templates
    form_defaults() -> dict     initial values of the add form
    edit_values(row) -> dict    values of extra fields of the edit form
    after_adding(key) -> address    the page after the add form; default: the row
FAB's hooks (pre_add, post_update, prefill_form ...) are refused: a rule belongs to a service.
A `version` column is checked: a form opened before somebody else's change is refused.
Deleting and actions answer to POST only. `self.actor` is the signed-in staff actor.

Pages of your own::

    class BoardView(BaseView):
        route_base = "/board"
        default_view = "board"

        @expose("/")
        @has_access
        def board(self) -> str:
            return self.render_template("dispatch/board.html", title=_("Board"),
                                        crumbs=[(_("Orders"), url_for("OrderView.list"))])

with a template that starts with `{% extends "page.html" %}` (blocks page_actions, page_body)
and uses the macros of templates/parts/ui.html.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, jsonify, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, has_access_api, permission_name

from app.extensions import db
from app.fab_filters import FILTERS_OF, RowFilter
from app.fab_interface import ModelInterface
from app.fab_kinds import parse_key
from app.views import base_actions, base_exports, base_lists, base_saving
from app.views.base_actions import RowAction, row_action
from app.views.base_checks import ViewError
from app.views.base_declaration import DeclaredView
from app.views.base_forms import RowForm
from app.views.base_lists import Listing
from app.views.base_lookups import Lookup
from app.views.base_pages import BaseView, IndexView, RowPages

RELATED_ROWS = 10

__all__ = [
    "BaseView", "IndexView", "Listing", "Lookup", "ModelInterface", "ModelView",
    "ReadOnlyModelView", "RowAction", "RowFilter", "RowForm", "RowPages", "ViewError", "expose",
    "has_access", "has_access_api", "permission_name", "row_action",
]  # fmt: skip


class ModelView(DeclaredView):
    """List, show, add, edit and delete of one table. See the module's docstring."""

    add_template = edit_template = "appbuilder/general/model/form.html"

    # What a view may override.

    def create(self, form: RowForm) -> Any:
        row = self.datamodel.obj()
        with db.session.no_autoflush:
            form.populate_obj(row)
        db.session.add(row)
        return row

    def change(self, row: Any, form: RowForm) -> None:
        form.populate_obj(row)

    def remove(self, row: Any) -> None:
        db.session.delete(row)

    def show_context(self, row: Any) -> dict[str, Any]:
        return {}

    def list_context(self) -> dict[str, Any]:
        return {}

    def form_defaults(self) -> dict[str, Any]:
        return {}

    def edit_values(self, row: Any) -> dict[str, Any]:
        return {}

    def after_adding(self, key: Any) -> str:
        return self.back_to_row(key)

    def may_change(self, row: Any) -> bool:
        """Whether the row offers its change and its removal; create, change and remove decide."""
        return True

    def filter_of(self, column: str) -> RowFilter | None:
        classes = FILTERS_OF.get(self.kind(column), [])
        return classes[0](column, self.datamodel) if classes else None

    def key_of(self, row: Any) -> Any:
        return getattr(row, self.datamodel.key_name)

    def typed_key(self, text: Any) -> Any:
        return parse_key(self.datamodel.obj, text)

    def find(self, pk: Any, *, lock: bool = False) -> Any | None:
        """The row, when it is inside the scope."""
        load = self.show_columns or ()
        return self.datamodel.get(pk, self._base_filters, load=load, lock=lock)

    def row_or_404(self, pk: Any) -> Any:
        row = self.find(pk)
        if row is None:
            abort(404)
        return row

    def offered(self, row: Any = None) -> Sequence[RowAction]:
        return base_actions.offered(self, row)

    def crumbs(self, row: Any = None) -> Sequence[tuple[Any, str]]:
        """The way to the present page, without the page itself."""
        way = [(self.list_title, self.url_of("list"))] if self.holds("can_list") else []
        if (
            row is not None
            and self.holds("can_show")
            and request.endpoint != f"{self.endpoint}.show"
        ):
            way.append((self.name_of(row), self.url_of("show", pk=self.key_of(row))))
        return way

    def name_of(self, row: Any) -> str:
        """What a person calls this row: its __str__, else noun and key."""
        plain: bool = type(row).__str__ is object.__str__  # type: ignore[comparison-overlap]
        return f"{self.noun} {self.key_of(row)}" if plain else str(row)

    def mark_of(self, row: Any) -> Any:
        """The badge beside the row's name: its state, where the view shows one."""
        column = next((c for c in self.badges if c in self.show_columns), None)
        return self.formatter(column)(getattr(row, column)) if column else ""

    def back_to_list(self) -> str:
        """The list as it was filtered before."""
        mine = self.url_of("list")
        seen = [url for url in self.history() if url.partition("?")[0] == mine]
        return seen[-1] if seen else mine

    def back_to_row(self, pk: Any) -> str:
        visible = self.holds("can_show") and self.find(pk) is not None
        return self.url_of("show", pk=pk) if visible else self.back_to_list()

    def export_address(self) -> str:
        return base_exports.address(self)

    def render_template(self, template: str, **context: Any) -> str:
        page: str = super().render_template(template, **{"crumbs": [], "view": self, **context})
        return page

    # Routes.

    @expose("/list/")
    @has_access
    def list(self) -> str:
        self.update_redirect()
        found = base_lists.listing(self)
        return self.render_template(
            self.list_template, title=self.list_title, listing=found,
            controls=base_lists.controls(self, self._filters), **self.list_context(),
        )  # fmt: skip

    @expose("/export/", methods=["POST"])
    @has_access
    def export(self) -> Any:
        return base_exports.ask(self)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> str:
        row = self.row_or_404(pk)
        self.update_redirect()
        return self.render_template(
            self.show_template, title=self.show_title, row=row, pk=self.key_of(row),
            crumbs=self.crumbs(row), related=self._related(row), cell=self._cell(row),
            **self.show_context(row),
        )  # fmt: skip

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        return base_saving.add(self)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        return base_saving.edit(self, pk)

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        return base_saving.delete(self, pk)

    # An action asks for its own permission, `can_<action name>`, inside.

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        return base_actions.perform_on_one(self, name, pk)

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        return base_actions.perform_on_many(self)

    @expose("/ask/<string:name>/<pk>", methods=["GET"])
    def ask(self, name: str, pk: str) -> Any:
        return base_actions.ask_first(self, name, pk)

    @expose("/lookup/<string:name>", methods=["GET"])
    @has_access_api
    @permission_name("list")
    def lookup(self, name: str) -> Any:
        """Suggestions for a remote select: {"results": [{"id", "text"}], "pagination": {...}}."""
        lookup = self.lookups.get(name)
        if lookup is None:
            abort(404)
        rows, more = lookup.suggest(db.session(), request.args.get("q", ""))
        results = [{"id": str(lookup.key(row)), "text": str(lookup.label(row))} for row in rows]
        return jsonify(results=results, pagination={"more": False}, more=more)

    def _cell(self, row: Any) -> Callable[[str], base_lists.Cell]:
        return lambda column: base_lists.cell(self, row, column)

    def _related(self, row: Any) -> Sequence[tuple[str, Listing]]:
        """The tabs of related rows that this person may list."""
        found = []
        said = {cls: place for place, cls in enumerate(self.related_views)}
        for view in sorted(self._related_views, key=lambda view: said[type(view)]):
            relation = view.datamodel.get_related_fk(self.datamodel.obj)
            if relation and view.holds("can_list"):
                rows = base_lists.related_listing(view, relation, self.key_of(row), RELATED_ROWS)
                found.append((relation, rows))
        return found


class ReadOnlyModelView(ModelView):
    """A table that changes through services only: no form, but actions."""

    base_permissions = ["can_list", "can_show"]
