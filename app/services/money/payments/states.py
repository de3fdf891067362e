"""Which attempts are under way, and which no channel carries."""

from app.domain.states import PaymentStatus

OPEN = (PaymentStatus.CREATED.value, PaymentStatus.PENDING.value, PaymentStatus.UNKNOWN.value)
BY_HAND = ("bank", "cash")
