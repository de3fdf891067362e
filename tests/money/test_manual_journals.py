"""Journals by hand: two people, the accounts that are open to them, exactly as shown."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.errors import Conflict, DomainError, Forbidden, RuleViolation
from app.domain.ledger import Line
from app.models import Approval, Journal, ManualJournal
from app.services.money import ledger, manual_journals
from app.services.system import approvals
from app.services.transactions import transaction
from tests import factories
from tests.money.support import again, balances, count, journal, staff
from tests.money.test_seals import seal
from tests.views.stage import photo_bytes

FEES = (Line("channel_fees", 1250), Line("bank", -1250))
TODAY = date(2030, 5, 6)


def ask(*lines: Line, day: date = TODAY, **more: Any) -> ManualJournal:
    more.setdefault("actor", staff())
    return manual_journals.ask(lines or FEES, reason="四月手续费", booked_on=day, **more)


def request_for(row: ManualJournal) -> Approval:
    found = approvals.waiting_for("manual_journal", row.id)
    assert found is not None
    return found


def decide(row: ManualJournal, *, approve: bool = True, **more: Any) -> None:
    approvals.decide(request_for(row).id, approve=approve, actor=more.get("actor") or staff())


def posted(*lines: Line) -> ManualJournal:
    row = ask(*lines)
    decide(row)
    return again(row)


def test_it_is_posted_when_another_person_approves(app):
    maker, checker = staff(), staff()
    row = ask(actor=maker, day=date(2030, 4, 30))

    assert (row.status, balances()) == ("asked", {})

    decide(row, actor=checker)
    row = again(row)

    assert journal(f"manual:{row.id}") == [("channel_fees", 1250), ("bank", -1250)]
    assert (row.status, row.asked_by_id, row.approved_by_id) == ("posted", maker.id, checker.id)
    assert (row.journal.posted_on, row.journal.source_id) == (date(2030, 4, 30), row.id)


def test_who_entered_it_does_not_approve_it(app):
    maker = staff()
    row = ask(actor=maker)

    with pytest.raises(Forbidden):
        decide(row, actor=maker)

    assert (again(row).status, count(Journal)) == ("asked", 0)


def test_a_refused_one_posts_nothing(app):
    row = ask()

    decide(row, approve=False)

    assert (again(row).status, count(Journal)) == ("refused", 0)


def test_what_was_altered_since_it_was_shown_is_not_posted(app):
    row = ask()
    with transaction(SYSTEM) as session:
        lines = [dict(row.lines[0], code="compensation"), row.lines[1]]
        session.execute(sa.update(ManualJournal).values(lines=lines))

    with pytest.raises(RuleViolation) as refused:
        decide(row)

    assert refused.value.code == "changed_since_shown"
    assert (again(row).status, count(Journal)) == ("asked", 0)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((Line("bank", 5), Line("suspense", -4)), "journal_unbalanced"),
        ((Line("bank", 5), Line("customer_prepayments", -5)), "account_by_system"),
        ((Line("bank", 5), Line("worker_available", -5, "worker", 1)), "account_by_system"),
        ((Line("worker_cash", 5, "worker", 77), Line("bank", -5)), "owner_unknown"),
        ((Line("bank", 5), Line("suspense", -5, order_id=77)), "order_unknown"),
        ((Line("tax_withheld", 5), Line("bank", -5)), "insufficient_balance"),
    ],
)
def test_what_may_not_be_booked_by_hand_is_refused(app, lines, code):
    with pytest.raises(DomainError) as refused:
        ask(*lines)

    assert refused.value.code == code
    assert (count(ManualJournal), count(Approval)) == (0, 0)


def test_a_sealed_day_is_refused_when_it_is_asked_and_when_it_is_approved(app):
    april = date(2030, 4, 30)
    decide(ask(day=april))
    row = ask(day=april)
    seal()

    with pytest.raises(RuleViolation) as late:
        ask(day=april)
    with pytest.raises(RuleViolation) as approved:
        decide(row)

    assert (late.value.code, approved.value.code) == ("period_sealed", "period_sealed")
    assert (again(row).status, count(Journal)) == ("asked", 1)


def test_cash_that_a_worker_holds_is_handed_in_up_to_what_he_holds(app, company):
    worker = factories.worker(company).id
    mine = ("worker", worker)
    ledger.post(
        "cash", "payment", [Line("worker_cash", 500, *mine), Line("suspense", -500)],
        source_kind="test", source_id=1, actor=SYSTEM,
    )  # fmt: skip

    posted(Line("clearing_cash", 500), Line("worker_cash", -500, *mine))

    assert balances() == {"clearing_cash": 500, "suspense": 500}


def test_a_reversal_turns_every_line_round_and_says_what_it_reverses(app):
    first = posted()

    back = manual_journals.ask_reversal(first.journal_id, reason="记错", actor=staff())
    decide(back)
    back = again(back)

    assert balances() == {}
    assert (back.journal.kind, back.journal.reverses_id) == ("reversal", first.journal_id)


def test_a_journal_is_reversed_once(app):
    first = posted()
    manual_journals.ask_reversal(first.journal_id, reason="记错", actor=staff())

    with pytest.raises(Conflict):
        manual_journals.ask_reversal(first.journal_id, reason="记错", actor=staff())

    assert count(ManualJournal) == 2


def test_a_refused_reversal_can_be_asked_for_again(app):
    first = posted()
    back = manual_journals.ask_reversal(first.journal_id, reason="记错", actor=staff())
    decide(back, approve=False)

    assert manual_journals.ask_reversal(first.journal_id, reason="记错", actor=staff()).id


def test_a_journal_of_the_product_is_not_reversed_by_hand(app):
    row = ledger.post(
        "payment:1", "payment", [Line("clearing_wechat", 5), Line("customer_prepayments", -5)],
        source_kind="payment_attempt", source_id=1, actor=SYSTEM,
    )  # fmt: skip

    with pytest.raises(RuleViolation) as refused:
        manual_journals.ask_reversal(row.id, reason="记错", actor=staff())

    assert refused.value.code == "not_reversible"


def test_a_document_is_kept_and_shown_by_its_fingerprint(app):
    picture = photo_bytes("red")

    row = ask(document=picture)

    assert row.mime == "image/jpeg"
    assert request_for(row).payload["sha256"] == row.sha256 != ""


def test_a_document_that_is_no_picture_is_refused(app):
    with pytest.raises(DomainError):
        ask(document=b"MZ")

    assert count(ManualJournal) == 0
