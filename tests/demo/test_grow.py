"""A small city: the model company, grown in bulk, with three teams and six quarters."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import models as m
from app.demo import loader
from app.demo.grow import Growth
from app.domain.states import OrderStatus
from app.extensions import db
from app.models.crypto import blind_index
from app.services import clock
from app.services.identity.login import register_customer
from app.services.system import checks
from app.services.transactions import transaction
from tests.demo.test_loader import loaded

# Cities live in PostgreSQL; tests/proof/test_demo.py grows one in SQLite too.
pytestmark = [pytest.mark.backends("postgresql"), pytest.mark.proof]
GROWTH = Growth(orders=150, teams=3, quarters=6, days_back=60, complete_days=30)
VILLAGE = replace(
    loader.SCALES["tiny"], days_back=20, model_days=4, recent_days=4, settled_every_days=7,
    growth=GROWTH,
)  # fmt: skip


@pytest.fixture(scope="module")
def village(_app_of, _databases, backend, tmp_path_factory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("village")
    usual = dict(loader.SCALES)
    loader.SCALES["village"] = VILLAGE
    try:
        with loaded(_app_of(backend), _databases[backend], folder, "village"):
            yield
    finally:
        loader.SCALES.clear()
        loader.SCALES.update(usual)


def completed(*where):
    return db.session.scalars(
        sa.select(m.Order).where(m.Order.status == OrderStatus.COMPLETED.value, *where)
    ).all()


def rows_of(model, orders) -> set[int]:
    ids = [order.id for order in orders]
    return set(db.session.scalars(sa.select(model.order_id).where(model.order_id.in_(ids))))


def test_every_check_holds_on_the_grown_company(village):
    assert {n: f.failures for n, f in checks.run_all().items() if not f.ok} == {}


def test_it_has_the_orders_customers_and_workers_that_were_asked_for(village):
    def count(model):
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))

    assert count(m.Order) >= GROWTH.orders
    assert count(m.CustomerAccount) == GROWTH.quarters * VILLAGE.customers
    approved = sa.select(sa.func.count()).where(m.Worker.status == "approved")
    assert db.session.scalar(approved) == GROWTH.teams * VILLAGE.workers


def test_the_newest_days_are_complete_and_older_ones_have_their_money(village):
    since = clock.today() - timedelta(days=GROWTH.complete_days)
    newest, older = completed(m.Order.service_on >= since), completed(m.Order.service_on < since)
    assert len(newest) > 50
    assert len(older) > 20
    always = (m.OrderItem, m.OrderLine, m.Visit, m.Assignment, m.PaymentAttempt, m.Journal,
              m.Accrual, m.OrderEvent)  # fmt: skip
    for model in always:
        assert len(rows_of(model, older)) == len(older) or model is m.PaymentAttempt
        assert rows_of(model, newest)
    for model in (m.DispatchRun, m.Offer, m.Attachment):
        assert len(rows_of(model, newest)) == len(newest)
        assert rows_of(model, older) == set()


def test_a_copy_belongs_to_its_own_people(village):
    """The address is the customer's, the crew of one order is of one team, phones are found."""
    last = completed()[-1]
    quote = db.session.get_one(m.Quote, last.quote_id)
    assert quote.customer_id == last.customer_id
    assert db.session.get_one(m.Address, quote.address_id).customer_id == last.customer_id
    assert last.contact_phone == last.customer.phone
    assert last.customer.phone_index == blind_index("phone", last.contact_phone)
    event = db.session.scalars(
        sa.select(m.OrderEvent).filter_by(order_id=last.id, kind="offered")
    ).first()
    run = db.session.get_one(m.DispatchRun, event.data["run_id"])
    assert run.order_id == last.id
    assert set(event.data["workers"]) <= {c.worker_id for c in run.candidates if c.chosen}


def test_workers_are_on_shift_when_they_serve(village):
    since = clock.today() - timedelta(days=20)
    for order in completed(m.Order.service_on >= since):
        shift = sa.select(m.Shift.id).where(
            m.Shift.worker_id == order.lead_worker_id,
            m.Shift.starts_at <= order.planned_start,
            m.Shift.ends_at >= order.planned_end,
        )
        assert db.session.scalar(shift.limit(1)), order.number


def test_the_database_goes_on_with_the_keys(village):
    """The next row gets a key of its own."""
    before = db.session.scalar(sa.select(sa.func.max(m.CustomerAccount.id)))
    with transaction():
        assert register_customer("12899999999", "新客").id > before


def test_what_workers_earned_is_settled_every_week(village):
    """Nothing whose holding time ended more than a week ago waits for a settlement."""
    late = sa.select(m.Accrual.id).where(
        m.Accrual.release_on < clock.today() - timedelta(days=14),
        ~sa.select(m.StatementLine.id).where(m.StatementLine.accrual_id == m.Accrual.id).exists(),
    )
    assert db.session.scalars(late).all() == []
    approvals = db.session.scalars(sa.select(m.Approval).filter_by(kind="settlement_run")).all()
    shown = sa.select(m.SettlementRun).where(m.SettlementRun.status.in_(("reviewed", "approved")))
    runs = {run.id: run for run in db.session.scalars(shown)}
    assert len(approvals) == len(runs) >= 7
    for approval in approvals:
        assert approval.payload["payable_fen"] == runs[approval.subject_id].payable_fen
