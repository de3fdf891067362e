"""Where workers want their money."""

import re
from typing import Literal

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import PayoutAccount, Worker
from app.services.transactions import locked, retrying, transaction

Channel = Literal["wechat", "alipay", "bank"]
MOST_ACCOUNTS = 5
# An openid; a phone or an e-mail; a card number.
ACCOUNT = {
    "wechat": re.compile(r"[A-Za-z0-9_-]{6,64}"),
    "alipay": re.compile(r"1[0-9]{10}|[^@\s]{1,48}@[^@\s]{3,48}"),
    "bank": re.compile(r"[0-9]{12,19}"),
}


def accounts_of(worker_id: int) -> list[PayoutAccount]:
    query = sa.select(PayoutAccount).filter_by(worker_id=worker_id, active=True)
    return list(db.session.scalars(query.order_by(PayoutAccount.id)))


@retrying
def add_account(
    worker_id: int, channel: Channel, holder_name: str, account: str, *, actor: Actor
) -> PayoutAccount:
    """Add an account; the same again is found again.

    Raises RuleViolation (account_invalid, too_many_accounts).
    """
    if not ACCOUNT[channel].fullmatch(account):
        raise RuleViolation(
            _l("This is no account of that channel"), code="account_invalid", field="account"
        )
    with transaction(actor) as session:
        locked(session, Worker, worker_id)
        known = accounts_of(worker_id)
        for row in known:
            if (row.channel, row.holder_name, row.account) == (channel, holder_name, account):
                return row
        if len(known) >= MOST_ACCOUNTS:
            raise RuleViolation(_l("Too many accounts"), code="too_many_accounts")
        added = PayoutAccount(
            worker_id=worker_id,
            channel=channel,
            holder_name=holder_name,
            account=account,
            account_tail=account[-4:],
        )
        session.add(added)
        return added
