"""Which gateway account rows belong to that were written before accounts were kept."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import sqlalchemy as sa

from core.errors import Refused
from core.payments.account import GatewayAccount


@attrs.frozen
class AccountIsNeeded(Refused):
    """The upgrade must store the account of earlier payments, and the settings do not say it.

    `gateways` are the names of the gateways that are configured: none, or several.
    """

    table: str
    gateways: tuple[str, ...] = ()


def required_account(
    connection: sa.Connection, tables: Iterable[str], account: GatewayAccount | None
) -> dict[str, str]:
    """The account as columns; empty text where the tables have no rows that would need it.

    Raises AccountIsNeeded where they have some and there is no account.
    """
    if account is not None:
        return attrs.asdict(account)
    for table in tables:
        if connection.scalar(sa.text(f"SELECT 1 FROM {table} LIMIT 1")) is not None:
            raise AccountIsNeeded(table)
    return {field.name: "" for field in attrs.fields(GatewayAccount)}
