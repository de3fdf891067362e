"""What the company knows of its workers beyond their file: checks, training, teams, weeks."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, NumberRange

from app.domain.calendar import end_after
from app.models import (
    Availability,
    Experience,
    FaceCheck,
    PerformancePeriod,
    Reward,
    ShiftTemplate,
    Team,
    TeamMember,
    TrainingRecord,
)
from app.views import labels_people as words
from app.views.base import Lookup, ModelInterface, RowForm
from app.views.catalog_rules import DAYS_IN_ORDER
from app.views.fields_calendar import (
    BreaksField,
    MinuteField,
    WeekdayField,
    WeekdaysField,
    minute,
    spans,
    weekdays,
)
from app.views.formatters import EMPTY, choice
from app.views.labels_catalog import WEEKDAY
from app.views.scoped import BRANCHES, WORKERS, RecordView, ReferenceView, mine
from app.views.traffic_light import valid_until

NIGHT = _l("A time that is not after the first is on the next day")


class FaceCheckView(RecordView):
    datamodel = ModelInterface(FaceCheck)
    noun, noun_plural = _l("Face check"), _l("Face checks")
    list_columns = ["worker", "status", "score", "attempts", "checked_at", "created_at"]
    show_columns = [*list_columns, "provider", "reference", "failure"]
    search_columns = ["worker", "status", "created_at"]
    label_columns = {
        "score": _l("Likeness (of 1000)"),
        "attempts": _l("Tries"),
        "checked_at": _l("Checked at"),
        "provider": _l("Checked by"),
        "reference": _l("Reference"),
        "failure": _l("Why not"),
    }
    choices = {"status": words.FACE_STATUS}
    badges = {"status": words.FACE_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("id", "desc")

    def name_of(self, row: FaceCheck) -> str:
        return f"{row.worker} · {self.noun}"


class TrainingRecordView(ReferenceView):
    datamodel = ModelInterface(TrainingRecord)
    noun, noun_plural = _l("Training"), _l("Trainings")
    list_columns = ["worker", "course", "held_on", "hours", "score", "result", "valid_to"]
    show_columns = [*list_columns, "note", "created_at"]
    search_columns = ["worker", "course", "result", "held_on", "valid_to"]
    add_columns = edit_columns = [*list_columns, "note"]
    label_columns = {
        "course": _l("Course"),
        "held_on": _l("Held on"),
        "hours": _l("Hours"),
        "score": _l("Points"),
        "result": _l("Result"),
        "valid_to": _l("Valid to"),
    }
    # Planned or not passed: nothing is valid, for however long.
    formatters_columns = {"valid_to": lambda last: valid_until(last) if last else EMPTY}
    validators_columns = {"hours": [NumberRange(0, 1000)], "score": [NumberRange(0, 1000)]}
    refusals = {"days_in_order": ("valid_to", DAYS_IN_ORDER)}
    choices = {"result": words.TRAINING_RESULT}
    badges = {"result": words.TRAINING_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("held_on", "desc")

    def name_of(self, row: TrainingRecord) -> str:
        return f"{row.worker} · {row.course}"


class ExperienceView(ReferenceView):
    datamodel = ModelInterface(Experience)
    noun, noun_plural = _l("Earlier job"), _l("Experience")
    list_columns = ["worker", "employer", "work", "started_on", "ended_on"]
    show_columns = add_columns = edit_columns = list_columns
    search_columns = ["worker", "employer", "started_on"]
    label_columns = {
        "employer": _l("Employer"),
        "work": _l("Work"),
        "started_on": _l("First day"),
        "ended_on": _l("Last day"),
    }
    refusals = {"days_in_order": ("ended_on", DAYS_IN_ORDER)}
    lookups = {"worker": WORKERS}
    base_order = ("started_on", "desc")

    def name_of(self, row: Experience) -> str:
        return f"{row.worker} · {row.employer}"


class TeamMemberView(ReferenceView):
    base_permissions = ["can_list", "can_show", "can_add", "can_delete"]
    datamodel = ModelInterface(TeamMember)
    noun, noun_plural = _l("Team member"), _l("Team members")
    list_columns = ["team", "worker", "worker.number", "worker.level", "created_at"]
    show_columns = list_columns
    search_columns = ["team", "worker"]
    add_columns = ["team", "worker"]
    label_columns = {
        "team": _l("Team"),
        "worker.number": _l("Number"),
        "worker.level": _l("Level"),
    }
    lookups = {"team": Lookup(search=("name",), scope=mine(Team)), "worker": WORKERS}
    base_order = ("id", "asc")

    def name_of(self, row: TeamMember) -> str:
        return f"{row.team} · {row.worker}"


class TeamView(ReferenceView):
    datamodel = ModelInterface(Team)
    noun, noun_plural = _l("Team"), _l("Teams")
    list_columns = ["name", "branch", "lead", "members", "active"]
    show_columns = ["name", "branch", "lead", "active", "created_at"]
    search_columns = ["name", "branch", "lead", "active"]
    add_columns = edit_columns = ["name", "branch", "lead", "active"]
    label_columns = {"lead": _l("Led by"), "members": _l("Members")}
    formatters_columns = {"members": len}
    lookups = {"branch": BRANCHES, "lead": WORKERS}
    related_views = [TeamMemberView]
    base_order = ("name", "asc")
    empty_next = _l("Add a team, then its members on its page.")


class _Hours:
    """An end that is not after its start is on the next day."""

    def create(self, form: RowForm) -> Any:
        _through_the_night(form)
        return super().create(form)  # type: ignore[misc]

    def change(self, row: Any, form: RowForm) -> None:
        _through_the_night(form)
        super().change(row, form)  # type: ignore[misc]


def _through_the_night(form: RowForm) -> None:
    begin = form["from_minute"].data
    form["to_minute"].data = end_after(begin, form["to_minute"].data)
    if "breaks" in form:
        form["breaks"].data = [
            [end_after(begin, start + 1) - 1, end_after(begin, end)]
            for start, end in form["breaks"].data or []
        ]


HOURS = {
    "from_minute": MinuteField(_l("From (time)"), validators=[InputRequired()]),
    "to_minute": MinuteField(
        _l("To (time)"), validators=[InputRequired()], end=True, description=NIGHT
    ),
}


class AvailabilityView(_Hours, ReferenceView):
    datamodel = ModelInterface(Availability)
    noun, noun_plural = _l("Wished working time"), _l("Wished working times")
    list_columns = ["worker", "weekday", "from_minute", "to_minute"]
    show_columns = add_columns = edit_columns = list_columns
    search_columns = ["worker"]
    label_columns = {
        "weekday": _l("Weekday"),
        "from_minute": _l("From (time)"),
        "to_minute": _l("To (time)"),
    }
    add_form_extra_fields = {
        "weekday": WeekdayField(_l("Weekday"), validators=[InputRequired()]),
        **HOURS,
    }
    edit_form_extra_fields = add_form_extra_fields
    formatters_columns = {
        "weekday": choice(WEEKDAY),
        "from_minute": minute,
        "to_minute": minute,
    }
    lookups = {"worker": WORKERS}
    base_order = ("weekday", "asc")

    def name_of(self, row: Availability) -> str:
        return f"{row.worker} · {WEEKDAY[row.weekday]}"


class ShiftTemplateView(_Hours, ReferenceView):
    datamodel = ModelInterface(ShiftTemplate)
    noun, noun_plural = _l("Shift template"), _l("Shift templates")
    list_columns = ["name", "branch", "weekdays", "from_minute", "to_minute", "breaks", "active"]
    show_columns = list_columns
    search_columns = ["name", "branch", "active"]
    add_columns = edit_columns = list_columns
    label_columns = {
        "weekdays": _l("Weekdays"),
        "from_minute": _l("From (time)"),
        "to_minute": _l("To (time)"),
        "breaks": _l("Breaks"),
    }
    add_form_extra_fields = {
        "weekdays": WeekdaysField(_l("Weekdays"), default=31),
        **HOURS,
        "breaks": BreaksField(
            _l("Breaks"), description=_l("For instance 12:00-13:00, 18:00-18:30; empty for none")
        ),
    }
    edit_form_extra_fields = add_form_extra_fields
    formatters_columns = {
        "weekdays": weekdays,
        "from_minute": minute,
        "to_minute": minute,
        "breaks": spans,
    }
    refusals = {"weekdays_known": ("weekdays", _l("Tick at least one day"))}
    lookups = {"branch": BRANCHES}
    base_order = ("name", "asc")
    empty_next = _l("Add early, late and night; rosters are filled from them.")


class RewardView(RecordView):
    datamodel = ModelInterface(Reward)
    noun, noun_plural = _l("Reward or penalty"), _l("Rewards and penalties")
    list_columns = ["worker", "kind", "amount_fen", "reason", "status", "created_at"]
    show_columns = list_columns
    search_columns = ["worker", "kind", "status", "created_at"]
    choices = {"kind": words.REWARD_KIND, "status": words.REWARD_STATUS}
    badges = {"status": words.REWARD_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("id", "desc")

    def name_of(self, row: Reward) -> str:
        return f"{row.worker} · {words.REWARD_KIND[row.kind]}"


class PerformancePeriodView(RecordView):
    datamodel = ModelInterface(PerformancePeriod)
    noun, noun_plural = _l("Performance"), _l("Performance")
    list_columns = ["worker", "period_from", "period_to", "score", "grade", "status"]
    show_columns = [*list_columns, "terms", "created_at"]
    search_columns = ["worker", "status", "period_from", "grade"]
    label_columns = {
        "period_from": _l("First day"),
        "period_to": _l("Last day"),
        "score": _l("Score"),
        "grade": _l("Grade"),
        "terms": _l("What it is made of"),
    }
    choices = {"status": words.PERIOD_STATUS}
    badges = {"status": words.PERIOD_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("period_from", "desc")

    def name_of(self, row: PerformancePeriod) -> str:
        return f"{row.worker} · {row.period_from:%Y-%m}"
