"""收据: what a customer paid, for one payment of an order."""

from pathlib import Path
from typing import IO

from flask_babel import force_locale
from flask_babel import gettext as _

from app.domain.errors import NotFound, RuleViolation
from app.extensions import db
from app.models import PaymentAttempt
from app.reports.company import company_name, tax_number
from app.reports.pdf import A5_LANDSCAPE, QUIET, Document, style
from app.reports.pdf_foot import add_foot
from app.reports.settlement.labels import CHANNEL, label
from app.reports.text import city_time, masked_name


def write_receipt_pdf(
    attempt_id: int, target: Path | str | IO[bytes], *, locale: str = "zh"
) -> None:
    """Write the receipt of one payment. The caller has checked whose order it is.

    Raises NotFound, and RuleViolation when the money did not arrive.
    """
    with force_locale(locale):
        attempt = db.session.get(PaymentAttempt, attempt_id)
        if attempt is None:
            raise NotFound(_("There is no such payment"), id=attempt_id)
        if attempt.status != "succeeded" or attempt.paid_at is None:
            raise RuleViolation(
                _("Only a payment that arrived has a receipt"), code="payment_not_received"
            )
        _document(attempt).build(target)


def _document(attempt: PaymentAttempt) -> Document:
    document = Document(
        _("Receipt"), attempt.out_trade_no,
        kind="receipt", company=company_name(), paper=A5_LANDSCAPE,
    )  # fmt: skip
    document.facts(_facts(attempt))
    document.space(3)
    document.amount(attempt.amount_fen, _("Amount received"))
    document.space(2)
    document.text(
        _("A receipt is not an invoice (fapiao). Refunds are shown on their own vouchers."),
        style(7.5, colour=QUIET),
    )
    document.space(2)
    add_foot(document, [(_("Payee"), company_name()), (_("Handled by"), "")])
    return document


def _facts(attempt: PaymentAttempt) -> list[tuple[str, str]]:
    order = attempt.order
    facts = [
        (_("Payer"), masked_name(order.contact_name)),
        (_("Paid at"), f"{city_time(attempt.paid_at):%Y-%m-%d %H:%M}" if attempt.paid_at else ""),
        (_("Order number"), order.number),
        (_("Paid by"), label(CHANNEL, attempt.channel)),
        (_("Service"), order.summary),
        (_("Service date"), order.service_on.isoformat()),
    ]
    tax = tax_number()
    return [*facts, (_("Tax number"), tax)] if tax else facts
