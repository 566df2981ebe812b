"""Errors and output formats of the command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner, Result

from adapters.sql.errors import RecordsUnavailable
from core.discount_code import DiscountCode
from core.errors import Conflict, ShopError, Unavailable
from core.order_reference import Reference
from core.orders.order import UnknownOrder
from core.payments.gateway import GatewayUnavailable
from core.unit_of_work import UnitOfWork
from core.use_cases.discounts.create_discount import CodeIsTaken
from core.use_cases.refunds.issue_refund import LineIsRefunded
from coursetill_simulators.demo import DEMO_CATALOGUE
from coursetill_testing.command_line import CommandLine
from entrypoints.cli.app import failures
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.main import coursetill
from entrypoints.cli.output import terminal
from entrypoints.gateways.registry import installed_gateways
from tests.entrypoints.cli.processes import COMMAND, at_a_terminal, environment, inside


@attrs.frozen
class SomebodyWasFaster(Conflict):
    def __str__(self) -> str:
        return "Somebody else was faster"


def failing(
    till: CommandLine, error: BaseException, *arguments: str, debug: str | None = None
) -> Result:
    """What a command does on a shop whose records fail like this."""

    @contextmanager
    def fail() -> Iterator[UnitOfWork]:
        raise error
        yield

    shop = attrs.evolve(till.shop, begin=fail, read=fail)
    context, environ = CommandContext({}, shop), {"COURSETILL_DEBUG": debug}
    return CliRunner().invoke(coursetill, arguments, obj=context, env=environ)


def test_data_goes_to_stdout_and_messages_to_stderr(till: CommandLine) -> None:
    result = till.run("catalogue", "list", "--limit", "1", "--json")
    assert json.loads(result.stdout)["next"] == "DEDP"
    assert result.stderr == ""


def test_a_conflict_exits_with_4(till: CommandLine) -> None:
    result = failing(till, SomebodyWasFaster(), "catalogue", "withdraw", "SDS")
    assert (result.exit_code, result.stderr) == (4, "Error: Somebody else was faster\n")


def test_a_database_outage_exits_with_75_and_a_reason(till: CommandLine) -> None:
    result = failing(till, RecordsUnavailable("connection\nrefused"), "orders", "find")
    assert result.exit_code == 75
    says = "Error: The database cannot be used: connection refused\nNext: coursetill doctor\n"
    assert result.stderr == says


def test_staff_see_why_the_gateway_is_unavailable(till: CommandLine) -> None:
    result = failing(till, GatewayUnavailable("the key is wrong"), "orders", "find")
    assert result.exit_code == 75
    assert "cannot be used: the key is wrong\nNext: coursetill doctor" in result.stderr
    assert "basket" not in result.stderr


def test_a_program_error_is_one_line_with_a_number(till: CommandLine) -> None:
    result = failing(till, RuntimeError("secret inside"), "orders", "find")
    assert result.exit_code == 70
    assert result.stderr.count("\n") == 1
    assert "This is a fault of ours, number " in result.stderr
    assert "secret inside" not in result.stderr
    assert "Traceback" not in result.stderr


def test_debug_mode_shows_the_traceback_of_a_program_error(till: CommandLine) -> None:
    result = failing(till, RuntimeError("inside"), "orders", "find", debug="yes")
    assert result.exit_code == 70
    assert "Traceback (most recent call last)" in result.stderr
    assert "RuntimeError: inside" in result.stderr


def test_ctrl_c_exits_with_130_and_reports_that_no_change_is_partial(till: CommandLine) -> None:
    result = failing(till, KeyboardInterrupt(), "catalogue", "withdraw", "SDS")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "Stopped. Nothing was left half done\n"


@pytest.mark.parametrize(
    "error, status, code, kind",
    [
        (SomebodyWasFaster(), 409, 4, "conflict"),
        (Unavailable(), 503, 75, "unavailable"),
        (RuntimeError("x"), 500, 70, "a-fault-of-ours"),
        (KeyboardInterrupt(), 499, 130, "interrupted"),
    ],
)
def test_json_output_reports_a_failure_as_a_problem_with_all_fields(
    till: CommandLine, error: BaseException, status: int, code: int, kind: str
) -> None:
    result = failing(till, error, "orders", "find", "--json")
    problem = json.loads(result.stderr)
    assert (result.stdout, result.exit_code) == ("", code)
    assert set(problem) == {"type", "title", "status", "detail", "exit_code"}
    assert (problem["type"], problem["status"]) == (f"urn:coursetill:{kind}", status)


def test_a_problem_suggests_the_next_command(till: CommandLine) -> None:
    problem = till.problem("orders", "show", "CT-0000")
    assert problem == {
        "type": "urn:coursetill:unknown-order",
        "title": "Not found",
        "status": 404,
        "detail": "There is no order CT-0000",
        "exit_code": 3,
        "next": "coursetill orders find",
    }


@pytest.mark.parametrize(
    ("error", "command"),
    [
        (LineIsRefunded(Reference("CT-1"), 2), "coursetill orders show CT-1"),
        (CodeIsTaken(DiscountCode("SPRING")), "coursetill discounts show SPRING"),
        (UnknownOrder(Reference("CT-1")), "coursetill orders find"),
    ],
)
def test_the_next_command_names_the_subject_of_the_error(error: ShopError, command: str) -> None:
    assert failures.next_command(error) == command


def test_wrong_usage_is_reported_as_a_problem(till: CommandLine) -> None:
    problem = till.problem("orders", "find", "--state", "lost")
    assert (problem["type"], problem["exit_code"]) == ("urn:coursetill:wrong-usage", 2)
    assert "'lost' is not one of" in problem["detail"]


def errors_below(kind: type[ShopError]) -> Iterator[str]:
    for each in kind.__subclasses__():
        yield each.__name__
        yield from errors_below(each)


def test_each_error_with_a_next_command_and_the_command_exist() -> None:
    following = dict(failures.NEXT)
    for plugin in installed_gateways():
        following |= plugin.next_steps
    for command in following.values():
        _, *path = command.split()
        words = [word for word in path if word.islower()]
        assert CliRunner().invoke(coursetill, [*words, "--help"]).exit_code == 0
    # Some errors stand beside the command that knows them, which has been loaded by now.
    known = {*errors_below(ShopError), *(f.kind.__name__ for f in failures.FAMILIES)}
    assert set(following) <= known


def test_every_misspelt_setting_is_named() -> None:
    done = inside(
        "orders",
        "find",
        COURSETILL_DATABSE_URL="sqlite:///x.db",
        COURSETILL_TIME_ZONE="Mars/Olympus",
    )
    assert done.returncode == 2
    assert "COURSETILL_DATABSE_URL is not a setting; did you mean COURSETILL_DATABASE_URL?" in (
        done.stderr
    )
    assert 'COURSETILL_TIME_ZONE is "Mars/Olympus"' in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unopenable_database_exits_with_75(tmp_path: Path) -> None:
    done = inside("orders", "find", COURSETILL_DATABASE_URL=f"sqlite:///{tmp_path}/no/shop.db")
    assert done.returncode == 75
    assert "Next: coursetill doctor" in done.stderr


def test_the_password_of_the_database_is_not_shown() -> None:
    for address in ("postgresql://eve:hunter2@127.0.0.1:1/x", "mysql://eve:hunter2@h/x"):
        done = inside("orders", "find", COURSETILL_DATABASE_URL=address, COURSETILL_DEBUG="no")
        assert done.returncode in (2, 75)
        assert "hunter2" not in done.stdout + done.stderr


def test_a_closed_pipe_is_not_an_error(till: CommandLine) -> None:
    settings = environment({"COURSETILL_DATABASE_URL": till.shop.settings.database_url})
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [*COMMAND, "catalogue", "list", "--limit", "500"],
            env=settings,
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode != 70
    assert done.stderr == ""


def settings_of(till: CommandLine) -> dict[str, str]:
    url = till.shop.settings.database_url
    return {"COURSETILL_DATABASE_URL": url, "COURSETILL_STAFF": "ann"}


def test_a_terminal_gets_a_table_with_rules(till: CommandLine) -> None:
    seen = at_a_terminal("catalogue", "list", "--limit", "3", **settings_of(till))
    assert seen.exit_code == 0
    assert "─────" in seen.text
    assert "\x1b[1m" in seen.text


def test_an_order_fits_a_narrow_terminal_and_no_time_is_wrapped(till: CommandLine) -> None:
    reference = till.paid("6.431x-1T2027", "24.09x-1T2027")
    till.ok("orders", "note", reference, "a long story " * 12)
    till.ok("orders", "refund", reference, "--line", "2", "--reason", "wrong run", "--yes")
    command = ("orders", "show", reference)
    seen = at_a_terminal(*command, COLUMNS="80", **settings_of(till))
    text = re.sub(r"\x1b\[[0-9;]*m", "", seen.text)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    moments = re.findall(r"2026-11-22.*", text)
    assert moments
    assert all(moment.startswith("2026-11-22 09:30+00:00") for moment in moments)


def test_a_terminal_shows_no_empty_columns(till: CommandLine) -> None:
    reference = till.ordered("6.431x-1T2027")
    seen = at_a_terminal("orders", "show", reference, NO_COLOR="1", **settings_of(till))
    assert "Fulfilment" in seen.text
    assert "Discount" not in seen.text
    assert "DISCOUNT" in till.ok("orders", "show", reference)


def test_a_terminal_without_colour_gets_no_colour(till: CommandLine) -> None:
    seen = at_a_terminal("catalogue", "list", "--limit", "3", NO_COLOR="1", **settings_of(till))
    assert "─────" in seen.text
    assert "\x1b[3" not in seen.text


def test_a_terminal_gets_json_unchanged(till: CommandLine) -> None:
    seen = at_a_terminal("catalogue", "show", "SDS", "--json", **settings_of(till))
    assert json.loads(seen.text)["sku"] == "SDS"


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_an_answer_of_no_refunds_nothing(till: CommandLine, answer: str) -> None:
    reference = till.paid("6.431x-1T2027")
    command = ("orders", "refund", reference, "--reason", "x", "--as", "eve")
    seen = at_a_terminal(*command, typed=answer, **settings_of(till))
    assert seen.exit_code == 1
    assert "− $300.00 back to the learner" in seen.text
    assert "Refund $300.00 now? [y/N]:" in seen.text
    assert "Nothing was refunded." in seen.text
    assert till.shape("orders", "show", reference)["refunds"] == []


def test_a_refund_without_a_gateway_is_not_stored(till: CommandLine) -> None:
    reference = till.paid("6.431x-1T2027")
    command = ("orders", "refund", reference, "--reason", "x", "--as", "eve")
    seen = at_a_terminal(*command, typed="y\n", **settings_of(till))
    assert seen.exit_code == 75
    assert "no gateway is set up" in seen.text
    assert till.shape("orders", "show", reference)["refunds"] == []


def test_long_work_shows_its_progress(bare_till: CommandLine, tmp_path: Path) -> None:
    header = DEMO_CATALOGUE.read_text("utf-8").splitlines()[0]
    rows = [
        f"X{n}-1T2027,course-run,course-v1:T+X{n}+1T2027,X,1.01,USD,course-v1:T+X{n},,,,,,"
        for n in range(1200)
    ]
    path = tmp_path / "long.csv"
    path.write_text("\n".join((header, *rows)), encoding="utf-8")
    seen = at_a_terminal("catalogue", "import", str(path), **settings_of(bare_till))
    assert seen.exit_code == 0
    assert "Keeping products" in seen.text
    assert "Added 1200" in seen.text


@pytest.mark.parametrize("control", ["\x1b[2J", "\x07", "\x9b", "\u202e", "\u2066", "\r"])
def test_no_control_character_reaches_a_terminal(control: str) -> None:
    assert terminal.clean(f"a{control}b").startswith("a\N{REPLACEMENT CHARACTER}")
    assert control not in terminal.clean(f"a{control}b")


@pytest.mark.parametrize("control", ["\x1b[2J", "\x07", "\x9b", "\x85", "\u202e", "\u2066"])
def test_control_characters_are_escaped_in_json(
    control: str, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.print_json({"title": f"a{control}b"})
    told = capsys.readouterr().out
    assert control not in told
    assert json.loads(told) == {"title": f"a{control}b"}


@pytest.mark.parametrize("lines", ["a\nb", "a\r\nb", "a\n\n\tb"])
def test_text_with_line_breaks_is_shown_on_one_line(lines: str) -> None:
    assert terminal.clean(lines) == "a b"


def test_letters_of_every_script_are_unchanged() -> None:
    text = "Économie ® 数学 \N{ARABIC LETTER ALEF} −5 €"
    assert terminal.clean(text) == text
