"""
/kms/egress/v2: the keys of webhooks.

keys-sym makes the key that they are signed with, where a new one overrides the old, and stores the
merchant's OAuth credentials; keys-asym stores the certificate that they are encrypted to. What is
answered to the last two is assumed after the first.
"""

import base64
import binascii
from datetime import timedelta
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from flask import Blueprint, Response
from joserfc.jwk import RSAKey

from coursetill_simulators.cybersource.middleware import answer, require_authentication, sent
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.webhooks.receiver_authentication import Credentials
from coursetill_simulators.cybersource.webhooks.subscription_store import KEY_LIFETIME
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.moments import written
from coursetill_simulators.cybersource.wire_format.refusals import wrong

webhook_keys = Blueprint("webhook_keys", __name__)
webhook_keys.before_request(require_authentication)

_LONGEST_SECRET = 2000


@webhook_keys.post("/kms/egress/v2/keys-sym")
def symmetric_key() -> Response:
    """CREATE a signature key, told this once, or STORE OAuth credentials: 201."""
    body = sent()
    _check_owner(body)
    match body.text("clientRequestAction"), body.text("keyInformation.keyType"):
        case "CREATE", "sharedSecret":
            return _made(body)
        case "STORE", "oAuthClientCredentials":
            return _stored_credentials(body)
        case (("CREATE" | "STORE"), _):
            raise wrong("keyInformation.keyType")
        case _:
            raise wrong("clientRequestAction")


@webhook_keys.post("/kms/egress/v2/keys-asym")
def asymmetric_key() -> Response:
    """STORE the certificate that webhooks are encrypted to: 201."""
    body = sent()
    _check_owner(body)
    if body.text("clientRequestAction") != "STORE":
        raise wrong("clientRequestAction")
    if body.text("keyInformation.keyType") != "publickey":
        raise wrong("keyInformation.keyType")
    key_id, key = _certified(body.text("keyInformation.pub", 10_000))
    current_registry().envelopes.store(key_id, key)
    return _told(body, {"keyId": key_id, "keyType": "publickey"}, KEY_LIFETIME)


def _check_owner(body: Body) -> None:
    if body.text("keyInformation.organizationId") != current_registry().settings.merchant_id:
        raise wrong("keyInformation.organizationId")


def _made(body: Body) -> Response:
    key = current_registry().new_webhook_key()
    told = {"keyId": key.id, "key": key.secret, "keyType": "sharedSecret"}
    return _told(body, told, KEY_LIFETIME)


def _stored_credentials(body: Body) -> Response:
    client_id = body.text("keyInformation.clientKeyId")
    secret = body.text("keyInformation.key", _LONGEST_SECRET)
    current_registry().webhooks.book.use_credentials(Credentials(client_id, secret))
    told = {"keyId": str(uuid4()), "keyType": "oAuthClientCredentials"}
    return _told(body, told, KEY_LIFETIME)


def _told(body: Body, key: dict[str, str], life: timedelta) -> Response:
    now = current_registry().now()
    told: dict[str, Any] = {
        "submitTimeUtc": written(now),
        "status": "SUCCESS",
        "keyInformation": {
            "provider": body.optional_text("keyInformation.provider") or "nrtd",
            "tenant": body.optional_text("keyInformation.tenant") or "",
            "organizationId": current_registry().settings.merchant_id,
            "clientKeyId": body.optional_text("keyInformation.clientKeyId"),
            **key,
            "status": "active",
            "expirationDate": written(now + life),
        },
    }
    return answer(told)


def _certified(text: str) -> tuple[str, RSAKey]:
    """The key in a certificate without its first and last line, and the id it goes by."""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
        key = certificate.public_key()
    except (binascii.Error, ValueError) as unreadable:
        raise wrong("keyInformation.pub") from unreadable
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise wrong("keyInformation.pub")
    named = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key_id = str(named[0].value) if named else str(certificate.serial_number)
    return key_id, RSAKey.import_key(pem)
