"""Far pages are found from pages that were looked at lately, and hold the same rows."""

from datetime import timedelta

import pytest

from app import fab_far_pages as far_pages
from app.fab_interface import ModelInterface
from app.models import Timer
from app.services import clock
from tests.factories import save

SIZE = 3


@pytest.fixture
def timers(app, monkeypatch):
    """Forty rows, always three of them due at the same instant; every page counts as far."""
    monkeypatch.setattr(far_pages, "FAR", 0)
    far_pages.forget()
    start = clock.now()
    for number in range(40):
        save(Timer(kind="order.confirm", subject_id=number, due_at=after(start, number // 3)))
    yield ModelInterface(Timer)
    far_pages.forget()


def after(start, hours: int):
    return start + timedelta(hours=hours)


def page(interface, number: int, column: str = "due_at", direction: str = "desc") -> list[int]:
    rows = interface.rows(None, column, direction, number, SIZE)
    return [row.subject_id for row in rows]


@pytest.mark.parametrize("column", ["due_at", ""])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_in_any_order_are_those_of_the_whole_list(timers, column, direction):
    whole = list(range(40)) if direction == "asc" else list(range(40))[::-1]
    for number in (9, 10, 11, 8, 12, 2, 13, 1, 7, 14, 9):
        expected = whole[number * SIZE : (number + 1) * SIZE]
        assert page(timers, number, column, direction) == expected, number


def test_for_a_minute_rows_that_come_in_push_nothing_onto_a_second_page(timers, monkeypatch):
    seen = page(timers, 9)
    save(Timer(kind="order.confirm", subject_id=99, due_at=after(clock.now(), 99)))

    assert page(timers, 10) == [seen[-1] - 1, seen[-1] - 2, seen[-1] - 3]
    assert page(timers, 8) == [seen[0] + 3, seen[0] + 2, seen[0] + 1]

    later = far_pages.monotonic() + far_pages.KEPT_SECONDS + 1
    monkeypatch.setattr(far_pages, "monotonic", lambda: later)
    assert page(timers, 9) == [number + 1 for number in seen]


def test_an_order_that_leaves_rows_untold_is_walked_from_the_beginning(timers):
    assert timers._told_apart_by("order.number") == ()
    assert timers._told_apart_by("finished_at") == ()
