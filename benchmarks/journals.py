"""Journals a second on PostgreSQL at a hot clearing account: ours against the same bare SQL.

Ours: eight processes, each with the product as create_app() makes it, post payments through
`ledger.post`, a transaction each; every one meets the others on WeChat's clearing account and on
the customers' prepayments. The baseline: the very statements of one such posting, as the driver
sent them, replayed by pgbench with eight clients on a copy of the same database, triggers and
all. Both run for the same seconds, in turns; afterwards the books must balance to the fen.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from benchmarks.figures import Figure
from config import BASE_DIR
from tests.kit import apps, binaries
from tests.kit.databases import Postgresql
from tests.kit.servers import Servers, stop_all

CLIENTS, SECONDS, ROUNDS = 8, 8, 3
MOST_STATEMENTS, LEAST_SHARE = 10, 0.30
RATE = re.compile(r"tps = ([\d.]+)")


def run() -> list[Figure]:
    with _prepared() as (folder, url):
        statements = _logged(folder, url)
        script = folder / "journal.sql"
        script.write_text(_script(statements))
        ours, bare = [], []
        with _clients(folder, url) as clients:
            for turn in range(ROUNDS):
                ours.append(_ours(clients))
                bare.append(_pgbench(script, url, turn))
        _check(url)
    rate, baseline = statistics.median(ours), statistics.median(bare)
    return [
        Figure("journals: statements", len(statements), at_most=MOST_STATEMENTS),
        # Told as time for a journal, because less is better in this table.
        Figure("journals: ms each", 1000 / rate, 1000 / baseline, "ms", at_least_ratio=LEAST_SHARE),
        Figure("journals: a second (more is better)", rate, baseline),
    ]


@dataclass(frozen=True)
class Statement:
    """One statement as the driver sent it, with its values."""

    sql: str
    values: dict[str, object]


def _logged(folder: Path, url: str) -> list[Statement]:
    """What one posting sends, beside BEGIN and COMMIT."""
    told = _child("log", folder, url, 0)
    return [Statement(one["sql"], one["values"]) for one in json.loads(told)]


def _script(statements: list[Statement]) -> str:
    """pgbench's script: the same statements with other keys, amounts and the row just written."""
    lines = ["\\set n random(1, 1000000000000)", "BEGIN;"]
    for statement in statements:
        text = " ".join(_filled(statement).split())
        lines.append(f"{text} \\gset j_" if "INTO journal" in text else f"{text};")
    return "\n".join([*lines, "COMMIT;", ""])


def _filled(statement: Statement) -> str:
    """The statement with its values in it; `:n` makes the key another one each time."""

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name == "key":
            return "'bench:' || :n || ':' || :client_id"
        if name == "journal":
            return ":j_id"
        held = statement.values[name]
        if isinstance(held, list):
            return f"ARRAY[{', '.join(_literal(one) for one in held)}]"
        return _literal(held)

    return re.sub(r"%\((\w+)\)s", value, statement.sql)


def _literal(held: object) -> str:
    if held is None:
        return "NULL"
    return str(held) if isinstance(held, int) else "'" + str(held).replace("'", "''") + "'"


def _ours(clients: list["subprocess.Popen[str]"]) -> float:
    """Journals a second of all clients together."""
    for client in clients:
        _pipe(client.stdin).write("go\n")
        _pipe(client.stdin).flush()
    told = [json.loads(_line(client)) for client in clients]
    return float(sum(one["journals"] / one["seconds"] for one in told))


@contextmanager
def _clients(folder: Path, url: str) -> Iterator[list["subprocess.Popen[str]"]]:
    """Eight processes that have posted a few already and wait for the word."""
    clients = [_started("post", folder, url, number) for number in range(CLIENTS)]
    try:
        for client in clients:
            _line(client)
        yield clients
    finally:
        for client in clients:
            client.communicate()  # the end of its input ends it


def _line(client: "subprocess.Popen[str]") -> str:
    line = _pipe(client.stdout).readline()
    if not line:
        raise RuntimeError(f"A client failed: {client.communicate()[1][-2000:]}")
    return line


def _pgbench(script: Path, url: str, turn: int) -> float:
    address = url.replace("postgresql+psycopg://", "postgresql://")
    command = [
        _program(), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS),
        "-f", str(script), "--random-seed", str(turn + 1), address,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    found = RATE.search(done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
    return float(found.group(1))


def _program() -> str:
    place = binaries.POSTGRESQL.path()
    if place is None:
        raise RuntimeError(binaries.POSTGRESQL.why_missing())
    return str(Path(place).resolve().parent / "pgbench")


def _check(url: str) -> None:
    """Nothing is off by a fen, and each side wrote two postings a journal."""
    wrong = """
        SELECT count(*) FROM ledger_account a WHERE balance_fen <>
          (CASE normal WHEN 'debit' THEN 1 ELSE -1 END)
          * (SELECT coalesce(sum(amount_fen), 0) FROM posting p WHERE p.account_id = a.id)
    """
    uneven = """
        SELECT count(*) FROM (
          SELECT j.id FROM journal j LEFT JOIN posting p ON p.journal_id = j.id
          GROUP BY j.id HAVING count(p.id) <> 2) AS other
    """
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        if connection.scalar(sa.text(wrong)) or connection.scalar(sa.text(uneven)):
            raise RuntimeError("The books are not what was posted")
    engine.dispose()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("The client was started without pipes")
    return pipe


def _child(what: str, folder: Path, url: str, number: int) -> str:
    return _ended(_started(what, folder, url, number))


def _started(what: str, folder: Path, url: str, number: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.journals_child", what, str(folder), url]
    return subprocess.Popen(
        [*command, str(number), str(SECONDS)],
        cwd=BASE_DIR, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def _ended(process: "subprocess.Popen[str]") -> str:
    out, error = process.communicate()
    if process.returncode:
        raise RuntimeError(f"A client failed: {error[-2000:]}")
    return out.splitlines()[-1]


@contextmanager
def _prepared() -> Iterator[tuple[Path, str]]:
    """A folder, and an installed database whose server syncs each commit as in production."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    servers = Servers(folder, durable=True)

    def build(url: str) -> None:
        apps.fill(apps.make(folder, url))

    try:
        yield folder, Postgresql(servers, build).fresh("journals")
    finally:
        stop_all(folder)
