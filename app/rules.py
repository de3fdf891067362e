"""Addresses that are compiled when they are first built, not when the process starts."""

from collections.abc import Callable
from typing import Any

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
