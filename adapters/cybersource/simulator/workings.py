"""Everything one simulator works with, and how a view gets at it."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from secrets import randbelow
from typing import cast

import attrs
from flask import current_app

from adapters.cybersource.simulator.authentication import Gatekeeper
from adapters.cybersource.simulator.faults import FaultQueue
from adapters.cybersource.simulator.keys import LONG_LIVED_KEY_ID, SigningKey
from adapters.cybersource.simulator.ledger import Ledger
from adapters.cybersource.simulator.settings import SimulatorSettings
from adapters.cybersource.simulator.vault import Vault

_EXTENSION = "cybersource_simulator"
_serial = count(1)


@attrs.frozen(kw_only=True)
class Workings:
    """
    The parts of one simulator.

    `origin` is where browsers reach it, as scheme://host:port; `pause` waits some seconds.
    """

    settings: SimulatorSettings
    origin: str
    now: Callable[[], datetime]
    pause: Callable[[float], None]
    gatekeeper: Gatekeeper
    ledger: Ledger = attrs.field(factory=Ledger)
    vault: Vault = attrs.field(factory=Vault)
    faults: FaultQueue = attrs.field(factory=FaultQueue)
    key: SigningKey = attrs.field(factory=lambda: SigningKey.generated(LONG_LIVED_KEY_ID))

    def new_id(self) -> str:
        """A fresh request id of 22 digits."""
        return (
            f"7{int(self.now().timestamp()):010d}{next(_serial) % 10**6:06d}{randbelow(10**5):05d}"
        )

    def clear(self) -> None:
        """Forget everything that happened; the keys stay."""
        self.ledger.clear()
        self.vault.clear()
        self.faults.clear()
        self.gatekeeper.clear()

    def attached(self, extensions: dict[str, object]) -> None:
        """Make these the workings that `here` finds in an application."""
        extensions[_EXTENSION] = self


def here() -> Workings:
    """The workings of the simulator that is answering the current request."""
    return cast(Workings, current_app.extensions[_EXTENSION])


def written(moment: datetime) -> str:
    """A moment as CyberSource writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
