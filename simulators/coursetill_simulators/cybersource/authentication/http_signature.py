"""
REST authentication by HTTP Signature, the older method: HMAC-SHA256 over selected headers.

The guide calls the time header v-c-date, the vendor's own client sends Date. Both are accepted. The
parenthesised (request-target) has been refused since April 2024.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from coursetill_simulators.cybersource.authentication.calls import IncomingCall, NotAuthentic

_PART = re.compile(r'\s*(\w+)="([^"]*)"\s*(?:,|$)')
_TIMES = ("v-c-date", "date")


def check_http_signature(
    call: IncomingCall, *, secrets: Mapping[str, bytes], merchant_id: str, skew_seconds: int
) -> None:
    """Raise `NotAuthentic` unless the Signature header authenticates `call`."""
    parts = _parts(call.headers.get("signature", ""))
    if parts.get("algorithm") != "HmacSHA256":
        raise NotAuthentic(f"the algorithm is {parts.get('algorithm')!r}, not 'HmacSHA256'")
    if parts.get("keyid") not in secrets:
        raise NotAuthentic(f"the key id {parts.get('keyid')!r} is not known")
    if call.headers.get("v-c-merchant-id") != merchant_id:
        raise NotAuthentic("v-c-merchant-id is another")
    names = parts.get("headers", "").split()
    _check_names(names, call)
    _check_signature(parts, string_to_sign(names, call), secrets[parts["keyid"]])
    _check_time(names, call, skew_seconds)
    if call.has_body:
        _check_digest(call)


def string_to_sign(names: list[str], call: IncomingCall) -> str:
    """The signed lines. Raises `NotAuthentic` if a listed header is missing."""
    lines = []
    for name in names:
        match name:
            case "request-target":
                value: str | None = f"{call.method.lower()} {call.target}"
            case "host":
                value = call.host
            case _:
                value = call.headers.get(name)
        if value is None:
            raise NotAuthentic(f"the header {name} is signed and was not sent")
        lines.append(f"{name}: {value}")
    return "\n".join(lines)


def _parts(header: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    place = 0
    while place < len(header):
        found = _PART.match(header, place)
        if found is None or found[1].lower() in parts:
            raise NotAuthentic("the Signature header cannot be read")
        parts[found[1].lower()] = found[2]
        place = found.end()
    return parts


def _check_names(names: list[str], call: IncomingCall) -> None:
    if "(request-target)" in names:
        raise NotAuthentic("(request-target) in parentheses is no longer accepted")
    required = {"host", "request-target", "v-c-merchant-id"}
    if call.has_body:
        required.add("digest")
    unsigned = sorted(required - set(names))
    if unsigned:
        raise NotAuthentic(f"not signed: {', '.join(unsigned)}")
    if not set(_TIMES) & set(names):
        raise NotAuthentic("neither v-c-date nor date is signed")


def _check_signature(parts: Mapping[str, str], text: str, secret: bytes) -> None:
    right = base64.b64encode(hmac.digest(secret, text.encode(), "sha256"))
    if not hmac.compare_digest(parts.get("signature", "").encode(), right):
        raise NotAuthentic("the signature is wrong")


def _check_time(names: list[str], call: IncomingCall, skew_seconds: int) -> None:
    for name in set(_TIMES) & set(names):
        signed_at = _moment(call.headers[name])
        if abs((call.moment - signed_at).total_seconds()) > skew_seconds:
            raise NotAuthentic(f"{name} is {signed_at}, and it is {call.moment}")


def _moment(text: str) -> datetime:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError as unreadable:
        raise NotAuthentic(f"{text!r} is not a date of RFC 1123") from unreadable
    if moment.tzinfo is None:
        raise NotAuthentic(f"{text!r} is not in GMT")
    return moment


def _check_digest(call: IncomingCall) -> None:
    right = f"SHA-256={base64.b64encode(hashlib.sha256(call.body).digest()).decode()}"
    if not hmac.compare_digest(call.headers.get("digest", "").encode(), right.encode()):
        raise NotAuthentic("the digest is not that of the body as it arrived")
