"""What channels send: kept raw before it is read, believed only when its signature holds."""

from collections.abc import Mapping

import sqlalchemy as sa

from app.domain.errors import Conflict, DomainError
from app.gateways.payment import (
    Notice,
    PaymentState,
    RefundState,
)
from app.models import PaymentNotice
from app.services import clock
from app.services.money import channels, refunds, withdrawals
from app.services.money.payments.applying import apply_payment
from app.services.transactions import transaction

LONGEST_BODY = 65_536
LONGEST_HEADER = 1_024
SECRET_HEADERS = {"authorization", "cookie"}


def receive_notice(channel: str, headers: Mapping[str, str], body: bytes) -> None:
    """Store a notice and do what it says. A repeated one is answered like the first.

    Raises InvalidNotice when it must not be believed, any other DomainError when it does not fit
    our books; the caller answers with an error then, and the channel sends it again.
    """
    provider = channels.gateway(channel)
    notice_row_id = _keep(channel, headers, body)
    outcome, number = "error", ""
    try:
        notice = provider.parse_notice(headers, body)
        number = _number(notice)
        outcome = _identify(notice_row_id, notice)
        _apply(channel, notice)
    except DomainError as exc:
        outcome = str(exc.details.get("reason") or exc.code)
        raise
    except Exception:
        outcome = "error"
        raise
    finally:
        _note(notice_row_id, outcome=outcome[:32], out_trade_no=number[:32])


def _keep(channel: str, headers: Mapping[str, str], body: bytes) -> int:
    with transaction() as session:
        row = PaymentNotice(
            channel=channel,
            headers={
                _text(name): _text(value)[:LONGEST_HEADER]
                for name, value in headers.items()
                if name.lower() not in SECRET_HEADERS
            },
            body=_text(body.decode("utf-8", "replace"))[:LONGEST_BODY],
            received_at=clock.now(),
            outcome="received",
        )
        session.add(row)
        session.flush()
        return row.id


def _identify(notice_row_id: int, notice: Notice) -> str:
    """Give the row its notice's id, which only the first of equal ones can have."""
    try:
        _note(notice_row_id, notice_id=notice.notice_id[:64])
    except Conflict:
        return "repeated"
    return "applied"


def _apply(channel: str, notice: Notice) -> None:
    # Repeated or not: the first may have been stored and never applied.
    state = notice.state
    if isinstance(state, PaymentState):
        apply_payment(channel, state)
    elif isinstance(state, RefundState):
        refunds.apply_refund(channel, state)
    else:
        withdrawals.apply_transfer(channel, state)


def _note(notice_row_id: int, **values: str) -> None:
    with transaction() as session:
        session.execute(
            sa.update(PaymentNotice).where(PaymentNotice.id == notice_row_id).values(**values)
        )


def _number(notice: Notice) -> str:
    state = notice.state
    if isinstance(state, PaymentState):
        return state.out_trade_no
    return state.out_refund_no if isinstance(state, RefundState) else state.out_bill_no


def _text(value: str) -> str:
    """PostgreSQL stores no NUL."""
    return value.replace("\x00", "\ufffd")
