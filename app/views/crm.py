"""Finding customers again: sources, tags, segments."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from app.domain.money import yuan
from app.extensions import db
from app.models import Branch, CustomerTag, Segment, Source, Tag
from app.services.crm import segments
from app.views import labels_crm as words
from app.views.base import Lookup, ModelInterface, RowForm
from app.views.catalog import CODE
from app.views.fields import RowSelectField, RowsSelectField, YuanField
from app.views.formatters import badge
from app.views.scoped import BRANCHES, CUSTOMERS, NAMES, ReferenceView, long_text
from app.views.widgets import TextWidget

TAGS = Lookup(search=("name",), small=True, scope=lambda query: query.filter_by(active=True))


class SourceView(ReferenceView):
    datamodel = ModelInterface(Source)
    noun, noun_plural = _l("Source"), _l("Sources")
    list_columns = ["name", "code", "kind", "active"]
    show_columns = add_columns = edit_columns = ["name", "name_en", "code", "kind", "active"]
    search_columns = ["name", "code", "kind", "active"]
    label_columns = NAMES
    validators_columns = {"code": CODE}
    choices = {"kind": words.SOURCE_KIND}
    base_order = ("code", "asc")
    empty_next = _l("Add where customers come from: the app, a shop, a platform.")


class TagView(ReferenceView):
    datamodel = ModelInterface(Tag)
    noun, noun_plural = _l("Tag"), _l("Tags")
    list_columns = show_columns = add_columns = edit_columns = ["name", "colour", "active"]
    search_columns = ["name", "active"]
    label_columns = {"colour": _l("Colour")}
    choices = {"colour": words.TAG_COLOUR}
    badges = {"colour": {kind: kind for kind in words.TAG_COLOUR}}
    base_order = ("name", "asc")
    empty_next = _l("Add words that staff put on customers.")


class CustomerTagView(ReferenceView):
    base_permissions = ["can_list", "can_show", "can_add", "can_delete"]
    datamodel = ModelInterface(CustomerTag)
    noun, noun_plural = _l("Customer's tag"), _l("Customers' tags")
    list_columns = show_columns = ["customer", "tag", "created_at"]
    search_columns = add_columns = ["customer", "tag"]
    label_columns = {"tag": _l("Tag")}
    formatters_columns = {"tag": lambda tag: badge(tag.colour, tag.name)}
    lookups = {"customer": CUSTOMERS, "tag": TAGS}
    base_order = ("id", "desc")

    def name_of(self, row: CustomerTag) -> str:
        return f"{row.customer} · {row.tag}"


def _number(label: Any, hint: Any = "") -> IntegerField:
    return IntegerField(
        label, validators=[Optional(), NumberRange(0, 100_000)], widget=TextWidget("number"),
        description=hint,
    )  # fmt: skip


SEGMENT_RULES: dict[str, Any] = {
    "branch": _l("Branch"),
    "orders_from": _l("Completed orders, at least"),
    "orders_to": _l("Completed orders, at most"),
    "spent_from_fen": _l("Paid in all, at least"),
    "recent_days": _l("Ordered within (days)"),
    "quiet_days": _l("No order for (days)"),
    "joined_days": _l("Joined within (days)"),
    "tags": _l("With one of these tags"),
}


def rules_text(rules: dict[str, Any] | None) -> Any:
    """The rules in words, for lists and pages."""
    told = [
        f"{SEGMENT_RULES[name]} {_rule_value(name, value)}"
        for name, value in (rules or {}).items()
        if name in SEGMENT_RULES
    ]
    return _("; ").join(told) or _("All customers")


def _rule_value(name: str, value: Any) -> str:
    if name == "spent_from_fen":
        return f"¥{yuan(value)}"
    if name in {"branch", "tags"}:
        model = Branch if name == "branch" else Tag
        keys = value if isinstance(value, list) else [value]
        return _(", ").join(str(db.session.get(model, key) or _("unknown")) for key in keys)
    return str(value)


class SegmentView(ReferenceView):
    datamodel = ModelInterface(Segment)
    noun, noun_plural = _l("Segment"), _l("Segments")
    list_columns = ["name", "rules", "active", "created_at"]
    show_columns = [*list_columns, "note"]
    search_columns = ["name", "active"]
    add_fieldsets = edit_fieldsets = [
        (_l("What it is"), {"fields": ["name", "note", "active"]}),
        (_l("Who belongs to it: all that is filled in must hold"), {"fields": [*SEGMENT_RULES]}),
    ]
    label_columns = {**SEGMENT_RULES, "rules": _l("Who belongs to it")}
    add_form_extra_fields = {
        "branch": RowSelectField(
            SEGMENT_RULES["branch"], lookup=BRANCHES.of(Branch), validators=[Optional()]
        ),
        **{name: _number(SEGMENT_RULES[name]) for name in segments.NUMBERS},
        "spent_from_fen": YuanField(SEGMENT_RULES["spent_from_fen"], validators=[Optional()]),
        "tags": RowsSelectField(SEGMENT_RULES["tags"], lookup=TAGS.of(Tag)),
        "note": long_text(_l("Note"), most=300),
    }
    edit_form_extra_fields = add_form_extra_fields
    formatters_columns = {"rules": rules_text}
    base_order = ("name", "asc")
    show_template = "crm/segment.html"
    empty_next = _l("Add a group of customers, for instance those who were quiet for 90 days.")

    def create(self, form: RowForm) -> Segment:
        row = Segment()
        self.change(row, form)
        db.session.add(row)
        return row

    def change(self, row: Segment, form: RowForm) -> None:
        typed = form.values()
        row.name, row.note, row.active = typed["name"], typed["note"], typed["active"]
        row.rules = {
            name: _stored(typed[name])
            for name in SEGMENT_RULES
            if typed[name] is not None and typed[name] != []
        }

    def edit_values(self, row: Segment) -> dict[str, Any]:
        rules = {**row.rules}
        tags = [db.session.get(Tag, key) for key in rules.pop("tags", [])]
        branch = db.session.get(Branch, rules.pop("branch", 0))
        return {**rules, "branch": branch, "tags": [tag for tag in tags if tag]}

    def show_context(self, row: Segment) -> dict[str, Any]:
        return {"members": segments.count(row.rules, actor=self.actor)}


def _stored(value: Any) -> Any:
    """Keys of rows instead of rows."""
    if isinstance(value, list):
        return [row.id for row in value]
    return value.id if isinstance(value, Branch) else value
