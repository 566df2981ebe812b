"""An attempt moves by one table; money may come late, but it never goes away again."""

from itertools import product

import pytest

from core.order_reference import Reference
from core.payments.attempt import IN_DOUBT, Attempt, AttemptCannotMove, AttemptId, AttemptState
from coursetill_testing.makers import ACCOUNT, MINUTE, NOW, TICK, attempt, usd

ANSWERED = "captured excess review declined cancelled error"
ALLOWED = {
    "open": f"sent unknown {ANSWERED}",
    "sent": f"unknown {ANSWERED}",
    "unknown": ANSWERED,
    "review": "captured excess declined cancelled",
    "declined": "captured excess unknown",
    "cancelled": "captured excess unknown",
    "error": "captured excess unknown",
    "captured": "",
    "excess": "",
}


@pytest.mark.parametrize("now, wanted", list(product(AttemptState, AttemptState)))
def test_an_attempt_allows_only_the_documented_moves(now, wanted):
    moving = attempt(state=now)
    if wanted.value in ALLOWED[now.value].split():
        moved = moving.moved_to(wanted, "because")
        assert (moved.state, moved.reason) == (wanted, "because")
    else:
        with pytest.raises(AttemptCannotMove) as refused:
            moving.moved_to(wanted)
        assert (refused.value.state, refused.value.wanted) == (now, wanted)


@pytest.mark.parametrize("state", AttemptState)
def test_only_the_gateway_can_resolve_an_attempt_in_doubt(state):
    assert attempt(state=state).in_doubt is (state.value in ("sent", "unknown", "review"))


def test_an_attempt_in_doubt_has_an_enquiry_time_and_a_resolved_one_has_none():
    sent = attempt().sent("token-1", at=NOW, next_enquiry_at=NOW + MINUTE)
    assert (sent.token, sent.sent_at, sent.next_enquiry_at) == ("token-1", NOW, NOW + MINUTE)
    for state in AttemptState:
        if state.value in ALLOWED["sent"].split():
            kept = sent.moved_to(state).next_enquiry_at
            assert kept == (NOW + MINUTE if state in IN_DOUBT else None)


def test_a_sent_attempt_cannot_be_sent_again():
    sent = attempt().sent("token-1", at=NOW, next_enquiry_at=NOW)
    with pytest.raises(AttemptCannotMove):
        sent.sent("token-2", at=NOW, next_enquiry_at=NOW)


def test_repeated_enquiries_are_counted():
    assert attempt().enquired(NOW).enquired(NOW + MINUTE).enquiries == 2


@pytest.mark.parametrize(
    "state, at, payable",
    [
        (AttemptState.OPEN, NOW + 15 * MINUTE - TICK, True),
        (AttemptState.OPEN, NOW + 15 * MINUTE, False),
        (AttemptState.SENT, NOW, False),
        (AttemptState.CANCELLED, NOW, False),
    ],
)
def test_a_card_form_is_usable_until_it_expires(state, at, payable):
    formed = attempt(state=state).with_form({"session": "1"}, NOW + 15 * MINUTE)
    assert formed.payable(at) is payable


def test_an_attempt_without_a_card_form_cannot_be_paid():
    assert not attempt().payable(NOW)


@pytest.mark.parametrize("text", ["", "a1", "A 1", "A_1", "A" * 31, "Ä"])
def test_an_id_that_no_gateway_accepts_is_refused(text):
    with pytest.raises(ValueError, match="1 to 30 of A-Z"):
        Attempt(AttemptId(text), Reference("CT-1"), usd("1.01"), NOW, account=ACCOUNT)
