"""Signing in, and one's own profile."""

from typing import Any

from flask import flash, g, redirect, request, session
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_user, logout_user
from werkzeug.security import check_password_hash
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from app.domain.errors import TooManyRequests
from app.views.base import BaseView, RowForm, expose
from app.views.base_pages import PageMixin, login_required
from app.views.role_words import role_names
from app.views.widgets import TextWidget

SHORTEST_PASSWORD = 10


def _password_field(label: Any, *validators: Any, new: bool = True) -> PasswordField:
    kind = "new-password" if new else "current-password"
    widget = TextWidget("password", autocomplete=kind)
    return PasswordField(label, validators=[InputRequired(), *validators], widget=widget)


def new_password(label: Any) -> PasswordField:
    too_short = _l("Use at least %(min)d characters", min=SHORTEST_PASSWORD)
    return _password_field(label, Length(SHORTEST_PASSWORD, 256, message=too_short))


def repeated_password(label: Any, field: str) -> PasswordField:
    return _password_field(label, EqualTo(field, message=_l("The passwords differ")))


class NewPasswordForm(RowForm):
    password = new_password(_l("New password"))
    repeated = repeated_password(_l("Repeat the password"), "password")


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
            return self._tried(form)
        return self._page(form, 401 if request.method == "POST" else 200)

    def _tried(self, form: LoginForm_db) -> Any:
        try:
            user = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
        except TooManyRequests as error:
            flash(str(error), "danger")
            return self._page(form, 429)
        if user:
            begin_session(user)
            wanted = request.args.get("next") or self.appbuilder.get_url_for_index
            return redirect(get_safe_redirect(wanted))
        flash(_("The name or the password is not right."), "danger")
        return self._page(form, 401)

    def _page(self, form: LoginForm_db, status: int) -> Any:
        return self.render_template(self.login_template, title=self.title, form=form), status

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Any:
        locale = session.get("locale")
        logout_user()
        session.clear()
        session["locale"] = locale
        return redirect(self.appbuilder.get_url_for_login)


def begin_session(user: Any) -> None:
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
