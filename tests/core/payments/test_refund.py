"""A refund is an intent with one id; it moves by one table and counts until it has failed."""

from itertools import product

import pytest

from core.payments.refund import RefundCannotMove, RefundState
from coursetill_testing.makers import HOUR, MINUTE, NOW, refund

ALLOWED = {
    "requested": "sent",
    "sent": "settled failed unknown",
    "unknown": "sent settled failed",
    "settled": "",
    "failed": "",
}


@pytest.mark.parametrize("now, wanted", list(product(RefundState, RefundState)))
def test_a_refund_allows_only_the_documented_moves(now, wanted):
    moving = refund(state=now)
    if wanted.value in ALLOWED[now.value].split():
        assert moving.moved_to(wanted).state is wanted
    else:
        with pytest.raises(RefundCannotMove) as refused:
            moving.moved_to(wanted)
        assert (refused.value.state, refused.value.wanted) == (now, wanted)


@pytest.mark.parametrize("state", RefundState)
def test_every_refund_that_did_not_fail_reduces_the_refundable_amount(state):
    assert refund(state=state).counts is (state is not RefundState.FAILED)


@pytest.mark.parametrize(
    "state, gateway_id, accepted",
    [
        (RefundState.REQUESTED, None, False),
        (RefundState.SENT, None, False),
        (RefundState.SENT, "g-1", True),
        (RefundState.UNKNOWN, None, False),
        (RefundState.SETTLED, "g-1", True),
        (RefundState.FAILED, "g-1", False),
    ],
)
def test_a_refund_is_accepted_once_the_gateway_takes_it(state, gateway_id, accepted):
    assert refund(state=state, gateway_id=gateway_id).accepted is accepted


def test_sending_again_keeps_the_state_and_stores_the_time():
    sent = refund().sent(at=NOW, next_enquiry_at=NOW + MINUTE)
    assert (sent.state, sent.sent_at, sent.next_enquiry_at) == (RefundState.SENT, NOW, NOW + MINUTE)
    unknown = sent.moved_to(RefundState.UNKNOWN)
    again = unknown.sent(at=NOW + HOUR, next_enquiry_at=NOW + 2 * HOUR)
    assert (again.state, again.sent_at) == (RefundState.UNKNOWN, NOW + HOUR)
    assert again.id == refund().id


@pytest.mark.parametrize("state", [RefundState.SENT, RefundState.UNKNOWN])
def test_a_refund_is_accepted_under_the_gateways_own_id(state):
    accepted = refund(state=state).accepted_as("g-1", next_enquiry_at=NOW)
    assert (accepted.state, accepted.gateway_id) == (RefundState.SENT, "g-1")


def test_a_failed_refund_cannot_be_accepted():
    with pytest.raises(RefundCannotMove):
        refund(state=RefundState.FAILED).accepted_as("g-1", next_enquiry_at=NOW)


def test_a_refund_that_fails_late_keeps_the_gateways_id():
    accepted = refund(state=RefundState.SENT, gateway_id="g-1")
    assert accepted.moved_to(RefundState.FAILED, outcome="account closed").gateway_id == "g-1"


@pytest.mark.parametrize("empty", ["reason", "captured_as"])
def test_a_refund_requires_a_reason_and_a_payment(empty):
    with pytest.raises(ValueError, match=empty):
        refund(**{empty: ""})
