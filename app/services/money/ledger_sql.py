"""The statements of a posting, made once: all of its rows travel in one value each.

PostgreSQL takes arrays and does in two statements (a third when an account is new) what SQLite,
which is called without a way through the network, does in four with JSON lists. A statement that is
the same each time is compiled once by SQLAlchemy and prepared once by PostgreSQL.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from app.models import Journal

Rows = Sequence[Sequence[Any]]
AccountKey = tuple[str, str, int]  # code, owner kind, owner id
Accounts = dict[AccountKey, int]
_JOURNAL: Any = Journal.__table__
_COLUMNS = [column for column in _JOURNAL.c if column.name != "id"]


def open_journal(
    session: Session, row: Mapping[str, Any], keys: Sequence[AccountKey]
) -> tuple[int, Accounts] | None:
    """Insert a journal; give its id and the accounts of `keys` that are open already.

    None when its key stands. Waits for a rival who writes the same key.
    """
    if _is_sqlite(session):
        made = session.connection().execute(_SQLITE_JOURNAL, row).scalar()
        return None if made is None else (made, find_accounts(session, keys))
    found = session.connection().execute(_POSTGRESQL_JOURNAL, {**row, **_columns(keys)}).first()
    if found is None:
        return None
    ids = zip(keys, found.accounts, strict=True)
    return found.id, {key: account for key, account in ids if account is not None}


def find_accounts(session: Session, keys: Sequence[AccountKey]) -> Accounts:
    """The accounts of `keys` that are open."""
    find = _SQLITE_FIND if _is_sqlite(session) else _POSTGRESQL_FIND
    found = session.connection().execute(find, _values(session, keys))
    return {(code, kind, owner): account for code, kind, owner, account in found}


def write(session: Session, journal_id: int, postings: Rows, moves: Rows) -> set[int]:
    """Write postings (account, order, fen) and move balances (account, fen in its own direction).

    Gives the accounts whose minimum let them move, locked in the order of their ids.
    """
    connection, journal = session.connection(), {"journal": journal_id}
    if _is_sqlite(session):
        connection.execute(_SQLITE_POSTINGS, {**journal, **_values(session, postings)})
        return set(connection.execute(_SQLITE_MOVE, _values(session, moves)).scalars())
    moving = {"moving": [key for key, _ in moves], "moved": [fen for _, fen in moves]}
    told = {**journal, **_columns(postings), **moving}
    return set(connection.execute(_POSTGRESQL_WRITE, told).scalars())


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _values(session: Session, rows: Rows) -> dict[str, Any]:
    return {"rows": json.dumps(rows)} if _is_sqlite(session) else _columns(rows)


def _columns(rows: Rows) -> dict[str, Any]:
    return {f"c{place}": list(column) for place, column in enumerate(zip(*rows, strict=True))}


def _journal_text() -> sa.TextClause:
    names = ", ".join(column.name for column in _COLUMNS)
    values = ", ".join(f":{column.name}" for column in _COLUMNS)
    text = sa.text(
        f"""
        WITH made AS (
          INSERT INTO journal ({names}) VALUES ({values}) ON CONFLICT (key) DO NOTHING RETURNING id
        )
        SELECT id, ARRAY(
          SELECT a.id
          FROM unnest(CAST(:c0 AS varchar[]), CAST(:c1 AS varchar[]), CAST(:c2 AS bigint[]))
            WITH ORDINALITY AS wanted (code, owner_kind, owner_id, place)
          LEFT JOIN ledger_account a USING (code, owner_kind, owner_id)
          ORDER BY place
        ) AS accounts
        FROM made
        """  # noqa: S608  # names of our own columns
    )
    return text.bindparams(*(sa.bindparam(column.name, type_=column.type) for column in _COLUMNS))


_POSTGRESQL_JOURNAL = _journal_text()
_POSTGRESQL_FIND = sa.text(
    """
    SELECT a.code, a.owner_kind, a.owner_id, a.id
    FROM unnest(CAST(:c0 AS varchar[]), CAST(:c1 AS varchar[]), CAST(:c2 AS bigint[]))
      AS wanted (code, owner_kind, owner_id)
    JOIN ledger_account a USING (code, owner_kind, owner_id)
    """
)
# Not plain FOR UPDATE: everybody's new postings hold their accounts by FOR KEY SHARE.
_POSTGRESQL_WRITE = sa.text(
    """
    WITH written AS (
      INSERT INTO posting (journal_id, account_id, order_id, amount_fen)
      SELECT :journal, account, order_id, fen
      FROM unnest(CAST(:c0 AS bigint[]), CAST(:c1 AS bigint[]), CAST(:c2 AS bigint[]))
        WITH ORDINALITY AS line (account, order_id, fen, place)
      ORDER BY place
    ), ours AS (
      SELECT id FROM ledger_account WHERE id = ANY (CAST(:moving AS bigint[]))
      ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE ledger_account a SET balance_fen = a.balance_fen + line.fen
    FROM unnest(CAST(:moving AS bigint[]), CAST(:moved AS bigint[])) AS line (id, fen)
    JOIN ours USING (id)
    WHERE a.id = line.id
      AND (a.minimum_fen IS NULL OR a.balance_fen + line.fen >= a.minimum_fen)
    RETURNING a.id
    """
)
_SQLITE_JOURNAL = (
    sqlite.insert(_JOURNAL).on_conflict_do_nothing(index_elements=["key"]).returning(_JOURNAL.c.id)
)
_SQLITE_FIND = sa.text(
    """
    SELECT a.code, a.owner_kind, a.owner_id, a.id FROM json_each(:rows) AS wanted
    JOIN ledger_account a ON a.code = json_extract(wanted.value, '$[0]')
      AND a.owner_kind = json_extract(wanted.value, '$[1]')
      AND a.owner_id = json_extract(wanted.value, '$[2]')
    """
)
_SQLITE_POSTINGS = sa.text(
    """
    INSERT INTO posting (journal_id, account_id, order_id, amount_fen)
    SELECT :journal, json_extract(value, '$[0]'), json_extract(value, '$[1]'),
      json_extract(value, '$[2]')
    FROM json_each(:rows) ORDER BY key
    """
)
_SQLITE_MOVE = sa.text(
    """
    UPDATE ledger_account SET balance_fen = balance_fen + moving.fen
    FROM (SELECT json_extract(value, '$[0]') AS account, json_extract(value, '$[1]') AS fen
          FROM json_each(:rows)) AS moving
    WHERE id = moving.account
      AND (minimum_fen IS NULL OR balance_fen + moving.fen >= minimum_fen)
    RETURNING id
    """
)
