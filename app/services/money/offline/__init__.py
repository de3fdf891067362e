"""Money that no channel carries: bank transfers with a voucher, and cash on site.

Their attempts are started like any other (payments.start_payment) and settled by the same
apply_payment; only the news come from the company's own people.
"""

from app.services.money.offline.cash import hand_in_cash, receive_cash
from app.services.money.offline.transfers import enter_transfer
from app.services.money.offline.vouchers import VOUCHER_BYTES, add_voucher

__all__ = ["VOUCHER_BYTES", "add_voucher", "enter_transfer", "hand_in_cash", "receive_cash"]
