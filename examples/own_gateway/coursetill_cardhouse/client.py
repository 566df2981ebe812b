"""Requests to Cardhouse, and signatures with the secret shared with the merchant."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import attrs
import requests

_SECONDS = (3.0, 20.0)


@attrs.frozen
class NotSent(Exception):
    """The request did not reach Cardhouse, so nothing happened."""

    why: str


@attrs.frozen
class NoAnswer(Exception):
    """The request may have been carried out."""

    why: str


@attrs.frozen
class Reply:
    status: int
    content: Mapping[str, Any]


def signature(secret: str, *parts: str) -> str:
    """The signature over these parts. No part may contain a line feed."""
    return hmac.new(secret.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()


class Cardhouse:
    """The service at a URL. Safe to use from several threads."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self._secret = secret
        self._session = requests.Session()

    def call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Reply:
        """Send a request. Raises NotSent, or NoAnswer if it may have been carried out."""
        try:
            response = self._session.request(
                method,
                f"{self.url}{path}",
                json=content,
                headers={"Authorization": f"Bearer {self._secret}", "Connection": "close"},
                timeout=_SECONDS,
                allow_redirects=False,
            )
            if response.status_code >= 500:
                raise NoAnswer(f"HTTP {response.status_code}")
            return Reply(response.status_code, response.json())
        except requests.ConnectionError as error:
            reason = getattr(error.args[0] if error.args else None, "reason", None)
            if type(reason).__name__ in {"NewConnectionError", "ConnectTimeoutError"}:
                raise NotSent("Cardhouse takes no connection") from error
            raise NoAnswer(type(error).__name__) from error
        except (requests.RequestException, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error

    def signed(self, *parts: str) -> str:
        return signature(self._secret, *parts)

    def genuine(self, given: str, *parts: str) -> bool:
        """Whether the signature over the parts is valid."""
        return hmac.compare_digest(given.encode(), self.signed(*parts).encode())

    def close(self) -> None:
        self._session.close()
