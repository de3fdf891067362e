"""What a step of the journey left behind, read beside the product in its own database."""

from collections.abc import Iterator

import sqlalchemy as sa

from app.demo.journey_http import JourneyFailed
from app.extensions import db
from app.models import AuditLog, Journal, Notification, OrderEvent, Outbox
from app.services.system import checks

WATCHED = {
    "events": OrderEvent,
    "audit rows": AuditLog,
    "journals": Journal,
    "messages": Notification,
    "outbox": Outbox,
}


class Traces:
    """Counts new rows since it was asked last, and proves that the checks hold."""

    def __init__(self) -> None:
        self._seen = dict(self._counted())

    def told(self) -> str:
        """A line about the step. Raises JourneyFailed when a check does not hold any more."""
        now = dict(self._counted())
        new = {name: now[name] - self._seen[name] for name in now if now[name] > self._seen[name]}
        self._seen = now
        left = ", ".join(f"{count} {name}" for name, count in new.items()) or "nothing"
        return f"left {left}; {self._checked()}"

    def _counted(self) -> Iterator[tuple[str, int]]:
        db.session.rollback()  # a new transaction sees what the others have saved
        for name, model in WATCHED.items():
            yield name, db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
        db.session.rollback()

    def _checked(self) -> str:
        findings = checks.run_all()
        db.session.rollback()
        failed = [name for name, found in findings.items() if not found.ok]
        if failed:
            raise JourneyFailed(f"After this step these checks fail: {', '.join(failed)}.")
        return f"{len(findings)} checks hold"
