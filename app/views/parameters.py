"""The rules of the house: found, understood and changed by who may. Made from declarations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.errors import N_, DomainError
from app.domain.parameter import Parameter
from app.domain.parameters import BY_KEY, DECLARED
from app.extensions import db
from app.models import ParameterChange
from app.services.system import parameter_requests, parameters
from app.views.base import BaseView, expose, has_access, permission_name
from app.views.base_forms import RowForm
from app.views.labels_parameters import PARAMETER_AREA, PARAMETER_GROUP
from app.views.parameter_forms import bounds, form_for, name_of, shown, typed
from app.views.staff_names import name_of_staff

MOST_CHANGES = 50
ASKED = N_("Sent. It changes when a second person agrees, under Approvals.")
CHANGE = {group: f"can_change_{group}" for group in PARAMETER_GROUP}


@dataclass(frozen=True)
class Rule:
    """A parameter with its value in force, as the page shows it."""

    parameter: Parameter
    name: str
    help: str
    value: Any
    default: Any
    changed: bool
    bounds: str
    decides: str
    may_change: bool
    ahead: tuple[Any, datetime] | None
    by_two: bool
    open_request: int | None


class ParameterView(BaseView):
    route_base = "/parameters"
    default_view = "rules"
    base_permissions = ["can_rules", "can_rule", *CHANGE.values()]

    @expose("/", methods=["GET"])
    @has_access
    def rules(self) -> str:
        """All rules by area; `?q=` narrows them."""
        text = request.args.get("q", "").strip()[:100]
        found = [rule for rule in map(self._rule, DECLARED) if _matches(rule, text)]
        areas: dict[str, list[Rule]] = {}
        for rule in found:
            areas.setdefault(rule.parameter.key.split(".")[0], []).append(rule)
        return self.render_template(
            "system/parameters.html", title=_("Parameters"), text=text,
            lead=_("The rules of the house. Each change is kept with who made it and why."),
            areas=[(PARAMETER_AREA.get(code, code), rules) for code, rules in areas.items()],
        )  # fmt: skip

    @expose("/<key>", methods=["GET", "POST"])
    @has_access
    def rule(self, key: str) -> Any:
        parameter = BY_KEY.get(key) or abort(404)
        form = form_for(parameter, parameters.get(key))
        if request.method == "POST":
            self.demand(CHANGE[parameter.group])
            if form.validate() and self._change(parameter, form):
                flash(self._outcome(parameter), "success")
                return redirect(self.url_of("rules", q=request.args.get("q")))
        page = self.render_template(
            "system/parameter.html", title=name_of(parameter), form=form,
            crumbs=[(_("Parameters"), self.url_of("rules"))],
            rule=self._rule(parameter, alone=True),
            changes=[(change, _value(parameter, change.old), _value(parameter, change.new),
                      name_of_staff(change.actor_id)) for change in _history(key)],
        )  # fmt: skip
        return (page, 422) if request.method == "POST" else page

    @expose("/<key>/forget", methods=["POST"])
    @has_access
    @permission_name("rule")
    def forget(self, key: str) -> Any:
        """Take back the change that is ahead."""
        parameter = BY_KEY.get(key) or abort(404)
        self.demand(CHANGE[parameter.group])
        try:
            asked = parameter_requests.request_forget(key, actor=self.actor)
            told = _("The change that was ahead is taken back.")
            flash(_(ASKED) if asked else told, "success")
        except DomainError as error:
            flash(str(error), "danger")
        return redirect(self.url_of("rule", key=key))

    def _change(self, parameter: Parameter, form: RowForm) -> bool:
        value, reason = typed(parameter, form), form["reason"].data
        day = form["effective_on"].data
        if parameter.type == "choices" and not value:
            form.refuse(_("Choose at least one"))
            return False
        try:
            parameter_requests.request_change(
                parameter.key, value, actor=self.actor, reason=reason, effective_on=day
            )
        except DomainError as error:
            form.refuse_with(error)
            return False
        return True

    def _outcome(self, parameter: Parameter) -> str:
        if parameter_requests.needs_second(parameter.key):
            return str(_(ASKED))
        return str(_("%(name)s changed.", name=name_of(parameter)))

    def _rule(self, parameter: Parameter, *, alone: bool = False) -> Rule:
        value = parameters.get(parameter.key)
        return Rule(
            parameter=parameter,
            name=name_of(parameter),
            help=_(parameter.help),
            value=shown(parameter, value),
            default=shown(parameter, parameter.default),
            changed=value != parameter.default,
            bounds=bounds(parameter),
            decides=str(PARAMETER_GROUP[parameter.group]),
            may_change=self.holds(CHANGE[parameter.group]),
            ahead=_ahead(parameter),
            by_two=parameter_requests.needs_second(parameter.key),
            open_request=parameter_requests.open_request(parameter.key) if alone else None,
        )


def _ahead(parameter: Parameter) -> tuple[Any, datetime] | None:
    found = parameters.ahead(parameter.key)
    return (shown(parameter, found[0]), found[1]) if found else None


def _matches(rule: Rule, text: str) -> bool:
    words = f"{rule.name} {rule.help} {rule.parameter.key}".lower()
    return all(word in words for word in text.lower().split())


def _history(key: str) -> Sequence[ParameterChange]:
    query = sa.select(ParameterChange).filter_by(key=key).order_by(ParameterChange.id.desc())
    return db.session.scalars(query.limit(MOST_CHANGES)).all()


def _value(parameter: Parameter, value: Any) -> Any:
    return _l("nothing") if value is None else shown(parameter, value)
