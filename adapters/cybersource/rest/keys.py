"""Keys shared with CyberSource. Several are valid at once, so that each can be replaced."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import attrs

from adapters.cybersource.rest.certificates import CertificateNotUsable, opened

SOON = timedelta(days=45)
"""How long before its expiry a key causes a warning."""

_SECRET_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


@attrs.frozen(kw_only=True)
class SharedKey:
    """
    A shared secret with its key id, for REST requests or for webhooks.

    `secret` is base64, as the Business Center shows it. `ends_at` is when the key expires, if the
    merchant says so (a REST key: three years after its creation).
    """

    key_id: str
    secret: str = attrs.field(repr=False)
    ends_at: datetime | None = None

    @property
    def content(self) -> bytes:
        """The decoded secret."""
        return base64.b64decode(self.secret)

    def wrong(self) -> Iterator[tuple[str, str]]:
        """The problems of this key: the name of the setting, and a reason."""
        if not _KEY_ID.fullmatch(self.key_id):
            yield "key_id", "it is the key's id from the Business Center, such as 8-4-4-4-12 digits"
        if not _is_secret(self.secret):
            yield "shared_secret", "it is the base64 text that the Business Center shows once"


@attrs.frozen(kw_only=True)
class P12Key:
    """A private key in a password-protected P12 file. Its certificate says when it expires."""

    content: bytes = attrs.field(repr=False)
    password: str = attrs.field(repr=False)

    def wrong(self, merchant_id: str) -> Iterator[tuple[str, str]]:
        """The problems of this key: the name of the setting, and a reason."""
        try:
            opened(self.content, self.password, merchant_id)
        except CertificateNotUsable as why:
            yield "p12", str(why)


RestKey = SharedKey | P12Key


@attrs.frozen
class KeyExpiry:
    """The display name of a key, and when it expires, if that is known."""

    name: str
    ends_at: datetime | None

    def sentence(self, now: datetime) -> str | None:
        """A warning if the key expires soon or has expired; otherwise None."""
        if self.ends_at is None or now + SOON < self.ends_at:
            return None
        day = f"{self.ends_at:%Y-%m-%d}"
        if self.ends_at <= now:
            return f"{self.name} ended on {day}. Make a new one in the Business Center"
        days = (self.ends_at - now).days
        left = {0: "today", 1: "in 1 day"}.get(days, f"in {days} days")
        return f"{self.name} ends on {day}, {left}. Make a new one in the Business Center"


def expiring_soon(endings: Iterable[KeyExpiry], now: datetime) -> tuple[str, ...]:
    """A warning for each key that expires soon or has expired."""
    return tuple(said for each in endings if (said := each.sentence(now)) is not None)


def _is_secret(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) >= _SECRET_BYTES
    except (binascii.Error, ValueError):
        return False
