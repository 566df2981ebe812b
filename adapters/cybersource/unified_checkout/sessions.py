"""Unified Checkout sessions: builds the request, and checks the session against it."""

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
    # The shop charges by POST /pts/v2/payments itself. The account's defaults (type SALE,
    # tokens stored) fill in every field that is left out, so each field is set to the minimum.
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
    """The purpose of a session. `mark` is the attempt's id; only the auto flow sends it."""

    code: str
    amount: Money
    mark: str = ""


def mandate(settings: CyberSourceSettings) -> Mapping[str, Any]:
    """The actions of the card form itself: none, or in the auto flow, the whole sale."""
    if settings.auto is None:
        return COMPLETE_MANDATE
    return {
        "type": "CAPTURE",
        "decisionManager": settings.auto.decision_manager,
        "consumerAuthentication": settings.auto.authentication,
        "tms": {"tokenCreate": False},
    }


def request_body(request: SessionRequest, settings: CyberSourceSettings) -> dict[str, Any]:
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
        # The page needs only the last four digits of the card.
        "transientTokenResponseOptions": {"includeCardPrefix": False},
        "data": {
            "orderInformation": {
                "amountDetails": {
                    "totalAmount": request.amount.plain,
                    "currency": request.amount.currency.code,
                }
            },
            "clientReferenceInformation": {"code": request.code},
            **_mark(request, settings),
        },
    }


def _mark(request: SessionRequest, settings: CyberSourceSettings) -> dict[str, Any]:
    """The field by which a search finds the attempt. The auto flow sends no other id of ours."""
    if settings.auto is None or not request.mark:
        return {}
    return {"merchantDefinedInformation": [{"key": "1", "value": request.mark}]}


def checked(
    claims: JsonFields, request: SessionRequest, settings: CyberSourceSettings
) -> JsonFields:
    """The part of a verified session from which the page is built.

    Raises NotGenuine if the session does not match the request.
    """
    wrong = next(_wrong(claims, request, settings), None)
    if wrong is not None:
        raise NotGenuine(f"the session is not the one asked for: {wrong}")
    return claims.parts("ctx")[0].part("data")


def _wrong(
    claims: JsonFields, request: SessionRequest, settings: CyberSourceSettings
) -> Iterator[str]:
    if claims.text("iss") != ISSUER:
        yield "its issuer"
    if not claims.text("jti"):
        yield "its id"
    data = next(iter(claims.parts("ctx")), JsonFields({})).part("data")
    if set(data.texts("targetOrigins")) != set(settings.target_origins):
        yield "its target origins"
    if not set(data.texts("allowedPaymentTypes")) <= set(PAYMENT_TYPES):
        yield "its payment types"
    if not _echoes(data.part("completeMandate"), mandate(settings)):
        yield "its mandate"
    # The documents say that v1 echoes `data`; the only published sample (v0) has no such level.
    levels = [data.part(path) for path in ("orderInformation", "data.orderInformation")]
    orders = [order for order in levels if order.content]
    amounts = {order.money("amountDetails", "totalAmount") for order in orders}
    if amounts != {request.amount}:
        yield "its amount"
    if not settings.trusts(data.text("clientLibrary")):
        yield "where its script comes from"
    if not _INTEGRITY.fullmatch(data.text("clientLibraryIntegrity")):
        yield "the hash of its script"


def _echoes(data: JsonFields, requested: Mapping[str, Any]) -> bool:
    """Whether `data` contains every requested field with its value; other fields are allowed."""
    return all(
        _echoes(data.part(name), value)
        if isinstance(value, Mapping)
        else data.at(name) == value and type(data.at(name)) is type(value)
        for name, value in requested.items()
    )
