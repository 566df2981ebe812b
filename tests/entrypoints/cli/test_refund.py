"""The refund command."""

from typing import Any

import pytest

from core.identity import Actor
from core.order_reference import Reference
from core.payments.gateway import RefundFailed
from coursetill_testing.command_line import CommandLine

FIRST, SECOND, FREE = "6.431x-1T2027", "24.09x-1T2027", "8.EFTx-1T2027"


@pytest.fixture
def sold(till: CommandLine) -> Reference:
    """Three lines: $300.00, $49.00 and nothing."""
    return till.paid(FIRST, SECOND, FREE)


def refund(till: CommandLine, reference: str, *options: str) -> Any:
    return till.run(
        *("orders", "refund", reference, "--reason", "changed her mind"), "--as", "eve", *options
    )


def test_an_order_can_be_refunded_in_full(till: CommandLine, sold: Reference) -> None:
    result = refund(till, sold, "--yes")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Refunded $349.00 of order {sold}: refund R")
    shown = till.shape("orders", "show", sold)
    assert shown["state"] == "refunded"
    assert {line["fulfilment"] for line in shown["lines"]} == {"revoked"}


def test_a_refund_of_a_line_revokes_it(till: CommandLine, sold: Reference) -> None:
    assert refund(till, sold, "--line", "2", "--yes").exit_code == 0
    shown = till.shape("orders", "show", sold)
    assert shown["state"] == "partially_refunded"
    assert [line["fulfilment"] for line in shown["lines"]] == ["awaiting", "revoked", "awaiting"]
    assert shown["refunded"]["amount"] == "49.00"


def test_a_refund_of_an_amount_revokes_nothing(till: CommandLine, sold: Reference) -> None:
    assert refund(till, sold, "--amount", "39.33", "--yes").exit_code == 0
    shown = till.shape("orders", "show", sold)
    assert shown["left_to_refund"]["amount"] == "309.67"
    assert {line["fulfilment"] for line in shown["lines"]} == {"awaiting"}


def test_a_free_line_is_revoked_without_the_gateway(till: CommandLine, sold: Reference) -> None:
    result = refund(till, sold, "--line", "3", "--yes")
    assert (result.exit_code, "no money moves" in result.stdout) == (0, True)
    assert till.gateway.refunded().minor == 0
    assert till.shape("orders", "show", sold)["lines"][2]["fulfilment"] == "revoked"


def test_a_dry_run_shows_the_effects_and_changes_nothing(
    till: CommandLine, sold: Reference
) -> None:
    result = till.run("orders", "refund", sold, "--line", "1", "--reason", "x", "--dry-run")
    assert result.exit_code == 0
    assert "− $300.00 back to the learner" in result.stdout
    assert f"− line 1 revoked: Probability - The Science of Uncertainty and Data ({FIRST})" in (
        result.stdout
    )
    assert "= $49.00 left to refund" in result.stdout
    assert till.gateway.refunded().minor == 0
    assert till.shape("orders", "show", sold)["state"] == "paid"


def test_a_dry_run_has_json_output(till: CommandLine, sold: Reference) -> None:
    shape = till.shape("orders", "refund", sold, "--line", "2", "--reason", "x", "--dry-run")
    assert shape == {
        "reference": sold,
        "dry_run": True,
        "amount": {"amount": "49.00", "currency": "USD"},
        "left": {"amount": "300.00", "currency": "USD"},
        "excess": False,
        "lines": [{"position": 2, "amount": {"amount": "49.00", "currency": "USD"}}],
        "revoked": [{"position": 2, "sku": SECOND, "title": "Minds and Machines"}],
    }


def test_a_refund_without_a_terminal_requires_yes(till: CommandLine, sold: Reference) -> None:
    result = refund(till, sold)
    assert result.exit_code == 2
    assert "Nobody can be asked here: add --yes" in result.stderr
    assert till.gateway.refunded().minor == 0


def test_a_refund_requires_a_staff_name(till: CommandLine, sold: Reference) -> None:
    result = till.by_nobody().run("orders", "refund", sold, "--reason", "x", "--yes")
    assert result.exit_code == 2
    assert "--as NAME, or COURSETILL_STAFF=NAME" in result.stderr
    assert till.gateway.refunded().minor == 0


def test_the_history_shows_who_refunded_and_why(till: CommandLine, sold: Reference) -> None:
    refund(till, sold, "--amount", "1.01", "--yes")
    entry = next(e for e in till.shape("orders", "show", sold)["history"] if "request" in e["why"])
    assert entry["by"] == str(Actor.staff("eve"))
    assert entry["why"] == "refund of $1.01 requested: changed her mind"


@pytest.mark.parametrize(("options", "name"), [([], "staff ann"), (["--as", "eve"], "staff eve")])
def test_the_staff_name_can_be_a_setting(
    till: CommandLine, sold: Reference, options: list[str], name: str
) -> None:
    till.ok("orders", "refund", sold, "--reason", "x", "--yes", *options)
    assert till.shape("orders", "show", sold)["refunds"][0]["by"] == name


@pytest.mark.parametrize(
    "options, code, said",
    [
        (["--amount", "349.01"], 1, "at most $349.00 is left to refund"),
        (["--amount", "0.00"], 1, "$0.00 cannot be refunded"),
        (["--amount", "1.001"], 1, "is not an amount of USD"),
        (["--line", "9"], 3, "has no line 9"),
        (["--line", "1", "--amount", "1.00"], 2, "not both"),
        (["--line", "0"], 2, "--line"),
        (["--reason", "  "], 1, "Say why: the reason"),
        (["--id", "lower case"], 2, "capital letters"),
    ],
)
def test_a_refused_refund_shows_the_reason(
    till: CommandLine, sold: Reference, options: list[str], code: int, said: str
) -> None:
    result = refund(till, sold, "--yes", *options)
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr
    assert till.gateway.refunded().minor == 0


def test_an_unpaid_order_has_nothing_to_refund(till: CommandLine) -> None:
    reference = till.ordered(FIRST)
    result = refund(till, reference, "--yes")
    assert result.exit_code == 1
    assert f"Order {reference} is pending: there is nothing to refund" in result.stderr


def test_an_unknown_order_is_not_found(till: CommandLine) -> None:
    assert refund(till, "CT-0000", "--yes").exit_code == 3
    assert refund(till, "CT-0000", "--yes", "--id", "MINE-0001").exit_code == 3


def test_a_line_is_refunded_once(till: CommandLine, sold: Reference) -> None:
    refund(till, sold, "--line", "1", "--yes")
    result = refund(till, sold, "--line", "1", "--yes")
    assert (result.exit_code, "is refunded already" in result.stderr) == (1, True)


def test_a_repeated_id_is_the_same_refund(till: CommandLine, sold: Reference) -> None:
    first = refund(till, sold, "--amount", "10.01", "--id", "CASE-00017", "--yes", "--json")
    again = refund(till, sold, "--amount", "10.01", "--id", "CASE-00017", "--yes", "--json")
    assert first.exit_code == again.exit_code == 0
    assert first.stdout == again.stdout
    assert till.gateway.refunded().plain == "10.01"


def test_a_refund_refused_by_the_gateway_exits_with_1(till: CommandLine, sold: Reference) -> None:
    till.gateway.refunds_next(RefundFailed("the payment was not settled yet"))
    result = refund(till, sold, "--yes")
    assert result.exit_code == 1
    assert "the payment was not settled yet. No money was given back" in result.stderr


def test_a_refund_with_an_unknown_result_exits_with_5(till: CommandLine, sold: Reference) -> None:
    till.gateway.loses_next_answer()
    result = refund(till, sold, "--yes")
    assert result.exit_code == 5
    assert "do not refund a second time" in result.stderr
    assert result.stderr.endswith("Next: coursetill upkeep\n")


def test_the_json_output_shows_an_unknown_refund_as_unknown(
    till: CommandLine, sold: Reference
) -> None:
    till.gateway.loses_next_answer()
    result = refund(till, sold, "--yes", "--json")
    assert result.exit_code == 5
    assert '"state": "unknown"' in result.stdout
    assert '"type": "urn:coursetill:refund-unknown"' in result.stderr
