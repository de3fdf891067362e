"""What is offered is what brute force finds; what is offered can be held, all else says why not."""

import itertools
import time
from collections import Counter
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import current_app
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.domain.actors import SYSTEM
from app.domain.errors import Conflict
from app.extensions import db
from app.models import (
    BlockedPair,
    Holiday,
    Service,
    Shift,
    Worker,
    WorkerBusy,
    WorkerDocument,
    WorkerSkill,
)
from app.services import clock
from app.services.orders import holds, quotes
from app.services.orders.quotes import ItemWish
from app.services.roster import slots
from app.services.system import parameters
from app.services.transactions import transaction
from tests import factories
from tests.kit.isolation import attached, thrown_away
from tests.roster import oracle

PLACES = [factories.HOME, factories.NEARBY, (23.16, 113.30), (23.10, 113.22), (23.5, 113.9)]
DAYS = 3
HOURS = {"house": (None, None, 120), "night": (1200, 1920, 480)}

spans = st.tuples(st.integers(0, 6), st.integers(0, 47), st.sampled_from([30, 60, 90, 240]))
claims = st.tuples(st.sampled_from(["visit", "leave", "blocked", "hold"]), spans,
                   st.sampled_from(PLACES[:4]))  # fmt: skip
people = st.fixed_dictionaries(
    {
        "home": st.sampled_from([*PLACES[:2], *PLACES]),
        "cap": st.integers(1, 3),
        "hours": st.sampled_from([(8, 20), (9, 17), (6, 22), (19, 34)]),
        "off": st.sets(st.integers(0, 5), max_size=2),
        "paper": st.sampled_from([300, 300, 2]),
        "skill": st.sampled_from([(300, 3), (300, 3), (2, 3), (300, 1)]),
        "blocked": st.sampled_from([False, False, True]),
        "claims": st.lists(claims, max_size=4),
    }
)  # fmt: skip
worlds = st.fixed_dictionaries(
    {
        "people": st.lists(people, min_size=4, max_size=4),
        "crew": st.sampled_from([1, 1, 2]),
        "days": st.sampled_from([1, 1, 3]),
        "hours": st.sampled_from(["house", "house", "night"]),
        "level": st.sampled_from([1, 2]),
        "rest": st.sets(st.integers(1, DAYS), max_size=1),
        "held": st.lists(st.integers(0, 20), max_size=2),
        "only": st.sampled_from([False, False, True]),
    }
)


@pytest.fixture
def company(app):
    """Four workers, a rival who holds times, and starts an hour apart."""
    made = factories.company()
    for n in range(4):
        factories.worker(made, name=f"{n}号", days=0)
    parameters.set_parameter("booking.step_minutes", 60, actor=SYSTEM)
    return made


@settings(max_examples=7, deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(world=worlds, chosen=st.randoms(use_true_random=False))
def test_each_start_is_offered_held_or_refused_as_brute_force_says(company, world, chosen):
    check(company, world, lambda starts: chosen.sample(starts, min(len(starts), 4)))


@pytest.mark.proof
def test_every_start_of_many_worlds(company, backend, capsys):
    tried: Counter[str] = Counter()
    began = time.monotonic()

    @settings(max_examples=200, deadline=None, derandomize=True, database=None,
              phases=[Phase.generate, Phase.shrink],
              suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(world=worlds)
    def in_each(world):
        tried.update(check(company, world, list))

    in_each()
    with capsys.disabled():
        print(f"\n{backend}: {dict(tried)} in {time.monotonic() - began:.0f} s")
    assert tried["worlds"] >= 200


def check(company, world, drawn):
    """Try one world and throw it away: PostgreSQL keeps what an open transaction has deleted."""
    with thrown_away(current_app._get_current_object()):
        judged = compare(attached(company), world, drawn)
        db.session.remove()
    held = sum(not reason for _count, reason in judged)
    return {"worlds": 1, "held": held, "refused": len(judged) - held}


def compare(company, world, drawn):
    quote, workers = make(company, world)
    only = workers[0].id if world["only"] else None
    first = clock.today() + timedelta(days=1)
    found = slots.free_times(
        quote, company.branch.id, first, first + timedelta(days=DAYS - 1), only
    )
    starts = oracle.every_start(quote, first, first + timedelta(days=DAYS - 1), clock.now())
    judged = oracle.answers(quote, itertools.chain(*starts.values()), clock.now(), only)

    said = {slot.starts_at: (slot.workers, "") for day in found for slot in day.slots}
    offered = {start for start, (_count, reason) in judged.items() if not reason}
    assert set(said) == offered
    assert {start: judged[start] for start in said} == said
    withheld = {one.starts_at: one.reason for day in found for one in day.withheld}
    assert withheld == {start: why for start, (_count, why) in judged.items() if why}
    chosen = drawn(sorted(judged))
    for start in chosen:
        try_to_hold(quote, start, only, judged[start][1])
    return [judged[start] for start in chosen]


def try_to_hold(quote, start, only, reason):
    if not reason:
        hold(quote, start, only)
        return
    with pytest.raises(Conflict) as refusal:
        hold(quote, start, only)
    assert (refusal.value.code, refusal.value.details["reason"]) == ("slot_taken", reason)


def hold(quote, start, only):
    """In one transaction: a refusal in it does not look for other times."""
    with transaction(SYSTEM):
        held = holds.hold_slot(quote.customer_id, quote.number, start, worker_id=only, actor=SYSTEM)
        holds.release_hold(quote.customer_id, held.number, actor=SYSTEM)


def make(company, world):
    """Let the company be this world; returns the quote that is asked about."""
    opens, closes, length = HOURS[world["hours"]]
    with transaction() as session:
        service = session.get_one(Service, company.cleaning.id)
        service.crew_size, service.days_most = world["crew"], 3
        service.minutes, service.from_minute, service.to_minute = length, opens, closes
        service.skills[0].level = world["level"]
        for n in world["rest"]:
            session.add(Holiday(day=clock.today() + timedelta(days=n), name="休"))
        workers = session.scalars(sa.select(Worker).order_by(Worker.id)).all()
        for worker, facts in zip(workers, world["people"], strict=True):
            settle(session, company, worker, facts)
    rival = company.customer, company.address
    for n in world["held"]:
        rival_holds(company, n)
    company.customer, company.address = rival
    wish = [ItemWish(company.cleaning.id)]
    quote = quotes.make_quote(
        company.customer.id, company.address.id, wish, days=world["days"], actor=SYSTEM
    )
    return quote, workers


def settle(session, company, worker, facts):
    today = clock.today()
    worker.home_lat, worker.home_lng = facts["home"]
    worker.daily_cap = facts["cap"]
    until, level = facts["skill"]
    session.query(WorkerSkill).filter_by(worker_id=worker.id).update(
        {"level": level, "valid_to": today + timedelta(days=until)}
    )
    session.query(WorkerDocument).filter_by(worker_id=worker.id, kind="health").update(
        {"valid_to": today + timedelta(days=facts["paper"])}
    )
    if facts["blocked"]:
        session.add(
            BlockedPair(customer_id=company.customer.id, worker_id=worker.id, asked_by="worker")
        )
    opens, closes = facts["hours"]
    for n in set(range(7)) - facts["off"]:
        day: date = today + timedelta(days=n)
        start = clock.start_of(day)
        session.add(
            Shift(worker_id=worker.id, service_on=day, starts_at=start + timedelta(hours=opens),
                  ends_at=start + timedelta(hours=closes))
        )  # fmt: skip
    for number, (kind, span, place) in enumerate(facts["claims"]):
        claim(session, worker, number, kind, span, place)


def claim(session, worker, number, kind, span, place):
    """A claim, unless it overlaps an earlier one."""
    day, half, length = span
    start = clock.start_of(clock.today() + timedelta(days=day)) + timedelta(minutes=30 * half)
    end = start + timedelta(minutes=length)
    visits = kind in ("visit", "hold")
    pad = timedelta(minutes=10 if visits else 0)
    inside = sa.select(WorkerBusy.id).where(
        WorkerBusy.worker_id == worker.id,
        WorkerBusy.start_at < end + pad,
        WorkerBusy.end_at > start - pad,
    )
    session.flush()
    if session.scalar(inside.limit(1)) is None:
        owner = {"visit": "order", "hold": "order"}.get(kind, kind)
        session.add(
            WorkerBusy(
                worker_id=worker.id, kind="visit" if visits else kind,
                owner=f"{owner}:{worker.id * 100 + number}", start_at=start - pad,
                end_at=end + pad, visit_start_at=start, visit_end_at=end,
                lat=place[0] if visits else None, lng=place[1] if visits else None,
            )
        )  # fmt: skip


def rival_holds(company, number):
    """Somebody else keeps one of the free times, if there is one."""
    company.customer = factories.customer("周先生")
    company.address = factories.address(company.customer, company.region, PLACES[number % 3])
    quote = factories.quote(company)
    first = clock.today() + timedelta(days=1)
    days = slots.free_times(quote, company.branch.id, first, first + timedelta(days=1))
    free = [slot.starts_at for day in days for slot in day.slots]
    if free:
        holds.hold_slot(company.customer.id, quote.number, free[number % len(free)], actor=SYSTEM)
        db.session.expire_all()
