"""Finding orders by number, whole or in part, and how the database goes about it."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.models import Order
from app.services.transactions import transaction
from app.views.order_filters import matching
from benchmarks.order_plans import Size
from benchmarks.order_rows import fill


@pytest.fixture
def numbers(app: Any) -> list[str]:
    with transaction() as session:
        fill(session.connection(), Size(orders=60, customers=60, workers=40))
        return list(session.scalars(sa.select(Order.number)))


@pytest.mark.parametrize("length", [3, 5, 7, 12, 17])
def test_the_beginning_of_a_number_finds_exactly_the_orders_that_begin_so(db, numbers, length):
    typed = numbers[30][:length]
    wanted = {number for number in numbers if number.startswith(typed)}
    for text in (typed, typed.lower()):
        assert set(db.session.scalars(sa.select(Order.number).where(matching(text)))) == wanted


@pytest.mark.backends("postgresql")
def test_a_number_is_found_through_the_index(db, numbers):
    db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    query = sa.select(Order.id).where(matching(numbers[30].lower()))
    statement = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(db.session.scalars(sa.text(f"EXPLAIN {statement}")))
    assert "Index Cond: (((number)::text >=" in plan
