"""What staff do with a row by program: `POST /<pk>/<verb>` beside FAB's reading and writing.

    class StaffOrderApi(StaffReadApi):
        @verb(MoveRequest)
        def move(self, pk: int, body: dict[str, Any]) -> None: ...

        @handing_over(DataResponse)
        def export_data(self, pk: int) -> Any: ...

`handing_over` is `GET /<pk>/<verb>`: it changes nothing but the audit log, which says who took it.
Its answer is never kept for a repetition.

The method has the verb's name, the permission is can_<verb>; the row must be inside the scope, the
body is checked, an Idempotency-Key is kept to. The answer is the row as it is then, or, where the
verb makes another row (a refund of an order), what `response` dumps of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, jsonify
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from marshmallow import Schema, fields

from app.api import reading, repetition
from app.api.fields import Text
from app.api.model import answered
from app.api.schemas import Nothing, Request

LONGEST_WHY = 200


class DataResponse(Schema):
    """Table -> its rows about the person, each {column: value} in plain JSON."""

    tables = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Dict(keys=fields.String())),
        required=True,
    )


class WhyRequest(Request):
    """For verbs that must say why."""

    reason = Text(LONGEST_WHY, low=2, required=True)


Handler = Callable[..., Any]


@dataclass(frozen=True)
class Verb:
    """What it reads, and what it answers; None: the row."""

    request: type[Request]
    response: type[Schema] | None


def verb(
    request: type[Request] = Nothing, response: type[Schema] | None = None
) -> Callable[[Handler], Handler]:
    """Make `name(self, pk, body)` of a StaffApi the route `POST /<pk>/<name>`."""

    def decorate(function: Handler) -> Handler:
        name = function.__name__

        @wraps(function)
        def endpoint(self: Any, pk: str) -> Response:
            row_key = self._key(self._find(pk))
            body = reading.json_body(request)

            def act() -> Response:
                made = function(self, row_key, body)
                answer: Response = (
                    jsonify(response().dump(made)) if response else self._saved(200, row_key)
                )
                return answer

            key = repetition.key_of_request()
            return act() if key is None else repetition.once(self.owner, key, body, act)

        guarded = protect()(answered(permission_name(name)(endpoint)))
        guarded._verb = Verb(request, response)
        exposed: Handler = expose(f"/<pk>/{name.replace('_', '-')}", methods=["POST"])(guarded)
        return exposed

    return decorate


def handing_over(response: type[Schema]) -> Callable[[Handler], Handler]:
    """Make `name(self, pk)` of a StaffApi the route `GET /<pk>/<name>`."""

    def decorate(function: Handler) -> Handler:
        name = function.__name__

        @wraps(function)
        def endpoint(self: Any, pk: str) -> Response:
            told = function(self, self._key(self._find(pk)))
            answer: Response = jsonify(response().dump(told))
            answer.headers["Cache-Control"] = "no-store"
            return answer

        guarded = protect()(answered(permission_name(name)(endpoint)))
        guarded._handing_over = response
        exposed: Handler = expose(f"/<pk>/{name.replace('_', '-')}", methods=["GET"])(guarded)
        return exposed

    return decorate


def handed_over_by(api: Any) -> dict[str, type[Schema]]:
    """What a resource hands over, by the verb's name."""
    found = {name: getattr(getattr(api, name), "_handing_over", None) for name in dir(api)}
    return {name: response for name, response in found.items() if response is not None}


def verbs_of(api: Any) -> dict[str, Verb]:
    """Each verb of a resource by its name."""
    found = {name: getattr(getattr(api, name), "_verb", None) for name in dir(api)}
    return {name: declared for name, declared in found.items() if declared is not None}
