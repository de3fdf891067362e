"""Sets of ids as spans [first, last], so that a seal can name exactly the rows that it covers."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

Span = tuple[int, int]


def spans_of(ids: Iterable[int]) -> list[Span]:
    """Ids in rising order as spans: 1 2 3 7 -> (1, 3) (7, 7)."""
    found: list[Span] = []
    for one in ids:
        if found and one == found[-1][1] + 1:
            found[-1] = (found[-1][0], one)
        else:
            found.append((one, one))
    return found


def merged(spans: Iterable[Sequence[int]]) -> list[Span]:
    """In rising order, neighbours joined."""
    found: list[Span] = []
    for first, last in sorted((int(span[0]), int(span[1])) for span in spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def gaps(spans: Sequence[Span], above: int) -> Iterator[tuple[int, int | None]]:
    """What merged spans leave out above an id; the last gap has no end."""
    reached = above
    for first, last in spans:
        if first > reached + 1:
            yield reached + 1, first - 1
        reached = max(reached, last)
    yield reached + 1, None


def size(spans: Iterable[Sequence[int]]) -> int:
    return sum(int(last) - int(first) + 1 for first, last in spans)


def missing(spans: Sequence[Sequence[int]], present: Sequence[int]) -> list[Span]:
    """The ids of the spans that are not among the present ones (rising)."""
    absent: list[Span] = []
    for first, last in spans:
        reached = first - 1
        for one in present[bisect_right(present, first - 1) : bisect_right(present, last)]:
            if one > reached + 1:
                absent.append((reached + 1, one - 1))
            reached = one
        if reached < last:
            absent.append((reached + 1, last))
    return absent
