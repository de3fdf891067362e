"""Who is calling: the bearer of a token of the endpoint's own realm, and nobody else."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from flask import request
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Unauthorized
from app.extensions import db
from app.models import Worker
from app.services.identity import tokens

Realm = Literal["customer", "worker", "public"]
LONGEST_TOKEN = 2048


@dataclass(frozen=True, slots=True)
class Caller:
    """`id` is the customer's or the worker's; `account_id` the login's. Public: zero."""

    realm: Realm
    id: int = 0
    account_id: int = 0

    @property
    def actor(self) -> Actor:
        return Actor("worker" if self.realm == "worker" else "customer", self.id)

    @property
    def owner(self) -> str:
        """The name under which answers to repeated commands are kept."""
        return f"{self.realm}:{self.id}"


def authenticate(realm: Realm) -> Caller:
    """Raises Unauthorized. Cookies are never looked at."""
    if realm == "public":
        return Caller("public")
    account_id = tokens.authenticate(realm, _bearer())
    if realm == "customer":
        return Caller("customer", account_id, account_id)
    worker_id = db.session.scalar(sa.select(Worker.id).where(Worker.account_id == account_id))
    if worker_id is None:
        raise Unauthorized(_l("Please log in again"), code="token_invalid")
    return Caller("worker", worker_id, account_id)


def _bearer() -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not 0 < len(token) <= LONGEST_TOKEN:
        raise Unauthorized(_l("Please log in"), code="token_missing")
    return token.strip()
