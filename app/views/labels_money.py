"""Words for refunds, adjustments, payouts, and for bills of the channels."""

from flask_babel import lazy_gettext as _l

from app.reports.settlement.labels import ADJUSTMENT_KIND as ADJUSTMENT_KIND
from app.reports.settlement.labels import ADJUSTMENT_REASON as ADJUSTMENT_REASON
from app.views.labels import Labels, with_colours

NOTICE_OUTCOME: Labels = {
    "received": _l("Received"),
    "applied": _l("Processed"),
    "repeated": _l("Said again"),
    "error": _l("Error"),
    # Not believed.
    "invalid_notice": _l("Not genuine"),
    "missing_header": _l("Not genuine: a header is missing"),
    "unknown_key": _l("Not genuine: signed with an unknown key"),
    "stale": _l("Not genuine: too old"),
    "bad_signature": _l("Not genuine: wrong signature"),
    "bad_body": _l("Not understood"),
    "cannot_decrypt": _l("Not genuine: cannot be decrypted"),
    "wrong_merchant": _l("For another merchant"),
    "wrong_app": _l("For another application"),
    # Does not fit the books.
    "payment_unknown": _l("No payment of ours has this number"),
    "refund_unknown": _l("No refund of ours has this number"),
    "withdrawal_unknown": _l("No withdrawal of ours has this number"),
    "payment_mismatch": _l("Not this payment's amount, channel or number there"),
    "refund_mismatch": _l("Not this refund's amount or number there"),
    "transfer_mismatch": _l("Not this withdrawal's amount or number there"),
    "conflict": _l("Does not fit our books"),
    "illegal_transition": _l("Not possible in this state"),
    "invalid_input": _l("A part of it is no value that we take"),
    "busy": _l("We were busy: the channel sends it again"),
    "outcome_unknown": _l("The channel did not answer our question"),
    "outside_error": _l("The channel refused our question"),
}
BILL_KIND: Labels = {"trade": _l("Trades"), "fund_flow": _l("Flow of funds")}
BILL_ITEM_KIND: Labels = {
    "payment": _l("Payment"),
    "refund": _l("Refund"),
    "transfer": _l("Payout"),
    "fee": _l("Fee"),
    "other": _l("Other"),
}
RECONCILIATION_STATUS, RECONCILIATION_KINDS = with_colours(
    {
        "open": (_l("Open"), "warn"),
        "different": (_l("Has differences"), "bad"),
        "matched": (_l("Matched"), "good"),
    }
)
DIFFERENCE_STATUS, DIFFERENCE_KINDS = with_colours(
    {
        "open": (_l("To be dealt with"), "bad"),
        "explained": (_l("Explained"), "info"),
        "posted": (_l("Posted"), "good"),
    }
)
DIFFERENCE_KIND: Labels = {
    "only_ours": _l("Only in our books"),
    "only_theirs": _l("Only on the bill"),
    "amount": _l("Other amount"),
    "fee": _l("Other fee"),
    "status": _l("Other state"),
}
REFUND_KIND: Labels = {
    "surplus": _l("Paid too much"),
    "refund": _l("Refund"),
    "compensation": _l("Compensation"),
    "goodwill": _l("Compensation beyond what was paid"),
    "set_off": _l("Compensation set against what is owed"),
    "waiver": _l("Charge dropped"),
}
ADJUSTMENT_STATUS, ADJUSTMENT_KINDS = with_colours(
    {
        "asked": (_l("Waiting for approval"), "warn"),
        "approved": (_l("Approved"), "info"),
        "refused": (_l("Refused"), "off"),
        "settled": (_l("Settled"), "good"),
    }
)
MANUAL_STATUS, MANUAL_KINDS = with_colours(
    {
        "asked": (_l("Waits for approval"), "warn"),
        "posted": (_l("Posted"), "good"),
        "refused": (_l("Refused"), "off"),
    }
)
BATCH_STATUS, BATCH_KINDS = with_colours(
    {
        "draft": (_l("Draft"), "off"),
        "approved": (_l("Approved"), "info"),
        "paid": (_l("Paid"), "good"),
        "cancelled": (_l("Cancelled"), "off"),
    }
)
