"""The commands of the inbox, and those of webhooks against a simulator over HTTP."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from core.messaging.inbox import InboxMessage
from core.order_reference import Reference
from core.payments.notice import About, Notice
from core.use_cases.payments.process_notices import process_notice
from coursetill_simulators.cybersource import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    RunningSimulator,
    SimulatorSettings,
)
from coursetill_testing.command_line import CommandLine
from tests.adapters.cybersource.worlds import Browser
from tests.entrypoints.cli.processes import inside
from tests.entrypoints.cli.test_docs import fields, same, shape

RUN = "6.431x-1T2027"


def tells(till: CommandLine, code: str, key: str, **more: Any) -> InboxMessage | None:
    usual: dict[str, Any] = {"about": About.PAYMENT, "event": "payments.capture.status.accepted"}
    usual |= {"at": till.clock(), "heard_at": till.clock(), "form": "raw", "raw": {"id": "7"}}
    usual |= {"account": till.gateway.account}
    notice = Notice(key=key, code=code, **usual | more)
    return process_notice(notice, begin=till.shop.begin, gateway=till.gateway, now=till.clock())


@pytest.fixture
def waiting(till: CommandLine) -> Reference:
    """An order whose payment is in doubt, and a message that could not be acted on yet."""
    reference = till.ordered(RUN)
    till.gateway.loses_next_answer()
    till.tries_to_pay(reference)
    till.gateway.goes_away()
    tells(till, reference, "m-1")
    till.gateway.comes_back()
    return reference


def test_messages_are_listed_with_their_outcome(till: CommandLine, waiting: Reference) -> None:
    tells(till, "SOMEBODY-ELSES", "m-2")
    told = till.ok("inbox", "list")
    assert waiting in told
    assert "it names nothing of ours" in told
    assert [each["number"] for each in till.shape("inbox", "list")["messages"]] == [1, 2]
    first = till.shape("inbox", "list", "--limit", "1")
    assert ([each["number"] for each in first["messages"]], first["next"]) == ([1], 1)
    rest = till.shape("inbox", "list", "--after", "1")
    assert [each["state"] for each in rest["messages"]] == ["ignored"]
    mine = till.shape("inbox", "list", "--about", waiting.lower(), "--state", "received")
    assert [each["code"] for each in mine["messages"]] == [waiting]


def test_an_empty_inbox_is_reported(till: CommandLine) -> None:
    done = till.run("inbox", "list", "--state", "failed")
    assert (done.exit_code, done.stderr) == (0, "There are no such messages.\n")


def test_a_message_is_shown_with_all_stored_fields(till: CommandLine, waiting: Reference) -> None:
    told = till.ok("inbox", "show", "1")
    for part in (waiting, "received", "payments.capture.status.accepted", "Raw id"):
        assert part in told
    real = till.shape("inbox", "show", "1")
    same({**fields(shape("message")), "raw": None}, {**fields(real), "raw": None})


def test_staff_process_a_message_again_under_their_name(
    till: CommandLine, waiting: Reference
) -> None:
    told = till.shape("inbox", "replay", "1", "--as", "ann")
    assert told["state"] == "acted"
    assert told["why"].endswith("(again, for staff ann)")
    order = till.shape("orders", "show", waiting)
    assert order["state"] == "paid"
    assert order["history"][-1]["by"] == "staff ann"


def test_a_message_that_fails_again_exits_with_1(till: CommandLine, waiting: Reference) -> None:
    till.gateway.goes_away()
    done = till.run("inbox", "replay", "1", "--as", "ann")
    assert done.exit_code == 1
    assert "cannot say" in done.stdout


def test_an_unknown_message_is_not_found(till: CommandLine) -> None:
    problem = till.problem("inbox", "show", "77")
    assert (problem["exit_code"], problem["next"]) == (3, "coursetill inbox list")


def test_maintenance_processes_postponed_messages(till: CommandLine) -> None:
    reference = till.ordered(RUN)
    till.gateway.loses_next_answer()
    till.tries_to_pay(reference)
    till.gateway.goes_away()
    with till.shop.read() as work:
        [attempt] = work.attempts.of(reference)
    tells(till, reference, "m-1", attempt=attempt.id)
    till.clock.advance(minutes=5)
    till.gateway.comes_back()
    assert till.shape("upkeep")["messages"] == 1
    assert till.shape("orders", "show", reference)["state"] == "paid"


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator(SimulatorSettings(), rounds_every=None) as running:
        yield running


@pytest.fixture
def account(simulator: RunningSimulator) -> dict[str, str]:
    Browser(simulator.url).reset()
    return {
        "COURSETILL_CYBERSOURCE_URL": simulator.url,
        "COURSETILL_CYBERSOURCE_MERCHANT_ID": DEMO_MERCHANT_ID,
        "COURSETILL_CYBERSOURCE_KEY_ID": DEMO_KEY_ID,
        "COURSETILL_CYBERSOURCE_SHARED_SECRET": DEMO_SECRET,
        "COURSETILL_CYBERSOURCE_SIMULATOR": "yes",
    }


WEBHOOKS = ("cybersource", "webhooks")
SETTING = "COURSETILL_CYBERSOURCE_WEBHOOK_KEYS"


def test_subscribing_makes_a_key_that_the_settings_accept(account: dict[str, str]) -> None:
    done = inside(*WEBHOOKS, "subscribe", **account)
    assert done.returncode == 0, done.stderr
    key, address, status = done.stdout.splitlines()
    assert address.endswith("at http://127.0.0.1:8000/webhooks/cybersource.")
    assert SETTING in done.stderr
    assert key not in done.stderr
    again = inside(*WEBHOOKS, "subscribe", "--json", **{**account, SETTING: key})
    told = json.loads(again.stdout)
    assert told["key"] is None
    assert told["subscription"]["id"] in status
    assert key.partition(":")[2] not in again.stdout + again.stderr
    same(fields(shape("subscription")), fields(told["subscription"]))


def test_a_second_key_is_made_on_request(account: dict[str, str]) -> None:
    first = json.loads(inside(*WEBHOOKS, "subscribe", "--json", **account).stdout)
    kept = {**account, SETTING: first["key"]}
    told = json.loads(inside(*WEBHOOKS, "subscribe", "--new-key", "--json", **kept).stdout)
    assert told["key"] not in (None, first["key"])
    assert told["subscription"] == first["subscription"]
    assert told["setting"] == SETTING


DECIDED = "risk.casemanagement.decision.accept"


def test_available_events_are_listed_with_the_default_selection(account: dict[str, str]) -> None:
    told = json.loads(inside(*WEBHOOKS, "offered", "--json", **account).stdout)["offered"]
    asked_for = {each["event"]: each["asked_for"] for each in told}
    assert asked_for["payments.refund.status.updated"]
    assert asked_for["uc.orders.transactionresults"]
    assert not asked_for[DECIDED]
    listed = inside(*WEBHOOKS, "offered", **account).stdout
    assert re.search(rf"decisionManager +{DECIDED} *\n", listed)
    assert re.search(r"payments +payments.void.status.accepted +yes\n", listed)


def test_an_additional_event_is_subscribed_beside_the_defaults(account: dict[str, str]) -> None:
    asked = ("subscribe", "--event", DECIDED, "--json")
    events = json.loads(inside(*WEBHOOKS, *asked, **account).stdout)["subscription"]["events"]
    assert DECIDED in events
    assert "risk.casemanagement.decision.reject" not in events
    assert "payments.refund.status.updated" in events
    again = inside(*WEBHOOKS, *asked, **account)
    assert again.returncode == 0


def test_an_unavailable_event_is_refused_and_no_key_is_made(account: dict[str, str]) -> None:
    done = inside(*WEBHOOKS, "subscribe", "--event", "payments.no.such", **account)
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not offer this merchant to tell of payments.no.such" in done.stderr
    assert "coursetill cybersource webhooks offered" in done.stderr
    assert json.loads(inside(*WEBHOOKS, "list", "--json", **account).stdout)["subscriptions"] == []
    inside(*WEBHOOKS, "subscribe", **account)
    less = inside(*WEBHOOKS, "subscribe", "--event", DECIDED, **account)
    assert (less.returncode, less.stdout) == (1, "")
    assert f"does not tell of {DECIDED}" in less.stderr


def test_subscriptions_are_listed_and_deleted(account: dict[str, str]) -> None:
    empty = inside(*WEBHOOKS, "list", **account)
    assert "There are none" in empty.stderr
    made = json.loads(inside(*WEBHOOKS, "subscribe", "--json", **account).stdout)
    number = made["subscription"]["id"]
    assert number in inside(*WEBHOOKS, "list", **account).stdout
    asked = inside(*WEBHOOKS, "delete", number, **account)
    assert (asked.returncode, "--yes" in asked.stderr) == (2, True)
    assert inside(*WEBHOOKS, "delete", number, "--yes", **account).returncode == 0
    gone = inside(*WEBHOOKS, "delete", number, "--yes", **account)
    assert (gone.returncode, "knows no subscription" in gone.stderr) == (3, True)
    assert json.loads(inside(*WEBHOOKS, "list", "--json", **account).stdout) == {
        "subscriptions": []
    }


def test_an_address_without_https_is_refused_in_production(
    account: dict[str, str],
) -> None:
    elsewhere = {**account, "COURSETILL_SHOP_URL": "http://shop.example.org"}
    done = inside(*WEBHOOKS, "subscribe", **elsewhere)
    assert done.returncode == 2
    assert "COURSETILL_SHOP_URL" in done.stderr
