"""The statements of a posting, made once: all of its rows travel in one value each.

PostgreSQL takes arrays, SQLite a JSON list of rows. A statement that is the same each time is
compiled once by SQLAlchemy and prepared once by PostgreSQL.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models import Journal

Rows = Sequence[Sequence[Any]]
_JOURNAL = Journal.__table__


@dataclass(frozen=True)
class Statements:
    """`journal` gives the id, or nothing when the key stands. The others take `rows`:

    find      (code, owner kind, owner id) -> the accounts that are open
    postings  (account, order, fen), of `journal`
    move      (account, fen in its own direction) -> the accounts whose minimum let them move
    """

    journal: Any
    find: sa.TextClause
    postings: sa.TextClause
    move: sa.TextClause


def of(session: Session) -> Statements:
    return _STATEMENTS[session.get_bind().dialect.name]


def values(session: Session, rows: Rows) -> dict[str, Any]:
    """The rows as a statement's values."""
    if session.get_bind().dialect.name == "sqlite":
        return {"rows": json.dumps(rows)}
    return {f"c{place}": list(column) for place, column in enumerate(zip(*rows, strict=True))}


_POSTGRESQL = Statements(
    journal=postgresql.insert(_JOURNAL)
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(_JOURNAL.c.id),
    find=sa.text(
        """
        SELECT a.code, a.owner_kind, a.owner_id, a.id
        FROM unnest(CAST(:c0 AS varchar[]), CAST(:c1 AS varchar[]), CAST(:c2 AS bigint[]))
          AS wanted (code, owner_kind, owner_id)
        JOIN ledger_account a USING (code, owner_kind, owner_id)
        """
    ),
    postings=sa.text(
        """
        INSERT INTO posting (journal_id, account_id, order_id, amount_fen)
        SELECT :journal, account, order_id, fen
        FROM unnest(CAST(:c0 AS bigint[]), CAST(:c1 AS bigint[]), CAST(:c2 AS bigint[]))
          WITH ORDINALITY AS line (account, order_id, fen, place)
        ORDER BY place
        """
    ),
    # Not plain FOR UPDATE: everybody's new postings hold their accounts by FOR KEY SHARE.
    move=sa.text(
        """
        WITH ours AS (
          SELECT id FROM ledger_account WHERE id = ANY (CAST(:c0 AS bigint[]))
          ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE ledger_account a SET balance_fen = a.balance_fen + moving.fen
        FROM unnest(CAST(:c0 AS bigint[]), CAST(:c1 AS bigint[])) AS moving (id, fen)
        JOIN ours USING (id)
        WHERE a.id = moving.id
          AND (a.minimum_fen IS NULL OR a.balance_fen + moving.fen >= a.minimum_fen)
        RETURNING a.id
        """
    ),
)
_SQLITE = Statements(
    journal=sqlite.insert(_JOURNAL)
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(_JOURNAL.c.id),
    find=sa.text(
        """
        SELECT a.code, a.owner_kind, a.owner_id, a.id FROM json_each(:rows) AS wanted
        JOIN ledger_account a ON a.code = json_extract(wanted.value, '$[0]')
          AND a.owner_kind = json_extract(wanted.value, '$[1]')
          AND a.owner_id = json_extract(wanted.value, '$[2]')
        """
    ),
    postings=sa.text(
        """
        INSERT INTO posting (journal_id, account_id, order_id, amount_fen)
        SELECT :journal, json_extract(value, '$[0]'), json_extract(value, '$[1]'),
          json_extract(value, '$[2]')
        FROM json_each(:rows) ORDER BY key
        """
    ),
    move=sa.text(
        """
        UPDATE ledger_account SET balance_fen = balance_fen + moving.fen
        FROM (SELECT json_extract(value, '$[0]') AS account, json_extract(value, '$[1]') AS fen
              FROM json_each(:rows)) AS moving
        WHERE id = moving.account
          AND (minimum_fen IS NULL OR balance_fen + moving.fen >= minimum_fen)
        RETURNING id
        """
    ),
)
_STATEMENTS: Mapping[str, Statements] = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE}
