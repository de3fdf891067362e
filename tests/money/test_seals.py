"""A sealed month: by two people, and nothing of it can be changed or added afterwards."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.errors import Conflict, Forbidden, RuleViolation
from app.domain.ledger import Line
from app.models import Journal, LedgerAccount, PeriodSeal, Posting, guards
from app.services.money import ledger, seals
from app.services.system import approvals
from app.services.transactions import transaction
from tests.money.support import count, staff

APRIL = date(2030, 4, 30)


def book(key: str, fen: int, day: date | None = None) -> Journal:
    lines = [Line("bank", fen), Line("suspense", -fen)]
    return ledger.post(
        key, "manual", lines, source_kind="test", source_id=1, booked_on=day, actor=SYSTEM
    )


def seal() -> PeriodSeal:
    approval = seals.ask_to_seal(actor=staff())
    approvals.decide(approval.id, approve=True, actor=staff())
    return ledger.db.session.scalars(
        sa.select(PeriodSeal).order_by(PeriodSeal.period_to.desc()).limit(1)
    ).one()


@pytest.fixture
def april(app) -> None:
    book("april:1", 700, date(2030, 4, 2))
    book("april:2", 50, APRIL)
    book("may:1", 9, date(2030, 5, 1))


def test_the_oldest_month_that_is_over_is_sealed_with_its_totals(april, clock):
    row = seal()

    assert (row.period_from, row.period_to) == (date(2030, 4, 1), APRIL)
    assert row.totals == {"journals": 2, "accounts": {"bank": [750, 0], "suspense": [0, 750]}}
    assert row.approved_by_id != row.sealed_by_id
    assert row.sealed_at == clock.now()


def test_the_present_month_cannot_be_sealed(april):
    seal()

    with pytest.raises(RuleViolation) as refused:
        seals.ask_to_seal(actor=staff())

    assert refused.value.code == "nothing_to_seal"
    assert count(PeriodSeal) == 1


def test_a_month_without_journals_is_sealed_between_two_others(april, clock):
    clock.travel(timedelta(days=70))

    months = [seal().period_to.isoformat() for _ in range(3)]

    assert months == ["2030-04-30", "2030-05-31", "2030-06-30"]


def test_who_asked_does_not_seal(april):
    asker = staff()
    approval = seals.ask_to_seal(actor=asker)

    with pytest.raises(Forbidden):
        approvals.decide(approval.id, approve=True, actor=asker)

    assert count(PeriodSeal) == 0


def test_what_was_booked_since_it_was_shown_must_be_shown_again(april):
    approval = seals.ask_to_seal(actor=staff())
    book("april:3", 1, APRIL)

    with pytest.raises(RuleViolation) as refused:
        approvals.decide(approval.id, approve=True, actor=staff())

    assert refused.value.code == "changed_since_shown"
    assert count(PeriodSeal) == 0


def test_the_same_month_is_asked_for_once(april):
    seals.ask_to_seal(actor=staff())

    with pytest.raises(Conflict):
        seals.ask_to_seal(actor=staff())


@pytest.mark.parametrize("day", [APRIL, date(2030, 4, 1), date(2029, 12, 31)])
def test_nothing_is_booked_on_a_sealed_day_or_before(april, day):
    seal()

    with pytest.raises(RuleViolation) as refused:
        book("late", 5, day)

    assert refused.value.code == "period_sealed"
    assert ledger.balance("bank") == 759
    assert book("correction", 5, date(2030, 5, 1)).posted_on == date(2030, 5, 1)


def test_a_day_to_come_is_refused(april, clock):
    with pytest.raises(RuleViolation) as refused:
        book("early", 5, date(2030, 5, 7))

    assert refused.value.code == "day_to_come"


def raw_journal(**values: Any) -> Any:
    row = {
        "key": "raw", "payload_hash": "0" * 64, "kind": "manual", "source_kind": "test",
        "source_id": 1, "posted_at": sa.func.current_timestamp(), "posted_on": APRIL,
        "actor_kind": "system",
    }  # fmt: skip
    return sa.insert(Journal.__table__).values(row | values)


def first_of_april() -> Any:
    return sa.select(Journal.id).filter_by(key="april:1").scalar_subquery()


def bank() -> Any:
    return sa.select(LedgerAccount.id).filter_by(code="bank").scalar_subquery()


@pytest.mark.parametrize(
    "statement",
    [
        lambda: raw_journal(),
        lambda: sa.insert(Posting).values(
            [
                {"journal_id": first_of_april(), "account_id": bank(), "amount_fen": fen}
                for fen in (1, -1)
            ]
        ),
        lambda: sa.update(PeriodSeal.__table__).values(hash="0" * 64),
        lambda: sa.delete(PeriodSeal.__table__),
        lambda: sa.update(Journal.__table__).values(posted_on=date(2030, 5, 2)),
        lambda: sa.delete(Journal.__table__),
        lambda: sa.update(Posting.__table__).values(amount_fen=1),
        lambda: sa.delete(Posting.__table__),
    ],
    ids=[
        "journal", "postings", "seal changed", "seal gone", "journal changed", "journal gone",
        "posting changed", "posting gone",
    ],
)  # fmt: skip
def test_the_database_itself_refuses(april, statement):
    row = seal()

    with pytest.raises(sa.exc.IntegrityError, match=r"period_sealed|append_only"), transaction():
        ledger.db.session.execute(statement())

    assert seals.stands(ledger.db.session(), row)
    assert (count(Journal), count(Posting), count(PeriodSeal)) == (3, 6, 1)


@pytest.mark.backends("postgresql")
def test_who_seals_waits_for_who_is_booking(real_app):
    """Otherwise a journal of April could be committed after April was sealed without it."""
    alone = sa.select(sa.func.pg_try_advisory_xact_lock(guards.SEAL_LOCK))
    engine = ledger.db.engine
    with engine.connect() as booking, engine.connect() as sealing:
        booking.execute(raw_journal())

        assert sealing.scalar(alone) is False
        booking.rollback()
        assert sealing.scalar(alone) is True
    ledger.db.session.remove()
