"""The command that checks whether everything is set up."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.messaging.outbox import GIVE_UP_AFTER
from coursetill_simulators.cybersource.server import RunningSimulator
from coursetill_simulators.cybersource.settings import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)
from coursetill_testing.command_line import CommandLine
from entrypoints.composition.clock_and_ids import now
from tests.adapters.mail.servers import MailServer
from tests.entrypoints.cli.processes import inside

DATABASE = "COURSETILL_DATABASE_URL"


def report(**settings: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """The exit code, and the checks by name."""
    done = inside("doctor", "--json", **settings)
    told = json.loads(done.stdout)
    by_name: dict[str, list[dict[str, Any]]] = {}
    for check in told["checks"]:
        by_name.setdefault(check["name"], []).append(check)
    assert told["problems"] == sum(check["state"] == "problem" for check in told["checks"])
    return done.returncode, by_name


@pytest.fixture
def ready(sqlite_url: str, mail_server: MailServer) -> Iterator[dict[str, str]]:
    """Settings with which everything works."""
    with RunningSimulator(SimulatorSettings()) as simulator:
        yield {
            DATABASE: sqlite_url,
            "COURSETILL_SECRET_KEY": "a-key-for-tests-that-is-long-enough",
            "COURSETILL_SIGN_IN": "demo",
            "COURSETILL_CYBERSOURCE_URL": simulator.url,
            "COURSETILL_CYBERSOURCE_MERCHANT_ID": DEMO_MERCHANT_ID,
            "COURSETILL_CYBERSOURCE_KEY_ID": DEMO_KEY_ID,
            "COURSETILL_CYBERSOURCE_SHARED_SECRET": DEMO_SECRET,
            "COURSETILL_CYBERSOURCE_SIMULATOR": "yes",
            "COURSETILL_EVENTS_URL": "https://platform.example.org/events",
            "COURSETILL_EVENTS_SECRET": "worthless-secret-of-the-tests-only",
            "COURSETILL_SMTP_HOST": "127.0.0.1",
            "COURSETILL_SMTP_PORT": str(mail_server.port),
            "COURSETILL_SMTP_SECURITY": "none",
            "COURSETILL_MAIL_FROM": "shop@example.org",
        }


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.mark.parametrize("reply", ["554 go away", "421 too busy"])
def test_a_mail_server_that_refuses_the_login_is_a_problem(
    ready: dict[str, str], mail_server: MailServer, reply: str
) -> None:
    mail_server.habits.replies["connect"] = reply
    code, checks = report(**ready)
    assert (code, checks["mail"][0]["state"]) == (1, "problem")
    assert reply in checks["mail"][0]["says"]


def test_a_missing_password_file_is_a_problem_of_the_mail(ready: dict[str, str]) -> None:
    missing = {"COURSETILL_SMTP_USER": "shop", "COURSETILL_SMTP_PASSWORD_FILE": "/nowhere"}
    code, checks = report(**ready, **missing)
    assert code == 1
    assert "COURSETILL_SMTP_PASSWORD_FILE: /nowhere cannot be read" in checks["mail"][0]["says"]


def test_a_complete_setup_has_no_problems(ready: dict[str, str]) -> None:
    code, checks = report(**ready)
    states = {name: [check["state"] for check in found] for name, found in checks.items()}
    assert states == {
        name: ["ok"]
        for name in (
            *("settings", "database", "migrations", "clock", "events", "letters", "gateway"),
            *("receiver", "mail", "inbox", "webhooks"),
        )
    }
    assert code == 0


def test_a_missing_part_is_a_warning_with_the_next_step(sqlite_url: str) -> None:
    done = inside("doctor", COURSETILL_DATABASE_URL=sqlite_url)
    assert done.returncode == 0
    assert "warning  gateway: no payment gateway is set up, so nobody can pay" in done.stdout
    assert "Next: set COURSETILL_EVENTS_URL and COURSETILL_EVENTS_SECRET" in done.stdout
    assert done.stderr == "0 problems, 5 warnings.\n"


def test_a_gateway_that_refuses_our_key_is_a_problem(ready: dict[str, str]) -> None:
    code, checks = report(**{**ready, "COURSETILL_CYBERSOURCE_KEY_ID": "another-key"})
    assert (code, checks["gateway"][0]["state"]) == (1, "problem")
    assert "does not accept our key" in checks["gateway"][0]["says"]


def test_an_unreachable_gateway_is_a_problem(ready: dict[str, str]) -> None:
    code, checks = report(**{**ready, "COURSETILL_CYBERSOURCE_URL": "http://127.0.0.1:9"})
    assert (code, checks["gateway"][0]["state"]) == (1, "problem")


def test_an_invalid_secret_is_a_problem_of_the_gateway(ready: dict[str, str]) -> None:
    code, checks = report(**{**ready, "COURSETILL_CYBERSOURCE_SHARED_SECRET": "!"})
    assert code == 1
    assert "COURSETILL_CYBERSOURCE_SHARED_SECRET" in checks["gateway"][0]["says"]


def test_every_invalid_setting_is_named_and_no_other_check_runs() -> None:
    code, checks = report(COURSETILL_PORT="x", COURSETILL_HOLD="5")
    assert code == 1
    assert list(checks) == ["settings"]
    assert [check["says"] for check in checks["settings"]] == [
        "COURSETILL_HOLD is not a setting",
        'COURSETILL_PORT is "x": use a number from 1 to 65535',
    ]


def test_an_unreachable_database_is_a_problem(tmp_path: Path) -> None:
    code, checks = report(**{DATABASE: "postgresql://nobody:hunter2@127.0.0.1:1/shop"})
    assert (code, checks["database"][0]["state"]) == (1, "problem")
    assert "hunter2" not in checks["database"][0]["says"]
    assert "migrations" not in checks


@pytest.mark.parametrize("version, says", [("9999", "newer"), (None, "no tables yet")])
def test_a_database_at_another_revision_is_a_problem(
    sqlite_url: str, version: str | None, says: str
) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        if version is None:
            connection.execute("DELETE FROM alembic_version")
        else:
            connection.execute("UPDATE alembic_version SET version_num = ?", [version])
        connection.commit()
    code, checks = report(**{DATABASE: sqlite_url})
    assert (code, checks["database"][0]["state"]) == (1, "ok")
    assert (checks["migrations"][0]["state"], says in checks["migrations"][0]["says"]) == (
        "problem",
        True,
    )


def test_a_clock_behind_the_newest_order_is_a_problem(till: CommandLine) -> None:
    till.ordered("24.09x-1T2027")
    till.clock.advance(-timedelta(minutes=4))
    assert till.run("doctor").exit_code == 0
    till.clock.advance(-timedelta(minutes=2))
    result = till.run("doctor")
    assert result.exit_code == 1
    assert "problem  clock" in result.stdout


def test_abandoned_events_are_a_warning(till: CommandLine) -> None:
    till.ordered("24.09x-1T2027")
    till.receiver.deaf = True
    for _ in range(GIVE_UP_AFTER):
        till.run("outbox", "deliver")
        till.clock.advance(hours=7)
    told = till.run("doctor").stdout
    assert "warning  events: 1 event given up" in told
    assert "Next: coursetill outbox list --state given-up --to platform" in told


def test_webhook_doors_and_expiring_keys_are_reported(ready: dict[str, str]) -> None:
    soon = f"{now() + timedelta(days=20):%Y-%m-%d}"
    key = f"c1d9a9f2:d29ydGhsZXNzLXNlY3JldC1vZi10aGUtdGVzdHM=:{soon}"
    code, checks = report(**ready, COURSETILL_CYBERSOURCE_WEBHOOK_KEYS=key)
    assert code == 0
    assert "/webhooks/cybersource" in checks["webhooks"][0]["says"]
    assert f"The webhook key c1d9a9f2 ends on {soon}" in checks["gateway"][1]["says"]
