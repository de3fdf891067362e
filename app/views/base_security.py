"""Signing in, one's own profile, and the accounts of the staff."""

from datetime import UTC, datetime
from typing import Any

from flask import flash, g, redirect, request, session
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.sqla.models import PermissionView, Role, User
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_user, logout_user
from sqlalchemy.orm import Query
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import Branch, StaffProfile
from app.security import NAMES
from app.services import access
from app.views.base import (
    BaseView,
    Lookup,
    ModelInterface,
    ReadOnlyModelView,
    RowForm,
    expose,
    row_action,
)
from app.views.base_pages import PageMixin, login_required
from app.views.fields import RowSelectField
from app.views.formatters import instant, joined
from app.views.scoped import BRANCHES, ReferenceView
from app.views.widgets import TextWidget

SHORTEST_PASSWORD = 10


def _password_field(label: Any, *validators: Any, new: bool = True) -> PasswordField:
    kind = "new-password" if new else "current-password"
    widget = TextWidget("password", autocomplete=kind)
    return PasswordField(label, validators=[InputRequired(), *validators], widget=widget)


def _new_password(label: Any) -> PasswordField:
    too_short = _l("Use at least %(min)d characters", min=SHORTEST_PASSWORD)
    return _password_field(label, Length(SHORTEST_PASSWORD, 256, message=too_short))


def _repeated(label: Any, field: str) -> PasswordField:
    return _password_field(label, EqualTo(field, message=_l("The passwords differ")))


class NewPasswordForm(RowForm):
    password = _new_password(_l("New password"))
    repeated = _repeated(_l("Repeat the password"), "password")


class OwnPasswordForm(NewPasswordForm):
    present = _password_field(_l("Present password"), new=False)

    def validate_present(self, field: Any) -> None:
        if not check_password_hash(g.user.password or "", field.data or ""):
            raise ValidationError(_("This is not your present password"))


class StaffAuthView(PageMixin, AuthDBView):
    """The login page. A failed attempt keeps the name and does not tell which part was wrong."""

    login_template = "appbuilder/general/security/login_db.html"
    title = _l("Sign in")

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        if g.user.is_authenticated:
            return redirect(self._get_safe_next_url())
        form = LoginForm_db()
        if form.validate_on_submit():
            user = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
            if user:
                _begin_session(user)
                return redirect(get_safe_redirect(request.args.get("next", "")))
            flash(_("The name or the password is not right."), "danger")
        page = self.render_template(self.login_template, title=self.title, form=form)
        return (page, 401) if request.method == "POST" else page

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Any:
        locale = session.get("locale")
        logout_user()
        session.clear()
        session["locale"] = locale
        return redirect(self.appbuilder.get_url_for_login)


def _begin_session(user: Any) -> None:
    """A fresh session: nothing that was planted before the login survives it."""
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    session.permanent = True
    login_user(user, remember=False)


class ProfileView(BaseView):
    """One's own account: who am I, what may I do, and my password."""

    route_base = "/profile"
    default_view = "userinfo"

    @expose("/", methods=["GET"])
    @login_required
    def userinfo(self) -> Any:
        return self._page(OwnPasswordForm())

    @expose("/password", methods=["POST"])
    @login_required
    def password(self) -> Any:
        form = OwnPasswordForm()
        if not form.validate():
            return self._page(form), 422
        self.appbuilder.sm.reset_password(g.user.id, form.password.data)
        flash(_("Password changed. Your other sessions have ended."), "success")
        return redirect(self.url_of("userinfo"))

    def _page(self, form: Any) -> str:
        branch = g.staff_profile.branch if g.get("staff_profile") else None
        return self.render_template(
            "appbuilder/general/security/profile.html", title=_("My account"), form=form,
            user=g.user, roles=role_names(g.user.roles), branch=branch or _("All branches"),
        )  # fmt: skip


def role_name(role: Role | str) -> str:
    """What people call a role; a custom one keeps the name that it was given."""
    code = str(getattr(role, "name", role))
    return str(NAMES.get(code, code))


def role_names(roles: Any) -> Any:
    return joined(role_name(role) for role in roles or [])


def _ours(query: Query[Any]) -> Query[Any]:
    """Nobody holds FAB's own roles, so nobody is offered them."""
    return query.filter(Role.name.not_in(["Admin", "Public"]))


def _utc(value: datetime | None) -> Any:
    """FAB's columns are naive; UTC is what we store there."""
    return instant(value.replace(tzinfo=UTC) if value else None)


def _branch_field() -> RowSelectField:
    return RowSelectField(
        _l("Branch"), lookup=BRANCHES.of(Branch),
        description=_l("Without a branch this person sees all branches."),
    )  # fmt: skip


class StaffView(ReferenceView):
    """Accounts of the staff: switched off, never deleted, for their name stays in the traces."""

    datamodel = ModelInterface(User, load=("roles",))
    route_base = "/staff"
    noun, noun_plural = _l("Staff account"), _l("Staff")
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]
    base_order = ("username", "asc")
    list_columns = ["username", "last_name", "first_name", "roles", "active", "last_login"]
    show_columns = [*list_columns, "email", "login_count", "fail_login_count", "created_on"]
    search_columns = ["username", "last_name", "first_name", "email", "active", "roles"]
    edit_columns = ["username", "last_name", "first_name", "email", "roles", "branch", "active"]
    add_columns = [*edit_columns[:-1], "password", "repeated"]
    lookups = {"roles": Lookup(search=("name",), small=True, label=role_name, scope=_ours)}
    formatters_columns = {"roles": role_names, "last_login": _utc, "created_on": _utc}
    label_columns = {
        "username": _l("User name"),
        "last_name": _l("Family name"),
        "first_name": _l("Given name"),
        "roles": _l("Roles"),
        "last_login": _l("Last sign-in"),
        "login_count": _l("Sign-ins"),
        "fail_login_count": _l("Failed sign-ins since"),
        "created_on": _l("Created at"),
        "password": _l("Password"),
        "repeated": _l("Repeat the password"),
    }
    add_form_extra_fields = {
        "branch": _branch_field(),
        "password": _new_password(_l("Password")),
        "repeated": _repeated(_l("Repeat the password"), "password"),
    }
    edit_form_extra_fields = {"branch": _branch_field()}

    def create(self, form: RowForm) -> User:
        user = User(active=True, password=generate_password_hash(form["password"].data))
        self._fill(user, form)
        db.session.add(user)
        db.session.flush()
        db.session.add(StaffProfile(user_id=user.id, branch=self._branch(form)))
        return user

    def change(self, row: User, form: RowForm) -> None:
        if row.id == self.actor.id and not form["active"].data:
            raise RuleViolation(_("You cannot switch off your own account"), field="active")
        if row.id == self.actor.id and set(form["roles"].data) != set(row.roles):
            raise RuleViolation(_("You cannot change your own roles"), field="roles")
        self._fill(row, form)
        row.active = form["active"].data
        profile = _profile(row.id) or StaffProfile(user_id=row.id)
        profile.branch = self._branch(form)
        db.session.add(profile)

    def edit_values(self, row: User) -> dict[str, Any]:
        profile = _profile(row.id)
        return {"branch": profile.branch if profile else None}

    def _branch(self, form: RowForm) -> Branch | None:
        """Whoever belongs to a branch keeps his staff in one: the whole company is not his."""
        chosen: Branch | None = form["branch"].data
        if chosen is None and access.reach_of(self.actor) != access.EVERYWHERE:
            raise RuleViolation(_("Choose a branch"), field="branch")
        return chosen

    def _fill(self, user: User, form: RowForm) -> None:
        for name in ("username", "last_name", "first_name", "email", "roles"):
            setattr(user, name, form[name].data)

    @row_action("reset_password", _l("Set a new password"), icon="fa-key", form=NewPasswordForm)
    def reset_password(self, pk: int, form: NewPasswordForm) -> str:
        self.appbuilder.sm.reset_password(pk, form.password.data)
        return _("Password set. The sessions of this account have ended.")

    @row_action(
        "end_sessions", _l("End all sessions"), icon="fa-right-from-bracket", danger=True,
        confirm=_l("End all sessions? The person must sign in again."), multiple=False,
    )  # fmt: skip
    def end_sessions(self, pk: int) -> str:
        self.appbuilder.sm.end_sessions(pk)
        return _("All sessions of this account have ended.")


def _profile(user_id: int) -> StaffProfile | None:
    found: StaffProfile | None = db.session.query(StaffProfile).filter_by(user_id=user_id).first()
    return found


class RoleView(ReadOnlyModelView):
    """What each role may do. Roles are written in app/security.py, not here."""

    datamodel = ModelInterface(Role)
    route_base = "/roles"
    noun, noun_plural = _l("Role"), _l("Roles")
    base_order = ("name", "asc")
    list_columns = ["name"]
    show_columns = ["name"]
    search_columns = ["name"]
    formatters_columns = {"name": role_name}
    show_template = "appbuilder/general/security/role.html"

    def name_of(self, row: Role) -> str:
        return role_name(row)

    def scope(self, query: Query[Any]) -> Query[Any]:
        return _ours(query)

    def show_context(self, row: Role) -> dict[str, Any]:
        pairs = db.session.query(PermissionView).filter(PermissionView.role.any(Role.id == row.id))
        grants: dict[str, list[str]] = {}
        for pair in pairs:
            grants.setdefault(pair.view_menu.name, []).append(pair.permission.name)
        return {"grants": {view: sorted(names) for view, names in sorted(grants.items())}}
