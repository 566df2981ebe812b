"""Commands that ask every payment gateway, whichever it is."""

import json

import pytest

from core.order_reference import Reference
from coursetill_simulators.cybersource import DEMO_SECRET
from tests.entrypoints.cli.processes import inside
from tests.entrypoints.cli.test_cybersource import account, paid, simulator

__all__ = ["account", "paid", "simulator"]


@pytest.fixture
def ready(till: object, account: dict[str, str]) -> dict[str, str]:
    """The settings of a shop whose database is ready."""
    return account


def test_each_gateway_is_checked(ready: dict[str, str]) -> None:
    done = inside("payments", "check", "--json", **ready)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "gateways": [
            {
                "gateway": "cybersource",
                "url": ready["COURSETILL_CYBERSOURCE_URL"],
                "simulator": True,
                "new_payments": True,
                "works": True,
                "problem": None,
                "warnings": [],
            }
        ]
    }
    assert DEMO_SECRET not in done.stdout


def test_an_unusable_gateway_is_reported_with_the_reason(ready: dict[str, str]) -> None:
    url = "http://127.0.0.1:9"
    done = inside("payments", "check", **{**ready, "COURSETILL_CYBERSOURCE_URL": url})
    assert done.returncode == 75
    assert f"cybersource at {url} cannot be used" in done.stdout
    assert "nothing listens at 127.0.0.1:9" in done.stdout


def test_the_records_of_each_gateway_are_shown_with_its_name(
    ready: dict[str, str], paid: Reference
) -> None:
    done = inside("payments", "find", paid, "--json", **ready)
    theirs = inside("cybersource", "find", paid, "--json", **ready)
    found, same = json.loads(done.stdout), json.loads(theirs.stdout)
    assert [each.pop("gateway") for each in found["transactions"]] == ["cybersource"] * 2
    assert found == same
    table = inside("payments", "find", paid, **ready)
    assert (table.returncode, "10.00" in table.stdout) == (0, True)


def test_an_order_unknown_to_every_gateway_is_reported(ready: dict[str, str]) -> None:
    done = inside("payments", "find", "CT-NONE", **ready)
    assert (done.returncode, done.stdout) == (0, "")
    assert "No payment gateway shows anything under CT-NONE" in done.stderr


@pytest.mark.parametrize("command", [("check",), ("find", "CT-1")])
def test_a_command_without_a_gateway_is_an_error(
    till: object, sqlite_url: str, command: tuple[str, ...]
) -> None:
    done = inside("payments", *command, COURSETILL_DATABASE_URL=sqlite_url)
    assert (done.returncode, done.stdout) == (75, "")
    assert "no gateway is set up: COURSETILL_CYBERSOURCE_URL" in done.stderr
