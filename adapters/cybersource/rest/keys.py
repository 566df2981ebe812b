"""The keys that the shop shares with CyberSource: several at once, so that each can be replaced."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import attrs

from adapters.cybersource.rest.certificates import CertificateNotUsable, opened

SOON = timedelta(days=45)
"""How long before its end a key is spoken of."""

_SECRET_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


@attrs.frozen(kw_only=True)
class SharedKey:
    """
    A secret that both sides know, under its id: for REST requests, or for webhooks.

    `secret` is base64, as it is shown in the Business Center or sent when it is made. `ends_at` is
    when it expires, which only the merchant knows (three years after it was made, for REST).
    """

    key_id: str
    secret: str = attrs.field(repr=False)
    ends_at: datetime | None = None

    @property
    def content(self) -> bytes:
        """The secret itself."""
        return base64.b64decode(self.secret)

    def wrong(self) -> Iterator[tuple[str, str]]:
        """What is wrong with it: the name of the part, and a sentence."""
        if not _KEY_ID.fullmatch(self.key_id):
            yield "key_id", "it is the key's id from the Business Center, such as 8-4-4-4-12 digits"
        if not _is_secret(self.secret):
            yield "shared_secret", "it is the base64 text that the Business Center shows once"


@attrs.frozen(kw_only=True)
class P12Key:
    """A key in a password-protected P12 file, which says itself when it ends."""

    content: bytes = attrs.field(repr=False)
    password: str = attrs.field(repr=False)

    def wrong(self, merchant_id: str) -> Iterator[tuple[str, str]]:
        """What is wrong with it: the name of the part, and a sentence."""
        try:
            opened(self.content, self.password, merchant_id)
        except CertificateNotUsable as why:
            yield "p12", str(why)


RestKey = SharedKey | P12Key


@attrs.frozen
class KeyExpiry:
    """A key by the name that people know it by, and when it ends, if anybody knows."""

    name: str
    ends_at: datetime | None

    def sentence(self, now: datetime) -> str | None:
        """That it ends soon, or has ended; None where there is time."""
        if self.ends_at is None or now + SOON < self.ends_at:
            return None
        day = f"{self.ends_at:%Y-%m-%d}"
        if self.ends_at <= now:
            return f"{self.name} ended on {day}. Make a new one in the Business Center"
        days = (self.ends_at - now).days
        left = {0: "today", 1: "in 1 day"}.get(days, f"in {days} days")
        return f"{self.name} ends on {day}, {left}. Make a new one in the Business Center"


def expiring_soon(endings: Iterable[KeyExpiry], now: datetime) -> tuple[str, ...]:
    """A sentence for each key that ends soon or has ended."""
    return tuple(said for each in endings if (said := each.sentence(now)) is not None)


def _is_secret(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) >= _SECRET_BYTES
    except (binascii.Error, ValueError):
        return False
