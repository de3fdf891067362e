"""Far more customers than hours: exactly the free hours are sold, each of them once."""

import functools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Busy, Conflict, DomainError
from app.domain.reasons import REJECT_REASONS
from app.domain.states import OfferStatus
from app.extensions import db
from app.models import Offer, Order, SlotHold, WorkerBusy
from app.services import clock
from app.services.dispatch import answering
from app.services.orders import holds, ordering
from app.services.system import checks, outbox, timers
from tests import factories

pytestmark = pytest.mark.proof
SEED = 20300506
HOURS = (9, 12, 15)  # far enough apart that a worker can do them all
WORKERS, CUSTOMERS, THREADS = 4, 30, 6
LAPSE = 0.3  # of those who hold a time, this many let it lapse
ROUNDS = 40


def in_threads(app, calls: Iterable[Callable[[], str]]) -> Counter[str]:
    """Run the calls in THREADS threads, which begin together; counts the outcomes."""
    waiting, outcomes, errors = list(calls), [], []
    barrier = threading.Barrier(THREADS)

    def work():
        barrier.wait()
        with app.app_context():
            while waiting:
                try:
                    outcomes.append(waiting.pop()())
                except IndexError:
                    return
                except Exception as exc:
                    errors.append(exc)
                finally:
                    db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    return Counter(outcomes)


def patiently(call: Callable[[], Any]) -> Any:
    """As a client does it: busy means again."""
    for _ in range(50):
        try:
            return call()
        except Busy:
            time.sleep(0.02)
    raise AssertionError("Busy for too long")


def books(who: int, number: str, print_: str, chance: random.Random) -> Callable[[], str]:
    """A customer who tries each hour of the day, in an order of her own, until one is hers."""
    starts = [factories.tomorrow(hour) for hour in chance.sample(HOURS, len(HOURS))]
    lapses, actor = chance.random() < LAPSE, Actor("customer", who)

    def take(start: datetime) -> SlotHold | None:
        try:
            return holds.hold_slot(who, number, start, actor=actor)
        except Conflict as exc:
            if exc.code != "slot_taken":
                raise
            return None

    def book() -> str:
        for start in starts:
            held = patiently(functools.partial(take, start))
            if held is None:
                continue
            if not lapses:
                order = functools.partial(
                    ordering.create_order, who, held.number, print_, actor=actor
                )
                patiently(order)
            return "held" if lapses else "ordered"
        return "refused"

    return book


def customers(company, chance: random.Random) -> list[Callable[[], str]]:
    calls = []
    for _ in range(CUSTOMERS):
        company.customer = factories.customer()
        company.address = factories.address(company.customer, company.region)
        quote = factories.quote(company)
        calls.append(books(company.customer.id, quote.number, quote.hash, chance))
    return calls


def answers(offer: int, worker: int, wish: str) -> Callable[[], str]:
    actor = Actor("worker", worker)
    reason = next(iter(REJECT_REASONS))

    def answer() -> str:
        if wish == "silent":
            return wish
        try:
            if wish == "accept":
                patiently(lambda: answering.accept_offer(offer, worker, actor=actor))
            else:
                patiently(
                    lambda: answering.reject_offer(offer, worker, reason_code=reason, actor=actor)
                )
        except DomainError as exc:
            return exc.code
        return wish

    return answer


def overlaps() -> list[tuple[int, int]]:
    mine, other = sa.orm.aliased(WorkerBusy), sa.orm.aliased(WorkerBusy)
    query = sa.select(mine.id, other.id).where(
        mine.worker_id == other.worker_id,
        mine.id < other.id,
        mine.start_at < other.end_at,
        other.start_at < mine.end_at,
    )
    return [tuple(row) for row in db.session.execute(query)]


def prove(capacity: int) -> None:
    db.session.rollback()
    assert overlaps() == []
    assert (db.session.scalar(sa.select(sa.func.count(WorkerBusy.id))) or 0) <= capacity
    wrong = {name: found.failures for name, found in checks.run_all().items() if not found.ok}
    assert wrong == {}


def test_a_day_is_sold_out_and_nothing_is_sold_twice(real_app, capsys):
    chance, began = random.Random(SEED), time.monotonic()
    company = factories.company(pay_mode="after")
    for _ in range(WORKERS):
        factories.worker(company)
    capacity = WORKERS * len(HOURS)
    first, second = customers(company, chance), customers(company, random.Random(0))

    sold = in_threads(real_app, first)
    assert sold["ordered"] + sold["held"] == capacity, sold
    prove(capacity)

    # The times that were only held are free again, for the next wave.
    real_app.extensions["clock"].travel(timedelta(minutes=16))
    with real_app.app_context():
        freed = timers.fire_due() + holds.sweep_expired()
    prove(capacity)
    assert freed >= sold["held"]
    resold = in_threads(real_app, second)
    assert resold["ordered"] + resold["held"] == sold["held"], resold
    real_app.extensions["clock"].travel(timedelta(minutes=16))
    answered = answer_all(real_app, chance, capacity)

    db.session.rollback()  # SQLite would go on showing the moment of the last look
    statuses = Counter(db.session.scalars(sa.select(Order.status)).all())
    assert sum(statuses.values()) == sold["ordered"] + resold["ordered"]
    assert set(statuses) <= {"accepted", "pending_dispatch"}
    assert statuses["accepted"] == answered["accept"] > 0
    held = db.session.scalar(sa.select(sa.func.count(SlotHold.id)).filter_by(status="live"))
    assert held == 0
    with capsys.disabled():
        print(f"\n{db.engine.dialect.name}, seed {SEED}: capacity {capacity}; {dict(sold)}, then")
        print(f"{dict(resold)}; answers {dict(answered)}; orders {dict(statuses)};")
        print(f"{time.monotonic() - began:.0f} s")


def answer_all(app, chance: random.Random, capacity: int) -> Counter[str]:
    """Workers accept, decline or stay silent until nobody is asked any more."""
    answered: Counter[str] = Counter()
    for _ in range(ROUNDS):
        with app.app_context():
            timers.fire_due()
            outbox.deliver_due()
            live = sa.select(Offer.id, Offer.worker_id).filter_by(status=OfferStatus.LIVE.value)
            offers = db.session.execute(live.order_by(Offer.id)).all()
            wishes = chance.choices(("accept", "reject", "silent"), (3, 2, 1), k=len(offers))
        if not offers:
            return answered
        answered += in_threads(
            app,
            [answers(o.id, o.worker_id, w) for o, w in zip(offers, wishes, strict=True)],
        )
        prove(capacity)
        app.extensions["clock"].travel(timedelta(minutes=11))
    raise AssertionError(f"Offers remain after {ROUNDS} rounds, at {clock.now()}")
