"""A new worker: the account to log in with, and the application that HR leads on."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput
from app.domain.geo import Point
from app.models import Branch, Installation, Partner, Worker, WorkerAccount
from app.models.crypto import blind_index
from app.services import access
from app.services.identity.otp import accepted_phone, phone_index
from app.services.transactions import locked, retrying, transaction

FROM_PARTNER = "partner"


@retrying
def add_worker(
    name: str,
    phone: str,
    home: Point,
    *,
    kind: str = "contract",
    partner_id: int | None = None,
    branch_id: int | None = None,
    level: int = 1,
    daily_cap: int = 6,
    radius_km: int | None = None,
    introduction: str = "",
    actor: Actor,
) -> Worker:
    """Write down somebody who has applied; without a branch in that of the actor.

    Raises InvalidInput for what is no mobile number or a partner that does not fit, NotFound for
    a branch or partner outside the actor's scope, Conflict when a worker has this phone.
    """
    number = accepted_phone(phone)
    with transaction(actor) as session:
        branch = access.branch_for(actor, branch_id)
        _check_partner(kind, partner_id, branch, actor)
        # One after the other: the phone and the next number are read and then written.
        locked(session, Installation, 1)
        account = _new_account(session, number)
        worker = Worker(
            account_id=account.id,
            branch_id=branch.id,
            number=_next_number(session),
            name=name,
            kind=kind,
            partner_id=partner_id,
            level=level,
            home_lat=home.lat,
            home_lng=home.lng,
            daily_cap=daily_cap,
            radius_km=radius_km,
            introduction=introduction,
        )
        session.add(worker)
        session.flush()
        return worker


def _check_partner(kind: str, partner_id: int | None, branch: Branch, actor: Actor) -> None:
    if kind != FROM_PARTNER and partner_id is not None:
        raise InvalidInput(_l("Only a partner's worker has a partner"), field="partner")
    if kind != FROM_PARTNER:
        return
    if partner_id is None:
        raise InvalidInput(_l("Say which partner supplies this worker"), field="partner")
    if access.row_for(actor, Partner, partner_id).branch_id != branch.id:
        raise InvalidInput(_l("This partner belongs to another branch"), field="partner")


def _new_account(session: Session, phone: str) -> WorkerAccount:
    index = phone_index(phone)
    if session.scalar(sa.select(WorkerAccount.id).filter_by(phone_index=index)) is not None:
        raise Conflict(
            _l("A worker has this phone number already"), code="phone_taken", field="phone"
        )
    account = WorkerAccount(
        phone=phone,
        phone_index=index,
        phone_tail=phone[-4:],
        phone_tail_index=blind_index("phone_tail", phone[-4:]),
    )
    session.add(account)
    session.flush()
    return account


def _next_number(session: Session) -> str:
    """W and six digits. Needs the lock that lets one worker be added after the other."""
    highest = session.scalar(
        sa.select(sa.func.max(Worker.number)).where(Worker.number.like("W______"))
    )
    return f"W{int(highest[1:]) + 1 if highest else 1:06d}"
