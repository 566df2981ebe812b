"""The HTTP client for messages to the merchant's server, on this machine only."""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

import requests

from coursetill_simulators.cybersource.guards import is_loopback

# The documented time limit of the merchant post; a slower receiver counts as silent.
LONGEST_ANSWER_SECONDS = 10


class MerchantClient(Protocol):
    """Posts messages."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes, /) -> int | None:
        """Post, and return the HTTP status, or None without an answer."""
        ...

    def ask(self, url: str, headers: Mapping[str, str], body: bytes, /) -> bytes | None:
        """Post, and return the body of a 200 answer, or None without one."""
        ...


class LoopbackMerchantClient:
    """Posts once over HTTP, without proxies or redirects."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes, /) -> int | None:
        """The HTTP status; None also for an address that is not on this machine."""
        answer = _answer(url, headers, body)
        return None if answer is None else answer[0]

    def ask(self, url: str, headers: Mapping[str, str], body: bytes, /) -> bytes | None:
        """The answer's body; None also for an address that is not on this machine."""
        answer = _answer(url, headers, body)
        return answer[1] if answer is not None and answer[0] == 200 else None


def _answer(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes] | None:
    if not stays_here(url):
        return None
    with requests.Session() as session:
        session.trust_env = False
        try:
            reply = session.post(
                url,
                data=body,
                headers=dict(headers),
                timeout=LONGEST_ANSWER_SECONDS,
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError):
            return None
        return reply.status_code, reply.content


def stays_here(url: str) -> bool:
    """Whether `url` is an http or https URL of this machine."""
    try:
        parts = urlsplit(url)
        name = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_loopback(name)
