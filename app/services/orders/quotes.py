"""Quotes: what the ticked services cost and how long they take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, selectinload

from app.domain import coupons as coupon_lines
from app.domain.actors import Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.pricing import ChosenOption, ChosenService, content_hash, priced
from app.extensions import db
from app.models import (
    Address,
    Area,
    AreaRegion,
    Option,
    OptionGroup,
    Quote,
    Service,
)
from app.services import clock
from app.services.numbers import new_number
from app.services.orders import coupons, prices
from app.services.system import parameters
from app.services.transactions import transaction

MOST_ITEMS = 10
MOST_QUANTITY = 99
_MINE = (
    sa.select(Quote)
    .where(Quote.number == sa.bindparam("number"), Quote.customer_id == sa.bindparam("customer"))
    .options(joinedload(Quote.address), joinedload(Quote.area))
)


@dataclass(frozen=True, slots=True)
class OptionWish:
    option_id: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class ItemWish:
    """One service that a customer ticked."""

    service_id: int
    quantity: int = 1
    options: Sequence[OptionWish] = ()


def make_quote(
    customer_id: int,
    address_id: int,
    wishes: Sequence[ItemWish],
    *,
    days: int = 1,
    starts_at: datetime | None = None,
    coupon: str = "",
    actor: Actor,
) -> Quote:
    """Price the wishes at an address of the customer, on so many days in a row.

    With `starts_at`, at that time; without, before the rules that ask for one. `coupon`: the code
    of one of his.

    Raises NotFound for an address, service or coupon that is not his to see, RuleViolation for an
    area that is not served, for options that do not fit and for a coupon that cannot be used.
    """
    with transaction(actor) as session:
        quote = quoted(
            customer_id, address_id, wishes, days=days, starts_at=starts_at, coupon=coupon
        )
        session.add(quote)
        return quote


def quoted(
    customer_id: int,
    address_id: int,
    wishes: Sequence[ItemWish],
    *,
    days: int = 1,
    starts_at: datetime | None = None,
    coupon: str = "",
) -> Quote:
    """The same, not saved: to look at what it would be."""
    address = db.session.scalar(
        sa.select(Address).filter_by(id=address_id, customer_id=customer_id, archived=False)
    )
    if address is None:
        raise NotFound(_l("This address does not exist"), field="address_id")
    area = served_area(address.region_id)
    content = priced(_chosen(wishes), area.travel_fee_fen, days)
    expires_at = clock.now() + timedelta(minutes=parameters.get("booking.quote_minutes"))
    if coupon:
        used = coupons.find(customer_id, coupon)
        content["coupon"] = coupons.terms_of(used)
        expires_at = min(expires_at, used.expires_at)
    content = prices.in_force(area.id).at(content, starts_at)
    coupons.check_takes_off(content)
    return Quote(
        number=new_number("Q"),
        customer_id=customer_id,
        address_id=address.id,
        address=address,
        area_id=area.id,
        request={"items": [_plain(wish) for wish in wishes], "days": days},
        content=content,
        hash=content_hash(content),
        total_fen=content["total_fen"],
        minutes=content["minutes"],
        expires_at=expires_at,
    )


def at_time(quote: Quote, starts_at: datetime) -> Quote:
    """The quote at what it costs to come then: itself, or a new one with the lines of that time."""
    timed = seen_at(quote, starts_at)
    if timed is not quote:
        db.session.add(timed)
    return timed


def seen_at(quote: Quote, starts_at: datetime) -> Quote:
    """The same, not saved: to look at what it would be."""
    content = prices.in_force(quote.area_id).at(quote.content, starts_at)
    if content == quote.content:
        return quote
    return Quote(
        number=new_number("Q"),
        customer_id=quote.customer_id,
        address_id=quote.address_id,
        address=quote.address,
        area_id=quote.area_id,
        request=quote.request,
        content=content,
        hash=content_hash(content),
        total_fen=content["total_fen"],
        minutes=quote.minutes,
        expires_at=quote.expires_at,
    )


def wishes_of(request: dict[str, Any]) -> list[ItemWish]:
    """What a quote was asked for, to ask it again."""
    return [
        ItemWish(
            item["service_id"], item["quantity"], [OptionWish(**one) for one in item["options"]]
        )
        for item in request["items"]
    ]


def quote_of(customer_id: int, number: str) -> Quote:
    """A live quote of the customer. Raises NotFound, RuleViolation when it expired."""
    quote = db.session.scalar(_MINE, {"number": number, "customer": customer_id})
    if quote is None:
        raise NotFound(_l("This quote does not exist"), field="quote_number")
    if quote.expires_at <= clock.now():
        raise RuleViolation(
            _l("The quote has expired. Please ask for a new one"), code="quote_expired"
        )
    return quote


def coupon_of(quote: Quote) -> str | None:
    """The code of the coupon that makes it cheaper."""
    content = quote.content
    used = any(line["kind"] == coupon_lines.LINE for line in content["lines"])
    return content["coupon"]["code"] if used else None


def branch_of(quote: Quote) -> int:
    """The branch that serves the quote's area: its workers come, whoever the customer is."""
    return db.session.get_one(Area, quote.area_id).branch_id


def served_area(region_id: int) -> Area:
    """The area that serves a region. Raises RuleViolation where nobody goes."""
    area = db.session.scalar(
        sa.select(Area)
        .join(AreaRegion, AreaRegion.area_id == Area.id)
        .where(AreaRegion.region_id == region_id, Area.active)
    )
    if area is None:
        raise RuleViolation(_l("We do not serve this address yet"), code="area_not_served")
    return area


def _plain(wish: ItemWish) -> dict[str, Any]:
    options = [{"option_id": o.option_id, "quantity": o.quantity} for o in wish.options]
    return {"service_id": wish.service_id, "quantity": wish.quantity, "options": options}


def _chosen(wishes: Sequence[ItemWish]) -> list[ChosenService]:
    if not 1 <= len(wishes) <= MOST_ITEMS:
        raise RuleViolation(_l("Choose one to ten services"), code="items_count", field="items")
    if len({wish.service_id for wish in wishes}) != len(wishes):
        raise RuleViolation(_l("A service is listed twice"), code="service_twice", field="items")
    query = (
        sa.select(Service)
        .where(Service.id.in_([wish.service_id for wish in wishes]), Service.published)
        .options(
            selectinload(Service.skills),
            selectinload(Service.option_groups).selectinload(OptionGroup.options),
        )
    )
    services = {service.id: service for service in db.session.scalars(query)}
    return [_chosen_service(services.get(wish.service_id), wish) for wish in wishes]


def _chosen_service(service: Service | None, wish: ItemWish) -> ChosenService:
    if service is None:
        raise NotFound(_l("This service is not offered"), service_id=wish.service_id)
    if not 1 <= wish.quantity <= MOST_QUANTITY:
        raise RuleViolation(
            _l("The quantity is out of range"), code="quantity_range", service_id=service.id
        )
    options = _chosen_options(service, wish)
    skills = {requirement.skill_id: requirement.level for requirement in service.skills}
    for option, _quantity in options:
        if option.skill_id is not None:
            skills.setdefault(option.skill_id, 1)
    return ChosenService(
        service_id=service.id,
        code=service.code,
        name=service.name,
        name_en=service.name_en,
        quantity=wish.quantity,
        price_fen=service.price_fen,
        minutes=service.minutes,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        crew_size=service.crew_size,
        pay_mode=service.pay_mode,
        skills=skills,
        options=[_as_chosen(option, quantity) for option, quantity in options],
        days_most=service.days_most,
        hours=_hours(service),
    )


def _hours(service: Service) -> tuple[int, int] | None:
    if service.from_minute is None or service.to_minute is None:
        return None
    return service.from_minute, service.to_minute


def _as_chosen(option: Option, quantity: int) -> ChosenOption:
    return ChosenOption(
        option_id=option.id,
        code=option.code,
        name=option.name,
        name_en=option.name_en,
        price_fen=option.price_fen,
        minutes=option.minutes,
        quantity=quantity,
    )


def _chosen_options(service: Service, wish: ItemWish) -> list[tuple[Option, int]]:
    """The wished options, in the catalogue's order. Raises RuleViolation."""
    wished = {option.option_id: option.quantity for option in wish.options}
    found: list[tuple[Option, int]] = []
    for group in service.option_groups:
        options = [option for option in group.options if option.active]
        ticked = [option for option in options if option.id in wished]
        if (group.required and not ticked) or (group.kind == "single" and len(ticked) > 1):
            raise RuleViolation(
                _l("Choose from “%(group)s”", group=group.name),
                code="option_choice",
                service_id=service.id,
                group=group.code,
            )
        for option in ticked:
            quantity = wished.pop(option.id)
            if not 1 <= quantity <= option.max_quantity:
                raise RuleViolation(
                    _l("The quantity is out of range"), code="option_quantity", option_id=option.id
                )
            found.append((option, quantity))
    if wished or len(found) != len(wish.options):
        raise RuleViolation(
            _l("An option does not belong to the service"),
            code="option_unknown",
            service_id=service.id,
        )
    return found
