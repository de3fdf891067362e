"""Signed, encrypted notices to the merchant, sent again on WeChat Pay's schedule until taken."""

import json
import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from app.gateways.local.context import wire_time
from app.gateways.local.faults import Faults
from app.gateways.local.keys import LocalKeys
from app.gateways.local.signing import encrypted, signed_headers
from app.gateways.local.store import Row, Store

logger = logging.getLogger(__name__)

# 24 hours and 4 minutes in all; after the last one only a query tells the merchant.
RETRY_SECONDS = (
    *(15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600),
    *(10800, 10800, 10800, 21600, 21600),
)
ANSWER_SECONDS = 5
TICK_SECONDS = 0.5  # how soon a jump of the demo's clock is noticed
_STALE_SECONDS = 3600
_AMOUNT_PATHS = {"payment": ("amount", "total"), "refund": ("amount", "refund")}


class Notifier:
    """Keeps the notices in the store and sends those that are due.

    `before_sending` lets time do its work first (refunds arrive, transfers expire).
    """

    def __init__(
        self,
        keys: LocalKeys,
        store: Store,
        faults: Faults,
        clock: Callable[[], datetime],
        retry_seconds: Sequence[int] = RETRY_SECONDS,
    ) -> None:
        self._keys, self._store, self._faults, self._clock = keys, store, faults, clock
        self._retry_seconds = retry_seconds
        self._sending = Lock()
        self._wake, self._stop = Event(), Event()
        self._thread: Thread | None = None
        self._stranger: RSAPrivateKey | None = None
        self.before_sending: list[Callable[[], None]] = []

    def queue(self, kind: str, event_type: str, url: str | None, resource: Row) -> None:
        """Called inside the transaction that made the news."""
        if not url or self._faults.take("lost", kind):
            return
        if self._faults.take("wrong_amount", kind):
            resource = _one_fen_more(kind, resource)
        late, held = self._faults.take("late", kind), self._faults.take("out_of_order", kind)
        delay = late or held
        self._store.insert(
            "notices",
            notice_id=str(uuid.uuid4()),
            kind=kind,
            envelope=json.dumps({"event_type": event_type, "create_time": wire_time(self._now())}),
            resource=json.dumps(resource, ensure_ascii=False),
            url=url,
            held=int(held is not None),
            due_at=self._now() + (delay.seconds if delay else 0),
        )

    def tick(self) -> None:
        """Let time pass, then send everything that is due. One caller at a time."""
        with self._sending:
            for work in self.before_sending:
                work()
            while due := self._store.one(
                "SELECT * FROM notices WHERE state = 'pending' AND due_at <= ?"
                " ORDER BY due_at, id LIMIT 1",
                self._now(),
            ):
                self._attempt(due)

    def start(self) -> None:
        self._thread = Thread(target=self._run, name="notices", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(TICK_SECONDS)
            self._wake.clear()
            try:
                self.tick()
            except Exception:
                logger.exception("The local gateway could not send its notices")

    def _attempt(self, row: Row) -> None:
        answer = self._send(row)
        taken = answer in ("200", "204")
        again = taken and self._faults.take("twice", row["kind"])
        attempts = row["attempts"] + 1
        if taken and not again:
            state, due_at = "delivered", row["due_at"]
        elif again:
            state, due_at = "pending", self._now()
        else:
            state, due_at = self._retry(attempts)
        with self._store.transaction():
            self._store.run(
                "UPDATE notices SET state = ?, due_at = ?, attempts = ?, last_answer = ?, held = 0"
                " WHERE id = ?",
                *(state, due_at, attempts, answer, row["id"]),
            )
            self._store.run(
                "UPDATE notices SET held = 0, due_at = ? WHERE held AND state = 'pending'",
                self._now(),
            )

    def _retry(self, attempts: int) -> tuple[str, float]:
        if attempts > len(self._retry_seconds):
            return "given_up", self._now()
        return "pending", self._now() + self._retry_seconds[attempts - 1]

    def _send(self, row: Row) -> str:
        """The HTTP status as text, or what went wrong."""
        body = self._body(row)
        headers = self._headers(row["kind"], body)
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(
                    row["url"],
                    data=body,
                    headers=headers,
                    timeout=ANSWER_SECONDS,
                    allow_redirects=False,
                )
            except requests.RequestException as exc:
                return type(exc).__name__
        return str(answer.status_code)

    def _body(self, row: Row) -> bytes:
        kind = {"payment": "transaction", "refund": "refund", "transfer": "mch_payment"}
        original = kind[row["kind"]]
        sealed = encrypted(self._keys.api_v3_key, row["resource"].encode(), original)
        message = {
            "id": row["notice_id"],
            "resource_type": "encrypt-resource",
            "summary": "本地网关通知",
            **json.loads(row["envelope"]),
            "resource": {**sealed, "original_type": original},
        }
        return json.dumps(message, ensure_ascii=False).encode()

    def _headers(self, kind: str, body: bytes) -> dict[str, str]:
        key, now = self._keys.platform_key, self._now()
        if self._faults.take("forged", kind):
            self._stranger = self._stranger or generate_private_key(65537, 2048)
            key = self._stranger
        if self._faults.take("stale", kind):
            now -= _STALE_SECONDS
        signed = signed_headers(key, self._keys.public_key_id, now, body)
        return {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0", **signed}

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _one_fen_more(kind: str, resource: Row) -> Row:
    changed: dict[str, Any] = json.loads(json.dumps(resource))
    place, name = changed, "transfer_amount"
    if kind in _AMOUNT_PATHS:
        outer, name = _AMOUNT_PATHS[kind]
        place = changed[outer]
    place[name] += 1
    return changed
