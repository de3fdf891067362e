"""Booking for a customer who calls: what, where and when, on two pages."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import selectinload
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.domain.errors import DomainError, NotFound
from app.extensions import db
from app.models import Address, Quote, Worker
from app.services import clock
from app.services.orders import manual, quotes
from app.views import calling, choosing_services
from app.views.base import RowForm, RowPages, expose, has_access, row_action
from app.views.fields import LocalDateTimeField, TextField
from app.views.formatters import money
from app.views.labels_orders import NO_TIME, SLOT_GRADE
from app.views.widgets import LongTextWidget, TextWidget

DAYS_SHOWN = 7


class WhatForm(RowForm):
    """The address, services and options are boxes of the page itself."""

    days = IntegerField(
        _l("Days in a row"), default=1, validators=[InputRequired(), NumberRange(1, 60)],
        widget=TextWidget("number", step="1"),
    )  # fmt: skip
    coupon = TextField(
        _l("Coupon"), empty="", validators=[Length(max=24)], widget=TextWidget(),
        description=_l("The code of one of this customer's coupons"),
    )  # fmt: skip


class WhenForm(RowForm):
    """`starts_at` is one of the times shown; `other` any time. `shown`: the hash of the price
    that the page told; at another price it is told first.
    """

    starts_at = HiddenField()
    shown = HiddenField()
    other = LocalDateTimeField(
        _l("Another time"), validators=[Optional()],
        description=_l("Only when none of the times above is wanted"),
    )  # fmt: skip
    worker = TextField(
        _l("Worker (number)"), empty="", validators=[Length(max=16)], widget=TextWidget(),
        description=_l("Empty: whoever suits best"),
    )  # fmt: skip
    note = TextField(
        _l("Special requirements"), empty="", validators=[Length(max=500)], widget=LongTextWidget()
    )
    reason = TextField(
        _l("Reason for an exception"), empty="", validators=[Length(max=200)], widget=TextWidget(),
        description=_l("Needed for a time that is not offered, or a worker who breaks a rule"),
    )  # fmt: skip


class BookingPages(RowPages):
    """For CustomerView."""

    @row_action("book", _l("Book for this customer"), icon="fa-calendar-plus", main=True,
                multiple=False, when=lambda row: row.status == "active")  # fmt: skip
    def book(self, pk: int) -> Any:
        return redirect(self.url_of("booking", pk=pk))

    @expose("/booking/<int:pk>", methods=["GET", "POST"])
    @has_access
    def booking(self, pk: int) -> Any:
        """What is wanted, and where."""
        row, form = self.row_or_404(pk), WhatForm()
        if form.validate_on_submit():
            try:
                quote = manual.quote_for(
                    manual.customer_of(row.id).id, request.form.get("address", 0, int),
                    choosing_services.typed(), days=form.days.data or 1,
                    coupon=str(form.coupon.data or ""), actor=self.actor,
                )  # fmt: skip
                return redirect(self.url_of("booking_times", pk=pk, number=quote.number))
            except DomainError as error:
                form.refuse_with(error)
        page = self.render_template(
            "orders/book_what.html", title=_("Book for a customer"), lead=row.name, form=form,
            pk=pk, crumbs=self.crumbs(row), addresses=addresses_of(row.id),
            wanted=request.values.get("address", 0, int), add_address=calling.address_form(row.id),
            chosen=choosing_services.shown(),
        )  # fmt: skip
        return (page, 422) if form.is_submitted() else page

    @expose("/booking_times/<int:pk>/<number>", methods=["GET", "POST"])
    @has_access
    def booking_times(self, pk: int, number: str) -> Any:
        """When, and by whom; then it is booked, or operations are asked."""
        row, form = self.row_or_404(pk), WhenForm()
        try:
            quote = quotes.quote_of(row.id, number)
        except DomainError:
            return redirect(self.url_of("booking", pk=pk))
        then = quote
        if form.validate_on_submit():
            try:
                start = _start(form)
                then = quotes.seen_at(quote, start)
                if form.shown.data == then.hash:
                    return self._booked(row.id, quote, start, form)
            except DomainError as error:
                form.refuse_with(error)
                tell_more(form, error)
        confirm = form.shown.data != then.hash and form.is_submitted()
        form.shown.data, form.shown.raw_data = then.hash, None
        first = request.args.get("first", type=date.fromisoformat) or clock.today()
        days = manual.times_of(quote, max(first, clock.today()), DAYS_SHOWN)
        page = self.render_template(
            "orders/book_when.html", title=_("Choose a time"), lead=row.name, form=form, pk=pk,
            crumbs=self.crumbs(row), quote=then, confirm=confirm, days=days, why=NO_TIME,
            grades=SLOT_GRADE,
            earlier=_other(self, pk, number, first, -1), later=_other(self, pk, number, first, 1),
            city_time=clock.city_time, money=money,
        )  # fmt: skip
        return (page, 422) if form.is_submitted() and form.errors else page

    def _booked(self, customer_id: int, quote: Quote, start: datetime, form: WhenForm) -> Any:
        worker_id = _worker(quote, form)
        what: dict[str, Any] = {
            "note": str(form.note.data), "reason": str(form.reason.data), "actor": self.actor,
        }  # fmt: skip
        if "ask" in request.form and worker_id is not None:
            manual.ask_despite(
                customer_id, quote.number, str(form.shown.data), start, worker_id, **what
            )
            return redirect(url_for("ApprovalView.list"))
        order = manual.book(
            customer_id, quote.number, str(form.shown.data), start, worker_id=worker_id, **what
        )
        return redirect(url_for("OrderView.show", pk=order.id))


def _start(form: WhenForm) -> datetime:
    if form.other.data:
        return form.other.data
    try:
        return datetime.fromisoformat(str(form.starts_at.data)).astimezone(UTC)
    except ValueError as exc:
        raise NotFound(_l("Choose a time"), field="other") from exc


def _worker(quote: Quote, form: WhenForm) -> int | None:
    """Raises NotFound for a number that nobody of the branch has."""
    number = str(form.worker.data or "").strip()
    if not number:
        if "ask" in request.form:
            raise NotFound(_l("Enter the worker whom the exception is for"), field="worker")
        return None
    branch_id = quotes.branch_of(quote)
    found = db.session.scalar(sa.select(Worker.id).filter_by(number=number, branch_id=branch_id))
    if found is None:
        raise NotFound(_l("This worker does not exist"), field="worker")
    return found


def tell_more(form: WhenForm, error: DomainError) -> None:
    """The rule that forbids it, and the free times around."""
    reason = str(error.details.get("reason", ""))
    if reason and reason in NO_TIME:
        form.refuse(NO_TIME[reason])
    told = error.details.get("alternatives", [])
    near = [f"{clock.city_time(one['starts_at']):%m-%d %H:%M}" for one in told]
    if near:
        form.refuse(_("Free then: %(times)s", times=_(", ").join(near)))


def addresses_of(customer_id: int) -> list[Address]:
    kept = sa.select(Address).filter_by(customer_id=customer_id, archived=False)
    return list(db.session.scalars(kept.options(selectinload(Address.region)).order_by(Address.id)))


def _other(view: BookingPages, pk: int, number: str, first: date, way: int) -> str:
    other = max(first + timedelta(days=way * DAYS_SHOWN), clock.today())
    return str(view.url_of("booking_times", pk=pk, number=number, first=other.isoformat()))
