"""Notices to the merchant, in each channel's own words, sent again until they are taken."""

import base64
import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Protocol

import requests

from app.gateways.local.context import wire_time
from app.gateways.local.faults import Faults
from app.gateways.local.store import Row, Store

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 5
TICK_SECONDS = 0.5  # how soon a jump of the demo's clock is noticed
_STALE_SECONDS = 3600


class Speaker(Protocol):
    """How one channel puts a notice. `resource` is what queue() was given."""

    retry_seconds: Sequence[int]

    def changed(self, fault: str, kind: str, resource: Row) -> Row:
        """The resource as wrong_amount, wrong_merchant or wrong_app make it."""

    def message(
        self, row: Row, resource: Row, now: int, *, forged: bool
    ) -> tuple[dict[str, str], bytes]:
        """Headers and body, signed; by a stranger if it is forged."""

    def is_taken(self, status: int, text: str) -> bool:
        """Whether the merchant's answer means that it need not come again."""


class Notifier:
    """Keeps the notices in the store and sends those that are due.

    `before_sending` lets time do its work first (refunds arrive, transfers expire).
    """

    def __init__(
        self,
        speakers: Mapping[str, Speaker],
        store: Store,
        faults: Faults,
        clock: Callable[[], datetime],
    ) -> None:
        self._speakers, self._store, self._faults, self._clock = speakers, store, faults, clock
        self._sending = Lock()
        self._wake, self._stop = Event(), Event()
        self._thread: Thread | None = None
        self.before_sending: list[Callable[[], None]] = []

    def queue(
        self, kind: str, event_type: str, url: str | None, resource: Row, speaker: str = "wechat"
    ) -> None:
        """Called inside the transaction that made the news."""
        if not url or self._faults.take("lost", kind):
            return
        for fault in ("wrong_amount", "wrong_merchant", "wrong_app"):
            if self._faults.take(fault, kind):
                resource = self._speakers[speaker].changed(fault, kind, resource)
        late, held = self._faults.take("late", kind), self._faults.take("out_of_order", kind)
        delay = late or held
        told = {"event_type": event_type, "create_time": wire_time(self._now())}
        self._store.insert(
            "notices",
            notice_id=str(uuid.uuid4()),
            kind=kind,
            envelope=json.dumps({"speaker": speaker, **told}),
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
        speaker = self._speaker(row)
        headers, body = self._message(row)
        answer, taken = self._send(speaker, row["url"], headers, body)
        again = taken and self._faults.take("twice", row["kind"])
        attempts = row["attempts"] + 1
        if taken and not again:
            state, due_at = "delivered", row["due_at"]
        elif again:
            state, due_at = "pending", self._now()
        else:
            state, due_at = self._retry(speaker, attempts)
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
            if taken and (fault := self._faults.take("replayed", row["kind"])):
                self._replay(row, headers, body, self._now() + fault.seconds)

    def _replay(self, row: Row, headers: dict[str, str], body: bytes, due_at: float) -> None:
        """Somebody has recorded it and sends the same bytes again."""
        told = json.loads(row["envelope"]) | {
            "recorded": [headers, base64.b64encode(body).decode()]
        }
        self._store.insert(
            "notices",
            notice_id=f"replay-{uuid.uuid4()}",
            kind=row["kind"],
            envelope=json.dumps(told),
            resource=row["resource"],
            url=row["url"],
            due_at=due_at,
        )

    def _retry(self, speaker: Speaker, attempts: int) -> tuple[str, float]:
        if attempts > len(speaker.retry_seconds):
            return "given_up", self._now()
        return "pending", self._now() + speaker.retry_seconds[attempts - 1]

    def _message(self, row: Row) -> tuple[dict[str, str], bytes]:
        recorded = json.loads(row["envelope"]).get("recorded")
        if recorded:
            return recorded[0], base64.b64decode(recorded[1])
        forged = self._faults.take("forged", row["kind"]) is not None
        now = self._now()
        if self._faults.take("stale", row["kind"]):
            now -= _STALE_SECONDS
        resource = json.loads(row["resource"])
        return self._speaker(row).message(row, resource, now, forged=forged)

    def _send(
        self, speaker: Speaker, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[str, bool]:
        """The HTTP status as text, or what went wrong; and whether it was taken."""
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(
                    url, data=body, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False
                )
            except requests.RequestException as exc:
                return type(exc).__name__, False
        return str(answer.status_code), speaker.is_taken(answer.status_code, answer.text)

    def _speaker(self, row: Row) -> Speaker:
        # Notices that an earlier version has stored name no speaker.
        return self._speakers[json.loads(row["envelope"]).get("speaker", "wechat")]

    def _now(self) -> int:
        return int(self._clock().timestamp())
