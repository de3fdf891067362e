from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.errors import RuleViolation
from app.models import AuditLog, JobRun
from app.services.system import job_processes, job_runs
from app.services.system.job_runs import (
    DEAD_AFTER,
    QUIET,
    AlreadyRan,
    Cancelled,
    has_succeeded,
    run_of,
)

TODAY = "2030-05-06"


def only_run(db):
    db.session.rollback()
    return db.session.scalars(sa.select(JobRun)).one()


def test_a_run_leaves_its_row(db, clock):
    with run_of("prune", TODAY) as run:
        clock.travel(timedelta(minutes=2))
        run.progress(3, 10, "three")

    row = only_run(db)
    assert (row.status, row.done, row.total, row.message) == ("succeeded", 3, 10, "three")
    assert row.finished_at - row.started_at == timedelta(minutes=2)


def test_a_period_succeeds_once(db):
    with run_of("prune", TODAY):
        pass

    with pytest.raises(AlreadyRan), run_of("prune", TODAY):
        pytest.fail("ran twice")
    assert has_succeeded("prune", TODAY)
    assert not has_succeeded("prune", "2030-05-07")


def test_a_period_that_runs_elsewhere_is_left_alone(db):
    with run_of("prune", TODAY), pytest.raises(AlreadyRan), run_of("prune", TODAY):
        pytest.fail("ran twice")

    assert only_run(db).status == "succeeded"


def test_a_failed_period_runs_again(db):
    with pytest.raises(ZeroDivisionError), run_of("prune", TODAY):
        raise ZeroDivisionError("poison")
    run = only_run(db)
    assert (run.status, run.error_class, run.message) == ("failed", "ZeroDivisionError", "poison")
    assert 'raise ZeroDivisionError("poison")' in run.trace

    with run_of("prune", TODAY):
        pass

    assert only_run(db).status == "succeeded"


def test_a_run_without_signs_of_life_is_taken_over(db, clock):
    job_runs._begin("prune", TODAY, None, None)
    clock.travel(DEAD_AFTER)
    with pytest.raises(AlreadyRan), run_of("prune", TODAY):
        pytest.fail("it may still live")

    clock.travel(timedelta(seconds=1))
    with run_of("prune", TODAY):
        pass

    assert only_run(db).status == "succeeded"


def test_runs_without_a_period_are_not_limited(db):
    for _ in range(2):
        with run_of("report"):
            pass

    assert len(db.session.scalars(sa.select(JobRun)).all()) == 2


def test_progress_is_written_once_a_second_and_at_the_end(db, count_queries):
    with run_of("report") as run:
        run.progress(0, 100)
        with count_queries() as statements:
            for done in range(1, 100):
                run.progress(done, 100)
            assert statements == []
            run.progress(100, 100)

    assert only_run(db).done == 100


def test_old_runs_are_deleted(db, clock):
    with run_of("prune", TODAY):
        pass
    clock.travel(job_runs.KEPT + timedelta(seconds=1))

    assert job_runs.prune() == 1


def test_a_run_stops_at_its_next_step_when_somebody_asks(db):
    done = []
    with pytest.raises(Cancelled), run_of("report") as run:
        run.progress(1, 3)
        job_runs.ask_to_cancel(run.id, actor=SYSTEM)
        done.append("before")
        run.progress(3, 3)
        done.append("after")

    row = only_run(db)
    assert done == ["before"]
    assert (row.status, row.ending, row.state, row.error_class) == (
        "failed",
        "cancelled",
        "cancelled",
        "",
    )
    assert row.finished_at is not None


def test_a_run_that_has_ended_cannot_be_cancelled(db):
    with run_of("report") as run:
        pass

    with pytest.raises(RuleViolation):
        job_runs.ask_to_cancel(run.id, actor=SYSTEM)
    assert only_run(db).cancel_asked_at is None


def test_a_failed_run_is_started_again_with_its_arguments(db, queue):
    with pytest.raises(ZeroDivisionError), run_of("prune", TODAY, args=(TODAY,)) as run:
        raise ZeroDivisionError

    job_runs.retry(run.id, actor=SYSTEM)

    assert queue.started == [("app.jobs.prune.run", (TODAY,))]
    assert db.session.scalars(sa.select(AuditLog.action).filter_by(entity="job_run")).all() == [
        "retry"
    ]


@pytest.mark.parametrize("args", [None, ()])
def test_what_succeeded_or_has_no_arguments_is_not_repeated(db, queue, args):
    with run_of("report", args=args) as run:
        pass
    if args is None:
        with pytest.raises(ZeroDivisionError), run_of("other") as run:
            raise ZeroDivisionError

    with pytest.raises(RuleViolation):
        job_runs.retry(run.id, actor=SYSTEM)
    assert queue.started == []


def begun_by(process, db):
    run_id = job_runs._begin("report", None, None, None)
    with job_runs.transaction() as session:
        session.execute(sa.update(JobRun).values(process=process))
    return run_id


def test_a_run_of_a_killed_process_is_lost_after_a_minute(db, clock):
    mine = job_processes.own_name()
    gone = f"{mine.rpartition(':')[0]}:1"  # that number, of a process that began earlier
    run_id = begun_by(gone, db)
    too_early = job_runs.find_lost()
    clock.travel(QUIET + timedelta(seconds=1))

    assert too_early == []
    assert job_runs.find_lost() == [run_id]
    assert (only_run(db).status, only_run(db).state) == ("failed", "lost")
    assert job_runs.find_lost() == []


def test_a_run_whose_process_lives_is_not_lost_however_long_it_is_silent(db, clock):
    begun_by(job_processes.own_name(), db)
    clock.travel(DEAD_AFTER * 10)

    assert job_runs.find_lost() == []


def test_of_another_host_only_the_silence_tells(db, clock):
    run_id = begun_by("elsewhere:7:7", db)
    clock.travel(DEAD_AFTER)
    patient = job_runs.find_lost()
    clock.travel(timedelta(seconds=1))

    assert patient == []
    assert job_runs.find_lost() == [run_id]


def test_an_error_of_the_database_is_told_without_its_values(db):
    phone = "138" + "0" * 8
    with pytest.raises(sa.exc.DBAPIError), run_of("report"):
        db.session.execute(sa.text("SELECT :phone FROM nowhere"), {"phone": phone})

    run = only_run(db)
    assert "nowhere" in run.message
    assert "nowhere" in run.trace
    assert phone not in run.message + run.trace
