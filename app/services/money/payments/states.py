"""Which attempts are under way."""

from app.domain.states import PaymentStatus

OPEN = (PaymentStatus.CREATED.value, PaymentStatus.PENDING.value, PaymentStatus.UNKNOWN.value)
