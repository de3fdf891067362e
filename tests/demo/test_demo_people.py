import re
from datetime import timedelta

import pytest

from app.demo import catalogue, geography, load_roster, people
from app.demo.load_workers import Colleague
from app.demo.texts import PRAISE

from .measures import DISTRICT_REACH_KM, SEEDS, TODAY, doubles, kilometres, seeded

# Assigned to an operator or to machines in mainland China (13-digit numbers included).
ASSIGNED_MOBILE_PREFIXES = {
    *(f"13{d}" for d in range(10)),
    *(f"14{d}" for d in range(10)),
    *(f"15{d}" for d in range(10) if d != 4),
    *(f"16{d}" for d in (2, 5, 6, 7)),
    *(f"17{d}" for d in range(9)),
    *(f"18{d}" for d in range(10)),
    *(f"19{d}" for d in range(10) if d != 4),
}
SHORT_NUMBERS = re.findall(
    r"\d+",
    """110 112 114 119 120 121 122 999 10000 10010 10086 10099 11185 11888 12110 12117
    12121 12122 12123 12301 12306 12309 12310 12315 12318 12320 12329 12333 12338 12345 12348 12349
    12355 12358 12361 12366 12368 12369 12371 12377 12378 12380 12381 12388 12389 12393 12395 12398
    12530 12580 12583 12590 12593""",
)


def test_demo_phones_are_assigned_to_nobody() -> None:
    phones = [people.customer_phone(1), people.customer_phone(200), people.worker_phone(60)]
    assert phones == ["12810000001", "12810000200", "12820000060"]
    for phone in phones:
        assert people.is_demo_phone(phone)
        assert phone[:3] not in ASSIGNED_MOBILE_PREFIXES
        assert not any(phone.startswith(short) for short in SHORT_NUMBERS)
        assert phone[1] not in "3456789"  # where mobile numbers are, now and by plan


@pytest.mark.parametrize(
    "phone",
    [
        "13810000001",
        "1281000000",
        "128100000011",
        "12810000001\n",
        "+8612810000001",
        "128１0000001",
        "",
    ],
)
def test_other_numbers_are_not_demo_phones(phone: str) -> None:
    assert not people.is_demo_phone(phone)


@pytest.mark.parametrize("seed", SEEDS)
def test_200_customers_have_own_names_and_phones_and_joined_in_the_past(seed: int) -> None:
    drawn = people.customers(seeded(seed), 200, TODAY)
    assert len({customer.name for customer in drawn}) == 200
    assert len({customer.phone for customer in drawn}) == 200
    assert all(people.is_demo_phone(customer.phone) for customer in drawn)
    assert all(customer.joined_on < TODAY for customer in drawn)
    before = [c for c in drawn if c.joined_on < TODAY - timedelta(days=people.HISTORY_DAYS)]
    assert len(before) == 134


@pytest.mark.parametrize("seed", SEEDS)
def test_60_workers_have_own_names_and_homes_where_they_say(seed: int) -> None:
    drawn = people.workers(seeded(seed), 60, TODAY)
    assert len({worker.name for worker in drawn}) == 60
    assert len({worker.phone for worker in drawn}) == 60
    assert len({worker.bio for worker in drawn}) > 50
    for worker in drawn:
        centre = geography.DISTRICTS[worker.home_district]
        away = kilometres(worker.home_lat, worker.home_lng, centre.lat, centre.lng)
        assert away <= DISTRICT_REACH_KM[worker.home_district] + 0.2
        assert people.is_demo_phone(worker.phone)
        assert worker.districts[0] == worker.home_district
        assert doubles(worker.districts) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_each_service_can_be_done_in_each_district(seed: int) -> None:
    drawn = people.workers(seeded(seed), 60, TODAY)
    for service in catalogue.SERVICES:
        able = [worker for worker in drawn if has_skill(worker, service)]
        for district in geography.DISTRICTS:
            here = [worker for worker in able if district in worker.districts]
            assert len(here) >= service.crew_size + 1, (service.code, district)


@pytest.mark.parametrize("seed", SEEDS)
def test_kitchen_and_air_conditioner_together_find_workers_with_both_skills(seed: int) -> None:
    kitchen = catalogue.SERVICES_BY_CODE["clean.kitchen"]
    aircon = catalogue.SERVICES_BY_CODE["appliance.aircon"]
    assert kitchen.skill_code != aircon.skill_code
    drawn = people.workers(seeded(seed), 60, TODAY)
    both = [w for w in drawn if has_skill(w, kitchen) and has_skill(w, aircon)]
    assert 5 <= len(both) <= 12


@pytest.mark.parametrize("seed", SEEDS)
def test_skills_are_known_and_hold_for_the_whole_demo(seed: int) -> None:
    known = {skill.code for skill in catalogue.SKILLS}
    for worker in people.workers(seeded(seed), 60, TODAY):
        assert worker.joined_on < TODAY - timedelta(days=people.HISTORY_DAYS)
        assert doubles(skill.code for skill in worker.skills) == []
        for skill in worker.skills:
            assert skill.code in known
            assert skill.level in catalogue.SKILL_LEVELS
            assert skill.valid_from < TODAY - timedelta(days=people.HISTORY_DAYS)
            assert skill.valid_to is None or skill.valid_to >= TODAY + timedelta(days=20)


def has_skill(worker: people.DemoWorker, service: catalogue.ServiceSpec) -> bool:
    return any(
        skill.code == service.skill_code and skill.level >= service.skill_level
        for skill in worker.skills
    )


def test_avatar_colours_carry_white_text() -> None:
    for worker in people.workers(seeded(1), 60, TODAY):
        assert 1.05 / (luminance(worker.avatar_colour) + 0.05) >= 4.5, worker.avatar_colour


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("service", catalogue.SERVICES, ids=lambda service: service.code)
def test_each_service_has_its_reviews_and_notes(service: catalogue.ServiceSpec) -> None:
    rng = seeded(3)
    reviews = [people.review(rng, service.code) for _ in range(500)]
    stars = [star for r in reviews for star in (r.quality, r.attitude, r.skill)]
    assert set(stars) == {1, 2, 3, 4, 5}
    assert 4.2 <= sum(stars) / len(stars) <= 4.7
    assert len({r.text for r in reviews}) >= 30
    notes = [people.order_note(rng, service.code) for _ in range(500)]
    assert 200 <= notes.count("") <= 300
    assert len(set(notes)) >= 10


def test_the_words_of_a_review_fit_its_stars() -> None:
    rng = seeded(4)
    reviews = [people.review(rng, "repair.drain") for _ in range(500)]
    complaints = [r for r in reviews if r.text.startswith("报价前后不一致")]
    assert complaints
    assert max(r.quality + r.attitude + r.skill for r in complaints) <= 7
    assert all(
        r.text.startswith(PRAISE["repair.drain"])
        for r in reviews
        if min(r.quality, r.attitude, r.skill) >= 4
    )


def test_reject_reasons_have_unique_codes_and_are_all_drawn() -> None:
    rng = seeded(5)
    assert doubles(reason.code for reason in people.REJECT_REASONS) == []
    assert {people.reject_reason(rng) for _ in range(500)} == set(people.REJECT_REASONS)


def test_some_carers_work_by_night_and_others_remain_by_day() -> None:
    made = people.workers(seeded(1), 60, TODAY)
    colleagues = [Colleague(n, n, n, one) for n, one in enumerate(made, 1)]

    keepers = load_roster.night_keepers(colleagues)

    assert [one.made.profile for one in keepers] == ["carer", "carer"]
    carers = [one for one in colleagues if one.made.profile == "carer"]
    assert len(carers) - len(keepers) >= load_roster.CARERS_BY_DAY
    assert load_roster.night_keepers(carers[:2]) == []
