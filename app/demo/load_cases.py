"""Complaints, appeals and requests of the demo, led by the office's verbs as far as they got."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.demo.load_scene import DAY, Scene, at
from app.domain.actors import Actor
from app.extensions import db
from app.models import Cause, Complaint, CorrectiveAction, ReviewAppeal, ReviewReply
from app.services.quality import appeals, complaints
from app.services.system import approvals, parameter_requests, timers
from app.services.transactions import transaction

HOUR = timedelta(hours=1)
Step = Callable[[Scene, Complaint], object]
# One after the other; a case stops after as many steps as it says. The last opens it again.
STEPS: tuple[Step, ...] = (
    lambda scene, row: complaints.assign(row.id, scene.staff["service"], actor=_service(scene)),
    lambda scene, row: complaints.investigate(
        row.id, "已联系服务人员了解情况", actor=_service(scene)
    ),
    lambda scene, row: complaints.ask_customer(
        row.id, "能否补充一张现场照片？", actor=_service(scene)
    ),
    lambda scene, row: complaints.customer_answered(
        row.id, "照片已发到客服微信", actor=Actor("customer", row.customer_id)
    ),
    lambda scene, row: complaints.propose(row.id, "免费返工一次", actor=_service(scene)),
    lambda scene, row: complaints.resolve(
        row.id, "已返工，客户满意", cause_id=_cause(), actor=_service(scene)
    ),
    lambda scene, row: complaints.close(row.id, actor=_service(scene)),
    lambda scene, row: complaints.reopen(
        row.id, "返工后水渍仍在", actor=Actor("customer", row.customer_id)
    ),
)
# text, category, severity, how long ago, how many steps
CASES = (
    ("油烟机里面没有擦干净", "quality", "normal", HOUR, 0),
    ("师傅晚到了四十分钟", "late", "normal", 3 * HOUR, 1),
    ("沟通态度生硬", "attitude", "normal", 8 * HOUR, 2),
    ("加项费用没有事先说明", "price", "normal", DAY, 3),
    ("茶几被划了一道", "damage", "high", DAY, 5),
    ("窗台漏擦", "quality", "low", 3 * DAY, 6),
    ("想换一位固定的阿姨", "other", "low", 4 * DAY, 7),
    ("地面水渍很重，存在滑倒风险", "safety", "critical", 2 * DAY, 8),
)
ACTIONS = (
    ("open", "复训油烟机拆洗", ""), ("done", "派单时多留路上的时间", "已调整排班"),
    ("dropped", "更换划伤的脚垫", "不再需要"),
)  # fmt: skip


def load_cases(scene: Scene) -> None:
    made = [_complain(scene, n) for n in range(len(CASES))]
    with transaction(scene.actors["ops"]) as session:
        for (status, text, outcome), complaint in zip(ACTIONS, made[4:], strict=False):
            session.add(
                CorrectiveAction(
                    text=text, status=status, outcome=outcome, complaint_id=complaint.id,
                    owner_id=scene.staff["hr"], due_at=scene.now + 5 * DAY,
                )
            )  # fmt: skip
    _judge_reviews(scene)
    _ask_for_parameters(scene)
    _ask_in_vain(scene)


def _complain(scene: Scene, n: int) -> Complaint:
    text, category, severity, ago, steps = CASES[n]
    order = scene.order(n)
    asked_at = max(scene.now - ago, (order.completed_at or scene.now) + HOUR / 6)
    asked_at = min(asked_at, scene.now - HOUR / 6)
    with at(asked_at):
        row = complaints.create(
            order.customer_id, order_id=order.id, category=category, severity=severity, text=text,
            source=("customer", "phone", "staff")[n % 3],
            actor=Actor("customer", order.customer_id),
        )  # fmt: skip
    for number, step in enumerate(STEPS[:steps], 1):
        with at(_between(asked_at, scene.now, number / (steps + 1))):
            step(scene, row)
    return row


def _judge_reviews(scene: Scene) -> None:
    """One appeal waits, one was upheld (its review is hidden), one was not."""
    reason, ops = "当天停水，已在订单里说明", scene.actors["ops"]
    with transaction(scene.actors["ops"]) as session:
        asked = [
            ReviewAppeal(review_id=row.id, worker_id=row.worker_id, reason=reason)
            for row in scene.reviews[:3]
        ]
        session.add_all(asked)
        session.flush()
        for row in scene.reviews[3:5]:
            session.add(
                _reply(row.id, "staff", scene.staff["service"], "抱歉给您带来不便，我们已安排回访")
            )
            session.add(_reply(row.id, "worker", row.worker_id, "谢谢您的意见，下次一定做得更细"))
    for appeal, judge in zip(asked[1:], (appeals.uphold, appeals.refuse), strict=False):
        judge(appeal.id, "已核对订单记录", actor=ops)


def _reply(review_id: int, kind: str, actor_id: int, text: str) -> ReviewReply:
    return ReviewReply(review_id=review_id, actor_kind=kind, actor_id=actor_id, text=text)


def _ask_for_parameters(scene: Scene) -> None:
    """Rules that were changed at once, ahead of a day, and by two people of finance."""
    ops, asker = scene.actors["ops"], scene.actors["finance_make"]
    ask = parameter_requests.request_change
    admin = scene.actors["admin_second"]
    ask("company.tax_number", "91440101DEMO00001X", actor=admin, reason="营业执照登记")
    ahead = scene.on + 10 * DAY
    ask("complaint.reopen_days", 10, actor=ops, reason="延长复诉期", effective_on=ahead)
    wished = ask("service.compensation_limit_fen", 15_000, actor=asker, reason="客服常用金额")
    refused = ask("withdrawal.per_day", 3, actor=asker, reason="服务人员建议")
    assert wished and refused  # noqa: S101, PT018  # money needs two people
    decider = scene.actors["finance_approve"]
    approvals.decide(wished.id, approve=True, note="同意", actor=decider)
    approvals.decide(refused.id, approve=False, note="手续费过高", actor=decider)
    ask("withdrawal.minimum_fen", 5_000, actor=asker, reason="降低门槛")


def _ask_in_vain(scene: Scene) -> None:
    """Nobody answered, so the request expired by its timer."""
    with at(scene.now - 4 * DAY):
        parameter_requests.request_change(
            "settlement.hold_days", 3, actor=scene.actors["finance_make"], reason="加快结算"
        )
    with at(scene.now - DAY / 2):
        timers.fire_due()


def _between(start: datetime, end: datetime, part: float) -> datetime:
    return start + (end - start) * part


def _service(scene: Scene) -> Actor:
    return scene.actors["service"]


def _cause() -> int | None:
    return db.session.scalar(sa.select(Cause.id).order_by(Cause.id).limit(1))
