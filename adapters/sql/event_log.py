"""The event log: offsets that are given to events after their commit."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.sql.outbox import event_of
from adapters.sql.statements import Statements
from adapters.sql.tables import event_log, event_readers, outbox, unlogged_events
from core.messaging.event_log import Checkpoint, CheckpointHasMoved, LoggedEvent

_END = sa.select(sa.func.coalesce(sa.func.max(event_log.c.offset), 0).label("offset"))


class SqlEventLog:
    """Every transaction that adds events also adds their numbers to a waiting list, by a trigger.

    Extending the log moves what is committed from there: the next offset is one more than the
    greatest committed one, and its primary key lets only one transaction have it. Another one waits
    for it and is refused. So offsets have no gaps, and none is committed before a smaller one.
    """

    def __init__(self, run: Statements):
        self._run = run

    def extend(self, limit: int, /) -> int:
        # In this order. The first offset is what two transactions meet at, before either of them
        # holds a row of the waiting list that the other one waits for.
        start = self._end() + 1
        waiting = self._run.rows(
            unlogged_events.select().order_by(unlogged_events.c.sequence).limit(limit)
        )
        sequences = [row.sequence for row in waiting]
        if not sequences:
            return 0
        rows = [
            {"offset": offset, "sequence": sequence}
            for offset, sequence in enumerate(sequences, start)
        ]
        self._run.bulk_insert(event_log, rows)
        self._run.change(unlogged_events.delete().where(unlogged_events.c.sequence.in_(sequences)))
        return len(sequences)

    def read(self, after: int, limit: int, /) -> tuple[LoggedEvent, ...]:
        query = (
            sa.select(event_log.c.offset, outbox)
            .join(outbox, outbox.c.sequence == event_log.c.sequence)
            .where(event_log.c.offset > after)
            .order_by(event_log.c.offset)
            .limit(limit)
        )
        return tuple(LoggedEvent(row.offset, event_of(row)) for row in self._run.rows(query))

    def length(self) -> int:
        waiting = self._run.rows(sa.select(sa.func.count()).select_from(unlogged_events))
        return self._end() + int(waiting[0][0])

    def checkpoint(self, reader: str, /) -> Checkpoint:
        row = self._run.row(event_readers.select().where(event_readers.c.reader == reader))
        return Checkpoint() if row is None else Checkpoint(row.checkpoint, row.version)

    def advance(self, reader: str, /, *, after: Checkpoint, to: int) -> None:
        self._expect(reader)
        moved = self._run.change(
            _moved(reader, to).where(
                event_readers.c.checkpoint == after.offset, event_readers.c.version == after.version
            )
        )
        if not moved:
            self._run.refuse(CheckpointHasMoved(reader))

    def set_checkpoint(self, reader: str, to: int, /) -> None:
        self._expect(reader)
        self._run.change(_moved(reader, to))

    def _end(self) -> int:
        return int(self._run.rows(_END)[0].offset)

    def _expect(self, reader: str) -> None:
        """See to it that the reader has a row."""
        new = {"reader": reader, "checkpoint": 0, "version": 0}
        self._run.bulk_insert(event_readers, [new], twice=True)


def _moved(reader: str, to: int) -> sa.Update:
    return (
        event_readers.update()
        .where(event_readers.c.reader == reader)
        .values(checkpoint=to, version=event_readers.c.version + 1)
    )
