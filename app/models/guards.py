"""Rules that the database itself keeps, beyond what a table definition can say.

They are installed again after each migration, because SQLite drops the triggers of a table
that `batch_alter_table` rebuilds. A test reads both catalogues and misses none.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask_appbuilder import Model

OVERLAP = "worker_busy_overlap"
APPEND_ONLY = "append_only"
UNBALANCED = "journal_unbalanced"
SEALED = "period_sealed"
# What free time needs of a row as one value, which the database itself keeps: tens of thousands of
# them are then sent as they lie there (app/services/roster/_columns.py). PostgreSQL only.
PACKED = {
    "packed_claim": (
        "worker_busy",
        "int8send(worker_id) || int8send(hashtextextended(owner, 0))"
        " || timestamptz_send(start_at) || timestamptz_send(end_at)"
        " || timestamptz_send(visit_start_at) || timestamptz_send(visit_end_at)"
        " || float8send(coalesce(lat, 'NaN')) || float8send(coalesce(lng, 'NaN'))"
        " || int8send(CASE kind WHEN 'visit' THEN 1 WHEN 'hold' THEN 2 ELSE 0 END)",
    ),
    "packed_shift": (
        "shift",
        "int8send(worker_id) || timestamptz_send(starts_at) || timestamptz_send(ends_at)",
    ),
}
STAMPED = "roster_stamped"
SEAL_LOCK = 4_201_001  # postings hold it shared until they end, who seals a period alone


def append_only_tables() -> list[str]:
    """Tables whose model says `append_only = True`."""
    return sorted(
        mapper.local_table.name
        for mapper in Model.registry.mappers
        if getattr(mapper.class_, "append_only", False)
    )


def install(connection: sa.Connection) -> None:
    """Create every guard that is missing and renew what the others do. Safe to run again."""
    if connection.dialect.name == "postgresql":
        _install(connection, _postgresql())
    else:
        _install(connection, _sqlite())


def installed(connection: sa.Connection) -> set[str]:
    """Names of the guards that stand in the database's catalogue."""
    if connection.dialect.name == "postgresql":
        query = (
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' "
            "UNION SELECT conname FROM pg_constraint WHERE contype = 'x' "
            "UNION SELECT attname FROM pg_attribute WHERE attgenerated = 's' AND NOT attisdropped"
        )
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return set(connection.scalars(sa.text(query)))


def set_aside(connection: sa.Connection) -> None:
    """Before a migration: SQLite cannot replace a table that another table's trigger names.

    install() puts them back.
    """
    if connection.dialect.name == "sqlite":
        for name in installed(connection) & set(_sealed_sqlite()):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


@contextmanager
def lifted(connection: sa.Connection, *tables: str) -> Iterator[None]:
    """Take back the rule of append-only tables until the end of the block, in one transaction.

    Nobody else can write meanwhile, and none of it is seen when the transaction fails.
    """
    present = installed(connection)
    for table in tables:
        for end in ("", "_update", "_delete"):
            if (name := f"{APPEND_ONLY}_{table}{end}") in present:
                connection.exec_driver_sql(dropped(connection, name, table))
    yield
    if tables:
        install(connection)


def dropped(connection: sa.Connection, name: str, table: str) -> str:
    """The statement that takes a trigger away."""
    on_table = f" ON {table}" if connection.dialect.name == "postgresql" else ""
    return f"DROP TRIGGER {name}{on_table}"


def expected(dialect: str) -> set[str]:
    """Names of the guards that must stand."""
    return set(_postgresql() if dialect == "postgresql" else _sqlite())


def _install(connection: sa.Connection, guards: dict[str, str]) -> None:
    present = installed(connection)
    for name, statement in guards.items():
        for part in statement.split(";;"):
            if name not in present or "CREATE OR REPLACE" in part:
                connection.exec_driver_sql(part)


def _postgresql() -> dict[str, str]:
    guards = {
        OVERLAP: f"""
            CREATE EXTENSION IF NOT EXISTS btree_gist;;
            ALTER TABLE worker_busy ADD CONSTRAINT {OVERLAP} EXCLUDE USING gist
              (worker_id WITH =, tstzrange(start_at, end_at) WITH &&, owner WITH <>)
        """,
        UNBALANCED: f"""
            CREATE OR REPLACE FUNCTION {UNBALANCED}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF (SELECT COALESCE(SUM(amount_fen), 0) FROM posting
                  WHERE journal_id = NEW.journal_id) <> 0 THEN
                RAISE EXCEPTION '{UNBALANCED}' USING ERRCODE = '23514';
              END IF;
              RETURN NULL;
            END $$;;
            CREATE CONSTRAINT TRIGGER {UNBALANCED} AFTER INSERT ON posting
              DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {UNBALANCED}()
        """,  # noqa: S608  # constants of this module
        **_sealed_postgresql(),
        **_stamped_postgresql(),
    }
    for column, (table, content) in PACKED.items():
        guards[column] = (
            f"ALTER TABLE {table} ADD COLUMN {column} bytea GENERATED ALWAYS AS ({content}) STORED"
        )
    for table in append_only_tables():
        guards[f"{APPEND_ONLY}_{table}"] = f"""
            CREATE OR REPLACE FUNCTION {APPEND_ONLY}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{APPEND_ONLY}' USING ERRCODE = '23514'; END $$;;
            CREATE TRIGGER {APPEND_ONLY}_{table} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
              FOR EACH STATEMENT EXECUTE FUNCTION {APPEND_ONLY}()
        """
    return guards


def _sealed_postgresql() -> dict[str, str]:
    """Nothing more is booked on a day that is sealed. A seal waits for those who are booking."""
    refuse = f"RAISE EXCEPTION '{SEALED}' USING ERRCODE = '23514'"
    return {
        f"{SEALED}_journal": f"""
            CREATE OR REPLACE FUNCTION {SEALED}_journal() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              PERFORM pg_advisory_xact_lock_shared({SEAL_LOCK});
              IF EXISTS (SELECT 1 FROM period_seal WHERE period_to >= NEW.posted_on) THEN
                {refuse};
              END IF;
              RETURN NEW;
            END $$;;
            CREATE TRIGGER {SEALED}_journal BEFORE INSERT ON journal
              FOR EACH ROW EXECUTE FUNCTION {SEALED}_journal()
        """,  # noqa: S608  # constants of this module
        f"{SEALED}_posting": f"""
            CREATE OR REPLACE FUNCTION {SEALED}_posting() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE sealed_to date := (SELECT MAX(period_to) FROM period_seal);
            BEGIN
              -- Not a join: its plan, made for a few postings, would never end for a million.
              IF sealed_to IS NOT NULL AND EXISTS (
                SELECT 1 FROM added WHERE sealed_to >=
                  (SELECT posted_on FROM journal WHERE journal.id = journal_id)) THEN
                {refuse};
              END IF;
              RETURN NULL;
            END $$;;
            CREATE TRIGGER {SEALED}_posting AFTER INSERT ON posting
              REFERENCING NEW TABLE AS added
              FOR EACH STATEMENT EXECUTE FUNCTION {SEALED}_posting()
        """,  # noqa: S608  # constants of this module
    }


def _stamped_postgresql() -> dict[str, str]:
    """What is written into a worker's calendar changes its stamp (models.RosterStamp)."""
    stamp = f"""
        CREATE OR REPLACE FUNCTION {STAMPED}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          -- Rows that others are writing are left to add up: nobody waits for a stamp.
          WITH earlier AS (
            SELECT id FROM roster_stamp WHERE worker_id IN (SELECT worker_id FROM written)
            FOR UPDATE SKIP LOCKED
          ), gone AS (
            DELETE FROM roster_stamp WHERE id IN (SELECT id FROM earlier)
            RETURNING worker_id, stamp
          ), fresh AS (
            SELECT worker_id, hashtextextended(gen_random_uuid()::text, 0) AS stamp
            FROM (SELECT DISTINCT worker_id FROM written) AS workers
          )
          INSERT INTO roster_stamp (worker_id, stamp)
          SELECT worker_id, bit_xor(stamp)
          FROM (SELECT * FROM gone UNION ALL SELECT * FROM fresh) AS stamps GROUP BY worker_id;
          RETURN NULL;
        END $$;;"""  # noqa: S608  # constants of this module
    events = {"insert": ("INSERT", "NEW"), "delete": ("DELETE", "OLD"),
              "update_from": ("UPDATE", "OLD"), "update_to": ("UPDATE", "NEW")}  # fmt: skip
    return {
        f"{STAMPED}_{table}_{name}": f"""{stamp}
            CREATE TRIGGER {STAMPED}_{table}_{name} AFTER {verb} ON {table}
              REFERENCING {rows} TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION {STAMPED}()
        """
        for table in ("worker_busy", "shift")
        for name, (verb, rows) in events.items()
    }


def _sealed_sqlite() -> dict[str, str]:
    booked = "SELECT posted_on FROM journal WHERE id = NEW.journal_id"
    days = {"journal": "NEW.posted_on", "posting": f"({booked})"}
    return {
        f"{SEALED}_{table}": f"""
            CREATE TRIGGER {SEALED}_{table} BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM period_seal WHERE period_to >= {day})
            BEGIN SELECT RAISE(ABORT, '{SEALED}'); END
        """  # noqa: S608  # constants of this module
        for table, day in days.items()
    }


def _sqlite() -> dict[str, str]:
    guards = _sealed_sqlite()
    for verb in ("INSERT", "UPDATE"):
        guards[f"{OVERLAP}_{verb.lower()}"] = f"""
            CREATE TRIGGER {OVERLAP}_{verb.lower()} BEFORE {verb} ON worker_busy
            WHEN EXISTS (
              SELECT 1 FROM worker_busy WHERE worker_id = NEW.worker_id AND owner <> NEW.owner
                AND start_at < NEW.end_at AND end_at > NEW.start_at AND id IS NOT NEW.id)
            BEGIN SELECT RAISE(ABORT, '{OVERLAP}'); END
        """  # noqa: S608  # constants of this module
    for table in append_only_tables():
        for verb in ("UPDATE", "DELETE"):
            guards[f"{APPEND_ONLY}_{table}_{verb.lower()}"] = f"""
                CREATE TRIGGER {APPEND_ONLY}_{table}_{verb.lower()} BEFORE {verb} ON {table}
                BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END
            """  # names come from our own models
    return guards
