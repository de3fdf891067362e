"""Orders: a list to work from, and a page that tells the story of one."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import abort, current_app, request, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Length

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import Area, Attachment, CustomerAccount, MoveRequest, Order, Worker
from app.services import access, reveals
from app.services.dispatch import overrides
from app.services.dispatch.dispatching import dispatch_order, force_assign
from app.services.orders import choosing, open_moves
from app.views import dispatch_story, labels, order_money, order_story
from app.views.base import (
    Listing,
    Lookup,
    ModelInterface,
    expose,
    has_access,
    row_action,
)
from app.views.complaints import ComplaintView
from app.views.coupons import RedemptionView
from app.views.fields import RowSelectField, TextField
from app.views.formatters import instant
from app.views.labels import word
from app.views.labels_money import REFUND_KIND
from app.views.labels_reasons import BROKEN_RULE, UNASSIGNED_REASON
from app.views.moves import MoveRequestView
from app.views.noting import NotedView
from app.views.office import IncidentView
from app.views.order_changes import AddOnView, CancellationView
from app.views.order_compensation import Compensations
from app.views.order_editing import OrderEditing
from app.views.order_filters import OrderIs, StartsWithin
from app.views.order_troubles import OrderTroubles, suggest_workers
from app.views.order_verbs import OrderVerbs
from app.views.privacy import ReasonForm, RevealForm, masked_text, phone, revealed
from app.views.scoped import WORKERS, RecordView, mine
from app.views.visits import VisitView
from app.views.widgets import TextWidget

TABS = ("pending_dispatch", "offered", "accepted", "in_service", "pending_confirm", "exception")
MOST_COUNTED = 99
WAITING = {"pending_dispatch", "offered"}
PARTS = ("story", "dispatch", "changes", "money")


def _explained(error: RuleViolation) -> RuleViolation:
    """The refusal with the broken rules in words, at the worker's field."""
    broken = [word(BROKEN_RULE, code) for code in error.details.get("broken", [])]
    if not broken:
        return error
    return RuleViolation(
        _("This worker cannot take the visit: %(rules)s.", rules=_(", ").join(broken)),
        field="worker",
    )


def _is_sought(order: Order) -> bool:
    """Somebody can be sent: not while the customer chooses how it goes on."""
    return order.status in WAITING and not order.customer_chooses


class AssignForm(ReasonForm):
    worker: Any = RowSelectField(
        _l("Worker"),
        lookup=WORKERS.of(Worker),
        source=lambda: "/orders/lookup/lead_worker",
        validators=[InputRequired()],
        description=_l("The hard rules hold here too: skills, papers, area, shift, travel."),
    )
    reason = TextField(  # again, so that it stands after the worker
        _l("Reason"), validators=[InputRequired(), Length(min=2, max=200)], widget=TextWidget()
    )

    def look_at(self, row: Order, actor: Actor) -> None:
        suggest_workers(self.worker, row)


class OverrideForm(AssignForm):
    worker: Any = RowSelectField(
        _l("Worker"),
        lookup=WORKERS.of(Worker),
        source=lambda: "/orders/lookup/lead_worker",
        validators=[InputRequired()],
        description=_l("Who breaks a hard rule; operations see which, and decide."),
    )

    def look_at(self, row: Order, actor: Actor) -> None:
        """Whoever keeps the rules needs no exception."""


class OrderView(OrderEditing, OrderVerbs, Compensations, OrderTroubles, NotedView, RecordView):
    note_kind = "order"
    route_base = "/orders"
    datamodel = ModelInterface(Order)
    noun, noun_plural = _l("Order"), _l("Orders")
    list_columns = [
        "number", "status", "summary", "customer", "region_name", "planned_start", "lead_worker",
        "due_fen",
    ]  # fmt: skip
    show_columns = [
        "number", "status", "customer", "lead_worker", "branch", "area", "commission_rule",
        "items", "lines",
    ]  # fmt: skip
    search_columns = [
        "q", "status", "service_on", "area", "lead_worker", "hours", "source", "customer",
    ]  # fmt: skip
    search_filters = {"q": [OrderIs], "hours": [StartsWithin]}
    label_columns = {
        "q": _l("Number, phone or customer"),
        "hours": _l("Starts within (hours)"),
        "summary": _l("Services"),
        "region_name": _l("District"),
        "planned_start": _l("Planned start"),
        "lead_worker": _l("Worker"),
        "due_fen": _l("Amount"),
        "service_on": _l("Day"),
        "area": _l("Service area"),
        "source": _l("Source"),
        "commission_rule": _l("Commission rule"),
        "items": _l("Services"),
        "lines": _l("Price"),
    }
    choices = {"status": labels.ORDER_STATUS, "source": labels.ORDER_SOURCE}
    badges = {"status": labels.ORDER_KINDS}
    lookups = {
        "customer": Lookup(search=("name",), scope=mine(CustomerAccount)),
        "lead_worker": WORKERS,
        "area": Lookup(search=("name",), small=True, order="code", scope=mine(Area)),
    }
    base_order = ("created_at", "desc")
    related_views = [
        ComplaintView, MoveRequestView, AddOnView, CancellationView, IncidentView, RedemptionView,
        VisitView,
    ]  # fmt: skip
    list_template = "orders/list.html"
    show_template = "orders/show.html"
    empty_text = _l("No orders here.")
    empty_next = _l("Customers order on their client; look at another tab or clear the filters.")

    def list_context(self) -> dict[str, Any]:
        return {"tabs": self._tabs()}

    def _tabs(self) -> list[dict[str, Any]]:
        """Links to the states that need somebody, with counts that never count far."""
        chosen = request.args.get("_flt_0_status", "")
        counted = db.session.execute(sa.select(*(self._count(status) for status in TABS))).one()
        every = {"label": _("All"), "url": self.url_of("list"), "count": "", "current": not chosen}
        return [every] + [
            {
                "label": labels.ORDER_STATUS[status],
                "url": self.url_of("list", _flt_0_status=status),
                "count": f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count),
                "current": chosen == status,
            }
            for status, count in zip(TABS, counted, strict=True)
        ]

    def _count(self, status: str) -> Any:
        first = sa.select(Order.id).where(
            Order.status == status, access.condition(Order, self.actor)
        )
        some = first.limit(MOST_COUNTED + 1).subquery()
        return sa.select(sa.func.count()).select_from(some).scalar_subquery()

    def show_context(self, row: Order) -> dict[str, Any]:
        part = request.args.get("part", "story")
        parts = [name for name in PARTS if self._may_see(name)]
        if part not in parts:
            part = "story"
        return {
            "part": part,
            "parts": parts,
            "masked_phone": phone(row.contact_phone),
            # Who sends nobody there needs no door.
            "door": row.address_detail
            if self.holds("can_reveal")
            else masked_text(row.address_detail),
            "move": self._open_move(row),
            "near": [instant(start) for start in choosing.times_near(row)]
            if row.customer_chooses
            else [],
            "unassigned": word(UNASSIGNED_REASON, row.unassigned_reason),
            **getattr(self, f"_{part}")(row),
        }

    def _open_move(self, row: Order) -> MoveRequest | None:
        """None but an accepted order has one, or one of whose visits another is served."""
        accepted = row.status == "accepted"
        served = row.visit_count > 1 and row.status in ("en_route", "in_service")
        return open_moves.of_order(db.session(), row.id) if accepted or served else None

    def _may_see(self, part: str) -> bool:
        # Customer service refunds, so it sees one order's payments, but no list of them.
        asked = {"dispatch": "DispatchRunView", "money": "RefundView"}.get(part)
        return asked is None or bool(self.appbuilder.sm.has_access("can_list", asked))

    def _story(self, row: Order) -> dict[str, Any]:
        return {
            "visits": order_story.progress_of(row),
            "photos": order_story.photos_of(row),
            "review": order_story.review_of(row),
            "events": order_story.timeline_of(row),
        }

    def _changes(self, row: Order) -> dict[str, Any]:
        return {"notes": self.notes_of(row)}

    def _related(self, row: Order) -> Sequence[tuple[str, Listing]]:
        """What happened afterwards has a part of its own: each tab costs a statement."""
        asked = request.args.get("part") == "changes"
        return super()._related(row) if asked else []

    def _dispatch(self, row: Order) -> dict[str, Any]:
        return {"runs": dispatch_story.runs_of(row), "offers": dispatch_story.offers_of(row)}

    def _money(self, row: Order) -> dict[str, Any]:
        in_ledger = self.appbuilder.sm.has_access("can_list", "JournalView")
        return {
            "payments": order_money.payments_of(row),
            "refunds": order_money.refunds_of(row),
            "refund_kinds": REFUND_KIND,
            "in_ledger": in_ledger,
            "accruals": order_money.accruals_of(row) if in_ledger else [],
            "entries": order_money.entries_of(row) if in_ledger else [],
        }

    @expose("/photo/<key>", methods=["GET"])
    @has_access
    def photo(self, key: str) -> Any:
        """A photo of an order that this person may see; `?small=1` for the thumbnail."""
        attachment = db.session.scalar(sa.select(Attachment).filter_by(key=key[:40]))
        order = self.find(attachment.order_id) if attachment else None
        if attachment is None or order is None:
            abort(404)
        small = request.args.get("small") and attachment.thumbnail_key
        stored = attachment.thumbnail_key if small else attachment.storage_key
        file = current_app.extensions["gateways"].storage.open(stored)
        mime = "image/jpeg" if small else attachment.mime
        response = send_file(file, mimetype=mime, max_age=3600)
        response.headers["Content-Disposition"] = "inline"
        response.headers["Cache-Control"] = "private, max-age=3600"
        return response

    @row_action("dispatch", _l("Dispatch now"), icon="fa-paper-plane", main=True,
                confirm=_l("Search for workers now and send offers?"),
                when=lambda row: row.status == "pending_dispatch" and _is_sought(row))  # fmt: skip
    def dispatch(self, pk: int) -> str:
        offers = dispatch_order(pk, actor=self.actor)
        if not offers:
            return str(_("Nobody may take this order now. See under Dispatch why."))
        return str(_("Offers sent: %(count)d", count=offers))

    @row_action("assign", _l("Assign a worker"), icon="fa-user-plus", form=AssignForm,
                when=lambda order: _is_sought(order))  # fmt: skip
    def assign(self, pk: int, form: AssignForm) -> str:
        try:
            force_assign(pk, form.worker.data.id, reason=form.why, actor=self.actor)
        except RuleViolation as error:
            raise _explained(error) from error
        return str(_("Assigned to %(worker)s.", worker=form.worker.data))

    @row_action("ask_override", _l("Ask for an exception"), icon="fa-user-shield",
                form=OverrideForm, when=lambda order: _is_sought(order))  # fmt: skip
    def ask_override(self, pk: int, form: OverrideForm) -> str:
        try:
            overrides.ask_override(pk, form.worker.data.id, reason=form.why, actor=self.actor)
        except RuleViolation as error:
            raise _explained(error) from error
        return str(_("Sent. Operations decide it under Approvals."))

    @row_action("reveal", _l("Show the phone"), icon="fa-eye", form=RevealForm)
    def reveal(self, pk: int, form: RevealForm) -> str:
        row = self.row_or_404(pk)
        number = reveals.reveal(row, "contact_phone", reason=form.why, actor=self.actor)
        return revealed(_l("Phone"), number)
