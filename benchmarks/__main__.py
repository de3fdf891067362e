"""`python -m benchmarks [NAME...]`: run them, print the table, exit 1 when a figure is short."""

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks.figures import Figure, table


def names() -> list[str]:
    """Modules of this package that measure something: those with a run()."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    return [name for name in found if name != "__main__" and hasattr(_module(name), "run")]


def main(wanted: list[str]) -> int:
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        print(f"No benchmark {', '.join(unknown)}; there are: {', '.join(names())}")
        return 2
    figures: list[Figure] = []
    for name in wanted or names():
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += _module(name).run()
    print(table(figures))
    return 0 if all(figure.ok for figure in figures) else 1


def _module(name: str):
    return importlib.import_module(f"benchmarks.{name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
