"""What the demo's customers wish for and have agreed to, and what staff noted of them."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import models as m
from app.demo.load_scene import DAY, Scene
from app.services.system import notes
from app.services.transactions import transaction

TEXTS_VERSION = "2026-01"
NOTES = (
    ("customer", "ops", "老人在家，上门前请先打电话", True),
    ("customer", "service", "客户希望固定周六上午", False),
    ("order", "dispatcher", "小区东门施工，请走南门", False),
    ("worker", "hr", "深度保洁能手，可带新人", True),
)
VIEWS = (
    ("dispatcher", "待派单", "/orders/list/", "_flt_0_status=pending_dispatch", True),
    ("ops", "待处理投诉", "/complaints/list/", "_flt_0_status=new", True),
    ("finance_make", "待审核提现", "/withdrawals/list/", "_flt_0_status=applied", False),
)


def load_customs(scene: Scene) -> None:
    with transaction(scene.actors["service"]) as session:
        session.add_all(_wishes(scene))
        session.add_all(_consents(scene))
        session.add_all(_tagged(session, scene))
        session.add_all(_blocked(session, scene))
        for staff, name, path, query, shared in VIEWS:
            session.add(
                m.SavedView(
                    staff_id=scene.staff[staff], name=name, path=path, query=query, shared=shared
                )
            )
    first = scene.order(0)
    subjects = {"customer": first.customer_id, "order": first.id, "worker": scene.worker(0)}
    for kind, staff, text, pinned in NOTES:
        notes.add_note(kind, subjects[kind], text, pinned=pinned, actor=scene.actors[staff])


def _people(scene: Scene) -> Sequence[m.Order]:
    """An order of each customer among the newest, in their order."""
    return list({order.customer_id: order for order in scene.orders}.values())


def _wishes(scene: Scene) -> Iterator[Any]:
    service = m.Service.__table__
    first_service = sa.select(service.c.id).order_by(service.c.id).limit(1).scalar_subquery()
    for n, order in enumerate(_people(scene)[:6]):
        yield m.Preference(
            customer_id=order.customer_id, worker_gender=("female", "", "male")[n % 3],
            same_worker=n % 2 == 0, quiet=n % 3 == 1,
            payment_method="wechat" if n % 2 else "",
            note="家里有小孩，请不要用刺激性清洁剂" if n == 0 else "",
        )  # fmt: skip
        yield m.Favourite(customer_id=order.customer_id, worker_id=order.lead_worker_id)
        if n % 2:
            yield m.Favourite(customer_id=order.customer_id, service_id=first_service)


def _consents(scene: Scene) -> Iterator[m.Consent]:
    """Terms and privacy are agreed to; advertising by some, and taken back by one."""
    for n, order in enumerate(_people(scene)[:8]):
        for kind in ("terms", "privacy", "marketing")[: 3 if n % 2 else 2]:
            yield m.Consent(
                customer_id=order.customer_id, kind=kind, text_version=TEXTS_VERSION, given=True,
                at=order.created_at, address="10.8.0.20",
            )  # fmt: skip
    yield m.Consent(
        customer_id=_people(scene)[1].customer_id, kind="marketing", given=False,
        text_version=TEXTS_VERSION, at=scene.now - DAY, address="10.8.0.20",
    )  # fmt: skip
    for kind in ("terms", "position", "face"):
        yield m.Consent(
            worker_id=scene.worker(0), kind=kind, text_version=TEXTS_VERSION, given=True,
            at=scene.now - 30 * DAY, address="10.8.0.30",
        )  # fmt: skip


def _tagged(session: Session, scene: Scene) -> Iterator[m.CustomerTag]:
    tags = session.scalars(sa.select(m.Tag.id).order_by(m.Tag.id)).all()
    for n, order in enumerate(_people(scene)[:7]):
        yield m.CustomerTag(customer_id=order.customer_id, tag_id=tags[n % len(tags)])


def _blocked(session: Session, scene: Scene) -> Iterator[m.BlockedPair]:
    """Pairs that have never met, so that no order of theirs stands against it."""
    orders = sa.select(m.Assignment.worker_id).join(m.Order, m.Order.id == m.Assignment.order_id)
    asked = (("customer", "清洁用品气味过敏"), ("worker", "客户家有大型犬"), ("staff", "曾有争执"))
    for n, (by, reason) in enumerate(asked):
        customer = _people(scene)[n].customer_id
        stranger = sa.select(m.Worker.id).where(
            m.Worker.status == "approved",
            m.Worker.id.not_in(orders.where(m.Order.customer_id == customer)),
        )
        worker = session.scalar(stranger.order_by(m.Worker.id.desc()).offset(n).limit(1))
        if worker is not None:
            yield m.BlockedPair(customer_id=customer, worker_id=worker, asked_by=by, reason=reason)
