"""What the channels say of our money, and where they and we differ."""

from flask_babel import lazy_gettext as _l

from app.models import BillItem, ChannelBill, Difference, ReconciliationRun
from app.views import labels
from app.views import labels_money as words
from app.views.base import Lookup, ModelInterface
from app.views.scoped import RecordView


def day_of(row: ChannelBill | ReconciliationRun) -> str:
    """What a bill or a reconciliation is called: channel and day."""
    return f"{labels.PAY_CHANNEL.get(row.channel, row.channel)} {row.bill_on}"


CHANNEL = {"channel": _l("Channel"), "bill_on": _l("Day of the bill")}


class BillItemView(RecordView):
    datamodel = ModelInterface(BillItem)
    noun, noun_plural = _l("Line of a bill"), _l("Lines of bills")
    list_columns = ["bill", "kind", "reference", "channel_reference", "amount_fen", "fee_fen", "at"]
    show_columns = list_columns
    search_columns = ["bill", "kind", "reference", "channel_reference"]
    label_columns = {
        "bill": _l("Bill"),
        "reference": _l("Our reference"),
        "channel_reference": _l("Reference of the channel"),
        "fee_fen": _l("Fee"),
        "at": _l("Time"),
    }
    choices = {"kind": words.BILL_ITEM_KIND}
    formatters_columns = {"bill": day_of}
    lookups = {"bill": Lookup(search=("channel",), order="bill_on", label=day_of)}
    base_order = ("id", "desc")

    def name_of(self, row: BillItem) -> str:
        return row.reference


class ChannelBillView(RecordView):
    datamodel = ModelInterface(ChannelBill)
    noun, noun_plural = _l("Channel's bill"), _l("Channels' bills")
    list_columns = ["bill_on", "channel", "kind", "lines", "in_fen", "out_fen", "fee_fen"]
    show_columns = [*list_columns, "sha256", "created_at"]
    search_columns = ["bill_on", "channel", "kind"]
    label_columns = {
        **CHANNEL,
        "lines": _l("Number of lines"),
        "in_fen": _l("Came in"),
        "out_fen": _l("Went out"),
        "fee_fen": _l("Fees"),
        "sha256": _l("Fingerprint"),
    }
    choices = {"channel": labels.PAY_CHANNEL, "kind": words.BILL_KIND}
    base_order = ("bill_on", "desc")
    related_views = [BillItemView]

    def name_of(self, row: ChannelBill) -> str:
        return day_of(row)


class DifferenceView(RecordView):
    datamodel = ModelInterface(Difference)
    noun, noun_plural = _l("Difference"), _l("Differences")
    list_columns = ["run", "kind", "reference", "ours_fen", "theirs_fen", "status", "created_at"]
    show_columns = [*list_columns, "disposition", "note", "journal_id"]
    search_columns = ["run", "kind", "reference", "status", "created_at"]
    label_columns = {
        "run": _l("Reconciliation"),
        "reference": _l("Our reference"),
        "ours_fen": _l("In our books"),
        "theirs_fen": _l("On the bill"),
        "disposition": _l("What was done"),
        "journal_id": _l("Journal"),
    }
    choices = {"status": words.DIFFERENCE_STATUS, "kind": words.DIFFERENCE_KIND}
    badges = {"status": words.DIFFERENCE_KINDS}
    formatters_columns = {"run": day_of}
    lookups = {"run": Lookup(search=("channel",), order="bill_on", label=day_of)}
    base_order = ("id", "desc")

    def name_of(self, row: Difference) -> str:
        return row.reference


class ReconciliationRunView(RecordView):
    route_base = "/reconciliation"
    datamodel = ModelInterface(ReconciliationRun)
    noun, noun_plural = _l("Reconciliation"), _l("Reconciliation")
    list_columns = [
        "bill_on", "channel", "matched", "differences", "ours_fen", "theirs_fen", "status",
    ]  # fmt: skip
    show_columns = [*list_columns, "created_at"]
    search_columns = ["bill_on", "channel", "status"]
    label_columns = {
        **CHANNEL,
        "matched": _l("Matched lines"),
        "differences": _l("Differences"),
        "ours_fen": _l("In our books"),
        "theirs_fen": _l("On the bill"),
    }
    choices = {"channel": labels.PAY_CHANNEL, "status": words.RECONCILIATION_STATUS}
    badges = {"status": words.RECONCILIATION_KINDS}
    base_order = ("bill_on", "desc")
    related_views = [DifferenceView]
    empty_next = _l("A bill of a channel is compared with our books once it has been fetched.")

    def name_of(self, row: ReconciliationRun) -> str:
        return day_of(row)
