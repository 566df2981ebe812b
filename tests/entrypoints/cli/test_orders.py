"""The commands that find an order and show all of it."""

import attrs
import pytest

from adapters.memory.payment_gateway import ACCOUNT, MemoryGateway
from core.identity import TIMER
from core.order_reference import Reference
from core.payments.account import GatewayAccount
from core.payments.gateway import Declined
from coursetill_testing.command_line import ADA, BOB, CommandLine
from entrypoints.composition.payment_gateways import RunningGateway
from entrypoints.gateways.api import OpenGateway

RUN, OTHER = "6.431x-1T2027", "8.EFTx-1T2027"


def references(till: CommandLine, *options: str) -> list[str]:
    return [order["reference"] for order in till.shape("orders", "find", *options)["orders"]]


@pytest.fixture
def three(till: CommandLine) -> list[str]:
    """A paid order of Ada's, a pending one of Bob's, a free one of Ada's; oldest first."""
    made = [till.paid(RUN)]
    till.clock.advance(minutes=1)
    made.append(till.ordered(RUN, learner=BOB))
    till.clock.advance(minutes=1)
    made.append(till.ordered(OTHER))
    return [str(reference) for reference in made]


def test_orders_are_listed_newest_first(till: CommandLine, three: list[str]) -> None:
    assert references(till) == three[::-1]


def test_orders_are_found_by_state_and_by_learner(till: CommandLine, three: list[str]) -> None:
    paid, pending, free = three
    assert references(till, "--state", "pending") == [pending]
    assert references(till, "--learner", ADA.id) == [free, paid]


def test_pages_of_orders_have_no_gap(till: CommandLine, three: list[str]) -> None:
    first = till.shape("orders", "find", "--limit", "2")
    assert first["next"] == three[1]
    rest = till.shape("orders", "find", "--limit", "2", "--after", first["next"])
    assert [order["reference"] for order in rest["orders"]] == three[:1]
    assert rest["next"] is None
    assert till.shape("orders", "find", "--limit", "3")["next"] is None


def test_orders_that_need_attention_are_found(till: CommandLine, three: list[str]) -> None:
    assert references(till, "--attention") == []
    pending = three[1]
    with till.shop.begin() as work:
        order = work.orders.get(Reference(pending))
        work.orders.save(order.flagged("call the learner", at=till.clock(), by=TIMER))
        work.commit()
    assert references(till, "--attention") == [pending]
    assert "call the learner" in till.ok("orders", "find", "--attention")


def test_an_empty_list_is_reported_on_stderr(till: CommandLine) -> None:
    result = till.run("orders", "find")
    assert result.stdout.split() == [
        *("PLACED", "REFERENCE", "STATE", "TOTAL", "LEARNER", "LINES", "ATTENTION")
    ]
    assert result.stderr == "There are no such orders.\n"


def test_a_piped_list_has_plain_columns(till: CommandLine, three: list[str]) -> None:
    lines = till.ok("orders", "find", "--state", "paid", "--learner", ADA.id).splitlines()
    assert lines[1].split() == [
        *("2026-11-22", "04:32-05:00", three[2], "paid", "$0.00", "ada@example.org", "1")
    ]
    assert all("\x1b" not in line for line in lines)


def test_an_order_is_shown_with_all_its_data(till: CommandLine) -> None:
    till.ok("discounts", "create", "SAVE", "--kind", "percent-off", "--amount", "12.5")
    till.gateway.answers_next(Declined("Not enough money in the account"))
    reference = till.paid("MECH", RUN, runs=["8.01.1x-1T2027"], codes=["SAVE"])
    till.tries_to_pay(reference)
    till.ok(
        "orders", "refund", reference, "--line", "2", "--reason", "moved", "--yes", "--as", "eve"
    )
    till.ok("outbox", "deliver")

    shown = till.shape("orders", "show", reference)

    assert (shown["state"], shown["total"]["amount"]) == ("partially_refunded", "420.00")
    assert [line["runs"][0]["sku"] for line in shown["lines"] if line["runs"]] == ["8.01.1x-1T2027"]
    assert [line["reduction"]["amount"]["amount"] for line in shown["lines"]] == ["22.50", "37.50"]
    assert {line["reduction"]["payment_type"] for line in shown["lines"]} == {"marketing"}
    assert [line["fulfilment"] for line in shown["lines"]] == ["fulfilled", "revoked"]
    assert [attempt["state"] for attempt in shown["attempts"]] == ["declined", "captured"]
    kinds = [(moved["kind"], moved["amount"]["amount"]) for moved in shown["transactions"]]
    assert kinds == [("payment", "420.00"), ("refund", "262.50")]
    assert [(refund["by"], refund["reason"]) for refund in shown["refunds"]] == [
        ("staff eve", "moved")
    ]
    assert [(use["code"], use["state"]) for use in shown["redemptions"]] == [("SAVE", "redeemed")]
    assert shown["history"][0]["to"] == "pending"
    told = {(event["receiver"], event["state"]) for event in shown["events"]}
    assert told == {("platform", "delivered"), ("post", "waiting")}
    assert shown["refunded"]["amount"] == "262.50"
    assert shown["left_to_refund"]["amount"] == "157.50"


def test_the_text_output_of_an_order_has_the_same_data(till: CommandLine) -> None:
    till.gateway.answers_next(Declined("Not enough money in the account"))
    reference = till.paid(RUN)
    till.tries_to_pay(reference)
    told = till.ok("orders", "show", reference)
    for part in (
        "Ada Lovelace <ada@example.org>, id ada-1",
        "paid by Visa ending in 1111",
        "Not enough money in the account",
        "Visa ending in 1111",
        "Attempts to pay",
        "Transactions",
        "History",
        f"{reference}/order.paid",
    ):
        assert part in told


ELSEWHERE = GatewayAccount("cardhouse", "the old one", "production")
COLUMN = "the old one at cardhouse (production)"


def test_an_order_tells_programs_which_account_took_each_payment(till: CommandLine) -> None:
    reference = till.paid(RUN)
    shown = till.shape("orders", "show", reference)
    account = attrs.asdict(till.gateway.account)
    assert [attempt["account"] for attempt in shown["attempts"]] == [account]
    assert [moved["account"] for moved in shown["transactions"]] == [account]


def test_the_account_is_not_shown_where_there_is_one_alone(till: CommandLine) -> None:
    told = till.ok("orders", "show", till.paid(RUN))
    assert str(till.gateway.account) not in told
    assert "ACCOUNT" not in told


def test_a_payment_of_an_account_that_was_given_up_shows_it(till: CommandLine) -> None:
    till.gateway.account = ELSEWHERE
    reference = till.paid(RUN)
    till.gateway.account = ACCOUNT
    told = till.ok("orders", "show", reference)
    assert "ACCOUNT" in told
    assert COLUMN in told


def test_of_several_accounts_each_payment_shows_its_own(till: CommandLine) -> None:
    reference = till.paid(RUN)
    gateway = MemoryGateway(now=till.clock, new_id=lambda: "unused", account=ELSEWHERE)
    other = RunningGateway("cardhouse", OpenGateway(gateway=gateway))
    both = attrs.evolve(till, shop=attrs.evolve(till.shop, gateways=(other,)))
    told = both.ok("orders", "show", reference)
    assert "ACCOUNT" in told
    assert str(till.gateway.account) in told


def test_the_output_shows_no_payment_token_or_session(till: CommandLine) -> None:
    reference = till.paid(RUN)
    with till.shop.read() as work:
        attempt = work.attempts.of(reference)[0]
    told = till.ok("orders", "show", reference) + till.ok("orders", "show", reference, "--json")
    assert attempt.token is not None
    assert attempt.session is not None
    assert attempt.token not in told
    assert attempt.session["session"] not in told


def test_a_misread_reference_is_understood(till: CommandLine) -> None:
    reference = till.ordered(RUN)
    assert till.shape("orders", "show", f" {reference.lower()} ")["reference"] == reference


def test_an_unknown_order_is_not_found(till: CommandLine) -> None:
    result = till.run("orders", "show", "CT-0000")
    assert result.exit_code == 3
    assert result.stderr == ("Error: There is no order CT-0000\nNext: coursetill orders find\n")
    assert till.run("orders", "find", "--after", "CT-0000").exit_code == 3


def test_orders_are_found_by_everything_a_caller_may_know(till: CommandLine) -> None:
    adas = till.paid("6.431x-1T2027")
    bobs = till.paid("24.09x-1T2027", learner=BOB)
    moved = till.shape("orders", "show", adas)["transactions"][0]["gateway_id"]
    assert references(till, "--email", "ADA@example.org") == [adas]
    assert references(till, "--reference", bobs.lower()) == [bobs]
    assert references(till, "--sku", "24.09x-1T2027") == [bobs]
    assert references(till, "--card", "1111", "--learner", BOB.id) == [bobs]
    assert references(till, "--transaction", moved) == [adas]
    assert references(till, "--from", "2026-11-22T00:00:00Z", "--until", "2026-11-23T00:00:00Z")
    assert references(till, "--until", "2026-11-22T09:30:00Z") == []


@pytest.mark.parametrize("card", ["4111111111111111", "111", "abcd", "\u0661" * 4])
def test_a_search_by_card_accepts_the_last_four_digits_only(till: CommandLine, card: str) -> None:
    result = till.run("orders", "find", "--card", card)
    assert result.exit_code == 2
    assert "the last four digits of the card" in result.stderr
    assert card not in result.stderr
