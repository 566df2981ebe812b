"""Explains to staff why a call to CyberSource failed, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from adapters.cybersource.rest.keys import SharedKey
from adapters.cybersource.rest.settings import CyberSourceSettings
from adapters.cybersource.rest.transport import ApiRefusal
from adapters.http_client import Lost, NotSent

_MOST_APART = timedelta(seconds=60)
_USUAL_KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_USUAL_SECRET_BYTES = 32

_CONNECTIONS: Mapping[str, str] = {
    "gaierror": "nobody knows the name {host}. Check the address, and this machine's network",
    "NameResolutionError": (
        "nobody knows the name {host}. Check the address, and this machine's network"
    ),
    "ConnectionRefusedError": "nothing listens at {host}. Check the address and the port",
    "NewConnectionError": "nothing listens at {host}. Check the address, and the network",
    "SSLCertVerificationError": (
        "{host} shows a certificate that this machine does not trust. Something may stand in "
        "between, or the machine's list of authorities is too old"
    ),
    "ConnectTimeoutError": "{host} took no connection in time. A firewall may stand in between",
    "TimeoutError": "{host} took no connection in time. A firewall may stand in between",
}
"""The name of a connection failure, and its explanation."""

_STATUSES: Mapping[int, str] = {
    403: (
        "CyberSource knows our key but does not let it do this. Ask for the permission in the "
        "Business Center, or for the product on this merchant id"
    ),
    404: (
        "CyberSource has no such page. Check that the address is that of the REST interface, such "
        "as https://apitest.cybersource.com"
    ),
    405: "CyberSource does not take this kind of request there. Check the address",
    429: "CyberSource has had too many requests from this account. Try again in a minute",
}


def explain(
    failure: NotSent | ApiRefusal | Lost, settings: CyberSourceSettings, now: datetime
) -> str:
    """Why a call failed and what to do, for staff. `now` is when it failed, by our clock."""
    match failure:
        case NotSent():
            return f"CyberSource does not answer: {_connection(failure, settings)}"
        case Lost():
            return (
                f"CyberSource does not answer in a way that can be read: {failure}. Try again, and "
                "check that nothing stands in between"
            )
        case ApiRefusal(status=401):
            return ". ".join(_unauthorized(failure, settings, now))
        case ApiRefusal():
            known = _STATUSES.get(failure.status)
            return f"{known} ({failure})" if known else f"CyberSource refused a request: {failure}"


def _connection(failure: NotSent, settings: CyberSourceSettings) -> str:
    for word, sentence in _CONNECTIONS.items():
        if re.search(rf"\b{word}\b", failure.why):
            return sentence.format(host=settings.host)
    return failure.why


def _unauthorized(
    failure: ApiRefusal, settings: CyberSourceSettings, now: datetime
) -> Iterator[str]:
    """Explain a 401. CyberSource gives no reason: list all known causes, likeliest first."""
    yield "CyberSource does not accept our key"
    apart = None if failure.replied_at is None else now - failure.replied_at
    if apart is not None and abs(apart) > _MOST_APART:
        way = "ahead of" if apart > timedelta(0) else "behind"
        yield f"This machine's clock is {_length(abs(apart))} {way} CyberSource's: set it right"
    key = settings.signing_keys[0]
    if isinstance(key, SharedKey):
        if not _USUAL_KEY_ID.fullmatch(key.key_id):
            yield "The key id has not the usual form of 8-4-4-4-12 digits: is it the key's id?"
        if len(key.content) != _USUAL_SECRET_BYTES:
            yield "The shared secret has not the usual length of 44 characters: is all of it there?"
        yield (
            f"Check the merchant id ({settings.merchant_id}), the key id and the shared secret, "
            f"and that they belong to {settings.host}: test and production have keys of their own"
        )
    else:
        yield (
            f"Check the merchant id ({settings.merchant_id}) and that the P12 file was made for it "
            f"at {settings.host}, and that it was not replaced or revoked"
        )
    if settings.http_signature:
        yield "HTTP Signature may have been switched off for this account: try JWT"
    if apart is None:
        yield "Check this machine's clock as well"


def _length(apart: timedelta) -> str:
    minutes = round(apart.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes != 1 else ''}"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"
