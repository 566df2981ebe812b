"""The result of one payment, read from a reply or from a row of a search."""

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

_STORED = {
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
"""The only fields of a reply that are stored: no card, personal or token data."""


@attrs.frozen(kw_only=True)
class PaymentResult:
    """The result of one payment. `at` is when CyberSource received the request."""

    gateway_id: str
    meaning: StatusMeaning
    reason: str = ""
    amount: Money | None = None
    card: Card | None = None
    at: datetime | None = None
    raw: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def sentence(self) -> str:
        """Why it was declined, for the learner. An unlisted reason is logged."""
        sentence, known = decline_sentence(self.reason)
        if not known:
            _log.warning("unlisted decline reason, shown as: %s", GENERAL_DECLINE)
        return sentence


def result_of_reply(reply: JsonFields, attempt: Attempt, token: str) -> PaymentResult | None:
    """Read a 201 reply to a charge; None if it is not a usable answer to that charge."""
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
    """Read a row of a search; None if it does not belong to this attempt.

    A row belongs to the attempt if it carries the attempt's id. A row without any id belongs to
    it if code, amount and time all match. If only the time differs and money was taken, the
    result is unclear: a person should decide, rather than a guess.
    """
    services = applications(row)
    if not {"ics_auth", "ics_bill"} & services.keys() or "ics_credit" in services:
        return None
    if row.text("clientReferenceInformation.code") != attempt.reference:
        return None
    if not _GATEWAY_ID.fullmatch(row.text("id")):
        return None
    marked = is_marked(row, attempt.id)
    result = _result(row, services)
    if marked is not None:
        return result if marked else None
    if result.amount != attempt.amount:
        return None
    if _timely(result, attempt):
        return result
    no_money = result.meaning in (StatusMeaning.DECLINED, StatusMeaning.UNCLEAR)
    return None if no_money else attrs.evolve(result, meaning=StatusMeaning.UNCLEAR)


def stored_fields(fields: JsonFields) -> dict[str, str]:
    """The fields of a reply that may be stored."""
    texts = {name: fields.text(path) for name, path in _STORED.items()}
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
        # Only transaction details write the last letters in capitals.
        at=moment(row.text("submitTimeUtc") or row.text("submitTimeUTC")),
        raw=stored_fields(row),
    )


def _timely(result: PaymentResult, attempt: Attempt) -> bool:
    since, latest = attempt.sent_at or attempt.opened_at, _LATEST_ARRIVAL
    by_form = attempt.form_takes_payment or is_automatic(attempt.session)
    if is_automatic(attempt.session):
        # The form can charge at any time in its session, before the shop learns of it.
        since, latest = attempt.opened_at, _LATEST_COMPLETION
    elif attempt.form_takes_payment and attempt.session_expires_at is not None:
        # Paid on CyberSource's page; the learner may have opened that page more than once.
        since = attempt.opened_at
        latest = attempt.session_expires_at - since + _LATEST_ARRIVAL
    # The earlier form may have ended in a decline just before this form was opened. To miss a
    # decline costs nothing; to assign it to this form would hide a payment made in this form.
    apart = timedelta() if by_form and result.meaning is StatusMeaning.DECLINED else _CLOCKS_APART
    at = result.at
    return at is not None and since - apart <= at <= since + latest


def moment(text: str) -> datetime | None:
    """Parse a date and time, in UTC if it has no time zone; None if it is not readable."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _card_typed(token: str) -> Card | None:
    """The card of a token. A token holds only its type, masked number and expiry."""
    card = content_of(token).part("content.paymentInformation.card")
    return card_of(card.text("type.value"), card.text("number.maskedValue")[-4:])
