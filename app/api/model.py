"""FAB's REST resource over one table, for staff tokens, mended.

    class ServiceApi(ModelRestApi):
        datamodel = ModelInterface(Service)
        resource_name = "services"
        list_columns = ["id", "name", "category", "base_price_fen"]
        show_columns = [*list_columns, "note"]
        search_columns = ["name", "category"]
        add_columns = edit_columns = ["name", "category", "base_price_fen"]

        def scope(self, query): ...            # rows this person may see and touch
        relation_scopes = {"category": lambda query: query.filter_by(active=True)}

Columns are said, never guessed. What is sent and not listed is refused; a page has at most 100
rows; filters are of one request; a relation is sent as its key and answered as {"id", "text"};
where the table has a version, a change must send the one it has read. Writes run in
transaction(); all errors have the one shape of app.api.errors. `_info` is not registered.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g
from flask_appbuilder.api import ModelRestApi as FabModelRestApi
from flask_appbuilder.api import expose, rison
from flask_appbuilder.api.schemas import get_list_schema
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Query

from app.api import reading
from app.api.errors import PLAIN, domain_response, error_response
from app.api.language import spoken
from app.api.model_schemas import VERSION, answer_schema, request_schema
from app.domain.actors import Actor
from app.domain.errors import Conflict, DomainError, InvalidInput, NotFound, RuleViolation
from app.extensions import db
from app.fab_filters import FILTERS_OF, InScope, PerRequestFilters
from app.fab_interface import ModelInterface
from app.fab_kinds import Kind, key_name, kind_of, parse_key, relationship
from app.fab_marks import MarkedMethodsOnly
from app.services.transactions import transaction

LARGEST_PAGE = 100
ROUTES = {"get_list", "get", "post", "put", "delete"}


def answered(route: Callable[..., Any]) -> Callable[..., Response]:
    """Turn refusals, of ours and of the database, into the one error shape. Never SQL text."""

    @wraps(route)
    def endpoint(self: Any, *args: Any, **kwargs: Any) -> Response:
        try:
            with spoken():
                return route(self, *args, **kwargs)
        except DomainError as exc:
            return domain_response(exc)
        except IntegrityError:
            return domain_response(Conflict(_l("This does not fit the other data, or is in use")))
        except DataError:
            return domain_response(InvalidInput(_l("Some values are missing or wrong")))

    return endpoint


class ModelRestApi(MarkedMethodsOnly, FabModelRestApi):
    datamodel: ModelInterface
    include_route_methods = ROUTES
    allow_browser_login = False
    page_size = 25
    max_page_size = LARGEST_PAGE
    list_columns: Any = None
    show_columns: Any = None
    search_columns: Any = None
    add_columns: Any = None
    edit_columns: Any = None
    order_columns: Any = None
    base_order: Any = None
    relation_scopes: dict[str, Callable[[Query[Any]], Query[Any]]] = {}
    _filters = PerRequestFilters()

    def __init__(self) -> None:
        self._check()
        super().__init__()

    def _check(self) -> None:
        name = type(self).__name__
        needed = {"list_columns": "get_list", "show_columns": "get", "search_columns": "get_list",
                  "add_columns": "post", "edit_columns": "put"}  # fmt: skip
        routes = set(self.include_route_methods) - set(self.exclude_route_methods)
        missing = [c for c, route in needed.items() if route in routes and getattr(self, c) is None]
        if missing:
            raise TypeError(f"{name}: say {', '.join(missing)}")
        if self.allow_browser_login:
            raise TypeError(f"{name}: a cookie would make it open to forged requests; use tokens")

    def _init_properties(self) -> None:
        for name in ("list", "show", "add", "edit", "search"):
            setattr(self, f"{name}_columns", list(getattr(self, f"{name}_columns") or []))
        orderable = [c for c in self.list_columns if self.datamodel.is_orderable(c)]
        self.order_columns = orderable if self.order_columns is None else self.order_columns
        self.page_size = min(self.page_size, LARGEST_PAGE)
        known = {c: FILTERS_OF[kind_of(self.datamodel.obj, c)] for c in self.search_columns}
        made = {c: [cls(c, self.datamodel) for cls in found] for c, found in known.items()}
        self._filters = self.datamodel.get_filters(self.search_columns, made)
        scope = [self.datamodel.key_name, InScope, self.scope]
        self._base_filters = self.datamodel.get_filters().add_filter_list([scope])

    def _init_titles(self) -> None:
        """No titles: nobody is shown any."""

    def _init_model_schemas(self) -> None:
        """Made when first asked for: a process answers for few of the resources. Properties would
        not do: FAB looks at every attribute of a resource when it starts.
        """
        self._schemas: dict[str, Schema] = {}

    def schema(self, verb: str) -> Schema:
        """What is answered (list, show) or sent (add, edit)."""
        if verb not in self._schemas:
            self._schemas[verb] = self._schema(verb)
        return self._schemas[verb]

    def _schema(self, verb: str) -> Schema:
        model, name = self.datamodel.obj, f"{type(self).__name__}{verb.capitalize()}"
        columns = getattr(self, f"{verb}_columns")
        if verb in ("list", "show"):
            return answer_schema(name, model, columns)
        return request_schema(name, model, columns, edit=verb == "edit")

    # What an API may override.

    def scope(self, query: Query[Any]) -> Query[Any]:
        return query

    def create(self, values: dict[str, Any]) -> Any:
        row = self.datamodel.obj(**values)
        db.session.add(row)
        return row

    def change(self, row: Any, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(row, name, value)

    def remove(self, row: Any) -> None:
        db.session.delete(row)

    @property
    def actor(self) -> Actor:
        return Actor("staff", g.user.id) if getattr(g, "user", None) else Actor("system")

    # Routes. The permissions are FAB's: can_get, can_post, can_put, can_delete.

    @expose("/", methods=["GET"])
    @protect()
    @answered
    @permission_name("get")
    @rison(get_list_schema)
    def get_list(self, **kwargs: Any) -> Response:
        asked = kwargs["rison"]
        filters = self._asked_filters(asked.get("filters", []))
        column, direction = self._asked_order(asked)
        size = asked.get("page_size") or self.page_size
        size = size if 0 < size <= LARGEST_PAGE else LARGEST_PAGE
        page = min(max(asked.get("page", 0), 0), 1_000_000)
        rows = self.datamodel.rows(filters, column, direction, page, size, load=self.list_columns)
        found = self.schema("list").dump(rows, many=True)
        keys = [getattr(row, self.datamodel.key_name) for row in rows]
        answer: Response = self.response(
            200, count=self.datamodel.count(filters), ids=keys, result=found
        )
        return answer

    @expose("/<pk>", methods=["GET"])
    @protect()
    @answered
    @permission_name("get")
    def get(self, pk: str) -> Response:
        row = self._find(pk, load=self.show_columns)
        answer: Response = self.response(
            200, id=self._key(row), result=self.schema("show").dump(row)
        )
        return answer

    @expose("/", methods=["POST"])
    @protect()
    @answered
    @permission_name("post")
    def post(self) -> Response:
        values = reading.json_body(type(self.schema("add")))
        with transaction(actor=self.actor) as session:
            row = self.create(self._with_rows(values))
            session.flush()
            key = self._stays_visible(row)
        return self._saved(201, key)

    @expose("/<pk>", methods=["PUT"])
    @protect()
    @answered
    @permission_name("put")
    def put(self, pk: str) -> Response:
        values = reading.json_body(type(self.schema("edit")))
        with transaction(actor=self.actor) as session:
            row = self._find(pk, lock=True)
            read = values.pop(VERSION, None)
            if read is not None and read != getattr(row, VERSION):
                raise Conflict(_l("Somebody else has changed this. Please read it again"))
            self.change(row, self._with_rows(values))
            session.flush()
            key = self._stays_visible(row)
        return self._saved(200, key)

    @expose("/<pk>", methods=["DELETE"])
    @protect()
    @answered
    @permission_name("delete")
    def delete(self, pk: str) -> Response:
        try:
            with transaction(actor=self.actor) as session:
                self.remove(self._find(pk, lock=True))
                session.flush()
        except IntegrityError as exc:
            raise RuleViolation(_l("This is in use and cannot be deleted"), code="in_use") from exc
        return Response(status=204)

    def _find(self, pk: Any, *, load: Any = (), lock: bool = False) -> Any:
        row = self.datamodel.get(pk, self._base_filters, load=load, lock=lock)
        if row is None:
            raise NotFound(_l("This record does not exist"))
        return row

    def _key(self, row: Any) -> Any:
        return getattr(row, self.datamodel.key_name)

    def _stays_visible(self, row: Any) -> Any:
        """A change must not move a row out of the scope of the one who makes it."""
        key = self._key(row)
        db.session.expire(row)
        if self.datamodel.get(key, self._base_filters) is None:
            raise InvalidInput(_l("You may not save this: it would be outside your area."))
        return key

    def _saved(self, status: int, key: Any) -> Response:
        row = self._find(key, load=self.show_columns)
        answer: Response = self.response(status, id=key, result=self.schema("show").dump(row))
        return answer

    def _with_rows(self, values: dict[str, Any]) -> dict[str, Any]:
        """Keys of related rows, replaced by the rows, as far as this person may choose them."""
        model = self.datamodel.obj
        for name, value in values.items():
            kind = kind_of(model, name)
            if kind is Kind.TO_ONE and value is not None:
                values[name] = self._related(name, [value])[0]
            elif kind is Kind.TO_MANY:
                values[name] = self._related(name, value)
        return values

    def _related(self, name: str, keys: list[Any]) -> list[Any]:
        relation = relationship(self.datamodel.obj, name)
        model: Any = relation.mapper.class_ if relation else None
        column = getattr(model, key_name(model))
        scope = self.relation_scopes.get(name, lambda query: query)
        wanted = {parse_key(model, key) for key in keys}
        rows = scope(db.session.query(model).filter(column.in_(wanted))).all()  # type: ignore[no-untyped-call]
        if len(rows) < len(wanted):
            raise InvalidInput(_l("Some values are missing or wrong"), body={name: [_("Unknown.")]})
        return list(rows)

    def _asked_filters(self, asked: list[dict[str, Any]]) -> Any:
        filters = self._filters
        filters.clear_filters()
        for one in asked:
            text = one.get("value")
            known = filters.get_search_filters().get(one.get("col"), [])
            chosen = next((f for f in known if f.arg_name == one.get("opr")), None)
            text = {True: "y", False: "n"}.get(text, text) if isinstance(text, bool) else text
            if chosen is None or not chosen.understands(str(text)):
                raise InvalidInput(_l("This filter is not understood"), filter=str(one)[:200])
            filters._add_filter(chosen, str(text))
        return filters.get_joined_filters(self._base_filters)

    def _asked_order(self, asked: dict[str, Any]) -> tuple[str, str]:
        column = asked.get("order_column", "")
        if not column:
            return self.base_order or ("", "asc")
        if column not in self.order_columns:
            raise InvalidInput(_l("This order is not offered"), order_column=column[:64])
        return column, asked.get("order_direction", "asc")

    # FAB's own short answers, in the one shape.

    def _short(self, status: int) -> Response:
        code, text = PLAIN[status]
        with spoken():
            return error_response(status, code, str(text), {})

    def response_400(self, message: Any = None) -> Response:
        return self._short(400)

    def response_401(self) -> Response:
        return self._short(401)

    def response_403(self) -> Response:
        return self._short(403)

    def response_404(self) -> Response:
        return self._short(404)

    def response_422(self, message: Any = None) -> Response:
        return self._short(422)

    def response_500(self, message: Any = None) -> Response:
        return self._short(500)
