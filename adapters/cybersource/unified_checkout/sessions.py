"""A Unified Checkout session: what is asked for, and whether that is what came back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.jwts import NotGenuine
from adapters.cybersource.rest.settings import CyberSourceSettings
from core.money import Money

PATH = "/uc/v1/sessions"
ISSUER = "Flex API"
PAYMENT_TYPES = ("PANENTRY",)

COMPLETE_MANDATE: Mapping[str, Any] = {
    # We charge by POST /pts/v2/payments ourselves. What is left out here the account's defaults
    # fill in (type SALE, tokens stored), so each field says the least that it can.
    "type": "AUTH",
    "decisionManager": False,
    "consumerAuthentication": "NONE",
    "tms": {"tokenCreate": False},
}

_CAPTURE_MANDATE: Mapping[str, Any] = {
    "billingType": "PARTIAL",
    "requestEmail": False,
    "requestPhone": False,
    "requestShipping": False,
    "shipToCountries": [],
    "showAcceptedNetworkIcons": True,
    "showConfirmationStep": False,
    "requestSaveCredentials": False,
    "comboCard": False,
    "CPF": {"required": False},
}

_INTEGRITY = re.compile(r"sha(256|384|512)-[A-Za-z0-9+/]{43,86}={0,2}", re.ASCII)


@attrs.frozen
class SessionRequest:
    """What a session is for. `mark` is the attempt's id, which only the auto flow hands on."""

    code: str
    amount: Money
    mark: str = ""


def mandate(settings: CyberSourceSettings) -> Mapping[str, Any]:
    """What the card form may do by itself: nothing, or in the auto flow, all of a sale."""
    if settings.auto is None:
        return COMPLETE_MANDATE
    return {
        "type": "CAPTURE",
        "decisionManager": settings.auto.decision_manager,
        "consumerAuthentication": settings.auto.authentication,
        "tms": {"tokenCreate": False},
    }


def request_body(wanted: SessionRequest, settings: CyberSourceSettings) -> dict[str, Any]:
    """The body of POST /uc/v1/sessions, with every mandate spelled out.

    clientVersion is left out, as the vendor recommends.
    """
    return {
        "targetOrigins": list(settings.target_origins),
        "allowedCardNetworks": list(settings.networks),
        "allowedPaymentTypes": list(PAYMENT_TYPES),
        "country": settings.country,
        "locale": settings.locale,
        "buttonType": "PAY",
        "captureMandate": {**_CAPTURE_MANDATE},
        "completeMandate": {**mandate(settings)},
        # The page needs no digits of the card but the last four.
        "transientTokenResponseOptions": {"includeCardPrefix": False},
        "data": {
            "orderInformation": {
                "amountDetails": {
                    "totalAmount": wanted.amount.plain,
                    "currency": wanted.amount.currency.code,
                }
            },
            "clientReferenceInformation": {"code": wanted.code},
            **_mark(wanted, settings),
        },
    }


def _mark(wanted: SessionRequest, settings: CyberSourceSettings) -> dict[str, Any]:
    """How a search tells the attempt: in the auto flow nothing else of ours is sent."""
    if settings.auto is None or not wanted.mark:
        return {}
    return {"merchantDefinedInformation": [{"key": "1", "value": wanted.mark}]}


def checked(
    claims: JsonFields, wanted: SessionRequest, settings: CyberSourceSettings
) -> JsonFields:
    """The part of a believed session that the page is built from.

    Raises NotGenuine where the session is for something else than was asked for.
    """
    wrong = next(_wrong(claims, wanted, settings), None)
    if wrong is not None:
        raise NotGenuine(f"the session is not the one asked for: {wrong}")
    return claims.parts("ctx")[0].part("data")


def _wrong(
    claims: JsonFields, wanted: SessionRequest, settings: CyberSourceSettings
) -> Iterator[str]:
    if claims.text("iss") != ISSUER:
        yield "its issuer"
    if not claims.text("jti"):
        yield "its id"
    told = next(iter(claims.parts("ctx")), JsonFields({})).part("data")
    if set(told.texts("targetOrigins")) != set(settings.target_origins):
        yield "its target origins"
    if not set(told.texts("allowedPaymentTypes")) <= set(PAYMENT_TYPES):
        yield "its payment types"
    if not _echoes(told.part("completeMandate"), mandate(settings)):
        yield "its mandate"
    # v1 is documented to echo `data`; the one published sample, of v0, has no such level.
    levels = [told.part(path) for path in ("orderInformation", "data.orderInformation")]
    orders = [order for order in levels if order.content]
    amounts = {order.money("amountDetails", "totalAmount") for order in orders}
    if amounts != {wanted.amount}:
        yield "its amount"
    if not settings.trusts(told.text("clientLibrary")):
        yield "where its script comes from"
    if not _INTEGRITY.fullmatch(told.text("clientLibraryIntegrity")):
        yield "the hash of its script"


def _echoes(told: JsonFields, asked: Mapping[str, Any]) -> bool:
    """Whether told says all that was asked; more is allowed."""
    return all(
        _echoes(told.part(name), value)
        if isinstance(value, Mapping)
        else told.at(name) == value and type(told.at(name)) is type(value)
        for name, value in asked.items()
    )
