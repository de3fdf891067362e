"""Links of the start page to what a person does often."""

from collections.abc import Sequence

from flask import current_app, url_for
from flask_babel import gettext as _

# A page, and the verb that makes it this person's work.
QUICK = (
    ("OrderView.list", "list", "fa-clipboard-list"),
    ("CustomerView.list", "book", "fa-calendar-check"),
    ("ComplaintView.add", "add", "fa-face-frown"),
    ("ShiftView.add", "add", "fa-calendar-plus"),
    ("WorkerView.add", "add", "fa-user-plus"),
    ("WorkerView.list", "list", "fa-user-group"),
    ("SettlementRunView.make", "make", "fa-calculator"),
    ("WithdrawalView.list", "review", "fa-money-bill-transfer"),
    ("RefundView.list", "confirm_settled", "fa-rotate-left"),
    ("ServiceView.list", "edit", "fa-broom"),
    ("StaffView.list", "list", "fa-id-badge"),
    ("AuditLogView.list", "list", "fa-shoe-prints"),
    ("ParameterView.rules", "change_business", "fa-sliders"),
    ("ParameterView.rules", "change_system", "fa-sliders"),
)
QUICK_OF_PARTNER = (
    ("WorkerView.list", "list", "fa-user-group"),
    ("ShiftView.list", "list", "fa-calendar"),
    ("LeaveView.list", "list", "fa-umbrella-beach"),
    ("StatementView.list", "list", "fa-file-lines"),
)


def quick_links(pages: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """(label, url, icon) of the pages that are this person's work."""
    names = {
        "OrderView.list": _("Orders"),
        "CustomerView.list": _("Book for a customer"),
        "ComplaintView.add": _("Write down a complaint"),
        "WorkerView.add": _("Add a worker"),
        "WithdrawalView.list": _("Withdrawals"),
        "RefundView.list": _("Refunds"),
        "ShiftView.add": _("Add a shift"),
        "ShiftView.list": _("Shifts"),
        "LeaveView.list": _("Leave"),
        "StatementView.list": _("Statements"),
        "SettlementRunView.make": _("Make a settlement run"),
        "WorkerView.list": _("Workers"),
        "ServiceView.list": _("Services"),
        "StaffView.list": _("Staff"),
        "AuditLogView.list": _("Audit log"),
        "ParameterView.rules": _("Parameters"),
    }
    mine = {endpoint: icon for endpoint, verb, icon in pages if _does(endpoint, verb)}
    return [(names[endpoint], url_for(endpoint), icon) for endpoint, icon in mine.items()]


def _does(endpoint: str, verb: str) -> bool:
    view, page = endpoint.split(".")
    sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
    return all(sm.has_access(f"can_{one}", view) for one in {page, verb})
