"""Misbehaviour on demand, so that tests and the demo can show that nothing is lost by it."""

from dataclasses import asdict, dataclass
from threading import Event, Lock
from typing import Any

FAULTS = {
    # Notices
    "late": "the first attempt comes `seconds` later",
    "twice": "an acknowledged notice is sent once more",
    "replayed": "an acknowledged notice comes again word for word, `seconds` later",
    "wrong_amount": "the notice, well signed, names one fen more",
    "wrong_merchant": "the notice, well signed, is meant for another merchant",
    "wrong_app": "the notice, well signed, is meant for another app",
    "forged": "one attempt is signed with a stranger's key",
    "stale": "one attempt carries a well signed timestamp from an hour ago",
    "lost": "the notice is never sent",
    "out_of_order": "the notice waits until another one was sent, or for `seconds`",
    # Answers
    "answer_lost": "the call is carried out, and the connection breaks before the answer",
    "5xx": "the call is refused with 500 and not carried out",
    "slow": "the call is carried out, and the answer takes `seconds`",
}
KINDS = ("payment", "refund", "transfer", "sms")


@dataclass
class Fault:
    """`times` uses are left. `only` limits it to one kind of call or notice."""

    name: str
    times: int = 1
    seconds: float = 60.0
    only: str | None = None

    def __post_init__(self) -> None:
        if self.name not in FAULTS or self.only not in (None, *KINDS):
            raise ValueError(f"unknown fault {self.name!r} or kind {self.only!r}")
        if not (0 < self.times <= 1000 and 0 <= self.seconds <= 86400 * 30):
            raise ValueError("times or seconds out of range")


class Faults:
    """The faults that are switched on. Thread-safe."""

    def __init__(self) -> None:
        self._active: list[Fault] = []
        self._lock = Lock()
        self._cleared = Event()

    def switch_on(self, fault: Fault) -> None:
        with self._lock:
            self._active.append(fault)

    def clear(self) -> None:
        """Switch all off; slow answers that are waiting go out at once."""
        with self._lock:
            self._active.clear()
            self._cleared.set()
            self._cleared = Event()

    def take(self, name: str, kind: str) -> Fault | None:
        """Use one up, if there is one of that name for that kind."""
        with self._lock:
            for fault in self._active:
                if fault.name == name and fault.only in (None, kind):
                    fault.times -= 1
                    if fault.times == 0:
                        self._active.remove(fault)
                    return fault
        return None

    def wait(self, fault: Fault) -> None:
        with self._lock:
            cleared = self._cleared
        cleared.wait(fault.seconds)

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._active]
