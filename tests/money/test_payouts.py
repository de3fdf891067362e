"""Agencies are paid in batches: made by one, approved by another, confirmed by a third."""

import io

import openpyxl
import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden, RuleViolation
from app.extensions import db
from app.models import Adjustment, AuditLog, Partner, PayoutBatch
from app.services.money import adjustments, payouts
from app.services.system import approvals
from tests import factories
from tests.kit import clients
from tests.money import support
from tests.money.support import again, journal, staff, wrong

ACCOUNT = {"bank": "中国工商银行", "holder": "好邻家政", "account": "3602 0109 1920 0188"}
S = "/api/staff/v1"


@pytest.fixture
def partner(company) -> Partner:
    """With an account, and owed 80.00 yuan."""
    row = factories.save(Partner(branch_id=company.branch.id, code="P1", name="好邻"))
    payouts.change_account(row.id, **ACCOUNT, reason="contract", actor=staff())
    owe(row, 8_000)
    return row


def owe(partner: Partner, amount_fen: int) -> None:
    asked = adjustments.request_partner_adjustment(
        partner.id, "reward" if amount_fen > 0 else "penalty", amount_fen, reason="quarter",
        actor=staff(),
    )  # fmt: skip
    approvals.decide(approvals.waiting_for("adjustment", asked.id).id, approve=True, actor=staff())
    assert db.session.get_one(Adjustment, asked.id).status == "approved"


def approved(partner: Partner, maker: Actor, approver: Actor) -> PayoutBatch:
    batch = payouts.pay_out(partner.id, actor=maker)
    approvals.decide(payouts.ask_approval(batch.id, actor=maker).id, approve=True, actor=approver)
    return again(batch)


def test_a_third_person_confirms_and_only_then_it_is_booked(partner):
    maker, approver = staff(), staff()
    batch = approved(partner, maker, approver)
    assert (batch.status, batch.total_fen, batch.lines) == ("approved", 8_000, 1)
    assert support.balances()["partner_payable"] == 8_000
    for person in (maker, approver):
        with pytest.raises(Forbidden):
            payouts.confirm_paid(batch.id, bank_number="B1", actor=person)
    payouts.confirm_paid(batch.id, bank_number="B1", actor=staff())
    assert again(batch).status == "paid"
    assert journal(f"payout:{batch.id}") == [("partner_payable", 8_000), ("bank", -8_000)]
    assert wrong() == {}


def test_the_maker_does_not_approve_what_somebody_else_asks_for(partner):
    maker = staff()
    batch = payouts.pay_out(partner.id, actor=maker)
    asked = payouts.ask_approval(batch.id, actor=staff())

    with pytest.raises(Forbidden) as refused:
        approvals.decide(asked.id, approve=True, actor=maker)

    assert refused.value.code == "same_person"
    assert again(batch).status == "draft"


def test_nothing_is_in_two_batches_and_its_account_stands(partner):
    maker = staff()
    payouts.pay_out(partner.id, actor=maker)
    with pytest.raises(Conflict) as refused:
        payouts.pay_out(partner.id, actor=maker)
    assert refused.value.code == "batch_open"
    with pytest.raises(Conflict):
        payouts.change_account(partner.id, **ACCOUNT, reason="new", actor=maker)
    assert db.session.scalars(sa.select(PayoutBatch.total_fen)).all() == [8_000]


def test_other_agencies_join_the_draft_until_it_is_shown(partner, company):
    maker = staff()
    batch = payouts.pay_out(partner.id, actor=maker)
    second, third = (
        factories.save(Partner(branch_id=company.branch.id, code=code, name=code))
        for code in ("P2", "P3")
    )
    for other in (second, third):
        payouts.change_account(other.id, **ACCOUNT, reason="contract", actor=maker)
        owe(other, 1_000)
    assert payouts.pay_out(second.id, actor=maker).id == batch.id
    payouts.ask_approval(batch.id, actor=maker)
    with pytest.raises(Conflict):
        payouts.pay_out(third.id, actor=maker)
    assert (again(batch).total_fen, again(batch).lines) == (9_000, 2)


def test_who_is_owed_less_by_now_is_not_paid(partner):
    batch = approved(partner, staff(), staff())
    owe(partner, -3_000)
    with pytest.raises(RuleViolation) as refused:
        payouts.confirm_paid(batch.id, bank_number="B1", actor=staff())
    assert refused.value.code == "insufficient_balance"
    assert again(batch).status == "approved"
    payouts.cancel(batch.id, reason="less by now", actor=staff())
    assert payouts.pay_out(partner.id, actor=staff()).total_fen == 5_000


def test_an_account_that_was_swapped_is_not_paid(partner):
    batch = payouts.pay_out(partner.id, actor=staff())
    asked = payouts.ask_approval(batch.id, actor=staff())
    factories.change(partner, account="9902010919200188")
    with pytest.raises(RuleViolation) as refused:
        approvals.decide(asked.id, approve=True, actor=staff())
    assert refused.value.code == "account_changed"
    assert again(batch).status == "draft"


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(("account", "owed", "code"), [
    (True, 0, "nothing_owed"), (False, 500, "account_missing"),
])  # fmt: skip
def test_who_cannot_be_paid_is_not_put_into_a_batch(company, account, owed, code):
    row = factories.save(Partner(branch_id=company.branch.id, code="P1", name="好邻"))
    if account:
        payouts.change_account(row.id, **ACCOUNT, reason="contract", actor=staff())
    if owed:
        owe(row, owed)
    with pytest.raises(RuleViolation) as refused:
        payouts.pay_out(row.id, actor=staff())
    assert refused.value.code == code
    assert support.count(PayoutBatch) == 0


@pytest.mark.backends("sqlite")
def test_the_bank_gets_its_file_from_the_page(partner, staff_client):
    page = staff_client("finance")
    page.post(f"/partnerview/action/pay_out/{partner.id}")
    key = db.session.scalars(sa.select(PayoutBatch.id)).one()
    page.post(f"/payoutbatchview/action/ask_approval/{key}")
    asked = approvals.waiting_for("payout_batch", key)
    assert "****0188" in staff_client("finance").get(f"/approvals/show/{asked.id}").text
    approvals.decide(asked.id, approve=True, actor=staff())
    file = page.post(f"/payoutbatchview/action/workbook/{key}").data
    sheet = openpyxl.load_workbook(io.BytesIO(file)).worksheets[0]
    lines = [row for row in sheet.iter_rows(values_only=True) if row[0] == "P1"]
    assert [(line[1], line[4], line[5]) for line in lines] == [("好邻", "3602010919200188", 80)]


@pytest.mark.backends("sqlite")
def test_programs_pay_out_too(partner):
    maker, third = (clients.by_token(clients.add_staff("finance")) for _ in range(2))
    made = maker.post(f"{S}/partners/{partner.id}/pay-out", json={})
    assert (made.status_code, made.json["total_fen"]) == (200, 8_000)
    url = f"{S}/payout-batches/{made.json['id']}"
    asked = maker.post(f"{url}/ask-approval", json={}).json
    approvals.decide(asked["id"], approve=True, actor=staff())
    assert third.post(f"{url}/confirm-paid", json={"bank_number": "B7"}).status_code == 200
    assert third.get(url).json["result"]["status"] == "paid"
    assert third.post(f"{url}/cancel", json={"reason": "too late"}).status_code == 422


@pytest.mark.backends("sqlite")
def test_the_audit_log_names_who_was_to_be_paid(partner, staff_client):
    payouts.ask_approval(payouts.pay_out(partner.id, actor=staff()).id, actor=staff())
    page = staff_client("auditor")
    for entity in ("payout_batch", "approval"):
        rows = sa.select(AuditLog.id).filter_by(entity=entity).order_by(AuditLog.id.desc())
        told = page.get(f"/audit/show/{db.session.scalars(rows.limit(1)).one()}").text
        assert "****0188" in told, entity
        assert "account_index" not in told, entity
