"""Charges a card once, and finds the outcome."""

from __future__ import annotations

import logging
from typing import Any, assert_never

import attrs

from adapters.cybersource.payments.partial_approvals import PartialApprovals
from adapters.cybersource.payments.payment_results import (
    PaymentResult,
    result_of_reply,
    result_of_row,
)
from adapters.cybersource.payments.status_codes import (
    CARD_REFUSALS,
    HELD,
    StatusMeaning,
    decline_sentence,
)
from adapters.cybersource.payments.transaction_search import TransactionSearch
from adapters.cybersource.rest.transport import ApiCall, ApiRefusal, Transport
from adapters.http_client import Lost, NotSent
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Answer,
    Authorized,
    Captured,
    Declined,
    Finding,
    InReview,
    NotCarriedOut,
    NotFound,
    Token,
    Unknown,
)

_log = logging.getLogger("coursetill.cybersource")

PATH = "/pts/v2/payments"

_WEIGHT = (
    StatusMeaning.TAKEN,
    StatusMeaning.PART,
    StatusMeaning.ONLY_AUTHORIZED,
    StatusMeaning.HELD,
    StatusMeaning.UNCLEAR,
    StatusMeaning.DECLINED,
)
"""Priority among several results of one attempt: moved money comes before a decline."""


@attrs.frozen
class PaymentApi:
    """POST /pts/v2/payments, sent once for each attempt, and the search for its outcome."""

    _transport: Transport
    _searches: TransactionSearch
    _undoing: PartialApprovals

    def charge(self, attempt: Attempt, token: Token) -> Answer:
        """Capture the attempt's amount from the card of the token."""
        call = ApiCall(operation="charge", ours=attempt.id, path=PATH, body=_body(attempt, token))
        try:
            reply = self._transport.ask(call)
        except NotSent as why:
            return NotCarriedOut(f"the payment service could not be reached: {why}")
        except ApiRefusal as why:
            return _answer_to_refusal(why, attempt)
        except Lost as why:
            return Unknown(f"the payment service's answer was lost: {why}")
        result = result_of_reply(reply, attempt, token.text)
        if result is None:
            return Unknown("the payment service's answer could not be understood")
        return self.answer(attempt, result)

    def find(self, attempt: Attempt) -> Finding:
        """Find the outcome of an attempt from all its rows, not only from the last."""
        try:
            rows = self._searches.rows(attempt.reference, attempt.id)
        except (NotSent, ApiRefusal, Lost) as why:
            return Unknown(f"the payment service could not be asked: {why}")
        found = [result for row in rows if (result := result_of_row(row, attempt)) is not None]
        # Ignore a refused repetition if the original request is found too.
        found = [t for t in found if t.reason != "DUPLICATE_REQUEST"] or found
        if not found:
            return NotFound()
        taken = [result.gateway_id for result in found if result.meaning is StatusMeaning.TAKEN]
        if len(taken) > 1:
            _log.error("operation=find ours=%s outcome=captured %d times", attempt.id, len(taken))
        # Of equal results take the first that was sent; rows come newest first.
        return self.answer(attempt, min(reversed(found), key=lambda t: _WEIGHT.index(t.meaning)))

    def answer(self, attempt: Attempt, result: PaymentResult) -> Answer:
        """Turn a result into an answer of the port. A partial approval is undone."""
        match result.meaning:
            case StatusMeaning.TAKEN | StatusMeaning.ONLY_AUTHORIZED:
                return _with_money(attempt, result)
            case StatusMeaning.PART:
                return self._undoing.of_part(attempt, result)
            case StatusMeaning.HELD:
                return InReview(result.gateway_id, HELD)
            case StatusMeaning.DECLINED:
                return Declined(result.sentence, result.gateway_id)
            case StatusMeaning.UNCLEAR:
                return Unknown("the payment service itself does not know yet")
            case _:
                assert_never(result.meaning)


def _with_money(attempt: Attempt, result: PaymentResult) -> Answer:
    """The answer for approved money. The amount is CyberSource's, even if ours differs."""
    if result.amount is None:
        return Unknown("the payment service did not say how much it took")
    if result.amount != attempt.amount:
        _log.error("operation=charge ours=%s outcome=another amount was approved", attempt.id)
    if result.meaning is StatusMeaning.ONLY_AUTHORIZED:
        return Authorized(result.gateway_id, result.amount)
    return Captured(result.gateway_id, result.amount, result.card, result.raw)


def _answer_to_refusal(why: ApiRefusal, attempt: Attempt) -> Answer:
    if why.reason == "DUPLICATE_REQUEST":
        return Unknown("the payment service has had this request before")
    if why.reason in CARD_REFUSALS:
        return Declined(decline_sentence(why.reason)[0])
    _log.error("operation=charge ours=%s outcome=our request was wrong: %s", attempt.id, why)
    return NotCarriedOut(f"the payment service refused our request: {why}")


def _body(attempt: Attempt, token: Token) -> dict[str, Any]:
    """The body of a charge. Our amount and currency override those of the token."""
    return {
        "clientReferenceInformation": {"code": attempt.reference, "transactionId": attempt.id},
        "processingInformation": {"capture": True, "commerceIndicator": "internet"},
        "tokenInformation": {"transientTokenJwt": token.text},
        "orderInformation": {
            "amountDetails": {
                "totalAmount": attempt.amount.plain,
                "currency": attempt.amount.currency.code,
            }
        },
        # Not every processor shows the transaction id in searches; these fields always show.
        "merchantDefinedInformation": [{"key": "1", "value": attempt.id}],
    }
