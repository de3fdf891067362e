"""A list as a file: exactly what its page shows to the person who asks, and to nobody else."""

import re
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.jobs import export as export_job
from app.jobs import sweep_exports
from app.models import AuditLog, Branch, CustomerAccount, Export, JobRun, Order
from app.services.system import exports
from app.services.transactions import transaction
from app.views import base_exports
from tests import factories

pytestmark = pytest.mark.backends("sqlite")
TITLE_ROWS = 3


@pytest.fixture
def company(built):
    return built


@pytest.fixture
def ops(company, staff_client):
    return staff_client("operations")


def press(client, path):
    """The button of a list; returns the export's row."""
    answer = client.post(path)
    assert answer.status_code == 302, answer.text
    assert answer.location.startswith("/exports/show/")
    return db.session.get(Export, int(answer.location.rpartition("/")[2]), populate_existing=True)


def sheet_of(client, export):
    with client.get(f"/exports/download/{export.id}") as answer:
        assert answer.status_code == 200
        return openpyxl.load_workbook(BytesIO(answer.data)).active


def rows_of(sheet):
    return [list(row) for row in sheet.iter_rows(min_row=TITLE_ROWS + 1, values_only=True)]


def test_a_short_list_is_ready_at_once_with_the_columns_and_rows_of_the_page(ops, company):
    export = press(ops, "/orders/export/?_oc_OrderView=number&_od_OrderView=asc")

    assert (export.status, export.locale, export.staff_id) == ("ready", "en", ops.staff.id)
    header, *rows = rows_of(sheet_of(ops, export))
    orders = db.session.scalars(sa.select(Order).order_by(Order.number)).all()
    assert header == [
        "Number", "Status", "Services", "Customer", "District", "Planned start", "Worker", "Amount",
    ]  # fmt: skip
    assert [row[0] for row in rows] == [order.number for order in orders]
    assert (export.rows, export.size_bytes > 3000) == (len(orders), True)


def test_cells_are_typed_and_in_the_citys_time(ops, company):
    export = press(ops, f"/orders/export/?_flt_0_q={company.completed.number}")
    sheet = sheet_of(ops, export)
    cells = {cell.value: sheet.cell(TITLE_ROWS + 2, cell.column) for cell in sheet[TITLE_ROWS + 1]}

    assert export.rows == 1
    assert cells["Amount"].value == company.completed.due_fen / 100
    assert cells["Amount"].number_format.startswith("#,##0.00")
    start = company.completed.planned_start + timedelta(hours=8)
    assert cells["Planned start"].value == start.replace(tzinfo=None)
    assert cells["Status"].value == "Completed"


def test_the_filters_of_the_list_are_the_filters_of_the_file(ops, company):
    export = press(
        ops, "/orders/export/?_flt_0_status=completed&page_OrderView=7&psize_OrderView=1"
    )
    sheet = sheet_of(ops, export)

    numbers = [row[0] for row in rows_of(sheet)[1:]]
    assert numbers == [company.completed.number]
    assert "Status: Completed" in sheet["A2"].value


def test_a_filter_that_is_not_understood_makes_no_file(ops, company):
    answer = ops.post("/orders/export/?_flt_0_service_on=yesterday")

    assert "/orders/list/" in answer.location
    assert db.session.scalars(sa.select(Export)).all() == []


def test_the_file_speaks_the_language_of_who_asked(ops, company):
    ops.get("/lang/zh")

    sheet = sheet_of(ops, press(ops, "/orders/export/?_flt_0_status=completed"))

    assert rows_of(sheet)[0][:2] == ["编号", "状态"]
    assert rows_of(sheet)[1][1] == "已完成"


def test_what_is_masked_on_the_screen_is_masked_in_the_file(ops, company):
    export = press(ops, "/customerview/export/")
    text = " ".join(str(value) for row in rows_of(sheet_of(ops, export)) for value in row)

    whole = db.session.scalars(sa.select(CustomerAccount)).first().phone
    assert whole not in text
    assert f"{whole[:3]}****{whole[-4:]}" in text


def test_a_branch_takes_away_its_own_rows_only(company, staff_client):
    elsewhere = factories.save(Branch(code="other", name="Other branch", city_code="440300")).id
    stranger = staff_client("operations", branch_id=elsewhere)

    assert press(stranger, "/orders/export/").rows == 0


def test_text_that_looks_like_a_formula_stays_text(ops, company):
    with transaction() as session:
        session.get_one(Order, company.completed.id).summary = '=HYPERLINK("http://x","<a&b>")'

    sheet = sheet_of(ops, press(ops, f"/orders/export/?_flt_0_q={company.completed.number}"))
    cell = sheet.cell(TITLE_ROWS + 2, 3)

    assert cell.value == '=HYPERLINK("http://x","<a&b>")'
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_who_has_no_x_sees_no_button_and_is_refused(company, staff_client):
    for role in ("dispatcher", "administrator", "service"):
        client = staff_client(role)
        assert "/orders/export/" not in client.get("/orders/list/").text
        assert client.post("/orders/export/").status_code in {302, 403}
    assert db.session.scalars(sa.select(Export)).all() == []
    auditor = staff_client("auditor")
    assert "/orders/export/" in auditor.get("/orders/list/").text
    assert "/serviceview/export/" not in auditor.get("/serviceview/list/").text


def test_a_long_list_is_made_by_a_job_with_progress(ops, company, queue, monkeypatch):
    monkeypatch.setattr(base_exports, "SMALL", 0)
    queue.started.clear()
    export = press(ops, "/orders/export/")
    waiting = ops.get(f"/exports/progress/{export.id}")

    assert export.status == "waiting"
    assert queue.started == [("app.jobs.export.run", (export.id,))]
    assert ops.get(f"/exports/download/{export.id}").status_code == 422
    queue.run_all()

    run = db.session.scalars(sa.select(JobRun)).one()
    assert (run.job, run.status, run.asked_by_id) == ("export", "succeeded", ops.staff.id)
    assert run.done == run.total == len(rows_of(sheet_of(ops, export))) - 1
    tag = {"If-None-Match": waiting.headers["ETag"]}
    assert ops.get(f"/exports/progress/{export.id}", headers=tag).headers["X-Ended"] == "yes"


def waiting_export(client, monkeypatch):
    monkeypatch.setattr(base_exports, "SMALL", 0)
    return press(client, "/orders/export/")


def test_a_file_is_made_once_however_often_its_job_runs(ops, company, queue, monkeypatch):
    export = waiting_export(ops, monkeypatch)
    for _ in range(2):
        export_job.run(export.id)

    assert len(db.session.scalars(sa.select(JobRun)).all()) == 1


def test_an_export_is_cancelled_while_it_waits_and_while_it_runs(ops, company, queue, monkeypatch):
    first, second = waiting_export(ops, monkeypatch), waiting_export(ops, monkeypatch)
    ops.post(f"/exports/action/stop/{first.id}")
    usual = base_exports.write_list

    def cancelled_meanwhile(*args, **words):
        ops.post(f"/exports/action/stop/{second.id}")
        return usual(*args, **words)

    monkeypatch.setattr(base_exports, "write_list", cancelled_meanwhile)
    queue.run_all()

    db.session.expire_all()
    assert [first.status, second.status] == ["cancelled", "cancelled"]
    assert second.storage_key == ""
    assert db.session.scalars(sa.select(JobRun.ending)).all() == ["cancelled"]


def test_only_who_asked_fetches_the_file(ops, company, staff_client):
    export = press(ops, "/orders/export/")
    other, boss = staff_client("operations"), staff_client("administrator")

    assert other.get(f"/exports/show/{export.id}").status_code == 404
    assert other.get(f"/exports/download/{export.id}").status_code == 404
    assert "Order" in boss.get(f"/exports/show/{export.id}").text
    assert boss.get(f"/exports/download/{export.id}").status_code in {302, 403}
    with pytest.raises(exports.NotFound):
        exports.open_file(export.id, actor=Actor("staff", boss.staff.id))
    for verb in ("again", "remove", "stop"):
        assert other.post(f"/exports/action/{verb}/{export.id}").status_code == 404
    db.session.expire_all()
    assert (export.downloads, export.status) == (0, "ready")


def test_asking_and_each_download_are_written_down(ops, company):
    export = press(ops, "/orders/export/?_flt_0_status=completed")
    for _ in range(2):
        sheet_of(ops, export)

    rows = db.session.scalars(
        sa.select(AuditLog)
        .where(AuditLog.entity == "export", AuditLog.action.in_(["export", "download"]))
        .order_by(AuditLog.id)
    ).all()
    assert [row.action for row in rows] == ["export", "download", "download"]
    assert rows[0].changes == {"list": "OrderView", "query": "_flt_0_status=completed"}
    assert {row.actor_id for row in rows} == {ops.staff.id}
    assert db.session.get(Export, export.id, populate_existing=True).downloads == 2


def stored(gateways, key):
    try:
        gateways.storage.open(key).close()
    except exports.NotFound:
        return False
    return True


def test_a_file_is_gone_when_its_time_is_over(ops, company, clock, gateways):
    export = press(ops, "/orders/export/")
    key = export.storage_key
    clock.travel(timedelta(days=7) - timedelta(seconds=1))
    still = sweep_exports.run()
    clock.travel(timedelta(seconds=1))

    assert (still, stored(gateways, key)) == (0, True)
    assert ops.get(f"/exports/download/{export.id}").status_code == 422
    assert sweep_exports.run() == 1
    assert not stored(gateways, key)
    assert db.session.get(Export, export.id, populate_existing=True).status == "expired"


def test_a_file_is_deleted_with_its_row_and_leaves_its_traces(ops, company, gateways):
    export = press(ops, "/orders/export/")
    export_id, key = export.id, export.storage_key

    assert ops.post(f"/exports/action/remove/{export_id}").status_code == 302
    db.session.expire_all()
    assert db.session.get(Export, export_id) is None
    assert not stored(gateways, key)
    deleted = sa.select(AuditLog.id).filter_by(entity="export", action="delete")
    assert db.session.scalars(deleted).one()


def test_the_same_list_again_is_a_new_file(ops, company):
    export = press(ops, "/orders/export/?_flt_0_status=completed")
    answer = ops.post(f"/exports/action/again/{export.id}")

    again = db.session.get(Export, int(answer.location.rpartition("/")[2]))
    assert (again.id != export.id, again.asked, again.title) == (True, export.asked, export.title)


def test_who_lost_the_right_meanwhile_gets_no_file(ops, company, queue, monkeypatch):
    export = waiting_export(ops, monkeypatch)
    with transaction() as session:
        session.merge(ops.staff).roles = []

    with pytest.raises(exports.DomainError):
        queue.run_all()

    db.session.expire_all()
    assert export.status == "failed"
    assert "does not export this list" in export.failure


def test_what_breaks_is_told_without_its_insides_and_can_be_tried_again(
    ops, company, queue, monkeypatch
):
    export = waiting_export(ops, monkeypatch)
    usual = base_exports.write_list
    monkeypatch.setattr(base_exports, "write_list", lambda *_args, **_words: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        queue.run_all()
    page = ops.get(f"/exports/show/{export.id}").text
    monkeypatch.setattr(base_exports, "write_list", usual)

    assert "Something broke." in page
    assert "ZeroDivision" not in page
    ops.post(f"/exports/action/again/{export.id}")
    queue.run_all()
    assert db.session.get(Export, export.id, populate_existing=True).status == "ready"


def test_an_export_whose_process_was_killed_is_given_up_and_one_never_begun_is_started(
    ops, company, queue, clock, monkeypatch
):
    killed, forgotten = waiting_export(ops, monkeypatch), waiting_export(ops, monkeypatch)
    queue.started.clear()
    with transaction() as session:
        run = JobRun(
            job="export", status="failed", ending="lost", started_at=clock.now(),
            heartbeat_at=clock.now(),
        )  # fmt: skip
        session.add(run)
        session.flush()
        session.execute(
            sa.update(Export)
            .where(Export.id == killed.id)
            .values(status="running", job_run_id=run.id)
        )
    clock.travel(timedelta(minutes=3))

    assert sweep_exports.run() == 2
    db.session.expire_all()
    assert (killed.status, killed.failure) == ("failed", exports.LOST)
    assert queue.started == [("app.jobs.export.run", (forgotten.id,))]


def test_a_job_that_runs_again_after_a_kill_begins_anew(ops, company, queue, clock, monkeypatch):
    export = waiting_export(ops, monkeypatch)
    gone = f"{exports.job_processes.own_name().rpartition(':')[0]}:1"
    with transaction() as session:
        now = clock.now()
        run = JobRun(job="export", started_at=now, heartbeat_at=now, process=gone)
        session.add(run)
        session.flush()
        values = {"status": "running", "job_run_id": run.id}
        session.execute(sa.update(Export).where(Export.id == export.id).values(**values))

    export_job.run(export.id)

    assert db.session.get(Export, export.id, populate_existing=True).status == "ready"


def test_the_page_of_files_follows_those_that_are_being_made(
    ops, company, queue, staff_client, monkeypatch
):
    one, two = waiting_export(ops, monkeypatch), waiting_export(ops, monkeypatch)
    keys = f"{one.id},{two.id}"
    page = ops.get("/exports/list/").text
    address = re.search(r'data-poll="(/exports/under-way[^"]*)"', page)[1]
    assert address.replace("%2C", ",").endswith(f"keys={keys}")
    before = ops.get(address)
    assert (before.text.count("<progress"), before.headers.get("X-Ended")) == (2, None)
    assert ops.get(address, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    assert one.title not in staff_client("hr").get(address).text, "of somebody else"

    queue.run_all()

    after = ops.get(address)
    assert (after.text.count("<progress"), after.headers["X-Ended"]) == (0, "yes")
    assert "data-poll" not in ops.get("/exports/list/").text
