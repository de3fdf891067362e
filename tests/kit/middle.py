"""A rival who comes at the exact moment: when somebody else is in the middle of his change."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import DomainError
from app.extensions import db

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
TRIES, PAUSE = 200, 0.01


def ended(act: Callable[[], Any]) -> str:
    """How it ended: "ok", or the code of the refusal."""
    try:
        act()
    except DomainError as exc:
        return exc.code
    finally:
        db.session.remove()
    return "ok"


def in_the_middle(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    first: Callable[[], Any],
    after: tuple[Any, str],
    rival: Callable[[], Any],
) -> tuple[str, str]:
    """Let `rival` begin when `first` has just left the function `after` (module, name), its locks
    held; how both ended. On PostgreSQL the rival stands before a lock by then, on SQLite before
    the beginning of his transaction.
    """
    module, name = after
    real, me, found = getattr(module, name), threading.get_ident(), []
    begun = threading.Event()

    def act() -> None:
        with app.app_context():
            begun.set()
            found.append(ended(rival))

    thread = threading.Thread(target=act)

    def hooked(*args: Any, **more: Any) -> Any:
        result = real(*args, **more)
        if threading.get_ident() == me and not begun.is_set():
            thread.start()
            begun.wait()
            _until_he_waits()
        return result

    monkeypatch.setattr(module, name, hooked)
    outcome = ended(first)
    assert begun.is_set(), f"{name} was not reached"
    thread.join()
    return outcome, found[0]


def _until_he_waits() -> None:
    if db.engine.dialect.name != "postgresql":
        return
    pause = threading.Event()
    with db.engine.connect() as connection:
        for _ in range(TRIES):
            if connection.scalar(sa.text(WAITING)):
                return
            connection.rollback()
            pause.wait(PAUSE)
    raise AssertionError("The rival never met the lock")
