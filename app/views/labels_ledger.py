"""Words for the accounts of the books, their journals and their proofs."""

from flask_babel import lazy_gettext as _l

from app.reports.settlement.labels import ACCOUNT as ACCOUNT
from app.views.labels import Labels

ACCOUNT_MEANING: Labels = {
    "clearing_wechat": _l("What WeChat Pay holds for us until it pays it out."),
    "clearing_alipay": _l("What Alipay holds for us until it pays it out."),
    "clearing_card": _l("What the bank that takes cards holds for us until it pays it out."),
    "clearing_bank": _l("Bank transfers of customers, until the bank's statement confirms them."),
    "clearing_cash": _l("Cash in the company's till, until it is paid into the bank."),
    "bank": _l("The company's money at the bank."),
    "worker_cash": _l("Cash that a worker took from customers and has not handed in."),
    "customer_receivables": _l("What customers owe for work that is done."),
    "worker_negative": _l("What a worker owes: taken from what he earns next."),
    "customer_prepayments": _l("Paid for work that is not done yet."),
    "refunds_due": _l("Decided to be given back, not yet with the customer."),
    "worker_frozen": _l("Earned and not yet settled."),
    "worker_available": _l("Settled: a worker may withdraw it."),
    "withdrawals_in_transit": _l("On its way to a worker, until the channel says that he has it."),
    "partner_payable": _l("Settled for an agency, paid by the bank."),
    "tax_withheld": _l("Withheld from workers for the tax office."),
    "commission_income": _l("The company's share of the orders that are done."),
    "cancellation_fees": _l("What customers pay for cancelling late."),
    "channel_fees": _l("What channels keep for their service."),
    "coupons": _l("What the company pays of prices: coupons and subsidies."),
    "compensation": _l("What the company gives for what went wrong."),
    "worker_rewards": _l("What workers are given as rewards, less what penalties take from them."),
    "suspense": _l("What bills show too much or too little, until somebody explains it."),
}
# What a proof of the ledger names when it fails.
FAILING_ROW: Labels = {
    "journal": _l("Journal"),
    "journal_key": _l("Business key"),
    "ledger_account": _l("Ledger account"),
    "order": _l("Order"),
    "worker": _l("Worker"),
    "channel": _l("Channel"),
    "channel_bill": _l("Channel's bill"),
    "settlement_run": _l("Settlement run"),
    "period_seal": _l("Sealed period"),
    "payment_attempt": _l("Payment"),
    "refund": _l("Refund"),
}
JOURNAL_KIND: Labels = {
    "payment": _l("Payment received"),
    "refund_due": _l("Refund decided"),
    "refund": _l("Refunded"),
    "goodwill": _l("Compensation paid by hand"),
    "set_off": _l("Compensation set against what is owed"),
    "waiver": _l("Charge of finished work dropped"),
    "refund_twice": _l("Refunded twice: by the channel as well"),
    "cancellation_fee": _l("Cancellation fee"),
    "compensation_back": _l("Compensation above the order's price"),
    "adjustment": _l("Adjustment"),
    "revenue": _l("Revenue recognised"),
    "settlement": _l("Settlement"),
    "cash_held": _l("Cash taken by a worker"),
    "cash_in": _l("Cash handed in"),
    "withdrawal": _l("Withdrawal asked for"),
    "withdrawal_paid": _l("Withdrawal paid"),
    "withdrawal_back": _l("Withdrawal came back"),
    "withdrawal_returned": _l("Withdrawal returned by the bank"),
    "payout": _l("Agencies paid by the bank"),
    "manual": _l("Manual journal"),
    "reversal": _l("Reversal"),
    "opening": _l("Opening balance"),
}
SOURCE_KIND: Labels = {
    "payment_attempt": _l("Payment"),
    "refund": _l("Refund"),
    "order": _l("Order"),
    "statement": _l("Statement"),
    "withdrawal": _l("Withdrawal"),
    "payout_batch": _l("Payout batch"),
    "adjustment": _l("Adjustment"),
    "difference": _l("Difference"),
    "manual_journal": _l("Manual journal"),
    "worker": _l("Worker"),
}
