"""Message-level encryption: the official vector, both directions, and the mandate."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.x509.oid import NameOID
from joserfc import jwe
from joserfc.jwk import RSAKey

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators.cybersource.authentication.message_encryption import (
    ENDPOINTS,
    MessageEncryption,
)
from coursetill_simulators.cybersource.wire_format.refusals import Refusal
from coursetill_simulators_tests.cybersource.merchant import (
    Clock,
    Merchant,
    payment_request,
    session_request,
)

VECTORS = Path(__file__).parents[3] / "tests" / "vectors" / "cybersource"
OFFICIAL = json.loads((VECTORS / "rest_auth.json").read_text())
REQUEST_KEY_ID = "1701234567890123456789"
REPLY_KEY_ID = "7700000000000000000009"
REQUEST_PEM = (VECTORS / "sjc_mle_request_private.pem").read_text()
REPLY_PEM = (VECTORS / "response_mle_private.pem").read_text()
FROZEN = datetime.fromtimestamp(OFFICIAL["frozen_time"], UTC)
REGISTRY = jwe.JWERegistry(
    algorithms=["RSA-OAEP", "RSA-OAEP-256", "A256GCM"], strict_check_header=False
)
PATH = "/pts/v2/payments"


def public_pem(private_pem: str) -> str:
    return RSAKey.import_key(private_pem).as_pem(private=False).decode()


@pytest.fixture(scope="module")
def encrypting(clock: Clock) -> Iterator[RunningSimulator]:
    settings = SimulatorSettings(
        mle_private_keys={REQUEST_KEY_ID: REQUEST_PEM},
        reply_public_keys={REPLY_KEY_ID: public_pem(REPLY_PEM)},
    )
    with RunningSimulator(settings, now=clock) as running:
        yield running


@pytest.fixture
def secretive(encrypting: RunningSimulator, clock: Clock) -> Merchant:
    """A merchant at a simulator that has the keys of both sides."""
    clock.now = clock.start
    merchant = Merchant(encrypting.url, clock)
    merchant.commands("reset")
    return merchant


def encrypted(content: object, *, key_id: str = REQUEST_KEY_ID, alg: str = "RSA-OAEP-256") -> str:
    header = {"alg": alg, "enc": "A256GCM", "kid": key_id, "iat": 1795348800}
    plain = json.dumps(content).encode()
    key = RSAKey.import_key(REQUEST_PEM)
    return jwe.encrypt_compact(header, plain, key, registry=REGISTRY)


def decrypted(reply: requests.Response) -> Any:
    (name, envelope), *others = reply.json().items()
    assert (name, others) == ("encryptedResponse", [])
    found = jwe.decrypt_compact(envelope, RSAKey.import_key(REPLY_PEM), registry=REGISTRY)
    assert found.headers() == {
        "alg": "RSA-OAEP-256",
        "enc": "A256GCM",
        "iat": 1795348800,
        "kid": REPLY_KEY_ID,
    }
    return json.loads(found.plaintext or b"")


def send(
    merchant: Merchant, content: object, *, path: str = PATH, reply_key: str | None = None
) -> requests.Response:
    """A POST whose token asks for a reply encrypted to `reply_key`."""
    body = json.dumps(content).encode()
    claims = merchant.claims("POST", path, body)
    if reply_key is not None:
        claims["v-c-response-mle-kid"] = reply_key
    return merchant.send("POST", path, body=body, token=merchant.signed(claims))


def test_the_official_clients_request_is_decrypted_and_its_token_accepted() -> None:
    case = next(case for case in OFFICIAL["cases"] if "plaintext_body" in case)
    settings = SimulatorSettings(
        merchant_id=OFFICIAL["merchant_id"],
        p12_public_keys={"7700000000000000000001": (VECTORS / "merchant_public.pem").read_text()},
        mle_private_keys={REQUEST_KEY_ID: REQUEST_PEM},
        reply_public_keys={REPLY_KEY_ID: public_pem(REPLY_PEM)},
    )
    envelope = json.loads(case["body"])["encryptedRequest"]
    opened = MessageEncryption(settings.mle_private_keys, {}).opened(envelope)
    assert opened.decode() == case["plaintext_body"]

    with RunningSimulator(settings, now=lambda: FROZEN) as running:
        reply = requests.post(
            running.url + case["target"],
            data=case["body"].encode(),
            headers={"Authorization": f"Bearer {case['token']}"},
            timeout=10,
        )
    # Only the transient token "aaa.bbb.ccc" is invalid: the call itself is accepted and read.
    assert reply.status_code == 400
    assert decrypted(reply)["details"] == [
        {"field": "tokenInformation.transientTokenJwt", "reason": "INVALID_DATA"}
    ]


def test_an_encrypted_payment_gets_a_plain_reply(secretive: Merchant) -> None:
    reply = send(secretive, {"encryptedRequest": encrypted(payment_request())})
    assert reply.json()["status"] == "AUTHORIZED"


def test_a_reply_is_encrypted_for_the_key_named_in_the_token(secretive: Merchant) -> None:
    told = decrypted(send(secretive, payment_request(), reply_key=REPLY_KEY_ID))
    assert told["status"] == "AUTHORIZED"
    assert told["id"] == secretive.ledger()["payments"][0]["id"]


def test_a_refusal_is_encrypted_too(secretive: Merchant) -> None:
    reply = send(secretive, payment_request(amount="x"), reply_key=REPLY_KEY_ID)
    assert reply.status_code == 400
    assert decrypted(reply)["reason"] == "INVALID_DATA"


def test_details_are_encrypted_on_request(secretive: Merchant) -> None:
    path = "/tss/v2/transactions/1"
    claims = secretive.claims("GET", path) | {"v-c-response-mle-kid": REPLY_KEY_ID}
    reply = secretive.send("GET", path, body=b"", token=secretive.signed(claims))
    assert reply.status_code == 404
    assert "does not exist" in decrypted(reply)["message"]


def test_a_request_for_a_reply_to_an_unknown_key_is_refused_before_the_charge(
    secretive: Merchant,
) -> None:
    reply = send(secretive, payment_request(), reply_key="1")
    assert (reply.status_code, reply.json()["reason"]) == (400, "INVALID_DATA")
    assert secretive.ledger()["payments"] == []


def test_a_truncated_reply_is_unreadable_after_the_charge(secretive: Merchant) -> None:
    secretive.commands("faults", operation="payments", fault="truncated")
    reply = send(secretive, payment_request(), reply_key=REPLY_KEY_ID)
    assert reply.text.startswith('{"encryptedResponse"')
    with pytest.raises(requests.JSONDecodeError):
        reply.json()
    assert len(secretive.ledger()["payments"]) == 1


@pytest.mark.parametrize(
    "envelope",
    [
        encrypted(payment_request(), key_id="1"),
        encrypted(payment_request(), alg="RSA-OAEP"),
        encrypted(payment_request())[:-4] + "AAAA",
        "a.b.c.d.e",
        "nonsense",
        "",
        7,
        {},
    ],
    ids=["another key", "another alg", "tampered", "five parts", "one", "none", "7", "{}"],
)
def test_a_request_that_cannot_be_decrypted_is_refused_and_charges_nothing(
    secretive: Merchant, envelope: object
) -> None:
    reply = send(secretive, {"encryptedRequest": envelope})
    assert (reply.status_code, reply.json()["reason"]) == (400, "INVALID_DATA")
    assert secretive.ledger()["payments"] == []


def test_a_session_is_never_encrypted(secretive: Merchant) -> None:
    envelope = {"encryptedRequest": encrypted(session_request())}
    assert send(secretive, envelope, path="/uc/v1/sessions").status_code == 400
    reply = send(secretive, session_request(), path="/uc/v1/sessions", reply_key=REPLY_KEY_ID)
    assert reply.status_code == 201
    assert reply.text.count(".") == 2


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("payments", PATH),
        ("refunds", "/pts/v2/payments/1/refunds"),
        ("voids", "/pts/v2/voids"),
        ("voids", "/pts/v2/refunds/1/voids"),
        ("reversals", "/pts/v2/payments/1/reversals"),
        ("searches", "/tss/v2/searches"),
    ],
)
def test_mandatory_encryption_refuses_a_plain_body(
    secretive: Merchant, endpoint: str, path: str
) -> None:
    secretive.commands("switches", mle_mandatory=[endpoint])
    reply = send(secretive, payment_request(), path=path)
    assert reply.status_code == 400
    assert "mandatory" in reply.json()["message"]
    reply = send(secretive, {"encryptedRequest": encrypted(payment_request())}, path=path)
    assert "mandatory" not in reply.text


def test_mandatory_encryption_of_one_endpoint_affects_no_other(secretive: Merchant) -> None:
    others = [each for each in ENDPOINTS if each != "payments"]
    secretive.commands("switches", mle_mandatory=others)
    assert secretive.pays().status_code == 201


def test_a_simulator_without_configured_key_decrypts_for_its_own_certificate(
    merchant: Merchant,
) -> None:
    pem = requests.get(f"{merchant.url}/simulator/mle-certificate", timeout=10).content
    certificate = x509.load_pem_x509_certificate(pem)
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    (serial,) = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert name.value == "CyberSource_SJC_US"
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": serial.value, "iat": 0}
    envelope = jwe.encrypt_compact(
        header,
        json.dumps(payment_request()),
        RSAKey.import_key(certificate.public_key()),
        registry=REGISTRY,
    )
    assert send(merchant, {"encryptedRequest": envelope}).status_code == 201


def test_an_unknown_key_cannot_encrypt() -> None:
    with pytest.raises(Refusal, match="INVALID_DATA"):
        MessageEncryption(None, {}).closed(b"{}", "1", FROZEN)
