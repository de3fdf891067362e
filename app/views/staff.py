"""The accounts of the staff: switched off, never deleted, for their name stays in the traces."""

from datetime import UTC, datetime
from typing import Any

from flask import flash
from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query
from werkzeug.security import generate_password_hash

from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import Branch, Partner, StaffProfile
from app.services import access
from app.services.identity import administrators, staff_login, staff_roles
from app.views.base import Lookup, ModelInterface, RowForm, row_action
from app.views.base_security import NewPasswordForm, new_password, repeated_password
from app.views.fields import RowSelectField, TextField
from app.views.formatters import instant
from app.views.role_words import role_name, role_names
from app.views.scoped import BRANCHES, ReferenceView, mine
from app.views.widgets import TextWidget


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


def _partner_field() -> RowSelectField:
    lookup = Lookup(search=("name",), small=True, scope=mine(Partner))
    return RowSelectField(
        _l("Partner"), lookup=lookup.of(Partner),
        description=_l("Only for the login of a partner: sees that partner's workers alone."),
    )  # fmt: skip


def _reason_field() -> TextField:
    return TextField(
        _l("Reason"), widget=TextWidget(), empty="",
        description=_l("Finance and administrators are named by two administrators: say why."),
    )  # fmt: skip


class StaffView(ReferenceView):
    """Whoever may add accounts names roles; the powerful ones need a second administrator."""

    datamodel = ModelInterface(User, load=("roles",))
    route_base = "/staff"
    noun, noun_plural = _l("Staff account"), _l("Staff")
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]
    show_template = "system/staff.html"
    base_order = ("username", "asc")
    list_columns = ["username", "last_name", "first_name", "roles", "active", "last_login"]
    show_columns = [*list_columns, "email", "login_count", "fail_login_count", "created_on"]
    search_columns = ["username", "last_name", "first_name", "email", "active", "roles"]
    add_columns = [
        "username", "last_name", "first_name", "email", "roles", "reason", "branch", "partner",
        "password", "repeated",
    ]  # fmt: skip
    edit_columns = [*add_columns[:8], "active"]
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
        "partner": _l("Partner"),
        "reason": _l("Reason"),
        "password": _l("Password"),
        "repeated": _l("Repeat the password"),
    }
    add_form_extra_fields = {
        "branch": _branch_field(),
        "partner": _partner_field(),
        "reason": _reason_field(),
        "password": new_password(_l("Password")),
        "repeated": repeated_password(_l("Repeat the password"), "password"),
    }
    edit_form_extra_fields = {
        "branch": _branch_field(),
        "partner": _partner_field(),
        "reason": _reason_field(),
    }

    def name_of(self, row: User) -> str:
        return f"{row.last_name or ''}{row.first_name or ''}" or str(row.username)

    def create(self, form: RowForm) -> User:
        user = User(active=True, password=generate_password_hash(form["password"].data))
        self._fill(user, form)
        db.session.add(user)
        db.session.flush()
        profile = StaffProfile(user_id=user.id, branch=self._branch(form))
        profile.partner = form["partner"].data
        db.session.add(profile)
        self._change_roles(user, form)
        return user

    def change(self, row: User, form: RowForm) -> None:
        active = form["active"].data
        if row.id == self.actor.id and not active:
            raise RuleViolation(_("You cannot switch off your own account"), field="active")
        profile = _profile(row.id) or StaffProfile(user_id=row.id)
        profile.branch, profile.partner = self._branch(form), form["partner"].data
        db.session.add(profile)
        self._fill(row, form)  # first: a request for a role shows the account as it will be
        self._change_roles(row, form)
        if row.active and not active:
            db.session.flush()
            staff_roles.end_sessions(db.session(), row.id)
        row.active = active

    def edit_values(self, row: User) -> dict[str, Any]:
        profile = _profile(row.id)
        if profile is None:
            return {}
        return {"branch": profile.branch, "partner": profile.partner}

    def show_context(self, row: User) -> dict[str, Any]:
        return {"locked_until": staff_login.locked_until(row.username)}

    def _change_roles(self, user: User, form: RowForm) -> None:
        names = {role.name for role in form["roles"].data}
        db.session.flush()
        asked = staff_roles.change_roles(
            user.id, names, reason=form["reason"].data or "", actor=self.actor
        )
        if asked:
            flash(_("Another administrator must agree to the role, under Approvals."), "info")
            if len(administrators.deciding()) < administrators.ENOUGH:
                flash(
                    _(
                        "There is no other administrator yet. On the machine, "
                        "`flask add-administrator NAME` makes one."
                    ),
                    "warning",
                )

    def _branch(self, form: RowForm) -> Branch | None:
        """Whoever belongs to a branch keeps his staff in one: the whole company is not his."""
        chosen: Branch | None = form["branch"].data
        if chosen is None and access.reach_of(self.actor) != access.EVERYWHERE:
            raise RuleViolation(_("Choose a branch"), field="branch")
        return chosen

    def _fill(self, user: User, form: RowForm) -> None:
        for name in ("username", "last_name", "first_name", "email"):
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

    @row_action("unlock", _l("Let sign in again"), icon="fa-unlock", multiple=False,
                confirm=_l("Forget the wrong passwords of this account?"),
                when=lambda user: bool(staff_login.locked_until(user.username)))  # fmt: skip
    def unlock(self, pk: int) -> str:
        staff_login.unlock(pk, actor=self.actor)
        return _("The account may sign in again.")


def _profile(user_id: int) -> StaffProfile | None:
    found: StaffProfile | None = db.session.query(StaffProfile).filter_by(user_id=user_id).first()
    return found
