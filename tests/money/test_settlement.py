"""Settlement: made by one, approved by another, each accrual once, to the fen."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import (
    Conflict,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotFound,
    RuleViolation,
)
from app.extensions import db
from app.models import (
    Accrual,
    AuditLog,
    Branch,
    Journal,
    SettlementRun,
    Statement,
    StatementLine,
)
from app.services import clock as city
from app.services.money import ledger, settlement
from app.services.system import approvals
from app.services.transactions import transaction
from tests import factories
from tests.money.support import again, balances, count, earned, journal, put, staff

MONDAY = date(2030, 5, 6)  # completed on; released on Monday the 13th


@pytest.fixture(scope="module")
def earnings(once, company_made):
    """Two workers, and what they earned with three orders."""

    def make():
        company = company_made()
        pair = [factories.worker(company) for _ in range(2)]
        for n, fen in enumerate((33_400, 20_000, 9_999)):
            earned(company, pair[n % 2], fen)
        return pair

    return once(make)


@pytest.fixture
def workers(app, earnings):
    return earnings()


@pytest.fixture
def later(workers, clock):
    clock.travel(timedelta(days=7))


def make(company, actor: Actor | None = None) -> SettlementRun:
    return settlement.make_run(company.branch.id, MONDAY, city.today(), actor=actor or staff())


def approve(run, actor: Actor | None = None, asked_by: Actor | None = None) -> None:
    approval = settlement.ask_approval(run.id, actor=asked_by or maker(run))
    approvals.decide(approval.id, approve=True, actor=actor or staff())


def maker(run) -> Actor:
    return Actor("staff", run.made_by_id)


def test_a_run_takes_what_is_released_one_statement_a_worker(company, workers, later):
    run = make(company)

    assert (run.status, run.base_fen, run.commission_fen, run.payable_fen) == (
        "draft", 63_399, 12_680, 50_719,
    )  # fmt: skip
    statements = [
        (s.worker_id, s.base_fen, s.commission_fen, s.payable_fen) for s in again(run).statements
    ]
    assert statements == [
        (workers[0].id, 43_399, 8_680, 34_719),
        (workers[1].id, 20_000, 4_000, 16_000),
    ]
    assert [line.order_id for line in again(run).statements[0].lines] == [
        accrual.order_id
        for accrual in db.session.query(Accrual)
        if accrual.worker_id == workers[0].id
    ]


def test_what_is_still_held_is_left_for_the_next_run(company, workers, clock):
    clock.travel(timedelta(days=1))
    recent = earned(company, workers[0], 5_000)
    clock.travel(timedelta(days=6))

    run = make(company)

    settled = db.session.scalars(sa.select(StatementLine.order_id)).all()
    assert (len(settled), recent.id in settled, run.base_fen) == (3, False, 63_399)


def test_the_same_period_again_is_the_same_run(company, later):
    first = make(company)
    second = make(company)

    assert (first.id, count(Statement), count(StatementLine)) == (second.id, 2, 3)


def test_another_period_takes_no_accrual_twice(company, later, clock):
    make(company)
    clock.travel(timedelta(days=7))

    with pytest.raises(RuleViolation) as refused:
        make(company)

    assert (refused.value.code, count(SettlementRun)) == ("nothing_to_settle", 1)


def test_another_branch_is_another_run(company, later):
    other = factories.save(Branch(code="east", name="East", city_code="440100"))

    with pytest.raises(RuleViolation) as refused:
        settlement.make_run(other.id, MONDAY, city.today(), actor=staff())

    assert refused.value.code == "nothing_to_settle"


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [(0, 1, "period_not_over"), (1, 0, "period_order")],
)
def test_a_period_must_be_over(company, later, first, last, code):
    day = city.today()

    with pytest.raises(RuleViolation) as refused:
        settlement.make_run(
            company.branch.id, day + timedelta(first), day + timedelta(last), actor=staff()
        )

    assert (refused.value.code, count(SettlementRun)) == (code, 0)


def test_approval_makes_the_money_available(company, workers, later):
    run = make(company)

    approve(run, (second := staff()))

    fresh = again(run)
    assert (fresh.status, fresh.approved_by_id) == ("approved", second.id)
    assert {statement.status for statement in fresh.statements} == {"approved"}
    statement = fresh.statements[0]
    assert journal(f"settlement:{statement.id}") == [
        ("worker_frozen", 26_720),
        ("worker_frozen", 7_999),
        ("worker_available", -34_719),
    ]
    assert [
        (
            ledger.balance("worker_frozen", "worker", w.id),
            ledger.balance("worker_available", "worker", w.id),
        )
        for w in workers
    ] == [(0, 34_719), (0, 16_000)]


def test_what_is_asked_for_is_shown(company, later):
    run = make(company)

    approval = settlement.ask_approval(run.id, actor=maker(run))

    assert again(run).status == "reviewed"
    assert approval.summary == f"{run.number}: 2030-05-06 – 2030-05-13, ¥507.19"
    payload = approval.payload
    assert (payload["base_fen"], payload["payable_fen"], payload["lines"]) == (63_399, 50_719, 3)
    assert len(payload["lines_hash"]) == 64


def test_who_made_a_run_does_not_approve_it_whoever_asked(company, later):
    run = make(company)

    with pytest.raises(Forbidden) as refused:
        approve(run, actor=maker(run), asked_by=staff())

    assert refused.value.code == "same_person"
    assert (again(run).status, "worker_available" in balances()) == ("reviewed", False)


def test_the_database_knows_that_two_people_are_needed(company, later):
    run = make(company)

    with pytest.raises(IntegrityError):
        put(run, approved_by_id=run.made_by_id)


def test_what_changed_since_it_was_shown_is_not_executed(company, later):
    run = make(company)
    approval = settlement.ask_approval(run.id, actor=maker(run))
    line = db.session.query(StatementLine).first()
    put(line, base_fen=line.base_fen + 1, worker_fen=line.worker_fen + 1)

    with pytest.raises(RuleViolation) as refused:
        approvals.decide(approval.id, approve=True, actor=staff())

    assert refused.value.code == "changed_since_shown"
    assert (again(run).status, again(approval).status) == ("reviewed", "asked")


def test_a_refused_run_is_a_draft_again(company, later):
    run = make(company)
    approval = settlement.ask_approval(run.id, actor=maker(run))

    approvals.decide(approval.id, approve=False, note="look at order 2", actor=staff())

    assert again(run).status == "draft"
    assert {statement.status for statement in again(run).statements} == {"draft"}
    approve(again(run))
    assert again(run).status == "approved"


def test_a_cancelled_run_frees_its_lines(company, later):
    first = make(company)

    settlement.cancel_run(first.id, actor=staff())

    assert (again(first).status, count(Statement), count(StatementLine)) == ("cancelled", 0, 0)
    assert db.session.scalars(
        sa.select(AuditLog.action)
        .filter_by(entity="settlement_run", entity_id=str(first.id))
        .order_by(AuditLog.id)
    ).all() == ["insert", "update", "settle", "update", "free"]
    assert make(company).payable_fen == 50_719


def test_a_run_that_somebody_decides_on_is_not_cancelled(company, later):
    run = make(company)
    settlement.ask_approval(run.id, actor=maker(run))

    with pytest.raises(Conflict):
        settlement.cancel_run(run.id, actor=staff())

    assert again(run).status == "reviewed"


def test_an_approved_run_is_final(company, later):
    run = make(company)
    approve(run)

    with pytest.raises(IllegalTransition):
        settlement.cancel_run(run.id, actor=staff())

    assert count(StatementLine) == 3


def test_only_staff_settle(company, workers, later):
    for actor in (SYSTEM, Actor("worker", workers[0].id)):
        with pytest.raises(Forbidden):
            make(company, actor)

    assert count(SettlementRun) == 0


def test_a_refused_approval_books_nothing(company, later):
    run = make(company)
    journals = count(Journal)
    with transaction(SYSTEM):
        pass

    approval = settlement.ask_approval(run.id, actor=maker(run))
    approvals.decide(approval.id, approve=False, actor=staff())

    assert count(Journal) == journals


@pytest.fixture
def statement(company, later) -> Statement:
    run = make(company)
    approve(run)
    return again(run).statements[0]


def test_a_worker_confirms_his_statement(statement, clock):
    own = statement.worker_id

    settlement.confirm_statement(statement.id, own, actor=Actor("worker", own))

    assert (again(statement).status, again(statement).answered_at) == ("confirmed", clock.now())


def test_a_worker_disputes_his_statement_with_a_reason(statement):
    own = statement.worker_id

    with pytest.raises(InvalidInput):
        settlement.dispute_statement(statement.id, own, " ", actor=Actor("worker", own))
    settlement.dispute_statement(statement.id, own, " order 3 ", actor=Actor("worker", own))

    assert (again(statement).status, again(statement).dispute_text) == ("disputed", "order 3")


def test_somebody_elses_statement_does_not_exist(statement):
    other = statement.worker_id + 1

    with pytest.raises(NotFound):
        settlement.confirm_statement(statement.id, other, actor=Actor("worker", other))

    assert again(statement).status == "approved"
