"""What random lives have in common: all that an example changed is thrown away at its end."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from flask import current_app
from hypothesis.stateful import RuleBasedStateMachine

from app.domain.errors import DomainError
from app.extensions import db

NOT_COUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK")


class Broken(Exception):
    """The database went away in the middle of a change."""


class Life(RuleBasedStateMachine):
    """Inside the fixture `app`. `steps` counts what was really done, refusals apart."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        db.session.rollback()
        self.savepoint = db.engine.begin_nested()
        self.frozen: Any = current_app.extensions["clock"]
        self.began = self.frozen.instant

    def teardown(self) -> None:
        db.session.rollback()
        self.savepoint.rollback()
        db.session.expunge_all()
        self.frozen.instant = self.began
        gateway = current_app.extensions["gateways"].payment["wechat"]
        for kept in (gateway.payments, gateway.refunds):
            kept.clear()

    def attempt(self, call: Callable[[], Any]) -> None:
        """A refusal is a fine answer; anything else is a finding."""
        with suppress(DomainError):
            call()
            type(self).steps += 1
        db.session.rollback()


@contextmanager
def breaking(at: int) -> Iterator[None]:
    """Let the database go away before the n-th statement from here; never when it is 0."""
    left = itertools.count(at, -1)

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(NOT_COUNTED) and next(left) == 1:
            raise Broken

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
