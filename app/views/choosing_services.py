"""Ticking services with their options on a page: what a call books, what a plan repeats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import Category, OptionGroup, Service
from app.services.orders.quotes import ItemWish, OptionWish

LONGEST_KEY = 15


@dataclass(frozen=True)
class Shown:
    """The published services by category, and what is ticked: {key: how many}.

    Of a service that is not ticked, the first answer of each question that must be answered is.
    """

    groups: Sequence[tuple[Category, Sequence[Service]]]
    services: Mapping[int, int]
    options: Mapping[int, int]

    @property
    def withdrawn(self) -> list[str]:
        """Ticked services that are not offered any more."""
        offered = {service.id for _category, services in self.groups for service in services}
        gone = sa.select(Service).where(Service.id.in_(self.services.keys() - offered))
        return [str(service) for service in db.session.scalars(gone.order_by(Service.id))]


def shown(wishes: Sequence[ItemWish] = ()) -> Shown:
    """What the page shows as ticked: the form that was sent, else these wishes."""
    ticked = typed() if request.method == "POST" else wishes
    return Shown(
        _catalogue(),
        {wish.service_id: wish.quantity for wish in ticked},
        {option.option_id: option.quantity for wish in ticked for option in wish.options},
    )


def typed() -> list[ItemWish]:
    """The ticked services, each with those of the ticked options that are its own.

    Where one answer is allowed, the question has a name of its own: option-<key>.
    """
    keys, options = _keys("service"), set(_keys("option"))
    groups = sa.select(OptionGroup).where(OptionGroup.service_id.in_(keys))
    own: dict[int, list[OptionWish]] = {key: [] for key in keys}
    ordered = groups.order_by(OptionGroup.position, OptionGroup.id)
    for group in db.session.scalars(ordered.options(selectinload(OptionGroup.options))):
        own[group.service_id] += [
            OptionWish(one.id, _many(f"options-{one.id}"))
            for one in group.options
            if one.id in options or one.id in _keys(f"option-{group.id}")
        ]
    return [ItemWish(key, _many(f"many-{key}"), wished) for key, wished in own.items()]


def _keys(name: str) -> list[int]:
    keys = request.form.getlist(name)
    return [int(key) for key in keys if key.isdecimal() and len(key) <= LONGEST_KEY]


def _many(name: str) -> int:
    return request.form.get(name, 1, int)


def _catalogue() -> list[tuple[Category, list[Service]]]:
    """Published services by category, with their questions."""
    published = (
        sa.select(Service)
        .where(Service.published)
        .options(
            selectinload(Service.category),
            selectinload(Service.option_groups).selectinload(OptionGroup.options),
        )
        .order_by(Service.position, Service.id)
    )
    found: dict[int, tuple[Category, list[Service]]] = {}
    for service in db.session.scalars(published):
        found.setdefault(service.category_id, (service.category, []))[1].append(service)
    return list(found.values())
