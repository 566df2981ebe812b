"""Turns: one thread at a time, in the order they came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.sql.errors import RecordsUnavailable


class WriteQueue:
    """A queue for writers. SQLite lets one write at a time, and whoever happens to ask next."""

    def __init__(self) -> None:
        self._door = threading.Lock()
        self._taken = False
        self._queue: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait for their turn."""
        return len(self._queue)

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """This thread's turn. Raises RecordsUnavailable after so many seconds of waiting."""
        if not self._take(patience):
            raise RecordsUnavailable(f"another change took longer than {patience:g} s")
        try:
            yield
        finally:
            self._pass_on()

    def _take(self, patience: float) -> bool:
        with self._door:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._queue.append(called)
        if called.wait(patience):
            return True
        with self._door:
            if called.is_set():  # Just now: it is our turn after all.
                return True
            self._queue.remove(called)
            return False

    def _pass_on(self) -> None:
        with self._door:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._taken = False
