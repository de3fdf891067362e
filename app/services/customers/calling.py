"""Somebody calls who has no account, or no address yet: staff write them down.

It is the account that a later log-in with this phone opens.
"""

from dataclasses import replace

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput, RuleViolation
from app.domain.states import AccountStatus
from app.extensions import db
from app.models import Address, CustomerAccount
from app.services import access
from app.services.customers import addresses
from app.services.customers.addresses import AddressInput
from app.services.identity.login import register_customer
from app.services.identity.otp import accepted_phone, phone_index
from app.services.transactions import transaction

TAKEN = "phone_taken"


def register(
    phone: str, name: str, *, branch_id: int | None = None, actor: Actor
) -> CustomerAccount:
    """The account of a caller; without a branch in that of the actor.

    Raises InvalidInput for what is no mobile number or where the branch has to be chosen, NotFound
    for a branch outside the actor's scope, Conflict (phone_taken) with `customer_id` where the
    actor may see who has it. The phone of somebody who was erased is free.
    """
    number = accepted_phone(phone)
    if not name.strip():
        raise InvalidInput(_l("Enter the name"), field="name")
    with transaction(actor) as session:
        branch = access.branch_for(actor, branch_id)
        _check_free(number, actor)
        account = register_customer(number, name.strip(), branch_id=branch.id)
        session.flush()
        return account


def _check_free(phone: str, actor: Actor) -> None:
    known = sa.select(CustomerAccount).filter_by(phone_index=phone_index(phone))
    if db.session.scalar(known) is None:
        return
    seen = db.session.scalar(known.where(access.condition(CustomerAccount, actor)))
    if seen is None:
        sentence = _l("A customer of another branch has this phone number already")
        raise Conflict(sentence, code=TAKEN, field="phone")
    blocked = seen.status == AccountStatus.BLOCKED
    raise Conflict(
        _l("A blocked customer has this phone number") if blocked
        else _l("A customer has this phone number already"),
        code=TAKEN, field="phone", customer_id=seen.id,
    )  # fmt: skip


def add_address(customer_id: int, given: AddressInput, *, actor: Actor) -> Address:
    """An address that the customer says on the phone; an empty contact is the customer.

    Raises as addresses.add_address, NotFound for a customer outside the actor's scope,
    RuleViolation (erased) for one who is gone, InvalidInput without street and door.
    """
    if not given.detail.strip():
        raise InvalidInput(_l("Enter street and door"), field="detail")
    with transaction(actor):
        customer = access.row_for(actor, CustomerAccount, customer_id)
        if customer.status == AccountStatus.ERASED:
            raise RuleViolation(
                _l("This customer is erased already"), code="erased", field="customer"
            )
        whole = replace(
            given,
            contact_name=given.contact_name.strip() or str(customer),
            contact_phone=given.contact_phone.strip() or customer.phone or "",
        )
        return addresses.add_address(customer.id, whole, actor=actor)
