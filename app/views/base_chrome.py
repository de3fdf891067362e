"""What stands around every page: navigation, banners, words for scripts, the error pages."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, jsonify, render_template, request, session
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from app.views import formatters

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
    return bool(item.should_render() and sm.has_access("menu_access", item.name))


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
    for code in (400, 403, 404, 405, 413, 429, 500, 503):
        app.register_error_handler(code, _error_page)


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


def _error_page(error: Exception) -> Any:
    shown = error if isinstance(error, HTTPException) else None
    code = shown.code if shown and shown.code else 500
    title, text = _explained(code)
    if _wants_json():
        body = {"code": CODES.get(code, "error"), "message": text, "details": {}}
        return jsonify(error=body), code
    # After a crash the menu might crash again: it asks the database.
    page = render_template(
        "errors/error.html", code=code, title=title, text=text, plain=code >= 500,
        base_template="appbuilder/base.html", appbuilder=current_app.appbuilder,  # type: ignore[attr-defined]
    )  # fmt: skip
    return page, code


CODES = {
    400: "invalid_input", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    413: "payload_too_large", 429: "too_many_requests", 500: "internal", 503: "busy",
}  # fmt: skip


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/v") or best == "application/json"


def _explained(code: int) -> tuple[str, str]:
    known = {
        400: (_("This request was not understood"), _("Go back, reload the page and try again.")),
        403: (_("Not for this account"), _("Your role does not open this page. Ask an "
                                           "administrator if you need it for your work.")),
        404: (_("Nothing here"), _("The page or the record does not exist, or it is outside "
                                   "your area.")),
        405: (_("Not this way"), _("This address takes only what a button sends. Open the page "
                                   "from the menu.")),
        413: (_("Too large"), _("What you sent is larger than what is accepted.")),
        429: (_("Too many attempts"), _("Please wait a minute, then try again.")),
        503: (_("Just now busy"), _("Nothing was changed. Please try again in a moment.")),
    }  # fmt: skip
    broken = (_("Something broke"), _("Nothing you did wrong. The error is recorded; try again, "
                                      "and tell an administrator if it stays."))  # fmt: skip
    return known.get(code, broken)
