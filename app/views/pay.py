"""The customer's payment page: public, small, and the same after the browser was closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import DomainError, NotFound, RuleViolation
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Order, PaymentAttempt, PaymentVoucher
from app.services.money import offline, payments
from app.services.money.payments import pages
from app.services.orders import paying
from app.services.system import parameters
from app.views import labels
from app.views.base import BaseView, expose
from app.views.base_polling import part_of_page
from app.views.qr import qr_svg

LOOK_EVERY = timedelta(seconds=5)  # however many pages wait
ENDED = (OrderStatus.CLOSED, OrderStatus.CANCELLED)


class PayView(BaseView):
    route_base = "/pay"

    @expose("/<number>/<token>")
    def show(self, number: str, token: str) -> Any:
        with _spoken():
            try:
                order = _order(number, token)
            except NotFound:
                return self._page(None, title=_("Payment"), status=404)
            return self._page(order, title=_("Payment"))

    @expose("/<number>/<token>/part")
    def part(self, number: str, token: str) -> Any:
        """What changes while one waits. The channel is asked, too: a notice may be lost."""
        with _spoken():
            try:
                order = _order(number, token)
            except NotFound:
                return "", 404
            attempt = _current(order)
            if attempt is not None:
                payments.look(attempt.id, every=LOOK_EVERY)
                db.session.refresh(order)
            text = self.render_template("money/pay_part.html", **_told(order))
            return part_of_page(text, ended=not _waits(order))

    @expose("/<number>/<token>/<method>", methods=["POST"])
    def start(self, number: str, token: str, method: str) -> Any:
        """Open a payment, or find the open one again; then the page shows it."""
        with _spoken():
            try:
                order = _order(number, token)
                if method == "voucher":
                    _send_voucher(order)
                else:
                    payments.start_payment(
                        order.id, method, actor=_customer(order), way=_way(order, method)
                    )
            except NotFound:
                return self._page(None, title=_("Payment"), status=404)
            except DomainError as exc:
                return self._page(order, title=_("Payment"), said=str(exc), status=422)
            return redirect(url_for("PayView.show", number=number, token=token, lang=_asked()), 303)

    @expose("/<number>/<token>/wechat")
    def visitor(self, number: str, token: str) -> Any:
        """Back from WeChat, which says who looks: her payment is opened for its own window."""
        with _spoken():
            try:
                order = _order(number, token)
                code = request.args.get("code", "")
                payments.start_for_visitor(
                    order.id, code, request.remote_addr, actor=_customer(order)
                )
            except NotFound:
                return self._page(None, title=_("Payment"), status=404)
            except DomainError as exc:
                return self._page(order, title=_("Payment"), said=str(exc), status=422)
            return redirect(url_for("PayView.show", number=number, token=token, lang=_asked()), 303)

    def _page(self, order: Order | None, *, status: int = 200, said: str = "", title: str) -> Any:
        told = _told(order) if order is not None else {"order": None}
        page = self.render_template("money/pay.html", title=title, said=said, plain=True, **told)
        return page, status


def _told(order: Order) -> dict[str, Any]:
    attempt = _current(order) if _waits(order) else None
    params = (attempt.client_params or {}) if attempt else {}
    return {
        "order": order,
        "attempt": attempt,
        "waits": _waits(order),
        "ended": order.status in ENDED and not _waits(order),
        "methods": _methods() if _waits(order) else [],
        "named": labels.PAY_CHANNEL,
        "params": params,
        "code": qr_svg(params["code_url"], _("Code to scan")) if params.get("code_url") else "",
        "vouchers": _vouchers(attempt),
        "in_wechat": _in_wechat(),
        "wechat_url": _wechat_url(order, attempt),
        "token": pages.token_of(order.number),
        "lang": _asked(),
    }


def _waits(order: Order) -> bool:
    """Whether money is wanted now."""
    try:
        paying.check_payable(order)
    except RuleViolation:
        return False
    return True


def _current(order: Order) -> PaymentAttempt | None:
    """The newest attempt that the customer can still finish."""
    query = sa.select(PaymentAttempt).where(
        PaymentAttempt.order_id == order.id,
        PaymentAttempt.status.in_(payments.OPEN),
        PaymentAttempt.amount_fen == order.unpaid_fen,
    )
    return db.session.scalar(query.order_by(PaymentAttempt.id.desc()).limit(1))


def _methods() -> list[str]:
    connected = current_app.extensions["gateways"].payment
    return [method for method in parameters.get("payment.methods") if method in connected]


def _in_wechat() -> bool:
    return "MicroMessenger" in request.headers.get("User-Agent", "")


def _wechat_url(order: Order, attempt: PaymentAttempt | None) -> str:
    """Inside WeChat: where the way to its own window begins; empty where there is none."""
    opened = attempt is not None and bool((attempt.client_params or {}).get("prepay_id"))
    if not _in_wechat() or opened or "wechat" not in _methods() or not _waits(order):
        return ""
    lang = f"?lang={_asked()}" if _asked() else ""
    return payments.visitor_address(f"{pages.page_url(order.number)}/wechat{lang}")


def _vouchers(attempt: PaymentAttempt | None) -> int:
    if attempt is None or attempt.method != "bank":
        return 0
    query = sa.select(sa.func.count(PaymentVoucher.id)).filter_by(attempt_id=attempt.id)
    return db.session.scalar(query) or 0


def _way(order: Order, method: str) -> payments.Way:
    """On a telephone the channel's own app opens; elsewhere there is a code to scan."""
    agent = request.headers.get("User-Agent", "")
    # Inside WeChat its H5 does not open; without an app secret a code can be pressed there.
    phone = "Mobile" in agent and not _in_wechat()
    if method not in ("wechat", "alipay") or not phone:
        return payments.Way()
    return payments.Way("h5", None, request.remote_addr, pages.page_url(order.number))


def _send_voucher(order: Order) -> None:
    attempt, file = _current(order), request.files.get("file")
    if attempt is None or file is None or not file.filename:
        raise RuleViolation(_l("Choose a picture first."), code="no_file")
    content = file.stream.read(offline.VOUCHER_BYTES + 1)
    offline.add_voucher(attempt.id, content, actor=_customer(order))


def _order(number: str, token: str) -> Order:
    return db.session.get_one(Order, pages.order_of(number, token), populate_existing=True)


def _customer(order: Order) -> Actor:
    return Actor("customer", order.customer_id)


def _asked() -> str | None:
    asked = request.args.get("lang")
    return asked if asked in current_app.config["LANGUAGES"] else None


@contextmanager
def _spoken() -> Iterator[None]:
    """?lang=, else what the browser prefers, else Chinese. No session is asked."""
    languages = list(current_app.config["LANGUAGES"])
    default = current_app.config["BABEL_DEFAULT_LOCALE"]
    best = _asked() or request.accept_languages.best_match(languages, default) or default
    with force_locale(best):
        yield
