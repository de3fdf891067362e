from app.jobs.context import job
from app.services.money import refunds


@job
def run() -> int:
    """Submit refunds that wait and ask how those on their way are doing."""
    return refunds.refresh_open()
