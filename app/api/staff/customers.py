"""Customers without phone or door, what they like, and what they are offered."""

from typing import Any

from marshmallow import Schema, fields

from app.api.customer.addresses import LONGEST_DETAIL, RegionNameResponse
from app.api.customer.plan_schemas import PlanRequest, PreviewResponse, WishRequest
from app.api.customer.plans import wish_of
from app.api.customer.quotes import QuoteRequest, QuoteResponse, wishes_of
from app.api.fields import PHONE, Instant, Text, Whole, text_for
from app.api.places import point_of
from app.api.schemas import PositionRequest, Request
from app.api.staff.base import StaffApi, StaffReadApi
from app.api.staff.money_verbs import DecidedResponse
from app.api.staff.plans import MadePlanResponse
from app.api.staff.verbs import DataResponse, WhyRequest, handing_over, verb
from app.fab_interface import ModelInterface
from app.models import (
    Address,
    Approval,
    BlockedPair,
    Branch,
    Campaign,
    Consent,
    Coupon,
    CouponTemplate,
    CustomerAccount,
    CustomerTag,
    Favourite,
    Preference,
    Quote,
    Redemption,
    Segment,
    ServicePlan,
    SlotHold,
    Source,
    Tag,
)
from app.services import access
from app.services.crm import giving
from app.services.customers import calling, erasing
from app.services.customers.addresses import AddressInput
from app.services.identity import blocking
from app.services.orders import manual, quotes
from app.services.plans import looking, making
from app.services.plans.looking import Preview


class GiveRequest(Request):
    customer_id = Whole(required=True)


class GivenResponse(Schema):
    """`code`: what the customer names when a price is asked for."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    expires_at = Instant(required=True)


class CallerRequest(Request):
    """`branch`: needed by who sees several."""

    phone = Text(20, required=True, pattern=PHONE)
    name = text_for(CustomerAccount.name, low=1, required=True)
    branch = Whole(load_default=None, allow_none=True)


class CallersAddressRequest(Request):
    """Without a contact it is the customer; without a position, the middle of the region."""

    region_code = Text(6, required=True, pattern="[0-9]{6}")
    detail = Text(LONGEST_DETAIL, required=True, low=1)
    contact_name = text_for(Address.contact_name, load_default="")
    contact_phone = Text(20, pattern=PHONE, load_default="")
    position = fields.Nested(PositionRequest, load_default=None, allow_none=True)
    label = text_for(Address.label, load_default="")
    access_note = text_for(Address.access_note, load_default="")


class CallersAddressResponse(Schema):
    id = fields.Integer(required=True)
    region = fields.Nested(RegionNameResponse, required=True)
    label = fields.String(required=True)


class StaffAddressApi(StaffReadApi):
    datamodel = ModelInterface(Address)
    resource_name = "addresses"
    list_columns = ["id", "customer", "region"]
    show_columns = [*list_columns, "archived", "created_at", "version"]
    search_columns = ["customer", "region"]
    base_order = ("id", "desc")


class StaffBlockedPairApi(StaffReadApi):
    datamodel = ModelInterface(BlockedPair)
    resource_name = "blocked-pairs"
    list_columns = ["id", "customer", "worker", "asked_by", "reason", "created_at"]
    show_columns = list_columns
    search_columns = ["customer", "worker", "asked_by"]
    base_order = ("id", "desc")


class StaffCampaignApi(StaffReadApi):
    datamodel = ModelInterface(Campaign)
    resource_name = "campaigns"
    list_columns = [
        "id", "name", "segment", "template", "starts_at", "ends_at", "budget_fen", "status",
    ]  # fmt: skip
    show_columns = [*list_columns, "created_at", "version"]
    search_columns = ["name", "segment", "template", "status", "starts_at"]
    base_order = ("id", "desc")


class StaffConsentApi(StaffReadApi):
    datamodel = ModelInterface(Consent)
    resource_name = "consents"
    list_columns = ["id", "customer", "worker", "kind", "given", "text_version", "at"]
    show_columns = list_columns
    search_columns = ["customer", "worker", "kind", "given", "at"]
    base_order = ("id", "desc")


class StaffCouponApi(StaffReadApi):
    datamodel = ModelInterface(Coupon)
    resource_name = "coupons"
    list_columns = ["id", "code", "template", "customer", "status", "expires_at", "created_at"]
    show_columns = [*list_columns, "campaign", "version"]
    search_columns = ["code", "template", "customer", "campaign", "status", "expires_at"]
    base_order = ("id", "desc")


class StaffCouponTemplateApi(StaffReadApi):
    datamodel = ModelInterface(CouponTemplate)
    resource_name = "coupon-templates"
    list_columns = [
        "id", "name", "kind", "amount_fen", "rate_bp", "from_fen", "given_count", "used_count",
        "valid_to", "active",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "name_en", "code", "most_fen", "service_codes", "per_customer", "given_most",
        "valid_from", "created_at", "version",
    ]  # fmt: skip
    search_columns = ["name", "code", "kind", "active", "valid_to"]
    base_order = ("id", "desc")

    @verb(GiveRequest, GivenResponse)
    def give(self, pk: int, body: dict[str, Any]) -> Coupon:
        access.row_for(self.actor, CustomerAccount, body["customer_id"])
        return giving.give(pk, body["customer_id"], actor=self.actor)


class StaffCustomerApi(StaffReadApi):
    datamodel = ModelInterface(CustomerAccount)
    resource_name = "customers"
    list_columns = ["id", "name", "branch", "status", "created_at"]
    show_columns = [*list_columns, "locale", "version"]
    search_columns = ["name", "branch", "status", "created_at"]
    include_route_methods = {"get_list", "get", "post"}
    base_order = ("id", "desc")

    def _schema(self, verb: str) -> Schema:
        return CallerRequest() if verb == "add" else super()._schema(verb)

    def create(self, values: dict[str, Any]) -> CustomerAccount:
        """Somebody who calls and has no account yet."""
        branch: Branch | None = values["branch"]
        return calling.register(
            values["phone"], values["name"], branch_id=branch.id if branch else None,
            actor=self.actor,
        )  # fmt: skip

    @verb(CallersAddressRequest, CallersAddressResponse)
    def add_address(self, pk: int, body: dict[str, Any]) -> Address:
        """Where the customer wants to be visited, as she says it on the phone."""
        position = body.pop("position")
        point = point_of(position) if position else None
        given = AddressInput(
            **body, lat=point.lat if point else None, lng=point.lng if point else None
        )
        return calling.add_address(pk, given, actor=self.actor)

    @verb(QuoteRequest, QuoteResponse)
    def quote(self, pk: int, body: dict[str, Any]) -> Quote:
        """What services cost at an address of the customer, line by line."""
        customer = manual.customer_of(pk)
        return quotes.make_quote(
            customer.id, wishes=wishes_of(body.pop("items")), **body, actor=self.actor
        )

    @verb(WishRequest, PreviewResponse)
    def plan_preview(self, pk: int, body: dict[str, Any]) -> Preview:
        """Every date of a plan as it would be; its hash goes with `make_plan`."""
        number = body.pop("quote_number")
        return looking.preview(quotes.quote_of(pk, number), wish_of(pk, number, body))

    @verb(WhyRequest)
    def block(self, pk: int, body: dict[str, Any]) -> None:
        """The customer is logged out at once and cannot book; open orders stay."""
        blocking.block_customer(pk, body["reason"], actor=self.actor)

    @verb(WhyRequest)
    def unblock(self, pk: int, body: dict[str, Any]) -> None:
        blocking.unblock_customer(pk, body["reason"], actor=self.actor)

    @handing_over(DataResponse)
    def export_data(self, pk: int) -> Any:
        """All that is kept about the customer, for him."""
        return {"tables": erasing.data_of(pk, actor=self.actor)}

    @verb(WhyRequest, DecidedResponse)
    def ask_erasure(self, pk: int, body: dict[str, Any]) -> Approval:
        """Ask operations to erase the customer; refused while something is open."""
        return erasing.ask_erasure(pk, body["reason"], actor=self.actor)

    @verb(PlanRequest, MadePlanResponse)
    def make_plan(self, pk: int, body: dict[str, Any]) -> ServicePlan:
        number, shown, note = (body.pop(name) for name in ("quote_number", "hash", "note"))
        choices = [making.Choice(**choice) for choice in body.pop("choices")]
        return making.create_plan(
            pk, number, wish_of(pk, number, body), shown,
            choices=choices, note=note, actor=self.actor,
        )  # fmt: skip


class StaffCustomerTagApi(StaffReadApi):
    datamodel = ModelInterface(CustomerTag)
    resource_name = "customer-tags"
    list_columns = ["id", "customer", "tag", "created_at"]
    show_columns = list_columns
    search_columns = ["customer", "tag"]
    base_order = ("id", "desc")


class StaffFavouriteApi(StaffReadApi):
    datamodel = ModelInterface(Favourite)
    resource_name = "favourites"
    list_columns = ["id", "customer", "worker", "service", "created_at"]
    show_columns = list_columns
    search_columns = ["customer", "worker", "service"]
    base_order = ("id", "desc")


class StaffPreferenceApi(StaffReadApi):
    datamodel = ModelInterface(Preference)
    resource_name = "preferences"
    list_columns = ["id", "customer", "worker_gender", "same_worker", "quiet", "payment_method"]
    show_columns = [*list_columns, "note", "created_at", "version"]
    search_columns = ["customer", "worker_gender", "same_worker"]
    base_order = ("id", "desc")


class StaffQuoteApi(StaffReadApi):
    datamodel = ModelInterface(Quote, load=("address.region",))
    resource_name = "quotes"
    list_columns = ["id", "number", "total_fen", "minutes", "created_at", "expires_at"]
    show_columns = list_columns
    search_columns = ["number", "created_at"]
    base_order = ("id", "desc")


class StaffRedemptionApi(StaffReadApi):
    datamodel = ModelInterface(Redemption, load=("coupon",))
    resource_name = "redemptions"
    list_columns = ["id", "order", "amount_fen", "created_at", "returned_at"]
    show_columns = list_columns
    search_columns = ["order", "created_at", "returned_at"]
    base_order = ("id", "desc")


class StaffSegmentApi(StaffReadApi):
    datamodel = ModelInterface(Segment)
    resource_name = "segments"
    list_columns = ["id", "name", "rules", "active", "created_at"]
    show_columns = [*list_columns, "note", "version"]
    search_columns = ["name", "active"]
    base_order = ("id", "desc")


class StaffSlotHoldApi(StaffReadApi):
    datamodel = ModelInterface(SlotHold)
    resource_name = "slot-holds"
    list_columns = ["id", "number", "customer", "starts_at", "ends_at", "status", "expires_at"]
    show_columns = [*list_columns, "created_at", "version"]
    search_columns = ["number", "status", "customer", "starts_at"]
    base_order = ("id", "desc")


class StaffSourceApi(StaffApi):
    datamodel = ModelInterface(Source)
    resource_name = "sources"
    list_columns = ["id", "name", "code", "kind", "active"]
    show_columns = [*list_columns, "name_en", "version"]
    search_columns = ["name", "code", "kind", "active"]
    add_columns = edit_columns = ["code", "name", "name_en", "kind", "active"]
    base_order = ("id", "desc")


class StaffTagApi(StaffApi):
    datamodel = ModelInterface(Tag)
    resource_name = "tags"
    list_columns = ["id", "name", "colour", "active"]
    show_columns = [*list_columns, "version"]
    search_columns = ["name", "active"]
    add_columns = edit_columns = ["name", "colour", "active"]
    base_order = ("id", "desc")


APIS = (
    StaffAddressApi,
    StaffBlockedPairApi,
    StaffCampaignApi,
    StaffConsentApi,
    StaffCouponApi,
    StaffCouponTemplateApi,
    StaffCustomerApi,
    StaffCustomerTagApi,
    StaffFavouriteApi,
    StaffPreferenceApi,
    StaffQuoteApi,
    StaffRedemptionApi,
    StaffSegmentApi,
    StaffSlotHoldApi,
    StaffSourceApi,
    StaffTagApi,
)
