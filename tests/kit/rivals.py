"""Calls that are made at the same moment, each by a thread of its own."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask

from app.domain.errors import DomainError
from app.extensions import db


def at_once(app: Flask, calls: Sequence[Callable[[], Any]]) -> Counter[str]:
    """Make the calls together; how many ended how: "ok", or the code of the refusal."""
    ended: list[str] = []
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait()
            try:
                call()
                ended.append("ok")
            except DomainError as exc:
                ended.append(exc.code)
            except Exception as exc:
                ended.append(repr(exc))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return Counter(ended)
