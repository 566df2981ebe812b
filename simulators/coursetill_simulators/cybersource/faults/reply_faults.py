"""Faults of replies on their way back, and the queue of those to come."""

from collections import deque
from enum import Enum
from threading import Lock
from typing import Any

import attrs


class FaultKind(Enum):
    """A kind of fault."""

    DROP = "drop"  # the connection closes without a byte of reply
    SYSTEM_ERROR = "system-error"  # 502 with the documented JSON body
    SERVER_TIMEOUT = "server-timeout"  # 502, the other documented reason
    HTML = "html"  # 502 with a page of HTML, as a proxy in between would send
    TRUNCATED = "truncated"  # a complete HTTP reply whose JSON stops half way
    CUT = "cut"  # an HTTP reply that promises more bytes than arrive
    DELAY = "delay"  # the right reply, late; not committed: the work is done late, too
    HANG = "hang"  # nothing for a while, and then no reply
    WRONG_SIGNATURE = "wrong-signature"  # the token that is the reply was signed by somebody else
    REPLY = "reply"  # a status and body chosen by the tester
    OUTCOME = "outcome"  # a payment ends as chosen, whatever its card


class Operation(Enum):
    """A call that a fault can wait for."""

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

    `committed` says whether the work was done before the reply went wrong: the whole difference
    between "surely nothing happened" and "nobody knows".
    """

    kind: FaultKind
    committed: bool = True
    seconds: float = 0.0
    outcome: str | None = None
    status: int = 200
    body: Any = None


class FaultQueue:
    """Faults waiting for their operation, first come first served."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Operation, deque[Fault]] = {each: deque() for each in Operation}

    def put(self, operation: Operation, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls of `operation` meet `fault`."""
        with self._lock:
            self._waiting[operation].extend([fault] * times)

    def take(self, operation: Operation) -> Fault | None:
        """The fault that this call of `operation` meets, which is then used up."""
        with self._lock:
            waiting = self._waiting[operation]
            return waiting.popleft() if waiting else None

    def waiting(self) -> list[tuple[Operation, Fault]]:
        """Every fault still to come, by operation."""
        with self._lock:
            return [(each, fault) for each, faults in self._waiting.items() for fault in faults]

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            for faults in self._waiting.values():
                faults.clear()
