"""A token is taken only from the card form of the very attempt that it pays for."""

import base64
import json

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey, RSAKey

from adapters.cybersource.rest.public_keys import PublicKeys
from adapters.cybersource.unified_checkout.card_form import UnifiedCheckout
from core.payments.attempt import Attempt
from core.payments.gateway import Token, TokenRefused
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import START, an_attempt
from tests.adapters.cybersource.forger import (
    ONE_TIME,
    STRANGERS,
    Forger,
    public,
    signed,
    token_claims,
)
from tests.adapters.cybersource.unified_checkout.test_sessions import HOST, SETTINGS

HEADER = {"alg": "RS256", "kid": "one-time-key"}
CLOCK = Clock(START)


def attempt_with(key: RSAKey = ONE_TIME) -> Attempt:
    remembered = {"kid": "one-time-key", "jwk": json.dumps(public(key, "one-time-key"))}
    return an_attempt().with_form(remembered, START)


def verified(text: str, attempt: Attempt | None = None) -> Token:
    forger = Forger(HOST)
    checkout = UnifiedCheckout(SETTINGS, forger, PublicKeys(forger), now=CLOCK)
    return checkout.verify(attempt or attempt_with(), text)


def token(header: dict[str, object] | None = None, key: object = ONE_TIME, **claims: object) -> str:
    return signed(token_claims(**claims), key, HEADER | (header or {}))


def test_a_token_of_this_attempts_form_is_accepted():
    text = token()
    assert verified(f" {text}\n") == Token("1D4JY6NLCSAUZV4OAUHYR7LX2GSW4XZZ", text)


def test_a_token_is_not_printed():
    assert token() not in repr(verified(token()))


def as_hmac_by(text_of_key: bytes) -> str:
    return token({"alg": "HS256"}, OctKey.import_key(text_of_key))


def unsigned() -> str:
    claims = token().split(".")[1]
    bare = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "one-time-key"}).encode())
    return f"{bare.decode().rstrip('=')}.{claims}."


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("   ", id="spaces"),
        pytest.param("aaa.bbb.ccc", id="not-a-jwt"),
        pytest.param("é" * 40, id="not-ascii"),
        pytest.param("x" * 10_001, id="too-long"),
        pytest.param(token() + "A", id="longer-signature"),
        pytest.param(token().replace(".", ".A", 1), id="other-claims"),
        pytest.param(token(key=STRANGERS), id="strangers-key"),
        pytest.param(token({"kid": "another-key"}), id="other-key-id"),
        pytest.param(token({"alg": "PS256"}), id="other-algorithm"),
        pytest.param(unsigned(), id="no-signature"),
        pytest.param(as_hmac_by(public(ONE_TIME, "k")["n"].encode()), id="key-as-a-secret"),
        pytest.param(token({"crit": ["b64"], "b64": True}), id="critical-extension"),
        pytest.param(token(iss="Flex API"), id="session-as-a-token"),
        pytest.param(token(jti=""), id="no-id"),
        pytest.param(token(jti=7), id="id-that-is-no-text"),
        pytest.param(token(jti="x" * 129), id="id-too-long"),
        pytest.param(token(jti="1D4JY6NL\nCSAUZV4O"), id="id-of-two-lines"),
        pytest.param(token(exp=None), id="endless"),
        pytest.param(token(exp=True), id="ends-at-yes"),
    ],
)
def test_any_other_token_is_refused_with_a_reason(text):
    with pytest.raises(TokenRefused) as refusal:
        verified(text)
    assert refusal.value.reason.startswith("The card ")


def test_a_token_is_refused_from_the_second_it_expires():
    assert verified(token(exp=int(START.timestamp()) + 1))
    with pytest.raises(TokenRefused, match="too long ago"):
        verified(token(exp=int(START.timestamp())))


def test_a_token_of_another_attempt_is_refused_even_with_the_same_key_id():
    with pytest.raises(TokenRefused):
        verified(token(), attempt_with(STRANGERS))


def test_a_token_for_an_attempt_without_a_form_is_refused():
    with pytest.raises(TokenRefused):
        verified(token(), an_attempt())


def test_a_short_key_is_not_trusted():
    with pytest.warns(SecurityWarning):
        short = RSAKey.generate_key(1024)
    with pytest.raises(TokenRefused):
        verified(token(key=short), attempt_with(short))
