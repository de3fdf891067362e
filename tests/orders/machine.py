"""A random life of orders, with everybody who acts on them, clock and channel included.

After each step: nobody is in two places, no way is too short, every status went where the table
lets it, the story of each order tells of every change, and the books are whole.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, invariant, multiple, rule

from app.domain.actors import SYSTEM, Actor
from app.domain.geo import Point
from app.domain.reasons import REJECT_REASONS
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import AddOn, Address, Approval, Incident, MoveRequest, Offer, Order, PaymentAttempt
from app.services import clock
from app.services.dispatch import answering, dispatching
from app.services.money import payments, refunds
from app.services.orders import (
    add_ons,
    cancelling,
    choosing,
    confirming,
    editing,
    exceptions,
    holds,
    leaving,
    moving,
    reassigning,
    reworking,
    waiving,
)
from app.services.orders.move_rules import For
from app.services.quality import disputing
from app.services.system import approvals, outbox, parameters, timers
from app.services.visits import absence, checking, stopping
from tests import factories
from tests.kit.machines import Broken, Life, breaking
from tests.money import support
from tests.money.machine import FAULTS, faults
from tests.orders import watching

orders = Bundle("orders")
hours = st.integers(8, 18)
days = st.integers(1, 4)
places = st.sampled_from([factories.NEARBY, (23.150, 113.300)])
breaks = st.sampled_from([0, 0, 0, 0, 3, 7, 12, 20])
REASON = next(iter(REJECT_REASONS))
JUMPS = (5, 11, 16, 61, 400, 1500)  # minutes: an offer, a hold, a move, a day are over


@dataclass
class World:
    """What every life begins with; fresh rows are read by their keys."""

    numbers: dict[str, int]
    workers: list[int]
    dispatcher: Actor
    service: Actor
    operations: Actor


def world() -> World:
    rows = factories.company()
    factories.change(rows.aircon, pay_mode="after")
    for key in ("visit.photos_before", "visit.photos_after"):
        parameters.set_parameter(key, 0, actor=SYSTEM)
    parameters.set_parameter("booking.holds_per_hour", 1000, actor=SYSTEM)
    workers = [factories.worker(rows, days=14, daily_cap=3).id for _ in range(3)]
    numbers = {name: row.id for name, row in vars(rows).items()}
    people = [support.staff() for _ in range(3)]
    return World(numbers, workers, *people)


class OrderMachine(Life):
    world: "World"

    def __init__(self) -> None:
        super().__init__()
        self.did: list[str] = []
        self.seen = watching.stories()
        self.watch = watching.Statuses()
        self.watch.begin()

    def teardown(self) -> None:
        self.watch.end()
        super().teardown()

    def act(self, call: Callable[[], Any], breaks_at: int = 0) -> None:
        self.did.append(
            f"{call.__qualname__.removesuffix('.<locals>.<lambda>')}, broken at {breaks_at}"
        )
        with suppress(Broken), breaking(breaks_at):
            self.attempt(call)
        db.session.rollback()

    def order(self, key: int) -> Order:
        return db.session.get_one(Order, key, populate_existing=True)

    def customer(self, key: int) -> Actor:
        return Actor("customer", self.order(key).customer_id)

    def lead(self, key: int) -> Actor:
        return Actor("worker", self.order(key).lead_worker_id or self.world.workers[0])

    def visit(self, key: int) -> int:
        return int(self.order(key).visits[0].id)

    @property
    def company(self) -> factories.Company:
        models = factories.Company.__annotations__
        keys = self.world.numbers.items()
        return factories.Company(**{n: db.session.get_one(models[n], key) for n, key in keys})

    def start(self, day: int, hour: int) -> datetime:
        return factories.at(clock.today() + timedelta(days=day), hour)

    # The customer.

    @rule(target=orders, day=days, hour=hours, paid=st.booleans(), place=places)
    def book(self, day: int, hour: int, paid: bool, place: Any) -> "int | MultipleResults[int]":
        company, made = self.company, []
        company.customer = factories.customer()
        company.address = factories.address(company.customer, company.region, place)
        if paid:
            company.cleaning = company.aircon  # paid afterwards
        self.act(lambda: made.append(factories.order(company, self.start(day, hour)).id))
        return int(made[0]) if made else multiple()

    @rule(day=days, hour=hours, back=st.booleans())
    def keep_a_time(self, day: int, hour: int, back: bool) -> None:
        """And let it lapse, or give it back."""
        company = self.company

        def call() -> None:
            held = factories.hold(company, self.start(day, hour))
            if back:
                who = factories.acting(company.customer)
                holds.release_hold(company.customer.id, held.number, actor=who)

        self.act(call)

    @rule(key=orders, fault=faults, fails=breaks)
    def begin_to_pay(self, key: int, fault: str, fails: int) -> None:
        support.gateway().fails_with = FAULTS[fault]()
        self.act(lambda: support.start(self.order(key)), fails)
        support.gateway().fails_with = None

    @rule(key=orders, dear=st.booleans(), fails=breaks)
    def edit(self, key: int, dear: bool, fails: int) -> None:
        order, company = self.order(key), self.company
        company.customer = order.customer
        company.address = db.session.scalars(
            sa.select(Address).filter_by(customer_id=order.customer_id)
        ).one()
        options = (company.eco,) if dear else ()
        wanted = company.aircon if order.pay_mode == "after" else company.cleaning
        who = self.customer(key)

        def call() -> None:
            asked = factories.quote(company, wanted, options=options)
            editing.edit_order(who.id or 0, key, asked.number, asked.hash, actor=who)

        self.act(call, fails)

    @rule(key=orders, platform=st.booleans(), fails=breaks)
    def cancel(self, key: int, platform: bool, fails: int) -> None:
        party = "platform" if platform else "customer"
        actor = self.world.service if platform else self.customer(key)

        def call() -> None:
            shown = cancelling.preview(db.session(), self.order(key), party).hash
            cancelling.cancel_order(key, shown, party=party, actor=actor)

        self.act(call, fails)

    @rule(key=orders)
    def confirm(self, key: int) -> None:
        who = self.customer(key)
        self.act(lambda: confirming.confirm_order(who.id or 0, key, actor=who))

    @rule(key=orders)
    def dispute(self, key: int) -> None:
        who = self.customer(key)
        self.act(lambda: disputing.dispute(who.id or 0, key, text="没擦干净", actor=who))

    @rule(key=orders, choice=st.sampled_from(choosing.CHOICES), hour=hours)
    def choose(self, key: int, choice: Any, hour: int) -> None:
        start = self.start(1, hour) if choice == "new_time" else None
        who = self.customer(key)
        self.act(
            lambda: choosing.choose(key, choice, starts_at=start, customer_id=who.id, actor=who)
        )

    # Another time, from each side.

    @rule(key=orders, side=st.sampled_from(["customer", "worker", "staff"]), day=days, hour=hours,
          fails=breaks)  # fmt: skip
    def ask_for_time(self, key: int, side: Any, day: int, hour: int, fails: int) -> None:
        who = {"customer": self.customer(key), "worker": self.lead(key)}
        whose = {"customer": For(customer_id=who["customer"].id),
                 "worker": For(worker_id=who["worker"].id)}  # fmt: skip
        actor, mine = who.get(side, self.world.service), whose.get(side, For())
        start = self.start(day, hour)
        self.act(lambda: moving.propose(key, start, side=side, whose=mine, actor=actor), fails)

    @rule(agree=st.booleans(), fails=breaks)
    def answer_time(self, agree: bool, fails: int) -> None:
        """Staff say for the other side, or operations for the company."""
        row = self._open_move()
        if row is not None:
            key, review = row.id, row.status == "ops_review"
            actor = self.world.operations
            if review:
                self.act(lambda: moving.review(key, approve=agree, actor=actor), fails)
            else:
                self.act(lambda: moving.answer(key, agree=agree, actor=actor), fails)

    @rule()
    def take_back_time(self) -> None:
        row = self._open_move()
        if row is not None:
            self.act(lambda: moving.withdraw(row.id, actor=self.world.service))

    def _open_move(self) -> MoveRequest | None:
        open_ = MoveRequest.status.in_(("ops_review", "await_other_side"))
        return db.session.scalar(sa.select(MoveRequest).where(open_).limit(1))

    # The worker.

    @rule(key=orders, yes=st.sampled_from([True, True, False]), fails=breaks)
    def answer_offer(self, key: int, yes: bool, fails: int) -> None:
        offer = db.session.scalar(sa.select(Offer).filter_by(order_id=key, status="live").limit(1))
        if offer is None:
            return
        row, who = offer.id, offer.worker_id
        actor = Actor("worker", who)
        if yes:
            self.act(lambda: answering.accept_offer(row, who, actor=actor), fails)
        else:
            self.act(
                lambda: answering.reject_offer(row, who, reason_code=REASON, actor=actor), fails
            )

    @rule(key=orders, fails=breaks)
    def withdraw(self, key: int, fails: int) -> None:
        who, visit = self.lead(key), self.visit(key)
        self.act(lambda: leaving.withdraw(visit, who.id or 0, reason_code=REASON, actor=who), fails)

    @rule(key=orders, verb=st.sampled_from(["depart", "check_in", "check_in", "check_out"]),
          fails=breaks)  # fmt: skip
    def serve(self, key: int, verb: str, fails: int) -> None:
        who, visit = self.lead(key), self.visit(key)
        presence = checking.Presence(code=checking.visit_code(visit))
        self.act(lambda: getattr(checking, verb)(visit, who.id, presence, actor=who), fails)

    @rule(key=orders, agree=st.booleans(), amount=st.integers(0, 5_000), drop=st.booleans())
    def add_on(self, key: int, agree: bool, amount: int, drop: bool) -> None:
        who, visit = self.lead(key), self.visit(key)
        self.act(
            lambda: add_ons.propose(
                visit, who.id or 0, kind="other", name="擦窗", amount_fen=amount, actor=who
            )
        )
        proposed = sa.select(AddOn).filter_by(order_id=key, status="proposed")
        row = db.session.scalar(proposed.limit(1))
        if row is not None:
            asked, asker = row.id, self.customer(key)
            mine = (asker.id or 0, key, asked)
            self.act(lambda: add_ons.answer(*mine, agree=agree, actor=asker))
            if drop:
                self.act(lambda: add_ons.refuse_to_pay(*mine, text="随机", actor=asker))
                self.act(lambda: waiving.waive(asked, reason="随机", actor=self.world.service))

    @rule(key=orders, report=st.booleans())
    def nobody_at_home(self, key: int, report: bool) -> None:
        who, visit, row = self.lead(key), self.visit(key), self.order(key)
        door = Point(row.lat, row.lng)
        calls = [clock.now() - timedelta(minutes=n) for n in (4, 2)]
        self.act(lambda: absence.arrive(visit, who.id or 0, door, actor=who))
        if report:
            self.act(lambda: absence.report(visit, who.id or 0, door, calls=calls, actor=who))

    # The office.

    @rule(key=orders, who=st.integers(0, 2), fails=breaks)
    def assign(self, key: int, who: int, fails: int) -> None:
        worker = self.world.workers[who]
        self.act(
            lambda: dispatching.force_assign(
                key, worker, reason="随机", actor=self.world.dispatcher
            ),
            fails,
        )

    @rule(key=orders, who=st.sampled_from([None, 0, 1, 2]), fails=breaks)
    def reassign(self, key: int, who: int | None, fails: int) -> None:
        worker = None if who is None else self.world.workers[who]
        self.act(
            lambda: reassigning.reassign(
                key, reason="随机", fault="company", worker_id=worker, actor=self.world.dispatcher
            ),
            fails,
        )

    @rule(key=orders)
    def stop(self, key: int) -> None:
        self.act(lambda: stopping.stop(key, reason="随机", actor=self.world.service))

    @rule(key=orders)
    def report_exception(self, key: int) -> None:
        self.act(lambda: exceptions.report(key, reason="随机", actor=self.world.service))

    @rule(key=orders, to=st.sampled_from(sorted(exceptions.NEEDS)), fails=breaks)
    def resolve_exception(self, key: int, to: OrderStatus, fails: int) -> None:
        actor = self.world.operations
        self.act(lambda: exceptions.resolve(key, to, reason="随机", actor=actor), fails)

    @rule(target=orders, key=orders, hour=hours)
    def rework(self, key: int, hour: int) -> "int | MultipleResults[int]":
        made, start, actor = [], self.start(1, hour), self.world.service
        self.act(lambda: made.append(reworking.rework(key, start, reason="随机", actor=actor).id))
        return int(made[0]) if made else multiple()

    @rule(key=orders, amount=st.integers(1, 20_000))
    def ask_refund(self, key: int, amount: int) -> None:
        actor = self.world.service
        self.act(lambda: refunds.request_refund(key, amount, reason="随机", actor=actor))

    @rule(yes=st.booleans())
    def decide(self, yes: bool) -> None:
        """Another person on what waits for one: approvals, and customers who were not at home."""
        asked = db.session.scalar(sa.select(Approval.id).filter_by(status="asked").limit(1))
        if asked is not None:
            actor = self.world.operations
            self.act(lambda: approvals.decide(asked, approve=yes, actor=actor))
        waits = sa.select(Incident.id).filter_by(kind=absence.KIND, status="open").limit(1)
        row = db.session.scalar(waits)
        if row is not None:
            actor = self.world.service
            self.act(lambda: absence.decide(row, confirm=yes, note="随机", actor=actor))

    # The channel, and the clock.

    @rule(key=orders, times=st.integers(1, 2), fails=breaks)
    def paid(self, key: int, times: int, fails: int) -> None:
        """The newest attempt is paid, and told so as often as it likes."""
        newest = sa.select(PaymentAttempt.out_trade_no).filter_by(order_id=key)
        number = db.session.scalar(newest.order_by(PaymentAttempt.id.desc()).limit(1))
        if number in support.gateway().payments:
            told = support.gateway().pay(number)
            for _ in range(times):
                self.act(lambda: payments.apply_payment("wechat", told), fails)

    @rule(times=st.integers(1, 2))
    def refunds_arrive(self, times: int) -> None:
        for number in sorted(support.gateway().refunds) * times:
            done = support.gateway().finish_refund(number)
            self.act(lambda: refunds.apply_refund("wechat", done))  # noqa: B023

    @rule(fault=faults)
    def jobs(self, fault: str) -> None:
        support.gateway().fails_with = FAULTS[fault]()
        timers.fire_due()
        outbox.deliver_due()
        support.gateway().fails_with = None

    @rule(minutes=st.sampled_from(JUMPS))
    def time_passes(self, minutes: int) -> None:
        self.frozen.travel(timedelta(minutes=minutes))
        self.jobs("none")
        self.act(holds.sweep_expired)

    @rule(key=orders, minutes=st.sampled_from([-20, 1, 90]))
    def time_of(self, key: int, minutes: int) -> None:
        """It is just before the visit, at it, or the worker is late."""
        moment = self.order(key).planned_start + timedelta(minutes=minutes)
        if clock.now() < moment < clock.now() + timedelta(days=3):
            self.frozen.instant = moment
            self.jobs("none")

    @invariant()
    def all_holds(self) -> None:
        db.session.rollback()
        now = watching.stories()
        found = {
            **watching.wrong(),
            "statuses": self.watch.wrong,
            "untold": watching.untold(self.seen, now),
        }
        found = {name: rows for name, rows in found.items() if rows}
        assert not found, (found, self.did)
        self.seen = now
