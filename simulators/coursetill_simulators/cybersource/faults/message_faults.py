"""Faults of messages to the merchant, and their queue."""

from collections import deque
from collections.abc import Mapping
from enum import Enum
from threading import Lock

import attrs


class Channel(Enum):
    """The channel by which a result reaches the merchant."""

    WEBHOOKS = "webhooks"
    MERCHANT_POST = "merchant-post"  # Secure Acceptance, server to server
    BROWSER_RETURN = "browser-return"  # Secure Acceptance, through the buyer's browser


class MessageFaultKind(Enum):
    """The kinds of fault of a message."""

    DROP = "drop"  # it is never sent
    DELAY = "delay"  # it is sent late
    DUPLICATE = "duplicate"  # it is sent twice, or `copies` times
    REORDER = "reorder"  # it is sent after the next message
    WRONG_SIGNATURE = "wrong-signature"
    CLOCK_SKEW = "clock-skew"  # its time is wrong, and the signature covers that time
    UNSIGNED_DECISION = "unsigned-decision"  # Secure Acceptance: the decision is not signed
    REPEATED_FIELD = "repeated-field"  # Secure Acceptance: a parameter is sent twice
    LATIN_1 = "latin-1"  # Secure Acceptance: the body is not UTF-8


_ON_THE_WAY = frozenset(
    {
        MessageFaultKind.DROP,
        MessageFaultKind.DELAY,
        MessageFaultKind.DUPLICATE,
        MessageFaultKind.REORDER,
    }
)
_IN_THE_SIGNATURE = frozenset({MessageFaultKind.WRONG_SIGNATURE, MessageFaultKind.CLOCK_SKEW})
_IN_THE_FORM = frozenset(
    {MessageFaultKind.UNSIGNED_DECISION, MessageFaultKind.REPEATED_FIELD, MessageFaultKind.LATIN_1}
)

# The possible faults of each channel. The simulator cannot delay the buyer's browser.
POSSIBLE: Mapping[Channel, frozenset[MessageFaultKind]] = {
    Channel.WEBHOOKS: _ON_THE_WAY | _IN_THE_SIGNATURE,
    Channel.MERCHANT_POST: _ON_THE_WAY | _IN_THE_SIGNATURE | _IN_THE_FORM,
    Channel.BROWSER_RETURN: frozenset({MessageFaultKind.DROP}) | _IN_THE_SIGNATURE | _IN_THE_FORM,
}


@attrs.frozen
class MessageFault:
    """
    A fault of a message. `seconds` is its size; it may be negative for a clock fault.

    `about` limits it to a merchant's reference or an event name; None matches any message.
    `copies` is the number of copies of a duplicate.
    """

    kind: MessageFaultKind
    seconds: float = 0.0
    about: str | None = None
    copies: int = attrs.field(default=2, validator=attrs.validators.in_(range(2, 21)))


class MessageFaultQueue:
    """A queue of faults for each channel, first in, first out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Channel, deque[MessageFault]] = {each: deque() for each in Channel}

    def put(self, channel: Channel, message_fault: MessageFault, times: int = 1) -> None:
        """Apply `message_fault` to the next `times` messages of `channel`."""
        with self._lock:
            self._waiting[channel].extend([message_fault] * times)

    def take(self, channel: Channel, *about: str) -> MessageFault | None:
        """Take the fault for a message with these references, if any."""
        with self._lock:
            waiting = self._waiting[channel]
            for message_fault in waiting:
                if message_fault.about is None or message_fault.about in about:
                    waiting.remove(message_fault)
                    return message_fault
            return None

    def waiting(self) -> list[tuple[Channel, MessageFault]]:
        """All queued faults."""
        with self._lock:
            return [
                (each, message_fault)
                for each, message_faults in self._waiting.items()
                for message_fault in message_faults
            ]

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            for message_faults in self._waiting.values():
                message_faults.clear()
