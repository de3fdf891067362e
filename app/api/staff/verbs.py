"""What staff do with a row by program: `POST /<pk>/<verb>` beside FAB's reading and writing.

    class StaffOrderApi(StaffReadApi):
        @verb(MoveRequest)
        def move(self, pk: int, body: dict[str, Any]) -> None: ...

The method has the verb's name, the permission is can_<verb>; the row must be inside the scope, the
body is checked, an Idempotency-Key is kept to. The answer is the row as it is then.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.api import reading, repetition
from app.api.model import answered
from app.api.schemas import Nothing, Request

Handler = Callable[..., Any]


def verb(request: type[Request] = Nothing) -> Callable[[Handler], Handler]:
    """Make `name(self, pk, body)` of a StaffApi the route `POST /<pk>/<name>`."""

    def decorate(function: Handler) -> Handler:
        name = function.__name__

        @wraps(function)
        def endpoint(self: Any, pk: str) -> Response:
            body = reading.json_body(request)
            row_key = self._key(self._find(pk))

            def act() -> Response:
                function(self, row_key, body)
                response: Response = self._saved(200, row_key)
                return response

            key = repetition.key_of_request()
            return act() if key is None else repetition.once(self.owner, key, body, act)

        guarded = protect()(answered(permission_name(name)(endpoint)))
        guarded._verb = request
        exposed: Handler = expose(f"/<pk>/{name.replace('_', '-')}", methods=["POST"])(guarded)
        return exposed

    return decorate


def verbs_of(api: Any) -> dict[str, type[Request]]:
    """Each verb of a resource, and what it reads."""
    found = {name: getattr(getattr(api, name), "_verb", None) for name in dir(api)}
    return {name: request for name, request in found.items() if request is not None}
