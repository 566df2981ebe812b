"""The three columns that say which gateway account a row belongs to."""

from __future__ import annotations

import attrs

from adapters.sql.statements import AnyRow
from core.payments.account import GatewayAccount


def account_columns(account: GatewayAccount) -> dict[str, str]:
    """The values of the columns, by their names."""
    return attrs.asdict(account)


def account_of(row: AnyRow) -> GatewayAccount:
    """The account that a row belongs to."""
    return GatewayAccount(row.gateway, row.account, row.environment)
