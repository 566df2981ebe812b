"""The HTTP client for messages to the merchant's own server: on this machine, and nowhere else."""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

import requests

from coursetill_simulators.cybersource.guards import is_loopback

# A receiver that takes longer has not answered: the documented limit of the merchant's post.
LONGEST_ANSWER_SECONDS = 10


class MerchantClient(Protocol):
    """Posts one message."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes, /) -> int | None:
        """The HTTP status that answered, or None where nobody did."""
        ...

    def ask(self, url: str, headers: Mapping[str, str], body: bytes, /) -> bytes | None:
        """The body of an answer with status 200, or None where there was no such answer."""
        ...


class LoopbackMerchantClient:
    """Posts over HTTP, once, without a proxy, following nobody elsewhere."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes, /) -> int | None:
        """The HTTP status; None for any other address than this machine's, too."""
        answer = _answer(url, headers, body)
        return None if answer is None else answer[0]

    def ask(self, url: str, headers: Mapping[str, str], body: bytes, /) -> bytes | None:
        """The answer's body; None for any other address than this machine's, too."""
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
    """Whether `url` is an http or https address of this machine."""
    try:
        parts = urlsplit(url)
        name = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_loopback(name)
