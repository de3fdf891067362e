"""A child process that dies by SIGKILL at the n-th point where the database or a channel hears."""

import itertools
import os
import signal
import traceback
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.extensions import db

FINISHED, FAILED = 0, 3
OUTSIDE = ("create", "query", "close", "refund", "query_refund", "transfer", "query_transfer")


class EndsBeforeItself:
    """Counts statements, commits and calls to channels; kills its own process before the n-th.

    A call to a channel counts twice: before the channel hears of it, and before its answer comes.
    """

    def __init__(self, n: int) -> None:
        self._left = itertools.count(n, -1)

    def statement(self, *_: Any) -> None:
        if next(self._left) == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    def listen(self) -> None:
        sa.event.listen(sa.Engine, "before_cursor_execute", self.statement)
        sa.event.listen(sa.Engine, "commit", self.statement)
        for channel in current_app.extensions["gateways"].payment.values():
            for name in OUTSIDE:
                setattr(channel, name, self._watched(getattr(channel, name)))

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any) -> Any:
            self.statement()
            answer = call(*args)
            self.statement()
            return answer

        return watched


def was_killed(call: Callable[[], object], n: int) -> bool:
    """Run the call in a child that is killed before its n-th statement or commit.

    False when the call ended before that. A call that fails by itself is an error of the proof.
    """
    db.session.rollback()
    db.engine.dispose()  # no connection may have two owners
    child = os.fork()
    if child == 0:
        _live_and_die(call, n)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == FINISHED, "the child failed by itself"
    return False


def _live_and_die(call: Callable[[], object], n: int) -> None:
    try:
        EndsBeforeItself(n).listen()
        call()
        os._exit(FINISHED)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(FAILED)
