"""Captures, voids and reversals: carried out, surely not, or unknown; and never anything else."""

import json

import pytest

from adapters.cybersource.payments.captures_and_voids import (
    CAPTURE_STATUSES,
    REVERSAL_STATUSES,
    VOID_STATUSES,
    CapturesAndVoids,
    MovementDone,
    MovementRefused,
    OwnReference,
)
from adapters.cybersource.rest.signing import RequestSigners
from adapters.cybersource.rest.transport import Transport
from adapters.http_client import HttpClient
from core.money import Money
from core.payments.gateway import Captured, Unknown
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import DUE, START, an_attempt, new_id
from tests.adapters.cybersource.worlds import settings
from tests.adapters.http_client.stubs import Stub, free_port, http

OURS = OwnReference("CT-7K3M-Q9XD-2FVT", "M-1")
OPERATIONS = {
    "captures": lambda moves: moves.capture("7637450000006999904011", OURS, DUE),
    "voids": lambda moves: moves.void("payments", "7637450000006999904011", OURS),
    "reversals": lambda moves: moves.reverse("7637450000006999904011", OURS, DUE),
}
TABLES = {
    "captures": CAPTURE_STATUSES,
    "voids": VOID_STATUSES,
    "reversals": REVERSAL_STATUSES,
}


def outcome(operation, status, body):
    """What becomes of it where CyberSource answers like this."""
    with Stub(http(f"{status} So", json.dumps(body).encode())) as stub:
        told = settings(stub.url)
        transport = Transport(
            told, RequestSigners.of(told, new_id), HttpClient(told.timeouts), now=Clock(START)
        )
        return OPERATIONS[operation](CapturesAndVoids(transport))


def test_a_payment_is_voided_once(shop):
    paid = shop.paid(an_attempt())
    assert isinstance(paid, Captured)
    done = shop.gateway.movements.void("payments", paid.gateway_id, OURS)
    assert isinstance(done, MovementDone)
    assert (done.status, done.amount) == ("VOIDED", DUE)
    assert done.gateway_id != paid.gateway_id
    assert shop.browser.moved() == "0.00"
    again = shop.gateway.movements.void("payments", paid.gateway_id, OwnReference(OURS.code, "M-2"))
    assert isinstance(again, MovementRefused)
    assert "only a refund" in again.reason


def test_a_settled_payment_cannot_be_voided(shop):
    paid = shop.paid(an_attempt())
    shop.browser.settle()
    answer = shop.gateway.movements.void("payments", paid.gateway_id, OURS)
    assert isinstance(answer, MovementRefused)
    assert shop.browser.moved() == DUE.plain


def test_a_payment_with_a_lost_reply_is_voided_by_our_id(shop):
    attempt, token = shop.ready(an_attempt())
    shop.browser.fault("payments", "drop")
    assert isinstance(shop.gateway.charge(attempt, token), Unknown)
    done = shop.gateway.movements.void_lost(OwnReference(attempt.reference, attempt.id))
    assert isinstance(done, MovementDone)
    assert shop.browser.moved() == "0.00"


def test_an_unknown_payment_cannot_be_voided(shop):
    assert isinstance(
        shop.gateway.movements.void_lost(OwnReference("CT-1", "A-99")), MovementRefused
    )
    assert isinstance(
        shop.gateway.movements.reverse_lost(OwnReference("CT-1", "A-99"), DUE), MovementRefused
    )


@pytest.mark.parametrize(
    ("operation", "status", "done"),
    [(name, status, done) for name, table in TABLES.items() for status, done in table.items()],
)
def test_each_status_is_mapped_by_the_table(operation, status, done):
    answer = outcome(operation, 201, {"id": "8", "status": status})
    assert isinstance(answer, MovementDone if done else MovementRefused)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("body", [{"id": "8", "status": "WONDERFUL"}, {"status": "VOIDED"}, {}])
def test_an_unlisted_reply_is_unknown(operation, body):
    assert isinstance(outcome(operation, 201, body), Unknown)


@pytest.mark.parametrize(
    ("operation", "reason", "said"),
    [
        ("captures", "EXCEEDS_AUTH_AMOUNT", "more than was authorised"),
        ("captures", "AUTH_ALREADY_REVERSED", "reversed before"),
        ("captures", "MISSING_AUTH", "no authorisation"),
        ("voids", "NOT_VOIDABLE", "only a refund"),
        ("reversals", "TRANSACTION_ALREADY_SETTLED", "only a refund"),
        ("voids", "INVALID_DATA", "does not take"),
        ("voids", "NEVER_HEARD_OF", "NEVER_HEARD_OF"),
    ],
)
def test_a_refusal_carries_its_reason_for_staff(operation, reason, said):
    answer = outcome(operation, 400, {"status": "INVALID_REQUEST", "reason": reason})
    assert isinstance(answer, MovementRefused)
    assert said in answer.reason


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_duplicate_refusal_leaves_the_result_unknown(operation):
    assert isinstance(outcome(operation, 400, {"reason": "DUPLICATE_REQUEST"}), Unknown)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_server_error_leaves_the_result_unknown(operation):
    assert isinstance(outcome(operation, 502, {"reason": "SERVER_TIMEOUT"}), Unknown)


def test_an_amount_is_reported_as_cybersource_sent_it():
    body = {
        "id": "8",
        "status": "REVERSED",
        "reversalAmountDetails": {"reversedAmount": "5.00", "currency": "USD"},
    }
    answer = outcome("reversals", 201, body)
    assert isinstance(answer, MovementDone)
    assert answer.amount == Money.of("5.00")


def test_an_unreachable_gateway_carries_nothing_out(shop, clock):
    gone = type(shop.gateway)(
        settings(f"http://127.0.0.1:{free_port()}"), now=clock, new_id=lambda: "1"
    )
    for ask in OPERATIONS.values():
        assert isinstance(ask(gone.movements), MovementRefused)
