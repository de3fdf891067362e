"""What the table says an answer must be, and how an answer is compared with it."""

from app.security import ROLES
from app.services import access
from tests.permissions import expected
from tests.permissions.asking import CLOSED, MISSING, OPEN, SAFE, Door, ask, is_scoped, still_there
from tests.permissions.company import Visitor


def allowed(door: Door, visitor: Visitor) -> frozenset[str]:
    """The answers that are right. Raises KeyError for a door without an entry."""
    if door.endpoint in expected.EVERYBODY:
        return frozenset({OPEN, MISSING, CLOSED})
    is_staff = visitor.role in ROLES
    if door.realm:
        return frozenset({OPEN, MISSING} if visitor.role == door.realm else {CLOSED})
    if door.endpoint in expected.SIGNED_IN:
        return frozenset({OPEN} if is_staff else {CLOSED})
    if door.endpoint in expected.TOKENS:
        return frozenset({OPEN, CLOSED} if is_staff else {CLOSED})
    if visitor.role not in expected.roles_for(door.endpoint, door.action):
        return frozenset({CLOSED})
    if not door.about_a_row:
        return frozenset({OPEN, MISSING})
    company_wide = door.view.datamodel.obj in access.COMPANY  # nothing for one branch
    outside = visitor.role == "partner" or not visitor.home or company_wide
    if outside and is_scoped(door):
        return frozenset({MISSING})
    return frozenset({OPEN} if door.method in SAFE and not door.action else {OPEN, MISSING})


def fault(door: Door, visitor: Visitor) -> str | None:
    """What is wrong with the answer; None when it is right."""
    right = allowed(door, visitor)
    by_token = door.rule.startswith("/api/") and door.endpoint not in expected.SIGNED_IN
    client = visitor.bearer if by_token else visitor.client
    key = visitor.keys.get(ABOUT.get(door.endpoint) or door.endpoint.split(".")[0])
    found = ask(client, door, key or NOWHERE)
    if OPEN in right and not still_there(door, key):
        right |= {MISSING}  # an empty table, or somebody who may has deleted the row
    closed_inside = found == CLOSED and OPEN in right and door.endpoint in INSIDE
    return None if found in right or closed_inside else f"{visitor}: {door} is {found}"


NOWHERE = 999_999_999
# Pages whose key is of another screen's row.
ABOUT = {"LedgerAccountView.worker": "WorkerView"}
# Whoever opens the page may still be refused what he sends: the group of the rule decides.
INSIDE = frozenset({"ParameterView.rule", "ParameterView.forget"})
# They change who is asking, or for what everybody is judged.
UNASKED = frozenset(
    {
        "StaffAuthView.logout", "LocaleView.index", "ProfileView.password",
        "CustomerAuthApi.log_out", "WorkerAuthApi.log_out",
    }
)  # fmt: skip
