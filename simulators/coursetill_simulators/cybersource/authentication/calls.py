"""A call as it arrived, before anybody believes it, and what it earns when it is believed."""

from collections.abc import Mapping
from datetime import datetime

import attrs


@attrs.frozen
class NotAuthentic(Exception):
    """A call that is answered with 401. The caller is not told `why`; the ledger page is."""

    why: str

    def __str__(self) -> str:
        return self.why


def _lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@attrs.frozen(kw_only=True)
class IncomingCall:
    """
    A request as it arrived.

    `target` is the path with its query, `host` the Host header, `moment` when it arrived;
    `headers` go by their names in lower case.
    """

    method: str
    target: str
    host: str
    body: bytes
    moment: datetime
    headers: Mapping[str, str] = attrs.field(factory=dict, converter=_lower_case)

    @property
    def has_body(self) -> bool:
        """Whether it is of a method whose body is digested."""
        return self.method in ("POST", "PUT", "PATCH")


@attrs.frozen(kw_only=True)
class Admission:
    """
    What an authentic call may do about message-level encryption.

    HTTP Signature knows none of it; a token may name the key to encrypt the reply to.
    """

    may_encrypt: bool
    reply_key_id: str | None = None
