"""The process that runs jobs from Redis: `python -m app.jobs.worker`."""

from typing import Any

import rq
from rq.job import Job

from app.extensions import db
from app.jobs.context import process_app
from app.services.queue import QUEUE_NAME, RedisQueue, waiting_mark
from config import ConfigError

# With RQ's own intervals a job whose worker was killed had not been retried after four minutes;
# with these it is after about a minute.
WORKER_TTL, MAINTENANCE_INTERVAL, JOB_MONITORING_INTERVAL = 40, 10, 5


class OwnJob(Job):
    """Refuses to run anything but a job of ours, whoever wrote it into Redis."""

    @property
    def func(self) -> Any:
        if not (self.func_name or "").startswith("app.jobs."):
            raise LookupError(f"{self.func_name} is no job")
        return super().func

    def perform(self) -> Any:
        # Before it runs: what is started from now on may need another run.
        self.connection.delete(waiting_mark(self.func_name or "", self.args or ()))
        return super().perform()


def build_worker(queue: RedisQueue) -> rq.Worker:
    return rq.Worker(
        [QUEUE_NAME],
        connection=queue.rq.connection,
        serializer="json",
        job_class=OwnJob,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_INTERVAL,
        job_monitoring_interval=JOB_MONITORING_INTERVAL,
    )


def main() -> None:
    app = process_app()
    queue = app.extensions["job_queue"]
    if not isinstance(queue, RedisQueue):
        raise ConfigError("REDIS_URL is not set; without it the web process runs the jobs itself.")
    with app.app_context():
        # Each job runs in a fork: no connection may be shared with it.
        db.engine.dispose()
    build_worker(queue).work(logging_level="WARNING")  # else five lines a job, all day


if __name__ == "__main__":
    main()
