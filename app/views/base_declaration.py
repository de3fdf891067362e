"""The declarative half of a view: what it says about itself, checked and completed once."""

from collections.abc import Callable, Sequence
from typing import Any

from flask_appbuilder import ModelView as FabModelView
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query

from app.fab_filters import FILTERS_OF, InScope, PerRequestFilters, RowFilter
from app.fab_kinds import NUMBERS, Kind, kind_of, relationship
from app.fab_marks import marked_methods
from app.views import base_lists
from app.views.base_actions import actions_of
from app.views.base_checks import ViewError, check_view
from app.views.base_forms import FormBuilder
from app.views.base_labels import COMMON
from app.views.base_lookups import Lookup
from app.views.base_pages import PageMixin
from app.views.formatters import FIGURES, choice
from app.views.formatters_by_kind import formatter_for
from app.views.labels_empty import EMPTY_LISTS

CRUD = ("list", "show", "add", "edit", "delete")
NOTHING = _l("Nothing here yet.")


class DeclaredView(PageMixin, FabModelView):
    """The attributes of a view and how they are completed. See app.views.base."""

    # FAB's own attributes, whose types it does not tell.
    actions: Any
    add_form: Any
    edit_form: Any
    list_title: Any
    show_title: Any
    add_title: Any
    edit_title: Any
    label_columns: Any
    order_columns: Any
    related_views: Any
    exclude_route_methods: Any

    noun: Any = ""
    noun_plural: Any = ""
    page_size = base_lists.PAGE_SIZES[0]
    lookups: dict[str, Lookup] = {}
    choices: dict[str, Any] = {}
    badges: dict[str, dict[Any, str]] = {}
    search_filters: dict[str, list[type[RowFilter]]] = {}
    refusals: dict[str, tuple[str, Any]] = {}
    add_button: Any = _l("New")
    adds_several = True
    empty_text: Any = NOTHING
    empty_next: Any = ""

    _filters = PerRequestFilters()

    def __init__(self, **kwargs: Any) -> None:
        self.row_actions = actions_of(type(self))
        self.base_permissions = self._permissions()
        missing = {name for name in CRUD if f"can_{name}" not in self.base_permissions}
        # The stock `download` serves the whole upload folder to whoever may list anything.
        self.exclude_route_methods = {*self.exclude_route_methods, *missing, "download"}
        super().__init__(**kwargs)
        self.actions = {}
        self._say_what_is_empty()

    def _say_what_is_empty(self) -> None:
        """What the view does not say of its empty list is said in one place for all."""
        text, then = EMPTY_LISTS.get(type(self).__name__, (NOTHING, ""))
        if self.empty_text is NOTHING:
            self.empty_text = text
        self.empty_next = self.empty_next or then

    def _permissions(self) -> Sequence[str]:
        """The permissions that this view asks for: of the form verbs, its actions, its routes."""
        chosen = self.base_permissions
        verbs = [f"can_{verb}" for verb in CRUD] if chosen is None else list(chosen)
        own = {
            f"can_{route._permission_name}"
            for name in marked_methods(type(self))
            if name not in {*CRUD, "download"}
            and hasattr(route := getattr(type(self), name), "_permission_name")
            and hasattr(route, "_urls")
        }
        actions = {action.permission for action in self.row_actions.values()}
        listed = {"can_list"} if "can_list" not in verbs else set()
        return list(dict.fromkeys([*verbs, *sorted((own - listed) | actions)]))

    # Set up, once.

    def _init_properties(self) -> None:
        """FAB would fill what is not said with every column of the model."""
        for name in ("description_columns", "validators_columns", "formatters_columns",
                     "add_form_extra_fields", "edit_form_extra_fields"):  # fmt: skip
            setattr(self, name, getattr(self, name) or {})
        self.related_views = list(self.related_views or [])
        self._related_views: Any = []
        self.label_columns = {**COMMON, **(self.label_columns or {})}
        for name in ("show", "add", "edit"):
            self._columns_from_fieldsets(name)
        self.lookups = {name: self._bound(name, lookup) for name, lookup in self.lookups.items()}
        check_view(self)
        self._init_order()
        self._init_filters()

    def _columns_from_fieldsets(self, verb: str) -> None:
        fieldsets = getattr(self, f"{verb}_fieldsets")
        if fieldsets:
            columns = [column for _title, part in fieldsets for column in part["fields"]]
            setattr(self, f"{verb}_columns", columns)

    def _bound(self, name: str, lookup: Lookup) -> Lookup:
        relation = relationship(self.datamodel.obj, name)
        return lookup.of(relation.mapper.class_) if relation is not None else lookup

    def _init_order(self) -> None:
        if self.order_columns is None:
            self.order_columns = [c for c in self.list_columns if self.datamodel.is_orderable(c)]
        unknown = [c for c in self.order_columns if not self.datamodel.is_orderable(c)]
        if unknown or (self.base_order and not self.datamodel.is_orderable(self.base_order[0])):
            raise ViewError(f"{type(self).__name__}: cannot order by {unknown or self.base_order}")
        self.page_size = min(self.page_size, base_lists.LARGEST_PAGE_SIZE)

    def _init_filters(self) -> None:
        known = {name: self._filter_classes(name) for name in self.search_columns}
        made = {name: [cls(name, self.datamodel) for cls in found] for name, found in known.items()}
        self._filters = self.datamodel.get_filters(self.search_columns, made)
        self._base_filters = self.datamodel.get_filters().add_filter_list(
            [*(self.base_filters or []), [self.datamodel.key_name, InScope, self.scope]]
        )

    def _filter_classes(self, name: str) -> Sequence[type[RowFilter]]:
        return self.search_filters.get(name) or FILTERS_OF[self.kind(name)]

    def _init_forms(self) -> None:
        builder = FormBuilder(self)
        if "can_add" in self.base_permissions and not self.add_form:
            extra = self.add_form_extra_fields
            self.add_form = builder.form(self.add_columns, extra, guarded=False)
        if "can_edit" in self.base_permissions and not self.edit_form:
            extra = self.edit_form_extra_fields
            self.edit_form = builder.form(self.edit_columns, extra, guarded=True)

    def _init_titles(self) -> None:
        self.title = self.list_title = self.list_title or self.noun_plural
        self.show_title = self.show_title or self.noun
        self.add_title = self.add_title or _l("New: %(noun)s", noun=self.noun)
        self.edit_title = self.edit_title or _l("Edit: %(noun)s", noun=self.noun)

    def scope(self, query: Query[Any]) -> Query[Any]:
        """The rows that this person may see and touch. Use EXISTS or IN, no joins to many."""
        return query

    def kind(self, column: str) -> Kind:
        return Kind.CHOICE if column in self.choices else kind_of(self.datamodel.obj, column)

    def numeric(self, column: str) -> bool:
        """Whether it stands to the right: a number that is shown as one, not as words."""
        own = self.formatters_columns.get(column)
        return self.kind(column) in NUMBERS and (own is None or own in FIGURES)

    def formatter(self, column: str) -> Callable[[Any], Any]:
        own: Callable[[Any], Any] | None = self.formatters_columns.get(column)
        if own:
            return own
        if column in self.choices:
            return choice(self.choices[column], self.badges.get(column))
        return formatter_for(self.kind(column))
