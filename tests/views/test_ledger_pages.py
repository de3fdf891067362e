"""The ledger as finance and auditors use it: by hand with two people, sealed, proved, explained."""

import html
import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.ledger import Line
from app.extensions import db
from app.models import (
    Approval,
    Journal,
    LedgerAccount,
    ManualJournal,
    OrderLine,
    Partner,
    PaymentAttempt,
    PaymentNotice,
    PeriodSeal,
)
from app.services import clock
from app.services.money import ledger
from app.services.transactions import transaction
from tests.factories import save
from tests.views import stage

pytestmark = pytest.mark.backends("sqlite")
APRIL = date(2030, 4, 30)


def typed(*lines: dict[str, str], **more: Any) -> dict[str, Any]:
    """What somebody types into the form."""
    head = {"booked_on": str(clock.today()), "reason": "四月手续费"}
    cells = {f"lines-{n}-{key}": text for n, line in enumerate(lines) for key, text in line.items()}
    return {**head, **cells, **more}


FEES = ({"code": "channel_fees", "debit": "12.50"}, {"code": "bank", "credit": "12.50"})


def entered(client: Any, data: dict[str, Any]) -> str:
    return client.post("/manual-journals/enter", data=data, follow_redirects=True).text


def approve(client: Any) -> str:
    key = db.session.scalars(sa.select(Approval.id).filter_by(status="asked")).one()
    address = f"/approvals/action/approve/{key}"
    return client.post(address, data={"note": ""}, follow_redirects=True).text


def plain(page: str) -> str:
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_journal_is_entered_by_one_and_approved_by_another(built, staff_client):
    maker, checker = staff_client("finance"), staff_client("finance")

    assert "Waits for approval" in entered(maker, typed(*FEES))
    assert "Somebody else must decide" in approve(maker)
    request = db.session.scalars(sa.select(Approval).filter_by(status="asked")).one()
    shown = plain(checker.get(f"/approvals/show/{request.id}").text)
    assert "Channel fees — Debit ¥12.50" in shown
    assert "Balance of Bank deposits ¥0.00 -¥12.50" in shown
    assert "Approved and carried out." in approve(checker)

    row = db.session.scalars(sa.select(ManualJournal)).one()
    assert (row.status, ledger.balance("bank")) == ("posted", -1250)
    page = plain(checker.get(f"/journals/show/{row.journal_id}").text)
    assert f"Source Manual journal {row.number}" in page
    listed = checker.get("/journals/list/?_flt_0_kind=manual").text
    assert "Manual journal ¥12.50" in plain(listed)


def test_an_agencys_account_is_told_by_its_name(built, staff_client):
    agency = Partner(branch_id=built.company.branch.id, name="安心家政", code="calm")
    save(agency)
    lines = [Line("bank", 500), Line("partner_payable", -500, "partner", agency.id)]
    booked = ledger.post(
        "agency", "manual", lines, source_kind="test", source_id=1, actor=SYSTEM
    )  # fmt: skip

    auditor, named = staff_client("auditor"), "Partners' payable · 安心家政"
    assert named in html.unescape(auditor.get(f"/journals/show/{booked.id}").text)
    listed = auditor.get("/ledger-accounts/list/?_flt_0_code=partner_payable").text
    assert "安心家政" in listed


def test_a_payment_opens_its_notices_and_a_notice_its_payment(built, staff_client):
    attempt = db.session.scalars(sa.select(PaymentAttempt).limit(1)).one()
    notice = PaymentNotice(
        channel="wechat", headers={}, body="{}", received_at=clock.now(), outcome="applied",
        out_trade_no=attempt.out_trade_no,
    )  # fmt: skip
    save(notice)

    auditor = staff_client("auditor")
    page = auditor.get(f"/payments/show/{attempt.id}").text
    assert f'href="/payment-notices/show/{notice.id}"' in page
    assert "Processed" in page
    page = auditor.get(f"/payment-notices/show/{notice.id}").text
    assert f'href="/payments/show/{attempt.id}"' in page


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (({"code": "bank", "debit": "5"}, {"code": "suspense", "credit": "4"}), "must be equal"),
        (({"code": "bank", "debit": "5", "credit": "5"},), "either a debit or a credit"),
        (({"debit": "5"},), "Choose an account"),
        (({"code": "customer_prepayments", "debit": "5"},), "Not a valid choice."),
        (({"code": "worker_cash", "owner": "W9", "debit": "5"},), "There is no such owner"),
        (({"code": "bank", "order": "D9", "debit": "5"},), "This order does not exist"),
        (({"code": "bank", "owner": "W9", "debit": "5"},), "belongs to nobody else"),
        (({"code": "bank", "debit": "five"},), "Enter an amount in yuan"),
        ((), "must be equal"),
    ],
)
def test_a_line_that_cannot_be_booked_says_why_and_stays_typed(built, staff_client, lines, said):
    answer = staff_client("finance").post("/manual-journals/enter", data=typed(*lines))

    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="四月手续费"' in answer.text
    assert db.session.scalar(sa.select(sa.func.count(ManualJournal.id))) == 0


def test_a_document_is_shown_to_who_may_see_the_journal(built, staff_client):
    picture = (BytesIO(stage.photo_bytes("red")), "fees.jpg")
    entered(staff_client("finance"), typed(*FEES, document=picture))

    key = db.session.scalars(sa.select(ManualJournal.id)).one()
    address = f"/manual-journals/document/{key}"
    with staff_client("auditor").get(address) as answer:
        assert (answer.mimetype, answer.data) == ("image/jpeg", stage.photo_bytes("red"))
    assert staff_client("operations").get(address).status_code in (302, 403)


def test_only_a_manual_journal_offers_its_reversal(built, staff_client):
    maker, checker = staff_client("finance"), staff_client("finance")
    entered(maker, typed(*FEES))
    approve(checker)
    manual = db.session.scalars(sa.select(Journal).filter_by(kind="manual")).one()

    assert "/journals/ask/reverse/1" not in maker.get("/journals/show/1").text
    assert f"/journals/ask/reverse/{manual.id}" in maker.get(f"/journals/show/{manual.id}").text
    maker.post(f"/journals/action/reverse/{manual.id}", data={"reason": "记错了"})
    approve(checker)
    assert ledger.balance("bank") == 0


def test_a_month_is_sealed_by_two_and_takes_nothing_more(built, staff_client):
    lines = [Line("bank", 700), Line("suspense", -700)]
    ledger.post(
        "april", "manual", lines, source_kind="test", source_id=1, booked_on=APRIL, actor=SYSTEM
    )  # fmt: skip
    maker, checker = staff_client("finance"), staff_client("finance")

    shown = plain(maker.get("/periodsealview/seal").text)
    assert "From 2030-04-01 to 2030-04-30: 1 journals." in shown
    maker.post("/periodsealview/seal", data={"reason": "月结"})
    assert "2030-04 waits for a second person." in plain(maker.get("/periodsealview/seal").text)
    approve(checker)

    row = db.session.scalars(sa.select(PeriodSeal)).one()
    assert "¥7.00" in maker.get(f"/periodsealview/show/{row.id}").text
    refused = maker.post("/manual-journals/enter", data=typed(*FEES, booked_on=str(APRIL)))
    assert "This period is sealed" in refused.text


def test_the_ledger_is_proved_by_hand_and_shows_what_fails(built, staff_client):
    auditor = staff_client("auditor")
    whole = plain(auditor.post("/ledger-proof/prove", follow_redirects=True).text)
    assert "All nine invariants hold." in whole
    assert "1 Yes Every journal balances, in whole fen" in whole

    with transaction(SYSTEM) as session:
        session.execute(sa.update(OrderLine.__table__).values(amount_fen=1))
    page = auditor.post("/ledger-proof/prove", follow_redirects=True).text
    assert "The ledger does not add up." in page
    assert f'<a href="/orders/show/{built.completed.id}">Order {built.completed.id}</a>' in page
    start = staff_client("finance").get("/").text
    assert "Does not add up" in start
    assert "&lt;time" not in start
    assert "The ledger does not add up" in staff_client("finance").get("/incidents/list/").text


def test_a_payment_opens_its_postings_and_a_posting_its_payment(built, staff_client):
    finance = staff_client("finance")
    attempt = db.session.scalars(sa.select(PaymentAttempt.id).filter_by(status="succeeded")).first()
    journal = db.session.scalars(sa.select(Journal.id).filter_by(key=f"payment:{attempt}")).one()

    assert f'href="/journals/show/{journal}"' in finance.get(f"/payments/show/{attempt}").text
    assert f'href="/payments/show/{attempt}"' in finance.get(f"/journals/show/{journal}").text
    without = staff_client("operations").get(f"/payments/show/{attempt}").text
    assert "/journals/" not in without


def test_a_withdrawal_and_a_statement_open_their_postings(built, staff_client):
    finance, worker = staff_client("finance"), built.withdrawal.worker_id
    page = finance.get(f"/withdrawals/show/{built.withdrawal.id}").text

    assert "Withdrawals in transit" in page
    assert f'href="/ledger-accounts/worker/{worker}"' in page


def test_a_workers_account_shows_the_balance_after_each_posting(built, staff_client):
    worker = built.withdrawal.worker_id
    finance = staff_client("finance")
    page = plain(finance.get(f"/ledger-accounts/worker/{worker}").text)

    for account in db.session.scalars(sa.select(LedgerAccount).filter_by(owner_id=worker)):
        assert f"¥{account.balance_fen / 100:,.2f}" in page
    assert finance.get("/ledger-accounts/worker/999999").status_code == 404
    assert finance.get("/ledger-accounts/worker/abc").status_code == 404


def test_an_account_is_read_back_page_by_page(built, staff_client, monkeypatch):
    monkeypatch.setattr("app.views.ledger.MOST_POSTINGS", 2)
    account = db.session.scalars(sa.select(LedgerAccount).filter_by(code="clearing_wechat")).one()
    finance = staff_client("finance")
    newest = finance.get(f"/ledger-accounts/show/{account.id}").text
    older = re.search(r'href="([^"]+before=\d+)"', newest)

    assert older is not None
    assert f"¥{account.balance_fen / 100:,.2f}" in newest
    assert "What WeChat Pay holds for us" in newest
    page = finance.get(older[1].replace("&amp;", "&"))
    assert page.status_code == 200
    assert "Newest" in page.text


def cells(text: str, page: str) -> list[str]:
    """The cells of the list that say just this."""
    return re.findall(rf"<td [^>]*>{text}</td>", page)


def test_journals_are_found_by_account_kind_order_and_day(built, staff_client):
    finance, order = staff_client("finance"), built.completed.id
    tomorrow = clock.today() + timedelta(days=1)

    def found(query: str) -> str:
        return finance.get(f"/journals/list/?{query}").text

    assert cells("Withdrawal", found("_flt_0_account=worker_available"))
    assert not cells("Payment", found("_flt_0_account=worker_available"))
    assert cells("Revenue recognised", found(f"_flt_0_order={order}"))
    assert not cells("Revenue recognised", found("_flt_0_kind=payment"))
    assert not cells("Payment", found(f"_flt_1_posted_on={tomorrow}"))
    assert finance.get("/journals/list/?_flt_0_account=nonsense").status_code == 200
