"""Weekly settlements of the demo's past, what workers said of them, and their withdrawals."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Literal

import sqlalchemy as sa

from app.demo.load_channel import expect_trouble, expect_word, transferred
from app.demo.load_orders import Cast
from app.demo.load_stage import Stage
from app.domain.actors import Actor
from app.extensions import db
from app.gateways.payment import OutcomeUnknown
from app.models import Accrual, SettlementRun, Statement, StatementLine, Withdrawal
from app.services import clock
from app.services.money import adjustments, returning, settlement, withdrawals
from app.services.system import approvals, parameters

# How far a withdrawal gets; waiting: for the payee; unknown: the channel does not answer.
Goal = Literal[
    "applied",
    "reviewed",
    "sent",
    "waiting",
    "paid",
    "rejected",
    "failed",
    "expired",
    "unknown",
    "returned",
]
# What the channel says of those that do not arrive.
FAILURES = {"failed": "NAME_NOT_CORRECT", "expired": "OVERDUE_CLOSE"}
# Hours before now at which each is asked for: a day before and today, as one may ask once a day.
LIVING: tuple[tuple[int, Goal], ...] = (
    (41, "returned"), (40, "expired"), (39, "failed"), (38, "rejected"), (37, "paid"),
    (36, "unknown"), (35, "sent"), (4, "waiting"), (3, "reviewed"), (2, "applied"),
)  # fmt: skip

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
MADE_AT = time(7, 30)
CONFIRMED_SHARE = 0.7
WITHDRAWN_SHARE = 0.35
WHOLE_YUAN = 1000  # withdrawals are whole tens of yuan, in fen
REJECTED_SHARE = 0.06
PRAISE_FEN = 6_600
UNCONFIRMED_SHARE = 0.05
REJECTION = "收款账户信息待核实"
DISPUTE = "有一单加项费用没有计入，请核对"


class WeeklyMoney:
    """Each Monday the week before is settled, by different people of finance."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self.stage = stage
        self.cast = cast
        self.rng = stage.rng("money")
        self._payout = {c.worker_id: c.payout_account_id for c in cast.colleagues}
        self._disputed = False
        self._praised = False

    def plan(self, first: date, every_days: int) -> None:
        """Weeks end on Sundays; other periods end yesterday."""
        today = clock.city_date(self.stage.end)
        made_on = today - timedelta(days=today.weekday() if every_days == 7 else 0)
        if _at(made_on, MADE_AT) > self.stage.end:
            made_on -= timedelta(days=every_days)  # today it is still too early
        self._put(self.make_newest, made_on, every_days)
        while (made_on := made_on - timedelta(days=every_days)) > first:
            self._put(self.make, made_on, every_days)

    def _put(self, act: Callable[[date, int], None], made_on: date, days: int) -> None:
        instant, maker = _at(made_on, MADE_AT), self._staff("finance_make")
        self.stage.at(instant, partial(act, made_on, days), maker)

    def make_newest(self, made_on: date, days: int) -> None:
        """Cancelled once and made again; its last two days are still to be approved, and asked."""
        self._cancel(made_on, days)
        if days > 2:
            self.make(made_on - 2 * DAY, days - 2)
        if (asked := self._run(made_on - 2 * DAY, made_on - 2 * DAY)) is not None:
            # Late, or nobody would have answered in time and the request would be over.
            asking = partial(settlement.ask_approval, asked.id, actor=self._staff("finance_make"))
            asked_at = max(clock.now(), self.stage.end - DAY)
            self.stage.at(asked_at, asking, self._staff("finance_make"))
        self._run(made_on - DAY, made_on - DAY)

    def _cancel(self, made_on: date, days: int) -> None:
        run = self._run(made_on - timedelta(days=days), made_on - DAY)
        if run is not None:
            settlement.cancel_run(run.id, actor=self._staff("finance_make"))

    def _run(self, first: date, last: date) -> SettlementRun | None:
        """A draft of what is due by the last day, if anything is."""
        if not self._anything_due(last):
            return None
        branch_id, maker = self.cast.reference.branch_id, self._staff("finance_make")
        return settlement.make_run(branch_id, first, last, actor=maker)

    def make(self, made_on: date, days: int) -> None:
        maker = self._staff("finance_make")
        self._praise(made_on)
        run = self._run(made_on - timedelta(days=days), made_on - DAY)
        if run is None:
            return
        approval = settlement.ask_approval(run.id, actor=maker)
        self.stage.after(
            timedelta(hours=1),
            partial(self.approve, approval.id, run.id),
            self._staff("finance_approve"),
        )

    def _praise(self, made_on: date) -> None:
        """A reward that is settled with the first run; later ones wait for theirs."""
        due = sa.select(Accrual.worker_id).where(Accrual.release_on < made_on)
        worker_id = db.session.scalar(due.order_by(Accrual.id).limit(1))
        if self._praised or worker_id is None:
            return
        self._praised = True
        asked = adjustments.request_adjustment(
            worker_id, "reward", PRAISE_FEN, reason="客户送来锦旗", actor=self._staff("hr")
        )
        waiting = approvals.waiting_for("adjustment", asked.id)
        if waiting is not None:
            approvals.decide(waiting.id, approve=True, actor=self._staff("finance_approve"))

    def approve(self, approval_id: int, run_id: int) -> None:
        approver = self._staff("finance_approve")
        approvals.decide(approval_id, approve=True, note="金额核对无误", actor=approver)
        query = sa.select(Statement).filter_by(run_id=run_id).order_by(Statement.id)
        for statement in db.session.scalars(query).all():
            self._plan_answer(statement)

    def _plan_answer(self, statement: Statement) -> None:
        """Most agree within two days and take their money; the newest run has a dispute."""
        worker = Actor("worker", statement.worker_id)
        whose = (statement.id, statement.worker_id)
        pause = timedelta(minutes=self.rng.randint(60, 2 * 24 * 60))
        if not self._disputed and self.stage.end - clock.now() < 2 * WEEK:
            self._disputed = True
            dispute = partial(settlement.dispute_statement, *whose, DISPUTE, actor=worker)
            self.stage.after(timedelta(minutes=30), dispute, worker)
            return
        if self.rng.random() < CONFIRMED_SHARE:
            confirm = partial(settlement.confirm_statement, *whose, actor=worker)
            self.stage.after(pause, confirm, worker)
        if self.rng.random() < WITHDRAWN_SHARE:
            withdraw = partial(self.withdraw, statement.worker_id)
            self.stage.after(pause + timedelta(hours=1), withdraw, worker)

    def plan_living(self) -> None:
        """The latest requests, so that finance finds each step of a withdrawal."""
        for hours, goal in LIVING:
            asked_at = self.stage.end - timedelta(hours=hours)
            self.stage.at(asked_at, partial(self._withdraw_some, goal))

    def _withdraw_some(self, goal: Goal) -> None:
        """The least amount, for whoever has most and asks for the first time in a while."""
        counted = sa.select(Withdrawal.worker_id).where(
            Withdrawal.applied_on == clock.today(),
            Withdrawal.status.not_in(withdrawals.WITHOUT_EFFECT),
        )
        asked = set(db.session.scalars(counted))
        fresh = [worker_id for worker_id in self._payout if worker_id not in asked]
        least = parameters.get("withdrawal.minimum_fen")
        self._ask(max(fresh, key=_available), least, goal)

    def withdraw(self, worker_id: int) -> None:
        """All that is available, in whole tens of yuan."""
        self._ask(worker_id, _available(worker_id) // WHOLE_YUAN * WHOLE_YUAN, "paid")

    def _ask(self, worker_id: int, amount: int, goal: Goal) -> None:
        enough = parameters.get("withdrawal.minimum_fen")
        if amount < enough or _available(worker_id) < amount:
            return
        actor = Actor("worker", worker_id)
        account_id = self._payout[worker_id]
        asked = withdrawals.apply_for(worker_id, amount, account_id, actor=actor)
        reviewer = self._staff("finance_approve")
        by_chance = goal == "paid" and self.rng.random() < REJECTED_SHARE
        if by_chance or goal == "rejected":
            refuse = partial(withdrawals.reject, asked.id, reason=REJECTION, actor=reviewer)
            self.stage.after(timedelta(hours=20 if by_chance else 1), refuse, reviewer)
        elif goal != "applied":
            pause = self.rng.randint(2, 30) * 60 if goal == "paid" else 20
            review = partial(self.review, asked.id, goal)
            self.stage.after(timedelta(minutes=pause), review, reviewer)

    def review(self, withdrawal_id: int, goal: Goal) -> None:
        withdrawals.review(withdrawal_id, actor=self._staff("finance_approve"))
        if goal != "reviewed":
            send = partial(self.stage.alone, partial(self.send, withdrawal_id, goal))
            pause = self.rng.randint(60, 1200) if goal == "paid" else 20
            self.stage.after(timedelta(minutes=pause), send, self._staff("finance_pay"))

    def send(self, withdrawal_id: int, goal: Goal) -> None:
        """Outside of any transaction: the channel is called."""
        if goal == "unknown":
            expect_trouble(OutcomeUnknown("The channel does not answer"))
        if goal == "sent":
            expect_word("accepted")
        sent = withdrawals.send(withdrawal_id, actor=self._staff("finance_pay"))
        if goal == "returned":
            self.stage.after(HOUR, partial(self.arrive, sent.id, ""))
            self.stage.after(DAY, partial(self.come_back, sent.id), self._staff("finance_make"))
            return
        failure = "OVERDUE_CLOSE" if self.rng.random() < UNCONFIRMED_SHARE else ""
        pause = timedelta(hours=24) if failure else timedelta(minutes=self.rng.randint(10, 900))
        if goal == "paid":
            self.stage.after(pause, partial(self.arrive, sent.id, failure))
        if goal in FAILURES:
            self.stage.after(HOUR, partial(self.arrive, sent.id, FAILURES[goal]))

    def arrive(self, withdrawal_id: int, failure: str) -> None:
        withdrawal = db.session.get_one(Withdrawal, withdrawal_id)
        state = transferred(withdrawal.number, withdrawal.amount_fen, self.stage.clock, failure)
        withdrawals.apply_transfer(withdrawal.channel, state)

    def come_back(self, withdrawal_id: int) -> None:
        asked = returning.report_return(
            withdrawal_id, bank_number=f"R{clock.today():%Y%m%d}0001", reason="收款账户已注销",
            actor=self._staff("finance_make"),
        )  # fmt: skip
        approvals.decide(asked.id, approve=True, actor=self._staff("finance_approve"))

    def _anything_due(self, period_to: date) -> bool:
        settled = sa.select(StatementLine.id).where(StatementLine.accrual_id == Accrual.id)
        due = sa.select(Accrual.id).where(Accrual.release_on <= period_to, ~settled.exists())
        return db.session.scalar(due.limit(1)) is not None

    def _staff(self, username: str) -> Actor:
        return self.cast.staff[username]


def _available(worker_id: int) -> int:
    return withdrawals.balance_of(worker_id).available_fen


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, clock.city_zone()).astimezone(UTC)
