"""What makes a start with hundreds of views short. Each part answers as the library's own does."""

from collections.abc import Callable
from typing import Any

from flask_appbuilder import AppBuilder as FabAppBuilder
from flask_babel.speaklater import LazyString
from werkzeug.routing import Rule


class LazyRule(Rule):
    """Werkzeug writes and compiles two functions for every rule to build its URL with.

    That is a sixth of a start; of most rules a process never builds a URL. Matching a request
    needs neither of them.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        compiled: list[Callable[..., Any]] = []

        def build(rule: LazyRule, *values: Any, **more: Any) -> Any:
            if not compiled:
                compiled.append(Rule._compile_builder(rule, append_unknown))
            return compiled[0](rule, *values, **more)

        return build


class AppBuilder(FabAppBuilder):
    """The stock one looks at each pair of views again for every view that is added."""

    def _process_inner_views(self) -> None:
        """Connect the view that was added last with all the others, in both directions."""
        newest = self.baseviews[-1]
        _show_within(newest, self.baseviews)
        for view in self.baseviews[:-1]:
            if view.get_uninit_inner_views():
                _show_within(view, [newest])


def _show_within(outer: Any, views: list[Any]) -> None:
    known = outer.get_init_inner_views()
    for wanted in outer.get_uninit_inner_views():
        known += [view for view in views if isinstance(view, wanted) and view not in known]


def ask_texts_less() -> None:
    """FAB asks every attribute of every view for `_urls`, `_permission_name` and others.

    A lazy text would be translated to find out each time that no text has such an attribute.
    """
    translated = LazyString.__getattr__
    if translated.__name__ == "known_of_text":
        return

    def known_of_text(self: LazyString, name: str) -> Any:
        if not hasattr(str, name):
            raise AttributeError(name)
        return translated(self, name)

    LazyString.__getattr__ = known_of_text
