"""What channels send: kept raw before it is read, believed only when its signature holds."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.domain.errors import Conflict, DomainError
from app.extensions import db
from app.gateways.payment import (
    Notice,
    PaymentState,
    RefundState,
)
from app.models import PaymentNotice
from app.services import clock
from app.services.money import channels, refunds, withdrawals
from app.services.money.payments.applying import apply_payment
from app.services.transactions import retrying, transaction

LONGEST_BODY = 65_536
LONGEST_HEADER = 1_024
SECRET_HEADERS = {"authorization", "cookie"}
# Made once: a channel sends hundreds at a time.
_NOTICE: Any = PaymentNotice.__table__
_KEEP = sa.insert(_NOTICE).returning(_NOTICE.c.id)
_NOTE = (
    sa.update(_NOTICE)
    .where(_NOTICE.c.id == sa.bindparam("row"))
    .values(
        outcome=sa.bindparam("said"),
        out_trade_no=sa.bindparam("number"),
        notice_id=sa.bindparam("notice"),
    )
)


def receive_notice(channel: str, headers: Mapping[str, str], body: bytes) -> None:
    """Store a notice and do what it says. A repeated one is answered like the first.

    Raises InvalidNotice when it must not be believed, any other DomainError when it does not fit
    our books; the caller answers with an error then, and the channel sends it again.
    """
    provider = channels.gateway(channel)
    row_id, number = _keep(channel, headers, body), ""
    try:
        notice = provider.parse_notice(headers, body)
        number = _number(notice)
        _do(channel, notice, row_id)
    except DomainError as exc:
        _note(row_id, outcome=str(exc.details.get("reason") or exc.code), number=number)
        raise
    except Exception:
        _note(row_id, outcome="error", number=number)
        raise


def _do(channel: str, notice: Notice, row_id: int) -> None:
    try:
        _apply(channel, notice, row_id, repeated=False)
    except Conflict:  # nearly always the id: one that came before has it
        if not _is_known(channel, notice):
            raise
        _apply(channel, notice, row_id, repeated=True)


@retrying
def _apply(channel: str, notice: Notice, row_id: int, *, repeated: bool) -> None:
    """What it says and that it was done, together. Only the first of equal ones has its id."""
    with transaction():
        own = None if repeated else notice.notice_id[:64]
        said = "repeated" if repeated else "applied"
        _note(row_id, outcome=said, number=_number(notice), notice_id=own)
        state = notice.state
        # Repeated or not: the news may be older than what it repeats.
        if isinstance(state, PaymentState):
            apply_payment(channel, state)
        elif isinstance(state, RefundState):
            refunds.apply_refund(channel, state)
        else:
            withdrawals.apply_transfer(channel, state)


def _is_known(channel: str, notice: Notice) -> bool:
    query = sa.select(PaymentNotice.id).filter_by(channel=channel, notice_id=notice.notice_id[:64])
    return db.session.scalar(query) is not None


def _keep(channel: str, headers: Mapping[str, str], body: bytes) -> int:
    row = {
        "channel": channel,
        "headers": {
            _text(name): _text(value)[:LONGEST_HEADER]
            for name, value in headers.items()
            if name.lower() not in SECRET_HEADERS
        },
        "body": _text(body.decode("utf-8", "replace"))[:LONGEST_BODY],
        "received_at": clock.now(),
        "outcome": "received",
    }
    with transaction() as session:
        return int(session.connection().execute(_KEEP, row).scalar_one())


def _note(row_id: int, *, outcome: str, number: str, notice_id: str | None = None) -> None:
    told = {"row": row_id, "said": outcome[:32], "number": number[:32], "notice": notice_id}
    with transaction() as session:
        session.connection().execute(_NOTE, told)


def _number(notice: Notice) -> str:
    state = notice.state
    if isinstance(state, PaymentState):
        return state.out_trade_no
    return state.out_refund_no if isinstance(state, RefundState) else state.out_bill_no


def _text(value: str) -> str:
    """PostgreSQL stores no NUL."""
    return value.replace("\x00", "\ufffd")
