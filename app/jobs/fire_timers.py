from app.jobs.context import job
from app.services.system import timers


@job
def run() -> int:
    """Fire the timers that are due."""
    return timers.fire_due()
