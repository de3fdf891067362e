"""A company's orders in bulk: what the order pages show, seeded, written with plain inserts.

No service runs here, so nothing is checked but what the database checks; the rows fit together as
far as the screens read them (an order's lines add up to its total, a paid one has its payment, a
finished one its visit, crew and story). Two orders are made for counting statements: `single` has
one item, line, visit, worker, search, photo and payment, `crowded` has thirty of each.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app import models as m
from app.domain.states import OrderStatus as S
from app.models.crypto import blind_index
from benchmarks.order_plans import CROWD, SERVICES, Plan, Size, plans

SEED = 20261122
CHUNK = 5_000
DISTRICTS = ("越秀区", "荔湾区", "海珠区", "天河区", "白云区", "黄埔区", "番禺区", "花都区")
FAMILY, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡林", "秀英伟芳敏静丽强磊军洋勇艳杰娟涛明超霞平"

# The way of an order: event, status before and after, who, hours before (-) or after its start.
WAY = (
    ("created", None, S.PENDING_PAYMENT, "customer", -30.0),
    ("paid", S.PENDING_PAYMENT, S.PENDING_DISPATCH, "system", -29.9),
    ("offered", S.PENDING_DISPATCH, S.OFFERED, "system", -29.8),
    ("accepted", S.OFFERED, S.ACCEPTED, "worker", -29.0),
    ("departed", S.ACCEPTED, S.EN_ROUTE, "worker", -0.7),
    ("checked_in", S.EN_ROUTE, S.IN_SERVICE, "worker", 0.0),
    ("checked_out", S.IN_SERVICE, S.PENDING_CONFIRM, "worker", 3.0),
    ("confirmed", S.PENDING_CONFIRM, S.COMPLETED, "customer", 9.0),
)
STEPS = {
    S.PENDING_PAYMENT: 1, S.CLOSED: 1, S.CANCELLED: 1, S.PENDING_DISPATCH: 2, S.OFFERED: 3,
    S.ACCEPTED: 4, S.NO_SHOW: 5, S.EXCEPTION: 6, S.PENDING_CONFIRM: 7, S.COMPLETED: 8,
}  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True)
class Company:
    """Keys of rows that a measurement asks for."""

    orders: int
    usual: int  # a completed order with a full story
    usual_number: str
    waiting: int  # an order that a worker can be assigned to
    single: int
    crowded: int
    small_area: int = 1  # with one district
    large_area: int = 2  # with thirty


def fill(connection: sa.Connection, size: Size | None = None) -> Company:
    """Write the company into a prepared database (tests.kit.apps.fill) that holds no orders."""
    size = size or Size()
    chance = random.Random(SEED)
    _write(connection, _reference())
    _write(connection, _people(size, chance))
    made = list(plans(size, chance))
    for start in range(0, len(made), CHUNK):
        _write(connection, _rows_of(made[start : start + CHUNK]))
    usual = next(plan for plan in made[len(made) // 2 :] if plan.full)
    return Company(len(made), usual.key, usual.number, *(plan.key for plan in made[-3:]))


def fill_orders(connection: sa.Connection, size: Size) -> None:
    """Write the orders with their people only: no visits, payments, events."""
    chance = random.Random(SEED)
    _write(connection, _reference())
    _write(connection, _people(size, chance))
    made = list(plans(size, chance))
    for start in range(0, len(made), CHUNK):
        _write(connection, {m.Order: _rows_of(made[start : start + CHUNK])[m.Order]})


def _write(connection: sa.Connection, rows: dict[type[Any], list[Row]]) -> None:
    for model, found in rows.items():
        if found:
            connection.execute(sa.insert(model), found)


def _reference() -> dict[type[Any], list[Row]]:
    regions: list[Row] = [
        {"id": key, "code": f"{440_100 + key}", "parent_code": "440100", "lat": 23.1, "lng": 113.3,
         "name": DISTRICTS[key % len(DISTRICTS)], "name_en": f"District {key}"}
        for key in range(1, CROWD + 2)
    ]  # fmt: skip
    areas = [
        {"id": 1, "branch_id": 1, "code": "small", "name": "小片区"},
        {"id": 2, "branch_id": 1, "code": "large", "name": "大片区"},
    ]
    services = [
        {"id": key, "category_id": 1, "code": f"service.{key}", "name": name, "price_fen": price,
         "minutes": minutes, "published": True}
        for key, (name, price, minutes) in enumerate(SERVICES, 1)
    ]  # fmt: skip
    return {
        m.Region: regions,
        m.Area: areas,
        m.AreaRegion: [{"area_id": min(r["id"], 2), "region_id": r["id"]} for r in regions],
        m.Category: [{"id": 1, "code": "all", "name": "全部"}],
        m.Service: services,
        m.CommissionRule: [{"id": 1, "code": "standard", "name": "标准", "rate_bp": 2000,
                            "valid_from": date(2020, 1, 1)}],
    }  # fmt: skip


def _people(size: Size, chance: random.Random) -> dict[type[Any], list[Row]]:
    customers = [
        {"id": key, "branch_id": 1, "name": _name(chance), **_phone("1281", key)}
        for key in range(1, size.customers + 1)
    ]
    accounts = [{"id": key, **_phone("1282", key)} for key in range(1, size.workers + 1)]
    workers = [
        {"id": key, "account_id": key, "branch_id": 1, "number": f"W{key:06d}",
         "name": _name(chance), "status": "approved", "level": chance.randint(1, 5),
         "home_lat": 23.1, "home_lng": 113.3, "rating_sum": 45, "rating_count": 10}
        for key in range(1, size.workers + 1)
    ]  # fmt: skip
    return {m.CustomerAccount: customers, m.WorkerAccount: accounts, m.Worker: workers}


def _name(chance: random.Random) -> str:
    return chance.choice(FAMILY) + "".join(chance.choices(GIVEN, k=chance.randint(1, 2)))


def _phone(prefix: str, key: int) -> Row:
    phone = f"{prefix}{key:07d}"
    return {
        "phone": phone,
        "phone_index": blind_index("phone", phone),
        "phone_tail": phone[-4:],
        "phone_tail_index": blind_index("phone_tail", phone[-4:]),
    }


def _rows_of(made: list[Plan]) -> dict[type[Any], list[Row]]:
    full = [plan for plan in made if plan.full]
    rows = {model: [row for plan in made for row in make(plan)] for model, make in PARTS.items()}
    more = {model: [row for plan in full for row in make(plan)] for model, make in FULLER.items()}
    return rows | more


def _order(plan: Plan) -> list[Row]:
    district = plan.customer % len(DISTRICTS)
    row = {
        "id": plan.key, "number": plan.number, "branch_id": 1, "customer_id": plan.customer,
        "lead_worker_id": plan.worker if plan.assigned else None, "status": plan.status.value,
        "summary": "、".join(SERVICES[service][0] for service in plan.services), "area_id": 2,
        "note": "请自带鞋套" if plan.key % 5 == 0 else "", "region_code": f"{440_101 + district}",
        "region_name": DISTRICTS[district],
        "address_detail": f"人民北路 {plan.customer % 900 + 1} 号 {plan.key % 30 + 1}01",
        "contact_name": "林女士", "contact_phone": f"1281{plan.customer:07d}",
        "lat": 23.13, "lng": 113.27, "minutes": 180, "buffer_before_minutes": 10,
        "buffer_after_minutes": 10, "skills": {}, "service_on": plan.day,
        "promised_from": plan.starts_at, "promised_to": plan.starts_at + timedelta(hours=1),
        "planned_start": plan.starts_at, "planned_end": plan.ends_at,
        "total_fen": plan.total_fen, "due_fen": plan.total_fen,
        "captured_fen": plan.total_fen if plan.paid else 0, "commission_rule_id": 1,
        "commission_bp": 2000, "rules": {"hold_days": 7}, "created_at": plan.created_at,
        "completed_at": plan.ends_at if plan.status is S.COMPLETED else None,
    }  # fmt: skip
    return [row]


def _items(plan: Plan) -> list[Row]:
    return [
        {"order_id": plan.key, "service_id": service + 1, "service_code": f"service.{service + 1}",
         "service_name": SERVICES[service][0], "options": [], "minutes": SERVICES[service][2],
         "amount_fen": SERVICES[service][1]}
        for service in plan.services * plan.parts
    ]  # fmt: skip


def _lines(plan: Plan) -> list[Row]:
    return [
        {"order_id": plan.key, "position": position, "kind": "base", "label": SERVICES[service][0],
         "unit_fen": SERVICES[service][1], "amount_fen": SERVICES[service][1]}
        for position, service in enumerate(plan.services * plan.parts, 1)
    ]  # fmt: skip


def _visits(plan: Plan) -> list[Row]:
    return [
        {"id": plan.key * CROWD + part, "order_id": plan.key, "sequence": part + 1,
         "service_on": plan.day, "planned_start": plan.starts_at, "planned_end": plan.ends_at,
         "status": "done" if plan.finished else "planned",
         "checked_in_at": plan.starts_at if plan.finished else None,
         "checked_out_at": plan.ends_at if plan.finished else None}
        for part in range(plan.parts)
    ]  # fmt: skip


def _offers(plan: Plan) -> list[Row]:
    return [
        {"order_id": plan.key, "worker_id": worker, "status": "accepted",
         "created_at": plan.created_at, "expires_at": plan.starts_at, "answered_at": plan.starts_at}
        for worker in plan.crew() if plan.assigned
    ]  # fmt: skip


def _crew(plan: Plan) -> list[Row]:
    return [
        {"order_id": plan.key, "visit_id": plan.key * CROWD + part, "worker_id": worker,
         "status": "done" if plan.finished else "accepted", "created_at": plan.created_at}
        for part, worker in enumerate(plan.crew()) if plan.assigned
    ]  # fmt: skip


def _payments(plan: Plan) -> list[Row]:
    """In a crowded order: many tries that came to nothing, then the one that paid."""
    return [
        {"order_id": plan.key, "out_trade_no": f"P{plan.key:010d}{part:02d}", "channel": "wechat",
         "method": "wechat", "amount_fen": plan.total_fen, "created_at": plan.created_at,
         "status": "closed" if part else "succeeded", "expires_at": plan.starts_at,
         "paid_at": None if part else plan.created_at}
        for part in reversed(range(plan.parts)) if plan.paid
    ]  # fmt: skip


def _story(plan: Plan) -> list[Row]:
    return [
        {"order_id": plan.key, "kind": kind, "from_status": before, "to_status": after.value,
         "actor_kind": who, "actor_id": worker if who == "worker" else None,
         "data": {"worker_id": worker} if who == "worker" else {},
         "at": plan.starts_at + timedelta(hours=hours)}
        for worker in plan.crew()
        for kind, before, after, who, hours in WAY[: STEPS[plan.status]]
    ]  # fmt: skip


def _searches(plan: Plan) -> list[Row]:
    return [
        {"id": plan.key * CROWD + part, "order_id": plan.key, "round": part + 1,
         "outcome": "offered", "weights": {"travel": 40, "rating": 60},
         "broken_counts": {"busy": 3}, "created_at": plan.created_at}
        for part in range(plan.parts)
    ]  # fmt: skip


def _candidates(plan: Plan) -> list[Row]:
    return [
        {"run_id": plan.key * CROWD + part, "worker_id": worker, "rank": 1, "broken": [],
         "terms": {"travel": 300, "rating": 500}, "score": 800, "chosen": True}
        for part, worker in enumerate(plan.crew())
    ]  # fmt: skip


def _photos(plan: Plan) -> list[Row]:
    return [
        {"key": f"photo{plan.key}x{part}", "order_id": plan.key, "kind": "after",
         "visit_id": plan.key * CROWD + part, "mime": "image/jpeg", "size_bytes": 1,
         "sha256": f"{part:064d}", "storage_key": "none", "uploaded_by_id": worker,
         "created_at": plan.created_at}
        for part, worker in enumerate(plan.crew())
    ]  # fmt: skip


def _reviews(plan: Plan) -> list[Row]:
    return [
        {"order_id": plan.key, "customer_id": plan.customer, "worker_id": plan.worker,
         "quality": 5, "attitude": 5, "skill": 4, "text": "很干净", "created_at": plan.ends_at}
    ]  # fmt: skip


# In the order in which tables refer to one another.
PARTS = {
    m.Order: _order, m.OrderItem: _items, m.OrderLine: _lines, m.Visit: _visits,
    m.Offer: _offers, m.Assignment: _crew, m.PaymentAttempt: _payments, m.OrderEvent: _story,
}  # fmt: skip
FULLER = {
    m.DispatchRun: _searches, m.Candidate: _candidates, m.Attachment: _photos, m.Review: _reviews,
}  # fmt: skip
