"""A settlement run with awkward numbers, as the services would have left it in the database."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_appbuilder.security.sqla.models import User

from app.domain.actors import SYSTEM
from app.domain.ledger import CHART
from app.extensions import db
from app.models import (
    Accrual,
    Approval,
    Branch,
    CommissionRule,
    Journal,
    LedgerAccount,
    Order,
    OrderLine,
    Partner,
    PaymentAttempt,
    Posting,
    Refund,
    SettlementRun,
    Statement,
    StatementLine,
    Worker,
)
from app.services import clock
from app.services.money import reversing
from app.services.transactions import transaction
from tests import factories

DAY = date(2030, 4, 20)
PERIOD = (date(2030, 4, 15), date(2030, 4, 28))


@dataclass(frozen=True)
class Sold:
    """One order: what was paid and given back, at which rate, for how many workers."""

    paid_fen: int
    refunded_fen: int = 0
    coupon_fen: int = 0
    add_on_fen: int = 0
    rate_bp: int = 2000
    weights: tuple[int, ...] = (1,)
    refunded_later_fen: int = 0
    summary: str = "全屋保洁 × 1"
    channel: str = "wechat"

    @property
    def base_fen(self) -> int:
        return self.paid_fen + self.coupon_fen - self.refunded_fen


# Bases and rates whose product ends in exactly half a fen.
HALVES = [
    Sold(11_505, rate_bp=1000), Sold(1, rate_bp=5000), Sold(3, rate_bp=5000),
    Sold(115, rate_bp=1000), Sold(235, rate_bp=1000), Sold(1_005, rate_bp=1000),
    Sold(25, rate_bp=200), Sold(12_500, rate_bp=1234), Sold(2_675, rate_bp=1000),
    Sold(100_000_000_50, rate_bp=1300), Sold(19_996, rate_bp=1250), Sold(29_992, rate_bp=1875),
]  # fmt: skip
SPECIAL = [
    Sold(19_900, refunded_fen=1_234),
    Sold(15_000, coupon_fen=5_000, add_on_fen=3_333),
    Sold(33_333, weights=(1, 1, 1)),
    Sold(10_001, coupon_fen=100, refunded_fen=33, weights=(120, 60), rate_bp=1755),
    Sold(20_000, refunded_later_fen=5_000),
    Sold(12_345, channel="cash", summary='=HYPERLINK("http://evil.example","click")'),
    Sold(12_345, rate_bp=0, summary="<r><t>x</t></r>"),
    Sold(12_345, rate_bp=10_000, summary="_x0041_ \x07bell\u202e"),
]
NAMES = ("=1+1", "王小明", "欧阳 𠮷野", "@SUM(A1)", "<r>&</r>", 'Li, "Anna"', "+8613800000000")


def hundreds(count: int) -> list[Sold]:
    """Many ordinary orders with odd prices and rates."""
    return [Sold(10_000 + 137 * n, rate_bp=1000 + 7 * (n % 180)) for n in range(count)]


def make_run(sold: Sequence[Sold], *, approved: bool = True) -> int:
    """Save the orders, what they earned, the ledger and the run; return the run's id."""
    company = factories.company()
    workers = _workers(company)
    # The books of the period, not of the day on which tests happen to stand.
    current_app.extensions["clock"].instant = datetime(2030, 4, 20, 4, tzinfo=UTC)
    made_by, approved_by = staff("wu", "小芳", "吴"), staff("zhou", "Ann", "Zhou")
    with transaction(SYSTEM) as session:
        orders = _orders(session, company, sold)
        _pay(session, orders)
        accruals = _earn(session, orders, workers)
        run = _settle(session, company.branch, accruals, made_by)
        if approved:
            _approve(session, run, made_by, approved_by)
        return run.id


def empty_run() -> int:
    branch = db.session.scalars(sa.select(Branch)).one()
    with transaction(SYSTEM) as session:
        return _settle(session, branch, [], staff("wu", "小芳", "吴")).id


def staff(username: str, first: str, last: str) -> User:
    user = User(
        username=username, first_name=first, last_name=last, email=f"{username}@example.com",
        password="x", active=True,
    )  # fmt: skip
    factories.save(user)
    return user


def _workers(company: factories.Company) -> list[Worker]:
    partner = Partner(branch_id=company.branch.id, code="007", name="-安心家政")
    factories.save(partner)
    own: dict[str, Any] = {}
    theirs: dict[str, Any] = {"kind": "partner", "partner_id": partner.id}
    return [
        factories.worker(company, name=name, days=0, **(theirs if n % 3 == 1 else own))
        for n, name in enumerate(NAMES)
    ]


def _orders(
    session: Any, company: factories.Company, sold: Sequence[Sold]
) -> list[tuple[int, Sold]]:
    """Save the orders with their price lines; return their ids."""
    rates = sorted({item.rate_bp for item in sold})
    rule = {"revision": 3, "name": "标准", "valid_from": date(2020, 1, 1)}
    ids = insert(
        session, CommissionRule, [{**rule, "code": f"rate{bp}", "rate_bp": bp} for bp in rates]
    )
    rules = dict(zip(rates, ids, strict=True))
    rows = [
        {**_order(company, index, item), "commission_rule_id": rules[item.rate_bp]}
        for index, item in enumerate(sold)
    ]
    orders = list(zip(insert(session, Order, rows), sold, strict=True))
    insert(session, OrderLine, [line for key, item in orders for line in _lines(key, item)])
    return orders


def insert(session: Any, model: type[Any], rows: list[dict[str, Any]]) -> list[int]:
    """Insert many rows at once and return their ids in the same order."""
    if not rows:
        return []
    statement = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def _order(company: factories.Company, index: int, item: Sold) -> dict[str, Any]:
    start = datetime(2030, 4, 20, 1, tzinfo=UTC)
    return {
        "number": f"D300420MWHNQ{index:05d}", "branch_id": company.branch.id,
        "customer_id": company.customer.id, "status": "completed", "summary": item.summary,
        "area_id": company.area.id, "region_code": "440104", "region_name": "越秀区",
        "address_detail": "人民北路 1 号 101", "contact_name": "林晓梅",
        "contact_phone": "12810000000", "lat": 23.1, "lng": 113.2, "minutes": 120,
        "buffer_before_minutes": 10, "buffer_after_minutes": 10, "skills": {},
        "service_on": DAY + timedelta(days=index % 5), "promised_from": start,
        "promised_to": start + timedelta(hours=1), "planned_start": start,
        "planned_end": start + timedelta(hours=2), "total_fen": item.base_fen - item.coupon_fen,
        "due_fen": item.base_fen, "captured_fen": item.paid_fen,
        "refunded_fen": item.refunded_fen + item.refunded_later_fen,
        "subsidy_fen": item.coupon_fen,
        "commission_bp": item.rate_bp, "rules": {},
        "completed_at": start + timedelta(hours=2),
    }  # fmt: skip


def _lines(order_id: int, item: Sold) -> list[dict[str, Any]]:
    amounts = [("base", item.paid_fen + item.coupon_fen - item.add_on_fen)]
    amounts += [("add_on", item.add_on_fen)] if item.add_on_fen else []
    amounts += [("coupon", -item.coupon_fen)] if item.coupon_fen else []
    return [
        {
            "order_id": order_id, "position": n, "kind": kind, "label": kind,
            "unit_fen": amount, "amount_fen": amount,
        }
        for n, (kind, amount) in enumerate(amounts)
    ]  # fmt: skip


def _pay(session: Any, orders: list[tuple[int, Sold]]) -> None:
    # 00:30 in the city on the first day of the period is still the day before in UTC.
    at = datetime(2030, 4, 14, 16, 30, tzinfo=UTC)
    attempts = [
        {
            "order_id": key, "out_trade_no": f"P300420{key:010d}", "channel": item.channel,
            "method": item.channel, "amount_fen": item.paid_fen, "status": "succeeded",
            "expires_at": at, "paid_at": at,
        }
        for key, item in orders
    ]  # fmt: skip
    refunds = [
        {
            "number": f"R{part}{key}", "order_id": key, "attempt_id": attempt,
            "amount_fen": amount, "status": "succeeded", "reason": "test", "succeeded_at": at,
        }
        for (key, item), attempt in zip(
            orders, insert(session, PaymentAttempt, attempts), strict=True
        )
        for part, amount in (("A", item.refunded_fen), ("B", item.refunded_later_fen))
        if amount
    ]  # fmt: skip
    insert(session, Refund, refunds)


def _earn(session: Any, orders: list[tuple[int, Sold]], workers: list[Worker]) -> list[Accrual]:
    """Save what every worker earned, and one journal for all that happened to an order."""
    rows: list[dict[str, Any]] = []
    postings: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for index, (key, item) in enumerate(orders):
        mine = _parts(key, item, [workers[(index + n) % len(workers)] for n in range(7)])
        rows += mine
        commission = sum(row["commission_fen"] for row in mine)
        postings[key] = [
            (f"clearing_{item.channel}", 0, item.paid_fen - item.refunded_fen),
            ("coupons", 0, item.coupon_fen),
            ("commission_income", 0, -commission),
            *(("worker_frozen", row["worker_id"], -row["worker_fen"]) for row in mine),
        ]
    _post(session, postings)
    ids = insert(session, Accrual, rows)
    return list(session.scalars(sa.select(Accrual).where(Accrual.id.in_(ids)).order_by(Accrual.id)))


def _parts(order_id: int, item: Sold, crew: list[Worker]) -> list[dict[str, Any]]:
    shares = reversing.anew(item.base_fen, item.rate_bp, list(item.weights))
    return [
        {
            "order_id": order_id, "worker_id": worker.id, "earned_on": DAY, "release_on": DAY,
            "base_fen": one.base_fen, "commission_bp": item.rate_bp,
            "commission_fen": one.commission_fen,
            "worker_fen": one.worker_fen,
        }
        for worker, one in zip(crew, shares, strict=False)
    ]  # fmt: skip


def _post(session: Any, postings: dict[int, list[tuple[str, int, int]]]) -> None:
    """Journals as the ledger writes them, all at once."""
    sums: dict[tuple[str, int], int] = defaultdict(int)
    for lines in postings.values():
        for code, owner, amount in lines:
            sums[code, owner] += amount
    accounts = dict(
        zip(
            sums,
            insert(session, LedgerAccount, [_account(*key, sums[key]) for key in sums]),
            strict=True,
        )
    )
    journals = insert(session, Journal, [_journal(order_id) for order_id in postings])
    rows = [
        {
            "journal_id": journal, "account_id": accounts[code, owner], "order_id": order_id,
            "amount_fen": amount,
        }
        for journal, (order_id, lines) in zip(journals, postings.items(), strict=True)
        for code, owner, amount in lines
        if amount
    ]  # fmt: skip
    insert(session, Posting, rows)


def _account(code: str, owner_id: int, debit_fen: int) -> dict[str, Any]:
    normal = CHART[code].normal
    return {
        "code": code, "owner_kind": "worker" if owner_id else "", "owner_id": owner_id,
        "normal": normal, "balance_fen": debit_fen if normal == "debit" else -debit_fen,
    }  # fmt: skip


def _journal(order_id: int) -> dict[str, Any]:
    return {
        "key": f"test:{order_id}", "payload_hash": "x", "kind": "test", "source_kind": "order",
        "source_id": order_id, "order_id": order_id, "posted_at": clock.now(), "posted_on": DAY,
        "actor_kind": "system",
    }  # fmt: skip


def _settle(session: Any, branch: Branch, accruals: list[Accrual], made_by: User) -> SettlementRun:
    run = SettlementRun(
        number="J300428TEST000001", branch_id=branch.id, period_from=PERIOD[0],
        period_to=PERIOD[1], made_by_id=made_by.id, **_sums(accruals),
    )  # fmt: skip
    session.add(run)
    session.flush()
    by_worker: dict[int, list[Accrual]] = defaultdict(list)
    for accrual in accruals:
        by_worker[accrual.worker_id].append(accrual)
    statements = [
        {"number": f"S300428{worker:010d}", "run_id": run.id, "worker_id": worker, **_sums(own)}
        for worker, own in by_worker.items()
    ]
    ids = insert(session, Statement, statements)
    lines = [
        _statement_line(statement_id, accrual)
        for statement_id, own in zip(ids, by_worker.values(), strict=True)
        for accrual in own
    ]
    insert(session, StatementLine, lines)
    return run


def _sums(accruals: list[Accrual]) -> dict[str, int]:
    return {
        "base_fen": sum(a.base_fen for a in accruals),
        "commission_fen": sum(a.commission_fen for a in accruals),
        "payable_fen": sum(a.worker_fen for a in accruals),
    }


def _statement_line(statement_id: int, accrual: Accrual) -> dict[str, Any]:
    return {
        "statement_id": statement_id, "accrual_id": accrual.id, "order_id": accrual.order_id,
        "base_fen": accrual.base_fen, "commission_bp": accrual.commission_bp,
        "commission_fen": accrual.commission_fen, "worker_fen": accrual.worker_fen,
    }  # fmt: skip


def _approve(session: Any, run: SettlementRun, made_by: User, approved_by: User) -> None:
    at = datetime(2030, 5, 2, 2, tzinfo=UTC)
    session.add(
        Approval(
            kind="settlement_run", subject_kind="settlement_run", subject_id=run.id, payload={},
            summary="run", asked_by_id=made_by.id, expires_at=at,
        )
    )  # fmt: skip
    session.flush()
    run.status, run.approved_by_id, run.approved_at = "approved", approved_by.id, at
