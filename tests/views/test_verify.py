"""The QR code on paper: genuine documents are told, anything else looks the same."""

import re

import pytest

from app.domain.actors import Actor
from app.models import PaymentAttempt, Statement
from app.reports.verification import signature, verification_url
from app.services.money import settlement
from app.services.system import approvals
from tests.kit.clients import add_staff


def path_of(kind, number, sign=None):
    return f"/verify/{kind}/{number}?s={sign or signature(kind, number)}"


@pytest.mark.backends("sqlite")
def test_a_receipt_is_told_to_anybody_and_a_forgery_is_not(built, client, db):
    paid = db.session.query(PaymentAttempt).filter_by(order_id=built.completed.id).one()
    url = verification_url("receipt", paid.out_trade_no)

    genuine = client.get(re.sub(r"^https?://[^/]+", "", url))
    forged = client.get(path_of("receipt", paid.out_trade_no, "A" * 16))
    unknown = client.get(path_of("receipt", "P0"))

    assert genuine.status_code == 200
    assert paid.out_trade_no in genuine.text
    assert "204.00" in genuine.text
    assert (forged.status_code, unknown.status_code) == (404, 404)
    assert paid.out_trade_no not in forged.text
    assert client.get("/verify/secret/1?s=x").status_code == 404


@pytest.mark.backends("sqlite")
def test_a_statement_counts_from_its_approval_on(built, client, db):
    row = db.session.query(Statement).filter_by(run_id=built.run.id).first()
    url = path_of("statement", row.number)
    assert client.get(url).status_code == 404

    approval = settlement.ask_approval(built.run.id, actor=Actor("staff", built.run.made_by_id))
    second = Actor("staff", add_staff("finance").id)
    approvals.decide(approval.id, approve=True, actor=second)

    assert client.get(url).status_code == 200
