"""Who came in, who did not, and what staff were not allowed to do; rows of the audit log."""

from typing import Any

from flask_appbuilder.security.sqla.models import User

from app.domain.actors import SYSTEM, Actor
from app.services import audit
from app.services.transactions import transaction

LOGIN, LOGIN_FAILED, LOGOUT, REFUSAL = "login", "login_failed", "logout", "refusal"
STAFF = User.__tablename__
NOBODY = "?"
LONGEST_PATH = 200


def signed_in(user_id: int, *, via: str) -> None:
    """`via` is page or api."""
    _write(LOGIN, STAFF, user_id, {"via": via}, Actor("staff", user_id))


def signed_out(user_id: int) -> None:
    _write(LOGOUT, STAFF, user_id, {}, Actor("staff", user_id))


def sign_in_failed(user_id: int | None, typed: str, *, via: str, limited: bool) -> None:
    """A name that nobody has is kept as its first letter: it may be a password in the wrong box."""
    told: dict[str, Any] = {"via": via, "limited": limited}
    if user_id is None:
        told["name"] = f"{typed[:1]}***"
    _write(LOGIN_FAILED, STAFF, user_id or NOBODY, told, SYSTEM)


def refused(screen: str, key: str, *, method: str, path: str, why: str, actor: Actor) -> None:
    """A member of staff asked for what the role does not allow."""
    told = {"method": method, "path": path[:LONGEST_PATH], "why": why}
    _write(REFUSAL, screen, key, told, actor)


def _write(action: str, entity: str, key: Any, told: dict[str, Any], actor: Actor) -> None:
    with transaction(actor):
        audit.record(action, entity, key, told, actor=actor)
