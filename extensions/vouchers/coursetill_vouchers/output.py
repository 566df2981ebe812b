"""Output of vouchers: text for staff, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from core.money import Money
from coursetill_vouchers.voucher import Voucher, VoucherEntry


def shape(voucher: Voucher, *, used: bool, history: Iterable[VoucherEntry] = ()) -> dict[str, Any]:
    """A voucher as JSON, with times in UTC."""
    document = voucher.document
    return {
        "id": voucher.id,
        "number": document.number,
        "employer": document.employer,
        "employee": document.employee,
        "email": document.email.text if document.email else None,
        "course": document.course,
        "amount": document.amount.plain,
        "currency": document.amount.currency.code,
        "valid_until": document.valid_until.isoformat() if document.valid_until else None,
        "state": voucher.state.value,
        "used": used,
        "learner": voucher.learner,
        "sku": voucher.sku.text if voucher.sku else None,
        "code": voucher.code.text,
        "history": [
            {
                "at": entry.at.isoformat(),
                "by": str(entry.by),
                "state": entry.state.value,
                "why": entry.why,
            }
            for entry in history
        ],
    }


@attrs.frozen
class VoucherWords:
    """Text output, with times in the time zone of the settings."""

    zone: ZoneInfo

    titles = ("Number", "Employer", "Employee", "Course", "Amount", "State", "Id")

    def row(self, voucher: Voucher, *, used: bool) -> Sequence[str]:
        document = voucher.document
        return (
            document.number,
            document.employer,
            document.employee,
            voucher.sku.text if voucher.sku else document.course,
            _money(document.amount),
            "used" if used else voucher.state.value,
            voucher.id,
        )

    def facts(self, voucher: Voucher, *, used: bool) -> Sequence[tuple[str, str]]:
        document = voucher.document
        until = document.valid_until
        return (
            ("Number", document.number),
            ("Id", voucher.id),
            ("Employer", document.employer),
            ("Employee", document.employee),
            ("E-mail", document.email.text if document.email else ""),
            ("Learner", voucher.learner or ""),
            ("Course", document.course),
            ("Amount", _money(document.amount)),
            ("Valid until", f"{until - timedelta(1):%Y-%m-%d}" if until else ""),
            ("State", "used" if used else voucher.state.value),
            ("Pays for", voucher.sku.text if voucher.sku else ""),
            ("Discount", voucher.code.text if voucher.state.value == "issued" else ""),
        )

    def entry(self, entry: VoucherEntry) -> str:
        return f"{self._moment(entry.at)}  {entry.state.value:<9}  {entry.by}: {entry.why}"

    def _moment(self, at: datetime) -> str:
        return at.astimezone(self.zone).isoformat(" ", "minutes")


def _money(amount: Money) -> str:
    code = amount.currency.code
    return str(amount) if code in str(amount) else f"{amount} {code}"
