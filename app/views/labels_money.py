"""Words for refunds, adjustments, payouts, and for bills of the channels."""

from flask_babel import lazy_gettext as _l

from app.views.labels import Labels, with_colours

NOTICE_OUTCOME: Labels = {
    "received": _l("Received"),
    "applied": _l("Applied"),
    "error": _l("Error"),
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
        "open": (_l("Open"), "bad"),
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
}
ADJUSTMENT_KIND: Labels = {
    "reward": _l("Reward"),
    "penalty": _l("Penalty"),
    "compensation": _l("Compensation"),
    "carry_over": _l("Carried over"),
    "correction": _l("Correction"),
    "refund": _l("Taken back by a refund"),
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
