"""Every pair of states of every enum: allowed exactly where the table says so."""

from itertools import product
from types import SimpleNamespace

import pytest

from app.domain.errors import IllegalTransition
from app.domain.states import MOVES, OrderStatus, PaymentStatus, move

PAIRS = [
    (old, new) for states in MOVES for old, new in product(states, states)
]  # fmt: skip
# Written out by hand from the order's event table, not derived from the code.
ORDER_MOVES = {
    "pending_payment": "pending_dispatch closed cancelled",
    # To be confirmed as well: what remains is called off after a part was served.
    "pending_dispatch": "offered accepted pending_confirm cancelled",
    "offered": "accepted pending_dispatch pending_confirm cancelled",
    "accepted": "pending_dispatch offered en_route in_service pending_confirm cancelled no_show exception",  # noqa: E501
    "en_route": "pending_dispatch offered accepted in_service pending_confirm cancelled no_show exception",  # noqa: E501
    "in_service": "pending_confirm accepted exception",
    "pending_confirm": "completed exception",
    "completed": "",
    "closed": "pending_dispatch",
    "cancelled": "",
    "no_show": "",
    "exception": "pending_dispatch accepted en_route in_service pending_confirm completed cancelled",  # noqa: E501
}


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=lambda s: f"{type(s).__name__}.{s}")
def test_a_move_is_made_only_when_the_table_allows_it(old, new):
    row = SimpleNamespace(status=old.value)

    if new in MOVES[type(old)][old]:
        assert move(row, new) == old
        assert row.status == new.value
    else:
        with pytest.raises(IllegalTransition):
            move(row, new)
        assert row.status == old.value


def test_the_order_table_is_the_one_of_the_design():
    written = {old.value: {s.value for s in new} for old, new in MOVES[OrderStatus].items()}

    assert written == {old: set(new.split()) for old, new in ORDER_MOVES.items()}


def test_a_state_of_another_entity_is_never_a_move():
    row = SimpleNamespace(status="closed")

    with pytest.raises(ValueError, match="pending_dispatch"):
        move(SimpleNamespace(status="pending_dispatch"), PaymentStatus.SUCCEEDED)
    assert move(row, PaymentStatus.SUCCEEDED) == PaymentStatus.CLOSED
