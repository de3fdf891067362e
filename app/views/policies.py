"""How dispatch is tuned, in revisions, and what dispatchers did on the board."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.models import BoardAction, DispatchPolicy
from app.services.dispatch import policies
from app.services.system import parameters
from app.views import labels
from app.views.base import ModelInterface, RowForm, row_action
from app.views.labels import word
from app.views.labels_reasons import BOARD_STEP, SCORE_TERM
from app.views.scoped import BRANCHES, RecordView, ReferenceView
from app.views.staff_names import name_of_staff
from app.views.told import board_step
from app.views.widgets import TextWidget


def weights_text(weights: dict[str, int] | None) -> str:
    told = (f"{SCORE_TERM.get(term, term)} {weight}" for term, weight in (weights or {}).items())
    return _(", ").join(told)


class DispatchPolicyView(ReferenceView):
    """A revision is never changed: a new one takes its place, and runs can name theirs."""

    base_permissions = ["can_list", "can_show", "can_add"]
    datamodel = ModelInterface(DispatchPolicy)
    noun, noun_plural = _l("Dispatch policy"), _l("Dispatch policies")
    list_columns = ["name", "branch", "revision", "mode", "rounds", "batch", "active"]
    show_columns = [*list_columns, "weights", "created_at"]
    search_columns = ["name", "branch", "mode", "active"]
    add_fieldsets = [
        (_l("What it is"), {"fields": ["branch", "name"]}),
        (_l("How offers are made"), {"fields": ["mode", "rounds", "batch"]}),
        (_l("What counts, in relation to each other"), {"fields": list(SCORE_TERM)}),
    ]
    label_columns = {
        **SCORE_TERM,
        "revision": _l("Revision"),
        "mode": _l("Way of offering"),
        "rounds": _l("Rounds"),
        "batch": _l("Offers a round"),
        "weights": _l("Weights"),
    }
    add_form_extra_fields = {
        term: IntegerField(
            label,
            validators=[InputRequired(), NumberRange(0, 100)],
            widget=TextWidget("number", step="1"),
        )
        for term, label in SCORE_TERM.items()
    }  # fmt: skip
    formatters_columns = {"weights": weights_text}
    validators_columns = {"rounds": [NumberRange(1, 20)], "batch": [NumberRange(1, 20)]}
    choices = {"mode": labels.OFFER_MODE}
    lookups = {"branch": BRANCHES}
    base_order = ("id", "desc")
    empty_next = _l("Without a policy the company's parameters apply.")

    def form_defaults(self) -> dict[str, Any]:
        """What holds now for everybody: a revision changes a little of it."""
        return {**parameters.get("dispatch.weights"), "mode": parameters.get("dispatch.mode")}

    def create(self, form: RowForm) -> DispatchPolicy:
        typed = form.values()
        return policies.add_revision(
            typed["branch"].id,
            name=typed["name"],
            mode=typed["mode"],
            rounds=typed["rounds"],
            batch=typed["batch"],
            weights={term: typed[term] for term in SCORE_TERM},
            actor=self.actor,
        )

    @row_action("activate", _l("Activate"), icon="fa-toggle-on", main=True, multiple=False,
                confirm=_l("Dispatch by this policy from now on?"),
                when=lambda policy: not policy.active)  # fmt: skip
    def activate(self, pk: int) -> None:
        policies.activate(pk, actor=self.actor)

    @row_action("deactivate", _l("Deactivate"), icon="fa-toggle-off", multiple=False,
                confirm=_l("Dispatch by the company's parameters again?"),
                when=lambda policy: policy.active)  # fmt: skip
    def deactivate(self, pk: int) -> None:
        policies.deactivate(pk, actor=self.actor)


class BoardActionView(RecordView):
    datamodel = ModelInterface(BoardAction)
    noun, noun_plural = _l("Step on the board"), _l("Steps on the board")
    list_columns = ["created_at", "staff_id", "kind", "order", "undone_at"]
    show_columns = [*list_columns, "branch", "before", "after"]
    search_columns = ["kind", "created_at", "undone_at"]
    label_columns = {
        "staff_id": _l("Who"),
        "before": _l("Before"),
        "after": _l("After"),
        "undone_at": _l("Taken back at"),
    }
    formatters_columns: dict[str, Any] = {
        "staff_id": name_of_staff,
        "before": board_step,
        "after": board_step,
    }
    choices = {"kind": BOARD_STEP}
    base_order = ("id", "desc")

    def name_of(self, row: BoardAction) -> str:
        return f"{row.order} · {word(BOARD_STEP, row.kind)}"
