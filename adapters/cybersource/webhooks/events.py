"""Webhook events: the meaning of each event name, and the fields of its payload."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import attrs

from adapters.cybersource.payments.payment_results import stored_fields
from adapters.cybersource.payments.status_codes import (
    HELD,
    PAYMENT_STATUSES,
    StatusMeaning,
    card_in,
    decline_sentence,
    refund_refusal,
)
from adapters.cybersource.rest.json_fields import JsonFields
from core.payments.gateway import (
    Answer,
    Captured,
    Declined,
    InReview,
    RefundAccepted,
    RefundAnswer,
    RefundFailed,
    RefundSettled,
)
from core.payments.notice import About

_log = logging.getLogger("coursetill.cybersource")

_PAYMENT, _REFUND, _UNDOING = About.PAYMENT, About.REFUND, About.UNDOING
_CAPTURE = About.CAPTURE
_ASK = StatusMeaning.UNCLEAR
_OURS = re.compile(r"[A-Z0-9-]{1,50}", re.ASCII)
_GATEWAY_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)

EVENTS: Mapping[str, tuple[About, StatusMeaning]] = {
    # The names in the guide of 2026. All our payments are sales, so an accepted authorisation is
    # a capture as well.
    "payments.authorization.status.accepted": (_PAYMENT, StatusMeaning.TAKEN),
    "payments.authorization.status.reviewed": (_PAYMENT, StatusMeaning.HELD),
    "payments.authorization.status.rejected": (_PAYMENT, StatusMeaning.DECLINED),
    "payments.authorization.status.partiallyApproved": (_PAYMENT, StatusMeaning.PART),
    # A capture has an id of its own: only a search can find its payment.
    "payments.capture.status.accepted": (_CAPTURE, _ASK),
    "payments.capture.status.updated": (_CAPTURE, _ASK),
    "payments.void.status.accepted": (_UNDOING, _ASK),
    "payments.void.status.rejected": (_PAYMENT, _ASK),
    "payments.reversal.status.accepted": (_UNDOING, _ASK),
    "payments.reversal.status.rejected": (_PAYMENT, _ASK),
    "payments.refund.status.accepted": (_REFUND, StatusMeaning.TAKEN),
    "payments.refund.status.updated": (_REFUND, StatusMeaning.TAKEN),
    "payments.refund.status.rejected": (_REFUND, StatusMeaning.DECLINED),
    "uc.orders.transactionresults": (_CAPTURE, _ASK),
    "payments.payments.updated": (_PAYMENT, _ASK),
    # Older names, which the guide no longer lists.
    "payments.payments.accept": (_PAYMENT, StatusMeaning.TAKEN),
    "payments.payments.review": (_PAYMENT, StatusMeaning.HELD),
    "payments.payments.reject": (_PAYMENT, StatusMeaning.DECLINED),
    "payments.payments.partial.approval": (_PAYMENT, StatusMeaning.PART),
    "payments.captures.accept": (_CAPTURE, _ASK),
    "payments.captures.review": (_PAYMENT, _ASK),
    "payments.captures.reject": (_PAYMENT, _ASK),
    "payments.voids.accept": (_UNDOING, _ASK),
    "payments.voids.reject": (_PAYMENT, _ASK),
    "payments.reversals.accept": (_UNDOING, _ASK),
    "payments.reversals.reject": (_PAYMENT, _ASK),
    "payments.refunds.accept": (_REFUND, StatusMeaning.TAKEN),
    "payments.refunds.reject": (_REFUND, StatusMeaning.DECLINED),
    "payments.refunds.partial.approval": (_REFUND, _ASK),
    # A person decided about a payment in review. No document lists these two.
    "risk.casemanagement.decision.accept": (_PAYMENT, _ASK),
    "risk.casemanagement.decision.reject": (_PAYMENT, _ASK),
}
"""The subject of each event, and its outcome. `UNCLEAR` and `PART` lead to an enquiry."""

REFUND_STATUSES: Mapping[str, StatusMeaning] = {
    "PENDING": StatusMeaning.HELD,
    "ACCEPTED": StatusMeaning.HELD,
    "BATCHED": StatusMeaning.TAKEN,
    "TRANSMITTED": StatusMeaning.TAKEN,
    "SETTLED": StatusMeaning.TAKEN,
    "DECLINED": StatusMeaning.DECLINED,
    "REJECTED": StatusMeaning.DECLINED,
    "FAILED": StatusMeaning.DECLINED,
    "VOIDED": StatusMeaning.DECLINED,
    "CANCELLED": StatusMeaning.DECLINED,
}
"""The status of a refund: accepted (`HELD`), settled (`TAKEN`) or failed (`DECLINED`)."""


@attrs.frozen
class Payload:
    """The payload of an event. Its fields may be at any of three levels."""

    _levels: tuple[JsonFields, ...]

    @classmethod
    def of(cls, payload: JsonFields) -> Payload:
        # Unified Checkout puts all fields except id and status one level deeper.
        return cls((payload, payload.part("details"), payload.part("data")))

    @property
    def gateway_id(self) -> str:
        found = self._text("id")
        return found if _GATEWAY_ID.fullmatch(found) else ""

    @property
    def status(self) -> str:
        return self._text("status").upper()

    @property
    def code(self) -> str:
        """Our reference or refund id, or "" if it is neither."""
        return _ours(self._text("clientReferenceInformation.code"))

    @property
    def attempt(self) -> str:
        """Our attempt's id, or "" if the payload has none."""
        named = [self._text("clientReferenceInformation.transactionId")]
        for level in self._levels:
            marks = level.parts("merchantDefinedInformation")
            named += [each.text("value") for each in marks if each.text("key") == "1"]
        return next(filter(None, map(_ours, named)), "")

    @property
    def went_well(self) -> bool:
        """Whether the status means that the money was taken, or soon will be."""
        taken = PAYMENT_STATUSES.get(self.status) is StatusMeaning.TAKEN
        return taken or REFUND_STATUSES.get(self.status) in (
            StatusMeaning.HELD,
            StatusMeaning.TAKEN,
        )

    def payment(self, meaning: StatusMeaning) -> Answer | None:
        """The outcome of the payment; None if an enquiry is needed."""
        level = self._with_amount
        amount = level.money("orderInformation.amountDetails", "authorizedAmount", "totalAmount")
        by_status = PAYMENT_STATUSES.get(self.status)
        if amount is None or not self.gateway_id or not self.attempt or by_status is not meaning:
            return None
        if meaning is StatusMeaning.TAKEN:
            return Captured(self.gateway_id, amount, card_in(level), stored_fields(level))
        if meaning is StatusMeaning.HELD:
            return InReview(self.gateway_id, HELD)
        if meaning is StatusMeaning.DECLINED:
            reason = self._text("errorInformation.reason")
            return Declined(decline_sentence(reason)[0], self.gateway_id)
        return None

    def refund(self, meaning: StatusMeaning) -> RefundAnswer | None:
        """The state of the refund; None if an enquiry is needed."""
        level = self._with_amount
        amount = level.money("refundAmountDetails", "refundAmount") or level.money(
            "orderInformation.amountDetails", "totalAmount"
        )
        by_status = REFUND_STATUSES.get(self.status)
        if amount is None or not self.gateway_id or by_status is None:
            return None
        failed = by_status is StatusMeaning.DECLINED
        if failed is not (meaning is StatusMeaning.DECLINED) or meaning is StatusMeaning.UNCLEAR:
            return None
        if failed:
            return RefundFailed(refund_refusal(self.status))
        answer = RefundSettled if by_status is StatusMeaning.TAKEN else RefundAccepted
        return answer(self.gateway_id, stored_fields(level))

    @property
    def raw(self) -> dict[str, str]:
        """The fields that may be stored: no card, personal or token data."""
        found: dict[str, str] = {}
        for level in reversed(self._levels):
            found |= stored_fields(level)
        return found

    @property
    def _with_amount(self) -> JsonFields:
        """The level that holds the amount."""
        names = ("orderInformation.amountDetails", "refundAmountDetails")
        with_amount = (each for each in self._levels if any(each.part(n).content for n in names))
        return next(with_amount, self._levels[0])

    def _text(self, path: str) -> str:
        return next(filter(None, (level.text(path) for level in self._levels)), "")


def _ours(text: str) -> str:
    return text if _OURS.fullmatch(text) else ""
