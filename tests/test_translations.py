"""Everything that a person reads is in Chinese when Chinese is asked for."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from app.security import ROLES
from tests.kit.words import foreign_words
from tests.views import stage
from tests.views.test_screens import clients_of

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "translations/zh/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
SILENT = re.compile(r"<(script|style)\b.*?</\1>", re.S)


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Catalog:
    path = tmp_path_factory.mktemp("i18n") / "messages.pot"
    keywords = [part for word in ("_l", "lazy_gettext", "N_") for part in ("-k", word)]
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract"]
    subprocess.run(
        [*command, "-F", "pyproject.toml", *keywords, "-o", str(path), "."], cwd=ROOT, check=True
    )
    with path.open(encoding="utf8") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with CATALOGUE.open(encoding="utf8") as file:
        return read_po(file, locale="zh")


def test_every_string_of_code_and_templates_has_its_chinese(collected, chinese):
    missing = [
        message.id
        for message in collected
        if message.id and not all(strings(chinese.get(key(message.id))))
    ]
    assert missing == []


def test_a_translation_holds_the_placeholders_of_its_original(chinese):
    wrong = [
        message.id
        for message in chinese
        if message.id
        for text in strings(message)
        if text
        and sorted(PLACEHOLDER.findall(key(message.id))) != sorted(PLACEHOLDER.findall(text))
    ]
    assert wrong == []


def key(message_id) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def strings(message) -> tuple[str, ...]:
    if message is None:
        return ("",)
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


TEMPLATES = sorted((ROOT / "app/templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_holds_no_bare_words(path):
    source = JINJA.sub(" ", SILENT.sub(" ", path.read_text(encoding="utf8")))

    assert list(foreign_words(source)) == []


def pages_without_arguments(app) -> list[str]:
    """Pages that are no generated list or form, such as the parameters."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments
        if not rule.rule.startswith(("/api/", "/static/", "/healthz", "/readyz", "/logout"))
        if not rule.rule.endswith(("/list/", "/add"))
    )


@pytest.mark.backends("sqlite")
def test_no_other_page_shows_english_to_who_reads_chinese(app, staff_client):
    built = stage.build()
    """Lists, pages of rows and forms: tests/views/test_screens.py."""
    clients = clients_of(staff_client)
    found: set[str] = set()

    def visit(role: str, url: str) -> None:
        client = clients(role)
        answer = client.get(url, headers={"Accept-Language": "zh"})
        assert answer.status_code == 200, url
        found.update(f"{url}: {word}" for word in foreign_words(answer.text))

    for role in ROLES:
        visit(role, "/")
    for url in pages_without_arguments(app):
        for role in ROLES:
            if clients(role).get(url).status_code == 200:
                visit(role, url)
                break
    for part in ("story", "dispatch", "money"):
        visit("finance", f"/orders/show/{built.completed.id}?part={part}")
    assert sorted(found) == []
