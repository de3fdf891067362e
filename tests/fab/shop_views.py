"""The shop's views: FAB's as they come, and ours."""

from typing import Any

from flask import g
from flask_appbuilder import ModelView as StockView
from flask_appbuilder.actions import action
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy.orm import Query
from wtforms import StringField
from wtforms.validators import InputRequired

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.services.transactions import transaction
from app.views.base import (
    Lookup,
    ModelInterface,
    ModelView,
    ReadOnlyModelView,
    RowForm,
    row_action,
)
from app.views.fields import suggest
from tests.fab.shop import City, Line, Order

STATES = {"new": "New", "paid": "Paid", "done": "Done"}


class StockLineView(StockView):
    datamodel = SQLAInterface(Line)
    list_columns = ["name"]


class StockOrderView(StockView):
    """What FAB makes of a model by itself: no columns are said but those of the list."""

    datamodel = SQLAInterface(Order)
    list_columns = ["code", "state", "customer", "total_fen", "starts_at"]
    related_views = [StockLineView]
    touched: list[Any] = []

    @action("touch", "Touch", "Sure?")
    def touch(self, items: Any) -> str:
        StockOrderView.touched.append(items)
        return "touched"


class CityView(ModelView):
    datamodel = ModelInterface(City)
    noun, noun_plural = "City", "Cities"
    list_columns = show_columns = add_columns = edit_columns = ["name"]
    search_columns: list[str] = []


class LineView(ModelView):
    datamodel = ModelInterface(Line)
    noun, noun_plural = "Line", "Lines"
    list_columns = show_columns = add_columns = edit_columns = ["name", "order"]
    search_columns = ["name", "order"]
    lookups = {"order": Lookup(search=("code",))}


class ReasonForm(RowForm):
    reason = StringField("Reason", validators=[InputRequired()])

    def look_at(self, row: Order, actor: Actor) -> None:
        suggest(self.reason, [("paid", "Paid in cash"), ("sent", "Sent")])


class OrderView(ModelView):
    datamodel = ModelInterface(Order, load=("customer.city",))
    noun, noun_plural = "Order", "Orders"
    list_columns = ["code", "state", "customer", "total_fen", "starts_at", "urgent"]
    show_columns = [*list_columns, "tags", "note"]
    search_columns = ["code", "state", "customer", "total_fen", "starts_at", "urgent", "tags"]
    add_columns = ["code", "state", "customer", "tags", "total_fen", "seats", "starts_at", "note"]
    edit_columns = [*add_columns, "urgent"]
    base_order = ("starts_at", "desc")
    choices = {"state": STATES}
    badges = {"state": {"new": "info", "paid": "warn", "done": "good"}}
    lookups = {
        "customer": Lookup(search=("name",), load=("city",)),
        "tags": Lookup(search=("name",), small=True),
    }
    label_columns = {"urgent": "Urgent", "tags": "Tags", "seats": "Seats"}
    related_views = [LineView]
    touched: list[Any] = []

    def scope(self, query: Query[Any]) -> Query[Any]:
        """Whoever is called "clerk-a" sees the orders of owner a only."""
        name = getattr(g.user, "username", "")
        return query.filter(Order.owner == "a") if name == "clerk-a" else query

    def create(self, form: RowForm) -> Any:
        if form["code"].data == "FORBIDDEN":
            raise RuleViolation("This code is not allowed", field="code")
        if form["code"].data == "GENERAL":
            raise RuleViolation("The shop is closed")
        return super().create(form)

    def change(self, row: Any, form: RowForm) -> None:
        super().change(row, form)
        if form["note"].data == "boom":
            raise RuleViolation("This note is not allowed")

    @row_action("touch", "Touch", confirm="Sure?")
    def touch(self, pk: int) -> None:
        if pk == 2:
            raise RuleViolation("Order 2 cannot be touched")
        OrderView.touched.append(pk)

    @row_action("finish", "Finish", form=ReasonForm, when=lambda order: order.state != "done")
    def finish(self, pk: int, form: ReasonForm) -> str:
        with transaction(actor=self.actor) as session:
            order = session.get_one(Order, pk)
            if form.reason.data == "no":
                raise RuleViolation("No is no reason", field="reason")
            order.state, order.note = "done", form.reason.data
        return "Finished."


class ArchiveView(ReadOnlyModelView):
    datamodel = ModelInterface(Order, load=("customer.city",))
    noun, noun_plural = "Archived order", "Archive"
    list_columns = ["code", "customer.name"]
    show_columns = ["code", "customer"]
    search_columns: list[str] = []
    label_columns = {"customer.name": "Customer name"}


OURS = (CityView, LineView, OrderView, ArchiveView)
STOCK = (StockLineView, StockOrderView)
