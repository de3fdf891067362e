"""The payment page of an order: an address that only its customer was given, good without log-in.

It opens nothing but paying: whoever has it can pay the order, which hurts nobody.
"""

import base64
import hmac

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.domain.errors import NotFound
from app.extensions import db
from app.models import Order
from app.models.crypto import blind_index

TOKEN_BYTES = 15  # 120 bits, 24 letters and digits


def page_url(number: str) -> str:
    """Where the customer pays the order of this number."""
    return f"{current_app.config['PUBLIC_URL']}/pay/{number}/{token_of(number)}"


def order_of(number: str, token: str) -> int:
    """The order whose page it is. Raises NotFound: a wrong token and no order look the same."""
    genuine = hmac.compare_digest(token_of(number).encode(), token.encode())
    order_id = db.session.scalar(sa.select(Order.id).filter_by(number=number)) if genuine else None
    if order_id is None:
        raise NotFound(_l("This order does not exist"))
    return order_id


def token_of(number: str) -> str:
    digest = bytes.fromhex(blind_index("payment_page", number))
    return base64.b32encode(digest[:TOKEN_BYTES]).decode().lower()
