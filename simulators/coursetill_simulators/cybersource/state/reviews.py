"""The decisions that people took on payments held for review."""

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
    """Every decision, oldest first: those that were `kept`, and each that is given to `keep`."""

    def __init__(
        self,
        kept: Iterable[Conversion] = (),
        keep: Callable[[Conversion], None] = lambda _: None,
    ) -> None:
        self._lock = Lock()
        self._taken = list(kept)
        self._keep = keep

    def add(self, conversion: Conversion) -> None:
        """Write down a decision."""
        with self._lock:
            self._keep(conversion)
            self._taken.append(conversion)

    def all(self) -> list[Conversion]:
        """Every decision."""
        with self._lock:
            return list(self._taken)

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._taken.clear()
