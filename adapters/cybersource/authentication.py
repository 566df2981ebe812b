"""Who is asking: the signed token that CyberSource wants with every request (JWT version 2)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import attrs
from joserfc import jws
from joserfc.jwk import OctKey

LIFETIME_SECONDS = 120
"""The longest that CyberSource lets a token live."""


@attrs.frozen
class Unsigned:
    """What a token vouches for: the request, and the very bytes of its body."""

    method: str
    host: str
    path: str
    body: bytes | None = attrs.field(default=None, repr=False)


class Authentication(Protocol):
    """Whatever can vouch for a request."""

    def token(self, request: Unsigned, at: datetime, /) -> str:
        """A compact JWT, good for this one request."""
        ...


def claims_of(request: Unsigned, merchant_id: str, *, jti: str, at: datetime) -> bytes:
    """
    The claims of a version 2 token, as compact JSON in alphabetical order.

    The method is in capitals, as the vendor's own SDK sends it (its guide prints small letters),
    and the path carries no query, about which guide and SDK disagree.
    """
    issued_at = int(at.timestamp())
    claims: dict[str, str | int] = {
        "exp": issued_at + LIFETIME_SECONDS,
        "iat": issued_at,
        "iss": merchant_id,
        "jti": jti,
        "request-host": request.host,
        "request-method": request.method.upper(),
        "request-resource-path": request.path,
        "v-c-jwt-version": "2",
        "v-c-merchant-id": merchant_id,
    }
    if request.body is not None:
        claims["digest"] = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
        claims["digestAlgorithm"] = "SHA-256"
    return json.dumps(claims, sort_keys=True, separators=(",", ":")).encode()


def _imported(secret: bytes) -> OctKey:
    return OctKey.import_key(secret)


@attrs.frozen
class SharedSecret:
    """HS256 by the secret that merchant and CyberSource share, known by its key id."""

    merchant_id: str
    key_id: str
    _key: OctKey = attrs.field(converter=_imported, repr=False)
    _new_id: Callable[[], str] = attrs.field(repr=False, kw_only=True)

    def token(self, request: Unsigned, at: datetime, /) -> str:
        header = {"alg": "HS256", "kid": self.key_id, "typ": "JWT"}
        claims = claims_of(request, self.merchant_id, jti=self._new_id(), at=at)
        return jws.serialize_compact(header, claims, self._key, algorithms=["HS256"])
