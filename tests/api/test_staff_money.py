"""Asking for and deciding refunds, compensation and adjustments with a staff token."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.extensions import db
from app.gateways.payment import GatewayRefused
from app.models import Adjustment, Approval, Branch, Partner, Refund
from app.security import ROLES
from app.security_matrix import MATRIX
from app.services.money import refunds
from app.services.system import outbox
from tests import factories
from tests.api.support import assert_error
from tests.kit import clients
from tests.money import support

pytestmark = pytest.mark.backends("sqlite")
S = "/api/staff/v1"
BACK = {"amount_fen": 30_000, "reason": "窗户没有擦"}
REWARD = {"kind": "reward", "amount_fen": 5_000, "reason": "月度好评"}


def token(role: str, **profile: Any) -> Any:
    return clients.by_token(clients.add_staff(role, **profile))


@pytest.fixture
def company(app):
    return factories.company()


@pytest.fixture
def paid(company):
    row = support.order(company, 33_401)
    support.pay(row)
    return row


@pytest.fixture
def worker(company):
    return factories.worker(company)


@pytest.fixture
def partner(company):
    return factories.save(Partner(branch_id=company.branch.id, code="agency", name="安心家政"))


def waiting() -> int:
    return db.session.scalars(sa.select(Approval.id).filter_by(status="asked")).one()


def test_a_refund_is_asked_for_by_one_and_approved_by_another(paid):
    asked = token("service").post(f"{S}/orders/{paid.id}/refund", json=BACK)
    assert asked.status_code == 200
    (part,) = asked.json["refunds"]
    assert (part["amount_fen"], part["status"], part["kind"]) == (30_000, "requested", "refund")

    url = f"{S}/approvals/{waiting()}"
    assert_error(token("service").post(f"{url}/approve", json={}), 404)
    assert token("finance").get(url).json["result"]["status"] == "asked"
    done = token("finance").post(f"{url}/approve", json={"note": "看过"})

    assert (done.status_code, done.json["status"]) == (200, "approved")
    support.deliver_refunds()
    assert db.session.get_one(Refund, part["id"]).status == "succeeded"
    assert support.wrong() == {}


def test_who_asked_does_not_approve_and_a_refusal_frees_the_payment(paid):
    finance = token("finance")
    finance.post(f"{S}/orders/{paid.id}/refund", json=BACK)
    url = f"{S}/approvals/{waiting()}"
    assert_error(finance.post(f"{url}/approve", json={}), 403, "own_request")
    assert_error(token("finance").post(f"{url}/refuse", json={}), 400)
    refused = token("finance").post(f"{url}/refuse", json={"note": "已经返工"})

    assert refused.json["status"] == "refused"
    assert db.session.scalars(sa.select(Refund.status)).one() == "rejected"
    assert support.wrong() == {}


def test_never_above_what_was_paid(paid):
    answer = token("service").post(
        f"{S}/orders/{paid.id}/refund", json={**BACK, "amount_fen": 33_402}
    )
    assert_error(answer, 422, "above_captured")
    assert support.count(Refund) == 0


def test_a_repeated_request_with_its_key_asks_once(paid):
    client, key = token("service"), {"Idempotency-Key": "refund-of-today"}
    url = f"{S}/orders/{paid.id}/compensate"
    first, second = (client.post(url, json=BACK, headers=key) for _ in range(2))

    assert first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true"
    assert [row.kind for row in db.session.scalars(sa.select(Refund))] == ["compensation"]
    other = client.post(url, json={**BACK, "amount_fen": 1}, headers=key)
    assert_error(other, 422)


def test_workers_and_agencies_are_given_what_finance_approves(worker, partner):
    hr = token("hr")
    for url in (f"{S}/workers/{worker.id}/adjust", f"{S}/partners/{partner.id}/adjust"):
        asked = hr.post(url, json=REWARD)
        assert (asked.status_code, asked.json["status"]) == (200, "asked"), url
        token("finance").post(f"{S}/approvals/{waiting()}/approve", json={})
        assert db.session.get_one(Adjustment, asked.json["id"]).status == "approved"
    assert support.balances() == {
        "worker_rewards": 10_000, "worker_frozen": 5_000, "partner_payable": 5_000,
    }  # fmt: skip
    assert support.wrong() == {}


def test_verbs_open_for_exactly_the_roles_of_the_screens(paid, worker, partner):
    """Asked with an empty body: who gets in is told that it is empty."""
    verbs = {
        ("orders", paid.id, "refund"): "OrderView",
        ("orders", paid.id, "compensate"): "OrderView",
        ("refunds", _failed(paid).id, "settle-otherwise"): "RefundView",
        ("refunds", _failed(paid).id, "confirm-settled"): "RefundView",
        ("workers", worker.id, "adjust"): "WorkerView",
        ("partners", partner.id, "adjust"): "PartnerView",
    }
    for role in ROLES:
        client = token(role)
        for (name, key, verb), screen in verbs.items():
            name_of = verb.replace("-", "_")
            allowed = next(r for verbs, r in MATRIX[screen].items() if name_of in verbs.split())
            answer = client.post(f"{S}/{name}/{key}/{verb}", json={})
            assert answer.status_code == (400 if role in allowed.split() else 403), (role, verb)


def test_what_is_of_another_branch_does_not_exist(paid, worker):
    elsewhere = factories.save(Branch(code="other", name="Other", city_code="440300"))
    service = token("service", branch_id=elsewhere.id)
    assert_error(service.post(f"{S}/orders/{paid.id}/refund", json=BACK), 404)
    hr = token("hr", branch_id=elsewhere.id)
    assert_error(hr.post(f"{S}/workers/{worker.id}/adjust", json=REWARD), 404)
    assert support.count(Refund) == support.count(Adjustment) == 0


def test_no_approval_is_read_by_who_neither_asked_nor_decides(paid):
    token("service").post(f"{S}/orders/{paid.id}/refund", json=BACK)
    assert token("hr").get(f"{S}/approvals/").json["ids"] == []
    assert token("finance").get(f"{S}/approvals/").json["ids"] == [waiting()]
    assert token("auditor").get(f"{S}/approvals/").json["ids"] == [waiting()]


def _failed(row: Any) -> Refund:
    """A refund that its channel refused."""
    (refund,) = refunds.request_refund(row.id, 3_000, reason="窗户没有擦", actor=SYSTEM)
    support.gateway().fails_with = GatewayRefused("no", gateway_code="NO", temporary=False)
    outbox.deliver_due()
    support.gateway().fails_with = None
    assert support.again(refund).status == "failed"
    return refund


def test_a_failed_refund_is_sent_again_or_settled_otherwise_by_two(paid):
    first, second = _failed(paid), _failed(paid)
    one, other = token("finance"), token("finance")
    again = one.post(f"{S}/refunds/{first.id}/send-again", json={})
    assert (again.status_code, again.json["result"]["status"]) == (200, "submitted")
    assert_error(one.post(f"{S}/refunds/{first.id}/send-again", json={}), 409, "not_failed")

    url = f"{S}/refunds/{second.id}"
    assert_error(one.post(f"{url}/settle-otherwise", json={"way": "gold", "reason": "销户"}), 400)
    taken = one.post(f"{url}/settle-otherwise", json={"way": "bank", "reason": "账户已注销"})
    assert (taken.json["result"]["status"], taken.json["result"]["way"]) == ("manual", "bank")
    proof = {"reference": "B20300101"}
    assert_error(one.post(f"{url}/confirm-settled", json=proof), 403, "same_person")
    done = other.post(f"{url}/confirm-settled", json=proof)

    assert done.json["result"]["status"] == "succeeded"
    assert support.balances()["clearing_bank"] == -3_000
    assert support.wrong() == {}


def test_a_compensation_above_what_was_paid_is_paid_by_hand(paid):
    asked = token("service").post(
        f"{S}/orders/{paid.id}/compensate", json={**BACK, "amount_fen": 40_000}
    )
    kinds = [(part["kind"], part["amount_fen"]) for part in asked.json["refunds"]]
    assert kinds == [("compensation", 33_401), ("goodwill", 6_599)]
