"""Making a plan for a customer: who, then what and when, then every date as it would be.

The second step is one form that is sent twice: to look, and with the hash of what was looked at,
to make the plan.
"""

from typing import Any

import sqlalchemy as sa
from flask import redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.domain.errors import DomainError
from app.extensions import db
from app.models import Address, CustomerAccount, Quote, ServicePlan
from app.services import access, clock
from app.services.orders import quotes
from app.services.orders.quotes import ItemWish
from app.services.plans import looking, making
from app.services.plans.looking import Preview
from app.services.plans.words import in_words
from app.views import choosing_services, plan_preview
from app.views.base import RowForm, RowPages, expose, has_access
from app.views.fields import RowSelectField
from app.views.plan_forms import WhenForm
from app.views.scoped import CUSTOMERS

__all__ = ["PlanMaking"]


class WhoForm(RowForm):
    customer = RowSelectField(
        _l("Customer"),
        lookup=CUSTOMERS.of(CustomerAccount),
        source=lambda: "/plans/lookup/customer",
        validators=[InputRequired()],
    )


class PlanMaking(RowPages):
    """For ServicePlanView."""

    @expose("/make", methods=["GET", "POST"])
    @has_access
    def make(self) -> Any:
        """First who, then the page of this customer."""
        customer = _customer(self.actor, request.args.get("customer", ""))
        if customer is not None:
            return self._when(customer)
        form = WhoForm(formdata=request.args if request.args else None)
        return self.render_template(
            "plans/who.html", title=_("New recurring plan"), form=form, crumbs=self.crumbs()
        )

    def _when(self, customer: CustomerAccount) -> Any:
        addresses = addresses_of(customer.id)
        form = WhenForm(
            data={
                "starts_on": clock.today(), "on_holidays": "skip",
                "address": next(iter(addresses), ""),
            }
        )  # fmt: skip
        form.address.labels = addresses
        shown, plan = None, None
        if form.validate_on_submit():
            try:
                shown = self._looked(form, customer)
                if request.form.get("make") and form.shown.data == shown.hash:
                    plan = self._made(form, customer, shown)
            except DomainError as error:
                form.refuse_with(error)
            if plan is not None:
                return redirect(self.url_of("show", pk=plan.id))
        self._remember(form, shown)
        page = self.render_template(
            "plans/make.html", title=_("New recurring plan"), form=form, crumbs=self.crumbs(),
            customer=customer, chosen=choosing_services.shown(), shown=shown, made=shown,
            lines=plan_preview.lines_of(shown), often=in_words(shown.rule) if shown else "",
        )  # fmt: skip
        return (page, 422) if form.is_submitted() and shown is None else page

    def _looked(self, form: WhenForm, customer: CustomerAccount) -> Preview:
        """What was looked at before is looked at again with the same quote while it stands."""
        wishes = choosing_services.typed()
        quote = _quote_again(form, customer, wishes)
        if quote is None:
            address_id = int(str(form.address.data))
            quote = quotes.make_quote(customer.id, address_id, wishes, actor=self.actor)
        return looking.preview(quote, form.wish())

    def _made(self, form: WhenForm, customer: CustomerAccount, shown: Preview) -> ServicePlan:
        return making.create_plan(
            customer.id, shown.quote.number, form.wish(), shown.hash,
            choices=plan_preview.choices_of(shown), note=str(form.note.data or ""),
            actor=self.actor,
        )  # fmt: skip

    def _remember(self, form: WhenForm, shown: Preview | None) -> None:
        """Of what the page shows now; what was typed is changed by the next look."""
        form.quote.data = shown.quote.number if shown else ""
        form.shown.data = shown.hash if shown else ""
        form.quote.raw_data = form.shown.raw_data = None


def _customer(actor: Any, key: str) -> CustomerAccount | None:
    if not key.isdigit() or len(key) > 15:
        return None
    return access.row_for(actor, CustomerAccount, int(key))


def addresses_of(customer_id: int) -> dict[str, str]:
    """The door stays closed: district, label and contact tell which one is meant."""
    query = sa.select(Address).filter_by(customer_id=customer_id, archived=False)
    rows = db.session.scalars(query.order_by(Address.id)).all()
    return {str(row.id): f"{row.region.name} {row.label or row.contact_name}" for row in rows}


def _quote_again(form: WhenForm, customer: CustomerAccount, wishes: list[ItemWish]) -> Quote | None:
    """The quote that the page showed, if it is of the same address and services and stands."""
    number = str(form.quote.data or "")
    try:
        quote = quotes.quote_of(customer.id, number)
    except DomainError:
        return None
    same = quotes.wishes_of(quote.request) == wishes
    return quote if same and str(quote.address_id) == form.address.data else None
