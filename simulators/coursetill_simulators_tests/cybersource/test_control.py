"""The control API: requested faults, reviews, and the control page."""

from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.errors import BadSignatureError

from coursetill_simulators_tests.cybersource.conftest import Waits
from coursetill_simulators_tests.cybersource.merchant import CardForm, Clock, Merchant, one_time_key

REVIEWED = "4000000000004806"


def outcome_of(call: Any) -> str:
    """The outcome of a call as the caller sees it, in one or two words."""
    try:
        reply: requests.Response = call()
    except requests.exceptions.ChunkedEncodingError:
        return "cut"
    except requests.ConnectionError:
        return "nothing"
    try:
        return f"{reply.status_code} {reply.json().get('reason', 'json')}"
    except requests.JSONDecodeError:
        return f"{reply.status_code} unreadable"


FAULTS = {
    "drop before": ({"fault": "drop", "committed": False}, "nothing", False),
    "drop after": ({"fault": "drop", "committed": True}, "nothing", True),
    "502 before": ({"fault": "system-error", "committed": False}, "502 SYSTEM_ERROR", False),
    "502 after": ({"fault": "server-timeout"}, "502 SERVER_TIMEOUT", True),
    "html": ({"fault": "html"}, "502 unreadable", True),
    "truncated": ({"fault": "truncated"}, "201 unreadable", True),
    "cut": ({"fault": "cut"}, "cut", True),
    "cut before": ({"fault": "cut", "committed": False}, "cut", False),
    "delay": ({"fault": "delay", "seconds": 30}, "201 json", True),
    "delay before": (
        {"fault": "delay", "seconds": 30, "committed": False},
        "201 json",
        True,
    ),
    "hang before": ({"fault": "hang", "committed": False}, "nothing", False),
    "hang after": ({"fault": "hang", "committed": True}, "nothing", True),
    "a reply of one's own": (
        {"fault": "reply", "status": 503, "body": {"reason": "TIRED"}, "committed": False},
        "503 TIRED",
        False,
    ),
}


@pytest.mark.parametrize(("told", "seen", "moved"), FAULTS.values(), ids=FAULTS)
def test_a_fault_applies_to_the_next_payment_only(
    merchant: Merchant, told: dict[str, Any], seen: str, *, moved: bool
) -> None:
    assert merchant.commands("faults", operation="payments", **told).status_code == 200

    assert outcome_of(merchant.pays) == seen
    assert len(merchant.ledger()["payments"]) == moved
    assert outcome_of(merchant.pays) == "201 json"


@pytest.mark.parametrize(("told", "seen", "moved"), FAULTS.values(), ids=FAULTS)
def test_a_refund_fault_applies_to_no_payment(
    merchant: Merchant, told: dict[str, Any], seen: str, *, moved: bool
) -> None:
    merchant.commands("faults", operation="refunds", **told)
    sale = merchant.pays().json()["id"]

    assert outcome_of(lambda: merchant.refunds(sale, "1.00")) == seen
    assert len(merchant.ledger()["refunds"]) == moved


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("sessions", "/uc/v1/sessions"),
        ("voids", "/pts/v2/payments/1/voids"),
        ("captures", "/pts/v2/payments/1/captures"),
        ("reversals", "/pts/v2/reversals"),
        ("searches", "/tss/v2/searches"),
    ],
)
def test_a_fault_can_apply_to_every_second_call(
    merchant: Merchant, operation: str, path: str
) -> None:
    merchant.commands("faults", operation=operation, fault="system-error", committed=False)
    assert outcome_of(lambda: merchant.post(path, {})) == "502 SYSTEM_ERROR"


def test_a_fault_can_apply_to_a_details_request(merchant: Merchant) -> None:
    merchant.commands("faults", operation="details", fault="html", committed=False)
    assert outcome_of(lambda: merchant.get("/tss/v2/transactions/1")) == "502 unreadable"


def test_a_delay_lasts_as_long_as_requested(merchant: Merchant, waits: Waits) -> None:
    merchant.commands("faults", operation="payments", fault="delay", seconds=7.5)
    merchant.pays()
    assert waits.seconds == [7.5]


@pytest.mark.parametrize("committed", [True, False])
def test_a_hanging_call_is_dropped_after_the_timeout(
    merchant: Merchant, waits: Waits, *, committed: bool
) -> None:
    merchant.commands("faults", operation="payments", fault="hang", seconds=7, committed=committed)
    assert outcome_of(merchant.pays) == "nothing"
    assert waits.seconds == [7]


@pytest.mark.parametrize("operation", ["sessions", "tokens", "completions"])
def test_a_token_with_an_invalid_signature_can_be_requested(
    merchant: Merchant, card_form: CardForm, operation: str
) -> None:
    def run() -> tuple[str, str, str]:
        mandate = {"type": "CAPTURE", "consumerAuthentication": "NONE"}
        session = merchant.session(completeMandate=mandate)
        token = card_form.token(session)
        return session, token, card_form.completes(session, token).text

    session, token, _ = run()
    told = {"operation": operation, "fault": "wrong-signature"}
    assert merchant.commands("faults", **told).status_code == 200
    if operation == "sessions":
        refused = card_form.tokenises(merchant.session())
        assert refused.json()["reason"] == "CAPTURE_CONTEXT_INVALID"
    elif operation == "tokens":
        forged = card_form.token(session)
        refused = card_form.completes(session, forged)
        assert refused.json()["reason"] == "COMPLETE_VALIDATION_ERROR"
    else:
        session, _, result = run()
        with pytest.raises(BadSignatureError):
            jwt.decode(result, one_time_key(session), algorithms=["RS256"])
    assert run()[2].count(".") == 2
    assert token.count(".") == 2


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("public-keys", "GET", "/flex/v2/public-keys/zu"),
        ("payment-details", "GET", "/flex/v2/payment-details/x"),
        ("subscriptions", "GET", "/notification-subscriptions/v2/webhooks"),
        ("subscriptions", "POST", "/notification-subscriptions/v2/webhooks"),
        ("subscriptions", "DELETE", "/notification-subscriptions/v2/webhooks/x"),
    ],
)
def test_a_fault_can_apply_to_searches_sessions_and_voids(
    merchant: Merchant, operation: str, method: str, path: str
) -> None:
    merchant.commands("faults", operation=operation, fault="html", committed=False)
    content = {} if method == "POST" else None
    first, second = (merchant.call(method, path, content).status_code for _ in range(2))
    assert first == 502
    assert second != 502


def test_staff_can_void_a_refund(merchant: Merchant) -> None:
    sale = merchant.pays().json()["id"]
    refund = merchant.refunds(sale, "100.00").json()["id"]
    assert merchant.commands(f"refunds/{refund}", fails="voided").status_code == 200
    ledger = merchant.ledger()
    assert [each["status"] for each in ledger["refunds"]] == ["VOIDED"]
    assert ledger["money"]["USD"]["refunded"] == "0.00"
    assert merchant.commands(f"refunds/{refund}", fails="now").status_code == 400


def test_a_transmitted_refund_cannot_be_voided(merchant: Merchant) -> None:
    refund = merchant.refunds(merchant.pays().json()["id"], "100.00").json()["id"]
    merchant.commands("settlements")
    assert merchant.commands(f"refunds/{refund}", fails="voided").status_code == 400
    assert merchant.commands(f"refunds/{refund}", fails="now").status_code == 200


def test_the_page_accepts_a_custom_reply_as_text(merchant: Merchant) -> None:
    form = {
        "operation": "payments",
        "fault": "reply",
        "status": "429",
        "body": '{"reason": "TIRED"}',
        "times": "2",
    }
    url = f"{merchant.url}/simulator/faults"
    assert requests.post(url, data=form, timeout=5, allow_redirects=False).status_code == 303
    assert [outcome_of(merchant.pays) for _ in range(3)] == ["429 TIRED", "429 TIRED", "201 json"]
    nonsense = requests.post(url, data={**form, "body": "{"}, timeout=5)
    assert nonsense.status_code == 400


def test_a_fault_can_apply_to_several_calls(merchant: Merchant) -> None:
    merchant.commands("faults", operation="payments", fault="html", committed=False, times=2)
    seen = [outcome_of(merchant.pays) for _ in range(3)]
    assert seen == ["502 unreadable", "502 unreadable", "201 json"]


def test_a_refused_request_does_not_use_up_the_fault(merchant: Merchant) -> None:
    merchant.commands("faults", operation="payments", fault="html", committed=False)
    assert outcome_of(lambda: merchant.pays(amount="x")) == "400 INVALID_DATA"
    assert outcome_of(merchant.pays) == "502 unreadable"


def test_a_chosen_outcome_overrides_the_card(merchant: Merchant) -> None:
    merchant.commands("faults", operation="payments", fault="outcome", outcome="stolen-card")
    body = merchant.pays(REVIEWED).json()
    assert body["errorInformation"]["reason"] == "STOLEN_LOST_CARD"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"operation": "payments"},
        {"operation": "payments", "fault": "fire"},
        {"operation": "everything", "fault": "drop"},
        {"operation": "payments", "fault": "outcome"},
        {"operation": "payments", "fault": "outcome", "outcome": "gone"},
        {"operation": "refunds", "fault": "outcome", "outcome": "stolen-card"},
        {"operation": "payments", "fault": "delay", "seconds": "long"},
        {"operation": "payments", "fault": "wrong-signature"},
    ],
)
def test_an_invalid_fault_is_refused(merchant: Merchant, told: dict[str, Any]) -> None:
    reply = merchant.commands("faults", **told)
    assert reply.status_code == 400
    assert reply.json()["message"] != ""
    assert outcome_of(merchant.pays) == "201 json"


def test_an_accepted_review_captures_the_money(merchant: Merchant, clock: Clock) -> None:
    held = merchant.pays(REVIEWED).json()["id"]
    assert merchant.ledger()["money"]["USD"]["captured"] == "0.00"

    assert merchant.commands(f"reviews/{held}", decision="accept").status_code == 200
    assert merchant.ledger()["money"]["USD"]["captured"] == "247.50"
    clock.advance(2)
    told = merchant.get(f"/tss/v2/transactions/{held}").json()["applicationInformation"]
    assert (told["status"], told["reasonCode"]) == ("PENDING", 100)
    assert [each["name"] for each in told["applications"]] == ["ics_auth", "ics_bill"]
    assert merchant.commands(f"reviews/{held}", decision="reject").status_code == 400


def test_a_rejected_review_reverses_the_authorisation(merchant: Merchant, clock: Clock) -> None:
    held = merchant.pays(REVIEWED).json()["id"]
    merchant.commands(f"reviews/{held}", decision="reject")

    ledger = merchant.ledger()
    assert ledger["payments"][0]["status"] == "AUTHORIZED_RISK_DECLINED"
    assert ledger["reversals"][0]["parent_id"] == held
    assert ledger["money"]["USD"]["captured"] == "0.00"
    clock.advance(2)
    told = merchant.get(f"/tss/v2/transactions/{held}").json()["applicationInformation"]
    assert told["reasonCode"] == 481


@pytest.mark.parametrize("decision", ["", "perhaps"])
def test_a_review_can_only_be_accepted_or_rejected(merchant: Merchant, decision: str) -> None:
    held = merchant.pays(REVIEWED).json()["id"]
    assert merchant.commands(f"reviews/{held}", decision=decision).status_code == 400
    assert merchant.ledger()["payments"][0]["status"] == "AUTHORIZED_PENDING_REVIEW"


def test_only_a_payment_in_review_can_be_decided(merchant: Merchant) -> None:
    paid = merchant.pays().json()["id"]
    assert merchant.commands(f"reviews/{paid}", decision="accept").status_code == 400
    assert merchant.commands("reviews/1", decision="accept").status_code == 400


def test_totals_are_counted_per_currency(merchant: Merchant) -> None:
    merchant.pays(amount="10.01")
    euros = merchant.pays().request.body
    content = euros.replace(b'"currency": "USD"', b'"currency": "EUR"')
    token = merchant.signed(merchant.claims("POST", "/pts/v2/payments", content))
    merchant.send("POST", "/pts/v2/payments", body=content, token=token)
    captured = {each: moved["captured"] for each, moved in merchant.ledger()["money"].items()}
    assert captured == {"EUR": "247.50", "USD": "257.51"}


def test_a_reset_deletes_all_state(merchant: Merchant) -> None:
    merchant.pays()
    merchant.commands("faults", operation="payments", fault="html")
    merchant.commands("reset")
    assert merchant.ledger()["payments"] == []
    assert merchant.ledger()["money"] == {}
    assert outcome_of(merchant.pays) == "201 json"


def test_the_control_page_shows_the_ledger_and_a_notice_that_no_money_moves(
    merchant: Merchant,
) -> None:
    paid = merchant.pays(REVIEWED, code="ORDER-<42>").json()["id"]
    page = requests.get(f"{merchant.url}/", timeout=5).text

    assert "CyberSource simulator, no money" in page
    assert paid in page
    assert "ORDER-&lt;42&gt;" in page
    assert f'action="/simulator/reviews/{paid}"' in page
    assert "4111111111111111" in page
    assert REVIEWED in page


def test_a_form_of_the_control_page_redirects_to_the_page(merchant: Merchant) -> None:
    reply = requests.post(
        f"{merchant.url}/simulator/faults",
        data={"operation": "payments", "fault": "html", "committed": ["yes", "no"]},
        headers={"Origin": merchant.url},
        allow_redirects=False,
        timeout=5,
    )
    assert (reply.status_code, reply.headers["Location"]) == (303, "/")
    assert outcome_of(merchant.pays) == "502 unreadable"
    assert len(merchant.ledger()["payments"]) == 1


@pytest.mark.parametrize("origin", ["https://x.example", "null"])
def test_another_origin_cannot_use_the_control_page(merchant: Merchant, origin: str) -> None:
    merchant.pays()
    reply = requests.post(f"{merchant.url}/simulator/reset", headers={"Origin": origin}, timeout=5)
    assert reply.status_code == 403
    assert len(merchant.ledger()["payments"]) == 1


def test_the_clock_can_be_moved_forward_and_a_reset_restores_it(merchant: Merchant) -> None:
    reply = merchant.commands("clock", advance_seconds=3600)
    assert reply.json() == {"now": "2026-11-22T13:00:00Z", "ahead_seconds": 3600.0}
    assert merchant.pays().status_code == 401
    merchant.commands("clock", advance_seconds=-3600)
    assert merchant.pays().status_code == 201
    merchant.commands("clock", advance_seconds=86400)
    merchant.commands("reset")
    assert merchant.pays().status_code == 201


@pytest.mark.parametrize("seconds", ["soon", [1], 1e12, "nan"])
def test_the_clock_offset_must_be_a_number(merchant: Merchant, seconds: object) -> None:
    assert merchant.commands("clock", advance_seconds=seconds).status_code == 400


def test_the_control_page_shows_and_sets_switches(merchant: Merchant) -> None:
    page = requests.get(f"{merchant.url}/", timeout=5).text
    for name in merchant.ledger()["switches"]:
        assert f'name="{name}"' in page
    form, headers = {"http_signature_ended": "yes"}, {"Origin": merchant.url}
    requests.post(f"{merchant.url}/simulator/switches", data=form, headers=headers, timeout=5)
    assert merchant.ledger()["switches"]["http_signature_ended"] is True


def test_the_control_page_sets_a_refund_to_fail(merchant: Merchant) -> None:
    sale = merchant.pays().json()["id"]
    refund = merchant.refunds(sale, "1.00").json()["id"]
    button = f'action="/simulator/refunds/{refund}"'
    assert button in requests.get(f"{merchant.url}/", timeout=5).text
    merchant.commands(f"refunds/{refund}", fails="now")
    assert button not in requests.get(f"{merchant.url}/", timeout=5).text
