"""Stars of a worker."""

from app.models import Worker


def rating_of(worker: Worker) -> float | None:
    """The average with one decimal; None before the first review."""
    if not worker.rating_count:
        return None
    return round(worker.rating_sum / worker.rating_count, 1)
