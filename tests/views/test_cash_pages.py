"""Cash on site: the worker says that she has it, finance sees whose it is, and that it came."""

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import LedgerProof, Notification
from app.services.system import ledger_proofs, parameters
from tests import factories
from tests.kit.clients import add_staff, by_token, with_token, worker_token
from tests.money.support import order, serve, wrong

pytestmark = pytest.mark.backends("sqlite")
HELD = "/payments/list/?_flt_0_held=y"
AFTER = {"status": "pending_dispatch", "pay_mode": "after", "pay_by_at": None}


@pytest.fixture
def at_the_door(company, worker):
    """The worker's client, and the visit of an order of 334 yuan that is paid in cash."""
    parameters.set_parameter("payment.methods", ["wechat", "cash"], actor=SYSTEM)
    row = order(company, 33_400, **AFTER)
    serve(row, worker)
    return with_token(worker_token(worker)), row.visits[0].id


def take(at_the_door) -> str:
    client, visit_id = at_the_door
    answer = client.post(f"/api/worker/v1/visits/{visit_id}/cash", json={"amount_fen": 33_400})
    return answer.json["number"]


def held(client) -> int:
    return client.get("/api/worker/v1/me").json["balance"]["cash_held_fen"]


def test_two_people_confirm_it_and_both_see_it(at_the_door, worker, staff_client):
    finance = staff_client("finance")
    assert "HELD" not in finance.get("/").text.replace(HELD.replace("&", "&amp;"), "HELD")
    number = take(at_the_door)

    assert held(at_the_door[0]) == 33_400
    home = finance.get("/").text
    assert HELD in home
    assert "¥334.00" in home
    page = finance.get(HELD).text
    assert number in page
    assert worker.name in page
    assert number not in finance.get(HELD.replace("=y", "=n")).text

    api = by_token(add_staff("finance"))
    [one] = api.get("/api/staff/v1/payments/").json["result"]
    asks = f'data-confirm="Did {worker.name} hand in ¥334.00 in cash?"'
    assert asks in finance.get(f"/payments/show/{one['id']}").text
    handed = api.post(f"/api/staff/v1/payments/{one['id']}/hand-in", json={})

    assert (one["out_trade_no"], one["handed_in_at"], handed.status_code) == (number, None, 200)
    assert held(at_the_door[0]) == 0
    assert number not in finance.get(HELD).text
    told = sa.select(Notification.kind).filter_by(recipient_kind="worker")
    assert db.session.scalars(told).all() == ["payment.handed_in"]
    assert wrong() == {}


def test_only_finance_confirms_it(at_the_door, staff_client):
    take(at_the_door)
    api = by_token(add_staff("operations"))
    [one] = api.get("/api/staff/v1/payments/").json["result"]

    assert api.post(f"/api/staff/v1/payments/{one['id']}/hand-in", json={}).status_code == 403
    assert held(at_the_door[0]) == 33_400


def test_a_proof_that_was_kept_before_a_figure_was_counted_can_still_be_read(app, staff_client):
    row = ledger_proofs.prove(actor=SYSTEM)
    older = [
        {**one, "figures": {k: v for k, v in one["figures"].items() if k != "subsidies_fen"}}
        for one in row.results
    ]
    kept = LedgerProof(
        started_at=row.started_at, finished_at=row.finished_at, whole=True, results=older
    )
    factories.save(kept)

    page = staff_client("auditor").get(f"/ledger-proof/show/{kept.id}").text

    assert "+ subsidies – = prepaid" in page
    assert db.session.scalars(sa.select(LedgerProof.whole)).all() == [True, True]
