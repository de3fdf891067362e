"""The columns that PostgreSQL sends tell the same as the objects."""

from datetime import timedelta

import numpy as np
import pytest

from app.domain.eligibility import AREA, BLOCKED, DOCUMENT, LEVEL, RADIUS, RULES, SKILL
from app.models import BlockedPair, Shift, SkillRequirement, WorkerArea, WorkerDocument, WorkerSkill
from app.services import clock
from app.services.roster import _columns as columns
from app.services.roster import _judging as judging
from app.services.roster import claims, slots, workforce
from app.services.transactions import transaction
from tests import factories

pytestmark = pytest.mark.backends("postgresql")
DAYS = 6


@pytest.fixture(scope="module")
def crew_made(once, company_made):
    return once(lambda: crew_of(company_made()))


@pytest.fixture
def crew(app, crew_made):
    return crew_made()


def crew_of(company):
    """Nobody is like the other: each breaks another rule, on some days or always."""
    near = [factories.worker(company, name=f"{n}号") for n in range(9)]
    factories.save(
        BlockedPair(customer_id=company.customer.id, worker_id=near[8].id, asked_by="worker")
    )
    far = factories.worker(company, home=(23.5, 113.9))
    idle = factories.worker(company, status="suspended")
    day = clock.today() + timedelta(days=3)
    with transaction() as session:
        near[0].documents[0].valid_to = day
        near[1].skills[0].valid_to = day
        near[2].skills[0].valid_from = day
        near[3].skills[0].level = 1
        near[4].radius_km = 1
        session.query(SkillRequirement).update({"level": 2})
        session.query(WorkerArea).filter_by(worker_id=near[5].id).delete()
        session.query(WorkerSkill).filter_by(worker_id=near[6].id).delete()
        session.query(WorkerDocument).filter_by(worker_id=near[7].id, kind="health").delete()
        session.query(Shift).filter_by(worker_id=near[0].id, service_on=day).delete()
    return [*near, far, idle]


def both(company, quote, only=None):
    days = [clock.today() + timedelta(days=n) for n in range(1, DAYS + 1)]
    starts = {day: slots.start_times(day, quote.minutes) for day in days}
    wanted = slots.wanted_visit(quote, starts[days[0]][0])
    sent = columns.workers(company.branch.id, days, wanted, only)
    facts = workforce.workers_of(company.branch.id, days[0], days[-1], only=only)
    objects = columns.of_facts(facts, days, wanted)
    judged = [judging.judged(people, wanted, starts, 1) for people in (sent, objects)]
    return sent, objects, judged


def test_standing_rules_and_free_times_are_the_same(company, crew):
    factories.hold(company, factories.tomorrow(12))
    leave_from = factories.tomorrow(9)
    with transaction():
        claims.block(
            crew[3].id, leave_from, leave_from + timedelta(hours=3), kind="leave", owner="leave:1"
        )
    quote = factories.quote(company)

    sent, objects, judged = both(company, quote)

    assert np.array_equal(sent.broken, objects.broken)
    seen = {RULES[place] for place in sent.broken.ravel() if place >= 0}
    assert seen == {AREA, RADIUS, SKILL, LEVEL, DOCUMENT, BLOCKED}
    assert judged[0] == judged[1]
    assert len({found.workers for found in judged[0].values()}) > 2


def test_a_hold_that_has_run_out_is_no_claim(company, crew, clock):
    factories.hold(company, factories.tomorrow(12))
    held, _objects, _judged = both(company, factories.quote(company))
    clock.travel(timedelta(minutes=16))

    free, objects, _judged = both(company, factories.quote(company))

    assert (len(held.calendar.start), len(free.calendar.start)) == (1, 0)
    assert len(objects.calendar.start) == 0


@pytest.mark.parametrize("place", [0, 6, 8, 10])
def test_one_chosen_worker_says_why_not_herself(company, crew, place):
    quote = factories.quote(company)

    sent, objects, judged = both(company, quote, only=[crew[place].id])

    assert np.array_equal(sent.broken, objects.broken)
    assert judged[0] == judged[1]
