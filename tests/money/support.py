"""Orders with exact amounts, without the way through booking, and the steps that money takes."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.domain.actors import SYSTEM, Actor
from app.domain.states import (
    AssignmentStatus,
    OrderStatus,
    PaymentStatus,
    VisitStatus,
    WithdrawalStatus,
)
from app.extensions import db
from app.gateways.payment import PaymentRequest
from app.models import (
    Accrual,
    Assignment,
    CommissionRule,
    Journal,
    LedgerAccount,
    Order,
    OrderLine,
    PaymentAttempt,
    PayoutAccount,
    Posting,
    Visit,
    Withdrawal,
    Worker,
)
from app.services import clock
from app.services.money import accruals, ledger, payments, refunds, withdrawals
from app.services.numbers import new_number
from app.services.orders import ordering
from app.services.system import checks, parameters
from app.services.system.outbox import deliver_due
from app.services.transactions import locked, transaction
from tests.factories import NEARBY, Company, change, save, tomorrow
from tests.kit.clients import add_staff

Balances = dict[str, int]
put = change  # columns as some earlier step would have left them


def staff(role: str = "finance") -> Actor:
    return Actor("staff", add_staff(role).id)


def order(company: Company, due_fen: int = 33_400, *, coupon_fen: int = 0, **more: Any) -> Order:
    """An order of one visit tomorrow that waits for its money: what its coupon leaves of it."""
    start = tomorrow()
    rule = db.session.scalars(sa.select(CommissionRule)).one()
    values: dict[str, Any] = {
        "number": new_number("D"),
        "branch_id": company.branch.id,
        "customer_id": company.customer.id,
        "status": OrderStatus.PENDING_PAYMENT.value,
        "summary": "全屋保洁",
        "area_id": company.area.id,
        "region_code": "440104",
        "region_name": "越秀区",
        "address_detail": "人民北路 1 号",
        "contact_name": "林女士",
        "contact_phone": "12810000000",
        "lat": NEARBY[0],
        "lng": NEARBY[1],
        "minutes": 120,
        "buffer_before_minutes": 10,
        "buffer_after_minutes": 10,
        "skills": {str(company.skill.id): 1},
        "service_on": clock.city_date(start),
        "promised_from": start,
        "promised_to": start + timedelta(hours=1),
        "planned_start": start,
        "planned_end": start + timedelta(hours=2),
        "pay_by_at": clock.now() + timedelta(minutes=15),
        "total_fen": due_fen,
        "due_fen": due_fen,
        "subsidy_fen": coupon_fen,
        "commission_rule_id": rule.id,
        "commission_bp": 2000,
        "rules": {key: parameters.get(key) for key in ordering.FROZEN_RULES},
    }
    row: Order = save(Order(**{**values, **more}))
    price = row.total_fen + coupon_fen
    save(_line(row, 1, "base", price))
    if coupon_fen:
        save(_line(row, 2, "coupon", -coupon_fen))
    return row


def _line(order: Order, position: int, kind: str, fen: int) -> OrderLine:
    return OrderLine(
        order_id=order.id, position=position, kind=kind, label="全屋保洁",
        unit_fen=fen, amount_fen=fen,
    )  # fmt: skip


def start(order: Order) -> PaymentAttempt:
    return payments.start_payment(order.id, "wechat", actor=Actor("customer", order.customer_id))


def pay(order: Order) -> PaymentAttempt:
    """The customer pays what is due, and the channel tells us."""
    attempt = start(order)
    return payments.apply_payment("wechat", gateway().pay(attempt.out_trade_no))


def another_attempt(order: Order, amount_fen: int) -> PaymentAttempt:
    """A second attempt that is open beside the first, known to the channel."""
    attempt: PaymentAttempt = save(
        PaymentAttempt(
            order_id=order.id,
            out_trade_no=new_number("P"),
            channel="wechat",
            method="wechat",
            amount_fen=amount_fen,
            status=PaymentStatus.CREATED.value,
            expires_at=clock.now() + timedelta(minutes=15),
        )
    )
    gateway().create(
        PaymentRequest(
            attempt.out_trade_no, amount_fen, order.summary, "http://x", attempt.expires_at
        )
    )
    return attempt


def gateway() -> Any:
    return current_app.extensions["gateways"].payment["wechat"]


def serve(order: Order, *workers: Worker) -> None:
    """The crew has done the visit; the order waits for the customer's word."""
    with transaction(SYSTEM) as session:
        row = locked(session, Order, order.id)
        row.status = OrderStatus.PENDING_CONFIRM.value
        row.lead_worker_id = workers[0].id
        visit = Visit(
            order_id=row.id,
            service_on=row.service_on,
            planned_start=row.planned_start,
            planned_end=row.planned_end,
            status=VisitStatus.DONE.value,
        )
        session.add(visit)
        session.flush()
        for place, worker in enumerate(workers):
            session.add(
                Assignment(
                    order_id=row.id,
                    visit_id=visit.id,
                    worker_id=worker.id,
                    role="member" if place else "lead",
                    status=AssignmentStatus.DONE.value,
                )
            )


def complete(order: Order) -> list[Accrual]:
    with transaction(SYSTEM) as session:
        row = locked(session, Order, order.id)
        row.status = OrderStatus.COMPLETED.value
        row.completed_at = clock.now()
        return accruals.recognise(session, row, actor=SYSTEM)


def earned(company: Company, worker: Worker, due_fen: int = 33_400) -> Order:
    """An order that was paid, served and confirmed."""
    row = order(company, due_fen)
    pay(row)
    serve(row, worker)
    complete(row)
    return row


def available(worker: Worker, amount_fen: int) -> None:
    """Give the worker money to withdraw, by a journal of its own."""
    ledger.post(
        f"opening:{worker.id}",
        "opening",
        [
            ledger.Line("suspense", amount_fen),
            ledger.Line("worker_available", -amount_fen, "worker", worker.id),
        ],
        source_kind="worker",
        source_id=worker.id,
        actor=SYSTEM,
    )


def payout_account(worker: Worker, **more: Any) -> PayoutAccount:
    values = {"channel": "wechat", "holder_name": "王师傅", "account": "openid-of-wang"}
    row: PayoutAccount = save(PayoutAccount(worker_id=worker.id, **{**values, **more}))
    return row


def reviewed(worker: Worker, amount_fen: int) -> Withdrawal:
    asked = withdrawals.apply_for(
        worker.id, amount_fen, payout_account(worker).id, actor=Actor("worker", worker.id)
    )
    return withdrawals.review(asked.id, actor=staff())


def sent(worker: Worker, amount_fen: int) -> Withdrawal:
    return withdrawals.send(reviewed(worker, amount_fen).id, actor=staff())


def withdraw(worker: Worker, amount_fen: int) -> Withdrawal:
    """All the way: the worker has the money."""
    withdrawal = sent(worker, amount_fen)
    gateway().finish_transfer(withdrawal.number)
    paid = withdrawals.refresh(withdrawal.id)
    assert paid.status == WithdrawalStatus.PAID
    return paid


def deliver_refunds() -> None:
    """Let the outbox send what was decided, and the channel say that it arrived."""
    deliver_due()
    for number in list(gateway().refunds):
        refunds.apply_refund("wechat", gateway().finish_refund(number))


def balances() -> Balances:
    """All balances that are not zero, workers' sub-accounts together, in their own direction."""
    rows = db.session.execute(
        sa.select(LedgerAccount.code, sa.func.sum(LedgerAccount.balance_fen))
        .group_by(LedgerAccount.code)
        .having(sa.func.sum(LedgerAccount.balance_fen) != 0)
    )
    return {code: int(fen) for code, fen in rows}


def journal(key: str) -> list[tuple[str, int]]:
    """(account, debit positive) of a journal, in the order of its postings."""
    rows = db.session.execute(
        sa.select(LedgerAccount.code, Posting.amount_fen)
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .join(Journal, Journal.id == Posting.journal_id)
        .where(Journal.key == key)
        .order_by(Posting.id)
    )
    return [(code, fen) for code, fen in rows]


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def count_of(model: Any, **values: Any) -> int:
    """How many rows have these values."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).filter_by(**values)) or 0


def again(row: Any) -> Any:
    """The row as the database has it now."""
    db.session.expire_all()
    return db.session.get(type(row), row.id)


def wrong() -> dict[str, list[Any]]:
    """The checks that fail, with the rows they name."""
    db.session.expire_all()
    return {name: found.failures for name, found in checks.run_all().items() if not found.ok}
