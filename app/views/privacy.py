"""Personal data on the screen: masked always, opened one by one with a reason."""

from collections.abc import Callable
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Length

from app.domain.actors import Actor
from app.domain.phones import masked_phone, normal_phone
from app.models.crypto import blind_index
from app.services.identity import blocking
from app.views.base import RowFilter, RowForm
from app.views.fields import TextField
from app.views.formatters import EMPTY
from app.views.widgets import TextWidget


class ReasonForm(RowForm):
    """For actions that must say why."""

    reason = TextField(
        _l("Reason"), validators=[InputRequired(), Length(min=2, max=200)], widget=TextWidget()
    )

    @property
    def why(self) -> str:
        return str(self.reason.data or "")


class BlockForm(ReasonForm):
    """Says what stays when the account is blocked."""

    open_orders: Callable[[Any, Actor], blocking.OpenOrders]

    def look_at(self, row: Any, actor: Actor) -> None:
        found = self.open_orders(row.id, actor)
        told = []
        if found.numbers:
            named = _(", ").join(found.numbers)
            told.append(_("Open orders stay as they are: %(numbers)s", numbers=named))
        if found.elsewhere:
            told.append(_("Open orders of other branches: %(count)s", count=found.elsewhere))
        self.reason.description = " · ".join(told) or _("There are no open orders.")


class BlockCustomerForm(BlockForm):
    open_orders = staticmethod(blocking.open_orders_of_customer)


class BlockWorkerForm(BlockForm):
    open_orders = staticmethod(blocking.open_orders_of_worker)


class RevealForm(ReasonForm):
    reason = TextField(
        _l("Reason"),
        description=_l("Your name, the time and this reason are kept in the audit log."),
        validators=[InputRequired(), Length(min=3, max=200)],
        widget=TextWidget(),
    )


class PhoneIs(RowFilter):
    """The whole number, or its last four digits; by fingerprint, the numbers are encrypted.

    `column_name` is the relation to the account, or "phone" on the account itself.
    """

    name, arg_name = _l("is"), "eq"

    def parse(self, text: str) -> Any:
        digits = text.strip()
        if len(digits) == 4 and digits.isascii() and digits.isdigit():
            return ("phone_tail_index", blind_index("phone_tail", digits))
        whole = normal_phone(digits)
        if whole is None:
            raise ValueError("neither a mobile number nor its last four digits")
        return ("phone_index", blind_index("phone", whole))

    def understands(self, text: str) -> bool:
        return text == "" or super().understands(text)

    def condition(self, column: Any, value: Any) -> Any:
        index, fingerprint = value
        if self.column_name == "phone":
            return getattr(self.model, index) == fingerprint
        return column.has(**{index: fingerprint})


def phone(value: str | None) -> Any:
    return masked_phone(value) or EMPTY


def masked_text(value: str | None) -> Any:
    """The first and the last sign of a secret text: enough to recognise it."""
    if not value:
        return EMPTY
    return f"{value[:1]}***{value[-1:]}" if len(value) > 2 else "***"


def open_to(view: str, masked: Callable[[str | None], Any] = phone) -> Callable[[str | None], Any]:
    """On the page of one person, open to whose work it is; masked in lists and for all others."""

    def shown(value: str | None) -> Any:
        sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
        on_page = request.endpoint == f"{view}.show"
        return value if on_page and sm.has_access("can_unmasked", view) else masked(value)

    return shown


def revealed(what: Any, value: str) -> str:
    """The sentence that shows a value once."""
    return str(_("%(what)s: %(value)s", what=what, value=value or "—"))
