"""One declaration of an endpoint: what it reads, does and answers, and what its description says.

    class QuoteApi(CustomerApi):
        @operation("customer", "POST", "/quotes", summary="…", request=QuoteRequest,
                   response=QuoteResponse, status=201, errors=(404, 422), idempotent=True)
        def make_quote(self, caller: Caller, body: dict[str, Any]) -> Quote: ...

The function gets the caller, `body` and `query` when it declares them, and the values of its
path. It returns what the response schema dumps, or a finished Response.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify
from flask_appbuilder.api import expose
from marshmallow import Schema

from app.api import reading, repetition
from app.api.callers import Caller, Realm, authenticate
from app.api.errors import domain_response
from app.api.language import spoken
from app.api.schemas import Nothing, Request
from app.domain.errors import DomainError

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Operation:
    """`form` is a multipart body, `raw` one that only the function can read (signed, say);

    `produces` is the type of an answer that is no JSON.
    """

    realm: Realm
    method: str
    path: str
    summary: str
    request: type[Schema] = Nothing
    form: type[Schema] | None = None
    raw: bool = False
    query: type[Schema] = Request
    response: type[Schema] | None = None
    status: int = 200
    errors: tuple[int, ...] = ()
    idempotent: bool = False
    produces: str = "application/json"

    def answer(self, call: Handler, wants: frozenset[str], path_values: dict[str, Any]) -> Response:
        """Authenticate, check all that was sent, act, and answer."""
        try:
            with spoken():
                caller = authenticate(self.realm)
                values = {"query": reading.query(self.query), "body": self._body()}
                given = {name: values[name] for name in values.keys() & wants}
                act = functools.partial(call, caller=caller, **given, **path_values)
                return self._once(caller, values["body"], act)
        except DomainError as exc:
            return domain_response(exc)

    def _body(self) -> Any:
        if self.raw:
            return reading.bytes_body(reading.JSON_BYTES)
        return reading.form_body(self.form) if self.form else reading.json_body(self.request)

    def _once(self, caller: Caller, body: Any, act: Callable[[], Any]) -> Response:
        key = repetition.key_of_request() if self.idempotent else None
        if key is None:
            return self._response(act())
        return repetition.once(caller.owner, key, body, lambda: self._response(act()))

    def _response(self, result: Any) -> Response:
        if isinstance(result, Response):
            response = result
        elif self.response is None:
            response = Response(status=204)
        else:
            response = jsonify(reading.made(self.response).dump(result))
            response.status_code = self.status
        # Personal: no cache on the way may keep it.
        response.headers["Cache-Control"] = "no-store"
        return response


def operation(
    realm: Realm, method: str, path: str, *, summary: str, **declared: Any
) -> Callable[[Handler], Handler]:
    """Make a method of a ClientApi an endpoint. `declared`: the fields of Operation."""

    def decorate(function: Handler) -> Handler:
        declaration = Operation(realm, method, path, summary, **declared)
        wants = frozenset(inspect.signature(function).parameters)

        @functools.wraps(function)
        def endpoint(self: Any, **path_values: Any) -> Response:
            return declaration.answer(functools.partial(function, self), wants, path_values)

        endpoint._operation = declaration  # type: ignore[attr-defined]
        endpoint._realm = realm  # type: ignore[attr-defined]
        exposed: Handler = expose(path, methods=[method])(endpoint)
        return exposed

    return decorate
