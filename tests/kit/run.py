"""The test run as a whole: one folder for all its processes, which tests, and what was left out."""

import gc
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.kit import binaries
from tests.kit.servers import stop_all, watch

BACKENDS = ("sqlite", "postgresql")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(100_000, 50, 1000)  # applications and models stay: looking them over is slow
    given = getattr(config, "workerinput", {}).get("kit_folder")
    config.kit_folder = Path(given or tempfile.mkdtemp(prefix="kit-"))
    if not given:
        config.kit_folder.chmod(0o755)  # for PostgreSQL's own user
        watch(config.kit_folder)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["kit_folder"] = str(node.config.kit_folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and hasattr(config, "kit_folder"):
        stop_all(config.kit_folder)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.option.markexpr:
        items[:] = [item for item in items if not item.get_closest_marker("proof")]
        items[:] = _part_of_the_crawl(items)


def _part_of_the_crawl(items: list[pytest.Item]) -> list[pytest.Item]:
    """What asks every screen or endpoint in turn asks some of them, the same ones each time."""
    seen: Counter[str] = Counter()
    kept = []
    for item in items:
        marker = item.get_closest_marker("crawler")
        if marker:
            if marker.kwargs.get("backend", "none") in item.name:
                continue
            name = item.nodeid.partition("[")[0]
            seen[name] += 1
            every = marker.kwargs.get("every", 1)
            if not every or seen[name] % every:
                continue
        kept.append(item)
    return kept


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("backends")
        wanted = _wanted_backends()
        names = [name for name in (marker.args if marker else BACKENDS) if name in wanted]
        metafunc.parametrize("backend", names, indirect=True, scope="session")


def _wanted_backends() -> list[str]:
    return (os.environ.get("BACKENDS") or ",".join(BACKENDS)).split(",")


def _missing() -> list[str]:
    missing = [program.why_missing() for program in binaries.ALL if program.path() is None]
    left_out = [name for name in BACKENDS if name not in _wanted_backends()]
    return missing + [f"{name}: left out by BACKENDS" for name in left_out]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if os.environ.get("REQUIRE_ALL") == "1" and _missing() and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    present = [program.name for program in binaries.ALL if program.path()]
    terminalreporter.section("what ran")
    terminalreporter.line(f"ran with: SQLite, {', '.join(present)}")
    required = os.environ.get("REQUIRE_ALL") == "1"
    for reason in _missing():
        terminalreporter.line(f"{'MISSING' if required else 'did not run'}: {reason}")
    if not _missing():
        terminalreporter.line("nothing was left out")
    if not terminalreporter.config.option.markexpr:
        terminalreporter.line(
            "left to `make crawl`: every screen and endpoint; to `make proof`: races, load"
        )
