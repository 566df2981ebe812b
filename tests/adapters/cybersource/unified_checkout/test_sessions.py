"""A card form is shown only if the session is ours, genuine, and for what was asked."""

import base64
import json

import pytest

from adapters.cybersource.rest.jwts import content_of
from adapters.cybersource.rest.public_keys import PublicKeys
from adapters.cybersource.rest.settings import CyberSourceSettings
from adapters.cybersource.unified_checkout.card_form import UnifiedCheckout
from adapters.cybersource.unified_checkout.sessions import COMPLETE_MANDATE, SessionRequest
from core.money import Currency, Money
from core.payments.gateway import CardForm, GatewayUnavailable
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import DUE, START, an_attempt
from tests.adapters.cybersource.forger import STRANGERS, Claims, Forger, public, signed

HOST = "https://apitest.cybersource.com"
SETTINGS = CyberSourceSettings(
    url=HOST,
    merchant_id="sim_merchant_001",
    key_id="key",
    shared_secret="d29ydGhsZXNzLXdvcnRobGVzcw==",
    target_origins=("https://shop.example.org", "https://learn.example.org"),
)
WANTED = SessionRequest("CT-7K3M-Q9XD-2FVT", DUE)


def checkout(forger: Forger, clock: Clock | None = None) -> UnifiedCheckout:
    return UnifiedCheckout(SETTINGS, forger, PublicKeys(forger), now=clock or Clock(START))


def opened(forger: Forger, wanted: SessionRequest = WANTED) -> CardForm:
    return checkout(forger).open(wanted, "A-1")


def test_a_genuine_session_makes_a_card_form():
    form = opened(Forger(HOST))
    assert form.library == f"{HOST}/uc/v1/assets/1.0.0/UnifiedCheckout.js"
    assert form.integrity.startswith("sha256-")
    assert form.expires_at.timestamp() == START.timestamp() + 900
    assert form.remember["session"] == form.session
    assert form.remember["jti"] == "Zs3kQ9w1LmP0aB7c"
    assert form.remember["kid"] == "one-time-key"


def test_the_page_allows_connections_to_cybersource_only():
    assert opened(Forger(HOST)).origins == (HOST, "https://testup.cybersource.com")


def test_the_form_is_shown_again_from_stored_values():
    form = opened(Forger(HOST))
    attempt = an_attempt().with_form(form.remember, form.expires_at)
    assert checkout(Forger(HOST)).form(attempt) == form


def test_an_attempt_without_a_form_shows_none():
    with pytest.raises(ValueError, match="A-1 has no card form"):
        checkout(Forger(HOST)).form(an_attempt())


def test_every_mandate_is_explicit():
    forger = Forger(HOST)
    opened(forger)
    body = forger.calls[0].body
    assert body is not None
    assert body["completeMandate"] == COMPLETE_MANDATE
    assert body["captureMandate"]["requestSaveCredentials"] is False
    assert body["transientTokenResponseOptions"] == {"includeCardPrefix": False}
    assert body["data"]["clientReferenceInformation"] == {"code": WANTED.code}
    assert body["data"]["orderInformation"]["amountDetails"] == {
        "totalAmount": "247.51",
        "currency": "USD",
    }


def test_amounts_are_compared_by_value():
    def padded(claims: Claims) -> None:
        claims["ctx"][0]["data"]["orderInformation"]["amountDetails"]["totalAmount"] = "247.510"

    assert opened(Forger(HOST, change=padded)).library


def _set(*path: str | int, to: object) -> object:
    """A change of claims: what stands at path is something else."""

    def change(claims: Claims) -> None:
        place = claims
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return pytest.param(change, id=".".join(map(str, path)) + f"={to}"[:40])


def _without(*path: str | int) -> object:
    def change(claims: Claims) -> None:
        place = claims
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return pytest.param(change, id="without-" + ".".join(map(str, path)))


CTX = ("ctx", 0, "data")
AMOUNT = (*CTX, "orderInformation", "amountDetails")
MANDATE = (*CTX, "completeMandate")


@pytest.mark.parametrize(
    "change",
    [
        _set("iss", to="Flex/00"),
        _without("jti"),
        _without("exp"),
        _set("exp", to=int(START.timestamp())),
        _set("exp", to="tomorrow"),
        _set("exp", to=10**20),
        _set(*AMOUNT, "totalAmount", to="2.47"),
        _set(*AMOUNT, "currency", to="CAD"),
        _without(*AMOUNT),
        _set(*CTX, "data", "orderInformation", "amountDetails", "totalAmount", to="1.00"),
        _set(*CTX, "targetOrigins", to=["https://shop.example.org", "https://evil.example"]),
        _set(*CTX, "targetOrigins", to=["https://shop.example.org"]),
        _set(*CTX, "allowedPaymentTypes", to=["PANENTRY", "GOOGLEPAY"]),
        _set(*MANDATE, "type", to="SALE"),
        _set(*MANDATE, "decisionManager", to=True),
        _set(*MANDATE, "consumerAuthentication", to="3DS"),
        _set(*MANDATE, "tms", "tokenCreate", to=True),
        _set(*MANDATE, "tms", "tokenCreate", to=0),
        _without(*MANDATE),
        _set(*CTX, "clientLibrary", to="https://evil.example/UnifiedCheckout.js"),
        _set(*CTX, "clientLibrary", to="http://apitest.cybersource.com/UnifiedCheckout.js"),
        _without(*CTX, "clientLibrary"),
        _set(*CTX, "clientLibraryIntegrity", to=""),
        _set(*CTX, "clientLibraryIntegrity", to="sha256-x"),
        _without(*CTX, "clientLibraryIntegrity"),
        _set("ctx", to=[]),
        _set("ctx", to="everything"),
        _without("flx"),
        _set("flx", "jwk", to={"kty": "oct", "k": "c2VjcmV0", "kid": "one-time-key"}),
    ],
)
def test_a_session_for_another_payment_opens_no_form(change):
    with pytest.raises(GatewayUnavailable):
        opened(Forger(HOST, change=change))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "PS256"},
        {"alg": "RS512"},
        {"kid": "../../evil"},
        {"kid": ".."},
        {"kid": ""},
    ],
)
def test_a_session_signed_by_another_algorithm_opens_no_form(header):
    forger = Forger(HOST, header=header)
    with pytest.raises(GatewayUnavailable):
        opened(forger)
    assert forger.fetched == []


def test_a_session_signed_by_another_key_opens_no_form():
    with pytest.raises(GatewayUnavailable):
        opened(Forger(HOST, key=STRANGERS))


def test_a_session_that_is_not_a_jwt_opens_no_form():
    class Mumbling(Forger):
        def text(self, call):
            return "<html>Welcome</html>"

    with pytest.raises(GatewayUnavailable):
        opened(Mumbling(HOST))


def test_a_key_is_fetched_once():
    forger = Forger(HOST)
    unified = checkout(forger)
    unified.open(WANTED, "A-1")
    unified.open(WANTED, "A-2")
    assert forger.fetched == ["/flex/v2/public-keys/zu"]


def test_an_unknown_key_is_fetched():
    forger = Forger(HOST)
    unified = checkout(forger)
    unified.open(WANTED, "A-1")
    forger.header = {"kid": "3g", "alg": "RS256"}
    unified.open(WANTED, "A-2")
    assert forger.fetched == ["/flex/v2/public-keys/zu", "/flex/v2/public-keys/3g"]


def test_a_key_replaced_under_its_old_id_is_fetched_again():
    forger = Forger(HOST)
    unified = checkout(forger)
    unified.open(WANTED, "A-1")
    forger.key = forger.published = STRANGERS
    assert unified.open(WANTED, "A-2").library
    assert len(forger.fetched) == 2


def test_a_session_that_fails_with_a_cached_key_is_checked_once_with_a_fresh_one():
    forger = Forger(HOST)
    unified = checkout(forger)
    unified.open(WANTED, "A-1")
    forger.key = STRANGERS
    with pytest.raises(GatewayUnavailable):
        unified.open(WANTED, "A-2")
    assert len(forger.fetched) == 2


@pytest.mark.parametrize("amount", [Money(500, Currency.JPY), Money(12_345, Currency.KWD)])
def test_currencies_with_other_decimals_are_exact_in_request_and_reply(amount):
    assert opened(Forger(HOST), SessionRequest("CT-1", amount)).library


def test_a_session_cannot_be_verified_with_its_own_key():
    # Who could choose both the claims and the key to check them by could claim anything.
    forger = Forger(HOST, key=STRANGERS)

    def bring_a_key(claims: Claims) -> None:
        claims["flx"]["jwk"] = public(STRANGERS, "zu")

    forger.change = bring_a_key
    with pytest.raises(GatewayUnavailable):
        opened(forger)


def test_content_is_read_from_a_signed_token():
    text = signed({"jti": "é"}, STRANGERS, {"alg": "RS256", "kid": "1"})
    assert content_of(text).text("jti") == "é"
    assert json.loads(base64.urlsafe_b64decode(text.split(".")[0] + "=="))["kid"] == "1"
