"""What a time costs: the rules and the coupon that make a quote dearer or cheaper then."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from app.domain import coupons, price_rules
from app.domain.price_rules import Rule
from app.extensions import db
from app.models import Holiday, PriceRule, Quote
from app.services import clock
from app.services.roster.slots import Day, Slot

OF_A_TIME = (*price_rules.KINDS, coupons.LINE)
Content = Mapping[str, Any]
_OF_AREA = (
    sa.select(PriceRule)
    .where(
        PriceRule.active,
        sa.or_(PriceRule.area_id.is_(None), PriceRule.area_id == sa.bindparam("area")),
    )
    .order_by(PriceRule.id)
)


@dataclass(frozen=True, slots=True)
class Prices:
    """The rules of an area, read once. `calendar`: days that are not what their weekday says."""

    rules: Sequence[Rule]
    calendar: Mapping[date, str]

    def at(self, content: Content, starts_at: datetime | None) -> dict[str, Any]:
        """The content with the lines of that time, in place of those of another.

        Without a time only the rules that hold at any time are known.
        """
        plain = [line for line in content["lines"] if line["kind"] not in OF_A_TIME]
        local = clock.city_time(starts_at) if starts_at else None
        return coupons.added(
            price_rules.added(
                {**content, "lines": plain}, self.rules, local, clock.today(), self.calendar
            )
        )

    def totals(self, content: Content, starts: Iterable[datetime]) -> dict[datetime, int]:
        """What each start costs, in fen.

        Starts of a day between the same two minutes at which a rule begins or ends cost the same,
        and are priced once.
        """
        found: dict[datetime, int] = {}
        known: dict[tuple[date, int], int] = {}
        zone, edges = clock.city_zone(), self._edges()
        for start in starts:
            local = start.astimezone(zone)
            alike = local.date(), bisect_right(edges, local.hour * 60 + local.minute)
            if alike not in known:
                known[alike] = self.at(content, start)["total_fen"]
            found[start] = known[alike]
        return found

    def _edges(self) -> list[int]:
        minutes = {m for rule in self.rules for m in (rule.from_minute, rule.to_minute)}
        return sorted(minute for minute in minutes if minute is not None)


def in_force(area_id: int) -> Prices:
    """The rules of this area and of all areas, as they are now."""
    rules = [_rule(row) for row in db.session.scalars(_OF_AREA, {"area": area_id})]
    return Prices(rules, _calendar(rules))


def totals_at(quote: Quote, starts: Iterable[datetime]) -> dict[datetime, int]:
    """What each of these starts costs, in fen."""
    return in_force(quote.area_id).totals(quote.content, starts)


def with_totals(quote: Quote, days: Iterable[Day]) -> list[Day]:
    """The days, each of their free times with what it costs."""
    prices = in_force(quote.area_id)
    return [replace(day, slots=_priced(prices, quote, day.slots)) for day in days]


def _priced(prices: Prices, quote: Quote, slots: Sequence[Slot]) -> list[Slot]:
    totals = prices.totals(quote.content, (slot.starts_at for slot in slots))
    return [replace(slot, total_fen=totals[slot.starts_at]) for slot in slots]


def _calendar(rules: Sequence[Rule]) -> dict[date, str]:
    """Read only if a rule asks for a day."""
    if not any(rule.is_timed for rule in rules):
        return {}
    return {row.day: row.kind for row in db.session.execute(sa.select(Holiday.day, Holiday.kind))}


def _rule(row: PriceRule) -> Rule:
    return Rule(
        kind=row.kind,
        name=row.name,
        name_en=row.name_en,
        service_id=row.service_id,
        area_id=row.area_id,
        weekdays=row.weekdays,
        from_minute=row.from_minute,
        to_minute=row.to_minute,
        rate_bp=row.rate_bp,
        amount_fen=row.amount_fen,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
