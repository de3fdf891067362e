"""One export in a process of its own; prints what it took: `... export_child ours FOLDER URL`."""

import gc
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from sqlalchemy.orm import joinedload

from app import create_app
from app.domain.actors import Actor
from app.extensions import db
from app.models import Export, Order
from app.services.clock import city_time
from config import load_settings
from tests.kit.settings import environment

CELL_ROWS = 100_000
MONEY, TIME = "#,##0.00;[Red]-#,##0.00", "yyyy-mm-dd hh:mm"


def _megabytes(name: str) -> float:
    """VmHWM: the most memory that the process ever had; VmRSS: what it has now."""
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def ours(folder: Path) -> tuple[int, Path]:
    from flask_appbuilder.security.sqla.models import User

    from app.services.system import exports

    user_id = db.session.scalars(sa.select(User.id).filter_by(username="operations")).one()
    actor = Actor("staff", user_id)
    export_id = exports.ask("OrderView", "Orders", "", locale="zh", actor=actor)
    exports.make(export_id)
    export = db.session.get_one(Export, export_id, populate_existing=True)
    key = export.storage_key
    return export.rows, folder / "files" / key[:2] / key[2:4] / key


def plain(folder: Path) -> tuple[int, Path]:
    from app.views.labels import ORDER_STATUS

    with force_locale("zh"):
        words = {code: str(label) for code, label in ORDER_STATUS.items()}
    query = (
        sa.select(Order)
        .options(joinedload(Order.customer), joinedload(Order.lead_worker))
        .order_by(Order.created_at.desc(), Order.id.desc())
        .execution_options(yield_per=1_000)
    )
    rows = (
        (
            order.number, words[order.status], order.summary, str(order.customer),
            order.region_name, city_time(order.planned_start).replace(tzinfo=None),
            str(order.lead_worker or ""), order.due_fen / 100,
        )
        for order in db.session.scalars(query)
    )  # fmt: skip
    return _with_openpyxl(rows, folder)


def _with_openpyxl(rows: Iterator[Any], folder: Path) -> tuple[int, Path]:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    count = 0
    for row in rows:
        count += 1
        at, amount = WriteOnlyCell(sheet, row[5]), WriteOnlyCell(sheet, row[7])
        at.number_format, amount.number_format = TIME, MONEY
        sheet.append([*row[:5], at, row[6], amount])
    path = folder / "plain.xlsx"
    book.save(path)
    return count, path


def _made_up() -> Iterator[tuple[Any, ...]]:
    at = datetime(2026, 11, 22, 2, 6, tzinfo=UTC)
    for number in range(CELL_ROWS):
        yield (f"D26112200{number:08d}", "已完成", "全屋保洁、厨房保洁", "王女士", "天河区", at,
               "李师傅", 19_900 + number)  # fmt: skip


def ours_cells(folder: Path) -> tuple[int, Path]:
    from app.reports.base import Column
    from app.reports.list_xlsx import write_list

    kinds: tuple[Any, ...] = ("text",) * 5 + ("instant", "text", "money_fen")
    columns = [Column(str(index), "x", kind) for index, kind in enumerate(kinds)]
    path = folder / "cells.xlsx"
    words = {"title": "x", "subtitle": "", "company": ""}
    return write_list(path, columns, _made_up(), **words), path


def plain_cells(folder: Path) -> tuple[int, Path]:
    rows = (
        (*row[:5], city_time(row[5]).replace(tzinfo=None), row[6], row[7] / 100)
        for row in _made_up()
    )
    return _with_openpyxl(rows, folder)


WAYS: dict[str, Callable[[Path], tuple[int, Path]]] = {
    "ours": ours, "plain": plain, "ours_cells": ours_cells, "plain_cells": plain_cells,
}  # fmt: skip


def main(which: str, folder: Path, url: str) -> None:
    with create_app(load_settings(environment(folder, url))).app_context():
        db.session.scalar(sa.select(Order.id).limit(1))
        db.session.rollback()
        gc.collect()
        before, begun, cpu = _megabytes("VmRSS"), time.perf_counter(), time.process_time()
        rows, path = WAYS[which](folder)
        facts = {
            "seconds": time.perf_counter() - begun,
            "cpu_seconds": time.process_time() - cpu,
            "rows": rows,
            "peak": _megabytes("VmHWM"),
            "grown": _megabytes("VmHWM") - before,
            "file": path.stat().st_size / 1024 / 1024,
        }
    print(json.dumps(facts))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
