from app.jobs.context import job
from app.services.plans import ahead


@job
def run() -> int:
    """Make the orders of recurring plans whose dates come near; returns how many."""
    return ahead.run()
