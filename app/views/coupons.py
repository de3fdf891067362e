"""What customers are offered: coupons, what was taken off, and campaigns."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, NumberRange, Optional

from app.models import Campaign, Coupon, CouponTemplate, CustomerAccount, Redemption, Service
from app.services.crm import campaigns, giving
from app.views import labels_crm as words
from app.views.base import Lookup, ModelInterface, RowForm, row_action
from app.views.catalog import CODE
from app.views.fields import RowSelectField, RowsSelectField, above_zero
from app.views.fields_calendar import PercentField
from app.views.formatters import joined, percent
from app.views.scoped import (
    CUSTOMERS,
    NAMES,
    ORDERS,
    SERVICES,
    RecordView,
    ReferenceView,
    long_text,
)

ENDS_FIRST = _l("The end must come after the start")
TEMPLATES = Lookup(search=("name", "code"))
CAMPAIGNS = Lookup(search=("name",))


class RedemptionView(RecordView):
    datamodel = ModelInterface(Redemption, load=("coupon",))
    noun, noun_plural = _l("Redeemed coupon"), _l("Redeemed coupons")
    list_columns = ["order", "coupon.code", "amount_fen", "created_at", "returned_at"]
    show_columns = list_columns
    search_columns = ["order", "created_at", "returned_at"]
    label_columns = {"coupon.code": _l("Coupon"), "returned_at": _l("Given back at")}
    lookups = {"order": ORDERS}
    base_order = ("id", "desc")

    def name_of(self, row: Redemption) -> str:
        return f"{row.order} · {row.coupon.code}"


class CouponView(RecordView):
    datamodel = ModelInterface(Coupon)
    noun, noun_plural = _l("Coupon"), _l("Coupons")
    list_columns = ["code", "template", "customer", "status", "expires_at", "created_at"]
    show_columns = [*list_columns, "campaign"]
    search_columns = ["code", "template", "customer", "campaign", "status", "expires_at"]
    label_columns = {
        "template": _l("Kind of coupon"),
        "campaign": _l("Campaign"),
        "expires_at": _l("Valid until"),
    }
    choices = {"status": words.COUPON_STATUS}
    badges = {"status": words.COUPON_KINDS}
    lookups = {"template": TEMPLATES, "customer": CUSTOMERS, "campaign": CAMPAIGNS}
    base_order = ("id", "desc")

    related_views = [RedemptionView]

    def name_of(self, row: Coupon) -> str:
        return row.code


class GiveForm(RowForm):
    customer: Any = RowSelectField(
        _l("Customer"),
        lookup=CUSTOMERS.of(CustomerAccount),
        source=lambda: "/couponview/lookup/customer",
        validators=[InputRequired()],
    )


class CouponTemplateView(ReferenceView):
    datamodel = ModelInterface(CouponTemplate)
    noun, noun_plural = _l("Kind of coupon"), _l("Kinds of coupons")
    list_columns = [
        "name", "kind", "amount_fen", "rate_bp", "from_fen", "given_count", "used_count",
        "valid_to", "active",
    ]  # fmt: skip
    show_columns = [
        "name", "name_en", "code", "kind", "amount_fen", "rate_bp", "from_fen", "most_fen",
        "service_codes", "per_customer", "given_most", "given_count", "used_count", "valid_from",
        "valid_to", "active", "created_at",
    ]  # fmt: skip
    search_columns = ["name", "code", "kind", "active", "valid_to"]
    add_fieldsets = edit_fieldsets = [
        (_l("What it is"), {"fields": ["name", "name_en", "code", "active"]}),
        (_l("What it takes off"), {"fields": ["kind", "amount_fen", "rate_bp", "most_fen"]}),
        (_l("When it can be used"), {"fields": ["from_fen", "services", "valid_from", "valid_to"]}),
        (_l("How many"), {"fields": ["given_most", "per_customer"]}),
    ]
    label_columns = {
        **NAMES,
        "amount_fen": _l("Amount off"),
        "rate_bp": _l("Per cent off"),
        "from_fen": _l("From a price of"),
        "most_fen": _l("At most off"),
        "service_codes": _l("Only for services"),
        "services": _l("Only for services"),
        "per_customer": _l("Most per customer"),
        "given_most": _l("Most given out"),
        "given_count": _l("Given out"),
        "used_count": _l("Used"),
    }
    add_form_extra_fields = {
        "rate_bp": PercentField(
            _l("Per cent off"), default=0, description=_l("0 for a coupon of an amount")
        ),
        "services": RowsSelectField(
            _l("Only for services"), lookup=SERVICES.of(Service), description=_l("Empty: for all"),
            source=lambda: "/coupontemplateview/lookup/services",
        ),
    }  # fmt: skip
    edit_form_extra_fields = add_form_extra_fields
    description_columns = {
        "amount_fen": _l("0 for a coupon in per cent"),
        "most_fen": _l("Empty: no limit"),
        "given_most": _l("No more than this many are ever given out"),
    }
    formatters_columns = {"rate_bp": percent, "service_codes": joined}
    validators_columns = {
        "code": CODE,
        "amount_fen": [NumberRange(0)],
        "from_fen": [NumberRange(0)],
        "most_fen": [Optional(), above_zero],
        "per_customer": [NumberRange(1, 1000)],
        "given_most": [NumberRange(1, 10_000_000)],
    }
    refusals = {
        "amount_known": ("amount_fen", _l("A coupon of an amount has one, one in per cent has 0")),
        "rate_known": ("rate_bp", _l("A coupon in per cent has one, one of an amount has 0")),
        "rate_in_range": ("rate_bp", _l("Between 0 % and 100 %")),
        "not_too_many_given": ("given_most", _l("More than this were already given out")),
        "in_order": ("valid_to", ENDS_FIRST),
    }
    choices = {"kind": words.COUPON_KIND}
    lookups = {"services": SERVICES.of(Service)}
    base_order = ("id", "desc")
    related_views = [CouponView]
    empty_next = _l("Add what a coupon is worth; campaigns give coupons out.")

    @row_action("give", _l("Give to a customer"), icon="fa-gift", form=GiveForm, multiple=False,
                when=lambda template: template.active)  # fmt: skip
    def give(self, pk: int, form: GiveForm) -> str:
        coupon = giving.give(pk, form.customer.data.id, actor=self.actor)
        return str(_("Given. Its code is %(code)s.", code=coupon.code))

    def create(self, form: RowForm) -> Any:
        row = super().create(form)
        row.service_codes = [service.code for service in form["services"].data or []]
        return row

    def change(self, row: CouponTemplate, form: RowForm) -> None:
        super().change(row, form)
        row.service_codes = [service.code for service in form["services"].data or []]

    def edit_values(self, row: CouponTemplate) -> dict[str, Any]:
        return {"services": campaigns.services_of(row)}


class CampaignView(ReferenceView):
    datamodel = ModelInterface(Campaign)
    noun, noun_plural = _l("Campaign"), _l("Campaigns")
    list_columns = [
        "name", "segment", "template", "starts_at", "ends_at", "budget_fen", "status",
    ]  # fmt: skip
    show_columns = [*list_columns, "message", "created_at"]
    search_columns = ["name", "segment", "template", "status", "starts_at"]
    add_columns = edit_columns = [
        "name", "segment", "template", "starts_at", "ends_at", "budget_fen", "message",
    ]  # fmt: skip
    label_columns = {
        "segment": _l("Segment"),
        "template": _l("Kind of coupon"),
        "budget_fen": _l("Budget"),
        "message": _l("Message to the customers"),
    }
    description_columns = {"segment": _l("Empty: all customers")}
    add_form_extra_fields = {"message": long_text(_l("Message to the customers"), most=300)}
    edit_form_extra_fields = add_form_extra_fields
    validators_columns = {"budget_fen": [NumberRange(0)]}
    refusals = {"in_order": ("ends_at", ENDS_FIRST)}
    choices = {"status": words.CAMPAIGN_STATUS}
    badges = {"status": words.CAMPAIGN_KINDS}
    lookups = {"segment": Lookup(search=("name",)), "template": TEMPLATES}
    base_order = ("starts_at", "desc")
    related_views = [CouponView]
    empty_next = _l("Add a draft: a kind of coupon for a segment, in a time, within a budget.")

    def change(self, row: Campaign, form: RowForm) -> None:
        campaigns.check_draft(row)
        super().change(row, form)

    def remove(self, row: Campaign) -> None:
        campaigns.check_draft(row)
        super().remove(row)

    @row_action("end", _l("End"), icon="fa-flag-checkered", multiple=False,
                confirm=_l("End this campaign? It cannot be started again."),
                when=lambda campaign: campaign.status != "ended")  # fmt: skip
    def end(self, pk: int) -> None:
        campaigns.end(pk, actor=self.actor)
