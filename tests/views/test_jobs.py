"""Runs and timetable on the screen: how far, what went wrong, start and stop by hand."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.jobs import sweep_runs
from app.models import AuditLog, JobRun, TimetableEntry
from app.services.system import job_runs
from app.services.system.job_runs import run_of

pytestmark = pytest.mark.backends("sqlite")
SECRET_PLACE = "a_place_in_the_code"


@pytest.fixture
def admin(app, staff_client):
    return staff_client("administrator")


def failed_run():
    def a_place_in_the_code():
        raise ZeroDivisionError("nothing to divide by")

    with pytest.raises(ZeroDivisionError), run_of("prune", "2030-05-06", args=("2030-05-06",)):
        a_place_in_the_code()
    return db.session.scalars(sa.select(JobRun.id)).one()


def test_who_reads_the_log_sees_the_sentence_and_only_administrators_the_trace(admin, staff_client):
    run_id = failed_run()

    page = admin.get(f"/jobs/show/{run_id}").text
    auditors = staff_client("auditor").get(f"/jobs/show/{run_id}").text

    assert "nothing to divide by" in page
    assert "nothing to divide by" in auditors
    assert SECRET_PLACE in page
    assert SECRET_PLACE not in auditors


def test_a_page_asks_how_far_a_run_is_and_is_answered_when_that_changed(admin, clock):
    with run_of("export") as run:
        run.progress(1, 3)
        first = admin.get(f"/jobs/progress/{run.id}")
        tag = {"If-None-Match": first.headers["ETag"]}
        same = admin.get(f"/jobs/progress/{run.id}", headers=tag)
        clock.travel(timedelta(seconds=90))
        run.progress(3, 3)
        moved = admin.get(f"/jobs/progress/{run.id}", headers=tag)
    ended = admin.get(f"/jobs/progress/{run.id}", headers=tag)

    assert (first.status_code, same.status_code, same.data) == (200, 304, b"")
    assert "1 / 3" in first.text
    assert "3 / 3" in moved.text
    assert "X-Ended" not in moved.headers
    assert ended.headers["X-Ended"] == "yes"


def test_a_running_job_is_asked_to_stop_and_a_failed_one_is_repeated(admin, queue):
    with pytest.raises(job_runs.Cancelled), run_of("export") as run:
        assert admin.post(f"/jobs/action/cancel/{run.id}").status_code == 302
        run.progress(1, 1)
    run_id = failed_run_beside(run.id)

    assert admin.post(f"/jobs/action/retry/{run_id}").status_code == 302
    assert queue.started == [("app.jobs.prune.run", ("2030-05-06",))]


def failed_run_beside(other):
    with pytest.raises(ZeroDivisionError), run_of("prune", "2030-05-06", args=("2030-05-06",)):
        raise ZeroDivisionError
    return db.session.scalars(sa.select(JobRun.id).where(JobRun.id != other)).one()


def test_the_list_is_filtered_by_how_a_run_ended(admin, clock):
    failed_run()
    with run_of("prune"):
        pass
    clock.travel(timedelta(minutes=2))

    page = admin.get("/jobs/list/?_flt_0_state=failed").text

    assert page.count("Deleting what has served its purpose</a>") == 1


def test_the_timetable_tells_the_last_run_its_result_and_the_next(admin, monkeypatch):
    sweep_runs.run()
    monkeypatch.setattr(job_runs, "find_lost", lambda: 1 / 0)
    good = admin.get("/timetable/").text
    with pytest.raises(ZeroDivisionError):
        sweep_runs.run()
    bad = admin.get("/timetable/").text

    assert "Runs whose process was killed" in good
    assert "ZeroDivisionError" not in good
    assert "ZeroDivisionError: division by zero" in bad
    assert "2030-05-07 03:10" not in good  # today's has not run yet
    entry = db.session.scalars(sa.select(TimetableEntry)).one()
    assert (entry.job, entry.succeeded) == ("sweep_runs", False)


def test_a_daily_job_that_ran_today_is_next_tomorrow(admin):
    with run_of("prune", "2030-05-06"):
        pass

    assert "2030-05-07 03:10" in admin.get("/timetable/").text


def test_the_timetables_part_is_sent_again_only_when_it_changed(admin):
    first = admin.get("/timetable/lines")
    same = admin.get("/timetable/lines", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, same.status_code) == (200, 304)


def test_a_job_is_started_by_hand_and_that_is_written_down(admin, queue):
    assert admin.post("/timetable/run/prune").status_code == 302

    assert queue.started == [("app.jobs.prune.run", ())]
    row = db.session.scalars(sa.select(AuditLog).filter_by(action="run_now")).one()
    assert (row.actor_id, row.entity_id) == (admin.staff.id, "prune")
    assert admin.post("/timetable/run/nothing").status_code == 404
    assert len(queue.started) == 1


def test_others_neither_see_nor_start(app, staff_client, queue):
    client = staff_client("operations")

    assert client.get("/timetable/").status_code in {302, 403}
    assert staff_client("auditor").post("/timetable/run/prune").status_code in {302, 403}
    assert queue.started == []
