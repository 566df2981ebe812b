"""Message-level encryption of requests and replies."""

import base64
import hashlib
import json
import re

import pytest
from joserfc import jwe
from joserfc.jwe import JWERegistry
from joserfc.jwk import OctKey, RSAKey

from adapters.cybersource.rest.certificates import cybersource_in
from adapters.cybersource.rest.endpoints import ENCRYPTABLE, EndpointFamily, endpoint_family
from adapters.cybersource.rest.jwts import content_of
from adapters.cybersource.rest.message_encryption import (
    Encryption,
    MessageOpener,
    MessageSealer,
    ReplyKey,
    Unreadable,
)
from adapters.cybersource.rest.settings import WrongSettings
from adapters.cybersource.rest.signing import RequestSigners
from adapters.cybersource.rest.transport import ApiCall, ApiRefusal, Transport
from adapters.http_client import HttpClient, Lost, Timeouts
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import START, new_id
from tests.adapters.cybersource.vectors import (
    CYBERSOURCE_CERTIFICATE,
    CYBERSOURCE_KEY,
    FROZEN,
    OWN_P12,
    OWN_SHARED,
    REPLY_KEY,
    REPLY_KEY_ID,
    REST,
    official_settings,
)
from tests.adapters.cybersource.worlds import settings
from tests.adapters.http_client.stubs import Stub, http

(VECTOR,) = [case for case in REST["cases"] if case["name"].endswith("mle")]
PATH = VECTOR["target"]
OWN_REPLY_KEY = ReplyKey(key_id=REPLY_KEY_ID, pem=REPLY_KEY)
OLD_REPLY_KEY = ReplyKey(key_id="old", pem=RSAKey.generate_key(2048).as_pem(private=True))
BOTH = Encryption(
    certificate=CYBERSOURCE_CERTIFICATE,
    reply_keys=(OWN_REPLY_KEY, OLD_REPLY_KEY),
    replies=frozenset({EndpointFamily.PAYMENTS, EndpointFamily.DETAILS}),
)
AS_CYBERSOURCE = MessageOpener([ReplyKey(key_id="1701234567890123456789", pem=CYBERSOURCE_KEY)])
PLAIN_REPLY = b'{"id": "7533511014286971803092", "status": "AUTHORIZED"}'


def encrypted(plain: bytes, key=None, **header) -> str:
    """What CyberSource encrypts for our reply key."""
    usual = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "iat": 1, "kid": REPLY_KEY_ID} | header
    unattended = JWERegistry(
        algorithms=["RSA-OAEP", "RSA-OAEP-256", "A256GCM", "A128GCM", "dir"],
        strict_check_header=False,
    )
    return jwe.encrypt_compact(usual, plain, key or OWN_REPLY_KEY.key, registry=unattended)


def envelope(text: str) -> bytes:
    return json.dumps({"encryptedResponse": text}).encode()


def test_only_cybersource_can_decrypt_a_request_of_the_vendors_client():
    text = json.loads(VECTOR["body"])["encryptedRequest"]
    assert AS_CYBERSOURCE.opened(text).decode() == VECTOR["plaintext_body"]
    with pytest.raises(Unreadable):
        MessageOpener([OWN_REPLY_KEY]).opened(text)


def test_our_encryption_matches_the_vendors_client():
    sealed = MessageSealer.of(BOTH, None).sealed(PATH, VECTOR["plaintext_body"].encode(), FROZEN)
    text = json.loads(sealed)["encryptedRequest"]
    assert list(json.loads(sealed)) == list(json.loads(VECTOR["body"]))
    assert AS_CYBERSOURCE.opened(text).decode() == VECTOR["plaintext_body"]
    header = json.loads(base64.urlsafe_b64decode(text.partition(".")[0] + "=="))
    assert list(header.items()) == list(VECTOR["jwe_protected_header"].items())


def test_each_encryption_of_one_body_is_different():
    envelopes = MessageSealer.of(BOTH, None)
    assert envelopes.sealed(PATH, b"{}", FROZEN) != envelopes.sealed(PATH, b"{}", FROZEN)


def test_the_vendors_encrypted_reply_is_decrypted():
    told = REST["response_mle"]
    opened = MessageSealer.of(BOTH, None).opened(told["body"].encode())
    assert opened.decode() == told["plaintext"]


def test_a_plain_reply_is_used_unchanged():
    envelopes = MessageSealer.of(BOTH, None)
    for body in (PLAIN_REPLY, b"<html>", b"", b'{"encryptedResponse": 7}'):
        assert envelopes.opened(body) == body


def test_a_reply_for_any_of_our_keys_is_decrypted():
    text = encrypted(PLAIN_REPLY, OLD_REPLY_KEY.key, kid="old")
    assert MessageSealer.of(BOTH, None).opened(envelope(text)) == PLAIN_REPLY


def test_a_reply_without_a_known_key_id_is_tried_with_every_key():
    text = encrypted(PLAIN_REPLY, OLD_REPLY_KEY.key, kid="who knows")
    assert MessageSealer.of(BOTH, None).opened(envelope(text)) == PLAIN_REPLY


def test_a_long_reply_is_decrypted():
    text = encrypted(b"x" * 300_000)
    assert len(MessageSealer.of(BOTH, None).opened(envelope(text))) == 300_000


STRANGE = {
    "no JWE": "no JWE",
    "four dots": "a.b.c.d.e",
    "no ASCII": "é.b.c.d.e",
    "changed": encrypted(PLAIN_REPLY)[:-6] + "AAAAAA",
    "for a stranger": encrypted(PLAIN_REPLY, RSAKey.generate_key(2048)),
    "by an older algorithm": encrypted(PLAIN_REPLY, alg="RSA-OAEP"),
    "with a shorter key": encrypted(PLAIN_REPLY, enc="A128GCM"),
    "without our key": encrypted(PLAIN_REPLY, OctKey.generate_key(256), alg="dir"),
}


@pytest.mark.parametrize("how", STRANGE)
def test_a_reply_not_encrypted_for_us_as_agreed_is_unreadable(how):
    with pytest.raises(Unreadable):
        MessageSealer.of(BOTH, None).opened(envelope(STRANGE[how]))


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/pts/v2/payments", EndpointFamily.PAYMENTS),
        ("/pts/v2/payments/1/captures", EndpointFamily.CAPTURES),
        ("/pts/v2/payments/1/refunds", EndpointFamily.REFUNDS),
        ("/pts/v2/captures/1/refunds", EndpointFamily.REFUNDS),
        ("/pts/v2/payments/1/voids", EndpointFamily.VOIDS),
        ("/pts/v2/refunds/1/voids", EndpointFamily.VOIDS),
        ("/pts/v2/voids", EndpointFamily.VOIDS),
        ("/pts/v2/payments/1/reversals", EndpointFamily.REVERSALS),
        ("/pts/v2/reversals/", EndpointFamily.REVERSALS),
        ("/tss/v2/searches", EndpointFamily.SEARCHES),
        ("/tss/v2/transactions/1", EndpointFamily.DETAILS),
        ("/uc/v1/sessions", EndpointFamily.SESSIONS),
        ("/flex/v2/public-keys/zu", EndpointFamily.PUBLIC_KEYS),
        ("/notification-subscriptions/v2/webhooks?organizationId=m", EndpointFamily.WEBHOOKS),
        ("/kms/egress/v2/keys-sym", EndpointFamily.WEBHOOKS),
        ("/tss/v2/transactions/1?extended=yes", EndpointFamily.DETAILS),
        ("/elsewhere", None),
    ],
)
def test_each_path_belongs_to_one_encryption_group_or_none(path, family):
    assert endpoint_family(path) is family


@pytest.mark.parametrize("family", list(EndpointFamily))
def test_each_encryption_group_can_be_switched_alone(family):
    if family not in ENCRYPTABLE:
        with pytest.raises(WrongSettings, match=family.value):
            official_settings(keys=(OWN_P12,), encryption=Encryption(requests=frozenset({family})))
        return
    only = Encryption(certificate=CYBERSOURCE_CERTIFICATE, requests=frozenset({family}))
    envelopes = MessageSealer.of(only, None)
    paths = {
        EndpointFamily.PAYMENTS: "/pts/v2/payments",
        EndpointFamily.REFUNDS: "/pts/v2/payments/1/refunds",
        EndpointFamily.SEARCHES: "/tss/v2/searches",
    }
    sealed = {
        each for each, path in paths.items() if envelopes.sealed(path, b"{}", FROZEN) != b"{}"
    }
    assert sealed == {family} & paths.keys()


def test_the_certificate_of_the_p12_file_is_the_default():
    told = official_settings(keys=(OWN_P12,), encryption=Encryption())
    envelopes = MessageSealer.of(told.encryption, told.certificate_in_p12)
    text = json.loads(envelopes.sealed(PATH, b"{}", FROZEN))["encryptedRequest"]
    assert AS_CYBERSOURCE.opened(text) == b"{}"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"encryption": Encryption()}, "certificate is needed"),
        ({"encryption": Encryption(certificate=b"nothing")}, "as PEM"),
        ({"encryption": BOTH, "http_signature": True}, "only beside a JWT"),
        (
            {
                "encryption": Encryption(
                    certificate=CYBERSOURCE_CERTIFICATE,
                    replies=frozenset({EndpointFamily.PAYMENTS}),
                )
            },
            "a key of yours",
        ),
        (
            {
                "encryption": Encryption(
                    certificate=CYBERSOURCE_CERTIFICATE,
                    reply_keys=(ReplyKey(key_id="bad", pem=CYBERSOURCE_CERTIFICATE),),
                )
            },
            "not an RSA private key",
        ),
    ],
)
def test_impossible_encryption_settings_are_refused_at_start(changed, why):
    with pytest.raises(WrongSettings, match=why):
        official_settings(**changed)


def exchanged(reply: bytes, call: ApiCall) -> tuple[bytes, object]:
    """The request as it was sent, and what became of its reply."""
    with Stub(reply) as stub:
        told = settings(stub.url, keys=(OWN_SHARED,), timeouts=Timeouts(connect=2, read=1))
        envelopes = MessageSealer.of(BOTH, None)
        transport = Transport(
            told,
            RequestSigners.of(told, new_id),
            HttpClient(told.timeouts),
            now=Clock(START),
            envelopes=envelopes,
        )
        try:
            answer: object = transport.ask(call)
        except (Lost, ApiRefusal) as failure:
            answer = failure
        return stub.requests[0], answer


CHARGE = ApiCall(operation="charge", ours="A-1", path="/pts/v2/payments", body={"card": "hush"})


def claims_in(request: bytes):
    found = re.search(rb"(?i)authorization: Bearer (\S+)", request)
    assert found
    return content_of(found[1].decode())


def test_the_digest_covers_the_encrypted_body_and_the_encrypted_reply_is_requested():
    request, _ = exchanged(http("201 Created", envelope(encrypted(PLAIN_REPLY))), CHARGE)
    body = request.partition(b"\r\n\r\n")[2]
    assert b"hush" not in body
    claims = claims_in(request)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert claims.text("digest") == digest
    assert claims.at("v-c-response-mle-kid") == REPLY_KEY_ID


def test_an_encrypted_reply_is_read_as_a_reply():
    _, answer = exchanged(http("201 Created", envelope(encrypted(PLAIN_REPLY))), CHARGE)
    assert answer.text("status") == "AUTHORIZED"


@pytest.mark.parametrize("status", ["201 Created", "400 Bad", "502 Bad"])
def test_an_unreadable_encrypted_reply_leaves_the_result_unknown(status):
    strange = envelope(encrypted(PLAIN_REPLY, RSAKey.generate_key(2048)))
    assert isinstance(exchanged(http(status, strange), CHARGE)[1], Lost)


def test_a_refusal_is_recognised_plain_or_encrypted():
    strange = envelope(encrypted(PLAIN_REPLY, RSAKey.generate_key(2048)))
    assert isinstance(exchanged(http("401 No", strange), CHARGE)[1], ApiRefusal)
    known = envelope(encrypted(b'{"reason": "INVALID_DATA"}'))
    refused = exchanged(http("400 Bad", known), CHARGE)[1]
    assert isinstance(refused, ApiRefusal)
    assert refused.reason == "INVALID_DATA"


def test_a_group_without_encryption_sends_and_requests_plain_bodies():
    session = ApiCall(operation="session", ours="A-1", path="/uc/v1/sessions", body={"a": 1})
    request, _ = exchanged(http("201 Created", b"{}"), session)
    assert request.endswith(b'{"a": 1}')
    assert claims_in(request).at("v-c-response-mle-kid") is None


def test_a_get_request_has_no_encrypted_body_but_can_have_an_encrypted_reply():
    details = ApiCall(operation="details", ours="A-1", path="/tss/v2/transactions/1")
    request, answer = exchanged(http("200 OK", envelope(encrypted(PLAIN_REPLY))), details)
    assert answer.text("status") == "AUTHORIZED"
    assert claims_in(request).at("digest") is None


def test_a_vendor_certificate_that_ends_soon_gives_a_warning():
    envelopes = MessageSealer.of(BOTH, None)
    assert cybersource_in(CYBERSOURCE_CERTIFICATE).ends_at in {
        e.ends_at for e in envelopes.endings()
    }
