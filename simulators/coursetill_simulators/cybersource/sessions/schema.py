"""Checks a session request, and adds the account's defaults."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from coursetill_simulators.cybersource.guards import is_loopback
from coursetill_simulators.cybersource.sessions.generations import NETWORKS, V0, V1, Generation
from coursetill_simulators.cybersource.wire_format.refusals import SessionRefused

_OBJECTS = (
    "paymentConfigurations",
    "appearance",
    "captureMandate",
    "completeMandate",
    "transientTokenResponseOptions",
)
MOST_ORIGINS = 7
_MARKS = "data.merchantDefinedInformation"
_BILL_TO = "data.orderInformation.billTo"

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


def accepted(raw: bytes, generation: Generation, *, allow_http_loopback: bool) -> dict[str, Any]:
    """Parse a session request. Raises SessionRefused with all faults in it."""
    try:
        parsed = json.loads(raw)
    except (ValueError, RecursionError) as unreadable:
        raise SessionRefused("CAPTURE_CONTEXT_INVALID", "not a JSON body") from unreadable
    if not isinstance(parsed, dict):
        raise SessionRefused("CAPTURE_CONTEXT_INVALID", "the body is not a JSON object")
    request: dict[str, Any] = _in_the_newer_form(parsed) if generation is V0 else parsed
    _refuse_faults(request, generation, allow_http_loopback=allow_http_loopback)
    return request


def _refuse_faults(
    request: dict[str, Any], generation: Generation, *, allow_http_loopback: bool
) -> None:
    found = [
        *_unknown(request, generation),
        *_absent(request, generation),
        *_misshapen(request, generation),
        *_wrong_lists(request, generation),
        *_wrong_origins(request.get("targetOrigins"), allow_http_loopback),
    ]
    if found:
        raise SessionRefused("CAPTURE_CONTEXT_INVALID", found[0][1], tuple(found))


def _in_the_newer_form(request: dict[str, Any]) -> dict[str, Any]:
    """Move the order of a request to `data`. Until version 0.30 it was at the top level."""
    inner = request.get("data", {})
    if not isinstance(inner, dict) or "orderInformation" not in request:
        return request
    return {**request, "data": {"orderInformation": request["orderInformation"], **inner}}


def with_account_defaults(
    request: dict[str, Any], generation: Generation, *, processing: bool
) -> dict[str, Any]:
    """
    The request, with the account's (Business Center) defaults for a missing mandate.

    Documented, and dangerous: with payment processing on, a session of version 1 without
    completeMandate gets one. That the other kinds have no such default is assumed.
    """
    if generation is not V1:
        return {"captureMandate": {}, **request}
    merged = dict(request)
    merged["captureMandate"] = {**_CAPTURE_DEFAULTS, **request.get("captureMandate", {})}
    if processing or "completeMandate" in request:
        merged["completeMandate"] = {**_COMPLETE_DEFAULTS, **request.get("completeMandate", {})}
    merged.setdefault("clientVersion", "1.0")
    merged.setdefault("allowedPaymentTypes", ["PANENTRY"])
    return merged


def at(request: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or None."""
    place: Any = request
    for name in path.split("."):
        place = place.get(name) if isinstance(place, Mapping) else None
    return place


def _unknown(request: Mapping[str, Any], generation: Generation) -> Iterator[Wrong]:
    known = request.keys() if generation.top_level is None else generation.top_level
    for name in sorted(request.keys() - known):
        yield name, f"schema does not allow additional properties: {name}"


def _absent(request: Mapping[str, Any], generation: Generation) -> Iterator[Wrong]:
    for path in generation.required:
        if at(request, path) in (None, "", []):
            yield path, f"{path} is required"


def _misshapen(request: Mapping[str, Any], generation: Generation) -> Iterator[Wrong]:
    for name in _OBJECTS:
        if name in request and not isinstance(request[name], dict):
            yield name, f"{name} is not an object"
    for path, pattern in generation.patterns.items():
        found = at(request, path)
        if found and not (isinstance(found, str) and pattern.fullmatch(found)):
            yield path, f"{path} is not valid"
    if not isinstance(at(request, _BILL_TO) or {}, dict):
        yield _BILL_TO, f"{_BILL_TO} is not an object"
    if not _are_marks(at(request, _MARKS)):
        yield _MARKS, f"{_MARKS} is not a list of keys and values"
    for path, choices in generation.choices.items():
        found = at(request, path)
        if found is not None and not (isinstance(found, str | bool) and found in choices):
            yield path, f"{path} is not one of {', '.join(sorted(map(str, choices)))}"


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


def _wrong_lists(request: Mapping[str, Any], generation: Generation) -> Iterator[Wrong]:
    lists = {
        "allowedCardNetworks": NETWORKS,
        "allowedPaymentTypes": generation.payment_types,
    }
    for name, known in lists.items():
        found = request.get(name, [])
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
