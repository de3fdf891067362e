from app.jobs.context import job
from app.services.system import outbox


@job
def run() -> int:
    """Deliver messages of the outbox that are due. Safe to run at the same time as others."""
    return outbox.deliver_due()
