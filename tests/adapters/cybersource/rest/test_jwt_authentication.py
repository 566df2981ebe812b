"""The authentication of a request equals that of the vendor's client byte for byte."""

from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest

from adapters.cybersource.rest.http_signature import HttpSignature
from adapters.cybersource.rest.jwt_authentication import SharedSecret, Unsigned, claims_of
from adapters.cybersource.rest.keys import SharedKey
from adapters.cybersource.rest.settings import WrongSettings
from adapters.cybersource.rest.signing import RequestSigners
from tests.adapters.cybersource.vectors import (
    FROZEN,
    OWN_P12,
    OWN_SHARED,
    REPLY_KEY_ID,
    another_secret,
    cases,
    official_settings,
    unsigned,
)

REQUEST = Unsigned("GET", "apitest.cybersource.com", "/tss/v2/transactions/1")


def signers(*keys, jti="1", **changed):
    return RequestSigners.of(official_settings(keys=keys, **changed), lambda: jti)


@pytest.mark.parametrize("case", cases("jwt_hs256"))
def test_a_shared_secret_makes_the_same_token_as_the_vendor(case):
    made = signers(OWN_SHARED, jti=case["payload"]["jti"]).headers(unsigned(case), FROZEN)
    assert made["Authorization"] == f"Bearer {case['token']}"


@pytest.mark.parametrize("case", cases("jwt_rs256"))
def test_a_p12_key_makes_the_same_token_as_the_vendor(case):
    asks_for = case["payload"].get("v-c-response-mle-kid")
    made = signers(OWN_P12, jti=case["payload"]["jti"]).headers(unsigned(case, asks_for), FROZEN)
    assert made["Authorization"] == f"Bearer {case['token']}"


def test_one_vector_requests_an_encrypted_reply():
    asked = [case.values[0]["payload"].get("v-c-response-mle-kid") for case in cases("jwt")]
    assert REPLY_KEY_ID in asked


@pytest.mark.parametrize("case", cases("http_signature"))
def test_an_http_signature_equals_the_vendors(case):
    made = signers(OWN_SHARED, http_signature=True).headers(unsigned(case), FROZEN)
    assert made == case["headers"]


@pytest.mark.parametrize("case", cases("http_signature"))
def test_the_signed_string_equals_the_vendors(case):
    signature = HttpSignature("sim_merchant_001", "key", b"secret")
    text = signature.text(unsigned(case), case["headers"]["Date"])
    assert text == case["string_to_sign"]


def test_the_date_header_is_in_gmt_in_every_time_zone():
    signature = HttpSignature("sim_merchant_001", "key", b"secret")
    far_away = FROZEN.astimezone(timezone(timedelta(hours=9)))
    assert signature.headers(REQUEST, far_away) == signature.headers(REQUEST, FROZEN)


def test_a_second_worked_example_is_reproduced():
    """A second merchant, key and body; made by two versions of the vendor's client."""
    body = (
        '{"clientReferenceInformation": {"code": "shop-2-refund-1", "transactionId": "r-0001"}, '
        '"orderInformation": {"amountDetails": {"totalAmount": "4.50", "currency": "USD"}}}'
    )
    target = "/pts/v2/payments/7637450000006999904011/refunds"
    request = Unsigned("POST", "apitest.cybersource.com", target, body.encode())
    signature = HttpSignature(
        "sim_merchant",
        "11111111-2222-3333-4444-555555555555",
        b"loopback-shared-secret-32-bytes!",
    )
    made = signature.headers(request, datetime(2026, 11, 22, 6, tzinfo=UTC))
    assert request.digest == "M1MNTpcMVxQ+XDkf4ya3d+yToO5mnR+dgl2Ng+pFUvw="
    assert 'signature="GGnVZ0biM0fm3Ari5KiQKNizco+mFlszFPdP+XJjM20="' in made["Signature"]


@pytest.mark.parametrize("key", [OWN_SHARED, OWN_P12])
def test_no_key_is_printed(key):
    written = repr(official_settings(keys=(key,))) + repr(signers(key)) + repr(key)
    assert "AAECAwQF" not in written
    assert "Sim-Passw0rd" not in written
    assert "PRIVATE" not in written
    assert "worthless" not in repr(SharedSecret("m", "k", b"worthless" * 2, new_id=lambda: "1"))


def test_another_body_gives_another_token():
    one, other = (
        claims_of(Unsigned("POST", "host", "/path", body), "merchant", jti="1", at=FROZEN)
        for body in (b'{"amount": "1.00"}', b'{"amount": "9.00"}')
    )
    assert one != other


OLD = attrs.evolve(OWN_SHARED, ends_at=FROZEN)
NEW = SharedKey(key_id="the-new-one", secret=another_secret())


@pytest.mark.parametrize(
    ("keys", "at", "signs"),
    [
        ((OLD, NEW), FROZEN - timedelta(seconds=1), OLD),
        ((OLD, NEW), FROZEN, NEW),
        ((NEW, OLD), FROZEN - timedelta(seconds=1), NEW),
        ((OLD,), FROZEN, OLD),
    ],
)
def test_the_first_unexpired_key_signs(keys, at, signs):
    assert signers(*keys).headers(REQUEST, at) == signers(signs).headers(REQUEST, at)
    assert signers(OLD).headers(REQUEST, at) != signers(NEW).headers(REQUEST, at)


def test_a_p12_key_can_replace_a_shared_secret_without_downtime():
    both = signers(OLD, OWN_P12)
    assert both.headers(REQUEST, FROZEN) == signers(OWN_P12).headers(REQUEST, FROZEN)


def test_one_invalid_key_among_valid_ones_is_reported():
    with pytest.raises(WrongSettings, match="base64"):
        official_settings(keys=(OWN_SHARED, SharedKey(key_id="other", secret="?")))


def test_an_http_signature_requires_a_shared_secret():
    with pytest.raises(WrongSettings, match="not with a P12 key"):
        official_settings(keys=(OWN_P12,), http_signature=True)
