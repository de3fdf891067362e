"""One table from refusals to HTTP, one shape for all errors, in the caller's language."""

import logging
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, request
from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin
from werkzeug import exceptions as http

from app.api.language import spoken
from app.domain import errors as domain
from app.domain.errors import DomainError
from app.fab_messages import said
from app.services import clock
from app.services.transactions import was_not_reached

logger = logging.getLogger(__name__)
API = "/api/"

STATUS: Mapping[type[DomainError], int] = {
    domain.InvalidInput: 400,
    domain.Unauthorized: 401,
    domain.Forbidden: 403,
    domain.NotFound: 404,
    domain.Conflict: 409,
    domain.PayloadTooLarge: 413,
    domain.RuleViolation: 422,
    domain.TooManyRequests: 429,
    domain.OutsideError: 502,
    domain.Busy: 503,
    DomainError: 422,
}
PLAIN: Mapping[int, tuple[str, Any]] = {
    400: ("invalid_input", _l("The request was not understood")),
    401: ("unauthorized", _l("Please log in again")),
    403: ("forbidden", _l("This is not allowed for this account")),
    404: ("not_found", _l("There is nothing at this address")),
    405: ("method_not_allowed", _l("This method is not allowed here")),
    406: ("not_acceptable", _l("This cannot be given in the wanted form")),
    409: ("conflict", _l("Somebody else was faster. Please look again")),
    411: ("length_required", _l("The length of the body is missing")),
    413: ("payload_too_large", _l("What was sent is too large")),
    415: ("unsupported_media_type", _l("This kind of content is not accepted here")),
    422: ("rule_violation", _l("This is not allowed now")),
    429: ("too_many_requests", _l("Too many requests. Please wait")),
    500: ("internal", _l("Something broke. The error was recorded")),
    502: ("outside_error", _l("An outside service did not answer. Please try again")),
    503: ("busy", _l("The system is busy. Please try again")),
}
# What helps somebody who looks for a way in, and nobody else.
HIDDEN_DETAILS = {"constraint"}
RETRY_SECONDS = "retry_after_seconds"


class UnsupportedContent(DomainError):
    """The body is of another kind than the endpoint reads."""

    code = "unsupported_media_type"


def status_of(exc: DomainError) -> int:
    if isinstance(exc, UnsupportedContent):
        return 415
    return next(STATUS[kind] for kind in type(exc).__mro__ if kind in STATUS)


def install_error_handlers(app: Flask) -> None:
    """Answer all errors below /api/ in one shape; pages keep the handlers they have.

    Called after the pages' own handlers are registered.
    """
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(Exception, _failed)
    for code in (*PLAIN, 408, 410, 412, 414, 416, 417, 418, 428, 431, 501, 504):
        _put_before(app, code)
    app.after_request(_one_shape)


def error_response(status: int, code: str, message: str, details: Mapping[str, Any]) -> Response:
    body = {"code": code, "message": message, "details": _json_safe(details)}
    response = jsonify(error=body)
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == 429 or RETRY_SECONDS in details:
        response.headers["Retry-After"] = str(details.get(RETRY_SECONDS, 60))
    return response


def domain_response(exc: DomainError) -> Response:
    """The refusal in the caller's language."""
    status = status_of(exc)
    with spoken():
        text = said(exc)
        details = {} if status == 502 else exc.details
        return error_response(status, exc.code, text, details)


def _put_before(app: Flask, code: int) -> None:
    """Answer below /api/ as JSON, elsewhere as before."""
    kind = http.default_exceptions.get(code)
    if kind is None:
        return
    page = app.error_handler_spec[None].get(code, {}).get(kind)

    def handler(error: Exception) -> Any:
        if _is_api():
            return _plain(error, code)
        return page(error) if page else error

    app.register_error_handler(kind, handler)


def _refused(exc: DomainError) -> Any:
    if _is_api():
        return domain_response(exc)
    kind = http.default_exceptions.get(status_of(exc), http.UnprocessableEntity)
    return current_app.handle_http_exception(kind(said(exc)))


def _failed(exc: Exception) -> Any:
    """Whatever nobody foresaw: kept in the log under a number that the answer names."""
    if isinstance(exc, http.HTTPException):
        return _plain(exc, exc.code or 500) if _is_api() else exc
    if was_not_reached(exc):
        logger.warning("No connection to the database: %s %s", request.method, request.path)
        g._login_user = AnonymousUserMixin()  # or the page would ask it who looks at it
        return _refused(domain.Busy(PLAIN[503][1]))
    if not _is_api():
        raise exc
    return unforeseen(exc)


def unforeseen(exc: Exception) -> Response:
    reference = secrets.token_hex(6)
    logger.error("Reference %s: %s %s", reference, request.method, request.path, exc_info=exc)
    return _worded(500, {"reference": reference})


def _plain(error: Exception, code: int) -> Response:
    original = getattr(error, "original_exception", None)
    if code == 500 and original is not None:
        return unforeseen(original)
    details: dict[str, Any] = {}
    if code == 405 and getattr(error, "valid_methods", None):
        details["allowed"] = sorted(error.valid_methods)  # type: ignore[attr-defined]
    response = _worded(code, details)
    if code == 405:
        response.headers["Allow"] = ", ".join(details.get("allowed", []))
    return response


def _worded(status: int, details: Mapping[str, Any]) -> Response:
    with spoken():
        code, text = PLAIN.get(status, ("error", PLAIN[400][1]))
        return error_response(status, code, str(text), details)


def _one_shape(response: Response) -> Response:
    """FAB's own answers below /api/ (wrong staff token, say) have other shapes: give them ours."""
    if not _is_api() or response.status_code < 400 or request.path.startswith("/api/pay/"):
        return response
    body = response.get_json(silent=True) if response.is_json else None
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        return response
    return _worded(response.status_code, {})


def _is_api() -> bool:
    return request.path.startswith(API) and not request.path.startswith("/api/docs")


def _json_safe(details: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain_value(v) for key, v in details.items() if key not in HIDDEN_DETAILS}


def _plain_value(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain_value(v) for key, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain_value(v) for v in value]
    if isinstance(value, datetime):
        return clock.city_time(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
