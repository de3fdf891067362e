"""FAB's security manager, mended: exact and cached permissions, sessions that end, limited logins.

Roles are exact and live in app/security.py. FAB's own patterns (`FAB_ROLES`) match a prefix, so
they are refused; its screens that edit roles, groups and permissions are not registered.
"""

from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app, g, has_request_context, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    User,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_group,
    assoc_user_role,
)
from flask_babel import lazy_gettext as _l
from flask_jwt_extended import JWTManager
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user, user_logged_in
from werkzeug.security import generate_password_hash

from app.api.staff.login import StaffSecurityApi
from app.domain.actors import Actor
from app.models import StaffProfile
from app.services.clock import now
from app.services.identity import staff_login, staff_roles
from app.services.system import approvals
from app.services.transactions import transaction
from app.views.api_docs import ApiDocsView
from app.views.base_security import ProfileView, StaffAuthView
from app.views.inbox import MOST_COUNTED
from app.views.roles import RoleView
from app.views.staff import StaffView

Grant = tuple[str, str]  # (permission, view)
VERSION = "session_version"
KNOWN_ACTIVE = "backoffice.active"
# Read with the user, so that the badge of every page costs no statement of its own.
WAITING = approvals.number_waiting(User.id, StaffProfile.branch_id, MOST_COUNTED + 1).label(
    "waiting"
)


class StaffSecurityManager(SecurityManager):
    """Staff are FAB users. Customers and workers have realms of their own, elsewhere."""

    authdbview = StaffAuthView
    security_api = StaffSecurityApi
    userstatschartview = None  # a chart that loads from the internet

    def __init__(self, appbuilder: Any) -> None:
        if current_app.config.get("FAB_ROLES"):
            raise RuntimeError("FAB_ROLES matches prefixes; roles belong into app/security.py")
        super().__init__(appbuilder)

    # Permissions: one statement a request, compared exactly.

    def grants_of(self, user_id: int) -> frozenset[Grant]:
        """All (permission, view) pairs of a user, by roles and by groups."""
        if not has_request_context():
            return self._load_grants(user_id)
        # Not in `g`, which outlives a request inside an application context.
        known = request.environ.setdefault("backoffice.grants", {})
        if user_id not in known:
            known[user_id] = self._load_grants(user_id)
        found: frozenset[Grant] = known[user_id]
        return found

    def _load_grants(self, user_id: int) -> frozenset[Grant]:
        direct = sa.select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id)
        grouped = (
            sa.select(assoc_group_role.c.role_id)
            .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
            .where(assoc_user_group.c.user_id == user_id)
        )
        pairs = (
            sa.select(Permission.name, ViewMenu.name)
            .select_from(PermissionView)
            .join(Permission, PermissionView.permission_id == Permission.id)
            .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
            .join(
                assoc_permissionview_role,
                assoc_permissionview_role.c.permission_view_id == PermissionView.id,
            )
            .where(assoc_permissionview_role.c.role_id.in_(sa.union_all(direct, grouped)))
        )
        return frozenset((permission, view) for permission, view in self.session.execute(pairs))

    def _has_view_access(self, user: Any, permission_name: str, view_name: str) -> bool:
        return (permission_name, view_name) in self.grants_of(user.id)

    def _has_access_builtin_roles(self, role: Any, permission_name: str, view_name: str) -> bool:
        return False

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """A page asks this for each entry of its menu: FAB's own is asked who it is only once."""
        user = g.get("_login_user")  # where Flask-Login keeps the one of the cookie
        active: Any = request.environ.get(KNOWN_ACTIVE)
        if active is not None and active is user:
            return (permission_name, view_name) in self.grants_of(active.id)
        if not hasattr(g, "user"):
            g.user = current_user  # refused before FAB's own before_request, say for a token
        allowed = bool(super().has_access(permission_name, view_name))
        if isinstance(user, User) and user.is_active and user == g.user:
            request.environ[KNOWN_ACTIVE] = user
        return allowed

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing of the back office is public."""
        return False

    def get_user_permissions(self, user: Any) -> set[Grant]:
        return set(self.grants_of(user.id))

    def _get_user_permission_view_menus(
        self, user: Any, permission_name: str, view_menus_name: list[str]
    ) -> set[str]:
        if user is None:
            return set()
        return {
            view for permission, view in self.grants_of(user.id) if permission == permission_name
        }

    def add_permissions_view(self, base_permissions: list[str], view_menu: str) -> None:
        """Make the rows that roles can name. FAB would also give all of them to Admin."""
        if not base_permissions:
            return
        for permission in base_permissions:
            self.add_permission_view_menu(permission, view_menu)
        kept = set(base_permissions)
        for row in self.find_permissions_view_menu(self.find_view_menu(view_menu)):
            if row.permission.name not in kept:
                self.del_permission_view_menu(row.permission.name, view_menu, cascade=False)

    def add_permissions_menu(self, view_menu_name: str) -> None:
        self.add_permission_view_menu("menu_access", view_menu_name)

    # Sessions: a cookie or token carries the version that the account had at login.

    def create_login_manager(self, app: Flask) -> LoginManager:
        # The application itself: signals know their sender by identity, `app` is a proxy here.
        sender = current_app._get_current_object()  # type: ignore[attr-defined]
        user_logged_in.connect(self._remember_version, sender)
        return super().create_login_manager(app)

    def create_jwt_manager(self, app: Flask) -> JWTManager:
        manager = super().create_jwt_manager(app)
        manager.additional_claims_loader(
            lambda identity: {VERSION: self.session_version(int(identity))}
        )
        # A token of the wrong kind or nonsense is no token; the library would say 422.
        manager.invalid_token_loader(lambda _why: ({}, 401))
        return manager

    def session_version(self, user_id: int) -> int:
        version = sa.select(StaffProfile.session_version).where(StaffProfile.user_id == user_id)
        return self.session.scalar(version) or 0

    def _remember_version(self, _app: Flask, user: Any, **_rest: Any) -> None:
        session[VERSION] = self.session_version(user.id)

    def load_user(self, pk: Any) -> Any | None:
        return self._current_user(pk, session.get(VERSION))

    def load_user_jwt(self, _jwt_header: Any, jwt_data: dict[str, Any]) -> Any | None:
        user = self._current_user(jwt_data["sub"], jwt_data.get(VERSION))
        if user is not None:
            g.user = user
        return user

    def _current_user(self, pk: Any, version: Any) -> Any | None:
        """The active user, if the cookie or token is of the account's present version."""
        if not str(pk).isdigit():
            return None
        row = self.session.execute(
            sa.select(User, StaffProfile, WAITING)
            .outerjoin(StaffProfile, StaffProfile.user_id == User.id)
            .where(User.id == int(pk))
        ).one_or_none()
        if row is None or not row.User.active:
            return None
        present = row.StaffProfile.session_version if row.StaffProfile else 0
        if version != present:
            return None
        g.staff_profile, g.approvals_waiting = row.StaffProfile, row.waiting
        return row.User

    def end_sessions(self, user_id: int) -> int:
        """Make all cookies and tokens of a user worthless; the new version."""
        with transaction(self._actor()) as open_session:
            return staff_roles.end_sessions(open_session, user_id)

    def reset_password(self, userid: Any, password: str) -> None:
        """Set a password and end the user's sessions, except the one that asks for it."""
        with transaction(self._actor()) as open_session:
            user = open_session.get_one(User, int(userid), populate_existing=True)
            user.password = generate_password_hash(password)
            user.fail_login_count = 0
            version = self.end_sessions(user.id)
        if has_request_context() and session.get("_user_id") == str(userid):
            session[VERSION] = version

    def _actor(self) -> Actor | None:
        user = getattr(g, "user", None) if has_request_context() else None
        return Actor("staff", user.id) if user and user.is_authenticated else None

    def auth_user_db(self, username: str, password: str) -> Any | None:
        """The user, or None. Raises TooManyRequests while the account is closed for the caller."""
        address = request.remote_addr or ""
        attempt = staff_login.begin(username, address)
        user = super().auth_user_db(username, password)
        staff_login.end(attempt, good=user is not None)
        return user

    # Login: counted inside transaction(), limited for the form and the API together.

    def update_user_auth_stat(self, user: Any, success: bool = True) -> None:
        counted: dict[str, Any] = {
            "fail_login_count": sa.func.coalesce(User.fail_login_count, 0) + 1
        }
        if success:
            # FAB's column is naive; UTC is what it means here.
            counted = {
                "login_count": sa.func.coalesce(User.login_count, 0) + 1,
                "last_login": now().replace(tzinfo=None),
                "fail_login_count": 0,
            }
        with transaction() as open_session:
            open_session.execute(sa.update(User).where(User.id == user.id).values(**counted))
        (self.on_user_login if success else self.on_user_login_failed)(user)

    def noop_user_update(self, user: Any) -> None:
        """As slow as a real one, so that timing does not tell whether a name exists."""
        with transaction() as open_session:
            same = sa.update(User).where(User.id == user.id).values(login_count=User.login_count)
            open_session.execute(same)

    def register_views(self) -> None:
        api = self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        self.user_view = self.appbuilder.add_view_no_menu(ProfileView)
        self.appbuilder.add_view_no_menu(ApiDocsView)
        group = {"category": "System", "category_label": _l("System"), "category_icon": "fa-gear"}
        self.appbuilder.add_view(StaffView, "Staff", label=_l("Staff"), icon="fa-id-badge", **group)
        self.appbuilder.add_view(RoleView, "Roles", label=_l("Roles"), icon="fa-key", **group)
        if self.is_auth_limited:
            self._limit_logins(self.auth_view.blueprint, api.blueprint)

    def _limit_logins(self, *blueprints: Any) -> None:
        limit = self.limiter.shared_limit(
            self.auth_rate_limit, scope="login-address", key_func=get_remote_address,
            methods=["POST"],
        )  # fmt: skip
        for blueprint in blueprints:
            limit(blueprint)
