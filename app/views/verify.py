"""Where the QR code of a printed document leads: did we issue it, and what does it say?"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import request
from flask_babel import gettext as _

from app.domain.states import PaymentStatus
from app.extensions import db
from app.models import PaymentAttempt, Statement
from app.reports.verification import verified
from app.services import clock
from app.views.base import BaseView, expose

ISSUED = ("approved", "confirmed", "disputed")


@dataclass(frozen=True, slots=True)
class Issued:
    """What the database says of a document; nothing personal, since anybody may ask."""

    title: str
    number: str
    amount_fen: int
    on: Any


class VerifyView(BaseView):
    route_base = "/verify"

    @expose("/<kind>/<number>")
    def show(self, kind: str, number: str) -> Any:
        """Public. A wrong signature and a number that was never issued look the same."""
        genuine = verified(kind, number, request.args.get("s", ""))
        document = _found(kind, number) if genuine else None
        page = self.render_template(
            "system/verify.html", title=_("Check a document"), document=document
        )
        return page, 200 if document else 404


def _found(kind: str, number: str) -> Issued | None:
    return _statement(number) if kind == "statement" else _receipt(number)


def _statement(number: str) -> Issued | None:
    row = db.session.scalar(
        sa.select(Statement).where(Statement.number == number, Statement.status.in_(ISSUED))
    )
    if row is None:
        return None
    title = _("Worker's settlement statement")
    return Issued(title, row.number, row.payable_fen, clock.city_date(row.created_at))


def _receipt(number: str) -> Issued | None:
    row = db.session.scalar(
        sa.select(PaymentAttempt).filter_by(
            out_trade_no=number, status=PaymentStatus.SUCCEEDED.value
        )
    )
    if row is None or row.paid_at is None:
        return None
    return Issued(_("Receipt"), row.out_trade_no, row.amount_fen, clock.city_date(row.paid_at))
