"""A deadline whose timer was lost is found in the order itself."""

from datetime import timedelta

import sqlalchemy as sa

from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Timer, Visit
from app.services.orders import deadlines
from app.services.system import timers
from app.services.transactions import transaction
from tests import factories


def test_an_unpaid_order_without_a_timer_closes_all_the_same(app, clock, queue):
    company = factories.company()
    factories.worker(company)
    order = factories.order(company)
    assert deadlines.set_lost_timers() == 0
    with transaction() as session:
        session.execute(sa.delete(Timer))

    assert deadlines.set_lost_timers() == 1
    assert deadlines.set_lost_timers() == 0
    timer = db.session.scalars(sa.select(Timer)).one()
    assert (timer.kind, timer.due_at) == ("order.pay_timeout", order.pay_by_at)

    clock.travel(timedelta(minutes=15))
    timers.fire_due()
    queue.run_all()
    assert order.status == OrderStatus.CLOSED
    assert db.session.scalars(sa.select(Visit.status)).all() == ["cancelled"]
