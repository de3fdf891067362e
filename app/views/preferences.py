"""What customers like, whom they do not want to meet again, and what they agreed to."""

from flask_babel import lazy_gettext as _l

from app.models import BlockedPair, Consent, Favourite, Preference
from app.views import labels, labels_orders, labels_people
from app.views.base import ModelInterface
from app.views.scoped import CUSTOMERS, SERVICES, WORKERS, RecordView, ReferenceView


class PreferenceView(RecordView):
    datamodel = ModelInterface(Preference)
    noun, noun_plural = _l("Preference"), _l("Preferences")
    list_columns = ["customer", "worker_gender", "same_worker", "quiet", "payment_method"]
    show_columns = [*list_columns, "note", "created_at"]
    search_columns = ["customer", "worker_gender", "same_worker"]
    label_columns = {
        "worker_gender": _l("Wishes for"),
        "same_worker": _l("The same worker again"),
        "quiet": _l("Quiet, please"),
        "payment_method": _l("Usual way to pay"),
    }
    choices = {"worker_gender": labels_people.WORKER_GENDER, "payment_method": labels.PAY_CHANNEL}
    lookups = {"customer": CUSTOMERS}

    def name_of(self, row: Preference) -> str:
        return str(row.customer)


class FavouriteView(RecordView):
    datamodel = ModelInterface(Favourite)
    noun, noun_plural = _l("Favourite"), _l("Favourites")
    list_columns = ["customer", "worker", "service", "created_at"]
    show_columns = list_columns
    search_columns = ["customer", "worker", "service"]
    lookups = {"customer": CUSTOMERS, "worker": WORKERS, "service": SERVICES}
    base_order = ("created_at", "desc")

    def name_of(self, row: Favourite) -> str:
        return f"{row.customer} · {row.worker or row.service}"


class BlockedPairView(ReferenceView):
    base_permissions = ["can_list", "can_show", "can_add", "can_delete"]
    datamodel = ModelInterface(BlockedPair)
    noun, noun_plural = _l("Blocked pair"), _l("Blocked pairs")
    list_columns = ["customer", "worker", "asked_by", "reason", "created_at"]
    show_columns = list_columns
    search_columns = ["customer", "worker", "asked_by"]
    add_columns = ["customer", "worker", "asked_by", "reason"]
    label_columns = {"asked_by": _l("Asked for by")}
    choices = {"asked_by": labels_orders.ASKED_BY}
    lookups = {"customer": CUSTOMERS, "worker": WORKERS}
    base_order = ("created_at", "desc")
    empty_text = _l("Nobody is kept from anybody.")

    def name_of(self, row: BlockedPair) -> str:
        return f"{row.customer} · {row.worker}"


class ConsentView(RecordView):
    datamodel = ModelInterface(Consent)
    noun, noun_plural = _l("Consent"), _l("Consents")
    list_columns = ["customer", "worker", "kind", "given", "text_version", "at"]
    show_columns = [*list_columns, "address"]
    search_columns = ["customer", "worker", "kind", "given", "at"]
    label_columns = {
        "given": _l("Given"),
        "text_version": _l("Version of the text"),
        "at": _l("Time"),
        "address": _l("Network address"),
    }
    choices = {"kind": labels_people.CONSENT_KIND}
    lookups = {"customer": CUSTOMERS, "worker": WORKERS}
    base_order = ("id", "desc")

    def name_of(self, row: Consent) -> str:
        return f"{row.customer or row.worker} · {labels_people.CONSENT_KIND[row.kind]}"
