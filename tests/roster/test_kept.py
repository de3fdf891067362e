"""Calendars that a process keeps are those of the database, whoever writes there."""

import random
from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.free_time import CLAIM_COLUMNS
from app.extensions import db
from app.models import RosterStamp, Shift, WorkerBusy
from app.services import clock
from app.services.roster import _kept as kept
from app.services.roster import claims, slots, workforce
from app.services.roster._packed import People
from app.services.transactions import transaction
from tests import factories

pytestmark = pytest.mark.backends("postgresql")
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def crew_made(once, company_made):
    return once(lambda: [factories.worker(company_made(), name=f"{n}号") for n in range(6)])


@pytest.fixture
def crew(app, crew_made):
    return crew_made()


def calendars(company, quote):
    """As it is kept, and as it is read anew."""
    start = factories.tomorrow(9)
    wanted = slots.wanted_visit(quote, start)
    span = workforce.span_of(clock.today(), clock.today() + timedelta(days=6))
    people = People(company.branch.id, wanted, None)
    able = np.arange(len(people.ids))
    return [
        kept.calendar(company.branch.id, people, able, span),
        kept.calendar_of_some(people, able, span),
    ]


def assert_same(calendar, fresh):
    for name in (*CLAIM_COLUMNS, "shift_worker", "shift_start", "shift_end"):
        assert np.array_equal(getattr(calendar, name), getattr(fresh, name), equal_nan=True), name


def block(worker, hours, number):
    start = factories.tomorrow(8) + hours * HOUR
    claims.block(worker.id, start, start + HOUR, kind="blocked", owner=f"blocked:{number}")


def test_after_each_change_they_are_those_of_the_database(company, crew, monkeypatch):
    monkeypatch.setattr(kept, "RELOAD_PERCENT", 100)
    chance, quote = random.Random(5), factories.quote(company)
    for number in range(12):
        with transaction(SYSTEM) as session:
            claims.release(f"blocked:{chance.randrange(number + 1)}")
            block(chance.choice(crew), number, number)
            if number == 6:
                session.delete(session.scalars(sa.select(Shift)).first())
        assert_same(*calendars(company, quote))
    assert db.session.query(WorkerBusy).count() > 3


def test_who_comes_and_who_leaves_is_seen(company, crew):
    quote = factories.quote(company)
    assert_same(*calendars(company, quote))
    factories.worker(company, name="新来的")
    with transaction(SYSTEM):
        crew[2].status = "suspended"

    calendar, fresh = calendars(company, quote)

    assert calendar.size == 6
    assert_same(calendar, fresh)


def test_what_is_long_past_is_dropped(company, crew, clock):
    quote = factories.quote(company)
    calendars(company, quote)
    clock.travel(timedelta(days=11))

    assert_same(*calendars(company, quote))

    (one,) = [one for (_url, branch), one in kept._kept.items() if branch == company.branch.id][-1:]
    assert one.since > clock.now() - timedelta(days=5)


def test_what_is_written_without_our_code_changes_the_stamp(company, crew):
    def stamps():
        rows = sa.select(RosterStamp.worker_id, sa.func.bit_xor(RosterStamp.stamp))
        return dict(db.session.execute(rows.group_by(RosterStamp.worker_id)).tuples().all())

    one, other = crew[0].id, crew[1].id
    for statement, whose in [
        (f"UPDATE shift SET worker_id = {other}, starts_at = starts_at + interval '1 minute'"
         f" WHERE id = (SELECT min(id) FROM shift WHERE worker_id = {one})", {one, other}),
        (f"DELETE FROM shift WHERE worker_id = {one}", {one}),
        (f"INSERT INTO worker_busy (worker_id, kind, owner, start_at, end_at, visit_start_at,"
         f" visit_end_at) SELECT {one}, 'leave', 'leave:1', s, s + interval '1 hour', s,"
         f" s + interval '1 hour' FROM (SELECT now() AS s) AS t", {one}),
        (f"UPDATE worker_busy SET worker_id = {other}", {one, other}),
        ("DELETE FROM worker_busy", {other}),
    ]:  # fmt: skip
        before = stamps()
        db.session.execute(sa.text(statement))
        after = stamps()
        assert {key for key in before if before[key] != after[key]} == whose, statement
    assert db.session.query(RosterStamp).count() == len(crew)
    db.session.rollback()
