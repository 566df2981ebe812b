"""Whatever CyberSource's replies hold, each becomes an answer of the port, and none a crash."""

import json

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.cybersource.payments.captures_and_voids import (
    CapturesAndVoids,
    MovementDone,
    MovementRefused,
    OwnReference,
)
from adapters.cybersource.payments.partial_approvals import PartialApprovals
from adapters.cybersource.payments.payments import PaymentApi
from adapters.cybersource.payments.refunds import RefundApi
from adapters.cybersource.payments.transaction_reports import TransactionReports
from adapters.cybersource.payments.transaction_search import TransactionSearch
from adapters.cybersource.rest.signing import RequestSigners
from adapters.cybersource.rest.transport import ApiRefusal, Transport
from adapters.http_client import HttpReply, HttpRequest, Lost
from core.payments.gateway import (
    Answer,
    Captured,
    NotFound,
    RefundAccepted,
    RefundAnswer,
    RefundSettled,
    Token,
    Unknown,
)
from coursetill_testing.contracts.gateway_world import DUE, a_refund, an_attempt
from tests.adapters.cybersource.forger import ONE_TIME, signed, token_claims
from tests.adapters.cybersource.payments.test_transaction_search import row
from tests.adapters.cybersource.vectors import FROZEN, official_settings

SETTINGS = official_settings()
SIGNERS = RequestSigners.of(SETTINGS, lambda: "1")
PAID = {
    "id": "7637450000006999904011",
    "status": "AUTHORIZED",
    "clientReferenceInformation": {"code": an_attempt().reference},
    "orderInformation": {"amountDetails": {"authorizedAmount": DUE.plain, "currency": "USD"}},
}
TOKEN = Token("t", signed(token_claims(), ONE_TIME, {"alg": "RS256", "kid": "one-time-key"}))
FOUND = {"_embedded": {"transactionSummaries": [row(1)]}}


@attrs.frozen
class Parrot:
    """Stands where the wire is, and says the same to everything."""

    status: int
    body: bytes

    def send(self, request: HttpRequest) -> HttpReply:
        assert request.url.startswith("https://apitest.cybersource.com/")
        return HttpReply(self.status, {"date": "Sun, 22 Nov 2026 12:00:00 GMT"}, self.body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def bent(good):
    """The good reply with one of its parts bent, cut short, in Latin-1, or something else."""
    whole = json.dumps(good).encode()
    return st.one_of(
        st.builds(
            lambda name, value: json.dumps({**good, name: value}).encode(),
            st.sampled_from(sorted(good)),
            JSON,
        ),
        st.integers(0, len(whole)).map(lambda end: whole[:end]),
        st.integers(0, len(whole)).map(lambda at: whole[:at] + b"\xe9" + whole[at:]),
        st.binary(max_size=100),
        JSON.map(lambda content: json.dumps(content).encode()),
        st.sampled_from([b"<html>502</html>", b"", b"[" * 50_000, b'{"a":' * 50_000]),
    )


STATUSES = st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 502, 503])


def transport(status, body):
    return Transport(SETTINGS, SIGNERS, Parrot(status, body), now=lambda: FROZEN)


@given(STATUSES, bent(PAID))
@example(201, json.dumps(PAID).encode())
@settings(max_examples=300, deadline=None)
def test_any_reply_gives_a_result_and_a_capture_only_if_confirmed(status, body):
    way = transport(status, body)
    payments = PaymentApi(
        way, TransactionSearch(way), PartialApprovals(way, TransactionSearch(way))
    )
    answer = payments.charge(an_attempt(), TOKEN)
    assert isinstance(answer, Answer)
    if isinstance(answer, Captured):
        assert status in (200, 201)
        assert json.loads(body)["status"] == "AUTHORIZED"
        assert json.loads(body)["orderInformation"]["amountDetails"]["currency"]


@given(STATUSES, bent(FOUND))
@example(201, json.dumps(FOUND).encode())
@settings(max_examples=200, deadline=None)
def test_any_search_reply_gives_a_result(status, body):
    way = transport(status, body)
    payments = PaymentApi(
        way, TransactionSearch(way), PartialApprovals(way, TransactionSearch(way))
    )
    assert isinstance(payments.find(an_attempt()), Answer | NotFound)
    assert isinstance(
        RefundApi(way, TransactionSearch(way)).find_refund(a_refund(1, "7")),
        RefundAnswer | NotFound,
    )
    try:
        known = TransactionReports(TransactionSearch(way)).about(an_attempt().reference)
    except (Lost, ApiRefusal):
        return
    assert all(each.code == an_attempt().reference for each in known)


@given(STATUSES, bent({**PAID, "status": "PENDING"}))
@settings(max_examples=200, deadline=None)
def test_any_reply_to_a_refund_or_void_gives_a_result(status, body):
    way = transport(status, body)
    answer = RefundApi(way, TransactionSearch(way)).refund(a_refund(1, "7637450000006999904011"))
    assert isinstance(answer, RefundAnswer)
    if status not in (200, 201):
        assert not isinstance(answer, RefundAccepted | RefundSettled)
    moved = CapturesAndVoids(way).capture(
        "7637450000006999904011", OwnReference("CT-1", "M-1"), DUE
    )
    assert isinstance(moved, MovementDone | MovementRefused | Unknown)
    assert not isinstance(moved, MovementDone) or status in (200, 201)
