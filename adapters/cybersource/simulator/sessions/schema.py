"""What Unified Checkout accepts in a session request, and what the account adds to it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from adapters.cybersource.simulator.guards import is_loopback
from adapters.cybersource.simulator.words.refusals import SessionRefused

_TOP_LEVEL = frozenset(
    {
        "clientVersion",
        "targetOrigins",
        "allowedCardNetworks",
        "allowedPaymentTypes",
        "paymentConfigurations",
        "appearance",
        "country",
        "locale",
        "buttonType",
        "captureMandate",
        "completeMandate",
        "transientTokenResponseOptions",
        "data",
    }
)
_OBJECTS = (
    "paymentConfigurations",
    "appearance",
    "captureMandate",
    "completeMandate",
    "transientTokenResponseOptions",
)
_NETWORKS = frozenset(
    [
        "VISA",
        "MASTERCARD",
        "AMEX",
        "CARNET",
        "CARTESBANCAIRES",
        "CUP",
        "DINERSCLUB",
        "DISCOVER",
        "EFTPOS",
        "ELO",
        "JAYWAN",
        "JCB",
        "JCREW",
        "KCP",
        "MADA",
        "MAESTRO",
        "MEEZA",
        "PAYPAK",
        "UATP",
    ]
)
_PAYMENT_TYPES = frozenset(
    [
        "PANENTRY",
        "CLICKTOPAY",
        "GOOGLEPAY",
        "APPLEPAY",
        "PAZE",
        "CHECK",
        "TMS_TOKEN",
        "PAYPAL",
        "VENMO",
        "AFFIRM",
        "AFTERPAY",
        "BANCONTACT",
        "DRAGONPAY",
        "IDEAL",
        "KONBINI",
        "MULTIBANCO",
        "MYBANK",
        "PRZELEWY24",
        "TINKPAYBYBANK",
    ]
)
_CHOICES = {
    "buttonType": frozenset(
        [
            "ADD_CARD",
            "CARD_PAYMENT",
            "CHECKOUT",
            "CHECKOUT_AND_CONTINUE",
            "DEBIT_CREDIT",
            "DONATE",
            "PAY",
            "PAY_WITH_CARD",
            "SAVE_CARD",
            "SUBSCRIBE_WITH_CARD",
        ]
    ),
    "captureMandate.billingType": frozenset({"FULL", "PARTIAL", "NONE"}),
    # SALE is the account's own word for CAPTURE, and the default that it merges in.
    "completeMandate.type": frozenset({"AUTH", "CAPTURE", "PREFER_AUTH", "SALE"}),
    "completeMandate.consumerAuthentication": frozenset({"NONE", "3DS", "PASSKEY"}),
}
_PATTERNS = {
    "clientVersion": re.compile(r"\d+\.\d+", re.ASCII),
    "country": re.compile(r"[A-Z]{2}"),
    "locale": re.compile(r"[a-z]{2}_[A-Z]{2}"),
    "data.orderInformation.amountDetails.totalAmount": re.compile(
        r"\d{1,12}(\.\d{1,3})?", re.ASCII
    ),
    "data.orderInformation.amountDetails.currency": re.compile(r"[A-Z]{3}"),
}
_REQUIRED = (
    "targetOrigins",
    "country",
    "locale",
    "data.orderInformation.amountDetails.totalAmount",
    "data.orderInformation.amountDetails.currency",
)
MOST_ORIGINS = 7
_MARKS = "data.merchantDefinedInformation"

_CAPTURE_DEFAULTS: Mapping[str, Any] = {
    "billingType": "FULL",
    "requestEmail": True,
    "requestPhone": False,
    "requestShipping": False,
    "showAcceptedNetworkIcons": True,
    "showConfirmationStep": True,
    "requestSaveCredentials": False,
    "comboCard": False,
}
_COMPLETE_DEFAULTS: Mapping[str, Any] = {
    "type": "SALE",
    "decisionManager": True,
    "consumerAuthentication": "NONE",
    "tms": {"tokenCreate": True},
}

Wrong = tuple[str, str]


def accepted(raw: bytes, *, allow_http_loopback: bool) -> dict[str, Any]:
    """The session request in `raw`. Raises SessionRefused with every fault found in it."""
    try:
        wanted = json.loads(raw)
    except (ValueError, RecursionError) as unreadable:
        raise SessionRefused("CAPTURE_CONTEXT_INVALID", "not a JSON body") from unreadable
    if not isinstance(wanted, dict):
        raise SessionRefused("CAPTURE_CONTEXT_INVALID", "the body is not a JSON object")
    found = [
        *_unknown(wanted),
        *_absent(wanted),
        *_misshapen(wanted),
        *_wrong_lists(wanted),
        *_wrong_origins(wanted.get("targetOrigins"), allow_http_loopback),
    ]
    if found:
        raise SessionRefused("CAPTURE_CONTEXT_INVALID", found[0][1], tuple(found))
    return wanted


def with_account_defaults(wanted: dict[str, Any], *, processing: bool) -> dict[str, Any]:
    """
    The request with the account's (Business Center) defaults where it leaves a mandate open.

    Documented, and dangerous: with payment processing on, a session sent without completeMandate
    comes back with one.
    """
    merged = dict(wanted)
    merged["captureMandate"] = {**_CAPTURE_DEFAULTS, **wanted.get("captureMandate", {})}
    if processing or "completeMandate" in wanted:
        merged["completeMandate"] = {**_COMPLETE_DEFAULTS, **wanted.get("completeMandate", {})}
    merged.setdefault("clientVersion", "1.0")
    merged.setdefault("allowedPaymentTypes", ["PANENTRY"])
    return merged


def at(wanted: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path, or None."""
    place: Any = wanted
    for name in path.split("."):
        place = place.get(name) if isinstance(place, Mapping) else None
    return place


def _unknown(wanted: Mapping[str, Any]) -> Iterator[Wrong]:
    for name in sorted(wanted.keys() - _TOP_LEVEL):
        yield name, f"schema does not allow additional properties: {name}"


def _absent(wanted: Mapping[str, Any]) -> Iterator[Wrong]:
    for path in _REQUIRED:
        if at(wanted, path) in (None, "", []):
            yield path, f"{path} is required"


def _misshapen(wanted: Mapping[str, Any]) -> Iterator[Wrong]:
    for name in _OBJECTS:
        if name in wanted and not isinstance(wanted[name], dict):
            yield name, f"{name} is not an object"
    for path, pattern in _PATTERNS.items():
        found = at(wanted, path)
        if found and not (isinstance(found, str) and pattern.fullmatch(found)):
            yield path, f"{path} is not valid"
    if not _are_marks(at(wanted, _MARKS)):
        yield _MARKS, f"{_MARKS} is not a list of keys and values"
    for path, choices in _CHOICES.items():
        found = at(wanted, path)
        if found is not None and not (isinstance(found, str) and found in choices):
            yield path, f"{path} is not one of {', '.join(sorted(choices))}"


def _are_marks(found: Any) -> bool:
    return found is None or (
        isinstance(found, list)
        and all(
            isinstance(mark, dict) and mark.keys() == {"key", "value"} and _are_texts(mark.values())
            for mark in found
        )
    )


def _are_texts(found: Iterable[Any]) -> bool:
    return all(isinstance(each, str) and each for each in found)


def _wrong_lists(wanted: Mapping[str, Any]) -> Iterator[Wrong]:
    lists = {"allowedCardNetworks": _NETWORKS, "allowedPaymentTypes": _PAYMENT_TYPES}
    for name, known in lists.items():
        found = wanted.get(name, [])
        if not isinstance(found, list):
            yield name, f"{name} is not a list"
            continue
        for each in found:
            if not (isinstance(each, str) and each in known):
                yield name, f"{name} does not know {each!r}"


def _wrong_origins(origins: Any, allow_http_loopback: bool) -> Iterator[Wrong]:
    if not origins:
        return
    if not isinstance(origins, list) or len(origins) > MOST_ORIGINS:
        yield "targetOrigins", f"targetOrigins is not a list of at most {MOST_ORIGINS} origins"
        return
    for origin in origins:
        if not (isinstance(origin, str) and _good_origin(origin, allow_http_loopback)):
            yield "targetOrigins", f"{origin!r} is not an https origin without path or wildcard"


def _good_origin(origin: str, allow_http_loopback: bool) -> bool:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    name = parts.hostname or ""
    host = f"{name}:{port}" if port else name
    if "*" in origin or not name or origin != f"{parts.scheme}://{host}":
        return False
    return parts.scheme == "https" or (
        parts.scheme == "http" and allow_http_loopback and is_loopback(name)
    )
