"""Charging a card once, and finding out how that ended."""

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
"""Of several things told of one attempt, the first counts: money that moved outweighs a no."""


@attrs.frozen
class PaymentApi:
    """POST /pts/v2/payments, sent once for each attempt, and searches for what became of it."""

    _transport: Transport
    _searches: TransactionSearch
    _undoing: PartialApprovals

    def charge(self, attempt: Attempt, token: Token) -> Answer:
        """Capture the attempt's amount from the card behind token."""
        call = ApiCall(operation="charge", ours=attempt.id, path=PATH, body=_body(attempt, token))
        try:
            reply = self._transport.ask(call)
        except NotSent as why:
            return NotCarriedOut(f"the payment service could not be reached: {why}")
        except ApiRefusal as why:
            return _turned_away(why, attempt)
        except Lost as why:
            return Unknown(f"the payment service's answer was lost: {why}")
        told = result_of_reply(reply, attempt, token.text)
        if told is None:
            return Unknown("the payment service's answer could not be understood")
        return self.answer(attempt, told)

    def find(self, attempt: Attempt) -> Finding:
        """How the attempt ended, from every row that is about it: never from the last one alone."""
        try:
            rows = self._searches.rows(attempt.reference, attempt.id)
        except (NotSent, ApiRefusal, Lost) as why:
            return Unknown(f"the payment service could not be asked: {why}")
        found = [told for row in rows if (told := result_of_row(row, attempt)) is not None]
        # A refused repetition says nothing where what it repeats is there as well.
        found = [t for t in found if t.reason != "DUPLICATE_REQUEST"] or found
        if not found:
            return NotFound()
        taken = [told.gateway_id for told in found if told.meaning is StatusMeaning.TAKEN]
        if len(taken) > 1:
            _log.error("operation=find ours=%s outcome=captured %d times", attempt.id, len(taken))
        # Of equals the one that was sent first, and the rows come newest first.
        return self.answer(attempt, min(reversed(found), key=lambda t: _WEIGHT.index(t.meaning)))

    def answer(self, attempt: Attempt, told: PaymentResult) -> Answer:
        """What was told, in the words of the port; a part of the amount is let go of."""
        match told.meaning:
            case StatusMeaning.TAKEN | StatusMeaning.ONLY_AUTHORIZED:
                return _with_money(attempt, told)
            case StatusMeaning.PART:
                return self._undoing.of_part(attempt, told)
            case StatusMeaning.HELD:
                return InReview(told.gateway_id, HELD)
            case StatusMeaning.DECLINED:
                return Declined(told.sentence, told.gateway_id)
            case StatusMeaning.UNCLEAR:
                return Unknown("the payment service itself does not know yet")
            case _:
                assert_never(told.meaning)


def _with_money(attempt: Attempt, told: PaymentResult) -> Answer:
    """What was approved, at the amount that the gateway says, whatever we asked for."""
    if told.amount is None:
        return Unknown("the payment service did not say how much it took")
    if told.amount != attempt.amount:
        _log.error("operation=charge ours=%s outcome=another amount was approved", attempt.id)
    if told.meaning is StatusMeaning.ONLY_AUTHORIZED:
        return Authorized(told.gateway_id, told.amount)
    return Captured(told.gateway_id, told.amount, told.card, told.raw)


def _turned_away(why: ApiRefusal, attempt: Attempt) -> Answer:
    if why.reason == "DUPLICATE_REQUEST":
        return Unknown("the payment service has had this request before")
    if why.reason in CARD_REFUSALS:
        return Declined(decline_sentence(why.reason)[0])
    _log.error("operation=charge ours=%s outcome=our request was wrong: %s", attempt.id, why)
    return NotCarriedOut(f"the payment service refused our request: {why}")


def _body(attempt: Attempt, token: Token) -> dict[str, Any]:
    """What is charged. Amount and currency are ours: they supersede whatever the token says."""
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
        # Not every processor shows the transaction id in searches; these are always there.
        "merchantDefinedInformation": [{"key": "1", "value": attempt.id}],
    }
