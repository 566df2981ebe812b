"""The commands of the outbox, and upkeep."""

import attrs

from core.messaging.outbox import GIVE_UP_AFTER
from core.payments.gateway import Captured, InReview
from coursetill_testing.command_line import BOB, CommandLine

RUN = "6.431x-1T2027"


def test_events_are_listed_in_the_order_they_happened(till: CommandLine) -> None:
    reference = till.paid(RUN)
    told = till.shape("outbox", "list")["events"]
    assert [event["event"] for event in told] == [
        f"{reference}/order.placed",
        f"{reference}/order.paid",
        f"{reference}/1/line.fulfilment_requested",
        f"{reference}/letter.receipt",
    ]
    assert told[1]["body"]["total"] == {"amount": "300.00", "currency": "USD"}


def test_events_are_found_by_order_and_state_page_by_page(till: CommandLine) -> None:
    first, second = till.ordered(RUN), till.paid("24.09x-1T2027", learner=BOB)
    of_second = ("--order", second.lower())
    assert len(till.shape("outbox", "list", *of_second)["events"]) == 4
    assert len(till.shape("outbox", "list", *of_second, "--to", "platform")["events"]) == 3
    [letter] = till.shape("outbox", "list", *of_second, "--to", "post")["events"]
    assert (letter["name"], letter["receiver"]) == ("letter.receipt", "post")
    assert till.shape("outbox", "list", "--state", "delivered")["events"] == []
    page = till.shape("outbox", "list", "--limit", "1")
    assert page["events"][0]["reference"] == first
    rest = till.shape("outbox", "list", "--after", str(page["next"]))["events"]
    assert all(event["sequence"] > page["next"] for event in rest)


def test_delivery_sends_each_event_once(till: CommandLine) -> None:
    till.paid(RUN)
    assert till.ok("outbox", "deliver") == "Delivered 3, failed 0.\n"
    assert till.shape("outbox", "deliver") == {"delivered": 0, "failed": 0, "given_up": 0}
    assert len(till.receiver.heard) == 3


def test_a_failed_delivery_exits_with_1_and_is_retried_later(till: CommandLine) -> None:
    till.paid(RUN)
    till.receiver.deaf = True
    result = till.run("outbox", "deliver")
    assert (result.exit_code, result.stdout) == (1, "Delivered 0, failed 1.\n")
    assert "it answered HTTP 503" in till.ok("outbox", "list", "--state", "waiting")
    till.receiver.deaf = False
    till.clock.advance(minutes=1)
    assert till.shape("outbox", "deliver")["delivered"] == 3


def test_no_event_is_tried_without_a_receiver(till: CommandLine) -> None:
    till.paid(RUN)
    alone = attrs.evolve(till.shop.settings, events=None)
    result = attrs.evolve(till, shop=attrs.evolve(till.shop, settings=alone)).run(
        "outbox", "deliver"
    )
    assert result.exit_code == 1
    assert "Set COURSETILL_EVENTS_URL and COURSETILL_EVENTS_SECRET" in result.stderr
    assert {event["tries"] for event in till.shape("outbox", "list")["events"]} == {0}


def test_an_abandoned_event_can_be_revived(till: CommandLine) -> None:
    reference = till.ordered(RUN)
    till.receiver.deaf = True
    for _ in range(GIVE_UP_AFTER):
        till.run("outbox", "deliver")
        till.clock.advance(hours=7)
    given_up = till.shape("outbox", "list", "--state", "given-up")["events"]
    assert [event["event"] for event in given_up] == [f"{reference}/order.placed"]
    till.receiver.deaf = False
    assert till.shape("outbox", "deliver")["delivered"] == 0
    revive = ("outbox", "revive", f"{reference}/order.placed")
    assert till.by_nobody().run(*revive).exit_code == 2
    assert "tried again" in till.ok(*revive, "--reason", "it is up again", "--as", "eve")
    entry = till.shape("orders", "show", reference)["history"][-1]
    assert (entry["by"], entry["why"]) == (
        "staff eve",
        f"{reference}/order.placed is tried again: it is up again",
    )
    assert "nothing was changed" in till.ok(*revive)
    assert till.shape("outbox", "deliver")["delivered"] == 1


def test_an_unknown_event_is_not_found(till: CommandLine) -> None:
    result = till.run("outbox", "revive", "CT-0000/order.paid")
    assert result.exit_code == 3
    assert "Next: coursetill outbox list" in result.stderr


def test_maintenance_expires_an_order_after_its_hold(till: CommandLine) -> None:
    reference = till.ordered(RUN)
    till.clock.advance(hours=1)
    told = till.ok("upkeep")
    did = "Asked about 0 payments, gave up 1 order, saw to 0 refunds, "
    did += "acted on 0 messages, removed 0 old ones."
    assert told == f"{did}\n"
    assert till.shape("orders", "show", reference)["state"] == "expired"
    counts = ("asked", "given_up", "refunds", "messages", "removed")
    nothing = {**dict.fromkeys(counts, 0), "put_off": [], "jobs": 0, "failed_jobs": []}
    assert till.shape("upkeep") == nothing


def test_maintenance_resolves_a_payment_in_doubt(till: CommandLine) -> None:
    till.gateway.answers_next(InReview("gateway-held"))
    reference = till.paid(RUN)
    with till.shop.read() as work:
        attempt = work.attempts.of(reference)[0]
    till.gateway.decides(attempt, Captured("gateway-held", attempt.amount))
    till.clock.advance(hours=2)
    assert till.shape("upkeep")["asked"] == 1
    assert till.shape("orders", "show", reference)["state"] == "paid"


def test_maintenance_reports_what_it_postponed(till: CommandLine) -> None:
    till.gateway.loses_next_answer()
    reference = till.paid(RUN)
    till.gateway.goes_away()
    till.clock.advance(hours=1)
    result = till.run("upkeep")
    assert result.exit_code == 0
    assert f"Put off: order {reference}" in result.stderr
