"""Which methods of a view FAB must look at: those that a decorator left a mark on."""

from functools import cache


def marked_methods(cls: type) -> tuple[str, ...]:
    """Names of the methods that a decorator left its mark on (`_urls`, `_permission_name`...)."""
    return _marked(cls)


@cache
def _marked(cls: type) -> tuple[str, ...]:
    return tuple(sorted({name for base in cls.__mro__ for name in _marked_in(base)}))


@cache
def _marked_in(cls: type) -> frozenset[str]:
    return frozenset(name for name, value in vars(cls).items() if getattr(value, "__dict__", None))


class MarkedMethodsOnly:
    """FAB looks at each attribute of each view nine times to find those with a mark."""

    def __dir__(self) -> tuple[str, ...]:
        return marked_methods(type(self))
