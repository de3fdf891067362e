"""Loads the demo's customers with their addresses."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from app.demo import geography, people
from app.demo.people import DemoCustomer
from app.domain.actors import Actor
from app.services import clock
from app.services.clock import FrozenClock
from app.services.customers.addresses import AddressInput, add_address
from app.services.identity.login import register_customer
from app.services.transactions import transaction

ADDRESS_LABELS = ("家", "父母家", "公司")


@dataclass(frozen=True, slots=True)
class Household:
    """A customer as the history needs him."""

    customer_id: int
    address_ids: tuple[int, ...]
    joined_on: date


def load_customers(
    rng: random.Random, n: int, today: date, travelling: FrozenClock
) -> list[Household]:
    """Each registers on the day she joined; the clock is left at the last of these days."""
    made = sorted(people.customers(rng, n, today), key=lambda person: person.joined_on)
    homes = iter(geography.addresses(rng, 2 * n))
    households = []
    for person in made:
        travelling.instant = morning(person.joined_on)
        count = 2 if rng.random() < 0.2 else 1
        places = [next(homes) for _ in range(count)]
        with transaction(Actor("customer")):
            account = register_customer(person.phone, person.name)
            actor = Actor("customer", account.id)
            ids = [
                add_address(account.id, _address(person, place, label), actor=actor)
                for place, label in zip(places, ADDRESS_LABELS, strict=False)
            ]
        households.append(Household(account.id, tuple(row.id for row in ids), person.joined_on))
    return households


def morning(day: date) -> datetime:
    """Ten o'clock in the city."""
    return datetime.combine(day, time(10), clock.city_zone()).astimezone(UTC)


def _address(person: DemoCustomer, home: geography.DemoAddress, label: str) -> AddressInput:
    return AddressInput(
        region_code=home.district_code,
        detail=f"{home.street}{home.detail}",
        contact_name=person.name,
        contact_phone=person.phone,
        lat=home.lat,
        lng=home.lng,
        label=label,
        access_note=home.access_note,
    )
