"""Bills of the payment channel for some days of the demo, and what comparing them has found."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from app import models as m
from app.demo.load_scene import DAY, Scene
from app.domain.states import DifferenceStatus, PaymentStatus, ReconciliationStatus
from app.services import clock
from app.services.transactions import transaction

FEE_PERMILLE = 6
STRAY_FEN = 10_000


@dataclass
class Bill:
    """A day's payments as the channel tells them."""

    row: m.ChannelBill
    items: list[m.BillItem]


def load_bills(scene: Scene) -> None:
    """The newest is not compared yet, the one before has differences, the eldest is matched."""
    with transaction(scene.actors["finance_make"]) as session:
        for n, status in enumerate(ReconciliationStatus, 2):
            bill = _bill(session, scene.on - n * DAY)
            run = _run(bill, status.value)
            session.add(run)
            session.flush()
            if status is ReconciliationStatus.DIFFERENT:
                session.add_all(_differences(session, bill, run))


def _bill(session: Session, on: date) -> Bill:
    items = [_item(attempt) for attempt in _paid_on(session, on)]
    content = "\n".join(f"{item.reference},{item.amount_fen},{item.fee_fen}" for item in items)
    stored = current_app.extensions["gateways"].storage.put(f"wechat,{on}\n{content}".encode())
    row = m.ChannelBill(
        channel="wechat", kind="trade", bill_on=on, storage_key=stored.key,
        sha256=hashlib.sha256(content.encode()).hexdigest(), lines=len(items),
        in_fen=sum(item.amount_fen for item in items), fee_fen=sum(item.fee_fen for item in items),
    )  # fmt: skip
    session.add(row)
    session.flush()
    for item in items:
        item.bill_id = row.id
    session.add_all(items)
    return Bill(row, items)


def _paid_on(session: Session, on: date) -> list[m.PaymentAttempt]:
    starts = datetime.combine(on, time.min, clock.city_zone()).astimezone(UTC)
    paid = sa.select(m.PaymentAttempt).where(
        m.PaymentAttempt.channel == "wechat",
        m.PaymentAttempt.status == PaymentStatus.SUCCEEDED.value,
        m.PaymentAttempt.paid_at >= starts,
        m.PaymentAttempt.paid_at < starts + DAY,
    )
    return list(session.scalars(paid.order_by(m.PaymentAttempt.id)))


def _item(attempt: m.PaymentAttempt) -> m.BillItem:
    return m.BillItem(
        kind="payment", reference=attempt.out_trade_no, at=attempt.paid_at,
        channel_reference=attempt.transaction_id or "", amount_fen=attempt.amount_fen,
        fee_fen=attempt.amount_fen * FEE_PERMILLE // 1000,
    )  # fmt: skip


def _run(bill: Bill, status: str) -> m.ReconciliationRun:
    compared = status != ReconciliationStatus.OPEN
    ours = bill.row.in_fen if compared else 0
    return m.ReconciliationRun(
        channel="wechat", bill_on=bill.row.bill_on, status=status,
        matched=len(bill.items) if compared else 0, ours_fen=ours, theirs_fen=ours,
    )  # fmt: skip


def _differences(session: Session, bill: Bill, run: m.ReconciliationRun) -> list[m.Difference]:
    """A payment that we never heard of, and two that were cleared up since."""
    stray = m.BillItem(
        bill_id=bill.row.id, kind="payment", reference="DEMO000001", amount_fen=STRAY_FEN,
        channel_reference="42DEMO000001", fee_fen=STRAY_FEN * FEE_PERMILLE // 1000,
    )  # fmt: skip
    session.add(stray)
    session.flush()
    bill.row.lines += 1
    bill.row.in_fen += STRAY_FEN
    bill.row.fee_fen += stray.fee_fen
    run.theirs_fen += STRAY_FEN
    run.differences = len(DifferenceStatus)
    open_: dict[str, Any] = {"item_id": stray.id, "theirs_fen": STRAY_FEN}
    return [
        m.Difference(run_id=run.id, kind="only_theirs", reference="DEMO000001", **open_),
        m.Difference(
            run_id=run.id, kind="status", reference="DEMO000002", status="explained",
            ours_fen=5000, theirs_fen=5000, note="渠道次日入账",
        ),
        m.Difference(
            run_id=run.id, kind="fee", reference="DEMO000003", status="posted", ours_fen=60,
            theirs_fen=61, note="手续费尾差，已计入渠道手续费",
        ),
    ]  # fmt: skip
