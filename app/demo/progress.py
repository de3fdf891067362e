"""How far a long load is: a bar on a terminal, a line for each tenth elsewhere."""

import sys
from collections.abc import Callable

WIDTH = 40


def progress_bar(printer: Callable[[str], object]) -> Callable[[int, int], None]:
    """A function of (done, total); a total that is passed counts as reached."""
    told = -1

    def show(done: int, total: int) -> None:
        nonlocal told
        share = min(done / total, 1.0) if total else 1.0
        if sys.stdout.isatty():
            bar = "#" * round(share * WIDTH)
            end = "\n" if share == 1.0 and told < 10 else ""
            sys.stdout.write(f"\r[{bar:<{WIDTH}}] {share:4.0%}  {done:,}{end}")
            sys.stdout.flush()
        elif int(share * 10) > told:
            printer(f"{int(share * 10) * 10:3d} %  {done:,} of {total:,}")
        told = max(told, int(share * 10))

    return show
