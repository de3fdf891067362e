from app.jobs.context import job
from app.services.money import withdrawals


@job
def run() -> int:
    """Ask the channel how withdrawals on their way are doing."""
    return withdrawals.refresh_open()
