"""A small company for tests: one area, two services, workers who can do them.

Everything is saved through `transaction()`; rows come back refreshed. Coordinates lie in Guangzhou.
"""

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.states import WorkerStatus
from app.extensions import db
from app.models import (
    Address,
    Area,
    AreaRegion,
    Branch,
    Category,
    CommissionRule,
    Coupon,
    CouponTemplate,
    CustomerAccount,
    Option,
    OptionGroup,
    Order,
    Quote,
    Region,
    Service,
    Shift,
    Skill,
    SkillRequirement,
    SlotHold,
    Worker,
    WorkerAccount,
    WorkerArea,
    WorkerDocument,
    WorkerSkill,
)
from app.models.crypto import blind_index
from app.services import clock
from app.services.identity.login import register_customer
from app.services.orders import holds, ordering, quotes
from app.services.orders.quotes import ItemWish, OptionWish
from app.services.transactions import locked, transaction

HOME = (23.1290, 113.2640)
NEARBY = (23.1330, 113.2680)
_numbers = itertools.count(1)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Company:
    """What the tests stand on."""

    branch: Branch
    region: Region
    area: Area
    skill: Skill
    cleaning: Service
    aircon: Service
    eco: Option
    customer: CustomerAccount
    address: Address


def save(*rows: Any) -> Any:
    """Save rows, in one transaction or in the one that is open; their numbers are known then."""
    with transaction(SYSTEM) as session:
        session.add_all(rows)
        session.flush()
    return rows[0]


def _together(make: Callable[P, R]) -> Callable[P, R]:
    """All that a factory saves in one transaction: a dozen cost several times as much."""

    @functools.wraps(make)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction(SYSTEM):
            return make(*args, **kwargs)

    return wrapper


@_together
def company(*, crew_size: int = 1, pay_mode: str = "prepaid", travel_fee_fen: int = 0) -> Company:
    """One branch with an area, a skill, two published services, a customer with an address."""
    branch = db.session.scalars(sa.select(Branch).order_by(Branch.id)).first()
    assert branch is not None
    region = Region(
        code="440104",
        parent_code="440100",
        name="越秀区",
        name_en="Yuexiu",
        lat=HOME[0],
        lng=HOME[1],
    )
    area = Area(branch_id=branch.id, code="core", name="中心区", travel_fee_fen=travel_fee_fen)
    skill = Skill(code="cleaning", name="保洁", name_en="Cleaning")
    category = Category(code="daily", name="日常保洁", name_en="Cleaning")
    rule = CommissionRule(code="standard", name="标准", rate_bp=2000, valid_from=date(2020, 1, 1))
    save(region, area, skill, category, rule)
    save(AreaRegion(area_id=area.id, region_id=region.id))
    cleaning, aircon = (
        Service(
            category_id=category.id,
            code=code,
            name=name,
            name_en=code,
            price_fen=price,
            minutes=minutes,
            crew_size=crew_size,
            pay_mode=pay_mode,
            published=True,
            position=position,
        )
        for position, (code, name, price, minutes) in enumerate(
            [("clean.home", "全屋保洁", 19900, 120), ("appliance.aircon", "空调清洗", 12000, 60)]
        )
    )
    save(cleaning, aircon)
    for service in (cleaning, aircon):
        save(SkillRequirement(service_id=service.id, skill_id=skill.id, level=1))
    group = OptionGroup(service_id=cleaning.id, code="eco", name="环保用品", kind="single")
    save(group)
    eco = Option(group_id=group.id, code="eco", name="环保清洁剂", price_fen=1500, minutes=0)
    save(eco)
    someone = customer()
    home = address(someone, region)
    return Company(branch, region, area, skill, cleaning, aircon, eco, someone, home)


def change(row: Any, **values: Any) -> None:
    """Write columns of a row as the screens would."""
    with transaction(SYSTEM) as session:
        fresh = locked(session, type(row), row.id)
        for name, value in values.items():
            setattr(fresh, name, value)


def customer(name: str = "林女士", phone: str | None = None) -> CustomerAccount:
    with transaction(SYSTEM):
        return register_customer(phone or f"1281{next(_numbers):07d}", name)


def address(owner: CustomerAccount, region: Region, place: tuple[float, float] = NEARBY) -> Address:
    row = Address(
        customer_id=owner.id,
        region_id=region.id,
        detail="人民北路 1 号 101",
        contact_name=owner.name,
        contact_phone="12810000000",
        lat=place[0],
        lng=place[1],
    )
    return save(row)


@_together
def worker(
    company: Company,
    *,
    name: str = "王师傅",
    level: int = 3,
    home: tuple[float, float] = HOME,
    status: str = WorkerStatus.APPROVED.value,
    days: int = 10,
    hours: tuple[int, int] = (8, 20),
    **more: Any,
) -> Worker:
    """A worker who may be sent: skill, area, documents, and shifts from today on."""
    number = next(_numbers)
    phone = f"1282{number:07d}"
    account = WorkerAccount(
        phone=phone,
        phone_index=blind_index("phone", phone),
        phone_tail=phone[-4:],
        phone_tail_index=blind_index("phone_tail", phone[-4:]),
    )
    save(account)
    row = Worker(
        account_id=account.id,
        branch_id=company.branch.id,
        number=f"W{number:06d}",
        name=name,
        status=status,
        level=level,
        home_lat=home[0],
        home_lng=home[1],
        **more,
    )
    save(row)
    since = clock.today() - timedelta(days=400)
    save(
        WorkerSkill(worker_id=row.id, skill_id=company.skill.id, level=level, valid_from=since),
        WorkerArea(worker_id=row.id, area_id=company.area.id),
        *(
            WorkerDocument(
                worker_id=row.id,
                kind=kind,
                number=f"4401{number:014d}",
                valid_to=clock.today() + timedelta(days=365),
                status="approved",
            )
            for kind in ("id_card", "health")
        ),
        *(shift(row, clock.today() + timedelta(days=n), hours) for n in range(days)),
    )
    return row


def shift(worker: Worker, day: date, hours: tuple[int, int] = (8, 20)) -> Shift:
    return Shift(
        worker_id=worker.id,
        service_on=day,
        starts_at=at(day, hours[0]),
        ends_at=at(day, hours[1]),
    )


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour of the city as an instant."""
    return datetime.combine(day, time(hour, minute), clock.city_zone()).astimezone(UTC)


def tomorrow(hour: int = 9, minute: int = 0) -> datetime:
    return at(clock.today() + timedelta(days=1), hour, minute)


def quote(
    company: Company, *services: Service, options: tuple[Option, ...] = (), **more: Any
) -> Quote:
    wishes = [
        ItemWish(
            service.id,
            options=[OptionWish(o.id) for o in options if o.group.service_id == service.id],
        )
        for service in services or (company.cleaning,)
    ]
    return quotes.make_quote(
        company.customer.id, company.address.id, wishes, actor=acting(company.customer), **more
    )


def coupon(owner: CustomerAccount, code: str = "K1", **more: Any) -> Coupon:
    """20 yuan off from 100 on, for this customer; `more`: columns of its template."""
    since, until = clock.now() - timedelta(days=30), clock.now() + timedelta(days=30)
    values = {"name": "立减二十", "amount_fen": 2000, "from_fen": 10_000, "given_count": 1, **more}
    template = CouponTemplate(code=f"T{code}", valid_from=since, valid_to=until, **values)
    save(template)
    row: Coupon = save(
        Coupon(code=code, template_id=template.id, customer_id=owner.id, expires_at=until)
    )
    return row


def hold(company: Company, starts_at: datetime | None = None, **more: Any) -> SlotHold:
    return holds.hold_slot(
        company.customer.id,
        quote(company).number,
        starts_at or tomorrow(),
        actor=acting(company.customer),
        **more,
    )


def order(company: Company, starts_at: datetime | None = None, **more: Any) -> Order:
    """An order as a customer makes it: quoted, held, ordered; not yet paid."""
    held = hold(company, starts_at)
    return ordering.create_order(
        company.customer.id, held.number, held.quote.hash, actor=acting(company.customer), **more
    )


def acting(who: CustomerAccount | Worker) -> Actor:
    return Actor("worker" if isinstance(who, Worker) else "customer", who.id)
