from app.jobs.context import job
from app.services.orders import deadlines


@job
def run() -> int:
    """Set the timers again that overdue orders and offers have lost."""
    return deadlines.set_lost_timers()
