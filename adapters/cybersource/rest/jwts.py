"""Verification of JWTs signed by CyberSource: RS256 by a known key, nothing else."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import attrs
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from adapters.cybersource.rest.json_fields import JsonFields

_PART = r"[A-Za-z0-9_-]+"
_COMPACT = re.compile(rf"({_PART})\.({_PART})\.({_PART})", re.ASCII)
_KEY_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}", re.ASCII)
_SMALLEST_KEY_BITS = 2048
_LATEST_SECONDS = 253_402_300_800  # the year 10000


@attrs.frozen
class NotGenuine(Exception):
    """The text is not a JWT, or the expected key did not sign it."""

    why: str

    def __str__(self) -> str:
        return self.why


def key_id_of(text: str) -> str:
    """The key id in the header of a JWT. Raises NotGenuine.

    The id becomes part of a URL, so only safe characters are accepted (as in the vendor's SDK).
    """
    compact = _COMPACT.fullmatch(text)
    if compact is None:
        raise NotGenuine("it is not a JWT")
    header = _json(compact[1])
    key_id = header.text("kid")
    if header.text("alg") != "RS256" or "crit" in header.content or "b64" in header.content:
        raise NotGenuine("it is not signed with RS256")
    if not _KEY_ID.fullmatch(key_id):
        raise NotGenuine("it does not say which key signed it")
    return key_id


def verified(text: str, jwk: Mapping[str, str]) -> JsonFields:
    """The claims of a JWT that jwk signed. Raises NotGenuine."""
    key_id_of(text)
    try:
        if int.from_bytes(_bytes(jwk["n"])).bit_length() < _SMALLEST_KEY_BITS:
            raise NotGenuine("its key is too short")
        # Import only n and e: the JWK in a session has `use` set to "enc".
        key = RSAKey.import_key({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})
        signed = jws.deserialize_compact(text, key, algorithms=["RS256"])
        return JsonFields.parsed(signed.payload or b"")
    except (JoseError, KeyError, TypeError, ValueError) as why:
        raise NotGenuine("its signature is wrong") from why


def content_of(text: str) -> JsonFields:
    """The claims of a JWT that was verified earlier."""
    compact = _COMPACT.fullmatch(text)
    return JsonFields({}) if compact is None else _json(compact[2])


def end_of(claims: JsonFields) -> datetime:
    """The expiry in the claims (exclusive). Raises NotGenuine without one."""
    seconds = claims.whole("exp")
    if seconds is None or not 0 < seconds < _LATEST_SECONDS:
        raise NotGenuine("it does not say when it ends")
    return datetime.fromtimestamp(seconds, UTC)


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _json(part: str) -> JsonFields:
    try:
        return JsonFields.parsed(_bytes(part))
    except (binascii.Error, ValueError) as why:
        raise NotGenuine("it is not a JWT") from why
