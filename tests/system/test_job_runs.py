from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.models import JobRun
from app.services.system import job_runs
from app.services.system.job_runs import DEAD_AFTER, AlreadyRan, has_succeeded, run_of

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
    assert (only_run(db).status, only_run(db).message) == (
        "failed",
        "ZeroDivisionError('poison')",
    )

    with run_of("prune", TODAY):
        pass

    assert only_run(db).status == "succeeded"


def test_a_run_without_signs_of_life_is_taken_over(db, clock):
    job_runs._begin("prune", TODAY)
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
