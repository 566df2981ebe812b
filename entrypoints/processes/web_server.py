"""The shop's pages behind a port: claimed before anything else starts, given back at the end."""

from __future__ import annotations

import errno
import logging
import re
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import attrs
from waitress.server import create_server

from core.errors import Refused
from entrypoints.composition.shop import Shop
from entrypoints.web.app import create_app

_AT_ONCE_SECONDS = 2.0
_LARGEST_REQUEST = 2_000_000

log = logging.getLogger("coursetill.serving")


@attrs.frozen
class PortInUse(Refused):
    """Somebody else listens there. `retry` is what to type to use another port."""

    port: int
    retry: str

    def __str__(self) -> str:
        return f"Port {self.port} is in use. Choose another: {self.retry}"


@attrs.frozen
class CannotListen(Refused):
    bind: str
    port: int
    why: str

    def __str__(self) -> str:
        return f"The shop cannot listen on {self.bind}, port {self.port}: {self.why}"


def claimed(bind: str, port: int, *, retry: str) -> socket.socket:
    """A socket that listens there and belongs to us alone. Raises PortInUse or CannotListen."""
    try:
        found = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server(address[:2], family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port, retry) from None
        raise CannotListen(bind, port, error.strerror or str(error)) from None


def page_server(shop: Shop, listening: socket.socket) -> Any:
    """The server of the shop's pages: `run` serves, `close` lets go of the socket."""
    settings = shop.settings
    return create_server(
        create_app(shop),
        map={},  # its own sockets: by default all servers of a process would share them
        sockets=[listening],
        threads=settings.threads,
        url_scheme="https" if settings.https else "http",
        **proxied(settings.proxies),
        max_request_body_size=_LARGEST_REQUEST,
        ident="",
    )


def serve_pages(shop: Shop, listening: socket.socket) -> None:
    """Serve the shop's pages until KeyboardInterrupt, then let requests under way end."""
    settings, server = shop.settings, page_server(shop, listening)
    log.info("serving %s on %s port %d", settings.shop_url, settings.bind, settings.port)
    try:
        server.run()
    finally:
        server.close()
    log.info("stopped")


def proxied(proxies: int) -> dict[str, Any]:
    """How far to believe X-Forwarded-For: as many addresses as there are proxies, from the end."""
    if not proxies:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": "*",
        "trusted_proxy_count": proxies,
        "trusted_proxy_headers": {"x-forwarded-for"},
        "clear_untrusted_proxy_headers": True,
    }


@contextmanager
def until_stopped() -> Iterator[None]:
    """A block that Ctrl-C and SIGTERM end alike: in good order, as if it had come to its end.

    Both may come at once, or twice, from a terminal and from whatever started us: within a moment
    they count as one.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    last: float | None = None

    def stop(*_: object) -> None:
        nonlocal last
        now, earlier = time.monotonic(), last
        last = now
        if earlier is None or now - earlier > _AT_ONCE_SECONDS:
            raise KeyboardInterrupt

    for number in before:
        signal.signal(number, stop)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        # Once stopped, the process is about to end, and nothing more may end it sooner: handlers
        # in Python are taken down before that, what is ignored stays ignored.
        for number, earlier in before.items():
            signal.signal(number, earlier if last is None else signal.SIG_IGN)


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class OneLine(logging.Formatter):
    """One line for each record, a traceback too: what reads logs reads lines.

    Whatever would end a line or steer a terminal is written as Python writes it in a string.
    """

    def format(self, record: logging.LogRecord) -> str:
        told = super().format(record)
        return _CONTROLS.sub(lambda found: repr(found[0])[1:-1], told)


def log_to_stderr(level: int) -> None:
    """Write what happens to stderr, one line each."""
    stderr = logging.StreamHandler(sys.stderr)
    stderr.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[stderr], force=True)
    # It warns whenever one request has to wait for another.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
