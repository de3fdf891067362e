"""Who may do what: the roles, exact, in code. `sync_roles` makes the database say the same.

The matrix is in app.security_matrix, a line at a time: a screen, what can be done, by whom.
FAB's own FAB_ROLES is not used: it compares prefixes, so that a grant on `OrderApi` opens
`OrderApiAdmin` too. Nobody holds FAB's `Admin`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_permissionview_role,
)
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.security_exports import EXPORTS
from app.security_matrix import ALONE, HOME, MATRIX, MENU, OPENED_BY, REST_MATRIX
from app.services import audit
from app.services.transactions import transaction

Grant = tuple[str, str]  # (permission, view or menu)

NAMES: Mapping[str, Any] = {
    "administrator": _l("Administrator"),
    "operations": _l("Operations"),
    "hr": _l("HR"),
    "dispatcher": _l("Dispatcher"),
    "finance": _l("Finance"),
    "service": _l("Customer service"),
    "auditor": _l("Auditor"),
    "partner": _l("Partner"),
}

# Endpoints that anybody may call: signing in and out, the language, the front door, a customer's
# payment page, and whether a printed document is genuine.
PUBLIC: frozenset[tuple[str, str]] = frozenset(
    {
        ("HomeView", "index"),
        ("LocaleView", "index"),
        ("StaffAuthView", "login"),
        ("StaffAuthView", "logout"),
        ("StaffSecurityApi", "login"),
        ("StaffSecurityApi", "refresh"),
        ("UtilView", "back"),
        ("PayView", "part"),
        ("PayView", "show"),
        ("PayView", "start"),
        ("PayView", "visitor"),
        ("VerifyView", "show"),
    }
)
# Everybody who is signed in: one's own account, and what the API offers.
SIGNED_IN: frozenset[tuple[str, str]] = frozenset(
    {("ApiDocsView", "docs"), ("ProfileView", "password"), ("ProfileView", "userinfo")}
)
# They ask for the permission of the action that was named, inside.
CHECKED_INSIDE: frozenset[str] = frozenset({"action", "action_post", "ask"})

# A custom role may combine anything but these: they move money or make people powerful.
MONEY_VIEWS: frozenset[str] = frozenset(
    {
        "AdjustmentView", "ApprovalView", "ChannelBillView", "BillItemView", "CommissionRuleView",
        "DifferenceView", "JournalView", "LedgerAccountView", "LedgerProofView",
        "ManualJournalView", "PayoutAccountView",
        "PayoutBatchView", "PaymentAttemptView", "PaymentNoticeView", "PeriodSealView",
        "PostingView", "ReconciliationRunView", "RefundAllocationView", "RefundView",
        "RewardView",
        "SettlementRunView", "StatementLineView", "StatementView", "TaxBracketView",
        "TaxLineView", "WithdrawalView",
    }
)  # fmt: skip
RESERVED: frozenset[Grant] = frozenset(
    {("can_change_money", "ParameterView"), ("can_change_system", "ParameterView")}
    | {("can_change_account", "PartnerView"), ("can_pay_out", "PartnerView")}
    | {
        (f"can_{verb}", view)
        for view in ("StaffView", "RoleView", "BackupView", "RestoreJobView")
        for line, _roles in MATRIX.get(view, {}).items()
        for verb in line.split()
        if verb not in {"list", "show"}
    }
)
EMPTIED = ("Admin", "Public")
HELD = assoc_permissionview_role


@dataclass(frozen=True, slots=True)
class StaffRole:
    """A built-in role: what it is called, and exactly what it may do."""

    code: str
    name: Any
    grants: frozenset[Grant]


def _grants_of(code: str) -> frozenset[Grant]:
    pairs = {
        (f"can_{verb}", view)
        for matrix in (MATRIX, REST_MATRIX, EXPORTS)
        for view, lines in matrix.items()
        for verbs, roles in lines.items()
        if code in roles.split()
        for verb in verbs.split()
    }
    return frozenset(pairs | menus_of(pairs))


def menus_of(pairs: set[Grant]) -> set[Grant]:
    """A menu entry for each screen that one may open, and its group."""
    menus = {HOME} | {entry for entry, view in ALONE.items() if ("can_list", view) in pairs}
    for group, entries in MENU.items():
        for entry, view in entries.items():
            if (OPENED_BY.get(view, "can_list"), view) in pairs:
                menus |= {group, entry}
    return {("menu_access", name) for name in menus}


ROLES: Mapping[str, StaffRole] = {
    code: StaffRole(code, name, _grants_of(code)) for code, name in NAMES.items()
}


def sync_roles(sm: Any) -> None:
    """Write the roles as they are in code; custom roles lose what is reserved.

    Raises LookupError when a role names a permission that no view offers. Safe to run again.
    """
    with transaction(SYSTEM) as session:
        keys = _permission_keys(session)
        for role in ROLES.values():
            missing = sorted(role.grants - keys.keys())
            if missing:
                raise LookupError(f"Role {role.code} names what no view offers: {missing}")
            write_grants(session, _role(session, role.code), {keys[grant] for grant in role.grants})
        for custom in session.scalars(sa.select(Role).where(Role.name.not_in(list(ROLES)))).all():
            write_grants(session, custom, _allowed(session, custom, keys))


def role_label(code: str) -> Any:
    """What people call a role; a custom one keeps the name that it was given."""
    return NAMES.get(code, code)


def is_reserved(grant: Grant) -> bool:
    """Whether only a built-in role may hold it. A resource counts as its screen does."""
    permission, view = grant
    screen = f"{view.removeprefix('Staff').removesuffix('Api')}View" if _is_api(view) else view
    return (permission, screen) in RESERVED or screen in MONEY_VIEWS


def _is_api(view: str) -> bool:
    return view.startswith("Staff") and view.endswith("Api")


def _permission_keys(session: Session) -> dict[Grant, int]:
    rows = session.execute(
        sa.select(Permission.name, ViewMenu.name, PermissionView.id)
        .join(PermissionView, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
    )
    return {(permission, view): key for permission, view, key in rows}


def _role(session: Session, code: str) -> Role:
    role = session.scalar(sa.select(Role).filter_by(name=code))
    if role is None:
        role = Role(name=code)
        session.add(role)
        session.flush()
    return role


def _held(session: Session, role: Role) -> set[int]:
    rows = sa.select(HELD.c.permission_view_id).where(HELD.c.role_id == role.id)
    return set(session.scalars(rows))


def _allowed(session: Session, role: Role, keys: Mapping[Grant, int]) -> set[int]:
    """What a role that is not ours may keep."""
    if role.name in EMPTIED:
        return set()
    return _held(session, role) - {key for grant, key in keys.items() if is_reserved(grant)}


def write_grants(session: Session, role: Role, wanted: set[int], *, actor: Actor = SYSTEM) -> None:
    """Let the role hold exactly these permissions."""
    held = _held(session, role)
    added, removed = wanted - held, held - wanted
    if removed:
        of_role = HELD.c.role_id == role.id
        session.execute(
            sa.delete(HELD).where(of_role, HELD.c.permission_view_id.in_(sorted(removed)))
        )
    if added:
        rows = [{"permission_view_id": key, "role_id": role.id} for key in sorted(added)]
        session.execute(sa.insert(HELD), rows)
    if added or removed:
        told = {"role": role.name, "added": len(added), "removed": len(removed)}
        audit.record("sync", "ab_role", role.id, told, actor=actor)
