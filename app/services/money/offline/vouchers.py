"""Pictures that customers send of their bank transfers."""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.extensions import db
from app.gateways import files
from app.models import Order, PaymentAttempt, PaymentVoucher
from app.services import clock
from app.services.money.payments.states import OPEN
from app.services.orders import events, paying
from app.services.system import parameters
from app.services.transactions import locked, retrying, transaction

VOUCHERS_MOST = 5
VOUCHER_BYTES = files.MAX_IMAGE_BYTES


@retrying
def add_voucher(attempt_id: int, content: bytes, *, actor: Actor) -> PaymentVoucher:
    """Keep a picture of the transfer. The same picture again gives the same voucher.

    Raises InvalidInput for what is no picture, RuleViolation (no_voucher_wanted, vouchers_most).
    """
    checked = files.check_upload(content)
    storage = current_app.extensions["gateways"].storage
    keys = [storage.put(content).key, storage.put(files.make_thumbnail(content)).key]
    try:
        with transaction(actor) as session:
            return _keep(session, attempt_id, checked, keys, actor)
    except Conflict:
        _forget(keys)
        return _same(attempt_id, checked.sha256)
    except BaseException:
        _forget(keys)
        raise


def _keep(
    session: Session, attempt_id: int, checked: files.CheckedFile, keys: list[str], actor: Actor
) -> PaymentVoucher:
    order_id = session.scalar(sa.select(PaymentAttempt.order_id).filter_by(id=attempt_id))
    if order_id is None:
        raise NotFound(_l("There is no such payment"), code="payment_unknown")
    order = locked(session, Order, order_id)
    attempt = locked(session, PaymentAttempt, attempt_id)
    _check_wanted(session, attempt, checked.sha256)
    voucher = PaymentVoucher(
        key=secrets.token_urlsafe(24),
        attempt_id=attempt.id,
        mime=checked.mime,
        size_bytes=checked.size,
        sha256=checked.sha256,
        storage_key=keys[0],
        thumbnail_key=keys[1],
    )
    session.add(voucher)
    session.flush()
    _give_finance_time(order, attempt)
    events.record(order, "payment.voucher", actor=actor, attempt=attempt.out_trade_no)
    return voucher


def _give_finance_time(order: Order, attempt: PaymentAttempt) -> None:
    """Who has paid does not lose the order because nobody has looked yet."""
    days = timedelta(days=parameters.get("payment.voucher_days"))
    paying.wait_until(order, clock.now() + days)
    attempt.expires_at = max(attempt.expires_at, order.pay_by_at or attempt.expires_at)


def _check_wanted(session: Session, attempt: PaymentAttempt, sha256: str) -> None:
    if attempt.method != "bank" or attempt.status not in OPEN:
        raise RuleViolation(_l("This payment needs no voucher"), code="no_voucher_wanted")
    others = sa.select(sa.func.count(PaymentVoucher.id)).where(
        PaymentVoucher.attempt_id == attempt.id, PaymentVoucher.sha256 != sha256
    )
    if (session.scalar(others) or 0) >= VOUCHERS_MOST:
        raise RuleViolation(
            _l("Enough pictures were sent. Please wait for our answer"), code="vouchers_most"
        )


def _same(attempt_id: int, sha256: str) -> PaymentVoucher:
    query = sa.select(PaymentVoucher).filter_by(attempt_id=attempt_id, sha256=sha256)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(_l("There is no such payment"), code="payment_unknown")
    return found


def _forget(keys: list[str]) -> None:
    for key in keys:
        current_app.extensions["gateways"].storage.delete(key)
