from app.jobs.context import job
from app.services.system import job_runs


@job
def run() -> int:
    """Find the runs whose process was killed, and show them as lost."""
    return len(job_runs.find_lost())
