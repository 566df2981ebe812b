"""Conversion between gateway answers and JSON, by class name and fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from core.money import Currency, Money
from core.payments.dispute import Dispute, DisputeStage
from core.payments.gateway import (
    Answer,
    Authorized,
    Cancelled,
    Captured,
    Declined,
    InReview,
    NotCarriedOut,
    RefundAccepted,
    RefundAnswer,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from core.payments.transaction import Card

_KINDS: Mapping[str, type[Answer | RefundAnswer | Dispute]] = {
    "captured": Captured,
    "authorized": Authorized,
    "declined": Declined,
    "in review": InReview,
    "cancelled": Cancelled,
    "not carried out": NotCarriedOut,
    "unknown": Unknown,
    "refund accepted": RefundAccepted,
    "refund settled": RefundSettled,
    "refund failed": RefundFailed,
    "dispute": Dispute,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def json_of(answer: Answer | RefundAnswer | Dispute) -> dict[str, Any]:
    """The answer as JSON."""
    fields = {field.name: getattr(answer, field.name) for field in attrs.fields(type(answer))}
    return {"kind": _NAMES[type(answer)], **{name: _plain(each) for name, each in fields.items()}}


def answer_of(kept: Mapping[str, Any]) -> Answer | RefundAnswer | Dispute:
    """The answer of a stored JSON object."""
    fields = {name: value for name, value in kept.items() if name != "kind"}
    if "amount" in fields:
        amount = fields["amount"]
        fields["amount"] = Money(amount["minor"], Currency[amount["currency"]])
    if "stage" in fields:
        fields["stage"] = DisputeStage(fields["stage"])
        fields["at"] = datetime.fromisoformat(fields["at"])
    if fields.get("card") is not None:
        fields["card"] = Card(**fields["card"])
    return _KINDS[kept["kind"]](**fields)


def _plain(value: object) -> Any:
    match value:
        case Money():
            return {"minor": value.minor, "currency": value.currency.code}
        case Card():
            return {"brand": value.brand, "last_four": value.last_four}
        case DisputeStage():
            return value.value
        case datetime():
            return value.isoformat()
        case Mapping():
            return dict(value)
        case _:
            return value
