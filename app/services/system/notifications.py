"""Messages in the in-app inboxes, written in the transaction of what they tell."""

from typing import Any, Literal

from app.extensions import db
from app.models import Notification

STAFF_INBOX = 0


def notify(
    recipient_kind: Literal["customer", "worker"], recipient_id: int, kind: str, **data: Any
) -> None:
    """Tell a customer or worker. `kind` is a stable code; clients show its translation."""
    db.session.add(
        Notification(recipient_kind=recipient_kind, recipient_id=recipient_id, kind=kind, data=data)
    )


def notify_staff(kind: str, **data: Any) -> None:
    """Put a message into the inbox that the dispatchers share."""
    db.session.add(
        Notification(recipient_kind="staff", recipient_id=STAFF_INBOX, kind=kind, data=data)
    )
