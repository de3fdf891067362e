"""Customers and workers of the demo, drawn from a given `random.Random`; no person is real.

Phones begin with 128. In China's numbering plan mobile numbers begin with 13 to 19, while 10, 11
and 12 are left to short service numbers, so no operator can assign an 11-digit 128... number to
anybody. An unused block inside 13-19 (such as 154) could be assigned tomorrow; 10x, 11x, 120 to 123
and 125 hold numbers in use (10086, 110, 119, 120, 122, 12306, 12345, 12580), and none of those
begins with 128. The usual check for a real number, `1[3-9]` and nine digits, refuses demo phones:
only DEMO=1 lets them in.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Literal

from app.demo.geography import ADJACENT, DISTRICT_SHARE, addresses
from app.demo.people_words import (
    AVATAR_COLOURS,
    BIO_CLOSERS,
    FEMALE_NAMES,
    HOMETOWNS,
    MALE_NAMES,
    PROFILES,
    SURNAMES,
    WorkerProfile,
)
from app.demo.texts import (
    REJECT_REASONS,
    DemoReview,
    RejectReason,
    order_note,
    reject_reason,
    review,
)
from app.domain.phones import DEMO_PHONE_PREFIX, is_demo_phone

__all__ = [
    "DEMO_PHONE_PREFIX",
    "PROFILES",
    "REJECT_REASONS",
    "DemoCustomer",
    "DemoReview",
    "DemoSkill",
    "DemoWorker",
    "RejectReason",
    "WorkerProfile",
    "customer_phone",
    "customers",
    "is_demo_phone",
    "order_note",
    "reject_reason",
    "review",
    "worker_phone",
    "workers",
]

Gender = Literal["female", "male"]

HISTORY_DAYS = 90
CUSTOMER_SOURCES: dict[str, int] = {
    "wechat": 48,
    "referral": 20,
    "phone": 12,
    "store": 8,
    "web": 12,
}


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    name: str
    gender: Gender
    phone: str
    source: str
    joined_on: date


@dataclass(frozen=True, slots=True)
class DemoSkill:
    """`valid_to` None: without an end. Every skill holds for the demo's whole span of days."""

    code: str
    level: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class DemoWorker:
    """`districts` are the codes served, the home's first; `avatar_colour` carries white text."""

    name: str
    gender: Gender
    phone: str
    profile: str
    employment: Literal["employee", "contract", "partner"]
    avatar_colour: str
    bio: str
    experience_years: int
    joined_on: date
    home_district: str
    home_street: str
    home_lat: float
    home_lng: float
    districts: tuple[str, ...]
    radius_km: int
    max_visits_a_day: int
    skills: tuple[DemoSkill, ...]


def customer_phone(number: int) -> str:
    """The phone of the nth demo customer, counted from 1: 12810000001."""
    return f"{DEMO_PHONE_PREFIX}1{number:07d}"


def worker_phone(number: int) -> str:
    """The phone of the nth demo worker, counted from 1: 12820000001."""
    return f"{DEMO_PHONE_PREFIX}2{number:07d}"


def customers(rng: random.Random, n: int, today: date) -> list[DemoCustomer]:
    """`n` customers with different names; two thirds joined before the history begins."""
    taken: dict[str, None] = {}
    return [_customer(rng, number, today, taken) for number in range(1, n + 1)]


def workers(rng: random.Random, n: int, today: date) -> list[DemoWorker]:
    """`n` workers with different names. Trades and homes are dealt in fixed proportions, so that 60
    of them can serve every service in every district."""
    taken: dict[str, None] = {}
    trades = _dealt({profile.code: profile.share for profile in PROFILES})
    homes = _dealt(DISTRICT_SHARE)
    seen = {profile.code: count(3 * index) for index, profile in enumerate(PROFILES)}
    made = []
    for number in range(1, n + 1):
        profile = _PROFILES_BY_CODE[trades[(number - 1) % len(trades)]]
        home = homes[next(seen[profile.code]) % len(homes)]
        made.append(_worker(rng, number, profile, home, today, taken))
    return made


_PROFILES_BY_CODE: dict[str, WorkerProfile] = {profile.code: profile for profile in PROFILES}


def _customer(rng: random.Random, number: int, today: date, taken: dict[str, None]) -> DemoCustomer:
    gender: Gender = "female" if rng.random() < 0.6 else "male"
    days_ago = rng.randint(HISTORY_DAYS + 1, 900) if number % 3 else rng.randint(3, HISTORY_DAYS)
    return DemoCustomer(
        name=_new_name(rng, gender, taken),
        gender=gender,
        phone=customer_phone(number),
        source=rng.choices(list(CUSTOMER_SOURCES), list(CUSTOMER_SOURCES.values()))[0],
        joined_on=today - timedelta(days=days_ago),
    )


def _worker(
    rng: random.Random,
    number: int,
    profile: WorkerProfile,
    home_district: str,
    today: date,
    taken: dict[str, None],
) -> DemoWorker:
    gender: Gender = "female" if rng.random() < profile.female_share else "male"
    years = rng.randint(2, 15)
    home = addresses(rng, 1, [home_district])[0]
    return DemoWorker(
        name=_new_name(rng, gender, taken),
        gender=gender,
        phone=worker_phone(number),
        profile=profile.code,
        employment=rng.choices(("employee", "contract", "partner"), (4, 4, 2))[0],
        avatar_colour=rng.choice(AVATAR_COLOURS),
        bio=_bio(rng, profile, years),
        experience_years=years,
        joined_on=today - timedelta(days=rng.randint(HISTORY_DAYS + 30, 365 * years)),
        home_district=home_district,
        home_street=home.street,
        home_lat=home.lat,
        home_lng=home.lng,
        districts=_served(profile, home_district),
        radius_km=profile.radius_km,
        max_visits_a_day=profile.max_visits_a_day,
        skills=tuple(_skills(rng, profile, today)),
    )


def _served(profile: WorkerProfile, home: str) -> tuple[str, ...]:
    if not profile.serves_everywhere:
        return (home, *ADJACENT[home])
    return (home, *(code for code in DISTRICT_SHARE if code != home))


def _skills(rng: random.Random, profile: WorkerProfile, today: date) -> list[DemoSkill]:
    """The trade's own skills, and perhaps one or more of its side skills."""
    rows = [_skill(rng, code, low, today) for code, low in profile.skills]
    rows += [_skill(rng, code, 1, today) for code in profile.side_skills if rng.random() < 0.3]
    return rows


def _skill(rng: random.Random, code: str, lowest_level: int, today: date) -> DemoSkill:
    ends = rng.random() < 0.6
    return DemoSkill(
        code=code,
        level=rng.randint(lowest_level, 3),
        valid_from=today - timedelta(days=rng.randint(HISTORY_DAYS + 30, 720)),
        valid_to=today + timedelta(days=rng.randint(20, 900)) if ends else None,
    )


def _bio(rng: random.Random, profile: WorkerProfile, years: int) -> str:
    start = f"{rng.choice(HOMETOWNS)}人，{profile.trade_zh}{years}年。"
    return start + rng.choice(profile.boasts) + rng.choice(BIO_CLOSERS)


def _new_name(rng: random.Random, gender: Gender, taken: dict[str, None]) -> str:
    """A name that nobody in `taken` has; it is added there."""
    given = FEMALE_NAMES if gender == "female" else MALE_NAMES
    while True:
        surname = rng.choices(list(SURNAMES), list(SURNAMES.values()))[0]
        name = surname + rng.choice(given)
        if name not in taken:
            taken[name] = None
            return name


def _dealt(shares: dict[str, int]) -> list[str]:
    """Each key as often as its share, evenly spread: {"a": 2, "b": 1} -> a, b, a."""
    spots = [((i + 0.5) / share, key) for key, share in shares.items() for i in range(share)]
    return [key for _, key in sorted(spots, key=lambda spot: spot[0])]
