"""What is typed to make a plan, or to change one from some day on."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, HiddenField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from app.domain.calendar import days_of
from app.domain.recurrence import WEEKDAYS, Repeats
from app.models import Worker
from app.services import clock
from app.services.plans.looking import Wish
from app.views import labels_orders
from app.views import labels_plans as words
from app.views.base import RowForm
from app.views.fields import ChoiceField, RowSelectField, TextField
from app.views.fields_calendar import MinuteField, WeekdaysField
from app.views.scoped import WORKERS, long_text
from app.views.widgets import CheckListWidget, TextWidget

PARTIES = {key: labels_orders.CANCEL_PARTY[key] for key in ("customer", "platform")}


class ChecksField(Field):
    """Boxes to tick; holds the chosen values. `labels`: {value: text}."""

    widget, is_group = CheckListWidget(), True

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        self.labels = more.pop("labels", {})
        super().__init__(label, validators, **more)

    def options(self) -> Iterator[tuple[str, Any, bool]]:
        for value, text in self.labels.items():
            yield (str(value), text, str(value) in (self.data or []))

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = list(dict.fromkeys(valuelist))

    def pre_validate(self, form: Any) -> None:
        if not set(self.data or ()) <= {str(value) for value in self.labels}:
            raise ValidationError(self.gettext("Not a valid choice."))


class PlanForm(RowForm):
    """Where, when and by whom; the services are boxes of the page itself.

    `shown`: what was looked at; only that is done.
    """

    address = ChoiceField(_l("Address"), labels={}, validators=[InputRequired()])
    kind = ChoiceField(_l("Repeats"), labels=words.REPEATS, validators=[InputRequired()])
    weekdays = WeekdaysField(_l("Weekdays"))
    weeks = ChecksField(
        _l("Weeks of the month"), labels=words.WEEK,
        description=_l("For plans on weekdays of the month; two of them for twice a month."),
    )  # fmt: skip
    day = ChoiceField(
        _l("Day of the month"), labels={str(day): str(day) for day in range(1, 32)},
        description=_l("A shorter month takes its last day."),
    )  # fmt: skip
    starts_on = DateField(_l("From"), validators=[InputRequired()], widget=TextWidget("date"))
    ends_on = DateField(_l("Last day"), validators=[Optional()], widget=TextWidget("date"))
    start = MinuteField(_l("Start"), validators=[InputRequired()])
    worker = RowSelectField(
        _l("Wished worker"),
        lookup=WORKERS.of(Worker),
        source=lambda: "/plans/lookup/preferred_worker",
    )
    on_holidays = ChoiceField(
        _l("Rest days"), labels=words.ON_HOLIDAYS, validators=[InputRequired()]
    )
    shown = HiddenField()

    def wish(self) -> Wish:
        """What was typed. The required fields are there."""
        kind, day = str(self.kind.data), self.day.data
        weekdays = tuple(WEEKDAYS[n] for n in days_of(self.weekdays.data or 0))
        worker = self.worker.data
        return Wish(
            repeats=Repeats(
                kind,
                () if kind == "monthly_day" else weekdays,
                tuple(int(week) for week in self.weeks.data or ()) if "month" in kind else (),
                int(day) if day and kind == "monthly_day" else None,
            ),
            starts_on=self.starts_on.data or clock.today(),
            start_minute=self.start.data or 0,
            ends_on=self.ends_on.data,
            worker_id=worker.id if worker else None,
            on_holidays=str(self.on_holidays.data),
        )


class WhenForm(PlanForm):
    """`quote`: what was looked at, as long as it stands."""

    note = long_text(_l("Note"), most=500)
    quote = HiddenField()


class ChangeForm(PlanForm):
    """A plan from some day on. `party`: whose wish it is, for orders that were made already."""

    party = ChoiceField(_l("Changed by"), labels=PARTIES, validators=[InputRequired()])
    reason = TextField(
        _l("Reason"), empty="", validators=[InputRequired(), Length(min=2, max=200)],
        widget=TextWidget(),
    )  # fmt: skip
