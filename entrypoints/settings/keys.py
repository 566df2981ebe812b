"""How settings write keys: id, secret or file, and optionally the day of expiry."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import attrs


@attrs.frozen
class SharedKeySettings:
    """A shared secret, with its expiry if set."""

    key_id: str
    secret: str = attrs.field(repr=False)
    ends_at: datetime | None = None


@attrs.frozen
class KeyFileSettings:
    """A private key in a file, with its expiry if set."""

    key_id: str
    file: str
    ends_at: datetime | None = None


def a_day(text: str) -> datetime:
    """The start of a day in UTC. Raises ValueError."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f'is "{text}": use a day such as 2029-11-22') from None


def shared_keys(text: str) -> tuple[SharedKeySettings, ...]:
    """Keys separated by spaces, each KEY_ID:SECRET or KEY_ID:SECRET:DAY.

    Raises ValueError, without a secret in it.
    """
    found = []
    for number, (key_id, secret, day) in _parts(text, "SECRET"):
        if not _is_secret(secret):
            raise _no_key(number, "SECRET")
        found.append(SharedKeySettings(key_id, secret, a_day(day) if day else None))
    return tuple(found)


def key_files(text: str) -> tuple[KeyFileSettings, ...]:
    """Files separated by spaces, each KEY_ID:FILE or KEY_ID:FILE:DAY. Raises ValueError."""
    return tuple(
        KeyFileSettings(key_id, file, a_day(day) if day else None)
        for _, (key_id, file, day) in _parts(text, "FILE")
    )


def _parts(text: str, what: str) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """The parts of each key, numbered from 1. The day is optional."""
    for number, each in enumerate(text.split(), 1):
        key_id, value, day = (*each.split(":"), "", "")[:3]
        usual = each.count(":") in (1, 2) and re.fullmatch(r"[A-Za-z0-9-]{1,64}", key_id)
        if not usual or not value:
            raise _no_key(number, what)
        yield number, (key_id, value, day)


def _no_key(number: int, what: str) -> ValueError:
    return ValueError(
        f"has no key in place {number}: write KEY_ID:{what}, or KEY_ID:{what}:2029-11-22 with "
        "the day on which it ends, and a space between two keys"
    )


def _is_secret(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) >= 16
    except (binascii.Error, ValueError):
        return False
