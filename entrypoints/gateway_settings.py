"""What the shop is told about its account at CyberSource, and how the parts of it are written."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from pathlib import Path

import attrs

ENCRYPTABLE = (*("payments", "captures", "refunds", "voids", "reversals", "searches", "details"),)
"""What can be encrypted as messages, by the names that the settings use."""


@attrs.frozen
class SharedKeySettings:
    """A shared secret, and when it ends, where somebody said so."""

    key_id: str
    secret: str = attrs.field(repr=False)
    ends_at: datetime | None = None


@attrs.frozen
class P12Settings:
    """A P12 file, and its password or the file that holds it."""

    file: str
    password: str | None = attrs.field(default=None, repr=False)
    password_file: str | None = None


@attrs.frozen(kw_only=True)
class EncryptionSettings:
    """What is encrypted as messages: names of `ENCRYPTABLE`, and the files with the keys for it."""

    requests: frozenset[str]
    replies: frozenset[str]
    certificate_file: str | None = None
    reply_key_id: str | None = None
    reply_key_file: str | None = None


@attrs.frozen
class GatewaySettings:
    """How to reach CyberSource. `simulator` is true only for the simulator on this machine.

    The key in the P12 file signs first, then the one shared secret, then `more_keys`; each until it
    ends.
    """

    url: str
    merchant_id: str
    key_id: str = ""
    shared_secret: str = attrs.field(default="", repr=False)
    simulator: bool = False
    key_ends_at: datetime | None = attrs.field(default=None, kw_only=True)
    more_keys: tuple[SharedKeySettings, ...] = attrs.field(default=(), kw_only=True)
    p12: P12Settings | None = attrs.field(default=None, kw_only=True)
    http_signature: bool = attrs.field(default=False, kw_only=True)
    encryption: EncryptionSettings | None = attrs.field(default=None, kw_only=True)

    @property
    def shared_keys(self) -> tuple[SharedKeySettings, ...]:
        """All the shared secrets, the first to be used first."""
        first = SharedKeySettings(self.key_id, self.shared_secret, self.key_ends_at)
        return (first, *self.more_keys) if self.key_id else self.more_keys


@attrs.define
class Files:
    """Reads the files that settings name, and keeps what could not be read, by setting."""

    problems: list[tuple[str, str]] = attrs.field(factory=list)

    def content(self, name: str, path: str) -> bytes:
        """What is in the file that the setting `name` names; nothing where it cannot be read."""
        try:
            return Path(path).read_bytes()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "that is no path"
            self.problems.append((name, f"{path} cannot be read ({why})"))
            return b""

    def text(self, name: str, path: str) -> str:
        """The same as text, without the end of the line."""
        try:
            return self.content(name, path).decode().rstrip("\r\n")
        except UnicodeDecodeError:
            self.problems.append((name, f"{path} holds no text"))
            return ""


def a_day(text: str) -> datetime:
    """The beginning of a day, in UTC. Raises ValueError."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f'is "{text}": use a day such as 2029-11-22') from None


def shared_keys(text: str) -> tuple[SharedKeySettings, ...]:
    """Keys with spaces between, each KEY_ID:SECRET or KEY_ID:SECRET:DAY.

    Raises ValueError, which shows no secret.
    """
    return tuple(_key(number, each) for number, each in enumerate(text.split(), 1))


def _key(number: int, text: str) -> SharedKeySettings:
    key_id, secret, day = (*text.split(":"), "", "")[:3]
    usual = text.count(":") in (1, 2) and re.fullmatch(r"[A-Za-z0-9-]{1,64}", key_id)
    if not usual or not _is_secret(secret):
        raise ValueError(
            f"has no key in place {number}: write KEY_ID:SECRET, or KEY_ID:SECRET:2029-11-22 with "
            "the day on which it ends, and a space between two keys"
        )
    return SharedKeySettings(key_id, secret, a_day(day) if day else None)


def _is_secret(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) >= 16
    except (binascii.Error, ValueError):
        return False


def signs_by_http(text: str) -> bool:
    """Whether requests are signed the older way. Raises ValueError."""
    if text not in ("jwt", "http"):
        raise ValueError(f'is "{text}": use jwt, or http for the HTTP Signature of old')
    return text == "http"


def families(text: str) -> frozenset[str]:
    """What is to be encrypted: none, all, or names with spaces between. Raises ValueError."""
    named = {"none": [], "all": list(ENCRYPTABLE)}.get(text, text.split())
    if not set(named) <= set(ENCRYPTABLE):
        raise ValueError(f'is "{text}": use none, all, or some of {" ".join(ENCRYPTABLE)}')
    return frozenset(named)
