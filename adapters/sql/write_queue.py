"""A fair queue for writers: one thread at a time, in order of arrival."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.sql.errors import RecordsUnavailable


class WriteQueue:
    """A queue of writers. SQLite allows one writer, and without a queue the order is random."""

    def __init__(self) -> None:
        self._door = threading.Lock()
        self._taken = False
        self._queue: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """The number of waiting threads."""
        return len(self._queue)

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Wait for this thread's turn. Raises RecordsUnavailable after `patience` seconds."""
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
            if called.is_set():  # The turn came at the last moment.
                return True
            self._queue.remove(called)
            return False

    def _pass_on(self) -> None:
        with self._door:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._taken = False
