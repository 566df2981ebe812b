"""Fuzz tests: the simulator refuses any input with a message and never fails."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetill_simulators.cybersource import SimulatorSettings, create_simulator
from coursetill_simulators_tests.cybersource.merchant import (
    Clock,
    Merchant,
    payment_request,
    session_request,
)

ORIGIN = "http://127.0.0.1:8090"
PATHS = (
    "/uc/v1/sessions",
    "/up/v1/capture-contexts",
    "/microform/v2/sessions",
    "/pts/v2/payments",
    "/pts/v2/payments/1/captures",
    "/pts/v2/payments/1/refunds",
    "/pts/v2/payments/1/reversals",
    "/pts/v2/captures/1/voids",
    "/pts/v2/voids",
    "/tss/v2/searches",
    "/kms/egress/v2/keys-sym",
    "/kms/egress/v2/keys-asym",
    "/notification-subscriptions/v2/webhooks",
)
OPEN_PATHS = ("/flex/v2/tokens", "/flex/v2/complete")
COMMANDS = (
    "faults",
    "mishaps",
    "switches",
    "clock",
    "reviews/1",
    "refunds/1",
    "webhooks/1",
)

# Each session needs a new RSA key, which is slow, so the number of examples is limited.
enough = settings(max_examples=min(300, settings().max_examples))

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["USD", "1.00", "4111111111111111", "12", "2031", "payments", "drop", "ORDER"]
    )
)
# Complete bodies, so that each example is nearly valid.
GOOD = (
    payment_request(),
    session_request(),
    {"query": "id:1", "limit": 1, "offset": 0},
    {
        "organizationId": "simulated_merchant",
        "webhookUrl": "http://127.0.0.1:1/",
        "products": [{"productId": "payments", "eventTypes": ["x"]}],
        "retryPolicy": {"firstRetry": 1},
    },
    {"clientRequestAction": "CREATE", "keyInformation": {"keyType": "sharedSecret"}},
    {
        "clientRequestAction": "STORE",
        "keyInformation": {
            "keyType": "publickey",
            "organizationId": "simulated_merchant",
            "pub": "AAAA",
        },
    },
    session_request(clientVersion="0.33", orderInformation={"amountDetails": {}}),
    session_request(clientVersion="v2", allowedPaymentTypes=["CARD"]),
    {"channel": "webhooks", "operation": "payments", "fault": "drop", "seconds": 1, "times": 1},
    {"captureContext": "a.b.c", "transientToken": "a.b.c", "card": {"number": "4"}},
)


@st.composite
def bodies(draw: st.DrawFn) -> Any:
    """A valid body with one part replaced, or arbitrary JSON."""
    anything = st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
    )
    if draw(st.booleans()):
        return draw(anything)
    content = json.loads(json.dumps(draw(st.sampled_from(GOOD))))
    place: Any = content
    while True:
        name = draw(st.sampled_from(sorted(place)))
        inner = place[name]
        if not isinstance(inner, dict) or not inner or draw(st.booleans()):
            place[name] = draw(anything)
            return content
        place = inner


@pytest.fixture(scope="module")
def client(clock: Clock) -> FlaskClient:
    return create_simulator(SimulatorSettings(), origin=ORIGIN, now=clock).test_client()


@pytest.fixture(scope="module")
def signer(clock: Clock) -> Merchant:
    return Merchant(ORIGIN, clock)


@enough
@given(path=st.sampled_from(PATHS), content=bodies())
def test_a_signed_body_never_causes_a_server_error(
    client: FlaskClient, signer: Merchant, path: str, content: Any
) -> None:
    body = json.dumps(content).encode()
    token = signer.signed(signer.claims("POST", path, body))
    headers = {"Authorization": f"Bearer {token}", "Host": "127.0.0.1:8090"}
    reply = client.post(path, data=body, headers=headers)
    assert reply.status_code in (201, 400, 404), reply.text


@enough
@given(path=st.sampled_from([*PATHS, *OPEN_PATHS]), body=st.binary(), header=st.text())
def test_an_unsigned_request_never_causes_a_server_error(
    client: FlaskClient, path: str, body: bytes, header: str
) -> None:
    printable = header.encode("ascii", "ignore").decode().replace("\r", "").replace("\n", "")
    for name in ("Authorization", "Signature"):
        reply = client.post(path, data=body, headers={name: printable})
        assert reply.status_code in (400, 401), reply.text


@enough
@given(path=st.sampled_from(OPEN_PATHS), content=bodies())
def test_a_card_form_never_causes_a_server_error(
    client: FlaskClient, path: str, content: Any
) -> None:
    assert client.post(path, data=json.dumps(content)).status_code == 400


@enough
@given(path=st.sampled_from(COMMANDS), content=bodies())
def test_a_control_command_never_causes_a_server_error(
    client: FlaskClient, path: str, content: Any
) -> None:
    reply = client.post(f"/simulator/{path}", json=content)
    client.post("/simulator/reset", json={})
    assert reply.status_code in (200, 400), reply.text


@enough
@given(form=st.dictionaries(st.text(max_size=30), st.text(max_size=30)), raw=st.binary())
def test_a_hosted_page_form_never_causes_a_server_error(
    client: FlaskClient, form: dict[str, str], raw: bytes
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/pay", "/oneclick/pay", "/silent/pay"):
        assert client.post(path, data=form).status_code == 403
        assert client.post(path, data=raw, headers=headers).status_code == 403


@enough
@given(query=st.text(max_size=80))
def test_a_search_query_never_causes_a_server_error(
    client: FlaskClient, signer: Merchant, query: str
) -> None:
    path, body = "/tss/v2/searches", json.dumps({"query": query}).encode()
    token = signer.signed(signer.claims("POST", path, body))
    headers = {"Authorization": f"Bearer {token}", "Host": "127.0.0.1:8090"}
    reply = client.post(path, data=body, headers=headers)
    assert reply.status_code in (201, 400), reply.text
