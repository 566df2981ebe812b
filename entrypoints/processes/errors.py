"""Errors that stop the server, the demo or the simulator at its start."""

from __future__ import annotations

import attrs

from core.errors import Refused


@attrs.frozen
class NotForTheDemo(Refused):
    """The environment has settings of a real shop."""

    why: str


@attrs.frozen
class BesideARealGateway(Refused):
    """The simulator cannot start: the settings name the real gateway."""

    setting: str
    url: str


@attrs.frozen
class UnusableBooks(Refused):
    """The file for the simulator's payments holds something else."""

    why: str


@attrs.frozen
class PortInUse(Refused):
    """Another program uses the port. `retry` is a command with another port."""

    port: int
    retry: str


@attrs.frozen
class CannotListen(Refused):
    """The operating system does not let the shop listen at this address."""

    bind: str
    port: int
    why: str
