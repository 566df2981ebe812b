"""Captures, voids and reversals of payments, each with a table of its answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import attrs

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.transport import ApiCall, ApiRefusal, Transport
from adapters.http_client import Lost, NotSent
from core.money import Money
from core.payments.gateway import Unknown

_log = logging.getLogger("coursetill.cybersource")


@attrs.frozen(kw_only=True)
class MovementDone:
    """It was carried out. `amount` is the amount in the reply, or None if the reply has none."""

    gateway_id: str
    status: str
    amount: Money | None = None


@attrs.frozen
class MovementRefused:
    """Nothing was carried out. `reason` is for staff."""

    reason: str


Outcome = MovementDone | MovementRefused | Unknown

CAPTURE_STATUSES: Mapping[str, bool] = {
    "PENDING": True,
    "TRANSMITTED": True,
    "DECLINED": False,
    "INVALID_REQUEST": False,
}
"""Status of a 201 reply to a capture: whether it was carried out."""

VOID_STATUSES: Mapping[str, bool] = {"VOIDED": True, "CANCELLED": True, "FAILED": False}
"""Status of a 201 reply to a void: whether it was carried out."""

REVERSAL_STATUSES: Mapping[str, bool] = {"REVERSED": True, "CANCELLED": True, "FAILED": False}
"""Status of a 201 reply to a reversal: whether it was carried out."""

_ANY_REFUSAL: Mapping[str, str] = {
    "INVALID_DATA": "the request had a field that CyberSource does not take",
    "MISSING_FIELD": "the request was incomplete",
    "INVALID_MERCHANT_CONFIGURATION": "the merchant account is not set up for this",
    "INVALID_AMOUNT": "the amount is not one that can be taken",
    "INVALID_PAYMENT_ID": "CyberSource does not know the payment",
    "NOT_SUPPORTED": "the card network or processor does not support this",
    "PROCESSOR_UNAVAILABLE": "the bank could not be reached",
}

CAPTURE_REFUSALS: Mapping[str, str] = {
    **_ANY_REFUSAL,
    "EXCEEDS_AUTH_AMOUNT": "the amount is more than was authorised",
    "AUTH_ALREADY_REVERSED": "the authorisation was reversed before",
    "TRANSACTION_ALREADY_SETTLED": "the payment was settled before",
    "TRANSACTION_ALREADY_REVERSED_OR_SETTLED": "the payment was reversed or settled before",
    "MISSING_AUTH": "there is no authorisation to capture",
}
VOID_REFUSALS: Mapping[str, str] = {
    **_ANY_REFUSAL,
    "NOT_VOIDABLE": "it was settled or voided before: only a refund can give it back",
}
REVERSAL_REFUSALS: Mapping[str, str] = {
    **_ANY_REFUSAL,
    "AUTH_ALREADY_REVERSED": "the authorisation was reversed before",
    "TRANSACTION_ALREADY_REVERSED_OR_SETTLED": "the payment was reversed or settled before",
    "TRANSACTION_ALREADY_SETTLED": "the payment was settled before: only a refund gives it back",
}


@attrs.frozen(kw_only=True)
class _Kind:
    """One kind of movement: its operation name, and how its answers are read."""

    operation: str
    statuses: Mapping[str, bool]
    refusals: Mapping[str, str]
    amount: tuple[str, str]


_CAPTURE = _Kind(
    operation="capture",
    statuses=CAPTURE_STATUSES,
    refusals=CAPTURE_REFUSALS,
    amount=("orderInformation.amountDetails", "totalAmount"),
)
_VOID = _Kind(
    operation="void",
    statuses=VOID_STATUSES,
    refusals=VOID_REFUSALS,
    amount=("voidAmountDetails", "voidAmount"),
)
_REVERSAL = _Kind(
    operation="reverse",
    statuses=REVERSAL_STATUSES,
    refusals=REVERSAL_REFUSALS,
    amount=("reversalAmountDetails", "reversedAmount"),
)


@attrs.frozen
class OwnReference:
    """Our references in a request: the code that searches use, and our unique id."""

    code: str
    id: str

    @property
    def body(self) -> dict[str, str]:
        return {"code": self.code, "transactionId": self.id}


@attrs.frozen
class CapturesAndVoids:
    """Captures, voids and reversals. Each is sent once; an unclear outcome is `Unknown`."""

    _transport: Transport

    def capture(self, payment: str, ours: OwnReference, amount: Money) -> Outcome:
        """Capture an authorised amount. The capture gets an id of its own."""
        order = {"amountDetails": _money(amount)}
        path = f"/pts/v2/payments/{quote(payment, safe='')}/captures"
        return self._moved(_CAPTURE, path, ours, orderInformation=order)

    def void(self, what: str, gateway_id: str, ours: OwnReference) -> Outcome:
        """Void one of `payments`, `captures`, `refunds` or `credits` before settlement."""
        path = f"/pts/v2/{what}/{quote(gateway_id, safe='')}/voids"
        return self._moved(_VOID, path, ours)

    def reverse(self, payment: str, ours: OwnReference, amount: Money) -> Outcome:
        """Release an authorised amount that is not captured."""
        released = {"amountDetails": _money(amount), "reason": "not needed"}
        path = f"/pts/v2/payments/{quote(payment, safe='')}/reversals"
        return self._moved(_REVERSAL, path, ours, reversalInformation=released)

    def void_lost(self, lost: OwnReference) -> Outcome:
        """Void a request whose answer was lost, by its unique id.

        CyberSource may answer that it knows no such request. Soon after, this proves nothing.
        """
        return self._moved(_VOID, "/pts/v2/voids", lost)

    def reverse_lost(self, lost: OwnReference, amount: Money) -> Outcome:
        """Release an authorisation whose answer was lost, by its unique id."""
        released = {"amountDetails": _money(amount), "reason": "no answer"}
        return self._moved(_REVERSAL, "/pts/v2/reversals", lost, reversalInformation=released)

    def _moved(self, kind: _Kind, path: str, ours: OwnReference, **body: Any) -> Outcome:
        call = ApiCall(
            operation=kind.operation,
            ours=ours.id,
            path=path,
            body={"clientReferenceInformation": ours.body, **body},
        )
        try:
            return _outcome(kind, self._transport.ask(call), ours)
        except NotSent as why:
            return MovementRefused(f"CyberSource could not be reached: {why}")
        except Lost as why:
            return Unknown(f"CyberSource's answer was lost: {why}")
        except ApiRefusal as why:
            return _refused(kind, why)


def _outcome(kind: _Kind, reply: JsonFields, ours: OwnReference) -> Outcome:
    status = reply.text("status").upper()
    done = kind.statuses.get(status)
    gateway_id = reply.text("id")
    if done is None or (done and not gateway_id):
        _log.error("operation=%s ours=%s outcome=unlisted status", kind.operation, ours.id)
        return Unknown("CyberSource's answer could not be understood")
    if not done:
        reason = reply.text("errorInformation.reason")
        return MovementRefused(kind.refusals.get(reason, f"it ended as {status}"))
    path, name = kind.amount
    return MovementDone(gateway_id=gateway_id, status=status, amount=reply.money(path, name))


def _refused(kind: _Kind, why: ApiRefusal) -> Outcome:
    if why.reason == "DUPLICATE_REQUEST":
        return Unknown("CyberSource has had this request before")
    known = kind.refusals.get(why.reason)
    return MovementRefused(f"{known} ({why})" if known else f"CyberSource refused it: {why}")


def _money(amount: Money) -> dict[str, str]:
    return {"totalAmount": amount.plain, "currency": amount.currency.code}
