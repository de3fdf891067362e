"""Connections to PostgreSQL that keep their prepared statements when a transaction is rolled back.

Every request ends with a rollback, for it has read. The driver forgets then what it has prepared,
in case that objects were made in the transaction which are gone now; and so each statement of each
request would be parsed and planned anew. PostgreSQL itself keeps prepared statements over a
rollback, and plans them again after a change of what they read.
"""

from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus

OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class Connection(psycopg.Connection[Any]):
    def rollback(self) -> None:
        """As psycopg's, which is asked for all but an open transaction that rests."""
        if self.pgconn.transaction_status not in OPEN:
            super().rollback()
            return
        with self.lock:
            result = self.pgconn.exec_(b"ROLLBACK")
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError(result.get_error_message())
