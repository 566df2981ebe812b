"""The commands that ask the gateway itself, against a simulator over HTTP."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from core.identity import Actor
from core.money import Money
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.payments.refund import RefundId
from core.use_cases.payments.card_form import open_card_form, pay_with_token
from core.use_cases.refunds.issue_refund import RefundSelection, issue_refund
from coursetill_simulators.cybersource import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    RunningSimulator,
    SimulatorSettings,
)
from coursetill_testing.command_line import ADA, CommandLine
from entrypoints.composition.gateways.cybersource import open_cybersource
from entrypoints.composition.gateways.cybersource_plugin import setup_in
from entrypoints.settings.shop import read_settings
from tests.adapters.cybersource.worlds import Browser
from tests.entrypoints.cli.processes import inside
from tests.entrypoints.cli.test_docs import fields, same, shape

CARD = "4111111111111111"


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator(SimulatorSettings(index_lag_seconds=0)) as running:
        yield running


@pytest.fixture
def account(simulator: RunningSimulator, sqlite_url: str) -> dict[str, str]:
    Browser(simulator.url).reset()
    return {
        "COURSETILL_DATABASE_URL": sqlite_url,
        "COURSETILL_CYBERSOURCE_URL": simulator.url,
        "COURSETILL_CYBERSOURCE_MERCHANT_ID": DEMO_MERCHANT_ID,
        "COURSETILL_CYBERSOURCE_KEY_ID": DEMO_KEY_ID,
        "COURSETILL_CYBERSOURCE_SHARED_SECRET": DEMO_SECRET,
        "COURSETILL_CYBERSOURCE_SIMULATOR": "yes",
    }


@pytest.fixture
def paid(till: CommandLine, account: dict[str, str]) -> Reference:
    """An order that was paid at the simulator, and partly refunded."""
    settings = read_settings(account)
    gateway = open_cybersource(setup_in(settings).account, settings.shop_url)
    reference = till.ordered("6.431x-1T2027")
    how: dict[str, Any] = {
        "begin": till.shop.begin,
        "gateway": gateway,
        "now": till.clock(),
        "hold": timedelta(minutes=30),
    }
    opened = open_card_form(reference, ADA.id, AttemptId("A-TEST-9001"), **how)
    typed = Browser(account["COURSETILL_CYBERSOURCE_URL"]).type_card(opened.form, CARD)
    pay_with_token(AttemptId("A-TEST-9001"), ADA.id, typed, **how)
    issue_refund(
        reference,
        RefundSelection(Money.of("10.00")),
        "late",
        refund_id=RefundId("R-TEST-9001"),
        staff=Actor.staff("eve"),
        begin=till.shop.begin,
        gateway=gateway,
        now=till.clock(),
    )
    return reference


def test_a_check_reports_a_working_account_and_that_nothing_was_charged(
    account: dict[str, str],
) -> None:
    done = inside("cybersource", "check", **account)
    url = account["COURSETILL_CYBERSOURCE_URL"]
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"The simulator at {url} accepts the key of {DEMO_MERCHANT_ID}.\n"
    assert Browser(url).ledger()["payments"] == []


def test_a_check_as_json_reports_a_working_account_without_its_secret(
    account: dict[str, str],
) -> None:
    done = inside("cybersource", "check", "--json", **account)
    assert json.loads(done.stdout) == {
        "url": account["COURSETILL_CYBERSOURCE_URL"],
        "merchant_id": DEMO_MERCHANT_ID,
        "simulator": True,
        "warnings": [],
    }
    assert DEMO_SECRET not in done.stdout


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("KEY_ID", "another-key", "The key id has not the usual form"),
        ("KEY_ID", "00000000-0000-4000-8000-000000000001", "the key id and the shared secret"),
        (
            "SHARED_SECRET",
            base64.b64encode(b"another-worthless-secret").decode(),
            "The shared secret has not the usual length",
        ),
        ("MERCHANT_ID", "another_merchant", "Check the merchant id (another_merchant)"),
        ("URL", "http://127.0.0.1:9", "nothing listens at 127.0.0.1:9"),
    ],
)
def test_a_check_explains_the_problem_of_the_account(
    account: dict[str, str], name: str, wrong: str, said: str
) -> None:
    done = inside("cybersource", "check", **{**account, f"COURSETILL_CYBERSOURCE_{name}": wrong})
    assert (done.returncode, done.stdout) == (75, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert account["COURSETILL_CYBERSOURCE_SHARED_SECRET"] not in done.stderr


@pytest.mark.parametrize("command", [("check",), ("find", "CT-1")])
def test_a_check_without_a_gateway_is_an_error(sqlite_url: str, command: tuple[str]) -> None:
    done = inside("cybersource", *command, COURSETILL_DATABASE_URL=sqlite_url)
    assert done.returncode == 75
    assert "no gateway is set up" in done.stderr


def found(reference: str, account: dict[str, str]) -> list[dict[str, Any]]:
    done = inside("cybersource", "find", reference, "--json", **account)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["reference"] == reference.upper()
    rows: list[dict[str, Any]] = told["transactions"]
    return rows


def test_payments_and_refunds_of_an_order_are_found(
    paid: Reference, account: dict[str, str]
) -> None:
    payment, given_back = found(paid.lower(), account)
    assert (payment["kind"], payment["amount"]["amount"]) == ("payment", "300.00")
    assert (payment["code"], payment["ours"]) == (paid, "A-TEST-9001")
    assert (given_back["kind"], given_back["amount"]["amount"]) == ("refund", "10.00")
    assert given_back["code"] == "R-TEST-9001"
    same(fields(shape("known")), fields(payment))


def test_payments_are_shown_as_a_table(paid: Reference, account: dict[str, str]) -> None:
    done = inside("cybersource", "find", paid, **account)
    assert (done.returncode, done.stderr) == (0, "")
    title, payment, given_back = done.stdout.splitlines()
    assert title.startswith("AT")
    assert "$300.00" in payment
    assert "1111" in payment
    assert CARD not in done.stdout
    assert "$10.00" in given_back


def test_a_refund_is_found_by_its_id(paid: Reference, account: dict[str, str]) -> None:
    assert [each["kind"] for each in found("R-TEST-9001", account)] == ["refund"]


def test_an_order_known_only_to_the_gateway_is_found(
    paid: Reference, account: dict[str, str], till: CommandLine, bare_sqlite_url: str
) -> None:
    inside("db", "upgrade", COURSETILL_DATABASE_URL=bare_sqlite_url)
    elsewhere = {**account, "COURSETILL_DATABASE_URL": bare_sqlite_url}
    assert [each["kind"] for each in found(paid, elsewhere)] == ["payment"]


def test_an_empty_result_is_shown_as_inconclusive(account: dict[str, str]) -> None:
    done = inside("cybersource", "find", "CT-NONE", **account)
    assert done.returncode == 0
    assert "There is no order CT-NONE in our records" in done.stderr
    assert "may not be in its index yet" in done.stderr
    assert found("CT-NONE", account) == []


def test_a_gateway_failure_is_explained(account: dict[str, str]) -> None:
    Browser(account["COURSETILL_CYBERSOURCE_URL"]).fault("searches", "html")
    done = inside("cybersource", "find", "CT-NONE", **account)
    assert done.returncode == 75
    assert "does not answer in a way that can be read" in done.stderr
