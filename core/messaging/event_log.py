"""The event log: every committed event of the outbox, with an offset for readers."""

from __future__ import annotations

from typing import Protocol

import attrs

from core.errors import Conflict
from core.messaging.outbox import Event


@attrs.frozen
class LoggedEvent:
    """An event and its offset in the log. Offsets start at 1, have no gaps and never change."""

    offset: int = attrs.field(validator=attrs.validators.ge(1))
    event: Event


@attrs.frozen
class Checkpoint:
    """The offset of the last event that a reader has handled; 0 before the first.

    `version` counts the moves, so that a replay to the same offset also counts as a move.
    """

    offset: int = 0
    version: int = 0


@attrs.frozen
class CheckpointHasMoved(Conflict):
    """The checkpoint was moved while the reader worked: by a replay or by another run."""

    reader: str


class EventLog(Protocol):
    """The port to committed events in a fixed order, and to the checkpoint of each reader.

    The outbox assigns sequence numbers before the commit: a reader that remembers the last number
    would miss an event with a smaller number that is committed later. An offset is assigned after
    the commit. So a process that sees an offset always sees all smaller ones. The events of one
    order stand in the order in which they happened.
    """

    def extend(self, limit: int, /) -> int:
        """Append committed events that are not in the log yet; returns how many.

        Raises Conflict if another process extends the log at the same moment.
        """
        ...

    def read(self, after: int, limit: int, /) -> tuple[LoggedEvent, ...]:
        """The events after this offset, in order."""
        ...

    def length(self) -> int:
        """The number of events, also of those not appended yet."""
        ...

    def checkpoint(self, reader: str, /) -> Checkpoint:
        """The reader's checkpoint."""
        ...

    def advance(self, reader: str, /, *, after: Checkpoint, to: int) -> None:
        """Move a reader's checkpoint forward from `after`.

        Raises CheckpointHasMoved if it was moved since.
        """
        ...

    def set_checkpoint(self, reader: str, to: int, /) -> None:
        """Set a reader's checkpoint to this offset, wherever it was; 0 is the beginning."""
        ...
