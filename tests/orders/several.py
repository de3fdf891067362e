"""What tests of orders of several visits stand on: three days, accepted by one worker."""

from datetime import timedelta

import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.geo import Point
from app.extensions import db
from app.models import Offer, Order, Visit, WorkerBusy
from app.services.dispatch import answering, crew
from app.services.orders import holds, leaving, ordering, quotes
from app.services.orders.quotes import ItemWish
from app.services.system import outbox
from app.services.visits import checking
from tests import factories
from tests.kit.clients import add_staff
from tests.money.support import again, pay, put
from tests.orders import moves
from tests.orders.test_cancelling import accept

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
DOOR = Point(*factories.NEARBY)
STAFF = Actor("staff", 1)


def booked(coupon_fen: int = 0) -> moves.Booked:
    """Three days from the day after tomorrow, 09:00 to 11:00, 300 yuan, accepted by the first.

    Of the price a coupon can bear a part.
    """
    company = factories.company()
    factories.change(company.cleaning, days_most=3, price_fen=10_000)
    workers = [factories.worker(company, name=name) for name in ("甲", "乙")]
    row = ordered(company, coupon_fen)
    pay(row)
    accept(row)
    lead = db.session.get_one(Order, row.id).lead_worker_id
    mine, other = sorted(workers, key=lambda one: one.id != lead)
    put(row, rules={**again(row).rules, "visit.photos_after": 0, "visit.photos_before": 0})
    return moves.Booked(company, row, mine, other, Actor("staff", add_staff("service").id))


def ordered(company: factories.Company, coupon_fen: int = 0) -> Order:
    who, actor = company.customer.id, factories.acting(company.customer)
    wishes = [ItemWish(company.cleaning.id)]
    code = factories.coupon(company.customer, amount_fen=coupon_fen).code if coupon_fen else ""
    quote = quotes.make_quote(who, company.address.id, wishes, days=3, coupon=code, actor=actor)
    held = holds.hold_slot(who, quote.number, factories.tomorrow() + DAY, actor=actor)
    return ordering.create_order(who, held.number, quote.hash, actor=actor)


def visits(case) -> list[Visit]:
    rows = sa.select(Visit).filter_by(order_id=case.order.id).order_by(Visit.sequence)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def crews(case) -> list[list[int]]:
    return [crew.on_visits([visit]) for visit in visits(case)]


def claims_of(case) -> list[int]:
    """Whose time each visit has."""
    query = sa.select(WorkerBusy.worker_id).filter_by(owner=case.order.owner)
    return list(db.session.scalars(query.order_by(WorkerBusy.visit_start_at)))


def states(case) -> list[str]:
    return [visit.status for visit in visits(case)]


def begin(case, clock, n: int = 0, who=None):
    visit, who = visits(case)[n], who or case.worker
    clock.instant = visit.planned_start
    presence = checking.Presence(position=DOOR)
    checking.check_in(visit.id, who.id, presence, actor=factories.acting(who))


def serve(case, clock, n: int = 0, who=None):
    who = who or case.worker
    begin(case, clock, n, who)
    clock.travel(timedelta(hours=2))
    visit = visits(case)[n]
    checking.check_out(visit.id, who.id, checking.Presence(), actor=factories.acting(who))
    outbox.deliver_due()


def take_offer():
    outbox.deliver_due()
    offer = db.session.scalars(sa.select(Offer).filter_by(status="live")).one()
    answering.accept_offer(offer.id, offer.worker_id, actor=Actor("worker", offer.worker_id))


def withdraw(case, n: int, **more):
    leaving.withdraw(
        visits(case)[n].id, case.worker.id, reason_code="unwell",
        actor=factories.acting(case.worker), **more,
    )  # fmt: skip


def status(case) -> str:
    return again(case.order).status
