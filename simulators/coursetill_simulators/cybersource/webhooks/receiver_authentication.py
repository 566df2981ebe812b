"""
OAuth authentication at the receiver, in addition to the signature, for subscriptions that use it.

Each message gets a new token, by the credentials that the merchant stored (oAuth) or by an
assertion that the simulator signs (oAuth_JWT). The guide does not show the following, so it is
assumed: both requests, which follow RFC 6749 and RFC 7523, and the claims of the assertion.
"""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import attrs

from coursetill_simulators.cybersource.http_client import MerchantClient

Sign = Callable[[dict[str, Any], str], str]

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_ASSERTION_SECONDS = 300


@attrs.frozen(kw_only=True)
class ReceiverAuthentication:
    """The security policy of a subscription. All types except KEY need a token URL."""

    type: str = "KEY"
    token_url: str = ""
    audience: str = ""
    client_id: str = ""
    key_id: str = ""
    scope: str = ""

    def as_requested(self) -> dict[str, Any]:
        """The securityPolicy as in the request."""
        policy: dict[str, Any] = {"securityType": self.type, "proxyType": "external"}
        if self.type != "KEY":
            further = {
                "aud": self.audience,
                "clientId": self.client_id,
                "keyId": self.key_id,
                "scope": self.scope,
            }
            policy["config"] = {"oAuthURL": self.token_url, "oAuthTokenType": "Bearer"}
            if any(further.values()):
                policy["config"]["additionalConfig"] = {k: v for k, v in further.items() if v}
        return policy


@attrs.frozen
class Credentials:
    """The merchant's OAuth client, stored by keys-sym."""

    client_id: str
    secret: str = attrs.field(repr=False)


def bearer_of(
    security: ReceiverAuthentication,
    *,
    credentials: Credentials | None,
    sign: Sign,
    http_client: MerchantClient,
    now: datetime,
) -> Mapping[str, str] | None:
    """The headers that authenticate a message; None if there is no token."""
    match security.type:
        case "oAuth" if credentials is not None:
            pair = base64.b64encode(f"{credentials.client_id}:{credentials.secret}".encode())
            headers = {**_FORM, "Authorization": f"Basic {pair.decode()}"}
            form = {"grant_type": "client_credentials"}
        case "oAuth_JWT":
            headers = _FORM
            grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
            form = {"grant_type": grant, "assertion": _assertion(security, sign, now)}
        case _:
            return {} if security.type == "KEY" else None
    if security.scope:
        form["scope"] = security.scope
    answer = http_client.ask(security.token_url, headers, urlencode(form).encode())
    token = _token_in(answer or b"")
    return {"Authorization": f"Bearer {token}"} if token else None


def _assertion(security: ReceiverAuthentication, sign: Sign, now: datetime) -> str:
    issued = int(now.timestamp())
    claims = {
        "iss": security.client_id,
        "sub": security.client_id,
        "aud": security.audience,
        "iat": issued,
        "exp": issued + _ASSERTION_SECONDS,
        "jti": str(uuid4()),
    }
    return sign(claims, security.key_id)


def _token_in(answer: bytes) -> str:
    try:
        reply = json.loads(answer)
    except ValueError:
        return ""
    token = reply.get("access_token") if isinstance(reply, dict) else None
    return token if isinstance(token, str) and token.isascii() and token.isprintable() else ""
