"""Limits how often somebody may try codes that do not exist."""

from __future__ import annotations

import ipaddress
import threading
from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta

WITHIN = timedelta(minutes=10)
MOST_BY_SHOPPER = 10
MOST_BY_ADDRESS = 100
"""Higher, because a school or an office may share one address."""


class CodeGuessLimit:
    """Counts failed tries of the last minutes, by shopper and by address, in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def wait(self, shopper: str, address: str, now: datetime) -> timedelta | None:
        """How long to wait before the next try; None for not at all."""
        with self._lock:
            self._forget(now)
            waits = [
                self._tries[key][-most] + WITHIN - now
                for key, most in self._budgets(shopper, address)
                if key in self._tries and len(self._tries[key]) >= most
            ]
        return max(waits, default=None)

    def in_vain(self, shopper: str, address: str, now: datetime) -> None:
        """Record a failed try."""
        with self._lock:
            for key, _ in self._budgets(shopper, address):
                self._tries[key].append(now)

    @staticmethod
    def _budgets(shopper: str, address: str) -> Iterable[tuple[str, int]]:
        network = _network(address)
        return (f"shopper {shopper}", MOST_BY_SHOPPER), (f"address {network}", MOST_BY_ADDRESS)

    def _forget(self, now: datetime) -> None:
        for key, tries in list(self._tries.items()):
            while tries and tries[0] + WITHIN <= now:
                tries.popleft()
            if not tries:
                del self._tries[key]


def _network(address: str) -> str:
    """The network of an address. For IPv6 the first 64 bits: a client can choose the rest."""
    try:
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    except ValueError:
        return address
