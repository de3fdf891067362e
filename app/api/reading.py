"""Reading what a client sent, before anything is done with it."""

import functools
import json
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.api.errors import UnsupportedContent
from app.domain.errors import DomainError, InvalidInput, PayloadTooLarge

JSON_BYTES = 64 * 1024
FORM_BYTES = 10 * 1024 * 1024 + 64 * 1024  # a picture of the largest size, and its envelope


def json_body(schema: type[Schema]) -> dict[str, Any]:
    """The body, checked; none at all where nothing is required.

    Raises InvalidInput, PayloadTooLarge, UnsupportedContent.
    """
    raw = bytes_body(JSON_BYTES)
    if not raw and not is_required(schema):
        return checked(schema, {}, "body")
    if request.mimetype != "application/json":
        raise UnsupportedContent(_l("Send JSON (Content-Type: application/json)"))
    return checked(schema, _parsed(raw), "body")


@functools.cache
def made(schema: type[Schema]) -> Schema:
    """The one instance of a schema: it keeps nothing of what it reads and writes."""
    return schema()


def is_required(schema: type[Schema]) -> bool:
    return any(field.required for field in made(schema).fields.values())


def form_body(schema: type[Schema]) -> dict[str, Any]:
    """Fields and files of a multipart form; a file is werkzeug's FileStorage."""
    request.max_content_length = FORM_BYTES
    if request.mimetype != "multipart/form-data":
        raise UnsupportedContent(_l("Send a form (Content-Type: multipart/form-data)"))
    try:
        sent = {**_single(request.form), **_single(request.files)}
    except RequestEntityTooLarge as exc:
        raise _too_large(FORM_BYTES) from exc
    return checked(schema, sent, "body")


def query(schema: type[Schema]) -> dict[str, Any]:
    """The query string, checked."""
    return checked(schema, _single(request.args), "query")


def bytes_body(limit: int) -> bytes:
    """The whole body. A length that is announced is refused unread."""
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as exc:
        raise _too_large(limit) from exc
    except HTTPException as exc:
        raise InvalidInput(_l("The body could not be read"), code="body_unreadable") from exc


def checked(schema: type[Schema], values: Any, place: str) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = made(schema).load(values)
    except ValidationError as exc:
        raise InvalidInput(
            _l("Some values are missing or wrong"), **{place: translated(exc.messages)}
        ) from exc
    return loaded


def translated(messages: Any) -> Any:
    """marshmallow's messages, field by field, in the caller's language."""
    if isinstance(messages, Mapping):
        return {str(key)[:64]: translated(value) for key, value in messages.items()}
    if isinstance(messages, list):
        return [translated(message) for message in messages]
    return _(str(messages)) if messages else ""


def _parsed(raw: bytes) -> Any:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as exc:
        raise InvalidInput(_l("The body is not valid JSON"), code="json_invalid") from exc
    if not isinstance(value, dict):
        raise InvalidInput(_l("The body must be a JSON object"), code="json_not_object")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _single(values: Any) -> dict[str, Any]:
    """Each name once: a repeated one would let two readers see two values."""
    for name in values:
        if len(values.getlist(name)) > 1:
            raise InvalidInput(_l("A value is given twice"), code="given_twice", field=name[:64])
    return {name: values[name] for name in values}


def _too_large(limit: int) -> DomainError:
    return PayloadTooLarge(_l("What was sent is too large"), limit_bytes=limit)
