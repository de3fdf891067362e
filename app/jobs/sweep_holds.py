from app.jobs.context import job
from app.services.orders import holds


@job
def run() -> int:
    """Free the times that customers held and did not order. Their timers usually were faster."""
    return holds.sweep_expired()
