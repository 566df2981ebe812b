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
"""Events between two checkpoints: so many at most are handled again after a crash."""

AT_ONCE = 1000
"""Events that are appended to the log in one transaction."""

LIMIT = 10_000
"""Events that one call handles at most, so that a long replay does not outlast its claim."""


@attrs.frozen
class ReaderStatus:
    """How far a reader is: the offset of the last event it handled, and how many come after."""

    reader: str
    checkpoint: int
    behind: int


def extend_log(*, begin: Begin) -> int:
    """Append every committed event to the log, and say how many were appended here.

    Where two callers extend the log at once, one of them appends the events for both.
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
    """Hand the events after the reader's checkpoint to `handle`, in order; says how many.

    `handle` works in a transaction of its own. The checkpoint follows after each BATCH of events,
    so an event is handled at least once, and again after a crash: `handle` must do nothing for an
    offset that it handled before. Where `handle` raises, the checkpoint is kept before that event,
    the error is raised, and the next call begins there again.
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
        # Moved by a replay meanwhile: the next call goes on from there.
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
    """Let a reader handle the events after this offset again; says from which offset it came.

    An offset beyond the end of the log is the end of the log.
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
    """How far this reader is."""
    with read() as work:
        checkpoint = work.event_log.checkpoint(reader).offset
        return ReaderStatus(reader, checkpoint, max(work.event_log.length() - checkpoint, 0))


def _advanced(reader: str, *, begin: Begin, after: Checkpoint, to: int) -> bool:
    """Keep the checkpoint; False where it was moved meanwhile and stays where it was moved to."""
    try:
        with begin() as work:
            work.event_log.advance(reader, after=after, to=to)
            work.commit()
    except Conflict:
        return False
    return True
