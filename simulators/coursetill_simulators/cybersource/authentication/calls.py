"""A received call before authentication, and its rights after it."""

from collections.abc import Mapping
from datetime import datetime

import attrs


@attrs.frozen
class NotAuthentic(Exception):
    """A call that is answered with 401. `why` shows only on the ledger page, not in the reply."""

    why: str

    def __str__(self) -> str:
        return self.why


def _lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@attrs.frozen(kw_only=True)
class IncomingCall:
    """
    A received request.

    `target` is the path with its query, `host` the Host header, `moment` the time of arrival.
    Names in `headers` are lower case.
    """

    method: str
    target: str
    host: str
    body: bytes
    moment: datetime
    headers: Mapping[str, str] = attrs.field(factory=dict, converter=_lower_case)

    @property
    def has_body(self) -> bool:
        """Whether the method has a body that must have a digest."""
        return self.method in ("POST", "PUT", "PATCH")


@attrs.frozen(kw_only=True)
class Admission:
    """
    The message-level encryption that an authentic call may use.

    HTTP Signature has none; a JWT may name the key that encrypts the reply.
    """

    may_encrypt: bool
    reply_key_id: str | None = None
