"""OAuth for webhooks, certificates for their encryption, and further events."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jwe, jwt
from joserfc.jwk import RSAKey

from coursetill_simulators.cybersource import DEMO_MERCHANT_ID
from coursetill_simulators.testing.merchant_server import MerchantServer
from coursetill_simulators_tests.cybersource.hosted_shop import HostedShop
from coursetill_simulators_tests.cybersource.merchant import Merchant, header_of
from coursetill_simulators_tests.cybersource.subscriber import Subscriber, one_event

SYMMETRIC = "/kms/egress/v2/keys-sym"
ASYMMETRIC = "/kms/egress/v2/keys-asym"
EVENTS_OF_SECURE_ACCEPTANCE = ("rawtransactionresults", "cardholderreceipts", "merchantreceipts")
CREDENTIALS: dict[str, Any] = {
    "provider": DEMO_MERCHANT_ID,
    "tenant": "nrtd",
    "keyType": "oAuthClientCredentials",
    "organizationId": DEMO_MERCHANT_ID,
    "clientKeyId": "shop",
    "key": "worthless",
}


def stored(merchant: Merchant, path: str, **changed: Any) -> requests.Response:
    information = {name: value for name, value in changed.items() if value is not None}
    return merchant.post(path, {"clientRequestAction": "STORE", "keyInformation": information})


def policy(receiver: MerchantServer, kind: str, **more: str) -> dict[str, Any]:
    config: dict[str, Any] = {"oAuthURL": f"{receiver.url}/token", "oAuthTokenType": "Bearer"}
    if more:
        config["additionalConfig"] = more
    return {"securityType": kind, "proxyType": "external", "config": config}


def certificate(key: Any, serial: str | None = "7700000000000000000042") -> str:
    """A certificate in the guide's format: base64 without its first and last line."""
    names = [x509.NameAttribute(NameOID.COMMON_NAME, "shop")]
    if serial:
        names.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    now = datetime(2026, 11, 22, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(x509.Name(names))
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .sign(key, SHA256())
    )
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


@pytest.fixture(scope="module")
def private_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def test_with_oauth_each_message_carries_a_token_of_the_stored_client(
    merchant: Merchant, subscriber: Subscriber, receiver: MerchantServer
) -> None:
    subscriber.makes_key()
    wanted = policy(receiver, "oAuth", scope="orders:write")
    early = subscriber.asks(securityPolicy=wanted)
    assert (early.status_code, early.json()["reason"]) == (400, "INVALID_DATA")
    assert stored(merchant, SYMMETRIC, **CREDENTIALS).status_code == 201
    receiver.grant = b'{"access_token": "opaque", "token_type": "Bearer"}'
    webhook = one_event(subscriber, securityPolicy=wanted)
    told = merchant.get(f"/notification-subscriptions/v2/webhooks/{webhook}").json()
    assert told["securityPolicy"] == wanted

    merchant.pays()
    subscriber.round()
    (asked,) = receiver.token_requests()
    pair = base64.b64encode(b"shop:worthless").decode()
    assert asked.headers["authorization"] == f"Basic {pair}"
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["orders:write"],
    }
    (heard,) = receiver.webhooks()
    assert heard.headers["authorization"] == "Bearer opaque"
    assert subscriber.verified(heard)


def test_with_oauth_jwt_the_token_is_requested_by_an_assertion(
    merchant: Merchant, subscriber: Subscriber, receiver: MerchantServer
) -> None:
    receiver.grant = b'{"access_token": "opaque"}'
    named = {"aud": "https://shop.example.com", "clientId": "cybersource", "keyId": "their-key"}
    one_event(subscriber, securityPolicy=policy(receiver, "oAuth_JWT", **named))
    merchant.pays()
    subscriber.round()
    (asked,) = receiver.token_requests()
    form = parse_qs(asked.body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    (assertion,) = form["assertion"]
    assert header_of(assertion)["kid"] == "their-key"
    published = requests.get(f"{merchant.url}/flex/v2/public-keys/zu", timeout=5).json()
    key = RSAKey.import_key({name: published[name] for name in ("kty", "n", "e")})
    claims = jwt.decode(assertion, key, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"]) == ("cybersource", "https://shop.example.com")
    assert claims["exp"] - claims["iat"] == 300
    assert len(receiver.webhooks()) == 1


@pytest.mark.parametrize("grant", [b"", b"<html>", b"[]", b"{}", b'{"access_token": "a\\nb"}'])
def test_a_message_without_oauth_token_is_not_sent_and_is_retried(
    merchant: Merchant, subscriber: Subscriber, receiver: MerchantServer, grant: bytes
) -> None:
    stored(merchant, SYMMETRIC, **CREDENTIALS)
    one_event(subscriber, securityPolicy=policy(receiver, "oAuth"))
    receiver.grant = grant
    merchant.pays()
    subscriber.round()
    assert receiver.webhooks() == []
    (delivery,) = subscriber.deliveries()
    assert (delivery["state"], [each["answer"] for each in delivery["tries"]]) == (
        "waiting",
        [None],
    )
    receiver.grant = b'{"access_token": "opaque"}'
    merchant.commands("clock", advance_seconds=60)
    subscriber.round()
    assert len(receiver.webhooks()) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"securityType": "oAuth", "config": {}},
        {"securityType": "oAuth", "config": {"oAuthURL": "https://shop.example.com/token"}},
        {"securityType": "oAuth_JWT", "config": {"oAuthURL": "http://127.0.0.1:1/token"}},
        {"securityType": "oauth"},
    ],
)
def test_an_impossible_security_policy_is_refused(
    merchant: Merchant, subscriber: Subscriber, changed: dict[str, Any]
) -> None:
    subscriber.makes_key()
    stored(merchant, SYMMETRIC, **CREDENTIALS)
    assert subscriber.asks(securityPolicy=changed).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"keyType": "sharedSecret"},
        {"organizationId": "other"},
        {"clientKeyId": None},
        {"key": None},
    ],
)
def test_invalid_credentials_are_not_stored(merchant: Merchant, changed: dict[str, Any]) -> None:
    assert stored(merchant, SYMMETRIC, **{**CREDENTIALS, **changed}).status_code == 400


@pytest.mark.parametrize(
    ("serial", "key_id"), [("7700000000000000000042", "7700000000000000000042"), (None, "4711")]
)
def test_webhooks_are_encrypted_for_the_stored_certificate(
    merchant: Merchant,
    subscriber: Subscriber,
    receiver: MerchantServer,
    *,
    private_key: RSAPrivateKey,
    serial: str | None,
    key_id: str,
) -> None:
    information = {
        "keyType": "publickey",
        "organizationId": DEMO_MERCHANT_ID,
        "pub": certificate(private_key, serial),
    }
    reply = stored(merchant, ASYMMETRIC, **information)
    assert (reply.status_code, reply.json()["keyInformation"]["keyId"]) == (201, key_id)
    one_event(subscriber)
    merchant.commands("switches", webhook_shape="jwe-body")
    merchant.pays()
    subscriber.round()
    (heard,) = receiver.webhooks()
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    registry = jwe.JWERegistry(algorithms=["RSA-OAEP-256", "A256GCM"], strict_check_header=False)
    envelope = json.loads(heard.body)["encryptedPayload"]
    opened = jwe.decrypt_compact(envelope, RSAKey.import_key(pem), registry=registry)
    assert opened.headers()["kid"] == key_id
    assert subscriber.verified(heard, opened.plaintext)


def test_a_certificate_that_is_not_rsa_is_not_stored(
    merchant: Merchant, private_key: RSAPrivateKey
) -> None:
    whole = {"keyType": "publickey", "organizationId": DEMO_MERCHANT_ID}
    good = {**whole, "pub": certificate(private_key)}
    for wrong in (
        whole,
        {**whole, "pub": "not base64!"},
        {**whole, "pub": "AAAA"},
        {**whole, "pub": certificate(ec_key(SECP256R1()))},
        {**good, "keyType": "certificate"},
        {**good, "organizationId": "other"},
    ):
        assert stored(merchant, ASYMMETRIC, **wrong).status_code == 400
    action = {"clientRequestAction": "CREATE", "keyInformation": good}
    assert merchant.post(ASYMMETRIC, action).status_code == 400
    assert requests.post(merchant.url + ASYMMETRIC, json=action, timeout=5).status_code == 401


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("203", {"sa.orders.rawtransactionresults"}),
        (
            "100",
            {
                "sa.orders.rawtransactionresults",
                "sa.orders.cardholderreceipts",
                "sa.orders.merchantreceipts",
            },
        ),
    ],
)
def test_a_hosted_result_is_an_event_and_an_accepted_one_has_receipts(
    subscriber: Subscriber, shop: HostedShop, choice: str, names: set[str]
) -> None:
    events = [f"sa.orders.{each}" for each in EVENTS_OF_SECURE_ACCEPTANCE]
    subscriber.subscribes(products=[{"productId": "secureAcceptance", "eventTypes": events}])
    shop.pays(shop.opens(override_backoffice_post_url="left out"), simulated_reason=choice)
    subscriber.round()
    told = subscriber.told()
    assert {each["eventType"] for each in told} == names
    assert {each["payload"]["req_reference_number"] for each in told} == {"ORDER-42"}
    assert {each["payload"]["reason_code"] for each in told} == {choice}


def test_a_refused_void_or_reversal_has_status_rejected(
    merchant: Merchant, subscriber: Subscriber
) -> None:
    names = ["payments.void.status.rejected", "payments.reversal.status.rejected"]
    subscriber.subscribes(products=[{"productId": "payments", "eventTypes": names}])
    sale = merchant.pays().json()["id"]
    merchant.commands("settlements")
    for undoing in ("voids", "reversals"):
        reference = {"clientReferenceInformation": {"code": "ORDER-42"}}
        assert merchant.post(f"/pts/v2/payments/{sale}/{undoing}", reference).status_code == 400
    subscriber.round()
    assert [(each["eventType"], each["payload"]["id"]) for each in subscriber.told()] == [
        (name, sale) for name in names
    ]
