"""JWT authentication (version 2): a signed token that goes with every request."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import attrs
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

LIFETIME_SECONDS = 120
"""The longest lifetime that CyberSource accepts."""


@attrs.frozen
class Unsigned:
    """
    A request to sign, with the exact bytes of its body.

    `target` is the path with the query, if there is one. `reply_key` is the id of our own key for
    an encrypted reply, or None for a plain one.
    """

    method: str
    host: str
    target: str
    body: bytes | None = attrs.field(default=None, repr=False)
    reply_key: str | None = attrs.field(default=None, kw_only=True)

    @property
    def digest(self) -> str | None:
        """The base64 of the body's SHA-256."""
        if self.body is None:
            return None
        return base64.b64encode(hashlib.sha256(self.body).digest()).decode()


class Authentication(Protocol):
    """A way to authenticate a request."""

    def headers(self, request: Unsigned, at: datetime, /) -> Mapping[str, str]:
        """The headers that authenticate this request."""
        ...


def claims_of(request: Unsigned, merchant_id: str, *, jti: str, at: datetime) -> bytes:
    """
    The claims of a version 2 token, as compact JSON in alphabetical order.

    The method is in capitals and the path carries its query, as the vendor's own SDK sends them
    (its guide prints small letters, and a path alone).
    """
    issued_at = int(at.timestamp())
    claims: dict[str, str | int] = {
        "exp": issued_at + LIFETIME_SECONDS,
        "iat": issued_at,
        "iss": merchant_id,
        "jti": jti,
        "request-host": request.host,
        "request-method": request.method.upper(),
        "request-resource-path": request.target,
        "v-c-jwt-version": "2",
        "v-c-merchant-id": merchant_id,
    }
    if request.digest is not None:
        claims["digest"] = request.digest
        claims["digestAlgorithm"] = "SHA-256"
    if request.reply_key is not None:
        claims["v-c-response-mle-kid"] = request.reply_key
    return json.dumps(claims, sort_keys=True, separators=(",", ":")).encode()


def _shared(secret: bytes) -> OctKey:
    return OctKey.import_key(secret)


@attrs.frozen
class SharedSecret:
    """Signs with HS256 and the shared secret of a key id."""

    merchant_id: str
    key_id: str
    _key: OctKey = attrs.field(converter=_shared, repr=False)
    _new_id: Callable[[], str] = attrs.field(repr=False, kw_only=True)

    def token(self, request: Unsigned, at: datetime, /) -> str:
        """A compact JWT for this request alone."""
        header = {"alg": "HS256", "kid": self.key_id, "typ": "JWT"}
        claims = claims_of(request, self.merchant_id, jti=self._new_id(), at=at)
        return jws.serialize_compact(header, claims, self._key, algorithms=["HS256"])

    def headers(self, request: Unsigned, at: datetime, /) -> Mapping[str, str]:
        return _bearing(self.token(request, at), self.merchant_id)


@attrs.frozen
class PrivateKey:
    """Signs with RS256 and the merchant's private key.

    The key id is the serial number in the subject of its certificate.
    """

    merchant_id: str
    key_id: str
    _key: RSAKey = attrs.field(repr=False)
    _new_id: Callable[[], str] = attrs.field(repr=False, kw_only=True)

    def token(self, request: Unsigned, at: datetime, /) -> str:
        """A compact JWT for this request alone."""
        header = {"alg": "RS256", "kid": self.key_id, "typ": "JWT"}
        claims = claims_of(request, self.merchant_id, jti=self._new_id(), at=at)
        return jws.serialize_compact(header, claims, self._key, algorithms=["RS256"])

    def headers(self, request: Unsigned, at: datetime, /) -> Mapping[str, str]:
        return _bearing(self.token(request, at), self.merchant_id)


def _bearing(token: str, merchant_id: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}", "v-c-merchant-id": merchant_id}
