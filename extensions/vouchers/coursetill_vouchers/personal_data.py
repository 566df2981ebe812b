"""Personal data in vouchers, exported and erased together with the shop's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from adapters.sql.extension_tables import ExtensionTables
from core.identity import EmailAddress, LearnerId, NotAnEmailAddress
from coursetill_vouchers.records import SqlVouchers
from coursetill_vouchers.voucher import Voucher, VoucherSearch

FORGOTTEN = "forgotten"


@attrs.frozen
class LearnersVouchers:
    """The vouchers that a learner entered, and those with their address."""

    tables: ExtensionTables

    def export(self, learner: LearnerId, email: str, /) -> Mapping[str, Any]:
        with self.tables.read() as connection:
            found = _of(connection, learner, email)
        if not found:
            return {}
        return {
            "vouchers": [
                {
                    "number": voucher.document.number,
                    "employer": voucher.document.employer,
                    "employee": voucher.document.employee,
                    "email": str(voucher.document.email or ""),
                    "course": voucher.document.course,
                    "amount": voucher.document.amount.plain,
                    "currency": voucher.document.amount.currency.code,
                    "state": voucher.state.value,
                }
                for voucher in found
            ]
        }

    def forget(self, learner: LearnerId, email: str, /) -> None:
        with self.tables.change() as connection:
            for voucher in _of(connection, learner, email):
                SqlVouchers(connection).anonymise(voucher, FORGOTTEN)


def _of(connection: sa.Connection, learner: LearnerId, email: str) -> tuple[Voucher, ...]:
    vouchers = SqlVouchers(connection)
    found = list(vouchers.search(VoucherSearch(learner=learner, limit=1000))) if learner else []
    try:
        address = EmailAddress.of(email)
    except NotAnEmailAddress:
        return tuple(found)
    named = vouchers.search(VoucherSearch(email=address, limit=1000))
    return tuple({voucher.id: voucher for voucher in (*found, *named)}.values())
