"""What stands around every page: navigation, banners, words for scripts, the error pages."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, jsonify, render_template, request, session
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException, default_exceptions

from app.domain.errors import N_
from app.services import access
from app.views import formatters

# APP_NAME of the configuration, which the templates translate.
BRAND = N_("到家 Back Office")
LAST_GROUP = "System"
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}
HISTORY_BYTES = 1500


@dataclass(frozen=True)
class Entry:
    label: Any
    url: str
    icon: str
    current: bool


@dataclass(frozen=True)
class Group:
    name: str
    label: Any
    icon: str
    entries: list[Entry]

    @property
    def size(self) -> int:
        return len(self.entries)

    @property
    def current(self) -> bool:
        return any(entry.current for entry in self.entries)


def navigation() -> list[Group]:
    """The menu as this person may see it; entries without a group come first."""
    menu = current_app.appbuilder.menu.get_list()  # type: ignore[attr-defined]
    alone = Group("", "", "", [_entry(item) for item in menu if not item.childs and _visible(item)])
    groups = [alone, *(_group(item) for item in menu if item.childs and _visible(item))]
    groups.sort(key=lambda group: group.name == LAST_GROUP)
    return [group for group in groups if group.entries]


def _group(item: Any) -> Group:
    children = [child for child in item.childs if child.name != "-" and _visible(child)]
    return Group(item.name, item.label, item.icon, [_entry(child) for child in children])


def _entry(item: Any) -> Entry:
    url = item.get_url()
    view = item.baseview
    mine = request.blueprint == view.endpoint if view else request.path == url
    return Entry(item.label, url, item.icon or "fa-circle-dot", mine)


def _visible(item: Any) -> bool:
    sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
    allowed = item.should_render() and sm.has_access("menu_access", item.name)
    return bool(allowed and not _out_of_reach(item.baseview))


def _out_of_reach(view: Any) -> bool:
    """A table of the whole company is empty for somebody who belongs to one branch."""
    model = getattr(getattr(view, "datamodel", None), "obj", None)
    return model in access.COMPANY and isinstance(access.reach_of(view.actor), int)


def language_tag() -> str:
    return LANGUAGE_TAGS.get(str(get_locale()), "zh-CN")


def script_words() -> dict[str, str]:
    """What the scripts say; they find it in a JSON element of the page."""
    return {
        "cancel": _("Cancel"),
        "confirm": _("Confirm"),
        "choose_rows": _("Choose at least one row first."),
        "selected": _("%(count)s chosen", count="{count}"),
        "searching": _("Searching…"),
        "no_match": _("Nothing found"),
        "more_matches": _("More than these: type more letters"),
        "type_to_search": _("Type to search"),
        "failed": _("That did not work. Please try again."),
        "remove": _("Remove"),
        "dark": _("Dark colours"),
        "light": _("Light colours"),
        "unsaved": _("What you typed is not saved yet."),
        "results": _("%(count)s suggestions", count="{count}"),
    }


def install_chrome(app: Flask) -> None:
    app.context_processor(_globals)
    app.after_request(_bound_history)
    for code in EXPLAINED:
        _put_page(app, code)


def _put_page(app: Flask, code: int) -> None:
    """Our page for a refusal, except below /api/ where the API's own answer stays."""
    kind = default_exceptions[code]
    api_answer = app.error_handler_spec[None].get(code, {}).get(kind)

    def handler(error: Exception) -> Any:
        if api_answer is not None and request.path.startswith("/api/"):
            return api_answer(error)
        return _error_page(error, code)

    app.register_error_handler(kind, handler)


def _globals() -> dict[str, Any]:
    return {
        "navigation": navigation,
        "language_tag": language_tag,
        "script_words": script_words,
        "f": formatters,
        "is_demo": current_app.config.get("DEMO", False),
        "is_embedded": not current_app.config.get("REDIS_URL"),
    }


def _bound_history(response: Any) -> Any:
    """FAB's own views keep five full URLs in the cookie, however long they are."""
    history = session.get("page_history") or []
    while history and sum(len(str(url)) for url in history) > HISTORY_BYTES:
        history = history[1:]
        session["page_history"] = history
    return response


def _error_page(error: Exception, code: int) -> Any:
    title, text = _explained(code)
    if isinstance(error, HTTPException) and code in {409, 422}:
        text = error.description or text
    if _wants_json():
        return jsonify(
            error={"code": CODES.get(code, "error"), "message": text, "details": {}}
        ), code
    # After a crash the menu might crash again: it asks the database.
    page = render_template(
        "errors/error.html", code=code, title=title, text=text, plain=code >= 500,
        base_template="appbuilder/base.html", appbuilder=current_app.appbuilder,  # type: ignore[attr-defined]
    )  # fmt: skip
    return page, code


CODES = {
    400: "invalid_input", 401: "unauthorized", 403: "forbidden", 404: "not_found",
    405: "method_not_allowed", 409: "conflict", 413: "payload_too_large",
    422: "rule_violation", 429: "too_many_requests", 500: "internal", 502: "outside_error",
    503: "busy",
}  # fmt: skip
EXPLAINED = tuple(CODES)


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _explained(code: int) -> tuple[str, str]:
    known = {
        400: (_("This request was not understood"), _("Go back, reload the page and try again.")),
        403: (_("Not for this account"), _("Your role does not open this page. Ask an "
                                           "administrator if you need it for your work.")),
        404: (_("Nothing here"), _("The page or the record does not exist, or it is outside "
                                   "your area.")),
        401: (_("Please sign in"), _("This page is for people who are signed in.")),
        405: (_("Not this way"), _("This address takes only what a button sends. Open the page "
                                   "from the menu.")),
        409: (_("Somebody else was faster"), _("Please look again.")),
        422: (_("This is not possible now"), _("Please go back and look again.")),
        502: (_("No answer from outside"), _("An outside service did not answer. Please try "
                                             "again later.")),
        413: (_("Too large"), _("What you sent is larger than what is accepted.")),
        429: (_("Too many attempts"), _("Please wait a minute, then try again.")),
        503: (_("Just now busy"), _("Nothing was changed. Please try again in a moment.")),
    }  # fmt: skip
    broken = (_("Something broke"), _("Nothing you did wrong. The error is recorded; try again, "
                                      "and tell an administrator if it stays."))  # fmt: skip
    return known.get(code, broken)
