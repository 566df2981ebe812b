"""
REST authentication: verifies the caller and the signed content of each call.

A bearer token is a JWT of version 2. Any other call must have an HTTP Signature.

The guide shows the request-method in lower case and the path without its query; the vendor's
own client sends upper case and the query. Both are accepted. The allowed clock difference is not
documented: see `SimulatorSettings.clock_skew_seconds`.
"""

import base64
import hashlib
import hmac
from collections import deque
from collections.abc import Mapping
from threading import Lock
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

from coursetill_simulators.cybersource.authentication.calls import (
    Admission,
    IncomingCall,
    NotAuthentic,
)
from coursetill_simulators.cybersource.authentication.http_signature import check_http_signature
from coursetill_simulators.cybersource.keys import key_id_of
from coursetill_simulators.cybersource.switches import Switchboard

LONGEST_LIFE_SECONDS = 120

_SHARED = ("HS256", "HS384", "HS512")
_P12 = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")


class Gatekeeper:
    """Verifies each call, and stores every accepted token, so that none is accepted twice."""

    def __init__(self, switches: Switchboard) -> None:
        self._switches = switches
        settings = switches.settings
        self._secrets = {
            key_id: base64.b64decode(secret, validate=True)
            for key_id, secret in settings.shared_keys.items()
        }
        self._shared = {
            key_id: OctKey.import_key(secret) for key_id, secret in self._secrets.items()
        }
        self._p12 = {
            key_id: RSAKey.import_key(pem) for key_id, pem in settings.p12_public_keys.items()
        }
        self._lock = Lock()
        self._seen: dict[str, int] = {}
        self.turned_away: deque[str] = deque(maxlen=20)

    def let_in(self, call: IncomingCall) -> Admission:
        """Raise `NotAuthentic` unless the headers of `call` authenticate it."""
        try:
            scheme, _, token = call.headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer":
                return self._by_token(token, call)
            if "signature" in call.headers:
                return self._by_signature(call)
            raise NotAuthentic("there is neither a bearer token nor a Signature header")
        except NotAuthentic as refusal:
            self.turned_away.append(f"{call.method} {call.target}: {refusal}")
            raise

    def clear(self) -> None:
        """Remove all stored tokens and refusals."""
        with self._lock:
            self._seen.clear()
            self.turned_away.clear()

    def _by_token(self, token: str, call: IncomingCall) -> Admission:
        now = int(call.moment.timestamp())
        claims = self._verified(token)
        self._check_signer(claims)
        self._check_time(claims, now)
        self._check_call(claims, call)
        self._check_replay(claims, now)
        reply_key_id = claims.get("v-c-response-mle-kid")
        if reply_key_id is not None and not isinstance(reply_key_id, str):
            raise NotAuthentic("v-c-response-mle-kid is no text")
        return Admission(may_encrypt=True, reply_key_id=reply_key_id)

    def _by_signature(self, call: IncomingCall) -> Admission:
        settings = self._switches.settings
        if settings.http_signature_ended:
            raise NotAuthentic("HTTP Signature has been switched off")
        check_http_signature(
            call,
            secrets=self._secrets,
            merchant_id=settings.merchant_id,
            skew_seconds=settings.clock_skew_seconds,
        )
        return Admission(may_encrypt=False)

    def _verified(self, token: str) -> Mapping[str, Any]:
        key, algorithms = self._key(key_id_of(token) or "")
        try:
            return jwt.decode(token, key, algorithms=algorithms).claims
        except (JoseError, ValueError) as refusal:
            raise NotAuthentic(f"the token does not verify: {refusal}") from refusal

    def _key(self, key_id: str) -> tuple[OctKey | RSAKey, tuple[str, ...]]:
        # The key determines the allowed algorithms, never the token.
        if key_id in self._shared:
            return self._shared[key_id], _SHARED
        if key_id in self._p12:
            return self._p12[key_id], _P12
        raise NotAuthentic(f"the key id {key_id!r} is not known")

    def _check_signer(self, claims: Mapping[str, Any]) -> None:
        expected = {
            "iss": self._switches.settings.merchant_id,
            "v-c-merchant-id": self._switches.settings.merchant_id,
            "v-c-jwt-version": "2",
        }
        for name, value in expected.items():
            if claims.get(name) != value:
                raise NotAuthentic(f"{name} is {claims.get(name)!r}, not {value!r}")

    def _check_time(self, claims: Mapping[str, Any], now: int) -> None:
        issued, expires = claims.get("iat"), claims.get("exp")
        skew = self._switches.settings.clock_skew_seconds
        if type(issued) is not int or type(expires) is not int:
            raise NotAuthentic("iat and exp are not both whole seconds")
        if not issued < expires <= issued + LONGEST_LIFE_SECONDS:
            raise NotAuthentic(f"exp is not within {LONGEST_LIFE_SECONDS} seconds after iat")
        if not issued - skew <= now < expires + skew:
            raise NotAuthentic(f"it is {now}, outside of iat {issued} to exp {expires}")

    def _check_call(self, claims: Mapping[str, Any], call: IncomingCall) -> None:
        if str(claims.get("request-method", "")).upper() != call.method.upper():
            raise NotAuthentic("request-method is another")
        if claims.get("request-resource-path") not in (call.target, call.target.split("?")[0]):
            raise NotAuthentic("request-resource-path is another")
        if claims.get("request-host") not in (*self._switches.settings.host_names, call.host):
            raise NotAuthentic(f"request-host {claims.get('request-host')!r} is another")
        if call.has_body:
            _check_digest(claims, call.body)

    def _check_replay(self, claims: Mapping[str, Any], now: int) -> None:
        token_id = claims.get("jti")
        if not isinstance(token_id, str) or not token_id:
            raise NotAuthentic("there is no jti")
        with self._lock:
            skew = self._switches.settings.clock_skew_seconds
            self._seen = {each: end for each, end in self._seen.items() if end + skew > now}
            if token_id in self._seen:
                raise NotAuthentic(f"the jti {token_id} was used before")
            self._seen[token_id] = claims["exp"]


def _check_digest(claims: Mapping[str, Any], body: bytes) -> None:
    if claims.get("digestAlgorithm") != "SHA-256":
        raise NotAuthentic("digestAlgorithm is not SHA-256")
    right = base64.b64encode(hashlib.sha256(body).digest())
    if not hmac.compare_digest(str(claims.get("digest", "")).encode(), right):
        raise NotAuthentic("the digest is not that of the body as it arrived")
