"""Rows of what the company keeps beside its orders, one in every state that it can be in.

Their verbs come from people of the office or from outside, so nobody plays them on the stage; the
rows are written as those verbs leave them. Nothing here moves money or takes anybody's time.
"""

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import models as m
from app.demo import load_coupon
from app.demo.load_bills import load_bills
from app.demo.load_blocked import load_blocked
from app.demo.load_cases import load_cases
from app.demo.load_customs import load_customs
from app.demo.load_scene import DAY, Scene, scene_of
from app.demo.load_traces import load_traces
from app.domain import states as s
from app.domain.actors import Actor
from app.services.transactions import transaction

Values = dict[str, Any]


Maker = Callable[[Scene, str, int], Values]


def load_states(branch_id: int, staff: dict[str, Actor]) -> None:
    """Add the rows; those that others refer to come first."""
    with transaction(staff["ops"]) as session:
        scene = scene_of(session, branch_id, staff)
        if not scene.orders:
            return
        for model, known, make in _KINDS:
            for n, status in enumerate(known):
                session.add(model(status=str(status), **make(scene, str(status), n)))
            session.flush()
        session.add_all(children(session, scene))
    load_customs(scene)
    load_blocked(scene)
    load_traces(scene)
    load_bills(scene)
    load_cases(scene)


def _feedback(scene: Scene, status: str, n: int) -> Values:
    return {
        "actor_kind": "customer", "actor_id": scene.order(n).customer_id,
        "kind": ("suggestion", "praise", "fault")[n],
        "text": ("希望能选晚上八点以后", "阿姨很细心", "地址搜索有时没有结果")[n],
        "answer": "谢谢您的建议，已转产品" if status == "answered" else "",
    }  # fmt: skip


def _incident(scene: Scene, status: str, n: int) -> Values:
    solved = status == "solved"
    return {
        "kind": ("late", "damage", "accident")[n], "branch_id": scene.branch_id,
        "order_id": scene.order(n).id, "worker_id": scene.worker(n),
        "text": ("堵车，晚到半小时", "花瓶摔碎", "手指划伤，已处理")[n],
        "handler_id": None if status == "open" else scene.staff["dispatcher"],
        "solved_at": scene.now if solved else None, "outcome": "已与客户说明" if solved else "",
    }  # fmt: skip


def _add_on(scene: Scene, status: str, n: int) -> Values:
    order = scene.order(n)
    return {
        "order_id": order.id, "visit_id": order.visits[0].id, "worker_id": scene.worker(n),
        "kind": "option", "name": "加擦纱窗", "minutes": 20, "amount_fen": 3000,
        "answered_at": None if status == "proposed" else order.planned_end,
    }  # fmt: skip


def _campaign(scene: Scene, status: str, n: int) -> Values:
    return {
        "name": ("春季焕新（草稿）", "老客回馈", "雨季除霉（暂停）", "中秋大扫除")[n],
        "starts_at": scene.now - 20 * DAY, "ends_at": scene.now + 10 * DAY, "budget_fen": 500_000,
        "message": "到家保洁立减 20 元",
    }  # fmt: skip


def _face(scene: Scene, status: str, n: int) -> Values:
    done = status in ("passed", "failed")
    return {
        "worker_id": scene.worker(n), "attempts": 1 if done else 0,
        "score": {"passed": 912, "failed": 431}.get(status),
        "checked_at": scene.now - DAY if done else None,
        "failure": "人脸核验服务未启用" if status == "unavailable" else "",
    }  # fmt: skip


def _period(scene: Scene, status: str, n: int) -> Values:
    first = (scene.on.replace(day=1) - n * 28 * DAY).replace(day=1)
    return {
        "worker_id": scene.worker(0), "period_from": first, "period_to": first + 27 * DAY,
        "score": 860 + n * 10, "grade": "A", "terms": {"rating": 420, "on_time": 300 + n * 10},
    }  # fmt: skip


def _reward(scene: Scene, status: str, n: int) -> Values:
    kind = "penalty" if status == "refused" else "reward"
    return {
        "worker_id": scene.worker(n),
        "kind": kind,
        "amount_fen": 5000,
        "reason": "迟到两次" if kind == "penalty" else "客户点名表扬",
    }


def _export(scene: Scene, status: str, n: int) -> Values:
    return {
        "key": f"demo-export-{n}", "staff_id": scene.staff["ops"], "kind": "OrderView",
        "title": "订单", "finished_at": scene.now - 8 * DAY, "expires_at": scene.now - DAY,
        "failure": "磁盘空间不足" if status == "failed" else "",
    }  # fmt: skip


def _import(scene: Scene, status: str, n: int) -> Values:
    wrong = [{"row": 3, "text": "没有这个区域"}] if status == "refused" else []
    return {
        "kind": "workers", "file_name": f"名单{n + 1}.xlsx", "sha256": f"{n:064d}",
        "staff_id": scene.staff["hr"], "rows": 12, "errors": wrong,
    }  # fmt: skip


def _backup(scene: Scene, status: str, n: int) -> Values:
    return {
        "storage_key": f"backup/demo-{n}", "created_at": scene.now - (n + 1) * DAY,
        "finished_at": None if status == "running" else scene.now - (n + 1) * DAY,
        "proved_at": scene.now if status == "proved" else None,
        "failure": "磁盘空间不足" if status == "failed" else "",
    }  # fmt: skip


_KINDS: tuple[tuple[type[Any], Any, Maker], ...] = (
    (m.Feedback, ("new", "read", "answered"), _feedback),
    (m.Incident, s.IncidentStatus, _incident),
    (m.AddOn, s.AddOnStatus, _add_on),
    (m.Campaign, s.CampaignStatus, _campaign),
    (m.FaceCheck, s.FaceCheckStatus, _face),
    (m.PerformancePeriod, s.PeriodStatus, _period),
    (m.Reward, ("proposed", "approved", "refused", "settled"), _reward),
    (m.Export, ("failed", "cancelled", "expired"), _export),
    (m.ImportBatch, s.ImportStatus, _import),
    (m.Backup, s.BackupStatus, _backup),
)


UNUSED = (s.CouponStatus.GIVEN, s.CouponStatus.EXPIRED, s.CouponStatus.WITHDRAWN)


def children(session: Session, scene: Scene) -> Iterator[Any]:
    """Rows that belong to those above: coupons, restores."""
    backup = session.scalars(sa.select(m.Backup).filter_by(status="proved")).first()
    template = load_coupon.kind()
    template.given_count += len(UNUSED)
    assert backup is not None  # noqa: S101  # above
    for n, coupon in enumerate(UNUSED):
        yield m.Coupon(
            code=f"{load_coupon.CODE}{n:04d}", template_id=template.id, status=coupon.value,
            customer_id=scene.order(n).customer_id, expires_at=scene.now + (10 - 15 * n) * DAY,
        )  # fmt: skip
    for restore in s.RestoreStatus:
        yield m.RestoreJob(
            backup_id=backup.id, entities=["customer_account"], status=restore.value,
            asked_by_id=scene.staff["ops"],
        )  # fmt: skip
