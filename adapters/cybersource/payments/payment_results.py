"""What CyberSource told us of one payment: by its reply, or by a row of a search."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import attrs

from adapters.cybersource.payments.status_codes import (
    GENERAL_DECLINE,
    PAYMENT_STATUSES,
    REASON_CODES,
    StatusMeaning,
    card_in,
    card_of,
    decline_sentence,
)
from adapters.cybersource.payments.transaction_search import applications, code_in, is_marked
from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.jwts import content_of
from adapters.cybersource.unified_checkout.flow import is_automatic
from core.money import Money
from core.payments.attempt import Attempt
from core.payments.transaction import Card

_log = logging.getLogger("coursetill.cybersource")

_GATEWAY_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_CLOCKS_APART = timedelta(seconds=10)
_LATEST_ARRIVAL = timedelta(minutes=10)
_LATEST_COMPLETION = timedelta(minutes=30)

_KEPT = {
    "id": "id",
    "status": "status",
    "submitted_at": "submitTimeUtc",
    "reconciliation_id": "reconciliationId",
    "code": "clientReferenceInformation.code",
    "transaction_id": "clientReferenceInformation.transactionId",
    "reason": "errorInformation.reason",
    "reason_code": "applicationInformation.reasonCode",
    "approval_code": "processorInformation.approvalCode",
    "response_code": "processorInformation.responseCode",
    "network_transaction_id": "processorInformation.networkTransactionId",
    "avs": "processorInformation.avs.code",
}
"""All that is ever kept of a reply: nothing of a card, a person or a token is among it."""


@attrs.frozen(kw_only=True)
class PaymentResult:
    """One payment as CyberSource tells it. `at` is when it says that it got the request."""

    gateway_id: str
    meaning: StatusMeaning
    reason: str = ""
    amount: Money | None = None
    card: Card | None = None
    at: datetime | None = None
    raw: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def sentence(self) -> str:
        """Why it was declined, for the learner; a reason that is in no table is logged."""
        sentence, known = decline_sentence(self.reason)
        if not known:
            _log.warning("unlisted decline reason, told as: %s", GENERAL_DECLINE)
        return sentence


def result_of_reply(reply: JsonFields, attempt: Attempt, token: str) -> PaymentResult | None:
    """What a 201 to our charge says; None where it cannot be taken for an answer to it."""
    gateway_id = reply.text("id")
    meaning = PAYMENT_STATUSES.get(reply.text("status"))
    code = reply.text("clientReferenceInformation.code") or attempt.reference
    if meaning is None or not _GATEWAY_ID.fullmatch(gateway_id) or code != attempt.reference:
        _log.error("operation=charge ours=%s outcome=unlisted status, or another code", attempt.id)
        return None
    return PaymentResult(
        gateway_id=gateway_id,
        meaning=meaning,
        reason=reply.text("errorInformation.reason"),
        amount=reply.money("orderInformation.amountDetails", "authorizedAmount", "totalAmount"),
        card=_card_typed(token) or card_in(reply),
        raw=stored_fields(reply),
    )


def result_of_row(row: JsonFields, attempt: Attempt) -> PaymentResult | None:
    """What a row of a search says of this attempt; None where it is about something else.

    A row is this attempt's where it carries the attempt's id. Where it carries none, it is so by
    code, amount and time together. Money that was taken at another time makes it unclear: it is
    better to ask a person than to guess.
    """
    services = applications(row)
    if not {"ics_auth", "ics_bill"} & services.keys() or "ics_credit" in services:
        return None
    if row.text("clientReferenceInformation.code") != attempt.reference:
        return None
    if not _GATEWAY_ID.fullmatch(row.text("id")):
        return None
    marked = is_marked(row, attempt.id)
    told = _result(row, services)
    if marked is not None:
        return told if marked else None
    if told.amount != attempt.amount:
        return None
    if _timely(told, attempt):
        return told
    lost = told.meaning in (StatusMeaning.DECLINED, StatusMeaning.UNCLEAR)
    return None if lost else attrs.evolve(told, meaning=StatusMeaning.UNCLEAR)


def stored_fields(fields: JsonFields) -> dict[str, str]:
    """The part of a reply that may be kept."""
    texts = {name: fields.text(path) for name, path in _KEPT.items()}
    return {name: text[:100] for name, text in texts.items() if text}


def _result(row: JsonFields, services: Mapping[str, str]) -> PaymentResult:
    code = code_in(row, "applicationInformation.reasonCode") or services.get("ics_auth", "")
    meaning, reason = REASON_CODES.get(code, (StatusMeaning.UNCLEAR, ""))
    if code not in REASON_CODES:
        _log.error("operation=search outcome=unlisted reason code")
    if meaning is StatusMeaning.TAKEN and services.get("ics_bill") != code:
        meaning = StatusMeaning.ONLY_AUTHORIZED
    if meaning is not StatusMeaning.DECLINED and services.get("ics_auth_reversal") == "100":
        meaning, reason = StatusMeaning.DECLINED, "GENERAL_DECLINE"
    return PaymentResult(
        gateway_id=row.text("id"),
        meaning=meaning,
        reason=reason,
        amount=row.money("orderInformation.amountDetails", "totalAmount"),
        card=card_in(row),
        # Details, and they alone, write the name in capitals.
        at=moment(row.text("submitTimeUtc") or row.text("submitTimeUTC")),
        raw=stored_fields(row),
    )


def _timely(told: PaymentResult, attempt: Attempt) -> bool:
    since, latest = attempt.sent_at or attempt.opened_at, _LATEST_ARRIVAL
    by_form = attempt.form_takes_payment or is_automatic(attempt.session)
    if is_automatic(attempt.session):
        # The form charges before we hear of it, as long as its session lasts.
        since, latest = attempt.opened_at, _LATEST_COMPLETION
    elif attempt.form_takes_payment and attempt.session_expires_at is not None:
        # Paid on CyberSource's own page, to which the way may have been shown more than once.
        since = attempt.opened_at
        latest = attempt.session_expires_at - since + _LATEST_ARRIVAL
    # The form before may have ended in a decline just before this one was opened. A decline that
    # is missed costs nothing; one that is taken for this form's hides a payment in it.
    apart = timedelta() if by_form and told.meaning is StatusMeaning.DECLINED else _CLOCKS_APART
    at = told.at
    return at is not None and since - apart <= at <= since + latest


def moment(text: str) -> datetime | None:
    """The moment that text says, in UTC where it names no zone; None where it says none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _card_typed(token: str) -> Card | None:
    """The card that the token stands for: all that it says is kind, mask and expiry."""
    card = content_of(token).part("content.paymentInformation.card")
    return card_of(card.text("type.value"), card.text("number.maskedValue")[-4:])
