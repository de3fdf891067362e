"""What visits, the board and the payment channel have left behind in the demo."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import models as m
from app.demo.load_scene import Scene
from app.domain.states import PaymentStatus
from app.services.transactions import transaction

VISIT_NOTES = (
    "客户家有猫，注意关门",
    "油烟机积油较重，建议半年清洗一次",
    "卫生间地漏有松动，已告知客户",
)
PINGS = 4
PING_EVERY = timedelta(minutes=3)
NORTH = 0.004  # degrees between two positions on the way, about 450 m
FREE_OF_TAX_FEN = 80_000  # pay for services up to 800 yuan (劳务报酬)


def load_traces(scene: Scene) -> None:
    with transaction(scene.actors["ops"]) as session:
        for n, order in enumerate(scene.orders[:4]):
            session.add_all(_on_the_way(order))
            session.add_all(_ticked(session, order))
            if n < len(VISIT_NOTES):
                session.add(
                    m.VisitNote(
                        visit_id=order.visits[0].id, worker_id=order.lead_worker_id,
                        text=VISIT_NOTES[n], created_at=order.planned_end,
                    )
                )  # fmt: skip
        session.add_all(_on_the_board(scene))
        session.add_all(_noticed(session))
        session.add_all(_papers_of_pay(session, scene))


def _on_the_way(order: m.Order) -> Iterator[m.LocationPing]:
    """Nearer with each position, the last at the door."""
    for n in range(PINGS):
        left = PINGS - 1 - n
        yield m.LocationPing(
            worker_id=order.lead_worker_id, visit_id=order.visits[0].id,
            lat=order.lat + left * NORTH, lng=order.lng, accuracy_m=15 + 5 * left,
            at=order.planned_start - left * PING_EVERY,
        )  # fmt: skip


def _ticked(session: Session, order: m.Order) -> Iterator[m.ChecklistAnswer]:
    services = [item.service_id for item in order.items]
    points = sa.select(m.Checklist.id, m.Checklist.required).order_by(m.Checklist.id)
    for point in session.execute(points.where(m.Checklist.service_id.in_(services))):
        yield m.ChecklistAnswer(
            visit_id=order.visits[0].id, checklist_id=point.id, worker_id=order.lead_worker_id,
            done=bool(point.required), note="" if point.required else "客户表示不需要",
            created_at=order.planned_end,
        )  # fmt: skip


def _on_the_board(scene: Scene) -> Iterator[m.BoardAction]:
    """A change of worker, a change of time, and one of these taken back."""
    for n, kind in enumerate(("assign", "move", "assign")):
        order, at = scene.order(n), scene.now - timedelta(hours=n + 1)
        worker, other = scene.worker(n), scene.worker(n + 1)
        assigned = kind == "assign"
        yield m.BoardAction(
            branch_id=scene.branch_id, staff_id=scene.staff["dispatcher"], kind=kind,
            order_id=order.id, created_at=at,
            before={"worker_id": other} if assigned else _start(order.planned_start, 30),
            after={"worker_id": worker} if assigned else _start(order.planned_start, 0),
            undone_at=at + timedelta(minutes=2) if n == 2 else None,
        )  # fmt: skip


def _start(instant: datetime, minutes: int) -> dict[str, str]:
    return {"planned_start": (instant + timedelta(minutes=minutes)).isoformat()}


def _noticed(session: Session) -> Iterator[m.PaymentNotice]:
    """What the channel told of the latest payments, and one word that nobody understood."""
    paid = sa.select(m.PaymentAttempt).filter_by(status=PaymentStatus.SUCCEEDED.value)
    attempts = session.scalars(paid.order_by(m.PaymentAttempt.id.desc()).limit(3)).all()
    for n, attempt in enumerate(attempts):
        body = {"id": f"demo-{n}", "event_type": "TRANSACTION.SUCCESS", "resource_type": "encrypt"}
        yield _notice(f"demo-{n}", body, attempt.paid_at, "applied", attempt.out_trade_no)
    yield _notice(None, {"event_type": "?"}, attempts[0].paid_at, "bad_body", "")


def _notice(
    key: str | None, body: dict[str, str], at: datetime | None, outcome: str, number: str
) -> m.PaymentNotice:
    return m.PaymentNotice(
        channel="wechat", notice_id=key, headers={"Wechatpay-Serial": "DEMO"},
        body=json.dumps(body), received_at=at, outcome=outcome, out_trade_no=number,
    )  # fmt: skip


def _papers_of_pay(session: Session, scene: Scene) -> Iterator[Any]:
    """Statements that no tax is due of."""
    small = sa.select(m.Statement).where(
        m.Statement.payable_fen.between(1, FREE_OF_TAX_FEN), m.Statement.status != "draft"
    )
    for row in session.scalars(small.order_by(m.Statement.id).limit(3)):
        yield m.TaxLine(
            statement_id=row.id, table_code="labour", base_fen=row.payable_fen, rate_bp=0,
            tax_fen=0,
        )  # fmt: skip
