"""One box for everything: orders, customers, workers, statements; only what a person may see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.domain.actors import Actor
from app.domain.phones import masked_phone, normal_phone
from app.extensions import db
from app.models import CustomerAccount, Order, Statement, Worker, WorkerAccount
from app.models.crypto import blind_index
from app.services import access
from app.views import labels
from app.views.base import BaseView, expose, has_access
from app.views.formatters import badge
from app.views.order_filters import customer_condition, matching

MOST_HITS = 10
LONGEST = 100


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    note: Any
    tag: Any = ""


def orders(text: str, actor: Actor) -> list[Hit]:
    query = (
        sa.select(Order)
        .options(joinedload(Order.customer))
        .where(matching(text), access.condition(Order, actor))
        .order_by(Order.created_at.desc(), Order.id.desc())
        .limit(MOST_HITS)
    )
    return [
        Hit(
            order.number,
            url_for("OrderView.show", pk=order.id),
            f"{order.customer} · {order.summary} · {order.service_on}",
            badge(labels.ORDER_KINDS[order.status], labels.ORDER_STATUS[order.status]),
        )
        for order in db.session.scalars(query)
    ]


def customers(text: str, actor: Actor) -> list[Hit]:
    query = (
        sa.select(CustomerAccount)
        .where(customer_condition(text), access.condition(CustomerAccount, actor))
        .order_by(CustomerAccount.id.desc())
        .limit(MOST_HITS)
    )
    return [
        Hit(str(row), url_for("CustomerView.show", pk=row.id), masked_phone(row.phone))
        for row in db.session.scalars(query)
    ]


def workers(text: str, actor: Actor) -> list[Hit]:
    query = (
        sa.select(Worker)
        .join(Worker.account)
        .options(joinedload(Worker.account))
        .where(_worker_condition(text), access.condition(Worker, actor))
        .order_by(Worker.number)
        .limit(MOST_HITS)
    )
    return [
        Hit(
            f"{row.name} {row.number}",
            url_for("WorkerView.show", pk=row.id),
            masked_phone(row.account.phone),
            badge(labels.WORKER_KINDS[row.status], labels.WORKER_STATUS[row.status]),
        )
        for row in db.session.scalars(query)
    ]


def _worker_condition(text: str) -> Any:
    whole = normal_phone(text)
    if whole:
        return WorkerAccount.phone_index == blind_index("phone", whole)
    named = Worker.name.icontains(text, autoescape=True)
    numbered = Worker.number.istartswith(text, autoescape=True)
    tail = WorkerAccount.phone_tail_index == blind_index("phone_tail", text)
    return sa.or_(named, numbered, tail)


def statements(text: str, actor: Actor) -> list[Hit]:
    query = (
        sa.select(Statement)
        .options(joinedload(Statement.worker))
        .where(
            Statement.number.istartswith(text, autoescape=True),
            access.condition(Statement, actor),
        )
        .order_by(Statement.id.desc())
        .limit(MOST_HITS)
    )
    return [
        Hit(
            row.number,
            url_for("StatementView.show", pk=row.id),
            row.worker,
            badge(labels.STATEMENT_KINDS[row.status], labels.STATEMENT_STATUS[row.status]),
        )
        for row in db.session.scalars(query)
    ]


SOURCES: Mapping[str, Callable[[str, Actor], list[Hit]]] = {
    "OrderView": orders,
    "CustomerView": customers,
    "WorkerView": workers,
    "StatementView": statements,
}


def says_enough(text: str) -> bool:
    """One Chinese sign is a surname; one letter is nothing."""
    return len(text) > 1 or (len(text) == 1 and not text.isascii())


class SearchView(BaseView):
    route_base = "/search"
    title = _l("Search")
    default_view = "search"

    @expose("", methods=["GET"])
    @has_access
    def search(self) -> Any:
        """Everything that a number, a phone or a name may mean. A single hit opens at once."""
        text = request.args.get("q", "").replace("\x00", "").strip()[:LONGEST]
        groups = self._groups(text) if says_enough(text) else []
        hits = [hit for _label, found in groups for hit in found]
        if len(hits) == 1:
            return redirect(hits[0].url)
        return self.render_template(
            "search/results.html",
            title=_("Search"),
            text=text,
            groups=groups,
            most=MOST_HITS,
            enough=says_enough(text),
        )

    def _groups(self, text: str) -> list[tuple[str, list[Hit]]]:
        names = {
            "OrderView": _("Orders"),
            "CustomerView": _("Customers"),
            "WorkerView": _("Workers"),
            "StatementView": _("Statements"),
        }
        found = [
            (names[view], look(text, self.actor))
            for view, look in SOURCES.items()
            if self.appbuilder.sm.has_access("can_show", view)
        ]
        return [(name, hits) for name, hits in found if hits]
