"""A CyberSource that sends webhooks: signed by whichever key, over whichever form."""

import json
from typing import Any

from joserfc import jwe
from joserfc.jwe import JWERegistry

from adapters.cybersource.rest.keys import SharedKey
from adapters.cybersource.webhooks.verify import signature_of
from coursetill_testing.contracts.gateway_world import START
from tests.adapters.cybersource.rest.test_message_encryption import OWN_REPLY_KEY

KEY = SharedKey(key_id="0d9f1e2c-key", secret="d29ydGhsZXNzLXdlYmhvb2sta2V5")
OLD_KEY = SharedKey(key_id="old-key", secret="d29ydGhsZXNzLW9sZC1rZXktMTIz")
MILLISECONDS = int(START.timestamp() * 1000)
ACCEPTED = "payments.authorization.status.accepted"
REFUNDED = "payments.refund.status.updated"

Content = dict[str, Any]


def a_payment(**changed: Any) -> Content:
    """The payload of an event about attempt A-1, as the reply to our request would read."""
    return {
        "id": "7637450000006999904011",
        "status": "AUTHORIZED",
        "clientReferenceInformation": {"code": "CT-7K3M-Q9XD-2FVT", "transactionId": "A-1"},
        "orderInformation": {"amountDetails": {"authorizedAmount": "247.51", "currency": "USD"}},
        "paymentInformation": {"card": {"type": "001", "suffix": "1111"}},
    } | changed


def a_refund(**changed: Any) -> Content:
    return {
        "id": "7637450000006999904099",
        "status": "BATCHED",
        "clientReferenceInformation": {"code": "R-1", "transactionId": "R-1"},
        "refundAmountDetails": {"refundAmount": "10.00", "currency": "USD"},
    } | changed


def a_message(payload: object, event: str = ACCEPTED, **changed: Any) -> Content:
    """An event with its payload, as it is sent."""
    return {
        "eventType": event,
        "webhookId": "wh-1",
        "productId": "payments",
        "organizationId": "simulated_merchant",
        "eventDate": "2026-11-22T12:00:00",
        "transactionTraceId": "trace-1",
        "retryNumber": 0,
        "requestType": "NEW",
        "payload": payload,
    } | changed


def written(content: object) -> bytes:
    """With spaces and escapes that no other program would write alike."""
    return json.dumps(content, indent=1).encode()


def compact(content: object) -> bytes:
    """As JavaScript writes it."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def signed(over: bytes, key: SharedKey = KEY, at: int = MILLISECONDS) -> dict[str, str]:
    signature = signature_of(key.content, str(at), over)
    return {"V-C-Signature": f"t={at};keyId={key.key_id};sig={signature}"}


def sealed(plain: bytes) -> str:
    """A JWE for our own key."""
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": OWN_REPLY_KEY.key_id, "iat": 1}
    registry = JWERegistry(algorithms=["RSA-OAEP-256", "A256GCM"], strict_check_header=False)
    return jwe.encrypt_compact(header, plain, OWN_REPLY_KEY.key, registry=registry)
