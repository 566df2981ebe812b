"""Faults of replies, and their queue."""

from collections import deque
from enum import Enum
from threading import Lock
from typing import Any

import attrs


class FaultKind(Enum):
    """A kind of fault."""

    DROP = "drop"  # the connection closes without a byte of reply
    SYSTEM_ERROR = "system-error"  # 502 with the documented JSON body
    SERVER_TIMEOUT = "server-timeout"  # 502 with the other documented reason
    HTML = "html"  # 502 with an HTML page, as from a proxy
    TRUNCATED = "truncated"  # a complete HTTP reply with truncated JSON
    CUT = "cut"  # an HTTP reply with fewer bytes than its Content-Length
    DELAY = "delay"  # the right reply, late; if not committed, the work is done late too
    HANG = "hang"  # a wait, and then no reply
    WRONG_SIGNATURE = "wrong-signature"  # a reply token with a wrong signature
    REPLY = "reply"  # a custom status and body
    OUTCOME = "outcome"  # a chosen outcome of a payment, for any card


class Operation(Enum):
    """A call that can have a fault."""

    SESSIONS = "sessions"
    PAYMENTS = "payments"
    COMPLETIONS = "completions"
    CAPTURES = "captures"
    REFUNDS = "refunds"
    VOIDS = "voids"
    REVERSALS = "reversals"
    SEARCHES = "searches"
    DETAILS = "details"
    REPORTS = "reports"
    TOKENS = "tokens"
    PUBLIC_KEYS = "public-keys"
    PAYMENT_DETAILS = "payment-details"
    SUBSCRIPTIONS = "subscriptions"


# The operations whose reply is a signed token.
SIGNED = frozenset({Operation.SESSIONS, Operation.COMPLETIONS, Operation.TOKENS})


@attrs.frozen(kw_only=True)
class Fault:
    """
    One fault.

    `committed` means that the work is done before the reply fails. It decides between "nothing
    happened" and "unknown".
    """

    kind: FaultKind
    committed: bool = True
    seconds: float = 0.0
    outcome: str | None = None
    status: int = 200
    body: Any = None


class FaultQueue:
    """A queue of faults for each operation, first in, first out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Operation, deque[Fault]] = {each: deque() for each in Operation}

    def put(self, operation: Operation, fault: Fault, times: int = 1) -> None:
        """Apply `fault` to the next `times` calls of `operation`."""
        with self._lock:
            self._waiting[operation].extend([fault] * times)

    def take(self, operation: Operation) -> Fault | None:
        """Take the fault for this call of `operation`, if any."""
        with self._lock:
            waiting = self._waiting[operation]
            return waiting.popleft() if waiting else None

    def waiting(self) -> list[tuple[Operation, Fault]]:
        """All queued faults, by operation."""
        with self._lock:
            return [(each, fault) for each, faults in self._waiting.items() for fault in faults]

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            for faults in self._waiting.values():
                faults.clear()
