"""Tables by the nouns of their screens."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import current_app

from app.views import labels_audit
from app.views.formatters import joined
from app.views.told import in_words


class Entities(Mapping[str, Any]):
    """{table: noun} of everything that has a screen, as far as screens are registered by now."""

    def __getitem__(self, table: str) -> Any:
        return self._nouns()[table]

    def __iter__(self) -> Iterator[str]:
        nouns = self._nouns()
        return iter(sorted(nouns, key=lambda table: str(nouns[table])))

    def __len__(self) -> int:
        return len(self._nouns())

    @staticmethod
    def _nouns() -> dict[str, Any]:
        return {**labels_audit.ENTITY, **{table: view.noun for table, view in screens().items()}}


def screens() -> dict[str, Any]:
    """{table: its screen}; of several the first that is registered."""
    found: dict[str, Any] = {}
    for view in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
        model = getattr(getattr(view, "datamodel", None), "obj", None)
        if model is not None and getattr(view, "noun", None):
            found.setdefault(model.__tablename__, view)
    return found


def tables_told(value: Any) -> Any:
    """Tables by the names of their screens, with what is told of each."""
    nouns = Entities()
    if isinstance(value, dict):
        return in_words({str(nouns.get(name, name)): part for name, part in value.items()})
    return joined(nouns.get(name, name) for name in value or [])
