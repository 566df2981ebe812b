"""A gateway account: it takes a payment, and only it can report that payment's result."""

from __future__ import annotations

import re
from typing import Any

import attrs

from core.errors import Unavailable

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_LONGEST_ACCOUNT = 100


def _is_name(_: object, field: attrs.Attribute[Any], value: str) -> None:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{field.name} {value!r} is not 1 to 40 of a-z, 0-9 and hyphen")


def _is_account(_: object, field: attrs.Attribute[Any], value: str) -> None:
    if not 1 <= len(value) <= _LONGEST_ACCOUNT or not value.isprintable() or value != value.strip():
        raise ValueError(f"{field.name} {value!r} is not 1 to {_LONGEST_ACCOUNT} plain letters")


@attrs.frozen
class GatewayAccount:
    """One merchant account at one payment gateway.

    `gateway` is the name of the gateway's plug-in. `account` is the merchant's id there.
    `environment` names the gateway's system, such as "test" or "production": the same merchant id
    may exist in both. Raises ValueError.

    A gateway's ids are unique only within one account.
    """

    gateway: str = attrs.field(validator=_is_name)
    account: str = attrs.field(validator=_is_account)
    environment: str = attrs.field(validator=_is_name)

    def __str__(self) -> str:
        return f"{self.account} at {self.gateway} ({self.environment})"


@attrs.frozen
class AccountNotConfigured(Unavailable):
    """The payment belongs to an account that is no longer in the settings."""

    account: GatewayAccount
