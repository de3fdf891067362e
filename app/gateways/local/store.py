"""The local gateway's own SQLite file: what a payment provider would know."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

Row = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    out_trade_no TEXT PRIMARY KEY, trade_type TEXT NOT NULL, description TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0), notify_url TEXT NOT NULL, openid TEXT,
    prepay_id TEXT NOT NULL, state TEXT NOT NULL, transaction_id TEXT UNIQUE,
    created_at INTEGER NOT NULL, expires_at INTEGER, paid_at INTEGER);
CREATE TABLE IF NOT EXISTS refunds (
    out_refund_no TEXT PRIMARY KEY, out_trade_no TEXT NOT NULL REFERENCES orders,
    refund_id TEXT NOT NULL UNIQUE, refund_fen INTEGER NOT NULL CHECK (refund_fen > 0),
    status TEXT NOT NULL, notify_url TEXT, created_at INTEGER NOT NULL, success_at INTEGER);
CREATE TABLE IF NOT EXISTS transfers (
    out_bill_no TEXT PRIMARY KEY, transfer_bill_no TEXT NOT NULL UNIQUE, scene_id TEXT NOT NULL,
    openid TEXT NOT NULL, user_name TEXT, amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    remark TEXT NOT NULL, notify_url TEXT, state TEXT NOT NULL, package_info TEXT NOT NULL,
    fail_reason TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS alipay_trades (
    out_trade_no TEXT PRIMARY KEY, trade_no TEXT NOT NULL UNIQUE, way TEXT NOT NULL,
    subject TEXT NOT NULL, amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    notify_url TEXT NOT NULL, qr_code TEXT NOT NULL, state TEXT NOT NULL,
    scanned INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, paid_at INTEGER);
CREATE TABLE IF NOT EXISTS alipay_refunds (
    out_trade_no TEXT NOT NULL REFERENCES alipay_trades, out_request_no TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0), created_at INTEGER NOT NULL,
    PRIMARY KEY (out_trade_no, out_request_no));
CREATE TABLE IF NOT EXISTS alipay_transfers (
    out_biz_no TEXT PRIMARY KEY, order_id TEXT NOT NULL UNIQUE,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0), identity TEXT NOT NULL, name TEXT,
    status TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY, notice_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    envelope TEXT NOT NULL, resource TEXT NOT NULL, url TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending', held INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, due_at REAL NOT NULL, last_answer TEXT);
CREATE INDEX IF NOT EXISTS ix_notices_due ON notices (state, due_at);
CREATE TABLE IF NOT EXISTS sms (
    id INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, phone TEXT NOT NULL,
    template_id TEXT NOT NULL, text TEXT NOT NULL, code TEXT, sent_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS ix_sms_phone ON sms (phone, id);
"""


class Store:
    """One connection, one user at a time: plenty for one company's demo."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(_SCHEMA)
        path.chmod(0o600)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing. Other threads wait."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def one(self, sql: str, *values: Any) -> Row | None:
        with self._lock:
            row = self._db.execute(sql, values).fetchone()
        return dict(row) if row else None

    def all(self, sql: str, *values: Any) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values)]

    def run(self, sql: str, *values: Any) -> int:
        """How many rows it changed."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def insert(self, table: str, **values: Any) -> None:
        marks = ", ".join("?" * len(values))
        # Table and column names are this package's own words, never input.
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"  # noqa: S608
        self.run(sql, *values.values())
