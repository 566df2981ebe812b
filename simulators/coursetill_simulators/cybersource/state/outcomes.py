"""
The outcomes of payments, and the cards, amounts and postal codes that cause them.

CyberSource publishes test card numbers that are accepted, but **none that are declined**. So the
numbers in `CARDS` are INVENTED for this simulator: they pass the Luhn check, have no meaning
elsewhere, and digits 13 to 15 are the reason code that they cause (9xx: a connection fault). The
amounts are those documented for Visa Platform Connect; postal code 46282 declines any card. The
documents give the status of only some reasons: 200, 201 and 230 are assumed to be held for review,
as in the table of Secure Acceptance.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum

import attrs

from coursetill_simulators.cybersource.faults.reply_faults import Fault, FaultKind
from coursetill_simulators.cybersource.wire_format.amounts import half_of


class Share(Enum):
    """The part of the amount that the bank approves."""

    ALL = "all"
    PART = "part"
    NONE = "none"


@attrs.frozen(kw_only=True)
class Outcome:
    """
    One outcome of a payment.

    `code` is the three-digit reason code in searches, `flag` the text beside it. A `refused`
    payment is answered with HTTP 400 and gets no ledger entry.
    """

    name: str
    says: str
    status: str
    code: str
    flag: str
    share: Share
    reason: str | None = None
    message: str = "Request was processed successfully."
    response_code: str = "00"
    refused: bool = False
    fault: Fault | None = None


def _declined(name: str, code: str, reason: str, *, says: str, response_code: str) -> Outcome:
    return Outcome(
        name=name,
        says=says,
        status="DECLINED",
        code=code,
        flag="DCARDEXPIRED" if code == "202" else "DCARDREFUSED",
        share=Share.NONE,
        reason=reason,
        message=f"Decline - {says}.",
        response_code=response_code,
    )


def _held(name: str, code: str, reason: str, *, says: str, flag: str) -> Outcome:
    return Outcome(
        name=name,
        says=says,
        status="AUTHORIZED_PENDING_REVIEW",
        code=code,
        flag=flag,
        share=Share.ALL,
        reason=reason,
        message=f"Review - {says}.",
    )


def _troubled(name: str, says: str, fault: Fault) -> Outcome:
    return attrs.evolve(AUTHORIZED, name=name, says=says, fault=fault)


AUTHORIZED = Outcome(
    name="authorized",
    says="Approved",
    status="AUTHORIZED",
    code="100",
    flag="SOK",
    share=Share.ALL,
)
PARTIAL = Outcome(
    name="partial",
    says="Approved for half of the amount",
    status="PARTIAL_AUTHORIZED",
    code="110",
    flag="SPARTIALAPPROVAL",
    share=Share.PART,
)
RISK_DECLINED = Outcome(
    name="risk-declined",
    says="Rejected by Decision Manager",
    status="AUTHORIZED_RISK_DECLINED",
    code="481",
    flag="DSCORE",
    share=Share.NONE,
    reason="DECISION_PROFILE_REJECT",
    message="Reject - rejected by Decision Manager.",
)
# 3-D Secure failed, so no authorisation was requested.
AUTHENTICATION_FAILED = Outcome(
    name="authentication-failed",
    says="Payer authentication failed",
    status="DECLINED",
    code="476",
    flag="DAUTHENTICATIONFAILED",
    share=Share.NONE,
    reason="CONSUMER_AUTHENTICATION_FAILED",
    message="The cardholder cannot be authenticated.",
)
INSUFFICIENT_FUNDS = _declined(
    "insufficient-funds",
    "204",
    "INSUFFICIENT_FUND",
    says="Insufficient funds in the account",
    response_code="51",
)
GENERAL_DECLINE = _declined(
    "general-decline",
    "203",
    "PROCESSOR_DECLINED",
    says="General decline of the card",
    response_code="05",
)
AVS_REVIEW = _held("avs-review", "200", "AVS_FAILED", says="Address does not match", flag="DAVSNO")
CVN_REVIEW = _held(
    "cvn-review", "230", "CV_FAILED", says="Security code does not match", flag="DCV"
)

OUTCOMES: Mapping[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        AUTHORIZED,
        PARTIAL,
        INSUFFICIENT_FUNDS,
        _declined("expired-card", "202", "EXPIRED_CARD", says="Expired card", response_code="54"),
        GENERAL_DECLINE,
        _declined(
            "stolen-card", "205", "STOLEN_LOST_CARD", says="Stolen or lost card", response_code="43"
        ),
        _declined(
            "issuer-unavailable",
            "207",
            "ISSUER_UNAVAILABLE",
            says="Issuer not available",
            response_code="91",
        ),
        _declined(
            "wrong-cvn", "211", "INVALID_CVN", says="Wrong security code", response_code="N7"
        ),
        AVS_REVIEW,
        CVN_REVIEW,
        _held(
            "review",
            "480",
            "DECISION_PROFILE_REVIEW",
            says="Held by Decision Manager",
            flag="DREVIEW",
        ),
        RISK_DECLINED,
        Outcome(
            name="authentication-required",
            says="Payer authentication required",
            status="PENDING_AUTHENTICATION",
            code="475",
            flag="DAUTHENTICATE",
            share=Share.NONE,
            reason="CONSUMER_AUTHENTICATION_REQUIRED",
            message="The cardholder is enrolled in payer authentication.",
        ),
        Outcome(
            name="processor-unavailable",
            says="Processor not available: refused, nothing happened",
            status="INVALID_REQUEST",
            code="236",
            flag="EPROCESSOR",
            share=Share.NONE,
            reason="PROCESSOR_UNAVAILABLE",
            message="Decline - processor failure.",
            refused=True,
        ),
        _troubled(
            "system-error",
            "502 SYSTEM_ERROR, nothing happened",
            Fault(kind=FaultKind.SYSTEM_ERROR, committed=False),
        ),
        _troubled(
            "server-timeout",
            "502 SERVER_TIMEOUT, yet the money was taken",
            Fault(kind=FaultKind.SERVER_TIMEOUT),
        ),
        _troubled("lost-reply", "Approved, but the reply is lost", Fault(kind=FaultKind.DROP)),
        _troubled("html-502", "Approved, answered by an HTML 502", Fault(kind=FaultKind.HTML)),
        _troubled("slow", "Approved, but slowly", Fault(kind=FaultKind.DELAY)),
        _troubled("cut-reply", "Approved, the reply breaks off", Fault(kind=FaultKind.CUT)),
        _troubled(
            "lost-request",
            "The connection drops, nothing happened",
            Fault(kind=FaultKind.DROP, committed=False),
        ),
    )
}

# Invented for this simulator; see above.
CARDS: Mapping[str, str] = {
    "4000000000001109": "partial",
    "4000000000002040": "insufficient-funds",
    "4000000000002024": "expired-card",
    "4000000000002032": "general-decline",
    "4000000000002057": "stolen-card",
    "4000000000002073": "issuer-unavailable",
    "4000000000002115": "wrong-cvn",
    "4000000000002008": "avs-review",
    "4000000000002305": "cvn-review",
    "4000000000004806": "review",
    "4000000000004814": "risk-declined",
    "4000000000004756": "authentication-required",
    "4000000000002362": "processor-unavailable",
    "4000000000001505": "system-error",
    "4000000000001513": "server-timeout",
    "4000000000009011": "lost-reply",
    "4000000000009029": "html-502",
    "4000000000009037": "slow",
    "4000000000009045": "cut-reply",
    "4000000000009052": "lost-request",
}

# Documented for Visa Platform Connect, in whole units of any currency.
AMOUNTS: Mapping[Decimal, str] = {
    Decimal("40"): "avs-review",
    Decimal("50"): "avs-review",
    Decimal("6001"): "avs-review",
    Decimal("6002"): "cvn-review",
    Decimal("6003"): "partial",
}

DECLINED_POSTAL_CODE = "46282"

# Documented: accepted with any future expiry and any security code.
ACCEPTED_CARDS: Mapping[str, str] = {
    "4111111111111111": "Visa",
    "5555555555554444": "Mastercard",
    "378282246310005": "American Express",
    "6011111111111117": "Discover",
    "3566111111111113": "JCB",
    "38000000000006": "Diners Club",
    "6000340000009859": "Maestro",
}


def approved_of(amount: Decimal, share: Share) -> Decimal:
    """The approved part of `amount`."""
    match share:
        case Share.ALL:
            return amount
        case Share.PART:
            return half_of(amount)
        case Share.NONE:
            return Decimal(0)


def outcome_of(
    number: str, amount: Decimal, postal_code: str | None, *, amount_triggers: bool
) -> Outcome:
    """The outcome of a payment: by card number, else by amount, else by postal code."""
    if number in CARDS:
        return OUTCOMES[CARDS[number]]
    if amount_triggers and amount in AMOUNTS:
        return OUTCOMES[AMOUNTS[amount]]
    if postal_code == DECLINED_POSTAL_CODE:
        return GENERAL_DECLINE
    return AUTHORIZED
