"""Words for what payment channels answer when they refuse to give back or to pay out."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.views.formatters import plain
from app.views.labels import Labels

CODE = re.compile(r"[A-Z][A-Z0-9]*([._-][A-Z0-9]+)*")
_NO_MONEY = _l("The merchant account has not enough money")
_PAYER_GONE = _l("The customer's account cannot take the money")
_OVER = _l("The time in which this payment can be given back is over")
_AMOUNT = _l("The amount does not fit what the channel has of this payment")
_RIGHTS = _l("The company has no contract with the channel for this")
_UNKNOWN_PAYMENT = _l("The channel does not know this payment")
_OTHER_BEFORE = _l("The channel has another refund under this number")
_PAYEE = _l("The payee's account cannot take the money")
_NAME = _l("The name is not that of the payee's account")
_LIMIT = _l("A limit of the channel is used up")

CHANNEL_FAILURE: Labels = {
    "BY_HAND": _l("No channel carries this money: a person sends it"),
    "closed": _l("The channel closed the refund"),
    "abnormal": _l("The channel could not reach the customer's account"),
    # WeChat Pay: pay.weixin.qq.com/doc/v3/merchant/4012791862 and 4012716434
    "NOT_ENOUGH": _NO_MONEY,
    "USER_ACCOUNT_ABNORMAL": _PAYER_GONE,
    "NO_AUTH": _RIGHTS,
    "NOAUTH": _RIGHTS,
    "MCH_NOT_EXISTS": _RIGHTS,
    "RESOURCE_NOT_EXISTS": _UNKNOWN_PAYMENT,
    "ORDER_NOT_EXIST": _UNKNOWN_PAYMENT,
    "INVALID_REQUEST": _AMOUNT,
    "REFUND_AMT_NOT_EQUAL": _AMOUNT,
    "ACCOUNT_FROZEN": _PAYEE,
    "ACCOUNT_NOT_EXIST": _PAYEE,
    "OPENID_INVALID": _PAYEE,
    "PAYEE_ACCOUNT_ABNORMAL": _PAYEE,
    "RECEIVE_ACCOUNT_NOT_PERMMIT": _PAYEE,
    "REAL_NAME_CHECK_FAIL": _NAME,
    "NAME_NOT_CORRECT": _NAME,
    "ID_CARD_NOT_CORRECT": _NAME,
    "OVERDUE_CLOSE": _l("The payee did not confirm in time"),
    "MERCHANT_CANCEL": _l("The company took it back"),
    "DAY_RECEIVED_COUNT_EXCEED": _LIMIT,
    "DAY_RECEIVED_QUOTA_EXCEED": _LIMIT,
    "MONTH_RECEIVED_QUOTA_EXCEED": _LIMIT,
    "TRANSFER_QUOTA_EXCEED": _LIMIT,
    "PAYER_ACCOUNT_ABNORMAL": _RIGHTS,
    "PRODUCT_AUTH_CHECK_FAIL": _RIGHTS,
    "TRANSFER_RISK": _l("The channel thinks this transfer is risky"),
    # Alipay: opendocs.alipay.com/open/f60979b3_alipay.trade.refund
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": _NO_MONEY,
    "ACQ.BUYER_ENABLE_STATUS_FORBID": _PAYER_GONE,
    "ACQ.BUYER_NOT_EXIST": _PAYER_GONE,
    "ACQ.TRADE_HAS_FINISHED": _OVER,
    "ACQ.TRADE_HAS_CLOSE": _OVER,
    "ACQ.TRADE_STATUS_ERROR": _OVER,
    "ACQ.TRADE_NOT_EXIST": _UNKNOWN_PAYMENT,
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": _AMOUNT,
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": _AMOUNT,
    "ACQ.DISCORDANT_REPEAT_REQUEST": _OTHER_BEFORE,
    "PAYER_BALANCE_NOT_ENOUGH": _NO_MONEY,
    "PAYEE_NOT_EXIST": _PAYEE,
    "PAYEE_USER_INFO_ERROR": _NAME,
    "EXCEED_LIMIT_SM_AMOUNT": _LIMIT,
}


def channel_failure(said: str | None) -> Any:
    """In words; a code that nobody has named yet is told as one. What people wrote stays."""
    if not said:
        return plain(None)
    known = CHANNEL_FAILURE.get(said)
    if known is not None:
        return known
    return _("The channel refused (%(code)s)", code=said) if CODE.fullmatch(said) else plain(said)
