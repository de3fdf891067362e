"""A company in the middle of its day: an order for every screen."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.domain.actors import SYSTEM, Actor
from app.domain.geo import Point
from app.extensions import db
from app.models import Order, SettlementRun, Visit, Withdrawal, Worker
from app.services import clock
from app.services.dispatch import answering, dispatching
from app.services.money import settlement, withdrawals
from app.services.orders.confirming import confirm_order
from app.services.quality.reviews import review_order
from app.services.roster import blocking, leave
from app.services.visits import attachments, checking
from app.services.visits.checking import Presence
from tests import factories
from tests.factories import NEARBY, Company
from tests.kit.clients import add_staff
from tests.money import support
from tests.views import stage_rows

PHOTOS = (("before", "#743"), ("after", "#3a7"), ("after", "#4b8"))
PERIOD = timedelta(days=12)


@dataclass
class Stage:
    company: Company
    lead: Worker
    other: Worker
    completed: Order
    offered: Order
    unassigned: Order
    unpaid: Order
    run: SettlementRun
    withdrawal: Withdrawal


def paid(company: Company, starts_at: Any = None) -> Order:
    """An order that is paid and waits for a worker."""
    order = factories.order(company, starts_at)
    support.pay(order)
    return db.session.get_one(Order, order.id, populate_existing=True)


def served(order: Order) -> Order:
    """From the offer to the review, as worker and customer do it."""
    dispatching.dispatch_order(order.id, actor=SYSTEM)
    offer = db.session.execute(
        sa.text("SELECT id, worker_id FROM offer WHERE order_id = :id AND status = 'live'"),
        {"id": order.id},
    ).one()
    worker = Actor("worker", offer.worker_id)
    answering.accept_offer(offer.id, offer.worker_id, actor=worker)
    visit = db.session.scalars(sa.select(Visit).filter_by(order_id=order.id)).one()
    _travel_to(visit.planned_start)
    here = Presence(position=Point(*NEARBY))
    checking.depart(visit.id, offer.worker_id, here, actor=worker)
    checking.check_in(visit.id, offer.worker_id, here, actor=worker)
    for kind, colour in PHOTOS:
        attachments.add_photo(visit.id, offer.worker_id, kind, photo_bytes(colour), actor=worker)
    _travel_to(visit.planned_end)
    checking.check_out(visit.id, offer.worker_id, here, actor=worker)
    customer = Actor("customer", order.customer_id)
    confirm_order(order.customer_id, order.id, actor=customer)
    review_order(
        order.customer_id, order.id, quality=5, attitude=5, skill=4, text="很干净", actor=customer
    )
    return db.session.get_one(Order, order.id, populate_existing=True)


def _travel_to(instant: Any) -> None:
    frozen = current_app.extensions["clock"]
    frozen.instant = max(frozen.instant, instant)


def photo_bytes(colour: str) -> bytes:
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG")
    return file.getvalue()


def build(maker: Actor | None = None) -> Stage:
    """One order of each kind; the completed one is settled (draft) and something is withdrawn."""
    company = factories.company(travel_fee_fen=500)
    lead = factories.worker(company, name="王秀英", days=40)
    other = factories.worker(company, name="李建国", home=(23.18, 113.30), days=40)
    factories.worker(company, name="赵新", status="training", days=0)
    factories.worker(company, name="孙停", status="suspended", days=0)
    completed = served(paid(company))
    _travel_to(clock.now() + PERIOD)
    run = settlement.make_run(
        company.branch.id, clock.today() - timedelta(days=30), clock.today() - timedelta(days=1),
        actor=maker or Actor("staff", add_staff("finance").id),
    )  # fmt: skip
    offered = paid(company, factories.tomorrow(9))
    dispatching.dispatch_order(offered.id, actor=SYSTEM)
    unassigned = paid(company, factories.tomorrow(14))
    unpaid = factories.order(company, factories.tomorrow(17))
    blocking.block_time(
        other.id, factories.tomorrow(8) + timedelta(days=4),
        factories.tomorrow(9) + timedelta(days=4), kind="training", actor=SYSTEM,
    )  # fmt: skip
    leave.ask(
        other.id, factories.tomorrow(8) + timedelta(days=3),
        factories.tomorrow(18) + timedelta(days=3), reason="回老家", actor=factories.acting(other),
    )  # fmt: skip
    support.available(other, 50_000)
    account = support.payout_account(other, account_tail="1234")
    withdrawal = withdrawals.apply_for(other.id, 20_000, account.id, actor=factories.acting(other))
    return Stage(company, lead, other, completed, offered, unassigned, unpaid, run, withdrawal)


def build_all() -> Stage:
    """The same with a row of every other table."""
    built = build()
    stage_rows.build(built)
    return built
