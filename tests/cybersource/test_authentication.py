"""Tokens are, byte for byte, those of the vendor's own client."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.cybersource.authentication import SharedSecret, Unsigned, claims_of

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "cybersource" / "rest_auth.json").read_text()
)
FROZEN = datetime.fromtimestamp(VECTORS["frozen_time"], UTC)


def cases(kind: str) -> list[object]:
    return [
        pytest.param(case, id=case["name"])
        for case in VECTORS["cases"]
        if case["name"].startswith(kind)
    ]


def unsigned(case: dict[str, str]) -> Unsigned:
    body = case["body"].encode() if case["body"] is not None else None
    return Unsigned(case["method"], VECTORS["host"], case["target"], body)


@pytest.mark.parametrize("case", cases("jwt_hs256"))
def test_a_shared_secret_makes_the_vendors_own_token(case):
    shared = SharedSecret(
        VECTORS["merchant_id"],
        VECTORS["hs_key_id"],
        base64.b64decode(VECTORS["hs_secret_base64"]),
        new_id=lambda: case["payload"]["jti"],
    )
    assert shared.token(unsigned(case), FROZEN) == case["token"]


@pytest.mark.parametrize("case", [case for case in cases("jwt_rs256") if "mle" not in case.id])
def test_the_claims_are_the_vendors_own_whatever_signs_them(case):
    claims = claims_of(
        unsigned(case), VECTORS["merchant_id"], jti=case["payload"]["jti"], at=FROZEN
    )
    assert claims.decode() == case["payload_raw"]


def test_the_secret_is_not_shown():
    shared = SharedSecret("merchant", "key", b"worthless-worthless", new_id=lambda: "1")
    assert "worthless" not in repr(shared)


def test_another_body_makes_another_token():
    one, other = (
        claims_of(Unsigned("POST", "host", "/path", body), "merchant", jti="1", at=FROZEN)
        for body in (b'{"amount": "1.00"}', b'{"amount": "9.00"}')
    )
    assert one != other
