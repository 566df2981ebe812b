"""Settings of CyberSource's own payment page (Secure Acceptance)."""

from __future__ import annotations

import re
from datetime import datetime

import attrs

from entrypoints.gateways.api import SettingsSource
from entrypoints.settings.keys import a_day
from entrypoints.settings.reader import PREFIX, any_text, origin

KNOWN = (
    "SECURE_ACCEPTANCE_URL",
    "SECURE_ACCEPTANCE_PROFILE_ID",
    "SECURE_ACCEPTANCE_KEYS",
    "SECURE_ACCEPTANCE_LOCALE",
)
"""All settings of the page, without the prefix."""

_NEEDED = KNOWN[:3]

RETURN, CANCELLED, TOLD = "/payments/return", "/payments/cancelled", "/payments/told"
"""Paths: the browser's return after payment and after cancellation, and the gateway's notices."""


@attrs.frozen
class PageKeySettings:
    """An access key with its secret, and its expiry if set."""

    access_key: str
    secret: str = attrs.field(repr=False)
    ends_at: datetime | None = None


@attrs.frozen
class HostedSettings:
    """The profile of the payment page. If `pays` is false, only its notices are accepted."""

    url: str
    profile_id: str
    keys: tuple[PageKeySettings, ...]
    locale: str = "en-us"
    pays: bool = True


def keys(text: str) -> tuple[PageKeySettings, ...]:
    """Keys separated by spaces, each ACCESS_KEY:SECRET or ACCESS_KEY:SECRET:DAY.

    Raises ValueError, without a secret in it.
    """
    return tuple(_key(number, each) for number, each in enumerate(text.split(), 1))


def _key(number: int, text: str) -> PageKeySettings:
    found = re.fullmatch(r"([A-Za-z0-9]{1,32}):([^:]{16,})(?::(\d{4}-\d\d-\d\d))?", text, re.ASCII)
    try:
        if found is None:
            raise ValueError
        access_key, secret, day = found.groups()
        return PageKeySettings(access_key, secret, a_day(day) if day else None)
    except ValueError:
        raise ValueError(
            f"has no key in place {number}: write ACCESS_KEY:SECRET, or "
            "ACCESS_KEY:SECRET:2028-11-22 with the day on which it ends, and a space between two"
        ) from None


def _locale(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]{2})?", text, re.ASCII):
        raise ValueError(f'is "{text}": use a locale such as en-us')
    return text


def read_hosted(read: SettingsSource, *, pays: bool) -> HostedSettings | None:
    """The settings of the payment page; None if nothing is set and learners do not pay there."""
    given = [name for name in _NEEDED if read.given(name)]
    if not given and not pays:
        return None
    for name in _NEEDED:
        if name not in given:
            because = f"{PREFIX}PAY_AT is hosted-page" if pays else "the others are set"
            read.wrong(f"{PREFIX}{name} is missing, and {because}")
    return HostedSettings(
        read.get("SECURE_ACCEPTANCE_URL", "https://testsecureacceptance.cybersource.com", origin),
        read.get("SECURE_ACCEPTANCE_PROFILE_ID", "-", any_text),
        read.optional("SECURE_ACCEPTANCE_KEYS", keys) or (),
        read.get("SECURE_ACCEPTANCE_LOCALE", "en-us", _locale),
        pays,
    )
