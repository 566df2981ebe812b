"""Authentication by JWT version 2: each refusal, and the official vectors."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators.cybersource.authentication.calls import IncomingCall, NotAuthentic
from coursetill_simulators.cybersource.authentication.gatekeeper import Gatekeeper
from coursetill_simulators.cybersource.switches import Switchboard
from coursetill_simulators_tests.cybersource.merchant import Clock, Merchant, payment_request

VECTORS = Path(__file__).parents[3] / "tests" / "vectors" / "cybersource"
OFFICIAL = json.loads((VECTORS / "rest_auth.json").read_text())
# The other vectors use HTTP Signature or an encrypted body.
JWT_CASES = [case for case in OFFICIAL["cases"] if "token" in case]
PATH = "/pts/v2/payments"
BODY = json.dumps(payment_request()).encode()

Claims = dict[str, Any]


def refused(reply: requests.Response) -> bool:
    return (reply.status_code, reply.json()) == (
        401,
        {"response": {"rmsg": "Authentication Failed"}},
    )


def test_a_call_signed_as_documented_is_accepted(merchant: Merchant) -> None:
    assert merchant.post(PATH, payment_request()).status_code == 201


WRONG: dict[str, Callable[[Claims], object]] = {
    "another issuer": lambda claims: claims.update(iss="somebody_else"),
    "another merchant": lambda claims: claims.update({"v-c-merchant-id": "somebody_else"}),
    "version one": lambda claims: claims.update({"v-c-jwt-version": "1"}),
    "no version": lambda claims: claims.pop("v-c-jwt-version"),
    "121 seconds of life": lambda claims: claims.update(exp=claims["iat"] + 121),
    "no life": lambda claims: claims.update(exp=claims["iat"]),
    "no expiry": lambda claims: claims.pop("exp"),
    "expiry in words": lambda claims: claims.update(exp="tomorrow"),
    "no issue time": lambda claims: claims.pop("iat"),
    "issued too far ahead": lambda claims: claims.update(
        iat=claims["iat"] + 61, exp=claims["iat"] + 100
    ),
    "expired": lambda claims: claims.update(iat=claims["iat"] - 181, exp=claims["iat"] - 61),
    "another method": lambda claims: claims.update({"request-method": "GET"}),
    "another path": lambda claims: claims.update({"request-resource-path": "/pts/v2/refunds"}),
    "another host": lambda claims: claims.update({"request-host": "api.example.com"}),
    "no host": lambda claims: claims.pop("request-host"),
    "the digest of another body": lambda claims: claims.update(digest="AAAA"),
    "no digest": lambda claims: claims.pop("digest"),
    "another digest algorithm": lambda claims: claims.update(digestAlgorithm="MD5"),
    "no token id": lambda claims: claims.pop("jti"),
    "an empty token id": lambda claims: claims.update(jti=""),
}


@pytest.mark.parametrize("spoil", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_claim_is_401_and_charges_nothing(
    merchant: Merchant, spoil: Callable[[Claims], object]
) -> None:
    claims = merchant.claims("POST", PATH, BODY)
    spoil(claims)

    assert refused(merchant.send("POST", PATH, body=BODY, token=merchant.signed(claims)))
    assert merchant.ledger()["payments"] == []


ALSO_RIGHT: dict[str, Callable[[Claims], object]] = {
    "method in lower case": lambda claims: claims.update({"request-method": "post"}),
    "CyberSource's own test host": lambda claims: claims.update(
        {"request-host": "apitest.cybersource.com"}
    ),
    "issued just within the skew": lambda claims: claims.update(
        iat=claims["iat"] + 60, exp=claims["iat"] + 100
    ),
    "expired just within the skew": lambda claims: claims.update(
        iat=claims["iat"] - 100, exp=claims["iat"] - 59
    ),
}


@pytest.mark.parametrize("change", ALSO_RIGHT.values(), ids=ALSO_RIGHT.keys())
def test_variants_of_the_documents_and_of_the_official_client_are_accepted(
    merchant: Merchant, change: Callable[[Claims], object]
) -> None:
    claims = merchant.claims("POST", PATH, BODY)
    change(claims)
    reply = merchant.send("POST", PATH, body=BODY, token=merchant.signed(claims))
    assert reply.status_code == 201


@pytest.mark.parametrize("claimed", ["/tss/v2/transactions/1", "/tss/v2/transactions/1?a=b"])
def test_the_claimed_path_may_leave_out_the_query(merchant: Merchant, claimed: str) -> None:
    token = merchant.signed(merchant.claims("GET", claimed))
    reply = merchant.send("GET", "/tss/v2/transactions/1?a=b", body=b"", token=token)
    assert reply.status_code == 404


def test_a_token_is_accepted_once(merchant: Merchant) -> None:
    token = merchant.signed(merchant.claims("POST", PATH, BODY))
    assert merchant.send("POST", PATH, body=BODY, token=token).status_code == 201

    assert refused(merchant.send("POST", PATH, body=BODY, token=token))
    assert len(merchant.ledger()["payments"]) == 1


def test_an_unknown_key_id_is_refused(merchant: Merchant) -> None:
    claims = merchant.claims("POST", PATH, BODY)
    token = merchant.signed(claims, key_id="11111111-1111-4111-8111-111111111111")
    assert refused(merchant.send("POST", PATH, body=BODY, token=token))


@pytest.mark.parametrize("token", ["", "a.b.c", "nonsense", "eyJhbGciOiJub25lIn0.e30."])
def test_a_malformed_token_is_refused(merchant: Merchant, token: str) -> None:
    assert refused(merchant.send("POST", PATH, body=BODY, token=token))


@pytest.mark.parametrize(
    "path",
    [
        "/uc/v1/sessions",
        "/pts/v2/payments",
        "/pts/v2/payments/1/refunds",
        "/pts/v2/payments/1/voids",
        "/pts/v2/payments/1/reversals",
        "/pts/v2/refunds/1/voids",
        "/pts/v2/voids",
        "/pts/v2/reversals",
        "/tss/v2/searches",
    ],
)
def test_every_payment_and_report_route_requires_a_signature(merchant: Merchant, path: str) -> None:
    assert refused(requests.post(merchant.url + path, json={}, timeout=5))


def test_the_reason_of_a_refusal_is_in_the_ledger_and_not_in_the_reply(merchant: Merchant) -> None:
    claims = merchant.claims("POST", PATH, BODY) | {"digest": "AAAA"}
    merchant.send("POST", PATH, body=BODY, token=merchant.signed(claims))
    assert "digest" in merchant.ledger()["turned_away"][0]


def official_gatekeeper() -> Gatekeeper:
    """The authentication of calls, with the keys of the vectors."""
    settings = SimulatorSettings(
        merchant_id=OFFICIAL["merchant_id"],
        shared_keys={OFFICIAL["hs_key_id"]: OFFICIAL["hs_secret_base64"]},
        p12_public_keys={"7700000000000000000001": (VECTORS / "merchant_public.pem").read_text()},
    )
    return Gatekeeper(Switchboard(settings))


FROZEN = datetime.fromtimestamp(OFFICIAL["frozen_time"], UTC)


def official_call(case: dict[str, Any], token: str) -> IncomingCall:
    return IncomingCall(
        method=case["method"],
        target=case["target"],
        host="127.0.0.1:1",
        body=(case["body"] or "").encode(),
        moment=FROZEN,
        headers={"Authorization": f"Bearer {token}"},
    )


@pytest.mark.parametrize("case", JWT_CASES, ids=[case["name"] for case in JWT_CASES])
def test_the_official_clients_token_is_accepted(case: dict[str, Any]) -> None:
    gatekeeper = official_gatekeeper()
    gatekeeper.let_in(official_call(case, case["token"]))
    assert list(gatekeeper.turned_away) == []


def test_a_p12_token_signed_by_another_key_is_refused() -> None:
    case = JWT_CASES[0]
    start, _, signature = case["token"].rpartition(".")
    forged = f"{start}.{signature[:-4]}AAAA"
    with pytest.raises(NotAuthentic, match="does not verify"):
        official_gatekeeper().let_in(official_call(case, forged))


def test_a_public_key_does_not_verify_as_a_shared_secret() -> None:
    """A known attack: HS256 with the text of the public key as the secret."""
    merchant = Merchant("http://127.0.0.1:1", Clock(FROZEN))
    claims = merchant.claims("GET", "/tss/v2/transactions/1") | {"iss": OFFICIAL["merchant_id"]}
    token = merchant.signed(claims, key_id="7700000000000000000001")
    case = {"method": "GET", "target": "/tss/v2/transactions/1", "body": None}
    with pytest.raises(NotAuthentic, match="does not verify"):
        official_gatekeeper().let_in(official_call(case, token))


def test_a_registered_p12_key_is_accepted_over_http(clock: Clock) -> None:
    case = next(case for case in JWT_CASES if case["name"] == "jwt_rs256_p12/get_payment")
    settings = SimulatorSettings(
        merchant_id=OFFICIAL["merchant_id"],
        p12_public_keys={"7700000000000000000001": (VECTORS / "merchant_public.pem").read_text()},
    )
    with RunningSimulator(settings, now=lambda: FROZEN) as running:
        headers = {"Authorization": f"Bearer {case['token']}"}
        reply = requests.get(running.url + case["target"], headers=headers, timeout=5)
    assert reply.status_code == 404
