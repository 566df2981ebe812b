"""The decisions of people on payments in review."""

from collections.abc import Callable, Iterable
from datetime import datetime
from threading import Lock

import attrs


@attrs.frozen(kw_only=True)
class Conversion:
    """One decision: REVIEW became ACCEPT or REJECT."""

    payment_id: str
    code: str
    decision: str
    at: datetime
    reviewer: str
    comments: str


class Conversions:
    """All decisions, oldest first. `stored` are the initial ones; `store` gets each new one."""

    def __init__(
        self,
        stored: Iterable[Conversion] = (),
        store: Callable[[Conversion], None] = lambda _: None,
    ) -> None:
        self._lock = Lock()
        self._taken = list(stored)
        self._store = store

    def add(self, conversion: Conversion) -> None:
        """Store a decision."""
        with self._lock:
            self._store(conversion)
            self._taken.append(conversion)

    def all(self) -> list[Conversion]:
        """All decisions."""
        with self._lock:
            return list(self._taken)

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            self._taken.clear()
