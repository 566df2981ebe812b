"""Use case: let a reader handle committed events in order, each at least once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from core.audit_log import AuditEntry, Subject
from core.errors import Conflict
from core.identity import Actor
from core.messaging.event_log import Checkpoint, LoggedEvent
from core.unit_of_work import Begin, repeated_on_conflict

BATCH = 100
"""Events between two checkpoints; a crash repeats at most this many."""

AT_ONCE = 1000
"""Events that one transaction appends to the log."""

LIMIT = 10_000
"""Events that one call handles at most, so that a long replay does not outlast its claim."""


@attrs.frozen
class ReaderStatus:
    """A reader's position: the offset of its last handled event, and the number of later events."""

    reader: str
    checkpoint: int
    behind: int


def extend_log(*, begin: Begin) -> int:
    """Append every committed event to the log; returns how many this call appended.

    If two callers do this at once, one of them appends the events of both.
    """
    appended = 0
    while True:
        try:
            with begin() as work:
                part = work.event_log.extend(AT_ONCE)
                if part:
                    work.commit()
        except Conflict:
            return appended
        appended += part
        if part < AT_ONCE:
            return appended


def read_events(
    reader: str,
    handle: Callable[[LoggedEvent], None],
    *,
    begin: Begin,
    read: Begin,
    limit: int = LIMIT,
) -> int:
    """Pass the events after the reader's checkpoint to `handle`, in order; returns how many.

    `handle` runs in its own transaction. The checkpoint is stored after each BATCH of events, so
    each event is handled at least once and may repeat after a crash: `handle` must ignore offsets
    that it handled before. If `handle` raises, the checkpoint is stored before that event, the
    error is raised, and the next call starts there.
    """
    extend_log(begin=begin)
    handled = 0
    while handled < limit:
        with read() as work:
            checkpoint = work.event_log.checkpoint(reader)
            events = work.event_log.read(checkpoint.offset, min(BATCH, limit - handled))
        reached = checkpoint.offset
        try:
            for each in events:
                handle(each)
                reached = each.offset
        finally:
            moved = reached != checkpoint.offset and not _advanced(
                reader, begin=begin, after=checkpoint, to=reached
            )
        handled += len(events)
        # A replay has moved it meanwhile: the next call continues from there.
        if moved or not events:
            break
    return handled


@repeated_on_conflict
def replay_events(
    reader: str,
    *,
    after: int = 0,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
) -> int:
    """Set a reader back to `offset`, so that it handles later events again; returns the old offset.

    An offset beyond the end of the log counts as its end.
    """
    with begin() as work:
        before = work.event_log.checkpoint(reader).offset
        to = min(after, work.event_log.length())
        work.event_log.set_checkpoint(reader, to)
        what = f"replay after event {to:,}, was at {before:,}"
        work.audit_log.add([AuditEntry(now, by, Subject("reader", reader), what, why.strip())])
        work.commit()
        return before


def reader_status(reader: str, *, read: Begin) -> ReaderStatus:
    """The reader's position."""
    with read() as work:
        checkpoint = work.event_log.checkpoint(reader).offset
        return ReaderStatus(reader, checkpoint, max(work.event_log.length() - checkpoint, 0))


def _advanced(reader: str, *, begin: Begin, after: Checkpoint, to: int) -> bool:
    """Store the checkpoint; False if a replay has moved it meanwhile."""
    try:
        with begin() as work:
            work.event_log.advance(reader, after=after, to=to)
            work.commit()
    except Conflict:
        return False
    return True
