"""Sixty-four client processes over HTTP want the same twenty hours: twenty get one."""

import os
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Order, SlotHold, WorkerBusy, guards
from app.services.system import checks
from tests import factories
from tests.kit import crowd
from tests.proof import fields, lives

pytestmark = pytest.mark.proof
CLIENTS, SEED = 64, int(os.environ.get("SEED") or 20300507)
PROCESSES = {"postgresql": 3, "sqlite": 1}
RACE = "tests.proof.scenes:race"
WITHOUT_LOCK = "tests.proof.unguarded:without_lock()"
SECONDS = int(os.environ.get("RACE_SECONDS") or 60)


@pytest.fixture
def folder(real_app, tmp_path, demo):
    fields.same_clock(real_app)
    return tmp_path


def ended(results: list[dict[str, Any]], day: int = 0) -> tuple[list[dict[str, Any]], ...]:
    """(winners, losers) of a day."""
    all_ = [one["result"][day] for one in results]
    return [one for one in all_ if one["won"]], [one for one in all_ if not one["won"]]


def prove_sold_out(days: int = 1) -> None:
    """Each hour of each worker is sold, once; nothing is kept and not ordered."""
    db.session.rollback()
    assert fields.overlaps() == []
    hours = sa.select(WorkerBusy.worker_id, WorkerBusy.start_at).distinct()
    assert len(db.session.execute(hours).all()) == fields.A_DAY * days
    assert rows(WorkerBusy) == rows(Order) == fields.A_DAY * days
    assert rows(SlotHold, status="live") == 0
    assert {name: one.failures for name, one in checks.run_all().items() if not one.ok} == {}


def rows(model: Any, **values: Any) -> int:
    db.session.rollback()  # SQLite would go on showing the moment of the last look
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).filter_by(**values)) or 0


def test_twenty_hours_have_twenty_winners(folder, environment, backend, capsys):
    race = fields.race(CLIENTS, days=1, seed=SEED)
    with fields.serving(folder, environment, PROCESSES[backend]) as server:
        began = time.monotonic()
        results = crowd.play(RACE, server.netloc, race.clients)
    seconds = time.monotonic() - began

    winners, losers = ended(results)
    assert (len(winners), len(losers)) == (fields.A_DAY, CLIENTS - fields.A_DAY)
    prove_sold_out()
    last = [one["refusals"][-1] for one in losers]
    assert {(one["status"], one["code"]) for one in last} == {(409, "slot_taken")}
    assert min(one["alternatives"] for one in last) > 0
    assert {one["reason"] for one in last} <= {"time_taken", "time_held"}
    assert all(one["message"] for one in last)
    codes = crowd.codes_of(results)
    assert set(codes) <= {"201", "slot_taken", "conflict", "busy"}, codes
    with capsys.disabled():
        print(
            f"\n{backend}, {CLIENTS} clients, {PROCESSES[backend]} server processes, seed {SEED}:"
            f" {len(winners)} winners of {fields.A_DAY} hours, 0 overlaps in {seconds:.1f} s;"
            f" answers {dict(Counter(codes).most_common())}"
        )


def test_without_the_lock_no_hour_is_sold_twice(folder, environment, backend, capsys):
    """The constraint alone: on PostgreSQL nobody waits for a worker's row."""
    race = fields.race(CLIENTS, days=1, seed=SEED)
    with fields.serving(folder, environment, PROCESSES[backend], WITHOUT_LOCK) as server:
        results = crowd.play(RACE, server.netloc, race.clients)

    assert len(ended(results)[0]) == fields.A_DAY
    prove_sold_out()
    with capsys.disabled():
        print(f"\n{backend}, without the lock: answers {dict(crowd.codes_of(results))}, 0 overlaps")


@pytest.mark.backends("postgresql")  # SQLite has one writer, whatever is taken away
def test_without_lock_and_constraint_hours_are_sold_twice(folder, environment, capsys):
    race = fields.race(CLIENTS, days=1, seed=SEED)
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE worker_busy DROP CONSTRAINT {guards.OVERLAP}")
    with fields.serving(folder, environment, PROCESSES["postgresql"], WITHOUT_LOCK) as server:
        results = crowd.play(RACE, server.netloc, race.clients)

    winners, twice = ended(results)[0], fields.overlaps()
    assert len(winners) > fields.A_DAY
    assert twice
    with capsys.disabled():
        print(f"\nwithout lock and constraint: {len(winners)} winners of {fields.A_DAY} hours,"
              f" {len(twice)} overlaps")  # fmt: skip


def test_the_database_itself_refuses_an_overlap(real_app):
    """Written past the product, as a script might."""
    company = factories.company()
    worker = factories.worker(company)
    held = claim_of(worker, factories.tomorrow(9), "hold:1")
    same = claim_of(worker, factories.tomorrow(9, 30), "hold:2")
    table = WorkerBusy.__table__
    with db.engine.begin() as connection:
        connection.execute(sa.insert(table), [held])
    with pytest.raises(IntegrityError, match=guards.OVERLAP), db.engine.begin() as connection:
        connection.execute(sa.insert(table), [same])
    with db.engine.begin() as connection:  # its own owner may: an order that is being moved
        connection.execute(sa.insert(table), [same | {"owner": "hold:1"}])
    assert rows(WorkerBusy) == 2


def claim_of(worker: Any, start: Any, owner: str) -> dict[str, Any]:
    end = start + timedelta(hours=1)
    return {"worker_id": worker.id, "kind": "hold", "owner": owner, "start_at": start,
            "end_at": end, "visit_start_at": start, "visit_end_at": end}  # fmt: skip


@pytest.mark.parametrize("kill", [False, True], ids=["alive", "killed"])
def test_a_random_life_leaves_everybody_in_one_place(
    folder, environment, backend, capsys, monkeypatch, kill
):
    seconds, pause = (2 * SECONDS, 6.0) if kill else (SECONDS, 0.1)
    print(f"{backend}, seed {SEED}, {seconds} s")  # pytest shows it when this fails
    world = lives.life(SEED, seconds, pause, monkeypatch)
    with fields.serving(folder, environment, PROCESSES[backend]) as server:
        found = lives.lived(world, server, folder, seconds, SEED, kill=kill)

    assert not (wrong := lives.wrong()), lives.stories_of(wrong)
    lives.settle()
    assert not (wrong := lives.wrong()), lives.stories_of(wrong)
    never = {"internal", "invalid_input", "forbidden", "token_invalid", "token_expired", "403"}
    assert not never & set(found.codes), (folder / "gunicorn.log").read_text()[-6000:]
    assert kill == ("0" in found.codes)
    for act in ("book",) if kill else ("book", "move", "cancel"):
        assert found.acts[f"{act} ok"] > 0, found.acts
    assert bool(found.killed) == kill
    assert found.office["change_shift ok"] > 0, found.office
    with capsys.disabled():
        print(
            f"\n{backend}, {len(world.clients)} clients, {seconds} s, seed {SEED}, killed"
            f" {dict(found.killed)}: nothing wrong\n  clients {dict(sorted(found.acts.items()))}"
            f"\n  office {dict(sorted(found.office.items()))}"
        )
