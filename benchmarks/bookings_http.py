"""Bookings a second end to end: HTTP, gunicorn, PostgreSQL, Redis, against the same bare SQL.

A booking is a time held and ordered, two requests. Eight client processes book at random times
among hundreds of workers, each time as another customer. The baseline is the statement log of one
booking, replayed by pgbench with eight clients on a copy of the same database, each time for
another worker, time and customer. SECONDS=60 makes the ten minutes shorter.
"""

import os
import re
import statistics
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import Order, Quote
from app.services import clock
from app.services.system import checks, parameters
from benchmarks import statement_log
from benchmarks.figures import Figure
from benchmarks.statement_log import Statement, literal
from tests import factories
from tests.kit import apps, binaries, crowd
from tests.kit.clients import with_token
from tests.kit.databases import Postgresql
from tests.kit.servers import Servers, stop_all
from tests.kit.serving import served
from tests.kit.settings import environment
from tests.proof import fields

SEED, CLIENTS, PROCESSES = 20261122, 8, 2
SECONDS = int(os.environ.get("SECONDS") or 600)
BARE_SECONDS, ROUNDS = 15, 3
WORKERS, DAYS = 300, 28
CUSTOMERS = max(CLIENTS * 8, 2 * SECONDS)  # so that nobody chooses too often
QUOTES = 60_000 // CUSTOMERS  # of each, made beforehand: one is ordered once
MOST_STATEMENTS, LEAST_SHARE = 50, 0.15
# Keys that are found again in the log: nothing else looks like them.
FIRST = {"quote": 40000001, "customer_account": 50000001, "worker": 60000001, "slot_hold": 70000001,
         "customer_order": 80000001}  # fmt: skip
RATE = re.compile(r"tps = ([\d.]+)")


@dataclass(frozen=True)
class Booked:
    a_second: float
    p95: float
    errors: int
    overlaps: int


def run() -> list[Figure]:
    if not binaries.POSTGRESQL.path() or not binaries.REDIS.path():
        return []
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    servers = Servers(folder, durable=True)
    try:
        url = Postgresql(servers, lambda at: apps.fill(apps.make(folder, at))).fresh("bookings")
        statements, people, starts = _prepared(folder, url)
        script = folder / "booking.sql"
        script.write_text(_script(statements))
        with servers.postgresql_admin() as admin:
            admin.execute("CREATE DATABASE bare TEMPLATE bookings STRATEGY FILE_COPY")
        urls = url, servers.postgresql_url("bare")
        rounds, bare = _in_turns(folder, urls, servers.redis_url(), script, people, starts)
        ours = _checked(folder, url, rounds)
        return _figures(statement_log.count(statements), ours, bare)
    finally:
        stop_all(folder)


def _figures(statements: int, ours: Booked, bare: float) -> list[Figure]:
    each = (1000 / ours.a_second, 1000 / bare)
    return [
        Figure("bookings_http: statements", statements, at_most=MOST_STATEMENTS),
        # Told as time for a booking, because less is better in this table.
        Figure("bookings_http: ms each", *each, "ms", at_least_ratio=LEAST_SHARE),
        Figure("bookings_http: a second (more is better)", ours.a_second, bare),
        Figure("bookings_http: p95 of a request", ours.p95, None, "ms"),
        Figure(f"bookings_http: errors in {SECONDS} s", ours.errors, at_most=0),
        Figure(f"bookings_http: overlaps in {SECONDS} s", ours.overlaps, at_most=0),
    ]


People = list[tuple[str, list[str]]]  # token, numbers of quotes


def _prepared(folder: Path, url: str) -> tuple[list[Statement], People, list[str]]:
    """The log of one booking, customers, and the starts that they want."""
    app = apps.make(folder, url)
    with app.app_context():
        _count_from(FIRST)
        company = factories.company(pay_mode="after")
        parameters.set_parameter("booking.holds_per_hour", 100, actor=SYSTEM)
        for _ in range(WORKERS):
            factories.worker(company, days=DAYS + 2, radius_km=60)
        people = [_customer(company) for _ in range(CUSTOMERS)]
        days = [clock.today() + timedelta(days=n) for n in range(2, DAYS)]
        starts = [fields.city(factories.at(day, hour)) for day in days for hour in range(9, 18)]
        _quote_again()
        for number in (1, 2):
            _book(people[number], starts[number])
        _count_from({name: FIRST[name] + 100 for name in ("slot_hold", "customer_order")})
        with statement_log.logged(db.engine, folder / "postgresql.log") as statements:
            _book(people[0], starts[0])
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        db.session.remove()
        db.engine.dispose()
    return statements, people, starts


def _count_from(firsts: dict[str, int]) -> None:
    with db.engine.begin() as connection:
        for table, first in firsts.items():
            connection.exec_driver_sql(f"ALTER SEQUENCE {table}_id_seq RESTART {first}")


def _quote_again() -> None:
    """Each customer's quote many times more, in the order of the customers."""
    columns = [column.name for column in Quote.__table__.columns if column.name != "id"]
    copied = ", ".join("number || 'N' || copy" if name == "number" else name for name in columns)
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO quote ({', '.join(columns)}) SELECT {copied}"
            f" FROM quote, generate_series(1, {QUOTES}) AS copy ORDER BY copy, quote.id"
        )


def _customer(company: factories.Company) -> tuple[str, list[str]]:
    company.customer = factories.customer()
    company.address = factories.address(company.customer, company.region)
    quote = factories.quote(company, company.aircon)
    numbers = [quote.number, *(f"{quote.number}N{copy}" for copy in range(1, QUOTES + 1))]
    return fields.token_of("customer", company.customer), numbers


def _book(person: tuple[str, list[str]], start: str) -> None:
    (token, numbers), base = person, "/api/customer/v1"
    client, wanted = with_token(token), {"quote_number": numbers.pop(), "starts_at": start}
    held: Any = client.post(f"{base}/holds", json=wanted)
    body = {"hold_number": held.json["number"], "quote_hash": held.json["quote_hash"]}
    done = client.post(f"{base}/orders", json=body)
    assert done.status_code == 201, done.text


def _script(statements: list[Statement]) -> str:
    """Another quote, hold, order, worker, time and customer each time."""
    hold, order = (FIRST[name] + 100 for name in ("slot_hold", "customer_order"))
    numbers = {
        value: value[0]
        for one in statements
        for value in one.values.values()
        if value and re.fullmatch(r"[HD]\d{6}\w{9,16}", value)
    }
    named = {str(hold): ":slot_hold_id", str(order): ":customer_order_id"}
    named |= {number: f"'{letter}' || :m" for number, letter in numbers.items()}
    anyone = re.compile("|".join(map(re.escape, named)))

    def fill(statement: Statement, value: str) -> str:
        if value in named:
            return f"({named[value]})"
        if re.fullmatch(r"400\d{5}", value):
            return "(:q)"
        if re.fullmatch(r"5000\d{4}|6000\d{4}", value):
            return _someone(int(value))
        if "INTO worker_busy" in statement.sql and re.match(r"\d{4}-\d\d-\d\d \d", value):
            return f"({literal(value)}::timestamptz + :n * interval '1 minute')"
        parts, names = anyone.split(value), anyone.findall(value)
        told = [literal(parts[0])]
        for name, rest in zip(names, parts[1:], strict=True):
            told += [f"({named[name]})", literal(rest)]
        return f"({' || '.join(told)})" if names else told[0]

    heads = [
        "\\set n random(1, 2000000000)",
        "\\set m random(1, 1000000000000)",
        "\\set i :i + 1",
        f"\\set q {FIRST['quote'] + CUSTOMERS} + :client_id + {CLIENTS} * :i",
    ]
    return statement_log.script(statements, fill, heads)


def _someone(key: int) -> str:
    """Another worker or customer: the same distance from whoever it is this time."""
    if key < FIRST["worker"]:
        return f"({FIRST['customer_account']} + :client_id)"
    return f"({FIRST['worker']} + (:n % {WORKERS} + {key - FIRST['worker']}) % {WORKERS})"


def _pgbench(script: Path, url: str, turn: int) -> float:
    place = binaries.POSTGRESQL.path()
    assert place
    command = [
        str(Path(place).resolve().parent / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS),
        "-j", "2", "-T", str(BARE_SECONDS), "-f", str(script), "--random-seed", str(turn + 1),
        "-D", f"i={turn * 60_000 // CLIENTS // ROUNDS}",
        url.replace("postgresql+psycopg://", "postgresql://"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    found = RATE.search(done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench failed: {done.stderr[-3000:]}")
    return float(found.group(1))


Round = list[dict[str, Any]]


def _in_turns(
    folder: Path, urls: tuple[str, str], redis: str, script: Path, people: People, starts: list[str]
) -> tuple[list[Round], float]:
    """What the clients did in each round, and pgbench's rate (the median of its own)."""
    url, copy = urls
    rounds, bare = [], []
    with served(folder, environment(folder, url, REDIS_URL=redis), processes=PROCESSES) as server:
        for turn in range(ROUNDS):
            clients = [
                {"token": "", "seed": SEED + place, "starts": starts, "seconds": SECONDS / ROUNDS,
                 "people": people[place :: CLIENTS * ROUNDS]}
                for place in range(turn * CLIENTS, (turn + 1) * CLIENTS)
            ]  # fmt: skip
            rounds.append(crowd.play("tests.proof.scenes:bookings", server.netloc, clients))
            bare.append(_pgbench(script, copy, turn))
    return rounds, statistics.median(bare)


def _checked(folder: Path, url: str, rounds: list[Round]) -> Booked:
    """A fast wrong answer is no figure."""
    booked = [sum(one["result"]["booked"] for one in round_) for round_ in rounds]
    results = [one for round_ in rounds for one in round_]
    errors = crowd.codes_of(results) - Counter({"201": 10**9, "slot_taken": 10**9})
    with _opened(folder, url):
        orders = db.session.scalar(sa.select(sa.func.count(Order.id))) or 0
        overlaps = checks.run_all(names=["nobody_is_in_two_places"])["nobody_is_in_two_places"]
        db.session.remove()
        db.engine.dispose()
    assert orders == sum(booked) + 3, (orders, booked)
    took = [ms for one in results for ms in one["took"]]
    a_second = statistics.median(booked) * ROUNDS / SECONDS
    p95 = statistics.quantiles(took, n=20)[-1]
    return Booked(a_second, p95, errors.total(), len(overlaps.failures))


@contextmanager
def _opened(folder: Path, url: str) -> Iterator[None]:
    with apps.make(folder, url).app_context():
        yield
