"""Settlement, approval and withdrawals as the three people of finance do them."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.gateways.payment import GatewayRefused
from app.models import (
    Approval,
    AuditLog,
    Journal,
    Note,
    PaymentAttempt,
    SettlementRun,
    Statement,
    Withdrawal,
)
from app.services import clock
from app.services.money import refunds, settlement
from app.services.system.outbox import deliver_due
from tests.money import support

pytestmark = pytest.mark.backends("sqlite")


def exports() -> Sequence[AuditLog]:
    return db.session.scalars(sa.select(AuditLog).filter_by(action="export")).all()


def test_a_run_is_made_by_one_and_approved_by_another(built, staff_client):
    settlement.cancel_run(built.run.id, actor=support.staff())
    maker, other = staff_client("finance"), staff_client("finance")
    branch, today = built.company.branch.id, clock.today()
    typed = {
        "branch": branch,
        "period_from": today - timedelta(days=30),
        "period_to": today - timedelta(days=1),
    }
    page = maker.post("/settlement/make", data=typed, follow_redirects=True)
    run = db.session.scalars(sa.select(SettlementRun).filter_by(status="draft")).one()
    key, number, maker_id, other_id = run.id, run.number, maker.staff.id, other.staff.id
    assert number in page.text
    maker.post(f"/settlement/action/ask/{key}")
    approval = db.session.scalars(sa.select(Approval)).one().id

    own = maker.post(f"/approvals/action/approve/{approval}", data={"note": ""})
    assert "Somebody else must decide what you asked for" in own.text
    assert db.session.get_one(SettlementRun, key).status == "reviewed"
    page = other.post(
        f"/approvals/action/approve/{approval}", data={"note": "checked"}, follow_redirects=True
    )
    assert "Approved and carried out." in page.text
    run = db.session.get_one(SettlementRun, key)
    assert (run.status, run.made_by_id, run.approved_by_id) == ("approved", maker_id, other_id)


def test_a_run_that_cannot_be_made_says_why_and_keeps_what_was_typed(built, staff_client):
    tomorrow = clock.today() + timedelta(days=1)
    typed = {"branch": built.company.branch.id, "period_from": tomorrow, "period_to": tomorrow}
    answer = staff_client("finance").post("/settlement/make", data=typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert f'value="{tomorrow}"' in answer.text


def test_a_refused_run_is_a_draft_again(built, staff_client):
    key = built.run.id
    settlement.ask_approval(key, actor=Actor("staff", built.run.made_by_id))
    approval = db.session.scalars(sa.select(Approval)).one().id
    client = staff_client("finance")
    assert client.post(f"/approvals/action/refuse/{approval}", data={}).status_code == 422
    client.post(f"/approvals/action/refuse/{approval}", data={"reason": "wrong period"})
    assert db.session.get_one(SettlementRun, key).status == "draft"
    assert db.session.get_one(Approval, approval).decision_note == "wrong period"


def test_an_approval_shows_everything_that_will_be_carried_out(built, staff_client):
    settlement.ask_approval(built.run.id, actor=Actor("staff", built.run.made_by_id))
    approval = db.session.scalars(sa.select(Approval)).one()
    payload, key = dict(approval.payload), approval.id
    page = staff_client("finance").get(f"/approvals/show/{key}").text
    assert payload["lines_hash"] in page
    assert payload["number"] in page
    assert page.count("lines_hash") == 0
    assert "¥163.20" in page


def test_the_workbook_is_handed_over_and_recorded(built, staff_client):
    client, key, number = staff_client("finance"), built.run.id, built.run.number
    answer = client.post(f"/settlement/action/workbook/{key}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={number}.xlsx"
    book = load_workbook(BytesIO(answer.data), data_only=True)
    assert len(book.sheetnames) > 5
    row = exports()[0]
    assert (row.entity, row.entity_id, row.actor_id) == (
        "settlement_run",
        str(key),
        client.staff.id,
    )
    assert row.changes["file"] == f"{number}.xlsx"


def test_a_statement_is_handed_over_as_pdf_and_recorded(built, staff_client):
    statement = db.session.scalars(sa.select(Statement)).one()
    key, number = statement.id, statement.number
    answer = staff_client("finance").post(f"/statements/action/pdf/{key}")
    assert answer.data.startswith(b"%PDF-")
    assert answer.mimetype == "application/pdf"
    assert [row.changes["file"] for row in exports()] == [f"{number}.pdf"]


def test_a_withdrawal_is_reviewed_by_one_and_sent_by_another(built, staff_client):
    one, other, key = staff_client("finance"), staff_client("finance"), built.withdrawal.id
    one.post(f"/withdrawals/action/review/{key}")
    page = one.post(f"/withdrawals/action/send/{key}", follow_redirects=True).text
    assert "Somebody else must send what you reviewed" in page
    assert db.session.get_one(Withdrawal, key).status == "reviewed"
    other.post(f"/withdrawals/action/send/{key}")
    row = db.session.get_one(Withdrawal, key)
    assert row.status in {"sent", "waiting_for_payee"}
    assert (row.reviewed_by_id, row.sent_by_id) == (one.staff.id, other.staff.id)


def test_a_rejected_withdrawal_gives_the_money_back(built, staff_client):
    key, client = built.withdrawal.id, staff_client("finance")
    client.post(f"/withdrawals/action/reject/{key}", data={"reason": "wrong account"})
    row = db.session.get_one(Withdrawal, key)
    assert (row.status, row.failure) == ("rejected", "wrong account")
    assert "¥500.00" in client.get(f"/withdrawals/show/{key}").text


def test_a_journal_shows_two_equal_sides(built, staff_client):
    page = " ".join(staff_client("finance").get("/journals/show/1").text.split())
    total = '<td class="num" data-label="{}"><span class="money">¥204.00</span></td>'
    assert all(total.format(side) in page for side in ("Debit", "Credit"))


def test_a_row_leads_to_the_rows_that_it_names_for_whoever_may_open_them(built, staff_client):
    key = db.session.scalars(sa.select(PaymentAttempt.id).limit(1)).one()
    order = db.session.get_one(PaymentAttempt, key).order
    linked = f'<a href="/orders/show/{order.id}">{order.number}</a>'

    assert linked in staff_client("finance").get(f"/payments/show/{key}").text
    journal = db.session.scalars(sa.select(Journal).filter_by(kind="revenue").limit(1)).one()
    source = f'<a href="/orders/show/{journal.order_id}">Order {journal.order.number}</a>'
    assert source in staff_client("finance").get(f"/journals/show/{journal.id}").text


def test_a_note_says_what_it_is_about(built, staff_client):
    order, client = built.completed, staff_client("operations")
    client.post(f"/orders/action/add_note/{order.id}", data={"text": "门铃坏了"})
    key = db.session.scalars(sa.select(Note.id)).one()

    page = client.get(f"/noteview/show/{key}").text

    assert f'Order <a href="/orders/show/{order.id}">{order.number}</a>' in page


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("NOT_ENOUGH", "The merchant account has not enough money"),
        ("ACQ.NEW_AND_STRANGE", "The channel refused (ACQ.NEW_AND_STRANGE)"),
    ],
)
def test_why_a_refund_failed_is_told_in_words(built, staff_client, code, words):
    row = support.order(built.company, 33_400)
    support.pay(row)
    (refund,) = refunds.request_refund(row.id, 5_000, reason="少做", actor=SYSTEM)
    support.gateway().fails_with = GatewayRefused("no", gateway_code=code, temporary=False)
    deliver_due()
    assert support.again(refund).failure == code

    page = staff_client("finance").get(f"/refundview/show/{refund.id}").text

    assert page.count(words) == 2  # the field and the story
    assert page.count(code) == 2 * words.count(code)
