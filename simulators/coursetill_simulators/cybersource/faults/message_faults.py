"""Faults of messages on their way to the merchant, and the queue of those to come."""

from collections import deque
from collections.abc import Mapping
from enum import Enum
from threading import Lock

import attrs


class Channel(Enum):
    """How a result reaches the merchant."""

    WEBHOOKS = "webhooks"
    MERCHANT_POST = "merchant-post"  # Secure Acceptance, server to server
    BROWSER_RETURN = "browser-return"  # Secure Acceptance, through the buyer's browser


class MessageFaultKind(Enum):
    """How one message goes wrong."""

    DROP = "drop"  # it is never sent
    DELAY = "delay"  # it is sent late
    DUPLICATE = "duplicate"  # it is sent twice, or as often as it says
    REORDER = "reorder"  # it is sent after the one that follows it
    WRONG_SIGNATURE = "wrong-signature"
    CLOCK_SKEW = "clock-skew"  # its time is off, its signature is over that time
    UNSIGNED_DECISION = "unsigned-decision"  # Secure Acceptance: the decision is not signed
    REPEATED_FIELD = "repeated-field"  # Secure Acceptance: a parameter comes twice
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

# The faults that are possible in each channel. Only the buyer delays a browser.
POSSIBLE: Mapping[Channel, frozenset[MessageFaultKind]] = {
    Channel.WEBHOOKS: _ON_THE_WAY | _IN_THE_SIGNATURE,
    Channel.MERCHANT_POST: _ON_THE_WAY | _IN_THE_SIGNATURE | _IN_THE_FORM,
    Channel.BROWSER_RETURN: frozenset({MessageFaultKind.DROP}) | _IN_THE_SIGNATURE | _IN_THE_FORM,
}


@attrs.frozen
class MessageFault:
    """
    A fault, and by how much where that matters; `seconds` may be negative for a clock.

    `about` is the merchant's reference, or the event's name, that it waits for; None takes any.
    `copies` is how often a duplicate is sent.
    """

    kind: MessageFaultKind
    seconds: float = 0.0
    about: str | None = None
    copies: int = attrs.field(default=2, validator=attrs.validators.in_(range(2, 21)))


class MessageFaultQueue:
    """Faults waiting for a message of their channel, first come first served."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Channel, deque[MessageFault]] = {each: deque() for each in Channel}

    def put(self, channel: Channel, message_fault: MessageFault, times: int = 1) -> None:
        """Let the next `times` messages of `channel` meet `message_fault`."""
        with self._lock:
            self._waiting[channel].extend([message_fault] * times)

    def take(self, channel: Channel, *about: str) -> MessageFault | None:
        """The fault that a message `about` these meets, which is then used up."""
        with self._lock:
            waiting = self._waiting[channel]
            for message_fault in waiting:
                if message_fault.about is None or message_fault.about in about:
                    waiting.remove(message_fault)
                    return message_fault
            return None

    def waiting(self) -> list[tuple[Channel, MessageFault]]:
        """Every fault still to come."""
        with self._lock:
            return [
                (each, message_fault)
                for each, message_faults in self._waiting.items()
                for message_fault in message_faults
            ]

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            for message_faults in self._waiting.values():
                message_faults.clear()
