"""What the tests of moves stand on: an accepted order two days ahead, its worker and another."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.models import MoveRequest, Order, Visit, Worker, WorkerBusy
from app.services.orders import moving
from app.services.orders.move_rules import For, Side
from tests import factories
from tests.kit.clients import add_staff
from tests.money.support import pay
from tests.orders.test_cancelling import accept


@dataclass
class Booked:
    company: factories.Company
    order: Order
    worker: Worker
    other: Worker
    staff: Actor

    @property
    def later(self) -> datetime:
        """Four hours after the time that it has."""
        return factories.at(self.order.service_on, 13)


def booked(*, crew_size: int = 1) -> Booked:
    """Accepted for 09:00 in two days by whom it was offered; `other` could come as well."""
    company = factories.company(crew_size=crew_size)
    workers = [factories.worker(company, name=name) for name in ("甲", "乙", "丙")[: crew_size + 1]]
    row = factories.order(company, factories.tomorrow() + timedelta(days=1))
    pay(row)
    if crew_size == 1:
        accept(row)
    lead = db.session.get_one(Order, row.id).lead_worker_id
    worker = next((one for one in workers if one.id == lead), workers[0])
    other = next(one for one in workers if one.id != worker.id)
    return Booked(company, row, worker, other, Actor("staff", add_staff("service").id))


def customer(case: Booked) -> dict:
    key = case.order.customer_id
    return {"whose": For(customer_id=key), "actor": Actor("customer", key)}


def worker(case: Booked) -> dict:
    return {"whose": For(worker_id=case.worker.id), "actor": Actor("worker", case.worker.id)}


def staff(_case: Booked) -> dict:
    return {"actor": Actor("staff", 1)}


def ask(
    case: Booked, start: datetime | None = None, side: Side = "customer", **more
) -> MoveRequest:
    asking = {"customer": customer, "worker": worker}.get(side, staff)
    return moving.propose(case.order.id, start or case.later, side=side, **{**asking(case), **more})


def claimed(case: Booked) -> list[tuple[int, datetime]]:
    rows = db.session.scalars(sa.select(WorkerBusy).filter_by(owner=case.order.owner))
    return sorted((busy.worker_id, busy.visit_start_at) for busy in rows)


def visit_of(case: Booked) -> Visit:
    return db.session.scalars(sa.select(Visit).filter_by(order_id=case.order.id)).one()
