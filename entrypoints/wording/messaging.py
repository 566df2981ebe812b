"""Sentences about events and letters that were not delivered."""

from __future__ import annotations

from core.messaging.event_log import CheckpointHasMoved
from core.messaging.outbox import NeverReceived, NotReceived, ReceiverIsDown, UnknownEvent
from entrypoints.wording.sentences import Entries, error

_NOT_RECEIVED = "The receiver did not take the event: {why}"

MESSAGING: Entries = (
    error(UnknownEvent, "unknown-event", "There is no event {event} in the outbox"),
    error(NotReceived, "not-received", _NOT_RECEIVED),
    error(ReceiverIsDown, "receiver-is-down", _NOT_RECEIVED),
    error(NeverReceived, "never-received", _NOT_RECEIVED),
    error(
        CheckpointHasMoved,
        "checkpoint-has-moved",
        "The checkpoint of {reader} was moved meanwhile. Please look again",
    ),
)
