"""What a page says, and which of its words are English."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

# Words that are the same in Chinese: brands, file kinds, units, names of things in programs.
SAME = re.compile(
    r"English|Excel|PDF|JPEG|PNG|WebP|MP4|JSON|API|REST|OpenAPI|"
    r"GCJ-02|GCJ-|ID|DEMO|flask|init|"
    r"km/h|km|min|KB|MB|App|HR|Content-Type|application|v\d+|TRUE|FALSE|¥|Main branch"
)  # fmt: skip
# What data are: names of staff that tests add, numbers of orders, codes, keys of parameters,
# addresses of machines.
DATA = re.compile(
    r"Test(?:staff-|member-|everyone)[\w-]*|\b[A-Z]{1,2}\d[\w-]*|[\w-]+[._:/][\w.:/@%-]+|"
    r"\b[0-9a-f]{12,}\b|\d\w*"
)


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
