"""The event log: every committed event of the outbox under a number that readers can count on."""

from __future__ import annotations

from typing import Protocol

import attrs

from core.errors import Conflict
from core.messaging.outbox import Event


@attrs.frozen
class LoggedEvent:
    """An event and its offset in the log. Offsets begin at 1, without gaps, and never change."""

    offset: int = attrs.field(validator=attrs.validators.ge(1))
    event: Event


@attrs.frozen
class Checkpoint:
    """The offset of the last event that a reader has handled; 0 before the first.

    `version` counts its moves, so that a replay to the same offset is a move too.
    """

    offset: int = 0
    version: int = 0


@attrs.frozen
class CheckpointHasMoved(Conflict):
    """A reader's checkpoint was moved while the reader worked: by a replay, or by another run."""

    reader: str


class EventLog(Protocol):
    """Committed events in an order that no later commit changes, and how far each reader is.

    Sequence numbers of the outbox are given before a commit: a reader that remembers the last one
    it saw would miss an event that has a smaller number and is committed later. An offset is given
    after the commit. Whoever sees an offset therefore sees every smaller one, now and later. The
    events of one order stand in the order in which they happened.
    """

    def extend(self, limit: int, /) -> int:
        """Append committed events that are not in the log yet, and say how many.

        Raises Conflict where somebody else extends the log at the same moment.
        """
        ...

    def read(self, after: int, limit: int, /) -> tuple[LoggedEvent, ...]:
        """The events after this offset, in order."""
        ...

    def length(self) -> int:
        """How many events there are, with those that wait to be appended."""
        ...

    def checkpoint(self, reader: str, /) -> Checkpoint:
        """How far this reader is."""
        ...

    def advance(self, reader: str, /, *, after: Checkpoint, to: int) -> None:
        """Move a reader's checkpoint on from `after`.

        Raises CheckpointHasMoved where it was moved since.
        """
        ...

    def set_checkpoint(self, reader: str, to: int, /) -> None:
        """Let a reader go on after this offset, wherever it was: 0 is the beginning."""
        ...
