"""The web server: it claims the port before anything else starts."""

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

from waitress.server import create_server

from entrypoints.composition.shop import Shop
from entrypoints.processes.errors import CannotListen, PortInUse
from entrypoints.web.app import create_app

_AT_ONCE_SECONDS = 2.0
_LARGEST_REQUEST = 2_000_000

log = logging.getLogger("coursetill.serving")


def claimed(bind: str, port: int, *, retry: str) -> socket.socket:
    """Open a listening socket for this process alone. Raises PortInUse or CannotListen."""
    try:
        found = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server(address[:2], family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port, retry) from None
        raise CannotListen(bind, port, error.strerror or str(error)) from None


def page_server(shop: Shop, listening: socket.socket) -> Any:
    """The server of the shop's pages: `run` serves, `close` closes the socket."""
    settings = shop.settings
    return create_server(
        create_app(shop),
        map={},  # Its own socket map: by default all servers of a process share one.
        sockets=[listening],
        threads=settings.threads,
        url_scheme="https" if settings.https else "http",
        **proxied(settings.proxies),
        max_request_body_size=_LARGEST_REQUEST,
        ident="",
    )


def serve_pages(shop: Shop, listening: socket.socket) -> None:
    """Serve until KeyboardInterrupt, then finish the running requests."""
    settings, server = shop.settings, page_server(shop, listening)
    log.info("serving %s on %s port %d", settings.shop_url, settings.bind, settings.port)
    try:
        server.run()
    finally:
        server.close()
    log.info("stopped")


def proxied(proxies: int) -> dict[str, Any]:
    """How much of X-Forwarded-For to trust: one address for each proxy, from the end."""
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
    """Run a block that Ctrl-C and SIGTERM end in the same orderly way.

    Several signals may arrive at once, from the terminal and from a supervisor. They count as one.
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
        # The process is ending. Ignore further signals: Python removes its own handlers during
        # shutdown, but SIG_IGN stays.
        for number, earlier in before.items():
            signal.signal(number, earlier if last is None else signal.SIG_IGN)


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class OneLine(logging.Formatter):
    """Formats each record on one line, with its traceback, because log readers expect lines.

    Line ends and control characters are escaped as in a Python string.
    """

    def format(self, record: logging.LogRecord) -> str:
        told = super().format(record)
        return _CONTROLS.sub(lambda found: repr(found[0])[1:-1], told)


def log_to_stderr(level: int) -> None:
    """Log to stderr, one line for each record."""
    stderr = logging.StreamHandler(sys.stderr)
    stderr.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[stderr], force=True)
    # waitress warns each time a request has to queue.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
