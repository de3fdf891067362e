"""A random life of money: attempts, losses, repetitions, edits, cancellations, refunds, pay.

After each step every invariant of the books must hold. The channel may lose its answer, answer
twice, out of order or late; what was lost is asked for again like the sweeps do.
"""

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, rule

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import DomainError
from app.extensions import db
from app.gateways.payment import GatewayRefused, OutcomeUnknown
from app.models import Approval, Order, Partner, PaymentAttempt, Refund, Worker
from app.services import clock
from app.services.money import adjustments, payments, refunds, settlement
from app.services.orders import add_ons, cancelling, confirming, editing
from app.services.system import approvals, checks, outbox, parameters, timers
from tests import factories
from tests.kit.machines import Life
from tests.money import support

FAULTS: dict[str, Callable[[], Exception | None]] = {
    "none": lambda: None,
    "lost": lambda: OutcomeUnknown("time-out"),
    "refused": lambda: GatewayRefused("no", gateway_code="NO", temporary=False),
}
# What the audit log, claims and permissions say is proved elsewhere.
MONEY = sorted(
    name
    for name, check in checks.CHECKS.items()
    if check.__module__.endswith(
        ("checks_ledger", "checks_books", "checks_orders", "checks_settlement", "checks_claims")
    )
)
faults = st.sampled_from(["none", "none", "none", "lost", "refused"])
STAGES = ("after", "booked", "booked", "paid", "served", "done", "done")
KINDS = ("refund", "refund", "compensation")
orders = Bundle("orders")


@dataclass
class World:
    """What every life begins with; fresh rows are read by their keys."""

    numbers: dict[str, int]
    workers: list[int]
    people: list[Actor]
    partner: int


def world() -> World:
    rows = factories.company()
    workers = [factories.worker(rows, days=31).id for _ in range(2)]
    parameters.set_parameter("payment.automatic_refund_fen", 5_000, actor=SYSTEM)
    numbers = {name: row.id for name, row in vars(rows).items()}
    agency = Partner(branch_id=rows.branch.id, code="agency", name="安心家政")
    people = [support.staff() for _ in range(3)]
    return World(numbers, workers, people, int(factories.save(agency).id))


class MoneyMachine(Life):
    world: "World"

    def __init__(self) -> None:
        super().__init__()
        self.day = 0
        self.codes = itertools.count(1)

    @property
    def company(self) -> factories.Company:
        """The rows as they are now."""
        models = factories.Company.__annotations__
        keys = self.world.numbers.items()
        rows = {name: db.session.get_one(models[name], key) for name, key in keys}
        return factories.Company(**rows)

    @property
    def workers(self) -> list[Worker]:
        return [db.session.get_one(Worker, key) for key in self.world.workers]

    def order(self, key: int) -> Order:
        return db.session.get_one(Order, key, populate_existing=True)

    def customer(self, key: int) -> Actor:
        return Actor("customer", self.order(key).customer_id)

    @rule(target=orders, stage=st.sampled_from(STAGES), off=st.sampled_from([0, 0, 2_000, 33_401]))
    def make(self, stage: str, off: int) -> int:
        """An order as far as `stage`; a booked one holds workers' time and can be edited. Of any
        other a coupon can bear a part.
        """
        self.day += 1
        if stage == "booked":
            start = factories.at(clock.today() + timedelta(days=1 + self.day % 20), 9)
            with suppress(DomainError):
                return int(factories.order(self.company, start).id)
        after = {"status": "pending_dispatch", "pay_mode": "after", "pay_by_at": None}
        more = after if stage == "after" else {}
        row = support.order(self.company, 33_401, coupon_fen=off, **more)
        if stage in ("paid", "served", "done"):
            support.pay(row)
        if stage in ("after", "served", "done"):
            support.serve(row, *self.workers[: 1 + self.day % 2])
        if stage == "done":
            support.complete(row)
        return int(row.id)

    @rule(key=orders, fault=faults)
    def start(self, key: int, fault: str) -> None:
        support.gateway().fails_with = FAULTS[fault]()
        self.attempt(lambda: support.start(self.order(key)))
        support.gateway().fails_with = None

    @rule(key=orders, amount=st.integers(1, 40_000))
    def start_another(self, key: int, amount: int) -> None:
        self.attempt(lambda: support.another_attempt(self.order(key), amount))

    @rule(key=orders, times=st.integers(1, 3), newest=st.booleans())
    def pay(self, key: int, times: int, newest: bool) -> None:
        """One attempt is paid at the channel, and told so as often as it likes."""
        which = PaymentAttempt.id.desc() if newest else PaymentAttempt.id
        number = db.session.scalar(
            sa.select(PaymentAttempt.out_trade_no).filter_by(order_id=key).order_by(which).limit(1)
        )
        if number not in support.gateway().payments:
            return
        paid = support.gateway().pay(number)
        for _ in range(times):
            self.attempt(lambda: payments.apply_payment("wechat", paid))

    @rule(key=orders, off=st.sampled_from([0, 0, 2_000]))
    def edit(self, key: int, off: int) -> None:
        order, company = self.order(key), self.company
        wanted = company.aircon if order.total_fen != 12_000 else company.cleaning
        more = [company.cleaning] if order.total_fen == 19_900 else []
        code = f"K{next(self.codes)}" if off else ""
        if code:
            factories.coupon(company.customer, code, amount_fen=off)
        asked = factories.quote(company, wanted, *more, coupon=code)
        self.attempt(
            lambda: editing.edit_order(
                order.customer_id, key, asked.number, asked.hash, actor=self.customer(key)
            )
        )

    @rule(key=orders, platform=st.booleans())
    def cancel(self, key: int, platform: bool) -> None:
        party = "platform" if platform else "customer"

        def call() -> None:
            shown = cancelling.preview(db.session(), self.order(key), party)
            cancelling.cancel_order(key, shown.hash, party=party, actor=SYSTEM)

        self.attempt(call)

    @rule(key=orders, amount=st.integers(0, 5_000), agree=st.booleans())
    def add(self, key: int, amount: int, agree: bool) -> None:
        order = self.order(key)
        if order.status != "pending_confirm":
            return
        visit = order.visits[0]
        support.put(visit, status="in_service")
        support.put(order, status="in_service")
        who = order.lead_worker_id or 0
        asked = add_ons.propose(
            visit.id,
            who,
            kind="material",
            name="配件",
            amount_fen=amount,
            actor=Actor("worker", who),
        )
        add_ons.answer(
            order.customer_id, key, asked.id, agree=agree, actor=self.customer(key)
        )  # fmt: skip
        support.put(visit, status="done")
        support.put(order, status="pending_confirm")

    @rule(key=orders)
    def confirm(self, key: int) -> None:
        who = self.customer(key)
        self.attempt(lambda: confirming.confirm_order(who.id or 0, key, actor=who))

    @rule(
        key=orders, amount=st.integers(1, 50_000), kind=st.sampled_from(["refund", "compensation"])
    )
    def ask_refund(self, key: int, amount: int, kind: str) -> None:
        asker = self.world.people[0]
        self.attempt(
            lambda: refunds.request_refund(key, amount, reason="随机", kind=kind, actor=asker)
        )

    @rule(index=st.integers(0, 1), amount=st.integers(-6_000, 6_000).filter(bool))
    def adjust(self, index: int, amount: int) -> None:
        self.attempt(
            lambda: adjustments.request_adjustment(
                self.world.workers[index],
                "correction",
                amount,
                reason="随机",
                actor=self.world.people[0],
            )
        )

    @rule(amount=st.integers(-6_000, 6_000).filter(bool))
    def adjust_partner(self, amount: int) -> None:
        self.attempt(
            lambda: adjustments.request_partner_adjustment(
                self.world.partner,
                "correction",
                amount,
                reason="随机",
                actor=self.world.people[0],
            )
        )

    @rule(who=st.integers(0, 2), approve=st.booleans())
    def decide(self, who: int, approve: bool) -> None:
        asked = db.session.scalar(sa.select(Approval.id).filter_by(status="asked").limit(1))
        if asked is not None:
            actor = self.world.people[who]
            self.attempt(lambda: approvals.decide(asked, approve=approve, actor=actor))

    @rule(fault=faults)
    def deliver(self, fault: str) -> None:
        support.gateway().fails_with = FAULTS[fault]()
        outbox.deliver_due()
        support.gateway().fails_with = None

    @rule(last_first=st.booleans(), times=st.integers(1, 2))
    def refunds_arrive(self, last_first: bool, times: int) -> None:
        numbers = sorted(support.gateway().refunds, reverse=last_first)
        for number in numbers * times:
            done = support.gateway().finish_refund(number)
            self.attempt(lambda: refunds.apply_refund("wechat", done))  # noqa: B023

    @rule(way=st.sampled_from(["again", "bank"]))
    def help_refund(self, way: str) -> None:
        promised = sa.and_(Refund.kind == "goodwill", Refund.status == "approved")
        waits = sa.or_(Refund.status == "failed", promised)
        failed = db.session.scalar(sa.select(Refund.id).where(waits).limit(1))
        manual = db.session.scalar(sa.select(Refund.id).filter_by(status="manual").limit(1))
        if manual is not None:
            two = self.world.people[2]
            self.attempt(lambda: refunds.confirm_settled(manual, reference="B1", actor=two))
        if failed is not None and way == "again":
            self.attempt(lambda: refunds.send_again(failed, actor=self.world.people[1]))
        elif failed is not None:
            one = self.world.people[1]
            self.attempt(lambda: refunds.settle_otherwise(failed, way, reason="随机", actor=one))

    @rule(days=st.sampled_from([0, 0, 3, 8]))
    def time_passes(self, days: int) -> None:
        self.frozen.travel(timedelta(days=days, minutes=16))
        timers.fire_due()
        self.attempt(payments.query_open_payments)
        self.attempt(refunds.refresh_open)

    @rule(finish=st.sampled_from(["approve", "cancel", "leave"]))
    def settle(self, finish: str) -> None:
        def call() -> None:
            run = settlement.make_run(
                self.company.branch.id,
                date(2030, 5, 1),
                clock.today(),
                actor=self.world.people[1],
            )
            if finish == "cancel" and run.status == "draft":
                settlement.cancel_run(run.id, actor=self.world.people[1])
            if finish == "approve" and run.status == "draft":
                asked = settlement.ask_approval(run.id, actor=self.world.people[1])
                approvals.decide(asked.id, approve=True, actor=self.world.people[2])

        self.attempt(call)

    @invariant()
    def books_are_whole(self) -> None:
        db.session.rollback()
        found = checks.run_all(names=MONEY)
        assert {name: one.failures for name, one in found.items() if not one.ok} == {}
        orders_above = sa.select(Order.id).where(Order.refunded_fen > Order.captured_fen)
        assert db.session.scalars(orders_above).all() == []
