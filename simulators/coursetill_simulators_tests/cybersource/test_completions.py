"""The automatic flow: completeMandate, 3-D Secure, Decision Manager, and the signed result."""

from typing import Any

import pytest
import requests
from joserfc import jwt

from coursetill_simulators_tests.cybersource.conftest import Waits
from coursetill_simulators_tests.cybersource.merchant import (
    CardForm,
    Clock,
    Merchant,
    one_time_key,
    session_request,
)

CHALLENGED = "4000000000000002"
REVIEWED = "4000000000004806"
RISKY = "4000000000004814"
DECLINED = "4000000000002040"
NEEDS_AUTHENTICATION = "4000000000004756"


def mandated(merchant: Merchant, **changed: object) -> str:
    mandate = {
        "type": "CAPTURE",
        "decisionManager": True,
        "consumerAuthentication": "NONE",
        **changed,
    }
    return merchant.session(completeMandate=mandate)


def result_of(reply: requests.Response, session: str) -> dict[str, Any]:
    """The result, verified by the key of the session."""
    assert reply.status_code == 201, reply.text
    assert reply.headers["Content-Type"] == "application/jwt"
    claims = jwt.decode(reply.text, one_time_key(session), algorithms=["RS256"]).claims
    return dict(claims)


def reason(reply: requests.Response) -> str:
    assert reply.status_code == 400, reply.text
    return reply.json()["reason"]


def captured(merchant: Merchant) -> str:
    return merchant.ledger()["money"].get("USD", {}).get("captured", "0.00")


def test_a_completed_payment_has_a_result_signed_by_the_session_key(
    merchant: Merchant, card_form: CardForm
) -> None:
    session = mandated(merchant)
    result = result_of(card_form.completes(session, card_form.token(session)), session)
    assert (result["status"], result["outcome"]) == ("AUTHORIZED", "AUTHORIZED")
    details = result["details"]
    assert details["clientReferenceInformation"]["code"] == "ORDER-42"
    assert details["orderInformation"]["amountDetails"] == {
        "totalAmount": "247.50",
        "authorizedAmount": "247.50",
        "currency": "USD",
    }
    assert details["processorInformation"]["responseCode"] == "00"
    (payment,) = merchant.ledger()["payments"]
    assert payment["id"] == result["id"]
    assert captured(merchant) == "247.50"


@pytest.mark.parametrize("passed_on", [True, False])
def test_the_defined_fields_of_a_session_reach_the_payment_if_enabled(
    merchant: Merchant, card_form: CardForm, clock: Clock, *, passed_on: bool
) -> None:
    merchant.commands("switches", pass_on_notes=passed_on)
    marks = [{"key": "1", "value": "an attempt of ours"}]
    data = {**session_request()["data"], "merchantDefinedInformation": marks}
    session = merchant.session(
        data=data, completeMandate={"type": "CAPTURE", "consumerAuthentication": "NONE"}
    )
    paid = result_of(card_form.completes(session, card_form.token(session)), session)
    clock.advance(60)
    details = merchant.get(f"/tss/v2/transactions/{paid['id']}").json()
    assert details.get("merchantDefinedInformation") == (marks if passed_on else None)


@pytest.mark.parametrize(
    ("kind", "taken"), [("AUTH", "0.00"), ("PREFER_AUTH", "0.00"), ("CAPTURE", "247.50")]
)
def test_the_mandate_decides_whether_the_payment_is_captured(
    merchant: Merchant, card_form: CardForm, kind: str, taken: str
) -> None:
    session = mandated(merchant, type=kind)
    card_form.completes(session, card_form.token(session))
    assert captured(merchant) == taken


def test_account_defaults_complete_a_session_without_a_type(
    merchant: Merchant, card_form: CardForm
) -> None:
    """As documented, a session without a mandate can charge by itself, which is dangerous."""
    session = merchant.session()
    card_form.completes(session, card_form.token(session))
    assert captured(merchant) == "247.50"


def test_a_session_without_mandate_is_not_completed(
    merchant: Merchant, card_form: CardForm
) -> None:
    merchant.commands("switches", payment_processing=False)
    session = merchant.session()
    reply = card_form.completes(session, card_form.token(session))
    assert reason(reply) == "COMPLETE_NOT_ALLOWED"
    assert merchant.ledger()["payments"] == []


def test_a_token_completes_one_payment(merchant: Merchant, card_form: CardForm) -> None:
    session = mandated(merchant)
    token = card_form.token(session)
    card_form.completes(session, token)
    assert reason(card_form.completes(session, token)) == "COMPLETE_VALIDATION_ERROR"
    assert len(merchant.ledger()["payments"]) == 1


def test_a_token_of_another_session_completes_nothing(
    merchant: Merchant, card_form: CardForm
) -> None:
    mine, other = mandated(merchant), mandated(merchant)
    reply = card_form.completes(mine, card_form.token(other))
    assert reason(reply) == "COMPLETE_VALIDATION_ERROR"


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_a_malformed_token_completes_nothing(
    merchant: Merchant, card_form: CardForm, token: str
) -> None:
    assert reason(card_form.completes(mandated(merchant), token)) == "COMPLETE_VALIDATION_ERROR"


def test_expired_sessions_and_tokens_complete_nothing(
    merchant: Merchant, card_form: CardForm, clock: Clock
) -> None:
    session = mandated(merchant)
    token = card_form.token(session)
    clock.advance(15 * 60)
    assert reason(card_form.completes(session, token)) == "CAPTURE_CONTEXT_EXPIRED"
    assert reason(card_form.completes("nonsense", token)) == "CAPTURE_CONTEXT_INVALID"


def test_only_the_card_frame_can_complete_a_payment(
    merchant: Merchant, card_form: CardForm
) -> None:
    session = mandated(merchant)
    content = {"captureContext": session, "transientToken": card_form.token(session)}
    url, headers = f"{merchant.url}/flex/v2/complete", {"Origin": "https://shop.example.com"}
    assert reason(requests.post(url, json=content, headers=headers, timeout=5)) == "COMPLETE_ERROR"


@pytest.mark.parametrize(
    ("number", "managed", "status"),
    [
        (DECLINED, True, "DECLINED"),
        (REVIEWED, True, "AUTHORIZED_PENDING_REVIEW"),
        (REVIEWED, False, "AUTHORIZED"),
        (RISKY, True, "AUTHORIZED_RISK_DECLINED"),
        (RISKY, False, "AUTHORIZED"),
        (NEEDS_AUTHENTICATION, True, "PENDING_AUTHENTICATION"),
    ],
)
def test_the_status_shows_the_outcome_and_decision_manager_runs_only_if_requested(
    merchant: Merchant, card_form: CardForm, number: str, status: str, *, managed: bool
) -> None:
    session = mandated(merchant, decisionManager=managed)
    result = result_of(card_form.completes(session, card_form.token(session, number)), session)
    assert result["status"] == status
    assert captured(merchant) == ("247.50" if status == "AUTHORIZED" else "0.00")


def test_a_risk_decline_may_carry_response_code_00(merchant: Merchant, card_form: CardForm) -> None:
    session = mandated(merchant)
    result = result_of(card_form.completes(session, card_form.token(session, RISKY)), session)
    assert result["details"]["processorInformation"]["responseCode"] == "00"
    assert result["details"]["errorInformation"]["reason"] == "DECISION_PROFILE_REJECT"


def test_a_declined_payment_fails_without_a_result(merchant: Merchant, card_form: CardForm) -> None:
    session = mandated(merchant)
    reply = card_form.completes(session, card_form.token(session, "4000000000002362"))
    assert reason(reply) == "COMPLETE_TRANSACTION_FAILED"
    assert merchant.ledger()["payments"] == []


def challenged(merchant: Merchant, card_form: CardForm, number: str) -> tuple[str, str, str]:
    """The session, the token, and the id of the bank's challenge."""
    session = mandated(merchant, consumerAuthentication="3DS")
    token = card_form.token(session, number)
    reply = card_form.completes(session, token)
    assert reply.status_code == 202, reply.text
    return session, token, reply.json()["challenge"]["id"]


def answers(merchant: Merchant, question: str, given: str) -> requests.Response:
    url = f"{merchant.url}/uc/v1/challenges/{question}"
    return requests.post(url, data={"answer": given}, timeout=5)


@pytest.mark.parametrize("number", [CHALLENGED, NEEDS_AUTHENTICATION])
def test_an_accepted_challenge_pays(merchant: Merchant, card_form: CardForm, number: str) -> None:
    session, token, question = challenged(merchant, card_form, number)
    assert captured(merchant) == "0.00"
    assert answers(merchant, question, "accept").status_code == 200
    result = result_of(card_form.completes(session, token, question), session)
    assert result["status"] == "AUTHORIZED"
    assert captured(merchant) == "247.50"


def test_a_failed_challenge_takes_no_money_and_leaves_a_row(
    merchant: Merchant, card_form: CardForm, clock: Clock
) -> None:
    session, token, question = challenged(merchant, card_form, CHALLENGED)
    answers(merchant, question, "fail")
    reply = card_form.completes(session, token, question)
    assert reason(reply) == "COMPLETE_AUTHENTICATION_FAILED"
    assert captured(merchant) == "0.00"
    clock.advance(2)
    (row,) = merchant.finds('clientReferenceInformation.code:"ORDER-42"')
    assert row["applicationInformation"]["reasonCode"] == "476"


def test_an_abandoned_challenge_charges_nothing(merchant: Merchant, card_form: CardForm) -> None:
    session, token, question = challenged(merchant, card_form, CHALLENGED)
    answers(merchant, question, "cancel")
    reply = card_form.completes(session, token, question)
    assert reason(reply) == "COMPLETE_AUTHENTICATION_CANCELED"
    assert merchant.ledger()["payments"] == []


def test_the_first_answer_to_a_challenge_counts(merchant: Merchant, card_form: CardForm) -> None:
    session, token, question = challenged(merchant, card_form, CHALLENGED)
    answers(merchant, question, "fail")
    answers(merchant, question, "accept")
    reply = card_form.completes(session, token, question)
    assert reason(reply) == "COMPLETE_AUTHENTICATION_FAILED"


def test_an_unanswered_challenge_charges_nothing_and_ignores_other_tokens(
    merchant: Merchant, card_form: CardForm
) -> None:
    session, token, question = challenged(merchant, card_form, CHALLENGED)
    reply = card_form.completes(session, token, question)
    assert reason(reply) == "COMPLETE_VALIDATION_ERROR"
    assert answers(merchant, question, "perhaps").status_code == 200
    other_session, other, _ = challenged(merchant, card_form, CHALLENGED)
    answers(merchant, question, "accept")
    assert card_form.completes(other_session, other, question).status_code == 202
    assert captured(merchant) == "0.00"


def test_an_unknown_challenge_is_not_found(merchant: Merchant) -> None:
    assert answers(merchant, "none", "accept").status_code == 404
    assert requests.get(f"{merchant.url}/uc/v1/challenges/none", timeout=5).status_code == 404


def test_an_ordinary_card_is_challenged_only_if_every_card_is(
    merchant: Merchant, card_form: CardForm
) -> None:
    session = mandated(merchant, consumerAuthentication="3DS")
    assert card_form.completes(session, card_form.token(session)).status_code == 201
    merchant.commands("switches", challenge_everybody=True)
    session = mandated(merchant, consumerAuthentication="3DS")
    assert card_form.completes(session, card_form.token(session)).status_code == 202


def test_a_payment_with_a_lost_result_is_still_charged(
    merchant: Merchant, card_form: CardForm
) -> None:
    merchant.commands("faults", operation="completions", fault="html", committed=True)
    session = mandated(merchant)
    assert card_form.completes(session, card_form.token(session)).status_code == 502
    assert captured(merchant) == "247.50"


def test_a_slow_card_delays_the_result(
    merchant: Merchant, card_form: CardForm, waits: Waits
) -> None:
    session = mandated(merchant)
    card_form.completes(session, card_form.token(session, "4000000000009037"))
    assert waits.seconds == [20.0]
