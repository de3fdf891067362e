"""One order, the whole way through the running product, exact to the fen."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from app.demo import journey_office
from app.demo.journey import Journey
from app.demo.journey_http import JourneyFailed
from app.domain.ledger import (
    CLEARING,
    COMMISSION,
    IN_TRANSIT,
    PREPAYMENTS,
    WORKER_AVAILABLE,
    WORKER_FROZEN,
)
from app.extensions import db
from app.models import (
    Attachment,
    AuditLog,
    Candidate,
    DispatchRun,
    Journal,
    LedgerAccount,
    Order,
    OrderEvent,
    OrderLine,
    Posting,
    Review,
    SettlementRun,
    Statement,
    StatementLine,
    Withdrawal,
    WorkerBusy,
)
from app.services.system import checks

# 厨房 128.00 + 加强 25.00 + 橱柜内部 40.00 + 环保 10.00; 卫生间 88.00 + 2间 68.00 + 环保 8.00.
LINES_FEN = [12800, 2500, 4000, 1000, 8800, 6800, 0, 800]
TOTAL_FEN = 36700
COMMISSION_FEN = 7340  # 20 %
WORKER_FEN = 29360
WITHDRAWN_FEN = 10000
CLEARING_WECHAT = CLEARING["wechat"]

# The order's status after each step that moves it.
STATUS_AFTER = {
    "customer orders": "pending_payment",
    "the order is offered by itself": "offered",
    "worker accepts the offer": "accepted",
    "worker departs": "en_route",
    "worker checks in at the address": "in_service",
    "worker takes a photo before the work": "in_service",
    "worker takes photos of the result": "in_service",
    "worker checks out": "pending_confirm",
    "customer confirms": "completed",
    "customer reviews": "completed",
    "worker takes the money": "completed",
}
EVENTS = [
    ("created", None, "pending_payment"),
    ("payment.started", None, None),
    ("payment.succeeded", None, None),
    ("paid", "pending_payment", "pending_dispatch"),
    ("offered", "pending_dispatch", "offered"),
    ("offer_accepted", None, None),
    ("accepted", "offered", "accepted"),
    ("departed", "accepted", "en_route"),
    ("checked_in", "en_route", "in_service"),
    *[("file_added", None, None)] * 3,
    ("checked_out", "in_service", "pending_confirm"),
    ("confirmed", "pending_confirm", "completed"),
    ("revenue.recognised", None, None),
    ("reviewed", None, None),
]
# Steps that only look, or whose traces are no changes of audited rows.
WITHOUT_AUDIT = {
    "customer looks at the services",
    "customer asks what two services cost",
    "the order is offered by itself",  # perhaps while the payment was still awaited
    "dispatcher sees why",
    "worker reads the statement",
    "worker downloads it as a PDF",
}
JOURNALS = {
    "payment": {CLEARING_WECHAT: TOTAL_FEN, PREPAYMENTS: -TOTAL_FEN},
    "revenue": {PREPAYMENTS: TOTAL_FEN, COMMISSION: -COMMISSION_FEN, WORKER_FROZEN: -WORKER_FEN},
    "settlement": {WORKER_FROZEN: WORKER_FEN, WORKER_AVAILABLE: -WORKER_FEN},
    "withdrawal": {WORKER_AVAILABLE: WITHDRAWN_FEN, IN_TRANSIT: -WITHDRAWN_FEN},
    "withdrawal_paid": {IN_TRANSIT: WITHDRAWN_FEN, CLEARING_WECHAT: -WITHDRAWN_FEN},
}
BALANCES_MOVED = {
    CLEARING_WECHAT: TOTAL_FEN - WITHDRAWN_FEN,
    COMMISSION: COMMISSION_FEN,
    WORKER_AVAILABLE: WORKER_FEN - WITHDRAWN_FEN,
}


@dataclass
class Seen:
    """What the database said after each step."""

    statuses: dict[str, str] = field(default_factory=dict)
    audited: dict[str, int] = field(default_factory=dict)
    failed_checks: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture
def travelled(product) -> Iterator[tuple[Journey, Seen, dict[str, int]]]:
    """A journey that has arrived, what was seen on the way, and how the balances moved."""
    journey, seen = Journey(product.base_url, product.gateway_url), Seen()
    with product.app.app_context():
        before = balances()
        for name, act in journey.steps():
            rows = audit_rows()
            act()
            look(seen, name, journey, rows)
        after = balances()
        moved = {code: after[code] - before.get(code, 0) for code in after}
        yield journey, seen, {code: fen for code, fen in moved.items() if fen}


def look(seen: Seen, name: str, journey: Journey, rows_before: int) -> None:
    seen.audited[name] = audit_rows() - rows_before
    if journey.customer.order:
        seen.statuses[name] = order_of(journey).status
    failed = [key for key, found in checks.run_all().items() if not found.ok]
    if failed:
        seen.failed_checks[name] = failed
    db.session.rollback()


def audit_rows() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count(AuditLog.id))) or 0


def balances() -> dict[str, int]:
    db.session.rollback()
    sums = sa.select(LedgerAccount.code, sa.func.sum(LedgerAccount.balance_fen))
    rows = db.session.execute(sums.group_by(LedgerAccount.code)).tuples()
    return {code: int(fen) for code, fen in rows}


def order_of(journey: Journey) -> Order:
    return db.session.scalars(sa.select(Order).filter_by(number=journey.customer.number)).one()


# On PostgreSQL `.ci/run` sends one through `make serve`, and the proofs send this one.
@pytest.mark.backends("sqlite")
def test_one_order_goes_the_whole_way(travelled):
    check(*travelled)


@pytest.mark.proof
@pytest.mark.backends("postgresql")
def test_on_a_server_too(travelled):
    check(*travelled)


def check(journey: Journey, seen: Seen, moved: dict[str, int]) -> None:
    assert seen.failed_checks == {}
    assert {name: seen.statuses[name] for name in STATUS_AFTER} == STATUS_AFTER
    assert {name for name, rows in seen.audited.items() if not rows} <= WITHOUT_AUDIT
    order = order_of(journey)
    check_order(order)
    check_dispatch(order)
    check_books(order, journey)
    assert moved == BALANCES_MOVED
    check_settlement(order, journey)
    check_papers(order, journey)


def check_order(order: Order) -> None:
    events = db.session.scalars(sa.select(OrderEvent).filter_by(order_id=order.id)).all()
    told = [(event.kind, event.from_status, event.to_status) for event in events]
    assert told == EVENTS
    lines = sa.select(OrderLine.amount_fen).filter_by(order_id=order.id)
    assert db.session.scalars(lines.order_by(OrderLine.position)).all() == LINES_FEN
    assert (order.total_fen, order.captured_fen, order.refunded_fen) == (TOTAL_FEN, TOTAL_FEN, 0)
    assert order.note.startswith("家里有猫")
    photos = db.session.scalars(
        sa.select(Attachment).filter_by(order_id=order.id).order_by(Attachment.id)
    ).all()
    assert [(photo.mime, photo.kind) for photo in photos] == [
        ("image/jpeg", kind) for kind in ("before", "after", "after")
    ]
    review = db.session.scalars(sa.select(Review).filter_by(order_id=order.id)).one()
    assert (review.quality, review.attitude, review.skill) == (5, 5, 4)


def check_dispatch(order: Order) -> None:
    """The best was asked, every other has a reason, and her time is hers alone."""
    run = db.session.scalars(sa.select(DispatchRun).filter_by(order_id=order.id)).one()
    candidates = db.session.scalars(
        sa.select(Candidate).filter_by(run_id=run.id).order_by(Candidate.rank)
    ).all()
    assert candidates[0].worker_id == order.lead_worker_id
    assert [one.chosen for one in candidates] == [True] + [False] * (len(candidates) - 1)
    assert all(
        one.broken if one.score is None else sum(one.terms.values()) == one.score
        for one in candidates
    )
    claims = sa.select(WorkerBusy.worker_id).filter_by(owner=order.owner)
    assert db.session.scalars(claims).all() == [order.lead_worker_id]


def check_books(order: Order, journey: Journey) -> None:
    withdrawal = db.session.scalars(
        sa.select(Withdrawal).filter_by(number=journey.worker.withdrawal["number"])
    ).one()
    statement = statement_of(journey)
    sources = sa.or_(
        Journal.order_id == order.id,
        sa.and_(Journal.source_kind == "statement", Journal.source_id == statement.id),
        sa.and_(Journal.source_kind == "withdrawal", Journal.source_id == withdrawal.id),
    )
    booked = {}
    for journal in db.session.scalars(sa.select(Journal).where(sources).order_by(Journal.id)):
        sums = (
            sa.select(LedgerAccount.code, sa.func.sum(Posting.amount_fen))
            .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
            .where(Posting.journal_id == journal.id)
            .group_by(LedgerAccount.code)
        )
        booked[journal.kind] = {code: int(fen) for code, fen in db.session.execute(sums).tuples()}
    assert booked == JOURNALS
    assert (withdrawal.status, withdrawal.amount_fen) == ("paid", WITHDRAWN_FEN)
    assert withdrawal.reviewed_by_id != withdrawal.sent_by_id


def statement_of(journey: Journey) -> Statement:
    number = journey.worker.statement["number"]
    return db.session.scalars(sa.select(Statement).filter_by(number=number)).one()


def check_settlement(order: Order, journey: Journey) -> None:
    run = db.session.get_one(SettlementRun, journey.office.run_id)
    assert run.status == "approved"
    assert run.made_by_id != run.approved_by_id
    assert (run.base_fen, run.commission_fen, run.payable_fen) == (
        TOTAL_FEN, COMMISSION_FEN, WORKER_FEN,
    )  # fmt: skip
    statement = statement_of(journey)
    assert (statement.status, statement.payable_fen) == ("confirmed", WORKER_FEN)
    line = db.session.scalars(sa.select(StatementLine).filter_by(statement_id=statement.id)).one()
    assert (line.order_id, line.commission_bp, line.worker_fen) == (order.id, 2000, WORKER_FEN)


def check_papers(order: Order, journey: Journey) -> None:
    """The workbook's cached values equal the database; the PDF embeds its font."""
    book = journey_office.read_workbook(journey.office.workbook)
    detail = table(book["订单明细"], "订单号")
    assert [row["订单号"] for row in detail] == [order.number]
    assert fen(detail[0]["结算基数"]) == TOTAL_FEN
    assert fen(detail[0]["平台佣金"]) == COMMISSION_FEN
    assert fen(detail[0]["人员所得"]) == WORKER_FEN
    people = table(book["人员汇总"], "结算单号")
    assert people[0]["结算单号"] == journey.worker.statement["number"]
    assert fen(people[0]["应付金额"]) == WORKER_FEN
    totals = {row[1]: row[2] for row in book["封面汇总"]}
    assert fen(totals["结算基数"]) == TOTAL_FEN
    assert fen(totals["应付金额"]) == WORKER_FEN
    verdicts = [row["是否一致"] for row in table(book["校验"], "序号")]
    assert verdicts
    assert all(verdict is True for verdict in verdicts)
    assert journey.statement_pdf.startswith(b"%PDF-")
    assert b"/FontFile2" in journey.statement_pdf


def table(rows: list[tuple], first_title: str) -> list[dict]:
    """The rows below a sheet's header, up to the first without a key."""
    start = next(place for place, row in enumerate(rows) if row[0] == first_title)
    body = []
    for row in rows[start + 1 :]:
        if row[0] in (None, "合计"):
            break
        body.append(dict(zip(rows[start], row, strict=True)))
    return body


def fen(yuan: float) -> int:
    return round(yuan * 100)


def test_a_product_that_is_not_there_is_told_in_one_sentence(capsys):
    from app.demo import journey

    with pytest.raises(JourneyFailed) as failed:
        journey.run(
            lambda line: None, base_url="http://127.0.0.1:9", gateway_url="http://127.0.0.1:9"
        )
    assert "nobody answers at http://127.0.0.1:9" in str(failed.value)
