"""Loads what the office has set up: rules of price and day, lists of words, policies."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import models as m
from app.demo.load_reference import Reference
from app.domain.actors import Actor
from app.domain.parameters import BY_KEY
from app.services.dispatch import policies
from app.services.transactions import transaction

DAYS_AHEAD = 400
YEAR = timedelta(days=365)
WEEKEND = 0b1100000
WORKDAYS = 0b0011111

# Month and day of the holidays that fall on the same day each year.
REST_DAYS = ((1, 1, "元旦", "New Year's Day"), (5, 1, "劳动节", "Labour Day"),
             (10, 1, "国庆节", "National Day"), (10, 2, "国庆节", "National Day"),
             (10, 3, "国庆节", "National Day"))  # fmt: skip
# service -> (point, is it required)
CHECKLISTS: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "clean.home": (
        ("地面吸尘并拖干", "Floors vacuumed and mopped dry", True),
        ("窗台与踢脚线擦净", "Window sills and skirting wiped", False),
        ("垃圾带走，请客户验收", "Rubbish taken along, shown to the customer", True),
    ),
    "clean.kitchen": (
        ("灶台与墙砖无油渍", "Hob and tiles free of grease", True),
        ("水槽除垢", "Sink descaled", False),
    ),
    "clean.bathroom": (("马桶与地漏消毒", "Toilet and drain disinfected", True),),
    "appliance.aircon": (
        ("断电后拆洗滤网", "Power cut, filters washed", True),
        ("装回后试机十分钟", "Ten minutes of trial after mounting", True),
    ),
    "appliance.hood": (("叶轮与油网装回无异响", "Wheel and mesh back without noise", True),),
    "repair.drain": (("试水三遍无渗漏", "Three trials without a leak", True),),
}
CAUSES = (
    ("training", "技能不足", "Lack of skill", "worker"),
    ("late", "路上耽误", "Delayed on the way", "worker"),
    ("schedule", "排班过密", "Schedule too tight", "company"),
    ("price_unclear", "报价说明不清", "Price not made clear", "company"),
    ("no_access", "客户不在家或无法入户", "Customer absent or no access", "customer"),
    ("partner", "合作伙伴管理", "Led badly by the agency", "partner"),
)
SOURCES = (
    ("app", "自有小程序", "Own mini program", "own"),
    ("phone", "电话预约", "By telephone", "phone"),
    ("shop_tianhe", "天河门店", "Tianhe shop", "shop"),
    ("referral", "老客推荐", "Told by a customer", "referral"),
    ("estate", "小区物业合作", "Estate management", "platform"),
    ("advert", "社区海报", "Posters in estates", "advert"),
)  # fmt: skip
TAGS = (
    ("老客户", "good"),
    ("有老人", "info"),
    ("有宠物", "info"),
    ("易投诉", "warn"),
    ("高消费", "good"),
)
SHIFTS: tuple[tuple[str, int, int, int, list[list[int]]], ...] = (
    ("早班", WORKDAYS, 420, 1050, [[720, 780]]), ("晚班", WORKDAYS, 570, 1200, [[750, 810]]),
    ("周末班", WEEKEND, 480, 1080, [[720, 780]]), ("护理整日班", 127, 390, 1230, []),
)  # fmt: skip
# Withholding on pay for services (劳务报酬所得预扣率表, State Taxation Administration 2018 No. 56).
TAX_TABLE = ((0, 2000, 0), (2_000_000, 3000, 200_000), (5_000_000, 4000, 700_000))
MESSAGES = (
    ("order.accepted", "sms", "customer", "预约成功", "您的订单 {number} 已由服务人员接单。",
     "Your order {number} was accepted."),
    ("order.accepted", "wechat", "customer", "预约成功", "订单 {number} 已接单，请留意上门时间。",
     "Order {number} was accepted; please mind the time."),
    ("visit.departed", "sms", "customer", "已出发", "订单 {number} 的服务人员已出发。",
     "The worker of order {number} is on the way."),
    ("offer.new", "in_app", "worker", "新订单", "有一单 {number} 等您接单。",
     "Order {number} waits for you."),
    ("complaint.resolved", "sms", "customer", "投诉已处理", "您的投诉 {number} 已处理完毕。",
     "Your complaint {number} was resolved."),
)  # fmt: skip


def load_rules(reference: Reference, today: date, actor: Actor) -> None:
    with transaction(actor) as session:
        session.add_all(_rows(reference, today))
        session.flush()
        _segments(session, reference.branch_id)
    _policies(reference.branch_id, actor)


def _rows(reference: Reference, today: date) -> Iterator[Any]:
    yield from _price_rules(reference, today)
    yield from _checklists(reference)
    yield from _holidays(today)
    for code, name, name_en, party in CAUSES:
        yield m.Cause(code=code, name=name, name_en=name_en, party=party)
    for code, name, name_en, kind in SOURCES:
        yield m.Source(code=code, name=name, name_en=name_en, kind=kind)
    for name, colour in TAGS:
        yield m.Tag(name=name, colour=colour)
    for name, weekdays, start, end, breaks in SHIFTS:
        yield m.ShiftTemplate(
            branch_id=reference.branch_id, name=name, weekdays=weekdays, from_minute=start,
            to_minute=end, breaks=breaks,
        )  # fmt: skip
    for from_fen, rate_bp, deduction_fen in TAX_TABLE:
        yield m.TaxBracket(
            table_code="labour", valid_from=date(2019, 1, 1), from_fen=from_fen, rate_bp=rate_bp,
            deduction_fen=deduction_fen,
        )  # fmt: skip
    for event, channel, role, title, text, text_en in MESSAGES:
        yield m.NotificationTemplate(
            event=event, channel=channel, role=role, title=title, text=text, text_en=text_en
        )


def _price_rules(reference: Reference, today: date) -> Iterator[m.PriceRule]:
    """One of each kind, one of the future and one that is over."""
    deep, far = reference.services["clean.deep"], list(reference.areas.values())[-1]
    month, since = timedelta(days=30), today - YEAR
    yield m.PriceRule(
        name="周末加价", name_en="Weekend", kind="weekday", weekdays=WEEKEND, rate_bp=1000,
        valid_from=since,
    )  # fmt: skip
    yield m.PriceRule(
        name="晚间加价", name_en="Evening", kind="peak", from_minute=1080, to_minute=1200,
        rate_bp=1500, valid_from=since,
    )  # fmt: skip
    yield m.PriceRule(
        name="法定节假日加价", name_en="Days off", kind="holiday", rate_bp=2000, valid_from=since,
    )  # fmt: skip
    yield m.PriceRule(
        name="远郊加价", name_en="Outer districts", kind="area", area_id=far, amount_fen=2000,
        valid_from=since,
    )  # fmt: skip
    yield m.PriceRule(
        name="年末深度保洁旺季", name_en="Deep cleaning, high season", kind="season",
        service_id=deep, rate_bp=2000, valid_from=today + month, valid_to=today + 2 * month,
    )  # fmt: skip
    yield m.PriceRule(
        name="开业优惠", name_en="Opening offer", kind="other", rate_bp=-1000, valid_from=since,
        valid_to=since + month, active=False,
    )  # fmt: skip


def _checklists(reference: Reference) -> Iterator[m.Checklist]:
    for code, points in CHECKLISTS.items():
        for position, (text, text_en, required) in enumerate(points, 1):
            yield m.Checklist(
                service_id=reference.services[code], text=text, text_en=text_en,
                position=position, required=required,
            )  # fmt: skip


def _holidays(today: date) -> Iterator[m.Holiday]:
    """The next of each, and the Saturday that is worked instead after the last of them."""
    days = [today + timedelta(days=n) for n in range(DAYS_AHEAD)]
    for month, number, name, name_en in REST_DAYS:
        on = next(day for day in days if (day.month, day.day) == (month, number))
        yield m.Holiday(day=on, name=name, name_en=name_en)
    worked = next(day for day in days if (day.month, day.weekday()) == (10, 5) and day.day > 7)
    yield m.Holiday(day=worked, kind="working", name="国庆节调休", name_en="Worked instead")


def _segments(session: Session, branch_id: int) -> None:
    valued = session.query(m.Tag).filter_by(name="高消费").one()
    session.add_all(
        [
            m.Segment(
                name="沉默客户", rules={"quiet_days": 60, "orders_from": 1}, note="两个月没有下单"
            ),
            m.Segment(name="新客", rules={"joined_days": 30, "orders_to": 1}, note="注册一个月内"),
            m.Segment(
                name="广州高价值客户", note="定期回访",
                rules={"branch": branch_id, "spent_from_fen": 100_000, "tags": [valued.id]},
            ),
        ]
    )  # fmt: skip


def _policies(branch_id: int, actor: Actor) -> None:
    """A trial that is over and a draft: the parameters hold, so that changing them shows."""
    usual: dict[str, int] = BY_KEY["dispatch.weights"].default
    for name, mode, weights in (
        ("抢单试点", "broadcast", usual | {"travel": 45, "rating": 10}),
        ("就近派单（草案）", "cascade", usual | {"travel": 50}),
    ):
        policy = policies.add_revision(
            branch_id, name=name, mode=mode, rounds=BY_KEY["dispatch.rounds"].default,
            batch=BY_KEY["dispatch.batch"].default, weights=weights, actor=actor,
        )  # fmt: skip
        if mode == "broadcast":
            policies.activate(policy.id, actor=actor)
            policies.deactivate(policy.id, actor=actor)
