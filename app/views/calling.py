"""The forms for somebody who calls: a customer without an account, an address that she says."""

from decimal import Decimal
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms.validators import InputRequired, Length

from app.domain.actors import Actor
from app.domain.errors import Conflict
from app.models import Address, CustomerAccount
from app.services.customers import calling
from app.services.customers.addresses import AddressInput
from app.views.base import RowForm
from app.views.fields import RowSelectField, TextField
from app.views.homes import DISTRICTS, degrees
from app.views.scoped import long_text
from app.views.widgets import TextWidget

BOOKING = "book"  # ?then=book: she wants an order, the address is on the way to it


def _text(label: Any, most: int, hint: Any = "", *, needed: bool = False) -> TextField:
    first = [InputRequired()] if needed else []
    return TextField(
        label, validators=[*first, Length(max=most)], empty="", description=hint,
        widget=TextWidget(),
    )  # fmt: skip


CUSTOMER_FIELDS: dict[str, Any] = {
    "name": _text(_l("Full name"), 64, needed=True),
    "phone": _text(
        _l("Phone"), 20, _l("A later log-in with this number opens the same account"), needed=True
    ),
}
ADDRESS_COLUMNS = [
    "customer", "region", "detail", "contact_name", "contact_phone", "label", "access_note",
    "lat", "lng",
]  # fmt: skip
ADDRESS_FIELDS: dict[str, Any] = {
    "region": RowSelectField(_l("District"), lookup=DISTRICTS, validators=[InputRequired()]),
    "detail": _text(_l("Street and door"), 200, needed=True),
    "contact_name": _text(_l("Contact"), 64, _l("Empty: the customer")),
    "contact_phone": _text(_l("Contact's phone"), 20, _l("Empty: the customer's own number")),
    "label": _text(_l("Short name"), 32, _l("For instance: home, parents")),
    "access_note": long_text(_l("How to get in"), most=200),
    "lat": degrees(
        _l("Latitude (GCJ-02)"), 90, _l("Both degrees empty: the middle of the district")
    ),
    "lng": degrees(_l("Longitude (GCJ-02)"), 180, _l("In degrees: 113.2644")),
}


def registered(form: RowForm, *, actor: Actor) -> CustomerAccount:
    """The account that the form asks for. A phone that somebody has leads to who has it."""
    typed = form.values()
    try:
        return calling.register(
            typed["phone"], typed["name"], branch_id=typed["branch"].id, actor=actor
        )
    except Conflict as taken:
        if "customer_id" in taken.details:
            form["phone"].description = _link_to(taken.details["customer_id"])
        raise


def _link_to(customer_id: int) -> Markup:
    address = url_for("CustomerView.show", pk=customer_id)
    return Markup('<a href="{}">{}</a>').format(address, _l("Open this customer"))


def added(form: RowForm, *, actor: Actor) -> Address:
    typed = form.values()
    customer, region = typed.pop("customer"), typed.pop("region")
    lat, lng = _degree(typed.pop("lat")), _degree(typed.pop("lng"))
    given = AddressInput(region_code=region.code, lat=lat, lng=lng, **typed)
    return calling.add_address(customer.id, given, actor=actor)


def _degree(typed: Decimal | None) -> float | None:
    return None if typed is None else float(typed)


def contact_of(customer: CustomerAccount, *, unmasked: bool) -> dict[str, str]:
    """What the form begins with; the number only for whom it stands on the customer's page."""
    phone = {"contact_phone": customer.phone or ""} if unmasked else {}
    return {"contact_name": customer.name, **phone}


def address_form(customer_id: int) -> str:
    """The way over the address to the booking."""
    return url_for("AddressView.add", _flt_0_customer=customer_id, then=BOOKING)


def after_address(address: Address, *, may_book: bool) -> str:
    if may_book and request.args.get("then") == BOOKING:
        return url_for("CustomerView.booking", pk=address.customer_id, address=address.id)
    return url_for("CustomerView.show", pk=address.customer_id)
