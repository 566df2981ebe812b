"""Refuses to run the simulator on the network, or next to a real gateway."""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

import attrs


@attrs.frozen
class BesideProduction(Exception):
    """The program is also configured to call a real CyberSource host."""

    host: str

    def __str__(self) -> str:
        return (
            f"The simulator refuses to start: this program is configured to call {self.host}, "
            "which is the real CyberSource. Use the one or the other."
        )


@attrs.frozen
class NotLoopback(Exception):
    """The simulator should listen on an address that other machines can reach."""

    host: str

    def __str__(self) -> str:
        return (
            f"The simulator refuses to listen on {self.host}: it takes card numbers in clear, "
            "so it stays on the loopback interface (127.0.0.1)."
        )


def refuse_production(hosts: Iterable[str], /) -> None:
    """
    Raise `BesideProduction` if any of `hosts` belongs to CyberSource.

    A host may be a name, name:port or a URL.
    """
    for host in hosts:
        name = host_name(host)
        if name == "cybersource.com" or name.endswith(".cybersource.com"):
            raise BesideProduction(host)


def refuse_open_network(host: str, /) -> None:
    """Raise `NotLoopback` unless `host` is a loopback address."""
    if not is_loopback(host):
        raise NotLoopback(host)


def is_loopback(name: str, /) -> bool:
    """Whether `name`, a host without port, is always this machine."""
    if name == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def host_name(host: str, /) -> str:
    """The lower-case host name of a host, host:port or URL."""
    address = host.strip()
    parts = urlsplit(address if "//" in address else f"//{address}")
    return (parts.hostname or "").rstrip(".")
