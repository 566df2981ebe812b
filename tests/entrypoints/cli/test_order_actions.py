"""Commands of staff about one order: note, attended, cancel, fulfil, and an excess given back."""

import pytest

from core.messaging.outbox import NeverReceived
from core.order_reference import Reference
from core.payments.gateway import Captured, RefundAccepted, RefundFailed
from core.use_cases.payments.apply_result import apply_result
from coursetill_testing.command_line import CommandLine
from tests.entrypoints.cli.processes import at_a_terminal

SKU = "6.431x-1T2027"


@pytest.fixture
def sold(till: CommandLine) -> Reference:
    return till.paid(SKU)


@pytest.mark.parametrize(
    "command",
    [
        ("note", "CT-TEST-0001", "hello"),
        ("attended", "CT-TEST-0001", "--reason", "done"),
        ("cancel", "CT-TEST-0001", "--reason", "twice"),
        ("fulfil", "CT-TEST-0001", "--line", "1"),
    ],
)
def test_a_change_of_an_order_requires_a_staff_name(
    till: CommandLine, sold: Reference, command: list[str]
) -> None:
    before = till.shape("orders", "show", sold)["history"]
    result = till.by_nobody().run("orders", *command)
    assert result.exit_code == 2
    assert "--as NAME, or COURSETILL_STAFF=NAME" in result.stderr
    assert till.shape("orders", "show", sold)["history"] == before


@pytest.mark.parametrize("command", ["attended", "cancel"])
def test_a_change_of_an_order_requires_a_reason(
    till: CommandLine, sold: Reference, command: str
) -> None:
    result = till.run("orders", command, sold)
    assert result.exit_code == 2
    assert "--reason" in result.stderr


def test_an_order_with_an_unnoticed_capture_is_reported_as_paid(till: CommandLine) -> None:
    till.gateway.loses_next_answer()
    reference = till.paid(SKU)
    told = till.ok("orders", "cancel", reference, "--reason", "ordered twice", "--yes")
    assert "was not cancelled: it has been paid" in told
    assert f"coursetill orders refund {reference}" in told
    assert till.shape("orders", "show", reference)["state"] == "paid"


def test_a_cancellation_is_reported(till: CommandLine) -> None:
    reference = till.ordered(SKU)
    told = till.ok("orders", "cancel", reference, "--reason", "ordered twice", "--yes")
    assert told == f"Order {reference} is cancelled.\n"
    problem = till.problem("orders", "cancel", reference, "--reason", "again", "--yes")
    assert "is cancelled, so it cannot be cancelled" in problem["detail"]
    assert problem["exit_code"] == 1


def test_cancelling_without_a_terminal_requires_yes(till: CommandLine) -> None:
    reference = till.ordered(SKU)
    result = till.run("orders", "cancel", reference, "--reason", "ordered twice")
    assert result.exit_code == 2
    assert "add --yes to cancel without asking" in result.stderr
    assert till.shape("orders", "show", reference)["state"] == "pending"


@pytest.mark.parametrize(("answer", "state"), [("n\n", "pending"), ("y\n", "cancelled")])
def test_cancelling_at_a_terminal_asks_for_confirmation(
    till: CommandLine, answer: str, state: str
) -> None:
    reference = till.ordered(SKU)
    url = till.shop.settings.database_url
    command = ("orders", "cancel", reference.lower(), "--reason", "ordered twice", "--as", "ann")
    seen = at_a_terminal(*command, typed=answer, COURSETILL_DATABASE_URL=url)
    assert f"Cancel order {reference} of ada@example.org, pending, $300.00?" in seen.text
    assert till.shape("orders", "show", reference)["state"] == state


def test_staff_get_their_own_message_while_the_gateway_is_unreachable(till: CommandLine) -> None:
    reference = till.ordered(SKU)
    till.gateway.loses_next_answer()
    till.tries_to_pay(reference)
    till.gateway.goes_away()
    problem = till.problem("orders", "cancel", reference, "--reason", "ordered twice", "--yes")
    assert problem["exit_code"] == 4
    assert problem["type"] == "urn:coursetill:still-checking"
    assert problem["detail"] == (
        f"The shop is still checking with the gateway how the payment for order {reference} "
        "ended, and has changed nothing. Try again in a few minutes"
    )
    assert problem["next"] == f"coursetill orders show {reference}"


def test_fulfilment_of_a_line_is_requested_with_a_new_event_id(
    till: CommandLine, sold: Reference
) -> None:
    till.receiver.refuses = NeverReceived("it answered HTTP 400")
    till.run("outbox", "deliver")
    told = till.ok("orders", "fulfil", sold, "--line", "1")
    assert told == f"The platform is asked again for line 1: {title(till, sold)} ({SKU}).\n"
    till.receiver.refuses = None
    till.ok("outbox", "deliver")
    assert [event.id for event in till.receiver.heard] == [f"{sold}/1/line.fulfilment_requested/2"]
    assert till.shape("orders", "show", sold)["lines"][0]["fulfilment"] == "fulfilled"


def title(till: CommandLine, reference: Reference) -> str:
    return str(till.shape("orders", "show", reference)["lines"][0]["title"])


def test_an_overpayment_is_shown_and_refunded_once_and_the_order_unchanged(
    till: CommandLine,
) -> None:
    reference = till.paid(SKU)
    attempt = till.shape("orders", "show", reference)["attempts"][0]["id"]
    with till.shop.read() as work:
        amount = work.attempts.get(attempt).amount
    apply_result(attempt, Captured("G-TWICE", amount), begin=till.shop.begin, now=till.clock())
    till.gateway.refunds_next(RefundFailed("it was closed"), RefundAccepted("G-BACK"))
    till.run("upkeep")
    overpayment = ("orders", "refund", reference, "--excess", "--reason", "paid twice")
    assert "this was paid too much" in till.ok(*overpayment, "--dry-run")
    till.ok(*overpayment, "--yes")
    assert till.shape("orders", "show", reference)["state"] == "paid"
    refunds = till.shape("orders", "show", reference)["refunds"]
    assert [(refund["excess"], refund["state"]) for refund in refunds] == [
        (True, "failed"),
        (True, "sent"),
    ]
    assert "no payment too many" in till.problem(*overpayment, "--yes")["detail"]


def test_a_refund_selects_the_overpayment_or_lines_and_not_both(
    till: CommandLine, sold: Reference
) -> None:
    result = till.run("orders", "refund", sold, "--excess", "--line", "1", "--reason", "x")
    assert result.exit_code == 2
    assert "not both" in result.stderr
