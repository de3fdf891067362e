"""What the web leaves behind beside its answers: log-ins, log-outs, refusals, faults."""

import logging
from typing import Any

from flask import Flask, Response, current_app, g, has_app_context, request
from flask_login import user_logged_in, user_logged_out

from app.domain.actors import Actor
from app.extensions import db
from app.services.system import app_errors, system_log

LOGIN_PAGE, LOGIN_API = "StaffAuthView.login", "StaffSecurityApi.login"
FAILED = {401, 429}
NOTED = "backoffice.refusal_noted"


def install(app: Flask) -> None:
    """Needs an application with FAB's log-in manager."""
    user_logged_in.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    app.after_request(_look_back)
    _keep_faults(app)


def _signed_in(_app: Flask, user: Any, **_more: Any) -> None:
    system_log.signed_in(user.id, via="page")


def _signed_out(_app: Flask, user: Any, **_more: Any) -> None:
    if user.is_authenticated:
        system_log.signed_out(user.id)


def _look_back(response: Response) -> Response:
    if request.method == "POST" and request.endpoint in (LOGIN_PAGE, LOGIN_API):
        _log_in_tried(response.status_code)
    elif response.status_code == 403:
        _refused()
    return response


def _log_in_tried(status: int) -> None:
    if status in FAILED:
        typed = _typed_name()
        user = _user_of(typed)
        via = "page" if request.endpoint == LOGIN_PAGE else "api"
        key = user.id if user else None
        system_log.sign_in_failed(key, typed, via=via, limited=status == 429)
    elif status == 200 and request.endpoint == LOGIN_API:
        system_log.signed_in(_user_of(_typed_name()).id, via="api")


def _refused() -> None:
    user = getattr(g, "user", None)
    if user is None or not user.is_authenticated or request.environ.get(NOTED):
        return
    actor = Actor("staff", user.id)
    db.session.rollback()  # what was asked for is not done
    system_log.refused(
        request.blueprint or "", str((request.view_args or {}).get("pk", "")),
        method=request.method, path=request.path, why="permission", actor=actor,
    )  # fmt: skip


def _typed_name() -> str:
    """Nothing when the address had tried too often: then nobody read what was sent."""
    by_page = request.form.get("username", "") if request.endpoint == LOGIN_PAGE else ""
    return str(request.environ.get("backoffice.login_name", by_page))[:128]


def _user_of(typed: str) -> Any:
    """As FAB finds who logs in: by name, then by e-mail."""
    sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
    if not typed or "\x00" in typed:
        return None
    return sm.find_user(username=typed) or sm.find_user(email=typed)


class _Keeper(logging.Handler):
    """Keeps each exception that the application logs, once a kind and place."""

    def __init__(self, app: Flask) -> None:
        super().__init__(logging.ERROR)
        self._app = app

    def emit(self, record: logging.LogRecord) -> None:
        exc = record.exc_info[1] if record.exc_info else None
        # Readiness tells of a database that is away by itself, every few seconds.
        if not isinstance(exc, Exception) or record.module == "health":
            return
        if has_app_context():
            app_errors.keep(exc)
        else:
            with self._app.app_context():
                app_errors.keep(exc)


def _keep_faults(app: Flask) -> None:
    logger = logging.getLogger("app")
    for handler in [one for one in logger.handlers if isinstance(one, _Keeper)]:
        logger.removeHandler(handler)
    logger.addHandler(_Keeper(app))
