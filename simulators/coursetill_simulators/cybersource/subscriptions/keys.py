"""
/kms/egress/v2: the keys of webhooks.

keys-sym makes the key that signs them (a new key replaces the old one), and stores the merchant's
OAuth credentials. keys-asym stores the certificate that encrypts them. The replies to the last two
are assumed to be like the first.
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
    """CREATE a signature key, shown only once, or STORE OAuth credentials: 201."""
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
    """STORE the certificate that encrypts webhooks: 201."""
    body = sent()
    _check_owner(body)
    if body.text("clientRequestAction") != "STORE":
        raise wrong("clientRequestAction")
    if body.text("keyInformation.keyType") != "publickey":
        raise wrong("keyInformation.keyType")
    key_id, key = _certified(body.text("keyInformation.pub", 10_000))
    current_registry().envelopes.store(key_id, key)
    return _created(body, {"keyId": key_id, "keyType": "publickey"}, KEY_LIFETIME)


def _check_owner(body: Body) -> None:
    if body.text("keyInformation.organizationId") != current_registry().settings.merchant_id:
        raise wrong("keyInformation.organizationId")


def _made(body: Body) -> Response:
    key = current_registry().new_webhook_key()
    key_information = {"keyId": key.id, "key": key.secret, "keyType": "sharedSecret"}
    return _created(body, key_information, KEY_LIFETIME)


def _stored_credentials(body: Body) -> Response:
    client_id = body.text("keyInformation.clientKeyId")
    secret = body.text("keyInformation.key", _LONGEST_SECRET)
    current_registry().webhooks.subscriptions.use_credentials(Credentials(client_id, secret))
    key_information = {"keyId": str(uuid4()), "keyType": "oAuthClientCredentials"}
    return _created(body, key_information, KEY_LIFETIME)


def _created(body: Body, key: dict[str, str], life: timedelta) -> Response:
    now = current_registry().now()
    reply: dict[str, Any] = {
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
    return answer(reply)


def _certified(text: str) -> tuple[str, RSAKey]:
    """The key of a certificate in bare base64, and its id."""
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
