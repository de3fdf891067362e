"""What every page has: who asks, what they may, where they came from."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, current_app, g, has_request_context, redirect, request, session, url_for
from flask_appbuilder import BaseView as FabBaseView
from flask_appbuilder.baseviews import expose
from flask_babel import gettext as _

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Forbidden
from app.fab_marks import MarkedMethodsOnly
from app.services.system import system_log

F = TypeVar("F", bound=Callable[..., Any])
LONGEST_HISTORY = 5
LONGEST_URL = 300  # the whole history stays far below a cookie's 4 KB


class PageMixin(MarkedMethodsOnly):
    """For FAB views of any kind: the actor, permission checks, a bounded page history."""

    appbuilder: Any
    endpoint: str
    class_permission_name: str
    base_permissions: Any

    @property
    def actor(self) -> Actor:
        """The signed-in member of staff."""
        user = getattr(g, "user", None) if has_request_context() else None
        return Actor("staff", user.id) if user and user.is_authenticated else SYSTEM

    def holds(self, permission: str) -> bool:
        """Whether this person has the permission on this view, and the view offers it."""
        if permission not in self.base_permissions:
            return False
        return bool(self.appbuilder.sm.has_access(permission, self.class_permission_name))

    def may(self, permission: str, screen: str) -> bool:
        """Whether this person has the permission on another screen."""
        return bool(self.appbuilder.sm.has_access(permission, screen))

    def demand(self, permission: str) -> None:
        """Go on with the permission; without it 403, and nobody signed in: the login page."""
        if self.holds(permission):
            return
        if not self.actor.id:
            abort(redirect(self.appbuilder.get_url_for_login_with(self.here())))
        abort(403)

    def note_refusal(self, error: Exception, key: Any = "") -> None:
        """A service forbade it to this person: into the system log, like a missing permission."""
        if isinstance(error, Forbidden) and self.actor.id:
            system_log.refused(
                type(self).__name__, str(key), method=request.method, path=request.path,
                why=error.code, actor=self.actor,
            )  # fmt: skip

    def url_of(self, method: str, **values: Any) -> str:
        return url_for(f"{self.endpoint}.{method}", **values)

    def here(self) -> str:
        """The present page without the host, bounded; "" when it is no page to come back to."""
        path = request.full_path.rstrip("?")
        return path if request.method == "GET" and len(path) <= LONGEST_URL else request.path

    def update_redirect(self) -> None:
        """Remember this page for "back". FAB's own history grows past what a cookie can hold."""
        here = self.here()
        if len(here) > LONGEST_URL:
            return
        history = self.history()
        if not history or history[-1] != here:
            session["page_history"] = [*history, here][-LONGEST_HISTORY:]

    def history(self) -> list[str]:
        """The last pages, oldest first."""
        return [url for url in session.get("page_history", []) if isinstance(url, str)]

    def get_redirect(self) -> str:
        """The page before this one, or the index."""
        earlier = self.history()[:-1]
        session["page_history"] = earlier
        return earlier[-1] if earlier else str(self.appbuilder.get_url_for_index)


def login_required(route: F) -> F:
    """For pages that every member of staff may see; others ask for a permission (@has_access)."""

    @wraps(route)
    def guarded(view: Any, *args: Any, **kwargs: Any) -> Any:
        if not view.actor.id:
            return redirect(view.appbuilder.get_url_for_login_with(view.here()))
        return route(view, *args, **kwargs)

    guarded.login_required = True  # type: ignore[attr-defined]
    return cast(F, guarded)


class BaseView(PageMixin, FabBaseView):
    """A page of your own. Every route needs @expose and @has_access."""

    def render_template(self, template: str, **context: Any) -> str:
        page: str = super().render_template(template, **{"crumbs": [], **context})
        return page


class RowPages:
    """Actions and pages that a screen of rows takes from a class of their own; what they use of it.

    `class OrderView(OrderVerbs, RecordView)`: the screen's own base has all of these.
    """

    actor: Any
    url_of: Any
    row_or_404: Any
    render_template: Any
    crumbs: Any
    back_to_row: Any


class IndexView(BaseView):
    """The front door: the login page, the configured home, or an overview of one's areas."""

    route_base = ""
    default_view = "index"
    index_template = "appbuilder/index.html"

    @expose("/")
    def index(self) -> Any:
        if not self.actor.id:
            return redirect(self.appbuilder.get_url_for_login)
        home = current_app.config.get("HOME_ENDPOINT")
        if home and home in current_app.view_functions:
            return redirect(url_for(home))
        return self.render_template(self.index_template, title=_("Overview"))
