"""Faults of the application, each kind and place once, with how often and when last.

Nothing of the data is kept: of the trace files, lines and functions; of the message what is left
without quoted text, numbers, addresses, long codes and Chinese.
"""

import hashlib
import logging
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from flask import has_request_context, request
from sqlalchemy.exc import DBAPIError

from app.domain.actors import Actor
from app.domain.errors import Conflict
from app.extensions import db
from app.models import ApplicationError
from app.services import audit, clock
from app.services.transactions import in_block, locked, transaction

logger = logging.getLogger("faults")  # not below "app": a fault of this module is not kept
ROOT = Path(__file__).resolve().parents[3]
KEPT = "_kept_as_application_error"
LONGEST_MESSAGE, LONGEST_TRACE, LONGEST_PATH = 500, 8000, 200
SCRUBBED = (
    (re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|`[^`]*`"), "'…'"),
    (re.compile(r"=\s*\([^)]*\)"), "=(…)"),
    (re.compile(r"\S+@\S+"), "…@…"),
    (re.compile(r"\b(?=\w*\d)[\w+/=-]{16,}"), "…"),
    (re.compile(r"\d{4,}"), "…"),
    (re.compile(r"[\u3400-\u9fff]+"), "…"),
)


def keep(exc: Exception, path: str = "") -> None:
    """Count the fault; never raises. `path` says where when there is no request."""
    if getattr(exc, KEPT, False) or in_block():
        return  # told already, or whoever catches it outside of the transaction will tell
    setattr(exc, KEPT, True)
    try:
        db.session.rollback()
        _count(_described(exc, path))
    except Exception:
        logger.exception("A fault could not be kept")


def solve(error_id: int, *, actor: Actor) -> ApplicationError:
    """Somebody mended it. When it comes again, it is open again."""
    with transaction(actor) as session:
        error = locked(session, ApplicationError, error_id)
        if error.solved_at is None:
            error.solved_at = clock.now()
            audit.record("solve", "application_error", error.id, {}, actor=actor)
        return error


def scrubbed(text: str) -> str:
    """The text without what may be data."""
    for pattern, instead in SCRUBBED:
        text = pattern.sub(instead, text)
    return text[:LONGEST_MESSAGE]


def _described(exc: Exception, path: str) -> dict[str, Any]:
    kind = f"{type(exc).__module__}.{type(exc).__qualname__}".removeprefix("builtins.")[:120]
    place = _place(exc)[:200]
    return {
        "fingerprint": hashlib.sha256(f"{kind}\n{place}".encode()).hexdigest(),
        "kind": kind,
        "place": place,
        "message": scrubbed(_message(exc)),
        "trace": "\n".join(_trace(exc))[:LONGEST_TRACE],
        "last_path": (path or _path())[:LONGEST_PATH],
        "last_at": clock.now(),
    }


def _count(told: dict[str, Any]) -> None:
    """Two processes may meet the same new fault at once: one inserts, the other counts."""
    fingerprint = told["fingerprint"]
    again = {name: told[name] for name in ("message", "trace", "last_path", "last_at")}
    update = (
        sa.update(ApplicationError)
        .where(ApplicationError.fingerprint == fingerprint)
        .values(
            **again, count=ApplicationError.count + 1, version=ApplicationError.version + 1,
            solved_at=None,
        )
    )  # fmt: skip
    for _try in range(2):
        try:
            with transaction() as session:
                if not session.execute(update).rowcount:  # type: ignore[attr-defined]
                    session.add(ApplicationError(**told))
            return
        except Conflict:
            continue


def _message(exc: BaseException) -> str:
    """Of a database's words the first line, without the statement and its values."""
    said = str(exc.orig) if isinstance(exc, DBAPIError) else str(exc)
    return said.strip().split("\n")[0]


def _place(exc: BaseException) -> str:
    """The innermost function of ours, or of anybody when none is."""
    frames = list(_frames(exc.__traceback__))
    ours = [frame for frame in frames if frame[0].startswith("app/")]
    name, _line, function = (ours or frames or [("?", 0, "?")])[-1]
    return f"{name}:{function}"


def _trace(exc: BaseException | None) -> Iterator[str]:
    """From the cause to the effect, as Python shows it, but without the messages."""
    if exc is None:
        return
    yield from _trace(exc.__cause__ or (None if exc.__suppress_context__ else exc.__context__))
    for name, line, function in _frames(exc.__traceback__):
        yield f"{name}:{line} {function}"
    yield type(exc).__qualname__


def _frames(found: TracebackType | None) -> Iterator[tuple[str, int, str]]:
    for frame, line in traceback.walk_tb(found):
        code = frame.f_code
        yield _file(code.co_filename), line, code.co_name


def _file(name: str) -> str:
    path = Path(name)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return path.relative_to(ROOT).as_posix()
    return "/".join(path.parts[-2:])


def _path() -> str:
    """The address as it is declared; its parts may name somebody."""
    if not has_request_context():
        return ""
    rule = request.url_rule.rule if request.url_rule else "?"
    return f"{request.method} {rule}"
