"""Journals: balanced, once a key, never below an account's minimum."""

import pytest

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, RuleViolation
from app.domain.ledger import CHART, Line
from app.extensions import db
from app.models import Journal, LedgerAccount, Posting
from app.services.money import ledger
from app.services.transactions import transaction
from tests.money.support import balances, count

SALE = (Line("clearing_wechat", 1000), Line("customer_prepayments", -1000))


def post(*lines: Line, key: str = "test:1", kind: str = "payment") -> Journal:
    return ledger.post(key, kind, lines, source_kind="test", source_id=1, actor=Actor("staff", 7))


def test_a_journal_moves_both_balances_in_their_own_direction(app, clock):
    journal = post(*SALE)

    assert balances() == {"clearing_wechat": 1000, "customer_prepayments": 1000}
    assert [posting.amount_fen for posting in journal.postings] == [1000, -1000]
    assert (journal.actor_kind, journal.actor_id) == ("staff", 7)
    assert journal.posted_at == clock.now()


def test_a_journal_carries_the_day_of_the_city(app, clock):
    clock.instant = clock.instant.replace(hour=17)  # 01:00 of the next day in the city

    assert post(*SALE).posted_on.isoformat() == "2030-05-07"


def test_the_same_key_and_payload_give_the_journal_that_stands(app):
    first = post(*SALE)

    assert post(*reversed(SALE)).id == first.id
    assert (count(Journal), count(Posting)) == (1, 2)
    assert balances() == {"clearing_wechat": 1000, "customer_prepayments": 1000}


@pytest.mark.parametrize(
    "other",
    [
        {"lines": (Line("clearing_wechat", 999), Line("customer_prepayments", -999))},
        {"lines": (Line("clearing_alipay", 1000), Line("customer_prepayments", -1000))},
        {"lines": SALE, "kind": "refund"},
    ],
)
def test_the_same_key_with_another_payload_is_refused(app, other):
    post(*SALE)

    with pytest.raises(Conflict) as refused:
        post(*other["lines"], kind=other.get("kind", "payment"))

    assert refused.value.code == "journal_key_reused"
    assert balances() == {"clearing_wechat": 1000, "customer_prepayments": 1000}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([Line("clearing_wechat", 1000), Line("customer_prepayments", -999)], "journal_unbalanced"),
        ([Line("clearing_wechat", 0), Line("customer_prepayments", 0)], "journal_unbalanced"),
        ([], "journal_unbalanced"),
        ([Line("petty_cash", 1000), Line("customer_prepayments", -1000)], "account_unknown"),
        ([Line("worker_frozen", 1000), Line("customer_prepayments", -1000)], "account_owner"),
        (
            [Line("clearing_wechat", 1000, "worker", 1), Line("customer_prepayments", -1000)],
            "account_owner",
        ),
    ],
)
def test_what_is_no_journal_is_refused(app, lines, code):
    with pytest.raises(RuleViolation) as refused:
        post(*lines)

    assert refused.value.code == code
    assert (count(Journal), count(LedgerAccount)) == (0, 0)


@pytest.mark.parametrize("amount", [10.0, True, "10"])
def test_an_amount_that_is_no_integer_is_refused(app, amount):
    with pytest.raises(TypeError):
        post(Line("clearing_wechat", amount), Line("customer_prepayments", -10))


def test_lines_of_zero_are_left_out(app):
    journal = post(*SALE, Line("customer_receivables", 0))

    assert [posting.amount_fen for posting in journal.postings] == [1000, -1000]


def test_a_balance_never_falls_below_its_minimum(app):
    post(*SALE)

    with pytest.raises(RuleViolation) as refused:
        post(Line("customer_prepayments", 1001), Line("refunds_due", -1001), key="test:2")

    assert refused.value.code == "insufficient_balance"
    assert refused.value.details["account"] == "customer_prepayments"
    assert balances() == {"clearing_wechat": 1000, "customer_prepayments": 1000}
    assert count(Journal) == 1


def test_clearing_may_be_overdrawn(app):
    post(Line("clearing_wechat", -5), Line("suspense", 5))

    assert balances() == {"clearing_wechat": -5, "suspense": -5}


def test_each_worker_has_an_account_of_his_own(app):
    post(Line("suspense", 30), *(Line("worker_frozen", -10 * n, "worker", n) for n in (1, 2)))

    assert ledger.balance("worker_frozen", "worker", 1) == 10
    assert ledger.balance("worker_frozen", "worker", 2) == 20
    assert ledger.balance("worker_frozen", "worker", 3) == 0


def test_two_lines_of_one_account_move_its_balance_once(app, count_queries):
    post(*SALE)
    with count_queries() as statements:
        post(
            Line("clearing_wechat", 1),
            Line("clearing_wechat", 2),
            Line("customer_prepayments", -3),
            key="test:2",
        )

    assert balances() == {"clearing_wechat": 1003, "customer_prepayments": 1003}
    assert sum("UPDATE ledger_account" in statement for statement in statements) == 1


def test_a_journal_costs_two_statements_over_the_network(app, count_queries):
    post(*SALE)
    with count_queries() as statements:
        post(*SALE, key="test:2")

    told = [statement for statement in statements if "BEGIN" not in statement]
    is_sqlite = db.engine.dialect.name == "sqlite"
    assert len(told) == (4 if is_sqlite else 2)
    assert "UPDATE ledger_account" in told[-1]


def test_accounts_are_opened_as_the_chart_declares_them(db):
    post(*SALE)

    for account in db.session.query(LedgerAccount):
        declared = CHART[account.code]
        assert (account.normal, account.minimum_fen) == (declared.normal, declared.minimum_fen)


def test_a_refused_journal_takes_the_whole_change_with_it(app):
    with pytest.raises(RuleViolation), transaction(SYSTEM):
        post(*SALE)
        post(Line("refunds_due", 1), Line("clearing_wechat", -1), key="test:2")

    assert (count(Journal), balances()) == (0, {})
