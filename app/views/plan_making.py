"""Making a plan for a customer: who and what, then when, then every date as it would be.

The second step is one form that is sent twice: to look, and with the hash of what was looked at,
to make the plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import abort, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import selectinload
from wtforms import DateField, Field, HiddenField, ValidationError
from wtforms.validators import InputRequired, Optional

from app.domain.calendar import days_of
from app.domain.errors import DomainError
from app.domain.recurrence import WEEKDAYS, Repeats
from app.extensions import db
from app.models import Address, CustomerAccount, OptionGroup, Quote, Service, ServicePlan, Worker
from app.services import access, clock
from app.services.orders import quotes
from app.services.orders.quotes import ItemWish, OptionWish
from app.services.plans import looking, making
from app.services.plans.looking import Preview, Seen, Wish
from app.services.plans.making import Choice
from app.services.plans.words import in_words
from app.views import formatters
from app.views import labels_plans as words
from app.views.base import RowForm, expose, has_access
from app.views.fields import ChoiceField, RowSelectField
from app.views.fields_calendar import MinuteField, WeekdaysField
from app.views.labels import word
from app.views.scoped import CUSTOMERS, WORKERS, long_text
from app.views.widgets import CheckListWidget, TextWidget

__all__ = ["PlanMaking"]


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


class WhoForm(RowForm):
    customer = RowSelectField(
        _l("Customer"),
        lookup=CUSTOMERS.of(CustomerAccount),
        source=lambda: "/plans/lookup/customer",
        validators=[InputRequired()],
    )
    service = ChoiceField(_l("Service"), labels={}, validators=[InputRequired()])


class WhenForm(RowForm):
    """`quote` and `shown`: what was looked at; only that is made."""

    address = ChoiceField(_l("Address"), labels={}, validators=[InputRequired()])
    options = ChecksField(_l("Options"))
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
    note = long_text(_l("Note"), most=500)
    quote = HiddenField()
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


@dataclass(frozen=True)
class Line:
    """One date of the preview as the page shows it. `choices`: value -> text, the first chosen."""

    seen: Seen
    state: Any
    note: str
    name: str
    choices: Mapping[str, Any]


class PlanMaking:
    """For ServicePlanView."""

    actor: Any
    url_of: Any
    render_template: Any
    crumbs: Any

    @expose("/make", methods=["GET", "POST"])
    @has_access
    def make(self) -> Any:
        """First who and what, then the page of one customer and service."""
        customer = _customer(self.actor, request.args.get("customer", ""))
        service = _service()
        if customer is not None and service is not None:
            return self._when(customer, service)
        form = WhoForm(formdata=request.args if request.args else None)
        form.service.labels = _services()
        return self.render_template(
            "plans/who.html", title=_("New recurring plan"), form=form, crumbs=self.crumbs()
        )

    def _when(self, customer: CustomerAccount, service: Service) -> Any:
        form = WhenForm(data={"starts_on": clock.today(), "on_holidays": "skip"})
        form.address.labels = _addresses(customer)
        form.options.labels = _options(service)
        shown, plan = None, None
        if form.validate_on_submit():
            try:
                shown = self._looked(form, customer, service)
                if request.form.get("make") and form.shown.data == shown.hash:
                    plan = self._made(form, customer, shown)
            except DomainError as error:
                form.refuse_with(error)
            if plan is not None:
                return redirect(self.url_of("show", pk=plan.id))
        self._remember(form, shown)
        page = self.render_template(
            "plans/make.html", title=_("New recurring plan"), form=form, crumbs=self.crumbs(),
            customer=customer, service=service, shown=shown, lines=_lines(shown),
            often=in_words(shown.rule) if shown else "",
        )  # fmt: skip
        return (page, 422) if form.is_submitted() and shown is None else page

    def _looked(self, form: WhenForm, customer: CustomerAccount, service: Service) -> Preview:
        """What was looked at before is looked at again with the same quote while it stands."""
        wishes = [ItemWish(service.id, 1, [OptionWish(int(k)) for k in form.options.data or ()])]
        quote = _quote_again(form, customer, wishes)
        if quote is None:
            address_id = int(str(form.address.data))
            quote = quotes.make_quote(customer.id, address_id, wishes, actor=self.actor)
        return looking.preview(quote, form.wish())

    def _made(self, form: WhenForm, customer: CustomerAccount, shown: Preview) -> ServicePlan:
        choices = [_choice(one.on) for one in shown.dates if f"on-{one.on}" in request.form]
        return making.create_plan(
            customer.id, shown.quote.number, form.wish(), shown.hash,
            choices=[choice for choice in choices if choice], note=str(form.note.data or ""),
            actor=self.actor,
        )  # fmt: skip

    def _remember(self, form: WhenForm, shown: Preview | None) -> None:
        """Of what the page shows now; what was typed is changed by the next look."""
        form.quote.data = shown.quote.number if shown else ""
        form.shown.data = shown.hash if shown else ""
        form.quote.raw_data = form.shown.raw_data = None


def _customer(actor: Any, key: str) -> CustomerAccount | None:
    if not key.isdigit() or len(key) > 15:
        return None
    return access.row_for(actor, CustomerAccount, int(key))


def _services() -> dict[str, str]:
    query = sa.select(Service).filter_by(published=True).order_by(Service.position, Service.id)
    return {str(row.id): str(row) for row in db.session.scalars(query)}


def _service() -> Service | None:
    key = request.args.get("service", "")
    if not key.isdigit() or len(key) > 15:
        return None
    query = sa.select(Service).where(Service.id == int(key), Service.published)
    whole = query.options(selectinload(Service.option_groups).selectinload(OptionGroup.options))
    service = db.session.scalar(whole)
    if service is None:
        abort(404)
    return service


def _addresses(customer: CustomerAccount) -> dict[str, str]:
    """The door stays closed: district, label and contact tell which one is meant."""
    query = sa.select(Address).filter_by(customer_id=customer.id, archived=False)
    rows = db.session.scalars(query.order_by(Address.id)).all()
    return {str(row.id): f"{row.region.name} {row.label or row.contact_name}" for row in rows}


def _options(service: Service) -> dict[str, str]:
    return {
        str(option.id): f"{group.name}: {option.name}"
        for group in service.option_groups
        for option in group.options
        if option.active
    }


def _quote_again(
    form: WhenForm, customer: CustomerAccount, wishes: Sequence[ItemWish]
) -> Quote | None:
    """The quote that the page showed, if it is of the same address and services and stands."""
    number = str(form.quote.data or "")
    try:
        quote = quotes.quote_of(customer.id, number)
    except DomainError:
        return None
    same = quotes.wishes_of(quote.request) == list(wishes)
    return quote if same and str(quote.address_id) == form.address.data else None


def _choice(on: date) -> Choice | None:
    """What was chosen in the table for that day."""
    value = request.form.get(f"on-{on}", "")
    if value in (making.SKIP, making.KEEP):
        return Choice(on, value)
    try:
        starts_at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return Choice(on, starts_at=starts_at) if starts_at.tzinfo else None


def _lines(shown: Preview | None) -> list[Line]:
    badge = formatters.choice(words.DATE_STATE, words.DATE_KINDS)
    return [
        Line(
            seen=one,
            state=badge(one.state),
            note=_note(one),
            name=f"on-{one.on}",
            choices=_choices(one),
        )
        for one in (shown.dates if shown else ())
    ]


def _note(one: Seen) -> str:
    parts = [word(words.DATE_REASON, one.reason)] if one.reason else []
    if one.day_kind == "rest":
        parts.append(_("holiday: %(name)s", name=one.day_name))
    if one.day_kind == "working":
        parts.append(_("this weekend is worked: %(name)s", name=one.day_name))
    return _("; ").join(parts)


def _choices(one: Seen) -> dict[str, Any]:
    """Nothing can be chosen for a date beyond the horizon; the default comes first."""
    if one.on > looking.horizon():
        return {}
    usual = {
        looking.HOLIDAY: _("Left out"),
        looking.OTHER_TIME: _("Decide later"),
        looking.IMPOSSIBLE: _("Decide later"),
    }
    kept = {making.KEEP: _("Keep")} if one.state == looking.HOLIDAY else {}
    others = {
        start.isoformat(): _(
            "At %(instant)s", instant=clock.city_time(start).strftime("%m-%d %H:%M")
        )
        for start in one.alternatives
    }
    return {"": usual.get(one.state, _("Keep")), **kept, **others, making.SKIP: _("Leave out")}
