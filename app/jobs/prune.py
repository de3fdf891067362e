import logging
from collections.abc import Callable

from app.jobs.context import job
from app.services.customers import pictures
from app.services.identity import otp, staff_login, tokens
from app.services.system import audit_retention, exports, idempotency, job_runs
from app.services.system.job_runs import run_of
from app.services.visits import positions

logger = logging.getLogger(__name__)

PRUNED: dict[str, Callable[[], int]] = {
    "log-in codes": otp.prune,
    "log-in attempts": staff_login.prune,
    "refresh tokens": tokens.prune,
    "idempotency keys": idempotency.prune,
    "exported files": exports.prune,
    "job runs": job_runs.prune,
    "audit rows": audit_retention.prune,
    "positions": positions.prune,
    "photos of erased customers": pictures.remove,
}


@job
def run(period: str | None = None) -> int:
    """Delete what has served its purpose. One kind that fails does not keep the others."""
    deleted, failed = 0, []
    with run_of("prune", period, args=() if period is None else (period,)) as progress:
        for done, (kind, prune) in enumerate(PRUNED.items(), start=1):
            try:
                deleted += prune()
            except Exception:
                logger.exception("The old %s could not be deleted", kind)
                failed.append(kind)
            progress.progress(done, len(PRUNED), f"{deleted} rows; failed: {failed}")
        if failed:
            raise RuntimeError(f"Not pruned: {', '.join(failed)}")
    return deleted
