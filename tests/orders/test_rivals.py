"""Two who want the same at the same moment: the second begins when the first is in the middle."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import MoveRequest, Offer, Order, Redemption, SlotHold, Visit, WorkerBusy
from app.services.dispatch import answering, dispatching
from app.services.money import payments
from app.services.money.payments import applying
from app.services.orders import cancelling, coupons, giving_up, holds, moving, ordering, paying
from app.services.system import checks, outbox, parameters
from app.services.transactions import transaction
from tests import factories
from tests.kit.middle import in_the_middle
from tests.money.support import gateway, start
from tests.orders import moves
from tests.orders.test_coupons import given, quote


@pytest.fixture
def meet(real_app, monkeypatch):
    """meet(first, (module, name), rival): how both ended; nothing is broken afterwards."""

    def meet(first, after, rival):
        db.session.remove()
        found = in_the_middle(real_app, monkeypatch, first, after, rival)
        assert {name: f.failures for name, f in checks.run_all().items() if not f.ok} == {}
        return found

    yield meet
    db.session.remove()


def status(order_id: int) -> str:
    return db.session.scalars(sa.select(Order.status).filter_by(id=order_id)).one()


def offered(workers: int = 1) -> tuple[Order, list[tuple[int, int]]]:
    """An order that is offered to so many at once: (offer, worker)."""
    company = factories.company(pay_mode="after")
    for _ in range(workers):
        factories.worker(company)
    parameters.set_parameter("dispatch.mode", "broadcast", actor=SYSTEM)
    parameters.set_parameter("dispatch.batch", workers, actor=SYSTEM)
    order = factories.order(company)
    dispatching.dispatch_order(order.id, actor=SYSTEM)
    pairs = db.session.execute(sa.select(Offer.id, Offer.worker_id).order_by(Offer.id)).tuples()
    return order, list(pairs)


def accepting(pair):
    offer_id, worker_id = pair
    return lambda: answering.accept_offer(offer_id, worker_id, actor=Actor("worker", worker_id))


def test_two_accept(meet):
    order, pairs = offered(2)
    order_id = order.id
    found = meet(accepting(pairs[0]), (answering, "locked"), accepting(pairs[1]))

    assert found == ("ok", "offer_over")
    assert status(order_id) == "accepted"
    assert db.session.scalars(sa.select(WorkerBusy.worker_id)).all() == [pairs[0][1]]


@pytest.fixture
def contested(real_app):
    """An offered order, how it is accepted, and how the customer cancels it as she was shown."""
    order, pairs = offered()
    key, customer_id = order.id, order.customer_id
    shown = cancelling.preview(db.session(), order, "customer").hash

    def cancel():
        actor = Actor("customer", customer_id)
        cancelling.cancel_order(key, shown, customer_id=customer_id, actor=actor)

    return key, accepting(pairs[0]), cancel


def test_accepted_while_it_is_being_cancelled(meet, contested):
    key, accept, cancel = contested
    assert meet(cancel, (cancelling, "locked"), accept) == ("ok", "offer_over")
    assert status(key) == "cancelled"


def test_cancelled_while_it_is_being_accepted(meet, contested):
    """She was shown what it costs before anybody had accepted: she has to look again."""
    key, accept, cancel = contested
    assert meet(accept, (answering, "locked"), cancel) == ("ok", "changed_since_shown")
    assert status(key) == "accepted"


@pytest.fixture
def unpaid(real_app):
    """An order whose time to pay is over: its payment arrives, and the clock closes it."""
    company = factories.company()
    factories.worker(company)
    order = factories.order(company, factories.tomorrow() + timedelta(days=1))
    attempt = start(order)
    key, state = order.id, gateway().pay(attempt.out_trade_no)
    real_app.extensions["clock"].travel(timedelta(minutes=16))
    pay = lambda: payments.apply_payment("wechat", state)  # noqa: E731
    return key, pay, lambda: paying.close_unpaid_order(key)


def test_the_time_is_over_while_it_is_being_paid(meet, unpaid):
    key, pay, close = unpaid
    assert meet(pay, (applying, "_locked"), close) == ("ok", "ok")
    assert status(key) == "pending_dispatch"


def test_it_is_paid_while_it_is_being_closed(meet, unpaid):
    """A late payment: the time is still free, the order lives again."""
    key, pay, close = unpaid
    assert meet(close, (paying, "locked"), pay) == ("ok", "ok")
    assert status(key) == "pending_dispatch"
    kinds = sa.text("SELECT kind FROM order_event WHERE kind IN ('pay_timeout', 'late_payment')")
    assert sorted(db.session.scalars(kinds)) == ["late_payment", "pay_timeout"]
    assert db.session.scalars(sa.select(Visit.status)).all() == ["planned"]


def test_two_ask_for_another_time(meet, real_app):
    case = moves.booked()
    key, later, who = case.order.id, case.later, moves.customer(case)

    def by_customer():
        moving.propose(key, later, side="customer", **who)

    def by_staff():
        start = later + timedelta(hours=2)
        moving.propose(key, start, side="staff", actor=Actor("staff", 1))

    assert meet(by_customer, (moving, "locked"), by_staff) == ("ok", "move_open")
    assert db.session.scalars(sa.select(MoveRequest.new_start)).all() == [later]


def test_agreed_while_it_is_taken_back(meet, real_app):
    case = moves.booked()
    row, later = moves.ask(case).id, case.later
    agree, take_back = moves.worker(case), moves.customer(case)
    found = meet(
        lambda: moving.withdraw(row, **take_back), (moving, "locked"),
        lambda: moving.answer(row, agree=True, **agree),
    )  # fmt: skip

    assert found == ("ok", "move_over")
    assert later not in db.session.scalars(sa.select(WorkerBusy.visit_start_at)).all()


@pytest.fixture
def held(real_app):
    """A hold: how it is ordered, and how it ends by itself."""
    company = factories.company()
    factories.worker(company)
    hold = factories.hold(company)
    who, number, print_ = company.customer.id, hold.number, hold.quote.hash
    key, actor = hold.id, factories.acting(company.customer)

    def expire():
        with transaction(SYSTEM):
            holds.expire_hold(key)

    return lambda: ordering.create_order(who, number, print_, actor=actor), expire


def test_the_hold_ends_while_it_is_being_ordered(meet, held):
    order, expire = held
    assert meet(order, (holds, "locked_hold"), expire) == ("ok", "ok")
    assert db.session.scalars(sa.select(SlotHold.status)).all() == ["taken"]
    (owner,) = db.session.scalars(sa.select(WorkerBusy.owner)).all()
    assert owner.startswith("order:")


def test_it_is_ordered_while_the_hold_ends(meet, held):
    from app.services.roster import claims

    order, expire = held
    assert meet(expire, (claims, "locked"), order) == ("ok", "hold_over")
    assert db.session.scalars(sa.select(WorkerBusy.owner)).all() == []
    outbox.deliver_due()


def test_one_coupon_in_two_orders(meet, real_app):
    company = factories.company()
    factories.worker(company)
    given(company.customer)
    who, actor = company.customer.id, factories.acting(company.customer)

    def ordering_it(service, hour):
        asked = quote(company, service)
        held = holds.hold_slot(who, asked.number, factories.tomorrow(hour), actor=actor)
        number, print_ = held.number, held.quote.hash
        return lambda: ordering.create_order(who, number, print_, actor=actor)

    first, second = ordering_it(company.cleaning, 9), ordering_it(company.aircon, 15)

    assert meet(first, (coupons, "locked"), second) == ("ok", "coupon_used")
    assert db.session.scalars(sa.select(Redemption.amount_fen)).all() == [2000]


@pytest.fixture
def near(real_app):
    """Half an hour before its visit: how it is accepted, and how it is given up."""
    order, pairs = offered()
    key = order.id
    instant = order.planned_start - timedelta(minutes=30)
    with transaction(SYSTEM) as session:
        session.get_one(Offer, pairs[0][0]).expires_at = instant + timedelta(minutes=5)
    real_app.extensions["clock"].instant = instant

    def give_up():
        with transaction(SYSTEM):
            giving_up.give_up(key)

    return key, accepting(pairs[0]), give_up


def test_accepted_while_it_is_given_up(meet, near):
    key, accept, give_up = near
    assert meet(give_up, (giving_up, "locked"), accept) == ("ok", "offer_over")
    assert db.session.scalars(sa.select(Order.customer_chooses).filter_by(id=key)).one()
    assert db.session.scalars(sa.select(WorkerBusy.id)).all() == []


def test_given_up_while_it_is_accepted(meet, near):
    key, accept, give_up = near
    assert meet(accept, (answering, "locked"), give_up) == ("ok", "ok")
    assert status(key) == "accepted"
    assert not db.session.scalars(sa.select(Order.customer_chooses).filter_by(id=key)).one()
