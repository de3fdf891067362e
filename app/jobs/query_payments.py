from app.jobs.context import job
from app.services.money import payments


@job
def run() -> int:
    """Ask the channel about payments whose notice has not come."""
    return payments.query_open_payments()
