"""Logging in by phone code. A customer's first log-in makes the account; a worker's does not."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Forbidden, Unauthorized
from app.domain.states import AccountStatus
from app.extensions import db
from app.models import Branch, CustomerAccount, CustomerIdentity, Worker, WorkerAccount
from app.models.crypto import blind_index
from app.services import audit
from app.services.identity import otp, tokens
from app.services.transactions import transaction


def log_in_customer(phone: str, code: str) -> tokens.TokenPair:
    """Raises Unauthorized for a wrong code, Forbidden for a blocked account."""
    phone = otp.check_code("customer", phone, code)
    index = otp.phone_index(phone)
    with _failures_told("customer", index), transaction(Actor("customer")) as session:
        account = session.scalar(sa.select(CustomerAccount).filter_by(phone_index=index))
        if account is None:
            account = register_customer(phone)
        _refuse_blocked(account.status)
        audit.record("login", "customer_account", account.id, {}, actor=_customer(account.id))
        return tokens.issue("customer", account.id, account.token_version)


def log_in_worker(phone: str, code: str) -> tokens.TokenPair:
    """Raises Unauthorized for a wrong code or a phone that belongs to no worker."""
    index = otp.phone_index(otp.check_code("worker", phone, code))
    with _failures_told("worker", index), transaction(Actor("worker")) as session:
        account = session.scalar(sa.select(WorkerAccount).filter_by(phone_index=index))
        if account is None:
            raise Unauthorized(_l("The code is wrong or has expired"), code="code_wrong")
        _refuse_blocked(account.status)
        worker_id = session.scalar(sa.select(Worker.id).filter_by(account_id=account.id))
        actor = Actor("worker", worker_id)
        audit.record("login", "worker_account", account.id, {}, actor=actor)
        return tokens.issue("worker", account.id, account.token_version)


@contextmanager
def _failures_told(realm: otp.Realm, index: str) -> Iterator[None]:
    """A right code that opens nothing is a failed log-in too."""
    try:
        yield
    except (Forbidden, Unauthorized) as exc:
        with transaction():
            otp.log_in_failed(realm, index, exc.code)
        raise


def register_customer(
    phone: str, name: str = "", *, branch_id: int | None = None
) -> CustomerAccount:
    """Make the account of a phone that has none; without a branch, in the first.

    Needs an open transaction().
    """
    first = sa.select(Branch.id).order_by(Branch.id).limit(1)
    account = CustomerAccount(
        branch_id=branch_id or db.session.scalars(first).one(),
        name=name,
        phone=phone,
        phone_index=otp.phone_index(phone),
        phone_tail=phone[-4:],
        phone_tail_index=blind_index("phone_tail", phone[-4:]),
    )
    db.session.add(account)
    db.session.flush()
    db.session.add(
        CustomerIdentity(customer_id=account.id, kind="phone", subject_index=otp.phone_index(phone))
    )
    return account


def _refuse_blocked(status: str) -> None:
    if status != AccountStatus.ACTIVE:
        raise Forbidden(_l("This account is blocked. Please call us"), code="account_blocked")


def _customer(account_id: int) -> Actor:
    return Actor("customer", account_id)
