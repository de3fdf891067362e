"""A week of a company that everybody works at over HTTP, and what must hold at its end."""

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.reasons import REJECT_REASONS
from app.domain.states import HoldStatus, MoveStatus, OrderStatus
from app.extensions import db
from app.models import MoveRequest, Order, OrderEvent, Shift, SlotHold, Worker, WorkerBusy
from app.services import clock
from app.services.identity import tokens
from app.services.orders import holds
from app.services.roster import workforce
from app.services.system import checks, outbox, parameters, timers
from tests import factories
from tests.kit import crowd
from tests.kit.serving import Served
from tests.proof import fields, office

WORKERS, CUSTOMERS = 12, 52
DAYS = 3
CAP = 3
PLACES = (factories.HOME, factories.NEARBY, (23.150, 113.300), (23.105, 113.235), (23.16, 113.25))
HALF_HOURS = range(16, 36)  # starts from 08:00 to 17:30
OPEN_MOVES = [status.value for status in (MoveStatus.OPS_REVIEW, MoveStatus.AWAIT_OTHER_SIDE)]
KILLED_EVERY = (0.1, 0.5)  # seconds
OFFICE_DIES = 0.4  # of all deaths; the others are those of server processes


@dataclass
class Life:
    days: list[date]
    clients: list[dict[str, Any]]


@dataclass
class Lived:
    """What ended how: by clients and by the office; answers by code; processes killed by kind."""

    acts: Counter[str] = field(default_factory=Counter)
    office: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)


def life(seed: int, seconds: float, pause: float, monkeypatch: Any) -> Life:
    """Twelve workers all over the town, four dozen customers; all with their tokens.

    `pause`: seconds that each rests between two acts, at most.
    """
    monkeypatch.setattr(tokens, "ACCESS_LIFE", timedelta(days=2))  # time passes quickly
    company, dice = factories.company(pay_mode="after"), random.Random(seed)
    for key, value in {"booking.holds_per_hour": 1000, "move.most": 20}.items():
        parameters.set_parameter(key, value, actor=SYSTEM)
    days = [clock.today() + timedelta(days=n) for n in range(2, 2 + DAYS)]
    starts = [fields.city(factories.at(day, half // 2, 30 * (half % 2)))
              for day in days for half in HALF_HOURS]  # fmt: skip
    shared = {
        "seconds": seconds,
        "pause": pause,
        "starts": starts,
        "reason": next(iter(REJECT_REASONS)),
    }
    clients = []
    for n in range(WORKERS):
        row = factories.worker(company, home=PLACES[n % len(PLACES)], daily_cap=CAP)
        token = fields.token_of("worker", row.account)
        clients.append({"realm": "worker", "token": token, "seed": dice.random(), **shared})
    services = [company.cleaning.id, company.aircon.id]
    for n in range(CUSTOMERS):
        account = factories.customer()
        address = factories.address(account, company.region, PLACES[n % len(PLACES)])
        clients.append(
            {"realm": "customer", "token": fields.token_of("customer", account),
             "seed": dice.random(), "address": address.id, "services": services, **shared}
        )  # fmt: skip
    return Life(days, clients)


def lived(
    world: Life, server: Served, folder: Path, seconds: float, seed: int, *, kill: bool = False
) -> Lived:
    """Let everybody live, and the office work, for this long; `kill`: processes die meanwhile."""
    dice, found = random.Random(seed), Lived()
    told = folder / "office"
    told.touch()
    begun = time.monotonic()
    results: list[dict[str, Any]] = []
    playing = threading.Thread(target=lambda: results.extend(_played(server, world)))
    playing.start()

    def new_office() -> int:
        left = max(seconds - (time.monotonic() - begun), 0.0)
        return office.opened(office.Office(told, world.days, dice.randrange(10**9)), left)

    working = new_office()
    while playing.is_alive():
        playing.join(dice.uniform(*KILLED_EVERY))
        if kill and time.monotonic() - begun < seconds:
            if dice.random() < OFFICE_DIES:
                os.kill(working, signal.SIGKILL)
                os.waitpid(working, 0)
                found.killed["office"] += 1
                working = new_office()
            else:
                found.killed["server"] += server.kill(dice.choice(server.processes() or [0]))
    _, status = os.waitpid(working, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "the office failed by itself"
    assert len(results) == len(world.clients), "clients failed"
    for one in results:
        found.acts.update(one["result"])
    found.codes, found.office = crowd.codes_of(results), office.ended(told)
    return found


def _played(server: Served, world: Life) -> Sequence[dict[str, Any]]:
    return crowd.play("tests.proof.scenes:live", server.netloc, world.clients)


def settle() -> None:
    """What the timetable does, when every lease and every hold is over, until nothing is left."""
    for _ in range(40):
        clock.travel(outbox.LEASE + timedelta(minutes=1), actor=SYSTEM)
        if timers.fire_due() + outbox.deliver_due() + holds.sweep_expired() == 0:
            return
    raise AssertionError("The sweep does not come to its end")


def wrong() -> dict[str, Any]:
    """All that must not be, by name; empty when everything is as it should be."""
    db.session.rollback()
    found: dict[str, Any] = {
        "overlaps": fields.overlaps(),
        "unreachable": fields.unreachable(),
        "outside_shifts": outside_shifts(),
        "above_cap": fields.above_cap(),
        "orphan_holds": orphan_holds(),
        "lost_bookings": lost_bookings(),
        "stray_claims": stray_claims(),
        **{name: one.failures for name, one in checks.run_all().items() if not one.ok},
    }
    return {name: rows for name, rows in found.items() if rows}


def stories_of(wrong: dict[str, Any]) -> str:
    """What is wrong, then the whole story of each order that it names, with its claims."""
    text = str(wrong)
    named = {int(key) for key in re.findall(r"order:(\d+)", text)}
    named |= set(wrong.get("lost_bookings", ()))
    orders = db.session.execute(sa.select(Order.id, Order.number))
    named |= {key for key, number in orders if number in text}
    lines = [text]
    for key in sorted(named):
        lines.append(f"order:{key}")
        events = sa.select(OrderEvent).filter_by(order_id=key).order_by(OrderEvent.id)
        lines += [
            f"  {one.at} {one.kind} {one.actor_kind}:{one.actor_id} -> {one.to_status} {one.data}"
            for one in db.session.scalars(events)
        ]
        claims = sa.select(WorkerBusy).filter_by(owner=f"order:{key}")
        lines += [
            f"  claimed: worker {one.worker_id}, {one.visit_start_at} to {one.visit_end_at}"
            for one in db.session.scalars(claims)
        ]
    return "\n".join(lines)


def orphan_holds() -> list[int]:
    """Live holds without a claim, or whose time is over."""
    live = sa.select(SlotHold).filter_by(status=HoldStatus.LIVE.value)
    claimed = set(db.session.scalars(sa.select(WorkerBusy.owner)))
    return [one.id for one in db.session.scalars(live)
            if one.owner not in claimed or one.expires_at <= clock.now()]  # fmt: skip


def lost_bookings() -> list[int]:
    """Accepted orders whose worker has no claim at the time that she promised."""
    lost = []
    accepted = sa.select(Order).filter_by(status=OrderStatus.ACCEPTED.value)
    for order in db.session.scalars(accepted):
        mine = sa.select(WorkerBusy.worker_id).filter_by(
            owner=order.owner, visit_start_at=order.planned_start, visit_end_at=order.planned_end
        )
        if db.session.scalars(mine).all() != [order.lead_worker_id]:
            lost.append(order.id)
    return lost


def stray_claims() -> list[tuple[str, Any]]:
    """Claims of an order at a time that is neither its own nor that of its open move."""
    orders = {one.owner: one for one in db.session.scalars(sa.select(Order))}
    open_ = sa.select(MoveRequest).where(MoveRequest.status.in_(OPEN_MOVES))
    wanted = {(one.order.owner, one.new_start) for one in db.session.scalars(open_)}
    visits = db.session.scalars(sa.select(WorkerBusy).filter_by(kind="visit"))
    return [
        (claim.owner, claim.visit_start_at)
        for claim in visits
        if claim.visit_start_at != orders[claim.owner].planned_start
        and (claim.owner, claim.visit_start_at) not in wanted
    ]


def outside_shifts() -> list[tuple[int, str]]:
    """Visits that no shift of the worker covers with the way from and to her home."""
    travel, found = workforce.travel_model(), []
    for claim in db.session.scalars(sa.select(WorkerBusy).filter_by(kind="visit")):
        worker = db.session.get_one(Worker, claim.worker_id)
        home = fields.Point(worker.home_lat, worker.home_lng)
        way = timedelta(seconds=travel.seconds(home, fields.place_of(claim)))
        covers = sa.select(Shift.id).where(
            Shift.worker_id == worker.id,
            Shift.starts_at <= claim.visit_start_at - way,
            Shift.ends_at >= claim.visit_end_at + way,
        )
        if db.session.scalar(covers.limit(1)) is None:
            found.append((worker.id, claim.owner))
    return found
