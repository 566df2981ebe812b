"""What can befall a message on its way to the merchant, and the queue of what shall."""

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


class Mishap(Enum):
    """What befalls one message."""

    DROP = "drop"  # it is never sent
    DELAY = "delay"  # it is sent late
    DUPLICATE = "duplicate"  # it is sent twice, or as often as it says
    REORDER = "reorder"  # it is sent after the one that follows it
    WRONG_SIGNATURE = "wrong-signature"
    CLOCK_SKEW = "clock-skew"  # its time is off, its signature is over that time
    UNSIGNED_DECISION = "unsigned-decision"  # Secure Acceptance: the decision is not signed
    REPEATED_FIELD = "repeated-field"  # Secure Acceptance: a parameter comes twice
    LATIN_1 = "latin-1"  # Secure Acceptance: the body is not UTF-8


_ON_THE_WAY = frozenset({Mishap.DROP, Mishap.DELAY, Mishap.DUPLICATE, Mishap.REORDER})
_IN_THE_SIGNATURE = frozenset({Mishap.WRONG_SIGNATURE, Mishap.CLOCK_SKEW})
_IN_THE_FORM = frozenset({Mishap.UNSIGNED_DECISION, Mishap.REPEATED_FIELD, Mishap.LATIN_1})

# What can befall a message of each channel. A browser that returns late is the buyer's own doing.
POSSIBLE: Mapping[Channel, frozenset[Mishap]] = {
    Channel.WEBHOOKS: _ON_THE_WAY | _IN_THE_SIGNATURE,
    Channel.MERCHANT_POST: _ON_THE_WAY | _IN_THE_SIGNATURE | _IN_THE_FORM,
    Channel.BROWSER_RETURN: frozenset({Mishap.DROP}) | _IN_THE_SIGNATURE | _IN_THE_FORM,
}


@attrs.frozen
class Twist:
    """
    A mishap, and by how much where that matters; `seconds` may be negative for a clock.

    `about` is the merchant's reference, or the event's name, that it waits for; None takes any.
    `copies` is how often a duplicate is sent.
    """

    mishap: Mishap
    seconds: float = 0.0
    about: str | None = None
    copies: int = attrs.field(default=2, validator=attrs.validators.in_(range(2, 21)))


class TwistQueue:
    """Twists waiting for a message of their channel, first come first served."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Channel, deque[Twist]] = {each: deque() for each in Channel}

    def put(self, channel: Channel, twist: Twist, times: int = 1) -> None:
        """Let the next `times` messages of `channel` meet `twist`."""
        with self._lock:
            self._waiting[channel].extend([twist] * times)

    def take(self, channel: Channel, *about: str) -> Twist | None:
        """The twist that a message `about` these meets, which is then used up."""
        with self._lock:
            waiting = self._waiting[channel]
            for twist in waiting:
                if twist.about is None or twist.about in about:
                    waiting.remove(twist)
                    return twist
            return None

    def waiting(self) -> list[tuple[Channel, Twist]]:
        """Every twist still to come."""
        with self._lock:
            return [(each, twist) for each, twists in self._waiting.items() for twist in twists]

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            for twists in self._waiting.values():
                twists.clear()
