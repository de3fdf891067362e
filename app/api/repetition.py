"""`Idempotency-Key`: a command that is sent again gets the answer of its first time."""

import re
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request
from flask_babel import lazy_gettext as _l

from app.domain.errors import DomainError, InvalidInput
from app.services.system import idempotency

HEADER = "Idempotency-Key"
KEY = re.compile(r"[A-Za-z0-9_.:-]{8,64}")


def key_of_request() -> str | None:
    """The key, or None without one. Raises InvalidInput."""
    key = request.headers.get(HEADER)
    if key is not None and not KEY.fullmatch(key):
        raise InvalidInput(
            _l("An idempotency key has 8 to 64 letters, digits or _ . : -"),
            code="idempotency_key_invalid",
        )
    return key


def once(owner: str, key: str, body: Any, act: Callable[[], Response]) -> Response:
    """Run the command, unless it ran before; then give the stored answer.

    Raises RuleViolation when the key belongs to another request, Conflict while it runs.
    """
    print_ = idempotency.fingerprint(request.method, request.path, body)
    stored = idempotency.reserve(owner, key, print_)
    if stored is not None:
        return _again(*stored)
    try:
        response = act()
    except DomainError:
        # Any other failure may have come after the change was saved: the key stays taken a while.
        idempotency.release(owner, key)
        raise
    idempotency.store(owner, key, response.status_code, response.get_json(silent=True))
    return response


def _again(status: int, answer: Any) -> Response:
    response = jsonify(answer) if answer is not None else Response()
    response.status_code = status
    response.headers["Idempotent-Replayed"] = "true"
    response.headers["Cache-Control"] = "no-store"
    return response
