"""Traps 10, 14, 16, 18 and 19: outside hosts, naive times, missing Chinese, contexts, the queue.

Each trap of FAB and its company has a test in this folder whose first words are its number.
"""

import os
import pickle
import re
import types
from pathlib import Path

import flask_appbuilder
import pytest
import rq
from babel.messages.pofile import read_po
from flask import Flask, g, request
from flask_appbuilder.models.mixins import AuditMixin
from rq.cron import CronScheduler

import app as package
import config
from app.jobs.leadership import RedisLeadership
from app.models.base import Created, UtcDateTime
from app.services import queue

STOCK = Path(flask_appbuilder.__file__).parent
OURS = Path(package.__file__).parent
FETCHED = re.compile(
    r"""(?:src|href)\s*=\s*["'](?:https?:)?//|@import\s+(?:url\()?["']?(?:https?:)?//"""
)


def fetching(folder: Path, *kinds: str) -> list[str]:
    """Files that make a browser ask another host."""
    files = [path for kind in kinds for path in folder.rglob(kind)]
    return sorted(
        path.name for path in files if FETCHED.search(path.read_text("utf-8", errors="replace"))
    )


def test_no_template_or_style_of_ours_asks_another_host() -> None:
    """Trap 10: FAB's themes and charts load from the internet."""
    assert len(fetching(STOCK / "static", "*.css")) >= 10
    assert fetching(OURS / "templates", "*.html") == []
    assert fetching(OURS / "static" / "css", "*.css") == []


def test_the_time_of_a_row_is_aware_and_needs_nobody_signed_in() -> None:
    """Trap 14: FAB's AuditMixin stores naive times and demands a user of a request."""
    stock = AuditMixin.created_on
    assert stock.type.timezone is False
    assert stock.default.arg(None).tzinfo is None
    ours = Created.created_at.column
    assert isinstance(ours.type, UtcDateTime)
    with pytest.raises(ValueError, match=r".+"):
        ours.type.process_bind_param(stock.default.arg(None), None)
    assert not any(name.endswith("_by_fk") for name in vars(Created))


def words(folder: Path) -> dict[str, str]:
    with (folder / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


def test_what_fabs_own_chinese_lacks_ours_says() -> None:
    """Trap 16: the frame's catalogue is incomplete, and relative folders are not found."""
    lacking = {text for text, said in words(STOCK / "translations").items() if not said}
    assert lacking
    folder = config.BASE_DIR / "translations"
    assert folder.is_absolute()
    ours = words(folder)
    assert [text for text in ours if text in lacking and not ours[text]] == []


def test_the_package_is_no_application() -> None:
    """Trap 18: `import app` gives the package; `app:create_app()` is what is served."""
    assert isinstance(package, types.ModuleType)
    assert callable(package.create_app)


@pytest.mark.backends("sqlite")
def test_who_is_signed_in_does_not_leak_into_the_next_request(client, staff_client) -> None:
    """Trap 18: in Flask as it comes, requests inside an open context share what `g` holds."""
    stock = Flask("stock")
    stock.add_url_rule("/", view_func=lambda: g.setdefault("who", request.args["who"]))
    with stock.app_context():
        answers = [stock.test_client().get(f"/?who={who}").text for who in ("anna", "bert")]
    assert answers == ["anna", "anna"]
    assert staff_client("hr").get("/workerview/list/").status_code == 200
    assert client.get("/workerview/list/").status_code == 302
    assert staff_client("finance").get("/workerview/list/").status_code in {302, 403}


def test_two_schedulers_start_a_job_once(redis_url: str) -> None:
    """Trap 19: two of rq's own schedulers start it twice, and what they queue is pickled."""
    connection = queue.connect(redis_url)
    for _machine in range(2):
        scheduler = CronScheduler(connection)
        scheduler.register(os.getcwd, "stock", interval=60)
        scheduler.enqueue_jobs()
    stock = rq.Queue("stock", connection=connection)
    assert stock.count == 2
    assert pickle.loads(stock.serializer.dumps({"a": 1})) == {"a": 1}  # our own

    leaders = [RedisLeadership(redis_url) for _machine in range(2)]
    assert [leader.hold() for leader in leaders] == [True, False]
    leaders[0].release()
    assert queue.RedisQueue(redis_url).rq.serializer.dumps({"a": 1}) == b'{"a": 1}'


def test_every_trap_has_its_test() -> None:
    told = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    numbers = {int(number) for number in re.findall(r'\n    """Trap (\d+)\b', told)}
    assert numbers == set(range(1, 20))
