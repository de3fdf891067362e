"""Everything that a person reads is in Chinese when Chinese is asked for."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sqlalchemy as sa
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from app.extensions import db
from app.security import ROLES
from tests.views import stage
from tests.views.test_screens import clients_of, screens, who_may

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "translations/zh/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
SILENT = re.compile(r"<(script|style)\b.*?</\1>", re.S)
# Words that are the same in Chinese: brands, file kinds, units, names of things in programs.
SAME = re.compile(
    r"到家 Back Office|Back Office|English|Excel|PDF|JPEG|PNG|WebP|MP4|JSON|API|REST|OpenAPI|"
    r"GCJ-02|GCJ-|ID|DEMO|flask|init|"
    r"km/h|km|min|KB|MB|App|HR|Content-Type|application|v\d+|TRUE|FALSE|¥|Main branch"
)  # fmt: skip
# What data are: numbers of orders, codes, keys of parameters, addresses of machines.
DATA = re.compile(r"\b[A-Z]{1,2}\d[\w-]*|[\w-]+[._:/][\w.:/@%-]+|\b[0-9a-f]{12,}\b|\d\w*")


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


class Text(HTMLParser):
    """The words of a page: text, and the attributes that are read aloud or shown."""

    SPOKEN = {"title", "placeholder", "aria-label", "alt", "data-label", "data-confirm"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        other_language = given.get("lang") not in (None, "zh", "zh-CN")
        if tag in ("script", "style", "code", "pre", "textarea") or other_language:
            self.silent += tag not in ("input", "img", "br", "html")
        self.found += [value for name, value in attrs if name in self.SPOKEN and value]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.found.append(given.get("value") or "")

    def handle_endtag(self, tag):
        if tag in ("script", "style", "code", "pre", "textarea") and self.silent:
            self.silent -= 1

    def handle_data(self, data):
        if not self.silent:
            self.found.append(data)


def foreign_words(source: str) -> Iterator[str]:
    reader = Text()
    reader.feed(source)
    for text in reader.found:
        rest = SAME.sub(" ", DATA.sub(" ", text))
        for word in re.findall(r"[A-Za-z]{2,}[A-Za-z' -]*", rest):
            yield f"{word.strip()} <- {' '.join(text.split())[:80]}"


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
def test_no_screen_shows_english_to_who_reads_chinese(app, staff_client):
    built = stage.build_all()
    clients = clients_of(staff_client)
    found: set[str] = set()

    def visit(role: str, url: str) -> None:
        client = clients(role)
        answer = client.get(url, headers={"Accept-Language": "zh"})
        assert answer.status_code == 200, url
        found.update(f"{url}: {word}" for word in foreign_words(answer.text))

    for verb in ("list", "show", "add", "edit"):
        for view in screens(verb):
            row = db.session.scalars(sa.select(view.datamodel.key).limit(1)).first()
            tail = {"list": "list/", "add": "add"}.get(verb, f"{verb}/{row}")
            if verb in ("list", "add") or row is not None:
                visit(who_may(verb, view), f"{view.route_base}/{tail}")
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
