# ruff: noqa: E501  # a table, one break a line
"""The nine invariants: figures when they hold, found when somebody breaks them with SQL."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.cli import check
from app.domain.actors import SYSTEM
from app.domain.ledger import CHART, CLEARING
from app.jobs import prove_ledger
from app.models import (
    BillItem,
    ChannelBill,
    Incident,
    Journal,
    LedgerAccount,
    LedgerProof,
    Notification,
    Order,
    OrderLine,
    PaymentAttempt,
    PeriodSeal,
    Posting,
    ReconciliationRun,
    Refund,
    RefundAllocation,
    Statement,
    guards,
)
from app.services.system import incidents, invariants, ledger_proofs
from app.services.transactions import transaction
from tests.money.support import count, staff
from tests.money.test_checks import everywhere
from tests.money.test_seals import book, seal

Break = Callable[[Any], Any]
# A snapshot needs PostgreSQL's connection for itself: tests/kernel/test_snapshot.py.
in_one_moment = pytest.mark.backends("sqlite")


def everything() -> Order:
    """Money in every place, and April sealed with a payment of the channel's own fees."""
    book("april:1", 700, date(2030, 4, 2))
    seal()
    return everywhere()


@pytest.fixture(scope="module")
def books(once):
    return once(everything)


@pytest.fixture
def whole(app, books) -> Order:
    return books()


def proofs(session: Any) -> dict[int, invariants.Proof]:
    return {proof.number: proof for proof in invariants.prove(session)}


def broken(session: Any) -> set[int]:
    return {number for number, proof in proofs(session).items() if not proof.ok}


def test_there_are_nine_and_each_has_a_sentence_and_checks():
    assert [one.number for one in invariants.INVARIANTS] == list(range(1, 10))
    assert all(one.says and one.parts for one in invariants.INVARIANTS)


def test_each_tells_its_figures(whole, db):
    found = proofs(db.session())

    lines = [invariants.told(found[one.number], one.told) for one in invariants.INVARIANTS]
    assert {proof.ok for proof in found.values()} == {True}
    assert lines == [
        "17 journals, 39 postings: debit 3,874.20 = credit 3,874.20; 12 accounts are the sums of their postings",
        "captured 1,248.00 - refunded 334.00 - refunds due 40.00 - recognised 924.00 + reversed 0.00 - fees 0.00 + compensated 0.00 + subsidies 0.00 = prepaid 40.00 - owed 90.00",
        "2 workers: available 447.20, owed by workers 0.00, 0 flagged",
        "captured 1,248.00 - refunded 334.00 - paid out 100.00 = clearing 814.00; moved by bills and by hand 0.00; 0 bills with 0 lines, open differences 0.00",
        "statements 667.20 = their lines 667.20 + adjustments 0.00 + carried on 0.00; approved 667.20 = postings 667.20",
        "1 sealed months with 1 journals",
        "17 journals, 17 keys; 13 facts are booked",
        "refunds decided 374.00 = 374.00, none above its payment",
        "orders 971.00 = their lines 971.00; earned 924.00 = commission 184.80 + workers 739.20; refunds 374.00 = their parts 374.00",
    ]


def first(model: Any, **values: Any) -> Any:
    return sa.select(model.id).filter_by(**values).order_by(model.id).limit(1).scalar_subquery()


def change(model: Any, values: dict[str, Any], **which: Any) -> Break:
    table = model.__table__
    return lambda _session: (
        sa.update(table).where(table.c.id == first(model, **which)).values(values)
    )


def posting_of(code: str, kind: str, amount_fen: int) -> Break:
    """Another amount in the first posting of such a journal on such an account."""
    which = (
        sa.select(Posting.id)
        .join(Posting.journal).join(Posting.account)
        .where(LedgerAccount.code == code, Journal.kind == kind)
        .order_by(Posting.id).limit(1).scalar_subquery()
    )  # fmt: skip
    table = Posting.__table__
    return lambda _session: (
        sa.update(table).where(table.c.id == which).values(amount_fen=amount_fen)
    )


def bill(session: Any, *, reference: str, amount_fen: int, compared: bool = True) -> None:
    """A day's bill with one line, compared or only fetched."""
    day = date(2030, 5, 6)
    of = {"channel": "wechat", "bill_on": day}
    row = ChannelBill(**of, kind="trade", storage_key="1", sha256="1" * 64)
    session.add_all([row, ReconciliationRun(**of, status="different" if compared else "open")])
    session.flush()
    session.add(
        BillItem(bill_id=row.id, kind="payment", reference=reference, amount_fen=amount_fen)
    )
    session.flush()


def spread(session: Any) -> None:
    attempt = sa.select(PaymentAttempt.id).limit(1)
    session.add(
        RefundAllocation(
            refund_id=session.scalar(sa.select(Refund.id).limit(1)),
            attempt_id=session.scalar(attempt),
            amount_fen=1,
        )
    )
    session.flush()


BREAKS: list[tuple[Break, set[int]]] = [
    (posting_of("suspense", "manual", -699), {1, 6}),
    (change(Order, {"captured_fen": 66_801}, status="completed"), {2}),
    (posting_of("worker_available", "settlement", 999_999), {1, 3, 5}),
    (change(PaymentAttempt, {"channel": "alipay"}), {4}),
    (lambda session: bill(session, reference="unknown", amount_fen=5), {4}),
    (lambda session: bill(session, reference="unknown", amount_fen=5, compared=False), set()),
    (change(Statement, {"base_fen": 1, "commission_fen": 0, "payable_fen": 1}), {5}),
    (change(Journal, {"posted_on": date(2030, 5, 1)}, key="april:1"), {6}),
    (change(Journal, {"posted_on": date(2030, 4, 30)}, kind="payment"), {6}),
    (change(PeriodSeal, {"hash": "0" * 64}), {6}),
    (change(Journal, {"key": "payment:0"}, kind="payment"), {7}),
    (change(PaymentAttempt, {"refund_fen": 1}, status="pending"), {8}),
    (change(OrderLine, {"amount_fen": 33_399}), {9}),
    (spread, {9}),
]


def test_whatever_breaks_one_of_them_is_found(whole, db):
    found = [broken_by(db.session(), breaking) for breaking, _ in BREAKS]

    assert found == [expected for _, expected in BREAKS]


def broken_by(session: Any, breaking: Break) -> set[int]:
    """As somebody could who may lift the database's own rules."""
    with session.begin_nested() as savepoint:
        connection = session.connection()
        for name in guards.installed(connection):
            if name.startswith((guards.APPEND_ONLY, guards.SEALED)):
                table = name.removeprefix(f"{guards.APPEND_ONLY}_").removeprefix(
                    f"{guards.SEALED}_"
                )
                connection.exec_driver_sql(guards.dropped(connection, name, table))
        statement = breaking(session)
        if statement is not None:
            session.execute(statement)
        session.expire_all()
        found = broken(session)
        savepoint.rollback()
    return found


@in_one_moment
def test_the_command_prints_all_nine(whole, app):
    done = app.test_cli_runner().invoke(check, ["ledger"])

    assert done.exit_code == 0
    assert "ok    1  Every journal balances, in whole fen" in done.output
    assert "debit 3,874.20 = credit 3,874.20" in done.output
    assert "ok    9  The parts add up to the whole" in done.output


@in_one_moment
def test_the_command_names_the_rows_and_fails(whole, app):
    with transaction(SYSTEM) as session:
        session.execute(sa.update(Order.__table__).values(due_fen=1).where(Order.id == whole.id))

    done = app.test_cli_runner().invoke(check, ["ledger"])

    assert done.exit_code == 1
    assert f"completed_orders_are_earned: order {whole.id}" in done.output


# The nightly proof


@in_one_moment
def test_the_job_keeps_each_run_with_its_figures(whole, clock):
    assert prove_ledger.run("2030-05-06") is True

    row = ledger_proofs.latest()
    assert (row.whole, row.asked_by_id, row.finished_at) == (True, None, clock.now())
    assert [one["number"] for one in row.results] == list(range(1, 10))
    assert row.results[0]["figures"]["debit_fen"] == 387_420
    assert count(Incident) == 0


def count_of_alarms() -> int:
    session = ledger_proofs.db.session
    return len(session.scalars(sa.select(Notification).filter_by(kind="ledger.broken")).all())


@in_one_moment
def test_a_broken_ledger_raises_one_incident_until_it_is_solved(whole):
    with transaction(SYSTEM) as session:
        session.execute(sa.update(OrderLine.__table__).values(amount_fen=1))

    for _ in range(2):
        assert ledger_proofs.prove(actor=SYSTEM).whole is False
    incident = ledger_proofs.db.session.scalars(sa.select(Incident)).one()

    assert (incident.kind, incident.severity) == ("ledger", "critical")
    assert incident.text.endswith(": 9")
    assert count_of_alarms() == 2

    incidents.solve(incident.id, "mended", actor=staff())
    ledger_proofs.prove(actor=SYSTEM)
    assert count(Incident) == 2


@in_one_moment
def test_a_proof_says_who_ran_it_and_cannot_be_changed(whole):
    actor = staff()
    row = ledger_proofs.prove(actor=actor)

    assert row.asked_by_id == actor.id
    with pytest.raises(sa.exc.IntegrityError, match="append_only"), transaction() as session:
        session.execute(sa.update(LedgerProof.__table__).values(whole=False))


# The chart


def test_every_account_that_the_domain_names_is_in_the_chart():
    assert set(CHART) >= {
        *(f"clearing_{channel}" for channel in ("wechat", "alipay", "card", "cash")), "bank",
        "customer_prepayments", "refunds_due", "worker_available", "worker_frozen",
        "worker_negative", "withdrawals_in_transit", "partner_payable", "tax_withheld",
        "commission_income", "cancellation_fees", "channel_fees", "coupons", "compensation",
        "worker_cash", "customer_receivables", "suspense",
    }  # fmt: skip
    assert set(CLEARING.values()) <= set(CHART)
    owed = {code for code, account in CHART.items() if account.minimum_fen == 0}
    assert {"worker_available", "withdrawals_in_transit", "refunds_due", "worker_cash"} <= owed
