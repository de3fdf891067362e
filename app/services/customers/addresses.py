"""Where a customer is visited. Orders copy the address, so that a change moves nobody."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, NotFound, RuleViolation
from app.domain.phones import normal_phone
from app.domain.states import PlanStatus
from app.extensions import db
from app.models import Address, CustomerAccount, Region, ServicePlan
from app.services.transactions import locked, transaction

MOST_ADDRESSES = 20


@dataclass(frozen=True, slots=True)
class AddressInput:
    """Coordinates are GCJ-02 degrees; without them it is the middle of the region."""

    region_code: str
    detail: str
    contact_name: str
    contact_phone: str
    lat: float | None = None
    lng: float | None = None
    label: str = ""
    access_note: str = ""


def add_address(customer_id: int, given: AddressInput, *, actor: Actor) -> Address:
    """Raises NotFound for an unknown region, RuleViolation for a bad phone or too many, and
    InvalidInput for one degree without the other.
    """
    region = db.session.scalar(sa.select(Region).filter_by(code=given.region_code))
    if region is None:
        raise NotFound(_l("This region does not exist"), field="region_code")
    phone = normal_phone(given.contact_phone)
    if phone is None:
        raise RuleViolation(
            _l("This is not a mobile number"), code="phone_invalid", field="contact_phone"
        )
    lat, lng = _place(given, region)
    with transaction(actor) as session:
        locked(session, CustomerAccount, customer_id)
        if len(addresses_of(customer_id)) >= MOST_ADDRESSES:
            raise RuleViolation(_l("Too many addresses"), code="too_many_addresses")
        address = Address(
            customer_id=customer_id,
            region_id=region.id,
            label=given.label,
            detail=given.detail,
            contact_name=given.contact_name,
            contact_phone=phone,
            lat=lat,
            lng=lng,
            access_note=given.access_note,
        )
        session.add(address)
        return address


def _place(given: AddressInput, region: Region) -> tuple[float, float]:
    if given.lat is not None and given.lng is not None:
        return given.lat, given.lng
    if given.lat is not None or given.lng is not None:
        missing = "lat" if given.lat is None else "lng"
        raise InvalidInput(_l("Enter both degrees, or neither"), field=missing)
    return region.lat, region.lng


def addresses_of(customer_id: int) -> list[Address]:
    query = sa.select(Address).filter_by(customer_id=customer_id, archived=False)
    return list(db.session.scalars(query.order_by(Address.id)))


def archive_address(customer_id: int, address_id: int, *, actor: Actor) -> None:
    """Take an address off the customer's list; orders keep their copy.

    Raises NotFound, RuleViolation (address_of_plan) while a plan goes there: none of its dates
    could be ordered any more.
    """
    with transaction(actor) as session:
        locked(session, CustomerAccount, customer_id)
        address = locked(session, Address, address_id)
        if address.customer_id != customer_id or address.archived:
            raise NotFound(_l("This address does not exist"), address_id=address_id)
        living = sa.select(ServicePlan.number).where(
            ServicePlan.address_id == address_id, ServicePlan.status != PlanStatus.ENDED.value
        )
        plan = session.scalar(living.limit(1))
        if plan is not None:
            raise RuleViolation(
                _l("Plan %(plan)s goes to this address. Change its address first", plan=plan),
                code="address_of_plan",
                plan=plan,
            )
        address.archived = True
