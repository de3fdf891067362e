"""Free times of two weeks among a thousand qualified workers with 30,000 claims, on PostgreSQL.

Asked over HTTP of a gunicorn process, one after the other, for different addresses. The engine
alone is put beside a plain Python loop over the same rows: every rule for every worker and hour
(app.domain.eligibility), as somebody writes it at first. WORKERS=10000 asks a larger city.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa

from app import models as m
from app.domain.eligibility import time_rules
from app.extensions import db
from app.services import clock
from app.services.orders import quotes
from app.services.roster import _columns as columns
from app.services.roster import _judging as judging
from app.services.roster import slots, workforce
from benchmarks.figures import Figure
from config import BASE_DIR
from tests import factories
from tests.kit import apps, binaries
from tests.kit.clients import customer_token
from tests.kit.databases import Postgresql
from tests.kit.servers import Servers, free_port, stop_all
from tests.kit.settings import environment

SEED, DAYS, RUNS, ADDRESSES = 20261122, 14, 60, 12
CLAIMS_A_DAY = (2, 2, 2, 2, 2, 2, 3)  # 30,000 of a thousand workers in two weeks
USUAL = 1_000
MOST_P95 = {USUAL: 50, 10_000: 200}
PATIENCE = 30  # seconds


def run() -> list[Figure]:
    if not binaries.POSTGRESQL.path():
        return []
    workers = int(os.environ.get("WORKERS", USUAL))
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)

    def build(url: str) -> None:
        apps.fill(apps.make(folder, url))

    try:
        url = Postgresql(Servers(folder), build).fresh("slots")
        app = apps.make(folder, url)
        with app.app_context():
            company = _fill(workers)
            asked, token = _questions(company)
            alone = _engine_alone(company)
            db.session.remove()
        took = _over_http(folder, url, asked, token)
        return _figures(workers, took, *alone)
    finally:
        stop_all(folder)


def _figures(workers: int, took: list[float], ours: float, loop: float | None) -> list[Figure]:
    name = f"slots, {workers:,} workers"
    p95 = statistics.quantiles(took, n=20)[-1]
    ratio = 20 if loop is not None else None
    return [
        Figure(f"{name}: p50 over HTTP", statistics.median(took), None, "ms"),
        Figure(f"{name}: p95 over HTTP", p95, None, "ms", at_most=MOST_P95.get(workers)),
        Figure(f"{name}: engine alone", ours, loop, "ms", at_least_ratio=ratio),
    ]  # fmt: skip


def _fill(workers: int) -> factories.Company:
    company = factories.company()
    chance = random.Random(SEED)
    with db.engine.begin() as connection:
        for model, rows in _people(company, workers, chance).items():
            connection.execute(sa.insert(model), rows)
        connection.execute(sa.insert(m.WorkerBusy), list(_claims(workers, chance)))
        connection.exec_driver_sql("ANALYZE")
    return company


def _people(company: factories.Company, workers: int, chance: random.Random) -> dict[Any, Any]:
    keys = range(1, workers + 1)
    first, last = _days()[0], _days()[-1]
    return {
        m.WorkerAccount: [
            {"id": key, "phone": f"1282{key:07d}", "phone_index": f"{key:064d}"} for key in keys
        ],
        m.Worker: [
            {"id": key, "account_id": key, "branch_id": company.branch.id, "number": f"W{key:06d}",
             "name": "王师傅", "status": "approved", "level": 3, "radius_km": 60, "daily_cap": 6,
             "home_lat": chance.uniform(23.05, 23.2), "home_lng": chance.uniform(113.2, 113.4)}
            for key in keys
        ],
        m.WorkerSkill: [
            {"worker_id": key, "skill_id": company.skill.id, "level": 3, "valid_from": first}
            for key in keys
        ],
        m.WorkerArea: [{"worker_id": key, "area_id": company.area.id} for key in keys],
        m.WorkerDocument: [
            {"worker_id": key, "kind": kind, "valid_to": last + timedelta(days=90),
             "status": "approved"}
            for key in keys for kind in ("id_card", "health")
        ],
        m.Shift: [
            {"worker_id": key, "service_on": day, "starts_at": _at(day, 8), "ends_at": _at(day, 20)}
            for key in keys for day in _days()
        ],
    }  # fmt: skip


def _claims(workers: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    pad, number = timedelta(minutes=10), 0
    for key in range(1, workers + 1):
        for day in _days():
            for hour in sorted(chance.sample((8, 11, 14, 17), chance.choice(CLAIMS_A_DAY))):
                number += 1
                start = _at(day, hour) + timedelta(minutes=chance.choice((10, 20, 30)))
                end = start + timedelta(minutes=chance.choice((60, 90, 120)))
                yield {
                    "worker_id": key, "kind": "visit", "owner": f"order:{number}",
                    "start_at": start - pad, "end_at": end + pad, "visit_start_at": start,
                    "visit_end_at": end, "lat": chance.uniform(23.05, 23.2),
                    "lng": chance.uniform(113.2, 113.4),
                }  # fmt: skip


def _questions(company: factories.Company) -> tuple[list[str], str]:
    """Paths that ask for two weeks at different addresses, and the customer's token."""
    chance, asked = random.Random(SEED), []
    for _ in range(ADDRESSES):
        place = (chance.uniform(23.08, 23.18), chance.uniform(113.22, 113.38))
        company.address = factories.address(company.customer, company.region, place)
        quote = factories.quote(company)
        first, last = _days()[0], _days()[-1]
        asked.append(f"/api/customer/v1/quotes/{quote.number}/slots?from={first}&to={last}")
    return asked, customer_token(company.customer)


def _engine_alone(company: factories.Company) -> tuple[float, float | None]:
    """Milliseconds of the columns and of the loop for the same facts, which are read before.

    A city's loop takes minutes and is left out.
    """
    quote = quotes.quote_of(company.customer.id, factories.quote(company).number)
    facts = workforce.workers_of(company.branch.id, _days()[0], _days()[-1])
    starts = {day: slots.start_times(day, quote.minutes) for day in _days()}
    travel = workforce.travel_model()
    first = slots.wanted_visit(quote, starts[_days()[0]][0])
    workers = columns.workers(company.branch.id, _days(), first)

    def loop() -> None:
        for day in _days():
            for start in starts[day]:
                wanted = slots.wanted_visit(quote, start)
                sum(not time_rules(worker, wanted, travel) for worker in facts)

    ours = _best(lambda: judging.judged(workers, first, starts, 1), 5)
    return ours, _best(loop, 1) if len(facts) <= USUAL else None


def _best(act: Any, runs: int) -> float:
    took = []
    for _ in range(runs):
        begun = time.perf_counter()
        act()
        took.append((time.perf_counter() - begun) * 1000)
    return min(took)


def _over_http(folder: Path, url: str, asked: list[str], token: str) -> list[float]:
    took = []
    with _served(folder, url) as base, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        for number in range(RUNS + 3):
            begun = time.perf_counter()
            answer = session.get(base + asked[number % len(asked)], timeout=60)
            if number >= 3:  # the first warm up
                took.append((time.perf_counter() - begun) * 1000)
            assert answer.status_code == 200, answer.text
            assert any(day["slots"] for day in answer.json()["days"])
    return took


@contextmanager
def _served(folder: Path, url: str) -> Iterator[str]:
    port = free_port()
    settings = environment(folder, url, PORT=str(port), WEB_PROCESSES="1")
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "app/server/gunicorn_conf.py",
         "app:create_app()"],
        cwd=BASE_DIR, env={**os.environ, **settings}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(base)
        yield base
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_for(base: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{base}/healthz", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError("The server did not start")


def _days() -> list[date]:
    return [clock.today() + timedelta(days=n) for n in range(1, DAYS + 1)]


def _at(day: date, hour: int) -> datetime:
    return clock.start_of(day) + timedelta(hours=hour)
