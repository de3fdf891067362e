"""Every operation of the application by everybody, about rows of his own and of others."""

import time
from collections import Counter

import pytest

from tests.permissions import asking, company, judging

pytestmark = [pytest.mark.proof, pytest.mark.backends("sqlite")]


def test_everybody_gets_in_exactly_where_the_table_of_roles_says(app, capsys):
    visitors, doors, began = company.everybody(), asking.doors(), time.monotonic()
    # What is refused first, what changes something last.
    doors.sort(key=lambda door: (door.method not in asking.SAFE, str(door)))
    visitors.sort(key=lambda visitor: (visitor.role in {"operations", "hr"}, visitor.home))
    faults: list[str] = []
    counted: Counter[str] = Counter()
    for door in doors:
        if door.endpoint in judging.UNASKED:
            continue
        for visitor in visitors:
            found = judging.fault(door, visitor)
            counted[visitor.role] += 1
            faults += [found] if found else []
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\n{len(doors)} operations, {sum(counted.values())} requests in {took:.0f} s")
    assert not faults, "\n".join(faults)
