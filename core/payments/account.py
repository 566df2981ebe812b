"""A gateway account: where a payment was taken, and the one place that can say how it ended."""

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

    `gateway` is the gateway's name, as its plug-in has it. `account` is the
    merchant's id there. `environment` says which of the gateway's systems it is, such as "test" or
    "production": the same merchant id may exist in both. Raises ValueError.

    Ids that a gateway gives are unique within one account, and nowhere else.
    """

    gateway: str = attrs.field(validator=_is_name)
    account: str = attrs.field(validator=_is_account)
    environment: str = attrs.field(validator=_is_name)

    def __str__(self) -> str:
        return f"{self.account} at {self.gateway} ({self.environment})"


@attrs.frozen
class AccountNotConfigured(Unavailable):
    """A payment belongs to an account that the settings do not name any more."""

    account: GatewayAccount
