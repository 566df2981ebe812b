"""An HTTP client that sends each request exactly once and says what is certain afterwards."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping

import attrs
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

_CHUNK = 65_536


@attrs.frozen
class NotSent(Exception):
    """The request was not sent: no connection was made. The server did nothing."""

    why: str

    def __str__(self) -> str:
        return self.why


@attrs.frozen
class Lost(Exception):
    """The request may have arrived, but no usable reply came back. The outcome is unknown."""

    why: str

    def __str__(self) -> str:
        return self.why


@attrs.frozen
class Timeouts:
    """Seconds to wait for a connection, and then for the whole reply."""

    connect: float = attrs.field(default=5.0, validator=attrs.validators.gt(0))
    read: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))


@attrs.frozen
class HttpRequest:
    """A request. The body is sent as exactly these bytes."""

    method: str
    url: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes | None = attrs.field(default=None, repr=False)


@attrs.frozen
class HttpReply:
    """A complete reply. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)


class HttpClient:
    """
    Sends a request once, to one address.

    It never retries and follows no redirect, because a repeated request may move money twice. It
    uses no cookies, and no proxy or password from the environment. Each request opens a new
    connection: a reused one may be dead, and then the outcome of the request is unknown.
    """

    def __init__(self, timeouts: Timeouts, *, largest: int = 1_000_000) -> None:
        self._timeouts = timeouts
        self._largest = largest
        # No Session: it would follow redirects and read proxies from the environment.
        self._adapter = HTTPAdapter(max_retries=0)

    def send(self, request: HttpRequest) -> HttpReply:
        """Send the request and return the reply, with any status. Raises NotSent or Lost."""
        try:
            prepared = requests.Request(
                request.method,
                request.url,
                headers={
                    "Accept-Encoding": "identity",
                    "User-Agent": "Coursetill",
                    "Connection": "close",
                    **request.headers,
                },
                data=request.body,
            ).prepare()
            response = self._adapter.send(
                prepared, stream=True, timeout=(self._timeouts.connect, self._timeouts.read)
            )
        except (ValueError, requests.exceptions.ConnectTimeout) as failure:
            raise NotSent(f"no connection ({_innermost(failure)})") from failure
        except (requests.exceptions.RequestException, HTTPError) as failure:
            if _before_anything_was_sent(failure):
                raise NotSent(f"no connection ({_innermost(failure)})") from failure
            raise Lost(f"no answer ({_innermost(failure)})") from failure
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HttpReply(response.status_code, headers, self._whole(response))
        finally:
            response.close()

    def _whole(self, response: requests.Response) -> bytes:
        """The whole body. Raises Lost if it is too long, too slow or cut short."""
        ends_at = time.monotonic() + self._timeouts.read
        body = bytearray()
        try:
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > self._largest:
                    raise Lost(f"the reply is longer than {self._largest} bytes")
                if time.monotonic() > ends_at:
                    raise Lost("the reply took too long")
        except (HTTPError, OSError) as broken:
            raise Lost(f"the reply broke off ({type(broken).__name__})") from broken
        return bytes(body)


def _before_anything_was_sent(failure: BaseException) -> bool:
    """Whether the connection failed, or its certificate was refused before anything was sent."""
    return any(
        isinstance(each, NewConnectionError | ssl.SSLCertVerificationError)
        for each in _within(failure)
    )


def _innermost(failure: BaseException) -> str:
    """The class name of the root cause. The messages of these errors may repeat the request."""
    return [type(each).__name__ for each in _within(failure)][-1]


def _within(failure: BaseException) -> Iterator[BaseException]:
    """The failure and every error that it wraps."""
    inner: object = failure
    for _ in range(8):
        if not isinstance(inner, BaseException):
            return
        yield inner
        reason = getattr(inner, "reason", None)
        inner = reason or next((a for a in inner.args if isinstance(a, BaseException)), None)
