"""A company in which every endpoint has something to show."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app
from PIL import Image

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import AddOn, Favourite, MoveRequest, Offer, Order, PayoutAccount, Visit, Worker
from app.services.dispatch import dispatching
from app.services.orders import paying
from app.services.transactions import transaction
from tests import factories
from tests.api.support import Endpoint
from tests.conftest import _fitted
from tests.kit import clients
from tests.kit.isolation import thrown_away

CUSTOMER, WORKER = "/api/customer/v1", "/api/worker/v1"


@dataclass
class Scene:
    """One customer with an accepted order, its worker, and everything around it."""

    company: factories.Company
    worker: Worker
    order: Order
    visit: Visit
    offer: Offer
    quote_number: str
    plan_number: str
    hold_number: str
    statement_number: str
    withdrawal_number: str
    payout_account_id: int
    add_on_id: int
    move_id: int
    favourite_id: int

    @cached_property
    def rows(self) -> dict[str, Any]:
        """What stands for the parameter behind each collection in a path."""
        return {
            "addresses": self.company.address.id,
            "services": self.company.cleaning.code,
            "quotes": self.quote_number,
            "plans": self.plan_number,
            "dates": "2030-05-09",
            "holds": self.hold_number,
            "orders": self.order.number,
            "offers": self.offer.id,
            "visits": self.visit.id,
            "statements": self.statement_number,
            "withdrawals": self.withdrawal_number,
            "add-ons": self.add_on_id,
            "moves": self.move_id,
            "workers": self.worker.number,
            "favourites": self.favourite_id,
        }

    def url(self, endpoint: Endpoint) -> str:
        """The endpoint's address with the scene's rows in it."""
        parts = endpoint.path.split("/")
        for index, part in enumerate(parts):
            if part.startswith("<"):
                parts[index] = str(self.rows[parts[index - 1]])
        return "/".join(parts)


@pytest.fixture(scope="module")
def scene_made(once: Any) -> Any:
    return once(build)


@pytest.fixture
def scene(app: Any, scene_made: Any) -> Scene:
    """A scene of the test's own: what it changes is thrown away."""
    made: Scene = scene_made()
    return made


@pytest.fixture(scope="module")
def standing(_app_of: Any, backend: str, tmp_path_factory: Any) -> Iterator[Scene]:
    """A scene for tests that save nothing: made once a module. Not together with `app`."""
    app = _app_of(backend)
    folder = tmp_path_factory.mktemp("standing")
    with _fitted(app, folder), app.app_context(), thrown_away(app):
        yield build()
        db.session.remove()


@pytest.fixture(scope="module")
def owners(standing: Scene) -> dict[str, Any]:
    """Clients of those whom the rows of the standing scene belong to."""
    return _owners(standing)


def build() -> Scene:
    company = factories.company()
    worker = factories.worker(company)
    order = factories.order(company)
    number = order.number
    offer, visit = offered(order)
    held = factories.hold(company, factories.tomorrow(14))
    return Scene(
        company=company,
        worker=worker,
        order=db.session.scalars(sa.select(Order).filter_by(number=number)).one(),
        visit=visit,
        offer=offer,
        quote_number=held.quote.number,
        plan_number=_plan(company).number,
        hold_number=held.number,
        statement_number=factories.save(*_statement(company, worker)).number,
        **_money(worker),
        add_on_id=_add_on(visit, worker),
        move_id=_move(visit),
        favourite_id=factories.save(
            Favourite(customer_id=company.customer.id, worker_id=worker.id)
        ).id,
    )


def offered(order: Order) -> tuple[Offer, Visit]:
    """Paid and dispatched: the offer waits for its worker."""
    with transaction(SYSTEM) as session:
        locked = session.get_one(Order, order.id)
        paying.order_paid(session, locked, actor=SYSTEM)
    dispatching.dispatch_order(order.id, actor=SYSTEM)
    offer = db.session.scalars(sa.select(Offer).filter_by(order_id=order.id)).one()
    visit = db.session.scalars(sa.select(Visit).filter_by(order_id=order.id)).one()
    return offer, visit


def _plan(company: Any) -> Any:
    from app.models import PlanOccurrence, ServicePlan

    plan = factories.save(
        ServicePlan(
            number="L300505AAAAAAAAAA",
            branch_id=company.branch.id,
            customer_id=company.customer.id,
            address_id=company.address.id,
            request={"items": [{"service_id": company.cleaning.id, "quantity": 1, "options": []}]},
            rrule="FREQ=WEEKLY;BYDAY=TH",
            starts_on=date(2030, 5, 6),
            start_minute=540,
        )
    )
    on = date(2030, 5, 9)
    factories.save(PlanOccurrence(plan_id=plan.id, planned_on=on, starts_at=factories.at(on, 9)))
    return plan


def _statement(company: Any, worker: Any) -> list[Any]:
    from app.models import SettlementRun, Statement
    from app.services import clock

    maker = clients.add_staff("finance")
    run = factories.save(
        SettlementRun(
            number="S300505AAAAAAAAAA",
            branch_id=company.branch.id,
            period_from=clock.today(),
            period_to=clock.today(),
            status="approved",
            made_by_id=maker.id,
        )
    )
    return [
        Statement(
            number="S300505BBBBBBBBBB",
            run_id=run.id,
            worker_id=worker.id,
            status="approved",
            base_fen=10000,
            commission_fen=2000,
            payable_fen=8000,
        )
    ]


def _add_on(visit: Visit, worker: Any) -> int:
    row = AddOn(
        order_id=visit.order_id, visit_id=visit.id, worker_id=worker.id, kind="time", name="加时"
    )
    return int(factories.save(row).id)


def _move(visit: Visit) -> int:
    row = MoveRequest(
        order_id=visit.order_id, visit_id=visit.id, asked_by="customer", status="withdrawn",
        old_start=visit.planned_start, new_start=visit.planned_end, answer_by=visit.planned_start,
        new_end=visit.planned_end + (visit.planned_end - visit.planned_start),
    )  # fmt: skip
    return int(factories.save(row).id)


def _money(worker: Any) -> dict[str, Any]:
    from app.models import Withdrawal
    from app.services import clock

    account = factories.save(
        PayoutAccount(
            worker_id=worker.id,
            channel="wechat",
            holder_name="王师傅",
            account="openid-of-wang",
            account_tail="wang",
        )
    )
    withdrawal = factories.save(
        Withdrawal(
            number="W300505CCCCCCCCCC",
            worker_id=worker.id,
            payout_account_id=account.id,
            channel="wechat",
            amount_fen=10000,
            status="rejected",
            applied_on=clock.today(),
        )
    )
    return {"payout_account_id": account.id, "withdrawal_number": withdrawal.number}


def _owners(scene: Scene) -> dict[str, Any]:
    return {
        "customer": clients.with_token(clients.customer_token(scene.company.customer)),
        "worker": clients.with_token(clients.worker_token(scene.worker)),
        "public": current_app.test_client(),
    }


@pytest.fixture
def callers(scene: Scene) -> dict[str, Any]:
    """Clients of those whom the scene's rows belong to."""
    return _owners(scene)


@pytest.fixture(scope="module")
def strangers(standing: Scene) -> dict[str, Any]:
    """Clients of a customer and a worker to whom none of it belongs."""
    other = factories.customer("别人")
    colleague = factories.worker(standing.company, name="同事")
    return {
        "customer": clients.with_token(clients.customer_token(other)),
        "worker": clients.with_token(clients.worker_token(colleague)),
    }


@pytest.fixture
def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(target, "JPEG")
    return target.getvalue()
