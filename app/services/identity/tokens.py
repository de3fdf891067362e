"""Tokens of customers and workers: their own key, one audience a realm, rotating refresh."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Unauthorized
from app.domain.states import AccountStatus
from app.extensions import db
from app.models import CustomerAccount, RefreshToken, WorkerAccount
from app.services import audit, clock
from app.services.identity.otp import Realm
from app.services.transactions import locked, transaction

ISSUER = "daojia"
ACCESS_LIFE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=30)
ACCOUNTS: dict[Realm, type[CustomerAccount] | type[WorkerAccount]] = {
    "customer": CustomerAccount,
    "worker": WorkerAccount,
}
_STANDING = {
    realm: sa.select(model.id, model.status, model.token_version).where(
        model.id == sa.bindparam("account")
    )
    for realm, model in ACCOUNTS.items()
}


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str
    expires_in: int


def issue(realm: Realm, account_id: int, version: int, family: str | None = None) -> TokenPair:
    """Make an access token and a refresh token. Needs an open transaction()."""
    refresh = secrets.token_urlsafe(32)
    db.session.add(
        RefreshToken(
            realm=realm,
            account_id=account_id,
            family=family or secrets.token_hex(16),
            token_hash=_hash(refresh),
            expires_at=clock.now() + REFRESH_LIFE,
        )
    )
    seconds = int(ACCESS_LIFE.total_seconds())
    return TokenPair(_access_token(realm, account_id, version), refresh, seconds)


def authenticate(realm: Realm, token: str) -> int:
    """Return the account's id. Raises Unauthorized for any token that is not its own and live."""
    try:
        claims = jwt.decode(
            token,
            current_app.config["CLIENT_TOKEN_KEY"],
            ["HS256"],
            audience=realm,
            issuer=ISSUER,
            # The injected clock decides, so that the demo's travels end sessions too.
            options={"require": ["sub", "exp", "ver"], "verify_exp": False, "verify_iat": False},
        )
        account_id, expires = int(claims["sub"]), int(claims["exp"])
    except (jwt.PyJWTError, ValueError) as exc:
        raise Unauthorized(_l("Please log in again"), code="token_invalid") from exc
    if expires <= clock.now().timestamp():
        raise Unauthorized(_l("Please log in again"), code="token_expired")
    account = _account(realm, account_id)
    if account is not None and account.status == AccountStatus.BLOCKED:
        raise Unauthorized(_l("This account is blocked. Please call us"), code="account_blocked")
    if (
        account is None
        or account.status != AccountStatus.ACTIVE
        or account.token_version != claims["ver"]
    ):
        raise Unauthorized(_l("Please log in again"), code="token_invalid")
    return account_id


def refresh(realm: Realm, token: str) -> TokenPair:
    """Swap a refresh token for a new pair. One that was used before ends its whole family."""
    with transaction() as session:
        found = session.scalar(
            sa.select(RefreshToken)
            .filter_by(realm=realm, token_hash=_hash(token))
            .with_for_update()
        )
        reused = found is not None and found.used_at is not None
        pair = None
        if reused and found is not None:
            _end_family(found.family)
        elif found is not None and found.revoked_at is None and found.expires_at > clock.now():
            account = _account(realm, found.account_id)
            if account is not None and account.status == AccountStatus.ACTIVE:
                found.used_at = clock.now()
                pair = issue(realm, account.id, account.token_version, found.family)
    if pair is None:
        raise Unauthorized(_l("Please log in again"), code="token_invalid")
    return pair


def end_all_sessions(realm: Realm, account_id: int) -> None:
    """Log an account out everywhere."""
    actor = Actor(realm)
    with transaction(actor) as session:
        account: Any = locked(session, ACCOUNTS[realm], account_id)
        audit.record("logout", account.__tablename__, account_id, {}, actor=actor)
        revoke(realm, account)


def revoke(realm: Realm, account: CustomerAccount | WorkerAccount) -> None:
    """End every token of the locked account. Needs an open transaction()."""
    account.token_version += 1
    living = sa.update(RefreshToken).where(
        RefreshToken.realm == realm,
        RefreshToken.account_id == account.id,
        RefreshToken.revoked_at.is_(None),
    )
    db.session.execute(living.values(revoked_at=clock.now()))


def prune() -> int:
    """Delete refresh tokens that ended; returns how many."""
    with transaction() as session:
        ended = RefreshToken.expires_at < clock.now()
        return int(session.execute(sa.delete(RefreshToken).where(ended)).rowcount)  # type: ignore[attr-defined]


def _access_token(realm: Realm, account_id: int, version: int) -> str:
    issued = int(clock.now().timestamp())
    claims = {
        "iss": ISSUER,
        "aud": realm,
        "sub": str(account_id),
        "ver": version,
        "iat": issued,
        "exp": issued + int(ACCESS_LIFE.total_seconds()),
    }
    return jwt.encode(claims, current_app.config["CLIENT_TOKEN_KEY"], "HS256")


def _account(realm: Realm, account_id: int) -> sa.Row[tuple[int, str, int]] | None:
    """(id, status, token_version), nothing personal."""
    return db.session.execute(_STANDING[realm], {"account": account_id}).one_or_none()


def _end_family(family: str) -> None:
    db.session.execute(
        sa.update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=clock.now(), used_at=clock.now())
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
