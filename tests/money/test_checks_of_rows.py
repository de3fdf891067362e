"""Invariants that a single kind of row can break."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.models import (
    OrderLine,
    WorkerBusy,
)
from app.services.system import checks
from app.services.transactions import transaction
from tests import factories
from tests.money.support import (
    order,
    wrong,
)


def test_twenty_failures_are_named_and_all_are_counted(company, db):
    for _ in range(21):
        order(company, 100)
    with transaction(SYSTEM) as session:
        session.execute(sa.update(OrderLine.__table__).values(amount_fen=99))

    found = checks.CHECKS["lines_add_up"](db.session())

    assert (found.ok, found.figures["wrong"], len(found.failures)) == (False, 21, 20)


@pytest.mark.backends("sqlite")
def test_time_that_is_taken_twice_is_found(company, db):
    worker = factories.worker(company)
    start_at = factories.tomorrow()
    with transaction(SYSTEM) as session:
        for trigger in ("insert", "update"):
            session.execute(sa.text(f"DROP TRIGGER worker_busy_overlap_{trigger}"))
        for hours, owner in ((4, "order:1"), (1, "order:1"), (2, "order:2")):
            end = start_at + timedelta(hours=hours)
            session.add(
                WorkerBusy(
                    worker_id=worker.id, kind="visit", owner=owner, start_at=start_at, end_at=end,
                    visit_start_at=start_at, visit_end_at=end,
                )
            )  # fmt: skip

    assert wrong()["nobody_is_in_two_places"] == [worker.id]
