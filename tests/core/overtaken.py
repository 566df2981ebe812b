"""Two changes of one moment without threads: the first has read when the second is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from adapters.memory import MemoryShop
from core.unit_of_work import Begin

WRITES = {"add", "save", "take_seats", "release_seats", "reserve", "redeem", "release"}


class _Collection:
    """Reads from the records as they were, and writes to the records as they are."""

    def __init__(self, before: Any, after: Any) -> None:
        self._before, self._after = before, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._after if name in WRITES else self._before, name)


class _UnitOfWork:
    def __init__(self, before: Any, after: Any) -> None:
        self._before, self._after = before, after

    def __getattr__(self, name: str) -> Any:
        if name == "commit":
            return self._after.commit
        return _Collection(getattr(self._before, name), getattr(self._after, name))


def overtaken(records: MemoryShop, by: Callable[[], object], *, times: int = 1) -> Begin:
    """A Begin whose first units of work read what was there before `by` was done.

    That is what READ COMMITTED allows on PostgreSQL: a change reads, another change is committed,
    and the first change writes. Only a version that is compared when it writes can notice.
    """
    left = times

    @contextmanager
    def begin() -> Iterator[Any]:
        nonlocal left
        if not left:
            with records.begin() as work:
                yield work
            return
        left -= 1
        with records.read() as before:
            by()
            with records.begin() as after:
                yield _UnitOfWork(before, after)

    return begin
