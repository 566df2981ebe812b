"""The clients of the simulator: a merchant's server, and the card form in a browser."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import attrs
import requests
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey

from coursetill_simulators.cybersource import DEMO_KEY_ID, DEMO_MERCHANT_ID, DEMO_SECRET

SHOP_ORIGIN = "http://127.0.0.1:5000"
VISA = "4111111111111111"
TIMEOUT_SECONDS = 10


class Clock:
    """A clock that moves only when a test advances it."""

    def __init__(self, now: datetime) -> None:
        self.start = now
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token, not verified."""
    return json.loads(jws.extract_compact(token.encode()).payload)


def header_of(token: str) -> dict[str, Any]:
    """The header of a token, not verified."""
    return dict(jws.extract_compact(token.encode()).headers())


@attrs.define
class Merchant:
    """Signs calls with the demo's shared secret, in version 2 of the JWT format."""

    url: str
    clock: Callable[[], datetime]

    def claims(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        """The claims of a valid token."""
        issued = int(self.clock().timestamp())
        claims = {
            "iat": issued,
            "exp": issued + 120,
            "iss": DEMO_MERCHANT_ID,
            "jti": str(uuid4()),
            "request-host": urlsplit(self.url).netloc,
            "request-method": method,
            "request-resource-path": path,
            "v-c-jwt-version": "2",
            "v-c-merchant-id": DEMO_MERCHANT_ID,
        }
        if method == "POST":
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            claims |= {"digest": digest, "digestAlgorithm": "SHA-256"}
        return claims

    def signed(self, claims: dict[str, Any], *, key_id: str = DEMO_KEY_ID) -> str:
        """A token of `claims`, signed with the demo's secret whatever `key_id` says."""
        key = OctKey.import_key(base64.b64decode(DEMO_SECRET))
        return jwt.encode({"alg": "HS256", "kid": key_id}, claims, key)

    def call(self, method: str, path: str, content: object = None) -> requests.Response:
        """A call with a valid signature."""
        body = b"" if content is None else json.dumps(content).encode()
        token = self.signed(self.claims(method, path, body))
        return self.send(method, path, body=body, token=token)

    def send(self, method: str, path: str, *, body: bytes, token: str) -> requests.Response:
        """A call with the given token."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return requests.request(
            method, self.url + path, data=body, headers=headers, timeout=TIMEOUT_SECONDS
        )

    def post(self, path: str, content: object) -> requests.Response:
        return self.call("POST", path, content)

    def get(self, path: str) -> requests.Response:
        return self.call("GET", path)

    def session(self, **changed: object) -> str:
        """A new session's token."""
        reply = self.post("/uc/v1/sessions", session_request(**changed))
        assert reply.status_code == 201, reply.text
        return reply.text

    def pays(self, number: str = VISA, amount: str = "247.50", **more: Any) -> requests.Response:
        """A sale by card number; see `payment_request`."""
        return self.post("/pts/v2/payments", payment_request(number, amount, **more))

    def refunds(
        self,
        payment_id: str,
        amount: str,
        *,
        transaction_id: str | None = None,
        of: str = "payments",
    ) -> requests.Response:
        reference = {"code": "REFUND-1", "transactionId": transaction_id}
        content = {
            "clientReferenceInformation": reference,
            "orderInformation": {"amountDetails": {"totalAmount": amount, "currency": "USD"}},
        }
        return self.post(f"/pts/v2/{of}/{payment_id}/refunds", content)

    def captures(
        self, payment_id: str, amount: str, *, transaction_id: str | None = None
    ) -> requests.Response:
        content = {
            "clientReferenceInformation": {"code": "CAPTURE-1", "transactionId": transaction_id},
            "orderInformation": {"amountDetails": {"totalAmount": amount, "currency": "USD"}},
        }
        return self.post(f"/pts/v2/payments/{payment_id}/captures", content)

    def finds(self, query: str, **more: object) -> list[dict[str, Any]]:
        """The rows that a search finds."""
        reply = self.post("/tss/v2/searches", {"query": query, **more})
        assert reply.status_code == 201, reply.text
        return reply.json().get("_embedded", {}).get("transactionSummaries", [])

    def commands(self, path: str, **told: object) -> requests.Response:
        """A command to the simulator's control API."""
        return requests.post(f"{self.url}/simulator/{path}", json=told, timeout=TIMEOUT_SECONDS)

    def ledger(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/simulator/ledger", timeout=TIMEOUT_SECONDS).json()


@attrs.define
class CardForm:
    """Does what the script in the card frame does."""

    url: str

    def tokenises(self, session: str, number: str = VISA, **changed: Any) -> requests.Response:
        card = {
            "number": number,
            "expirationMonth": "12",
            "expirationYear": "2031",
            "securityCode": "123",
            **changed,
        }
        bill_to = {"firstName": "Ada", "lastName": "Lovelace", "postalCode": "02139"}
        content = {"captureContext": session, "card": card, "billTo": bill_to}
        return requests.post(f"{self.url}/flex/v2/tokens", json=content, timeout=TIMEOUT_SECONDS)

    def completes(
        self, session: str, token: str, authentication_id: str | None = None
    ) -> requests.Response:
        content = {
            "captureContext": session,
            "transientToken": token,
            "authenticationId": authentication_id,
        }
        return requests.post(f"{self.url}/flex/v2/complete", json=content, timeout=TIMEOUT_SECONDS)

    def token(self, session: str, number: str = VISA) -> str:
        reply = self.tokenises(session, number)
        assert reply.status_code == 201, reply.text
        return reply.text


def session_request(**changed: object) -> dict[str, Any]:
    """A valid session request with some top-level fields changed; None removes a field."""
    wanted = {
        "targetOrigins": [SHOP_ORIGIN],
        "country": "US",
        "locale": "en_US",
        "allowedCardNetworks": ["VISA", "MASTERCARD", "AMEX"],
        "allowedPaymentTypes": ["PANENTRY"],
        "data": {
            "orderInformation": {"amountDetails": {"totalAmount": "247.50", "currency": "USD"}},
            "clientReferenceInformation": {"code": "ORDER-42"},
        },
        **changed,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def payment_request(
    number: str = VISA,
    amount: str = "247.50",
    *,
    code: str = "ORDER-42",
    transaction_id: str | None = None,
    capture: bool = True,
    bill_to: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A valid payment by card number; a sale unless `capture` is false."""
    card = {"number": number, "expirationMonth": "12", "expirationYear": "2031"}
    return {
        "clientReferenceInformation": {"code": code, "transactionId": transaction_id},
        "processingInformation": {"capture": capture, "commerceIndicator": "internet"},
        "paymentInformation": {"card": card},
        "orderInformation": {
            "amountDetails": {"totalAmount": amount, "currency": "USD"},
            "billTo": bill_to or {"postalCode": "02139"},
        },
    }


def one_time_key(session: str) -> RSAKey:
    """The key in the session that signs its tokens."""
    numbers = claims_of(session)["flx"]["jwk"]
    # The documented sample labels it "enc" too, although it verifies signatures.
    return RSAKey.import_key({name: numbers[name] for name in ("kty", "n", "e", "kid")})
