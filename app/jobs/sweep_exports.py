from app.jobs.context import job
from app.services.system import exports


@job
def run() -> int:
    """Remove files whose time is over, and find exports that were lost or never begun."""
    return exports.expire() + exports.give_up_lost() + exports.start_forgotten()
