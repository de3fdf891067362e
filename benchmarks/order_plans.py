"""Which orders the bulk data consists of: drawn with a seed, around the present day."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from app.domain.states import OrderStatus as S
from app.services import clock

DAYS_BACK, DAYS_AHEAD = 90, 14
CROWD = 30
FULL = 10  # every tenth order has its searches, photos and review too
SERVICES = (
    ("全屋保洁", 19_900, 180), ("厨房保洁", 12_900, 120), ("卫生间保洁", 9_900, 90),
    ("空调清洗", 12_000, 60), ("油烟机清洗", 15_800, 90), ("地板打蜡", 26_800, 150),
)  # fmt: skip

# How often an order of a past day, and of a day to come, stands where.
PAST = {S.COMPLETED: 86, S.CANCELLED: 7, S.CLOSED: 4, S.PENDING_CONFIRM: 1, S.NO_SHOW: 1,
        S.EXCEPTION: 1}  # fmt: skip
AHEAD = {S.ACCEPTED: 55, S.PENDING_DISPATCH: 15, S.OFFERED: 10, S.CANCELLED: 10, S.CLOSED: 5,
         S.PENDING_PAYMENT: 5}  # fmt: skip
LAST = (S.PENDING_DISPATCH, S.COMPLETED, S.COMPLETED)  # `waiting`, `single`, `crowded`

ASSIGNED = {S.ACCEPTED, S.COMPLETED, S.PENDING_CONFIRM, S.NO_SHOW, S.EXCEPTION}
FINISHED = {S.COMPLETED, S.PENDING_CONFIRM}
UNPAID = {S.PENDING_PAYMENT, S.CLOSED, S.CANCELLED}


@dataclass(frozen=True)
class Size:
    orders: int = 20_000
    customers: int = 5_000
    workers: int = 200


@dataclass(frozen=True)
class Plan:
    """One order before it becomes rows. `parts`: how many visits, payments, photos … it has."""

    key: int
    status: S
    starts_at: datetime
    customer: int
    worker: int
    services: tuple[int, ...]
    parts: int = 1
    counted: bool = False

    @property
    def number(self) -> str:
        return f"D{self.day:%y%m%d}{self.key:010d}"

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(clock.city_zone()).date()

    @property
    def created_at(self) -> datetime:
        # Distinct instants, so that "the newest" is one order.
        return self.starts_at - timedelta(hours=30) + timedelta(milliseconds=self.key)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=sum(SERVICES[s][2] for s in self.services))

    @property
    def total_fen(self) -> int:
        return self.parts * sum(SERVICES[service][1] for service in self.services)

    @property
    def paid(self) -> bool:
        return self.status not in UNPAID

    @property
    def assigned(self) -> bool:
        return self.status in ASSIGNED

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def full(self) -> bool:
        return self.status is S.COMPLETED and (self.counted or self.key % FULL == 0)

    def crew(self) -> list[int]:
        """The worker of each visit: in a crowded order, one after the other."""
        return [self.worker] if self.parts == 1 else list(range(1, self.parts + 1))


def plans(size: Size, chance: random.Random) -> Iterator[Plan]:
    """Orders in the order of their days. The last three are `waiting`, `single` and `crowded`."""
    first = clock.today() - timedelta(days=DAYS_BACK)
    for key in range(1, size.orders + 1):
        offset = key * (DAYS_BACK + DAYS_AHEAD) // (size.orders + 1)
        drawn = Plan(
            key, _status(key, size, offset, chance),
            _at(first + timedelta(days=offset), chance.randint(8, 17)),
            chance.randint(1, size.customers), chance.randint(1, size.workers),
            tuple(chance.sample(range(len(SERVICES)), chance.choice((1, 1, 2)))),
        )  # fmt: skip
        if key > size.orders - 2:
            parts = CROWD if key == size.orders else 1
            drawn = replace(drawn, services=(0,), parts=parts, counted=True)
        yield drawn


def _status(key: int, size: Size, offset: int, chance: random.Random) -> S:
    mix = PAST if offset < DAYS_BACK else AHEAD
    drawn = chance.choices([*mix], [*mix.values()])[0]
    return LAST[key - size.orders - 1] if key > size.orders - len(LAST) else drawn


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock.city_zone()).astimezone(UTC)
