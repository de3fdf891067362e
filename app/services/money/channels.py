"""Finding the provider behind a channel, and keeping calls to it out of transactions."""

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.domain.errors import RuleViolation
from app.extensions import db
from app.gateways.payment import PaymentGateway
from app.services.transactions import CALLBACKS


def gateway(channel: str) -> PaymentGateway:
    """The provider. Raises RuleViolation when the company has no contract with one.

    Not inside a transaction: a slow provider would keep rows locked, and what it did could not
    be rolled back.
    """
    if CALLBACKS in db.session().info:
        raise RuntimeError("A provider is never called inside transaction()")
    check_connected(channel)
    provider: PaymentGateway = current_app.extensions["gateways"].payment[channel]
    return provider


def check_connected(channel: str) -> None:
    """Raise RuleViolation when the company has no contract with a provider. Calls nobody."""
    if channel not in current_app.extensions["gateways"].payment:
        raise RuleViolation(
            _l("This channel is not connected"), code="channel_not_available", channel=channel
        )


def check_pays_out(channel: str) -> None:
    """Raise RuleViolation unless a provider can send money for us. Calls nobody."""
    check_connected(channel)
    if "offline" in current_app.extensions["gateways"].payment[channel].scenes:
        raise RuleViolation(
            _l("This channel is not connected"), code="channel_not_available", channel=channel
        )


def notice_url(channel: str) -> str:
    """Where the channel sends its notices."""
    return f"{current_app.config['PUBLIC_URL']}/api/pay/{channel}/notice"
