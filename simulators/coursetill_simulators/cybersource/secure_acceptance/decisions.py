"""Decisions and reason codes of Secure Acceptance, and the verdict on a payment."""

from collections.abc import Mapping
from enum import Enum

import attrs

from coursetill_simulators.cybersource.state.outcomes import (
    AUTHORIZED,
    OUTCOMES,
    PARTIAL,
    Outcome,
    Share,
)


class Decision(Enum):
    """The decision, on which the merchant acts."""

    ACCEPT = "ACCEPT"
    REVIEW = "REVIEW"
    DECLINE = "DECLINE"
    ERROR = "ERROR"
    CANCEL = "CANCEL"


@attrs.frozen(kw_only=True)
class Verdict:
    """
    The outcome of a payment on the page.

    `booked` says whether the ledger gets an entry. After an ERROR nothing else records it.
    """

    code: str
    decision: Decision
    message: str
    outcome: Outcome
    booked: bool = True


_SUCCESS = "Request was processed successfully."
_REVIEWED = {
    "200": "Soft Decline - The authorization request was approved but failed the AVS check.",
    "201": "Decline - The issuing bank has questions about the request.",
    "230": "Soft Decline - The authorization request was approved but failed the CVN check.",
    "480": "The order is marked for review by Decision Manager.",
    "520": "Soft Decline - The authorization request was declined based on Smart Authorization.",
}
_DECLINED = {
    "102": "One or more fields in the request contains invalid data.",
    "202": "Decline - Expired card.",
    "203": "Decline - General decline of the card.",
    "204": "Decline - Insufficient funds in the account.",
    "205": "Decline - Stolen or lost card.",
    "207": "Decline - Issuing bank unavailable.",
    "208": "Decline - Inactive card or not authorized for card-not-present transactions.",
    "209": "Decline - The card identification number did not match.",
    "210": "Decline - The card has reached the credit limit.",
    "211": "Decline - Invalid CVN.",
    "221": "Decline - The customer matched an entry on the negative file.",
    "222": "Decline - The account is frozen.",
    "231": "Decline - Invalid account number.",
    "232": "Decline - The card type is not accepted by the payment processor.",
    "233": "Decline - General decline by the processor.",
    "234": "Decline - There is a problem with the merchant configuration.",
    "236": "Decline - Processor failure.",
    "240": "Decline - The card type is invalid or does not correlate with the card number.",
    "475": "The customer is enrolled in payer authentication.",
    "476": "The customer cannot be authenticated.",
    "478": "Strong customer authentication is required for this transaction.",
    "481": "The order has been rejected by Decision Manager.",
}
_ERRORS = {
    "101": "Decline - The request is missing one or more fields.",
    "104": "The access_key and transaction_uuid fields match those of another request sent "
    "within the last 15 minutes.",
    "150": "Error - General system failure.",
    "151": "Error - The request was received but a server timeout occurred.",
    "152": "Error - The request was received but a service timeout occurred.",
}


def _declined(code: str, message: str) -> Outcome:
    known = [each for each in OUTCOMES.values() if each.code == code and each.fault is None]
    if known:
        return attrs.evolve(known[0], refused=False)
    return Outcome(
        name=f"reason-{code}",
        says=message,
        status="DECLINED",
        code=code,
        flag="DCARDREFUSED",
        share=Share.NONE,
        reason="PROCESSOR_DECLINED",
        message=message,
        response_code="05",
    )


def _reviewed(code: str, message: str) -> Outcome:
    return Outcome(
        name=f"reason-{code}",
        says=message,
        status="AUTHORIZED_PENDING_REVIEW",
        code=code,
        flag="DREVIEW",
        share=Share.ALL,
        reason="DECISION_PROFILE_REVIEW",
        message=message,
    )


def _verdicts() -> dict[str, Verdict]:
    accept, review = Decision.ACCEPT, Decision.REVIEW
    found = {
        "100": Verdict(code="100", decision=accept, message=_SUCCESS, outcome=AUTHORIZED),
        "110": Verdict(code="110", decision=accept, message=_SUCCESS, outcome=PARTIAL),
    }
    for code, text in _REVIEWED.items():
        outcome = _reviewed(code, text)
        found[code] = Verdict(code=code, decision=review, message=text, outcome=outcome)
    for code, text in _DECLINED.items():
        outcome = _declined(code, text)
        found[code] = Verdict(code=code, decision=Decision.DECLINE, message=text, outcome=outcome)
    for code, text in _ERRORS.items():
        # The server timed out after the bank's answer: the money was taken.
        found[code] = Verdict(
            code=code,
            decision=Decision.ERROR,
            message=text,
            outcome=AUTHORIZED,
            booked=code == "151",
        )
    return found


# By reason code. 104 cannot be chosen; a repetition causes it.
VERDICTS: Mapping[str, Verdict] = _verdicts()
CHOICES = tuple(code for code in VERDICTS if code != "104")
INVALID = attrs.evolve(
    VERDICTS["102"],
    decision=Decision.ERROR,
    message="One or more fields in the request contains invalid data",
    booked=False,
)


def verdict_of(outcome: Outcome) -> Verdict:
    """The verdict for a card, amount or postal code, the same as over REST."""
    if outcome.fault is not None:
        return VERDICTS["151" if outcome.fault.committed else "150"]
    return VERDICTS[outcome.code]
