"""Workers and services that a customer wants to find again."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, NotFound, RuleViolation
from app.extensions import db
from app.models import CustomerAccount, Favourite, Service
from app.services.transactions import locked, retrying, transaction
from app.services.workers import profiles

MOST_FAVOURITES = 100


@retrying
def add_favourite(
    customer_id: int, *, worker: str | None = None, service: str | None = None, actor: Actor
) -> Favourite:
    """Keep one worker or one service; what is kept already stays as it is.

    Raises InvalidInput unless one of them is given, NotFound, RuleViolation (favourites_most).
    """
    if (worker is None) == (service is None):
        raise InvalidInput(_l("Name a worker or a service"), field="worker")
    with transaction(actor) as session:
        locked(session, CustomerAccount, customer_id)
        row = Favourite(customer_id=customer_id)
        if worker is not None:
            row.worker_id = profiles.worker_shown(customer_id, worker).id
        else:
            row.service_id = _offered(service or "").id
        kept = _same(row)
        if kept is not None:
            return kept
        number = sa.select(sa.func.count(Favourite.id)).filter_by(customer_id=customer_id)
        if (session.scalar(number) or 0) >= MOST_FAVOURITES:
            raise RuleViolation(_l("Too many favourites"), code="favourites_most")
        session.add(row)
        return row


def remove_favourite(customer_id: int, favourite_id: int, *, actor: Actor) -> None:
    """Raises NotFound."""
    with transaction(actor) as session:
        mine = sa.select(Favourite).filter_by(id=favourite_id, customer_id=customer_id)
        row = session.scalar(mine)
        if row is None:
            raise NotFound(_l("This favourite does not exist"), favourite=favourite_id)
        session.delete(row)


def _same(row: Favourite) -> Favourite | None:
    return db.session.scalar(
        sa.select(Favourite).filter_by(
            customer_id=row.customer_id, worker_id=row.worker_id, service_id=row.service_id
        )
    )


def _offered(code: str) -> Service:
    service = db.session.scalar(sa.select(Service).filter_by(code=code, published=True))
    if service is None:
        raise NotFound(_l("This service is not offered"), service=code)
    return service
