"""A paid withdrawal that the bank returns is the worker's again, once two people agree."""

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden
from app.extensions import db
from app.models import Approval, Notification, Withdrawal
from app.services.money import returning, withdrawals
from app.services.money.withdrawals import Balance
from app.services.system import approvals
from tests import factories
from tests.kit import clients
from tests.money.support import again, available, gateway, journal, sent, staff, withdraw, wrong

BACK = {"bank_number": "R20300506-7", "reason": "the card is closed"}


@pytest.fixture
def worker(company):
    row = factories.worker(company)
    available(row, 50_000)
    return row


@pytest.fixture
def paid(worker) -> Withdrawal:
    return withdraw(worker, 20_000)


def decide(asked: Approval, *, approve: bool = True, actor: Actor | None = None) -> None:
    approvals.decide(asked.id, approve=approve, note="seen", actor=actor or staff())


def test_what_came_back_is_available_again_and_the_worker_is_told(paid, worker):
    asked = returning.report_return(paid.id, **BACK, actor=staff())
    assert withdrawals.balance_of(worker.id) == Balance(30_000, 0, 0)
    decide(asked)
    assert (again(paid).status, again(paid).failure) == ("returned", BACK["reason"])
    assert withdrawals.balance_of(worker.id) == Balance(50_000, 0, 0)
    assert journal(f"withdrawal_returned:{paid.id}") == [
        ("clearing_wechat", 20_000), ("worker_available", -20_000),
    ]  # fmt: skip
    told = db.session.scalars(sa.select(Notification).filter_by(kind="withdrawal.returned")).one()
    assert (told.recipient_kind, told.recipient_id) == ("worker", worker.id)
    assert wrong() == {}


def test_a_late_repetition_of_the_channel_changes_nothing(paid, worker):
    decide(returning.report_return(paid.id, **BACK, actor=staff()))
    withdrawals.apply_transfer("wechat", gateway().query_transfer(paid.number))
    assert again(paid).status == "returned"
    assert withdrawals.balance_of(worker.id) == Balance(50_000, 0, 0)


def test_who_reported_it_does_not_decide_and_a_no_changes_nothing(paid, worker):
    reporter = staff()
    asked = returning.report_return(paid.id, **BACK, actor=reporter)
    with pytest.raises(Conflict):
        returning.report_return(paid.id, **BACK, actor=staff())
    with pytest.raises(Forbidden):
        decide(asked, actor=reporter)
    decide(asked, approve=False)
    assert again(paid).status == "paid"
    assert withdrawals.balance_of(worker.id) == Balance(30_000, 0, 0)


def test_only_what_was_paid_comes_back(worker):
    under_way = sent(worker, 20_000)
    with pytest.raises(Conflict) as refused:
        returning.report_return(under_way.id, **BACK, actor=staff())
    assert refused.value.code == "not_paid"
    assert db.session.scalar(sa.select(sa.func.count(Approval.id)).filter_by(status="asked")) == 0


@pytest.mark.backends("sqlite")
def test_finance_reports_it_on_the_page_and_decides_it_by_program(paid, staff_client):
    page, route = staff_client("finance"), "/withdrawals"
    assert f"{route}/ask/report_return/{paid.id}" in page.get(f"{route}/show/{paid.id}").text
    assert page.post(f"{route}/action/report_return/{paid.id}", data={}).status_code == 422
    page.post(f"{route}/action/report_return/{paid.id}", data=BACK)
    asked = approvals.waiting_for("withdrawal", paid.id)
    assert "R20300506-7" in staff_client("finance").get(f"/approvals/show/{asked.id}").text
    api = clients.by_token(clients.add_staff("finance"))
    url = f"/api/staff/v1/withdrawals/{paid.id}/report-return"
    assert api.post(url, json=BACK).status_code == 409
    assert api.post(f"/api/staff/v1/approvals/{asked.id}/approve", json={}).status_code == 200
    assert again(paid).status == "returned"
