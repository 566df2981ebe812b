"""Records of a shop in one file: an example of your own database adapter.

The core requires two context managers, `begin` and `read`, that return a `UnitOfWork`. This adapter
loads the whole file into the collections in memory, and writes a new file at each commit. It suits
a shop of some thousand orders; a real database stores rows instead.
"""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from adapters.memory.records import Draft, Records
from adapters.memory.shop import MemoryUnitOfWork
from core.unit_of_work import UnitOfWork


@attrs.frozen
class FileShop:
    """Records in the file at path. Any number of threads and processes may use it at once.

    Only the shop may have write access to the file, because pickle runs code from it.
    """

    path: Path

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Begin a unit of work for changes. It waits for earlier changes."""
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield MemoryUnitOfWork(Draft(self._load(), looking=False), self._store)

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """Begin a unit of work that only reads. It does not wait."""
        yield MemoryUnitOfWork(Draft(self._load(), looking=True), self._store)

    def _load(self) -> Records:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Records()
        records: Records = pickle.loads(content)  # noqa: S301 - the file is the shop's own
        return records

    def _store(self, records: Records) -> None:
        # A reader finds the old or the new file, and a crash leaves one of them complete.
        written = self.path.with_suffix(".new")
        with written.open("wb") as file:
            pickle.dump(records, file)
            file.flush()
            os.fsync(file.fileno())
        written.replace(self.path)
