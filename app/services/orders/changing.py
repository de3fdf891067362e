"""Changing an order for a customer who calls: what it would cost, then exactly that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.pricing import content_hash
from app.models import Order, Quote
from app.services.orders import editing, holds, quotes
from app.services.orders.quotes import ItemWish
from app.services.roster import slots
from app.services.transactions import locked, retrying, transaction


@dataclass(frozen=True, slots=True)
class Wish:
    """What the order shall be. `coupon`: the code of one of the customer's."""

    address_id: int
    items: Sequence[ItemWish]
    starts_at: datetime
    coupon: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What it would cost then, in fen. `to_pay_fen`: what the customer pays still, all in all, and
    `back_fen`: what comes back to her. `quote` is not saved; None where only the note changes.
    """

    quote: Quote | None
    due_fen: int
    difference_fen: int
    to_pay_fen: int
    back_fen: int
    hash: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Of the new price; none where only the note changes."""
        return list(self.quote.content["lines"]) if self.quote else []


def preview(order: Order, wish: Wish) -> Change:
    """Look at a change, with all refusals that it would meet. Raises as `editing.edit_order`."""
    editing.check_editable(order)
    quote = None if _is_same(order, wish) else _quoted(order, wish)
    due = editing.due_after(order, quote) if quote else order.due_fen
    difference, kept = due - order.due_fen, order.captured_fen - order.refunded_fen
    balance = due - kept + order.returning_fen
    to_pay, back = max(balance, 0), max(-balance, 0)
    told: dict[str, Any] = {"quote": quote.hash if quote else "", "at": wish.starts_at.isoformat()}
    told |= {"note": wish.note, "fen": [due, difference, to_pay, back]}
    return Change(quote, due, difference, to_pay, back, content_hash(told))


@retrying
def change(order_id: int, wish: Wish, shown: str, *, actor: Actor) -> Order:
    """Let the order be what the customer wants; `shown` is the hash of what she was told.

    Raises RuleViolation (changed_since_shown), and as `editing.edit_order`.
    """
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        found = preview(order, wish)
        if found.hash != shown:
            raise RuleViolation(
                _l("This has changed since it was shown. Please look at it again"),
                code="changed_since_shown",
                **_told(found),
            )
        if found.quote is None:
            editing.write_note(order, wish.note, actor=actor)
            return order
        session.add(found.quote)
        session.flush()
        return editing.edit_order(
            order.customer_id, order.id, found.quote.number, found.quote.hash,
            starts_at=wish.starts_at, note=wish.note, actor=actor,
        )  # fmt: skip


def wish_of(order: Order) -> Wish:
    """The order as it is."""
    quote = order.quote
    return Wish(
        quote.address_id if quote else 0,
        quotes.wishes_of(quote.request) if quote else (),
        order.planned_start,
        (quotes.coupon_of(quote) or "") if quote else "",
        order.note,
    )


def _is_same(order: Order, wish: Wish) -> bool:
    """All but the note: then no price of today counts."""
    mine, wished = wish_of(order), wish
    return (mine.address_id, _plain(mine), mine.starts_at, mine.coupon.upper()) == (
        wished.address_id, _plain(wished), wished.starts_at, wished.coupon.strip().upper(),
    )  # fmt: skip


def _plain(wish: Wish) -> list[tuple[Any, ...]]:
    return sorted(
        (one.service_id, one.quantity, sorted((o.option_id, o.quantity) for o in one.options))
        for one in wish.items
    )


def _quoted(order: Order, wish: Wish) -> Quote:
    """At its time, which must be offered and free. Raises RuleViolation, NotFound, Conflict."""
    quote = quotes.quoted(
        order.customer_id, wish.address_id, wish.items,
        starts_at=wish.starts_at, coupon=wish.coupon.strip(),
    )  # fmt: skip
    editing.check_fits(order, quote)
    wanted = editing.wanted(order, quote, wish.starts_at)
    reason = slots.why_not(quote, order.branch_id, wanted)
    if reason:
        refusal = holds.not_free(reason)
        refusal.details["alternatives"] = holds.alternatives(quote, wish.starts_at)
        raise refusal
    return quote


def _told(found: Change) -> dict[str, int]:
    names = ("due_fen", "difference_fen", "to_pay_fen", "back_fen")
    return {name: getattr(found, name) for name in names}
