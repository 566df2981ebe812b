"""Why a server of the shop, the demo or the simulator does not start."""

from __future__ import annotations

import attrs

from core.errors import Refused


@attrs.frozen
class NotForTheDemo(Refused):
    """Something in the environment that belongs to a real shop."""

    why: str


@attrs.frozen
class BesideARealGateway(Refused):
    """The simulator was to start under settings that name the real gateway."""

    setting: str
    url: str


@attrs.frozen
class UnusableBooks(Refused):
    """The simulator was given a file that holds something else."""

    why: str


@attrs.frozen
class PortInUse(Refused):
    """Another program listens there. `retry` is what to type to use another port."""

    port: int
    retry: str


@attrs.frozen
class CannotListen(Refused):
    """The operating system does not let the shop listen at this address."""

    bind: str
    port: int
    why: str
