"""One client of the benchmark `journals`: logs the statements of a posting, or posts."""

import json
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.ledger import Line
from app.extensions import db
from app.services.money import ledger
from app.services.transactions import transaction
from tests.kit import apps

WARM = 20


def main(what: str, folder: str, url: str, number: int, seconds: float) -> None:
    app = apps.make(Path(folder), url)
    with app.app_context():
        for n in range(WARM):
            _post(f"{number}:warm:{n}")
        if what == "log":
            print(json.dumps(_logged(number)))
            return
        print("ready", flush=True)
        for turn, _go in enumerate(sys.stdin):
            print(json.dumps(_posted(f"{number}:{turn}", seconds)), flush=True)


def _post(key: str) -> None:
    """A payment of 1.00: two accounts that everybody shares."""
    with transaction(SYSTEM):
        ledger.post(
            f"bench:{key}",
            "payment",
            [Line("clearing_wechat", 100), Line("customer_prepayments", -100)],
            source_kind="payment_attempt",
            source_id=1,
            actor=SYSTEM,
        )


def _posted(key: str, seconds: float) -> dict[str, float]:
    begun, done = time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        _post(f"{key}:{done}")
        done += 1
    return {"journals": done, "seconds": time.monotonic() - begun}


def _logged(number: int) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        told = {
            name: one.isoformat() if isinstance(one, date | datetime) else one
            for name, one in dict(values or {}).items()
        }
        seen.append({"sql": sql, "values": told})

    sa.event.listen(db.engine, "before_cursor_execute", note)
    _post(f"{number}:logged")
    sa.event.remove(db.engine, "before_cursor_execute", note)
    return seen


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
