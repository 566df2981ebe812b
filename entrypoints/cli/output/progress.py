"""A progress bar on stderr for long work."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich import progress as rich_progress

LONG = 1000
"""The bar is shown for at least this many items."""


class ProgressBar:
    """Shows nothing for short work, and nothing without a terminal."""

    def __init__(self, what: str):
        self._what = what
        self._bar: rich_progress.Progress | None = None

    def reached(self, done: int, total: int) -> None:
        if self._bar is None and total >= LONG and sys.stderr.isatty():
            self._bar = _started(self._what, total)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _started(what: str, total: int) -> rich_progress.Progress:
    from rich import progress as rich_progress
    from rich.console import Console

    bar = rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    bar.add_task(what, total=total)
    bar.start()
    return bar
