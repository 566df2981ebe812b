"""The meaning of CyberSource's statuses, reason codes and refusals, one table each."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping

from adapters.cybersource.rest.json_fields import JsonFields
from core.payments.transaction import Card


class StatusMeaning(enum.Enum):
    """The outcome of a payment, for every way in which CyberSource states it."""

    TAKEN = "taken"
    PART = "part"
    ONLY_AUTHORIZED = "only-authorized"
    HELD = "held"
    DECLINED = "declined"
    UNCLEAR = "unclear"
    """A fault at CyberSource, or a repetition: only a search can clear it up."""


PAYMENT_STATUSES: Mapping[str, StatusMeaning] = {
    # The status of a sale is AUTHORIZED too: no status means "and captured".
    "AUTHORIZED": StatusMeaning.TAKEN,
    "PARTIAL_AUTHORIZED": StatusMeaning.PART,
    "AUTHORIZED_PENDING_REVIEW": StatusMeaning.HELD,
    "PENDING_REVIEW": StatusMeaning.HELD,
    "AUTHORIZED_RISK_DECLINED": StatusMeaning.DECLINED,
    "DECLINED": StatusMeaning.DECLINED,
    "PENDING_AUTHENTICATION": StatusMeaning.DECLINED,
}
"""Status of a 201 reply to POST /pts/v2/payments with capture. 201 alone proves nothing."""

REASON_CODES: Mapping[str, tuple[StatusMeaning, str]] = {
    "100": (StatusMeaning.TAKEN, ""),
    "110": (StatusMeaning.PART, ""),
    "104": (StatusMeaning.UNCLEAR, "DUPLICATE_REQUEST"),
    "150": (StatusMeaning.UNCLEAR, "SYSTEM_ERROR"),
    "151": (StatusMeaning.UNCLEAR, "SERVER_TIMEOUT"),
    "152": (StatusMeaning.UNCLEAR, "SERVICE_TIMEOUT"),
    "200": (StatusMeaning.HELD, "AVS_FAILED"),
    "201": (StatusMeaning.HELD, "CONTACT_PROCESSOR"),
    "230": (StatusMeaning.HELD, "CV_FAILED"),
    "480": (StatusMeaning.HELD, "DECISION_PROFILE_REVIEW"),
    "520": (StatusMeaning.HELD, "SCORE_EXCEEDS_THRESHOLD"),
    "101": (StatusMeaning.DECLINED, "MISSING_FIELD"),
    "102": (StatusMeaning.DECLINED, "INVALID_DATA"),
    "202": (StatusMeaning.DECLINED, "EXPIRED_CARD"),
    "203": (StatusMeaning.DECLINED, "PROCESSOR_DECLINED"),
    "204": (StatusMeaning.DECLINED, "INSUFFICIENT_FUND"),
    "205": (StatusMeaning.DECLINED, "STOLEN_LOST_CARD"),
    "207": (StatusMeaning.DECLINED, "ISSUER_UNAVAILABLE"),
    "208": (StatusMeaning.DECLINED, "UNAUTHORIZED_CARD"),
    "209": (StatusMeaning.DECLINED, "CVN_NOT_MATCH"),
    "210": (StatusMeaning.DECLINED, "EXCEEDS_CREDIT_LIMIT"),
    "211": (StatusMeaning.DECLINED, "INVALID_CVN"),
    "221": (StatusMeaning.DECLINED, "BLACKLISTED_CUSTOMER"),
    "222": (StatusMeaning.DECLINED, "SUSPENDED_ACCOUNT"),
    "231": (StatusMeaning.DECLINED, "INVALID_ACCOUNT"),
    "232": (StatusMeaning.DECLINED, "CARD_TYPE_NOT_ACCEPTED"),
    "233": (StatusMeaning.DECLINED, "GENERAL_DECLINE"),
    "234": (StatusMeaning.DECLINED, "INVALID_MERCHANT_CONFIGURATION"),
    "236": (StatusMeaning.DECLINED, "PROCESSOR_ERROR"),
    "240": (StatusMeaning.DECLINED, "INVALID_CARD_TYPE"),
    "475": (StatusMeaning.DECLINED, "CONSUMER_AUTHENTICATION_REQUIRED"),
    "476": (StatusMeaning.DECLINED, "CONSUMER_AUTHENTICATION_FAILED"),
    "478": (StatusMeaning.DECLINED, "CONSUMER_AUTHENTICATION_REQUIRED"),
    "481": (StatusMeaning.DECLINED, "DECISION_PROFILE_REJECT"),
}
"""The reason codes of searches, with the reason that a reply gives for the same outcome."""

GENERAL_DECLINE = (
    "Your bank declined the card and gave no reason. Please ask your bank, or use another card"
)
_NOT_ENOUGH = "Your bank declined the card because there is not enough money"
_MISTYPED = "The card number is not right. Please check it, or use another card"
_SECURITY_CODE = "The security code of the card is not right. Please check it, or use another card"
_BANK_WANTS_MORE = (
    "Your bank wants you to confirm this payment, which is not possible here. "
    "Please use another card"
)
_WE_DECLINED = "The payment did not pass a security check. Please use another card"
_TROUBLE = "Your bank could not be reached. Please try again in a few minutes, or use another card"
_ADDRESS = "The name or address does not match the card. Please check it, or use another card"

_DECLINES: Mapping[str, str] = {
    "INSUFFICIENT_FUND": _NOT_ENOUGH,
    "EXCEEDS_CREDIT_LIMIT": "Your bank declined the card because its limit has been reached",
    "EXPIRED_CARD": "The card has expired, or its expiry date is not right",
    "INVALID_CVN": _SECURITY_CODE,
    "CVN_NOT_MATCH": _SECURITY_CODE,
    "CV_FAILED": _SECURITY_CODE,
    "AVS_FAILED": _ADDRESS,
    "INVALID_ACCOUNT": _MISTYPED,
    "INVALID_CARD": _MISTYPED,
    "INVALID_CARD_TYPE": _MISTYPED,
    "CARD_TYPE_NOT_ACCEPTED": "This kind of card is not accepted here. Please use another card",
    "UNAUTHORIZED_CARD": "The card cannot be used online. Please use another card",
    "ISSUER_UNAVAILABLE": _TROUBLE,
    "PROCESSOR_UNAVAILABLE": _TROUBLE,
    "PROCESSOR_ERROR": _TROUBLE,
    "CONSUMER_AUTHENTICATION_REQUIRED": _BANK_WANTS_MORE,
    "CONSUMER_AUTHENTICATION_FAILED": "Your bank could not confirm that the card is yours",
    "PENDING_AUTHENTICATION": _BANK_WANTS_MORE,
    "DECISION_PROFILE_REJECT": _WE_DECLINED,
    "SCORE_EXCEEDS_THRESHOLD": _WE_DECLINED,
    # Do not reveal to the holder of a stolen or blocked card that it is known as such.
    "STOLEN_LOST_CARD": GENERAL_DECLINE,
    "BLACKLISTED_CUSTOMER": GENERAL_DECLINE,
    "SUSPENDED_ACCOUNT": GENERAL_DECLINE,
    "BLOCKED_BY_CARDHOLDER": GENERAL_DECLINE,
    "CONTACT_PROCESSOR": GENERAL_DECLINE,
    "PROCESSOR_DECLINED": GENERAL_DECLINE,
    "GENERAL_DECLINE": GENERAL_DECLINE,
    "PAYMENT_REFUSED": GENERAL_DECLINE,
    "INVALID_MERCHANT_CONFIGURATION": (
        "The payment service cannot take this card at the moment. Please use another card"
    ),
    "MISSING_FIELD": _MISTYPED,
    "INVALID_DATA": _MISTYPED,
}

CARD_REFUSALS = frozenset({"INVALID_CARD", "INVALID_CARD_TYPE", "CARD_TYPE_NOT_ACCEPTED"})
"""Reasons of a 400 that the card causes. All other reasons are faults of our request."""

HELD = "The payment is held while somebody checks it"

_REFUND_REFUSALS: Mapping[str, str] = {
    "INVALID_AMOUNT": "the amount is more than is left of the payment",
    "INVALID_PAYMENT_ID": "CyberSource does not know the payment",
    "CAPTURE_ALREADY_VOIDED": "the payment was voided before",
    "ACCOUNT_NOT_ALLOWED_CREDIT": "the merchant account may not give refunds",
    "INVALID_MERCHANT_CONFIGURATION": "the merchant account is not set up for refunds",
    "NOT_SUPPORTED": "the card network does not support refunds",
    "PROCESSOR_UNAVAILABLE": "the bank could not be reached",
    "MISSING_FIELD": "the request was incomplete",
    "INVALID_DATA": "the request had a field that CyberSource does not take",
    "DECLINED": "the bank declined the refund",
    "VOIDED": "the refund was voided",
    "CANCELLED": "the refund was cancelled",
    "FAILED": "the refund failed at settlement",
    "REJECTED": "the bank declined the refund",
}

CARD_BRANDS: Mapping[str, str] = {
    "001": "Visa",
    "002": "Mastercard",
    "003": "American Express",
    "004": "Discover",
    "005": "Diners Club",
    "007": "JCB",
    "024": "Maestro",
    "042": "Maestro",
    "062": "UnionPay",
}


def decline_sentence(reason: str) -> tuple[str, bool]:
    """The sentence for the learner about a decline, and whether the reason is listed."""
    return _DECLINES.get(reason, GENERAL_DECLINE), reason in _DECLINES


def refund_refusal(reason: str, message: str = "") -> str:
    """Why a refund was refused, for staff."""
    known = _REFUND_REFUSALS.get(reason)
    reply = " ".join(filter(None, (reason, message)))
    return (
        f"{known} ({reply})" if known else f"CyberSource refused it ({reply or 'no reason given'})"
    )


def card_in(fields: JsonFields) -> Card | None:
    """The brand and last four digits of the card in a search row or reply, if any."""
    card = fields.part("paymentInformation.card")
    return card_of(card.text("type"), card.text("suffix"))


def card_of(code: str, last_four: str) -> Card | None:
    """The card of a type code. `last_four` is left empty unless it is four digits."""
    digits = last_four if re.fullmatch(r"[0-9]{4}", last_four) else ""
    if not code and not digits:
        return None
    return Card(CARD_BRANDS.get(code, "Card"), digits)
