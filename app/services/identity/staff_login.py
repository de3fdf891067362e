"""How often somebody may be wrong about a password of the staff.

Wrong passwords close an account for the network address that they came from, so that nobody can
lock a colleague out by guessing. Guesses at one account from many addresses close it for all
addresses but those that it was used from. Names that nobody has are counted alike, and answered
alike.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import TooManyRequests
from app.extensions import db
from app.models import LoginAttempt
from app.services import audit, clock
from app.services.system import parameters
from app.services.transactions import locked, transaction

REALM = "staff"
# From many addresses, or at many accounts from one, so many times the tries of one pair.
SCATTERED = 10
KNOWN_FOR = timedelta(days=30)
KEPT_FOR = timedelta(days=90)
WRONG, GOOD, LOCKED, UNLOCKED = "bad_password", "good", "locked", "unlocked"
LONGEST = 64


def begin(username: str, address: str) -> int:
    """Count a try before the password is looked at; its key, for `end`.

    Committed first and counted afterwards: of tries that come at once, no more get through than
    of tries that come one by one. Raises TooManyRequests.
    """
    account, address = _account(username), address[:LONGEST]
    with transaction() as session:
        attempt = LoginAttempt(
            realm=REALM, account=account, address=address, result=WRONG, at=clock.now()
        )
        session.add(attempt)
        session.flush()
        key = int(attempt.id)
    if _is_closed(account, address, before=key):
        _note(key, LOCKED)
        raise TooManyRequests(
            _l("Too many wrong tries. Wait a while, or ask an administrator."),
            code="login_locked",
        )
    return key


def end(attempt_id: int, *, good: bool) -> None:
    """Say how a try ended; a good one forgives the wrong ones from its address."""
    if good:
        _note(attempt_id, GOOD)


def locked_until(username: str) -> datetime | None:
    """Until when the account is closed for at least one address."""
    tries, span = _limits()
    account = _account(username)
    addresses = db.session.scalars(
        sa.select(LoginAttempt.address)
        .where(*_wrong(account, clock.now() - span))
        .group_by(LoginAttempt.address)
        .having(sa.func.count() >= tries)
    ).all()
    ends = [end for address in addresses if (end := _closed_until(account, address)) is not None]
    return max(ends, default=None)


def unlock(user_id: int, *, actor: Actor) -> None:
    """Forget the wrong passwords of an account, from wherever they came."""
    with transaction(actor) as session:
        user = locked(session, User, user_id)
        session.add(
            LoginAttempt(
                realm=REALM, account=_account(user.username), address="", result=UNLOCKED,
                at=clock.now(),
            )
        )  # fmt: skip
        user.fail_login_count = 0
        audit.record("unlock", "ab_user", user_id, {}, actor=actor)


def prune() -> int:
    """Delete what no limit asks for any more."""
    with transaction() as session:
        old = sa.delete(LoginAttempt).where(LoginAttempt.at < clock.now() - KEPT_FOR)
        result: sa.CursorResult[tuple[()]] = session.execute(old)  # type: ignore[assignment]
        return result.rowcount


def _account(username: str) -> str:
    return username.strip().lower()[:LONGEST]


def _limits() -> tuple[int, timedelta]:
    tries = parameters.get("security.login_tries")
    return tries, timedelta(minutes=parameters.get("security.login_lock_minutes"))


def _is_closed(account: str, address: str, *, before: int) -> bool:
    tries, _span = _limits()
    if _closed_until(account, address, before=before) is not None:
        return True
    many = tries * SCATTERED
    if _count(before, LoginAttempt.address == address) >= many:
        return True
    guessed = _count(before, LoginAttempt.account == account) >= many
    return guessed and not _is_known(account, address)


def _closed_until(account: str, address: str, *, before: int | None = None) -> datetime | None:
    """When the pair is open again: so long after the last of too many wrong tries."""
    tries, span = _limits()
    now = clock.now()
    wrong = sa.select(LoginAttempt.at).where(
        *_wrong(account, now - span - span), LoginAttempt.address == address
    )
    if before is not None:
        wrong = wrong.where(LoginAttempt.id < before)
    times = db.session.scalars(wrong.order_by(LoginAttempt.id.desc()).limit(tries)).all()
    if len(times) < tries or times[0] - times[-1] >= span or times[0] + span <= now:
        return None
    return times[0] + span


def _wrong(account: str, since: datetime) -> list[sa.ColumnElement[bool]]:
    """Wrong tries at an account since then that nothing has forgiven."""
    mine = (LoginAttempt.realm == REALM, LoginAttempt.account == account)
    forgiven = sa.alias(LoginAttempt.__table__)
    pardon = sa.select(forgiven.c.id).where(
        forgiven.c.realm == REALM,
        forgiven.c.account == account,
        forgiven.c.id > LoginAttempt.id,
        sa.or_(
            forgiven.c.result == UNLOCKED,
            sa.and_(forgiven.c.result == GOOD, forgiven.c.address == LoginAttempt.address),
        ),
    )
    return [*mine, LoginAttempt.result == WRONG, LoginAttempt.at > since, ~pardon.exists()]


def _count(before: int, of: sa.ColumnElement[bool]) -> int:
    _tries, span = _limits()
    last = sa.select(sa.func.max(LoginAttempt.id)).where(
        LoginAttempt.realm == REALM, of, LoginAttempt.result == UNLOCKED
    )
    query = sa.select(sa.func.count()).where(
        LoginAttempt.realm == REALM,
        of,
        LoginAttempt.result == WRONG,
        LoginAttempt.at > clock.now() - span,
        LoginAttempt.id < before,
        LoginAttempt.id > sa.func.coalesce(last.scalar_subquery(), 0),
    )
    return db.session.scalar(query) or 0


def _is_known(account: str, address: str) -> bool:
    good = sa.select(LoginAttempt.id).where(
        LoginAttempt.realm == REALM,
        LoginAttempt.account == account,
        LoginAttempt.address == address,
        LoginAttempt.result == GOOD,
        LoginAttempt.at > clock.now() - KNOWN_FOR,
    )
    return db.session.scalar(sa.select(good.exists())) or False


def _note(attempt_id: int, result: str) -> None:
    with transaction() as session:
        session.execute(
            sa.update(LoginAttempt).where(LoginAttempt.id == attempt_id).values(result=result)
        )
