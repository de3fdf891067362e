"""Paying on a page that WeChat shows: WeChat says who looks, then its own window pays."""

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.models import PaymentAttempt
from app.services.money.payments.starting import Way, start_payment

LONGEST_CODE = 128


def visitor_address(return_url: str) -> str:
    """Where WeChat says who looks, and comes back; empty without an official account's secret."""
    visitor = current_app.extensions["gateways"].wechat_visitor
    return str(visitor.address(return_url)) if visitor else ""


def start_for_visitor(
    order_id: int, code: str, payer_ip: str | None, *, actor: Actor
) -> PaymentAttempt:
    """Open a payment for who came back with this code, which is good once.

    Raises OutsideError when WeChat does not know it, RuleViolation (scene_not_offered), and what
    start_payment raises.
    """
    visitor = current_app.extensions["gateways"].wechat_visitor
    if visitor is None:
        raise RuleViolation(_l("One cannot pay in this way here"), code="scene_not_offered")
    openid = visitor.openid(code[:LONGEST_CODE])
    return start_payment(order_id, "wechat", actor=actor, way=Way("client", openid, payer_ip))
