"""The commands with which staff answer refund requests."""

from __future__ import annotations

import pytest

from core.identity import Learner
from core.order_reference import Reference
from core.orders.refund_request import RefundRequestId
from core.use_cases.refunds.refund_requests import RefundApplication, file_request
from coursetill_testing.command_line import ADA, BOB, CommandLine

RUN = "6.431x-1T2027"


def asked(till: CommandLine, reference: Reference, *positions: int, learner: Learner = ADA) -> None:
    number = f"q-{next(till.numbers)}"
    wanted = RefundApplication(
        RefundRequestId(number), positions or (1,), "it is not for me", consent=True
    )
    policy = till.shop.settings.refund_policy
    file_request(
        reference, learner.id, wanted, policy=policy, begin=till.shop.begin, now=till.clock()
    )


@pytest.fixture
def reference(till: CommandLine) -> Reference:
    """An order of two lines with an open request for the second."""
    reference = till.paid("24.09x-1T2027", RUN)
    asked(till, reference, 2)
    return reference


def state(till: CommandLine, reference: str) -> str:
    told: str = till.shape("refund-requests", "show", reference)["state"]
    return told


def test_open_requests_are_listed_longest_waiting_first(till: CommandLine, reference: str) -> None:
    other = till.paid(RUN, learner=BOB)
    asked(till, other, learner=BOB)
    till.ok("refund-requests", "deny", other, "--reason", "no", "--as", "eve", "--yes")
    told = till.shape("refund-requests", "list")
    assert [(each["reference"], each["lines"]) for each in told["requests"]] == [(reference, [2])]
    everything = till.shape("refund-requests", "list", "--state", "all", "--limit", "1")
    rest = ("--state", "all", "--after", everything["next"])
    [last] = till.shape("refund-requests", "list", *rest)["requests"]
    assert (last["reference"], last["state"], last["answered_by"]) == (other, "denied", "staff eve")
    table = till.ok("refund-requests", "list")
    assert "it is not for me" in table
    assert other not in table


def test_a_request_is_shown_with_the_effects_of_an_approval(
    till: CommandLine, reference: str
) -> None:
    told = till.ok("refund-requests", "show", reference.lower())
    assert "line 2" in told
    assert "− $300.00 back to the learner" in told
    assert till.shape("refund-requests", "show", reference)["plan"]["amount"]["amount"] == "300.00"
    shown = till.shape("orders", "show", reference)["refund_requests"]
    assert [each["state"] for each in shown] == ["open"]
    assert "Refund requests" in till.ok("orders", "show", reference)


def test_a_dry_run_shows_the_effects_and_changes_nothing(till: CommandLine, reference: str) -> None:
    result = till.run("refund-requests", "approve", reference, "--dry-run")
    assert result.exit_code == 0
    assert "line 2 revoked" in result.stdout
    assert "Nothing was done" in result.stderr
    assert state(till, reference) == "open"
    assert till.shape("orders", "show", reference)["refunds"] == []


def test_an_approval_refunds_and_names_the_approver(till: CommandLine, reference: str) -> None:
    told = till.run("refund-requests", "approve", reference, "--yes", "--as", "eve").stdout
    assert told.startswith(f"Refunded $300.00 of order {reference}")
    shown = till.shape("orders", "show", reference)
    assert shown["state"] == "partially_refunded"
    assert [refund["by"] for refund in shown["refunds"]] == ["staff eve"]
    request = till.shape("refund-requests", "show", reference)
    assert (request["state"], request["answered_by"]) == ("approved", "staff eve")
    assert request["refund"] == shown["refunds"][0]["id"]
    assert "Your refund request" in till.ok("mail", "preview", "answer", reference)


def test_an_approval_asks_for_confirmation(till: CommandLine, reference: str) -> None:
    result = till.run("refund-requests", "approve", reference, "--as", "eve", typed="y\n")
    assert (result.exit_code, "add --yes" in result.stderr) == (2, True)
    assert state(till, reference) == "open"


def test_a_denial_is_shown_with_its_reason(till: CommandLine, reference: str) -> None:
    why = ("--reason", "the run is over", "--as", "eve", "--yes")
    assert "Denied" in till.ok("refund-requests", "deny", reference, *why)
    assert "the run is over" in till.ok("mail", "preview", "answer", reference)
    assert till.problem("refund-requests", "deny", reference, *why)["exit_code"] == 4


def test_a_second_approval_is_a_conflict_and_refunds_nothing(
    till: CommandLine, reference: str
) -> None:
    till.run("refund-requests", "approve", reference, "--yes", "--as", "eve")
    problem = till.problem("refund-requests", "approve", reference, "--yes", "--as", "zoe")
    assert (problem["exit_code"], problem["type"]) == (4, "urn:coursetill:request-is-answered")
    assert "was approved already by staff eve" in problem["detail"]
    assert len(till.shape("orders", "show", reference)["refunds"]) == 1


def test_an_order_without_a_request_is_not_found(till: CommandLine) -> None:
    problem = till.problem("refund-requests", "show", till.paid(RUN))
    assert (problem["exit_code"], problem["next"]) == (3, "coursetill refund-requests list")
