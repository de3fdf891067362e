"""Who books: customers, their addresses, quotes and held times."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import Address, CustomerAccount, Quote, SlotHold
from app.services import reveals
from app.services.customers import erasing
from app.services.identity import blocking
from app.views import calling, labels, person_story
from app.views.base import Lookup, ModelInterface, RowForm, row_action
from app.views.booking import BookingPages
from app.views.complaints import ComplaintView
from app.views.coupons import CouponView
from app.views.crm import CustomerTagView
from app.views.downloads import data_file
from app.views.formatters import minutes
from app.views.noting import NotedView
from app.views.orders import OrderView
from app.views.plans import ServicePlanView
from app.views.preferences import (
    BlockedPairView,
    ConsentView,
    FavouriteView,
    PreferenceView,
)
from app.views.privacy import (
    BlockCustomerForm,
    PhoneIs,
    ReasonForm,
    RevealForm,
    masked_text,
    open_to,
    revealed,
)
from app.views.scoped import BRANCHES, CUSTOMERS, RecordView, may_list
from app.views.told import quote_lines


class AddressView(RecordView):
    base_permissions = ["can_list", "can_show", "can_add", "can_unmasked"]
    datamodel = ModelInterface(Address)
    noun, noun_plural = _l("Address"), _l("Addresses")
    add_button = add_title = _l("New address")
    adds_several = False
    list_columns = ["customer", "region", "label", "detail", "contact_name", "contact_phone"]
    show_columns = [
        "customer", "region", "label", "detail", "access_note", "contact_name", "contact_phone",
        "lat", "lng", "archived", "created_at",
    ]  # fmt: skip
    search_columns = ["customer", "region"]
    add_columns = calling.ADDRESS_COLUMNS
    add_form_extra_fields = calling.ADDRESS_FIELDS
    label_columns = {
        "region": _l("District"),
        "label": _l("Short name"),
        "detail": _l("Street and door"),
        "contact_name": _l("Contact"),
        "contact_phone": _l("Phone"),
        "access_note": _l("How to get in"),
        "lat": _l("Latitude (GCJ-02)"),
        "lng": _l("Longitude (GCJ-02)"),
        "archived": _l("Archived"),
    }
    formatters_columns = {
        "contact_phone": open_to("AddressView"),
        "detail": open_to("AddressView", masked_text),
    }
    lookups = {"customer": CUSTOMERS, "region": Lookup(search=("name", "code"), order="code")}

    def form_defaults(self) -> dict[str, Any]:
        asked = request.args.get("_flt_0_customer", "")
        found = self.lookups["customer"].find(self.datamodel.session, [asked])
        unmasked = self.may("can_unmasked", "CustomerView")
        return calling.contact_of(found[0], unmasked=unmasked) if found else {}

    def create(self, form: RowForm) -> Address:
        return calling.added(form, actor=self.actor)

    def after_adding(self, key: int) -> str:
        may_book = self.may("can_booking", "CustomerView")
        return calling.after_address(self.row_or_404(key), may_book=may_book)

    @row_action("reveal", _l("Show the phone"), icon="fa-eye", form=RevealForm)
    def reveal(self, pk: int, form: RevealForm) -> str:
        row = self.row_or_404(pk)
        number = reveals.reveal(row, "contact_phone", reason=form.why, actor=self.actor)
        return revealed(_l("Phone"), number)


class QuoteView(RecordView):
    datamodel = ModelInterface(Quote, load=("address.region",))
    noun, noun_plural = _l("Quote"), _l("Quotes")
    list_columns = ["number", "address", "total_fen", "minutes", "created_at", "expires_at"]
    show_columns = [*list_columns, "content"]
    search_columns = ["number", "created_at"]
    label_columns = {
        "minutes": _l("Duration"),
        "expires_at": _l("Valid until"),
        "content": _l("Lines"),
    }
    formatters_columns: dict[str, Any] = {"minutes": minutes, "content": quote_lines}
    base_order = ("created_at", "desc")

    def name_of(self, row: Quote) -> str:
        return row.number


class SlotHoldView(RecordView):
    datamodel = ModelInterface(SlotHold)
    noun, noun_plural = _l("Held time"), _l("Held times")
    list_columns = ["number", "customer", "starts_at", "ends_at", "status", "expires_at"]
    show_columns = [*list_columns, "quote.number", "quote.total_fen", "created_at"]
    search_columns = ["number", "status", "customer", "starts_at"]
    label_columns = {
        "expires_at": _l("Kept until"),
        "quote.number": _l("Quote"),
        "quote.total_fen": _l("Amount"),
    }
    choices = {"status": labels.HOLD_STATUS}
    badges = {"status": labels.HOLD_KINDS}
    lookups = {"customer": CUSTOMERS}
    base_order = ("starts_at", "desc")

    def name_of(self, row: SlotHold) -> str:
        return row.number


class CustomerView(BookingPages, NotedView, RecordView):
    base_permissions = ["can_list", "can_show", "can_add", "can_unmasked"]
    note_kind = "customer"
    datamodel = ModelInterface(CustomerAccount)
    noun, noun_plural = _l("Customer"), _l("Customers")
    add_button = add_title = _l("New customer")
    adds_several = False
    list_columns = ["name", "phone", "branch", "status", "created_at"]
    show_columns = ["name", "phone", "branch", "status", "locale", "created_at"]
    search_columns = ["name", "phone", "branch", "status", "created_at"]
    search_filters = {"phone": [PhoneIs]}
    add_columns = ["name", "phone", "branch"]
    add_form_extra_fields = calling.CUSTOMER_FIELDS
    label_columns = {"name": _l("Full name"), "locale": _l("Language")}
    formatters_columns = {"phone": open_to("CustomerView")}
    choices = {"status": labels.ACCOUNT_STATUS, "locale": {"zh": "中文", "en": "English"}}
    badges = {"status": labels.ACCOUNT_KINDS}
    lookups = {"branch": BRANCHES}
    base_order = ("created_at", "desc")
    related_views = [
        OrderView, AddressView, ComplaintView, CouponView, ServicePlanView, CustomerTagView,
        PreferenceView, FavouriteView, BlockedPairView, ConsentView,
    ]  # fmt: skip
    show_template = "people/story.html"
    empty_text = _l("A customer appears here with the first log-in, or when a caller is added.")

    def create(self, form: RowForm) -> CustomerAccount:
        return calling.registered(form, actor=self.actor)

    def after_adding(self, key: int) -> str:
        adds = self.may("can_add", "AddressView")
        return calling.address_form(key) if adds else self.back_to_row(key)

    def show_context(self, row: CustomerAccount) -> dict[str, Any]:
        stats = person_story.of_customer(row, lists=may_list, actor=self.actor)
        return {"stats": stats, "notes": self.notes_of(row)}

    @row_action("block", _l("Block"), icon="fa-user-lock", danger=True, form=BlockCustomerForm,
                confirm=_l("Block this customer? He is logged out at once and cannot book."),
                when=lambda customer: customer.status == "active")  # fmt: skip
    def block(self, pk: int, form: BlockCustomerForm) -> None:
        blocking.block_customer(pk, form.why, actor=self.actor)

    @row_action("unblock", _l("Unblock"), icon="fa-lock-open", form=ReasonForm,
                when=lambda customer: customer.status == "blocked")  # fmt: skip
    def unblock(self, pk: int, form: ReasonForm) -> None:
        blocking.unblock_customer(pk, form.why, actor=self.actor)

    @row_action("export_data", _l("Hand over all data"), icon="fa-file-export", multiple=False,
                when=lambda customer: customer.status != "erased")  # fmt: skip
    def export_data(self, pk: int) -> Any:
        return data_file(erasing.data_of(pk, actor=self.actor), f"customer-{pk}.json")

    @row_action("ask_erasure", _l("Erase all data"), icon="fa-user-slash", danger=True,
                form=ReasonForm,
                confirm=_l("Ask somebody else to erase this customer? It cannot be undone."),
                when=lambda customer: customer.status != "erased")  # fmt: skip
    def ask_erasure(self, pk: int, form: ReasonForm) -> str:
        erasing.ask_erasure(pk, form.why, actor=self.actor)
        return str(_("Sent. Operations decide it under Approvals."))

    @row_action("reveal", _l("Show the phone"), icon="fa-eye", form=RevealForm,
                when=lambda customer: customer.status != "erased")  # fmt: skip
    def reveal(self, pk: int, form: RevealForm) -> str:
        row = self.row_or_404(pk)
        number = reveals.reveal(row, "phone", reason=form.why, actor=self.actor)
        return revealed(_l("Phone"), number)
