"""A form for each type of rule, and its value in words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.domain.calendar import clock_of
from app.domain.parameter import Parameter
from app.services.roster.house import WEEKDAYS
from app.views import labels
from app.views.base_forms import RowForm
from app.views.fields import ChoiceField, TextField, YuanField
from app.views.fields_calendar import MinuteField
from app.views.formatters import money, yes_no
from app.views.labels import Labels, word
from app.views.labels_catalog import WEEKDAY
from app.views.labels_parameters import NAME, TAX_TABLE, UNIT
from app.views.labels_quality import SEVERITY
from app.views.labels_reasons import SCORE_TERM
from app.views.widgets import CheckboxWidget, TextWidget

CHOICES: dict[str, Labels] = {
    "payment.methods": labels.PAY_CHANNEL,
    "payment.late_payment": {
        "revive": _l("Take the order up again if the time is free"),
        "refund": _l("Give the money back"),
    },
    "dispatch.mode": labels.OFFER_MODE,
    "settlement.period": {"weekly": _l("every week"), "monthly": _l("every month")},
    "settlement.tax_table": TAX_TABLE,
    "workers.documents": labels.DOCUMENT_KIND,
    "booking.weekdays": dict(zip(WEEKDAYS, WEEKDAY.values(), strict=True)),
}
WEIGHTED: Labels = {**SCORE_TERM, **SEVERITY}
WEIGHT, TICK = "weight_", "tick_"


def name_of(parameter: Parameter) -> str:
    return str(NAME.get(parameter.key, parameter.key))


def form_for(parameter: Parameter, value: Any) -> RowForm:
    """A form with the value in force; what was typed wins."""
    fields = _fields(parameter)
    fields["reason"] = TextField(
        _l("Reason"), validators=[InputRequired(), Length(min=2, max=200)], widget=TextWidget()
    )
    fields["effective_on"] = DateField(
        _l("From (day)"), validators=[Optional()], widget=TextWidget("date"),
        description=_l("Empty: from now on. A day: from its beginning."),
    )  # fmt: skip
    data = {"value": value}
    if parameter.type == "weights":
        data = {f"{WEIGHT}{key}": weight for key, weight in value.items()}
    elif parameter.type == "choices":
        data = {f"{TICK}{code}": True for code in value}
    form: RowForm = type("ParameterForm", (RowForm,), fields)(data=data)
    return form


def _fields(parameter: Parameter) -> dict[str, Any]:
    label = _l("New value")
    match parameter.type:
        case "integer" if parameter.unit == "fen":
            return {"value": YuanField(label, validators=[InputRequired(), _range(parameter)])}
        case "integer" if parameter.is_time_of_day:
            return {"value": _time_of_day(label, parameter)}
        case "integer":
            return {"value": _number(label, parameter, _hint(parameter))}
        case "boolean":
            return {"value": BooleanField(label, widget=CheckboxWidget())}
        case "choice":
            labelled = dict(_choices(parameter))
            return {"value": ChoiceField(label, labels=labelled, validators=[InputRequired()])}
        case "choices":
            return {
                f"{TICK}{code}": BooleanField(text, widget=CheckboxWidget())
                for code, text in _choices(parameter)
            }
        case "weights":
            return {
                f"{WEIGHT}{key}": _number(WEIGHTED.get(key, key), parameter, unit_of(parameter))
                for key in parameter.default
            }
        case _:
            limit = Length(max=parameter.high or 200)
            return {"value": TextField(label, validators=[limit], empty="", widget=TextWidget())}


def _number(label: Any, parameter: Parameter, hint: str) -> IntegerField:
    widget = TextWidget("number", step="1")
    needed = [InputRequired(), _range(parameter)]
    return IntegerField(label, validators=needed, description=hint, widget=widget)


def _time_of_day(label: Any, parameter: Parameter) -> MinuteField:
    """Where midnight would be the first moment of a day and is not allowed, it is the last one."""
    needed = [InputRequired(), _range(parameter)]
    return MinuteField(label, needed, description=bounds(parameter), end=parameter.low != 0)


def _range(parameter: Parameter) -> NumberRange:
    return NumberRange(parameter.low, parameter.high, message=bounds(parameter))


def _choices(parameter: Parameter) -> list[tuple[str, Any]]:
    table = CHOICES.get(parameter.key, {})
    return [(code, table.get(code, code)) for code in parameter.choices]


def _hint(parameter: Parameter) -> str:
    unit = unit_of(parameter)
    return f"{bounds(parameter)} {unit}".strip()


def typed(parameter: Parameter, form: RowForm) -> Any:
    """The new value that was typed into the form."""
    if parameter.type == "weights":
        return {key: form[f"{WEIGHT}{key}"].data for key in parameter.default}
    if parameter.type == "choices":
        return [code for code in parameter.choices if form[f"{TICK}{code}"].data]
    return form["value"].data


def unit_of(parameter: Parameter) -> str:
    return str(UNIT.get(parameter.unit, parameter.unit))


def bounds(parameter: Parameter) -> str:
    """What is allowed, in a few words; "" where there is no bound."""
    if parameter.type not in {"integer", "weights"} or parameter.low is None:
        return ""
    low, high = parameter.low, parameter.high or 0
    if parameter.is_time_of_day:
        return _("%(low)s to %(high)s", low=clock_of(low), high=clock_of(high))
    if parameter.unit == "fen":
        return _("¥%(low)s to ¥%(high)s", low=f"{low / 100:,.2f}", high=f"{high / 100:,.2f}")
    return _("%(low)s to %(high)s", low=f"{low:,}", high=f"{high:,}")


def shown(parameter: Parameter, value: Any) -> Any:
    """The value as people read it."""
    match parameter.type:
        case "integer" if parameter.unit == "fen":
            return money(value)
        case "integer" if parameter.is_time_of_day:
            return clock_of(value)
        case "integer":
            return f"{value:,} {unit_of(parameter)}".strip()
        case "boolean":
            return yes_no(value)
        case "choice":
            return word(CHOICES.get(parameter.key, {}), value)
        case "choices":
            table = CHOICES.get(parameter.key, {})
            return _(", ").join(word(table, code) for code in value)
        case "weights":
            return _(", ").join(f"{word(WEIGHTED, key)} {value[key]}" for key in value)
        case _:
            return value
