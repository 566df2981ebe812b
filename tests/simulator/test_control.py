"""The control API: faults by order, reviews, and the page for people."""

from typing import Any

import pytest
import requests

from tests.simulator.conftest import Waits
from tests.simulator.merchant import Clock, Merchant

REVIEWED = "4000000000004806"


def outcome_of(call: Any) -> str:
    """What the caller sees of a call, in a word or two."""
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
    "a reply of one's own": (
        {"fault": "reply", "status": 503, "body": {"reason": "TIRED"}, "committed": False},
        "503 TIRED",
        False,
    ),
}


@pytest.mark.parametrize(("told", "seen", "moved"), FAULTS.values(), ids=FAULTS)
def test_a_fault_meets_the_next_payment_and_no_other(
    merchant: Merchant, told: dict[str, Any], seen: str, *, moved: bool
) -> None:
    assert merchant.commands("faults", operation="payments", **told).status_code == 200

    assert outcome_of(merchant.pays) == seen
    assert len(merchant.ledger()["payments"]) == moved
    assert outcome_of(merchant.pays) == "201 json"


@pytest.mark.parametrize(("told", "seen", "moved"), FAULTS.values(), ids=FAULTS)
def test_a_fault_meets_the_next_refund_and_no_payment(
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
def test_a_fault_can_meet_every_other_call(merchant: Merchant, operation: str, path: str) -> None:
    merchant.commands("faults", operation=operation, fault="system-error", committed=False)
    assert outcome_of(lambda: merchant.post(path, {})) == "502 SYSTEM_ERROR"


def test_a_fault_can_meet_a_look_at_the_details(merchant: Merchant) -> None:
    merchant.commands("faults", operation="details", fault="html", committed=False)
    assert outcome_of(lambda: merchant.get("/tss/v2/transactions/1")) == "502 unreadable"


def test_a_delay_lasts_as_long_as_was_asked(merchant: Merchant, waits: Waits) -> None:
    merchant.commands("faults", operation="payments", fault="delay", seconds=7.5)
    merchant.pays()
    assert waits.seconds == [7.5]


def test_a_fault_can_meet_several_calls(merchant: Merchant) -> None:
    merchant.commands("faults", operation="payments", fault="html", committed=False, times=2)
    seen = [outcome_of(merchant.pays) for _ in range(3)]
    assert seen == ["502 unreadable", "502 unreadable", "201 json"]


def test_a_refused_request_leaves_the_fault_for_the_next(merchant: Merchant) -> None:
    merchant.commands("faults", operation="payments", fault="html", committed=False)
    assert outcome_of(lambda: merchant.pays(amount="x")) == "400 INVALID_DATA"
    assert outcome_of(merchant.pays) == "502 unreadable"


def test_a_chosen_outcome_goes_before_the_card(merchant: Merchant) -> None:
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
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(merchant: Merchant, told: dict[str, Any]) -> None:
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


def test_a_rejected_review_gives_the_authorisation_back(merchant: Merchant, clock: Clock) -> None:
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
def test_a_review_is_accepted_or_rejected_and_nothing_else(
    merchant: Merchant, decision: str
) -> None:
    held = merchant.pays(REVIEWED).json()["id"]
    assert merchant.commands(f"reviews/{held}", decision=decision).status_code == 400
    assert merchant.ledger()["payments"][0]["status"] == "AUTHORIZED_PENDING_REVIEW"


def test_only_a_payment_in_review_is_decided(merchant: Merchant) -> None:
    paid = merchant.pays().json()["id"]
    assert merchant.commands(f"reviews/{paid}", decision="accept").status_code == 400
    assert merchant.commands("reviews/1", decision="accept").status_code == 400


def test_money_is_counted_by_currency(merchant: Merchant) -> None:
    merchant.pays(amount="10.01")
    euros = merchant.pays().request.body
    content = euros.replace(b'"currency": "USD"', b'"currency": "EUR"')
    token = merchant.signed(merchant.claims("POST", "/pts/v2/payments", content))
    merchant.send("POST", "/pts/v2/payments", body=content, token=token)
    captured = {each: moved["captured"] for each, moved in merchant.ledger()["money"].items()}
    assert captured == {"EUR": "247.50", "USD": "257.51"}


def test_a_reset_forgets_everything(merchant: Merchant) -> None:
    merchant.pays()
    merchant.commands("faults", operation="payments", fault="html")
    merchant.commands("reset")
    assert merchant.ledger()["payments"] == []
    assert merchant.ledger()["money"] == {}
    assert outcome_of(merchant.pays) == "201 json"


def test_the_page_for_people_says_no_money_and_shows_the_ledger(merchant: Merchant) -> None:
    paid = merchant.pays(REVIEWED, code="ORDER-<42>").json()["id"]
    page = requests.get(f"{merchant.url}/", timeout=5).text

    assert "CyberSource simulator, no money" in page
    assert paid in page
    assert "ORDER-&lt;42&gt;" in page
    assert f'action="/simulator/reviews/{paid}"' in page
    assert "4111111111111111" in page
    assert REVIEWED in page


def test_a_form_of_the_page_leads_back_to_it(merchant: Merchant) -> None:
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
def test_a_page_of_another_origin_controls_nothing(merchant: Merchant, origin: str) -> None:
    merchant.pays()
    reply = requests.post(f"{merchant.url}/simulator/reset", headers={"Origin": origin}, timeout=5)
    assert reply.status_code == 403
    assert len(merchant.ledger()["payments"]) == 1


def test_the_clock_is_put_forward_and_a_reset_puts_it_back(merchant: Merchant) -> None:
    reply = merchant.commands("clock", advance_seconds=3600)
    assert reply.json() == {"now": "2026-11-22T13:00:00Z", "ahead_seconds": 3600.0}
    assert merchant.pays().status_code == 401
    merchant.commands("clock", advance_seconds=-3600)
    assert merchant.pays().status_code == 201
    merchant.commands("clock", advance_seconds=86400)
    merchant.commands("reset")
    assert merchant.pays().status_code == 201


@pytest.mark.parametrize("seconds", ["soon", [1], 1e12, "nan"])
def test_a_clock_is_put_forward_by_a_number(merchant: Merchant, seconds: object) -> None:
    assert merchant.commands("clock", advance_seconds=seconds).status_code == 400


def test_the_page_shows_switches_and_sets_one_by_its_form(merchant: Merchant) -> None:
    page = requests.get(f"{merchant.url}/", timeout=5).text
    for name in merchant.ledger()["switches"]:
        assert f'name="{name}"' in page
    form, headers = {"http_signature_ended": "yes"}, {"Origin": merchant.url}
    requests.post(f"{merchant.url}/simulator/switches", data=form, headers=headers, timeout=5)
    assert merchant.ledger()["switches"]["http_signature_ended"] is True


def test_the_page_lets_a_refund_fail_until_it_has(merchant: Merchant) -> None:
    sale = merchant.pays().json()["id"]
    refund = merchant.refunds(sale, "1.00").json()["id"]
    button = f'action="/simulator/refunds/{refund}"'
    assert button in requests.get(f"{merchant.url}/", timeout=5).text
    merchant.commands(f"refunds/{refund}", fails="now")
    assert button not in requests.get(f"{merchant.url}/", timeout=5).text
