"""The event log, in memory."""

from __future__ import annotations

from adapters.memory.records import Draft
from core.messaging.event_log import Checkpoint, CheckpointHasMoved, LoggedEvent


class MemoryEventLog:
    def __init__(self, draft: Draft):
        self._draft = draft

    def extend(self, limit: int, /) -> int:
        with self._draft.change() as records:
            logged = set(records.event_log.values())
            fresh = [sequence for sequence in records.outbox if sequence not in logged][:limit]
            start = len(records.event_log) + 1
            records.event_log.update(enumerate(fresh, start))
            return len(fresh)

    def read(self, after: int, limit: int, /) -> tuple[LoggedEvent, ...]:
        records = self._draft.records
        last = min(after + limit, len(records.event_log))
        return tuple(
            LoggedEvent(offset, records.outbox[records.event_log[offset]].event)
            for offset in range(after + 1, last + 1)
        )

    def length(self) -> int:
        return len(self._draft.records.outbox)

    def checkpoint(self, reader: str, /) -> Checkpoint:
        return self._draft.records.checkpoints.get(reader, Checkpoint())

    def advance(self, reader: str, /, *, after: Checkpoint, to: int) -> None:
        with self._draft.change() as records:
            if self.checkpoint(reader) != after:
                raise CheckpointHasMoved(reader)
            records.checkpoints[reader] = Checkpoint(to, after.version + 1)

    def set_checkpoint(self, reader: str, to: int, /) -> None:
        with self._draft.change() as records:
            records.checkpoints[reader] = Checkpoint(to, self.checkpoint(reader).version + 1)
