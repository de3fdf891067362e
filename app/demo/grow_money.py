"""What the workers of a grown company earned, week by week: settled, agreed to, withdrawn.

Rows like those that the services write, for thousands of workers at a time. A week that the model
company settled itself gets the others' statements into the same run.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import models as m
from app.demo.bulk import Bulk
from app.demo.grow_people import Crowd
from app.demo.grow_template import PAIRS
from app.demo.load_money import CONFIRMED_SHARE, WHOLE_YUAN, WITHDRAWN_SHARE
from app.domain.actors import Actor
from app.domain.ledger import (
    CLEARING,
    IN_TRANSIT,
    WORKER_AVAILABLE,
    WORKER_FROZEN,
    Line,
    payload_hash,
)
from app.domain.money import yuan
from app.domain.states import ApprovalStatus, RunStatus, StatementStatus, WithdrawalStatus
from app.services import clock
from app.services.money import settlement_lines
from app.services.money.settlement import APPROVAL_KIND
from app.services.system import parameters

Row = dict[str, Any]
WEEK = timedelta(days=7)
CHANNEL = "wechat"


class Earned(NamedTuple):
    """An accrual that no statement holds yet."""

    id: int
    order_id: int
    base_fen: int
    commission_bp: int
    commission_fen: int
    worker_fen: int


@dataclass
class Books:
    """What is waiting for its settlement, and how every balance moved."""

    moved: Counter[int] = field(default_factory=Counter)  # by ledger account, own direction
    waiting: dict[date, dict[int, list[Earned]]] = field(default_factory=dict)
    available: Counter[int] = field(default_factory=Counter)
    stars: Counter[int] = field(default_factory=Counter)
    reviews: Counter[int] = field(default_factory=Counter)

    def earn(self, release_on: date, worker_id: int, earned: Earned) -> None:
        """It is settled on the first Monday after its release."""
        monday = release_on + timedelta(days=7 - release_on.weekday())
        week = self.waiting.setdefault(monday, defaultdict(list))
        week[worker_id].append(earned)


class Settler:
    """Writes the weekly settlements and the withdrawals that follow."""

    def __init__(
        self, bulk: Bulk, crowd: Crowd, books: Books, staff: dict[str, Actor], end: datetime,
        chance: random.Random, branch_id: int,
    ) -> None:  # fmt: skip
        self._bulk = bulk
        self._crowd = crowd
        self._books = books
        self._staff = {name: actor.id for name, actor in staff.items()}
        self._end = end
        self._chance = chance
        self._branch_id = branch_id
        self._least = parameters.get("withdrawal.minimum_fen")
        self._payout = {w: p for team in crowd.teams for w, p in team.payout.items()}
        self._clearing = crowd.accounts[CLEARING[CHANNEL], 0]

    def settle(self, session: Session, monday: date) -> int | None:
        """Settle what waits for this Monday; the run's key, or None when it is not over yet.

        What cannot be settled now waits for the next Monday.
        """
        due = self._books.waiting.pop(monday, {})
        made_at = _at(monday, time(7, 30))
        run = self._standing(session, monday)
        if made_at + timedelta(hours=2) > self._end or (run and run.status != RunStatus.APPROVED):
            later = self._books.waiting.setdefault(monday + WEEK, defaultdict(list))
            for worker_id, earned in due.items():
                later[worker_id] += earned
            return None
        if not due:
            return None
        run_id = run.id if run else self._new_run(monday, made_at)
        for worker_id in sorted(due):
            self._statement(run_id, worker_id, due[worker_id], made_at)
        return run_id

    def _standing(self, session: Session, monday: date) -> m.SettlementRun | None:
        found = sa.select(m.SettlementRun).filter_by(
            branch_id=self._branch_id, period_from=monday - WEEK
        )
        return session.scalar(found.where(m.SettlementRun.status != RunStatus.CANCELLED.value))

    def _new_run(self, monday: date, made_at: datetime) -> int:
        key = self._bulk.keys(m.SettlementRun.__table__)
        approval = self._bulk.keys(m.Approval.__table__)
        approved_at = made_at + timedelta(hours=1)
        maker, approver = self._staff["finance_make"], self._staff["finance_approve"]
        row = {
            "id": key, "number": self._number("S", monday), "branch_id": self._branch_id,
            "period_from": monday - WEEK, "period_to": monday - timedelta(days=1),
            "status": RunStatus.APPROVED.value, "base_fen": 0, "commission_fen": 0,
            "payable_fen": 0, "made_by_id": maker, "approved_by_id": approver,
            "approved_at": approved_at, "created_at": made_at, "version": 4,
        }  # fmt: skip
        self._write(m.SettlementRun, row)
        row = {
            "id": approval, "kind": APPROVAL_KIND, "subject_kind": "settlement_run",
            "subject_id": key, "payload": {}, "summary": "", "reason": "",
            "status": ApprovalStatus.APPROVED.value, "branch_id": self._branch_id,
            "asked_by_id": maker, "decided_by_id": approver, "decided_at": approved_at,
            "decision_note": "金额核对无误", "expires_at": made_at + timedelta(days=3),
            "created_at": made_at, "version": 2,
        }  # fmt: skip
        self._write(m.Approval, row)
        return key

    def _statement(self, run_id: int, worker_id: int, due: list[Earned], made_at: datetime) -> None:
        key, agreed = (
            self._bulk.keys(m.Statement.__table__),
            self._chance.random() < CONFIRMED_SHARE,
        )
        answered = made_at + timedelta(minutes=self._chance.randint(120, 3000))
        agreed = agreed and answered < self._end
        payable = sum(earned.worker_fen for earned in due)
        status = StatementStatus.CONFIRMED if agreed else StatementStatus.APPROVED
        row = {
            "id": key, "number": self._number("J", clock.city_date(made_at)), "run_id": run_id,
            "worker_id": worker_id, "status": status.value, "payable_fen": payable,
            "base_fen": sum(earned.base_fen for earned in due),
            "commission_fen": sum(earned.commission_fen for earned in due),
            "adjustment_fen": 0, "carried_fen": 0,
            "answered_at": answered if agreed else None, "dispute_text": "",
            "created_at": made_at, "version": 3,
        }  # fmt: skip
        self._write(m.Statement, row)
        line = self._bulk.keys(m.StatementLine.__table__, len(due))
        self._bulk.add(
            m.StatementLine.__tablename__,
            ([line + n, key, *earned] for n, earned in enumerate(due)),
        )
        at = made_at + timedelta(hours=1)
        whose = ("worker", worker_id)
        frozen = [
            Line(WORKER_FROZEN, e.worker_fen, *whose, e.order_id) for e in due if e.worker_fen
        ]
        lines = [*frozen, Line(WORKER_AVAILABLE, -payable, *whose)]
        if payable:
            self._book("settlement", "statement", key, lines, at, self._staff["finance_approve"])
            self._books.available[worker_id] += payable
        if self._chance.random() < WITHDRAWN_SHARE:
            self._withdraw(worker_id, answered + timedelta(hours=1))

    def _withdraw(self, worker_id: int, at: datetime) -> None:
        """All that is available, in whole tens of yuan; it arrives the same day."""
        amount = self._books.available[worker_id] // WHOLE_YUAN * WHOLE_YUAN
        finished = at + timedelta(hours=3)
        if amount < self._least or finished > self._end:
            return
        self._books.available[worker_id] -= amount
        key, on = self._bulk.keys(m.Withdrawal.__table__), clock.city_date(at)
        number = self._number("W", on)
        row = {
            "id": key, "number": number, "worker_id": worker_id, "channel": CHANNEL,
            "payout_account_id": self._payout[worker_id], "amount_fen": amount,
            "status": WithdrawalStatus.PAID.value, "applied_on": on, "created_at": at,
            "reviewed_by_id": self._staff["finance_approve"],
            "sent_by_id": self._staff["finance_pay"], "sent_at": at + timedelta(hours=1),
            "channel_bill_no": f"13{number}", "client_params": None, "asked_at": None,
            "failure": "", "finished_at": finished, "version": 4,
        }  # fmt: skip
        self._write(m.Withdrawal, row)
        whose = ("worker", worker_id)
        out = [Line(WORKER_AVAILABLE, amount, *whose), Line(IN_TRANSIT, -amount, *whose)]
        self._book("withdrawal", "withdrawal", key, out, at, worker_id, "worker")
        gone = [Line(IN_TRANSIT, amount, *whose), Line(CLEARING[CHANNEL], -amount)]
        self._book("withdrawal_paid", "withdrawal", key, gone, finished, None, "system")

    def _book(
        self, kind: str, source_kind: str, source: int, lines: list[Line], at: datetime,
        actor: int | None, actor_kind: str = "staff",
    ) -> None:  # fmt: skip
        key = self._bulk.keys(m.Journal.__table__)
        row = {
            "id": key, "key": f"{kind}:{source}", "kind": kind, "source_kind": source_kind,
            "payload_hash": payload_hash(kind, source_kind, source, None, lines),
            "source_id": source, "order_id": None, "reverses_id": None, "posted_at": at,
            "posted_on": clock.city_date(at), "actor_kind": actor_kind, "actor_id": actor,
        }  # fmt: skip
        self._write(m.Journal, row)
        posting = self._bulk.keys(m.Posting.__table__, len(lines))
        for place, line in enumerate(lines):
            account = self._crowd.accounts[line.code, line.owner_id]
            values = {
                "id": posting + place, "journal_id": key, "account_id": account,
                "order_id": line.order_id, "amount_fen": line.amount_fen,
            }  # fmt: skip
            self._write(m.Posting, values)
            debit = line.code == CLEARING[CHANNEL]
            self._books.moved[account] += line.amount_fen if debit else -line.amount_fen

    def _number(self, prefix: str, on: date) -> str:
        tail = "".join(self._chance.choices(PAIRS, k=5))
        return f"{prefix}{on:%y%m%d}{tail}"

    def _write(self, model: type[Any], values: Row) -> None:
        table = model.__table__
        self._bulk.add(table.name, [self._bulk.row(table, values)])


def sum_up(session: Session, run_ids: set[int]) -> None:
    """Runs are the sums of their statements; their approvals show what was approved."""
    run, statement = m.SettlementRun.__table__, m.Statement.__table__
    names = ("base_fen", "commission_fen", "payable_fen")
    for run_id in sorted(run_ids):
        sums = sa.select(*(sa.func.sum(statement.c[name]) for name in names))
        found = session.execute(sums.where(statement.c.run_id == run_id)).one()
        totals = {name: int(fen or 0) for name, fen in zip(names, found, strict=True)}
        session.execute(sa.update(run).where(run.c.id == run_id).values(totals))
        made = session.get_one(m.SettlementRun, run_id, populate_existing=True)
        shown = settlement_lines.content(session, made)
        period = f"{made.period_from} – {made.period_to}"
        summary = f"{made.number}: {period}, ¥{yuan(made.payable_fen)}"
        session.execute(
            sa.update(m.Approval.__table__)
            .where(m.Approval.kind == APPROVAL_KIND, m.Approval.subject_id == run_id)
            .values(payload=shown, summary=summary)
        )


def balance(session: Session, books: Books) -> None:
    """Cached sums follow what was written: balances of accounts, stars of workers."""
    account, worker = m.LedgerAccount.__table__, m.Worker.__table__
    rows = [{"key": key, "fen": fen} for key, fen in sorted(books.moved.items()) if fen]
    session.execute(
        sa.update(account)
        .where(account.c.id == sa.bindparam("key"))
        .values(balance_fen=account.c.balance_fen + sa.bindparam("fen")),
        rows,
    )
    rows = [
        {"key": key, "sum": books.stars[key], "count": count}
        for key, count in sorted(books.reviews.items())
    ]
    session.execute(
        sa.update(worker)
        .where(worker.c.id == sa.bindparam("key"))
        .values(
            rating_sum=worker.c.rating_sum + sa.bindparam("sum"),
            rating_count=worker.c.rating_count + sa.bindparam("count"),
        ),
        rows,
    )


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, clock.city_zone()).astimezone(UTC)
