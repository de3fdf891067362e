"""The story of one order of the demo, from the quote until it is paid."""

import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from typing import Literal

import sqlalchemy as sa

from app.demo import catalogue, load_coupon, texts
from app.demo.load_channel import CHANNELS, REMOTE, SHARES, expect_trouble, paid, refunded
from app.demo.load_customers import Household
from app.demo.load_pictures import Picture
from app.demo.load_reference import Reference
from app.demo.load_stage import Action, Stage
from app.demo.load_workers import Colleague
from app.domain.actors import SYSTEM, Actor
from app.domain.states import OrderStatus, PaymentStatus, move
from app.extensions import db
from app.gateways.payment import GatewayRefused, OutcomeUnknown, PaymentState
from app.models import Order, PaymentAttempt, Quote, Refund
from app.services import clock
from app.services.money import offline, payments, refunds
from app.services.numbers import new_number
from app.services.orders import events, holds, ordering, paying, quotes
from app.services.orders.quotes import ItemWish, OptionWish
from app.services.roster import slots
from app.services.system import approvals, timers
from app.services.transactions import transaction

# done: served and confirmed. unpaid, late, too_late: not paid in time; paid a little or much later.
# nobody: every worker refuses. paying, refused, silent: the payment is open, was refused by the
# channel, or got no answer. absent: nobody was at home. broken: something went wrong while it was
# served. slept: who was asked first did not answer. contested: several were asked at once, and one
# was the quickest. The others stop where their name says.
Ending = Literal[
    "done", "unpaid", "late", "too_late", "nobody", "before_payment", "before_answer",
    "paying", "refused", "silent", "absent", "broken", "slept", "contested",
]  # fmt: skip
PREPAID = "clean.home"
TRYING = ("paying", "refused", "silent")
# Orders with a coupon: those of an unpaid one, and of one that is cancelled later, come back.
COUPONS: Mapping[Ending, int] = {"done": 5, "unpaid": 1, "before_answer": 3}

# Services that one customer orders together, and one worker can do.
TOGETHER = {
    "clean.home": "appliance.aircon",
    "clean.kitchen": "clean.bathroom",
    "appliance.aircon": "appliance.hood",
    "repair.plumbing_electrical": "repair.drain",
}
MAY_REJECT_ROUNDS = 2
DAYS_TRIED = 3


@dataclass
class Cast:
    """Everybody who acts."""

    reference: Reference
    households: list[Household]
    colleagues: list[Colleague]
    staff: dict[str, Actor]
    pictures: dict[str, list[Picture]]
    # How many orders that end so were made with a coupon.
    with_coupon: Counter[Ending] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is decided of an order before it is played. `until`: the last day that would do.

    `coupon`: made with one, unless enough others were. `service`: this one, not any.
    """

    name: str
    household: Household
    service_on: date
    until: date
    ending: Ending = "done"
    coupon: bool = False
    service: str = ""


class OrderStory:
    """Plays a plan. Acts remember ids, not rows: much happens between two of them."""

    def __init__(self, stage: Stage, cast: Cast, plan: Plan) -> None:
        self.stage = stage
        self.cast = cast
        self.plan = plan
        self.rng: random.Random = stage.rng(plan.name)
        self.customer = Actor("customer", plan.household.customer_id)
        self.service_codes: list[str] = []
        self.order_id = 0
        self._attempt_id = 0

    @property
    def order(self) -> Order:
        return db.session.get_one(Order, self.order_id)

    @cached_property
    def main_service(self) -> str:
        return self.service_codes[0]

    def book(self) -> None:
        """Quote, hold and order; a customer who finds no time within three days gives up."""
        customer_id = self.plan.household.customer_id
        address_id = self.rng.choice(self.plan.household.address_ids)
        wishes = self._wishes()
        quote = self._cheaper(address_id, wishes) or quotes.make_quote(
            customer_id, address_id, wishes, actor=self.customer
        )
        db.session.flush()
        for ahead in range(DAYS_TRIED):
            day = self.plan.service_on + timedelta(days=ahead)
            if day <= self.plan.until and (times := self._times(quote, day)):
                self._order(quote, self.rng.choice(times))
                return

    def _cheaper(self, address_id: int, wishes: list[ItemWish]) -> Quote | None:
        """With a coupon, while there are not enough of them."""
        ending, made = self.plan.ending, self.cast.with_coupon
        if not self.plan.coupon or made[ending] >= COUPONS.get(ending, 0):
            return None
        service = self.cast.staff["service"]
        return load_coupon.quote_with(
            self.plan.household.customer_id, address_id, wishes,
            service=service, customer=self.customer,
        )  # fmt: skip

    def _times(self, quote: Quote, day: date) -> list[datetime]:
        days = slots.free_times(quote, self.cast.reference.branch_id, day, day)
        return [slot.starts_at for slot in days[0].slots]

    def _order(self, quote: Quote, starts_at: datetime) -> None:
        customer_id = self.plan.household.customer_id
        held = holds.hold_slot(customer_id, quote.number, starts_at, actor=self.customer)
        note = texts.order_note(self.rng, self.main_service)
        order = ordering.create_order(
            customer_id, held.number, held.quote.hash, note=note, actor=self.customer
        )
        self.order_id = order.id
        self.cast.with_coupon[self.plan.ending] += quotes.coupon_of(quote) is not None
        self._go_on(order)

    def _go_on(self, order: Order) -> None:
        if order.status == OrderStatus.PENDING_DISPATCH:
            self._soon(2, self.dispatch)
        elif self.plan.ending in TRYING:
            self._soon(20, partial(self.stage.alone, self.try_to_pay), self.customer)
        elif self.plan.ending != "before_payment":
            self._soon(self.rng.randint(20, 150), self.open_payment, self.customer)

    def _wishes(self) -> list[ItemWish]:
        spec = catalogue.pick_service(self.rng)
        if self.plan.service:
            spec = catalogue.SERVICES_BY_CODE[self.plan.service]
        if self.plan.ending in TRYING:
            spec = catalogue.SERVICES_BY_CODE[PREPAID]
        self.service_codes = [spec.code]
        other = TOGETHER.get(spec.code)
        if other and self.rng.random() < 0.2:
            self.service_codes.append(other)
        return [self._wish(code) for code in self.service_codes]

    def _wish(self, code: str) -> ItemWish:
        reference = self.cast.reference
        picked = catalogue.pick_options(self.rng, catalogue.SERVICES_BY_CODE[code])
        ids = [
            reference.options[code, group, option]
            for group, options in picked.items()
            for option in options
        ]
        return ItemWish(reference.services[code], options=[OptionWish(key) for key in ids])

    # Paying.

    def open_payment(self) -> None:
        """As payments.start_payment does, which must not be called inside a transaction."""
        order = self.order
        with transaction(self.customer) as session:
            attempt = PaymentAttempt(
                order_id=order.id,
                out_trade_no=new_number("P"),
                channel=self.method,
                method=self.method,
                amount_fen=order.unpaid_fen,
                expires_at=order.pay_by_at or clock.now() + timedelta(minutes=15),
            )
            session.add(attempt)
            session.flush()
            move(attempt, PaymentStatus.PENDING)
            number, amount = attempt.out_trade_no, attempt.amount_fen
            events.record(
                order, "payment.started", actor=self.customer, attempt=number, amount_fen=amount
            )
        self._attempt_id = attempt.id
        if self.method == "cash":
            self._await_cash(order)
        elif self.plan.ending in ("unpaid", "late", "too_late"):
            self.stage.at(attempt.expires_at + timedelta(seconds=5), self.close_unpaid)
        else:
            self._soon(self.rng.randint(15, 90), self.pay)

    def try_to_pay(self) -> None:
        """As customers do, outside of any transaction, because the channel is called."""
        if self.plan.ending == "refused":
            expect_trouble(GatewayRefused("The channel refuses", gateway_code="NOAUTH"))
        if self.plan.ending == "silent":
            expect_trouble(OutcomeUnknown("The channel does not answer"))
        with suppress(GatewayRefused):
            payments.start_payment(self.order_id, "wechat", actor=self.customer)

    @cached_property
    def method(self) -> str:
        """Drawn apart, so that everything else of the story stays as it was."""
        own = self.stage.rng(f"{self.plan.name}:method")
        drawn = own.choices(CHANNELS, list(SHARES.values()))[0]
        usual = self.plan.ending in ("done", "nobody")
        # Slow money and money on site have no place in stories of minutes.
        return drawn if usual or drawn in REMOTE else "wechat"

    def pay(self) -> None:
        attempt = db.session.get_one(PaymentAttempt, self._attempt_id)
        if attempt.method == "bank":
            self._confirm_transfer(attempt)
            return
        state = paid(attempt.out_trade_no, attempt.amount_fen, self.stage.clock)
        payments.apply_payment(attempt.channel, state)
        if self.order.status == OrderStatus.PENDING_DISPATCH:
            self._soon(3, self.dispatch)
        for refund in db.session.scalars(sa.select(Refund).filter_by(attempt_id=attempt.id)):
            self._soon(600, partial(self._refund_arrives, refund.number))

    def _await_cash(self, order: Order) -> None:
        """Before the visit the order goes on; afterwards the worker is still there."""
        if order.status == OrderStatus.PENDING_PAYMENT:
            paying.pay_on_site(order, actor=self.customer)
            self._soon(3, self.dispatch)
        else:
            self._soon(60, self.take_cash)

    def take_cash(self) -> None:
        """The worker is paid on site; told by load_visits."""
        raise NotImplementedError

    def _confirm_transfer(self, attempt: PaymentAttempt) -> None:
        """Two people of finance find it on the bank's statement."""
        number = f"{clock.today():%Y%m%d}{attempt.id:06d}"
        asked = offline.enter_transfer(
            attempt.id,
            number,
            attempt.amount_fen,
            clock.now(),
            actor=self.cast.staff["finance_make"],
        )
        approver = self.cast.staff["finance_approve"]
        approvals.decide(asked.id, approve=True, note="流水已核对", actor=approver)
        if self.order.status == OrderStatus.PENDING_DISPATCH:
            self._soon(3, self.dispatch)

    def close_unpaid(self) -> None:
        attempt = db.session.get_one(PaymentAttempt, self._attempt_id)
        payments.apply_payment(attempt.channel, PaymentState(attempt.out_trade_no, "closed"))
        timers.cancel_timer("order.pay_timeout", self.order_id)
        paying.close_unpaid_order(self.order_id)
        if self.plan.ending == "late":
            self._soon(self.rng.randint(30, 300), self.pay)
        if self.plan.ending == "too_late":
            self.stage.at(self.order.planned_start + timedelta(minutes=20), self.pay)

    def _refund_arrives(self, number: str) -> None:
        """Of bank and cash, too: finance has sent it by hand and says so."""
        refunds.apply_refund(self.method, refunded(number, self.stage.clock))

    def dispatch(self) -> None:
        """Find a worker; what follows is told by load_answers."""
        raise NotImplementedError

    def _soon(self, seconds: int, act: Action, actor: Actor = SYSTEM) -> None:
        self.stage.after(timedelta(seconds=seconds), act, actor)
