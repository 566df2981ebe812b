"""Long answers at a terminal, and the zone in which times are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coursetill_testing.command_line import CommandLine
from tests.entrypoints.cli.processes import at_a_terminal, inside, run
from tests.entrypoints.cli.test_manners import settings_of

ALL = ("catalogue", "list", "--limit", "500")


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """A pager that says that it was used, and on what kind of output."""
    script = tmp_path / "pager"
    script.write_text("#!/bin/sh\necho PAGED\ncat\necho END\n")
    script.chmod(0o755)
    return str(script)


def test_a_long_answer_goes_through_the_pager_before_the_messages(
    till: CommandLine, pager: str
) -> None:
    seen = at_a_terminal("catalogue", "list", PAGER=pager, **settings_of(till))
    assert seen.exit_code == 0
    assert seen.text.startswith("PAGED\n")
    assert "─────" in seen.text
    assert seen.text.index("END\n") < seen.text.index("There are more: --after")


def test_an_answer_that_fits_is_shown_by_less_at_once(till: CommandLine) -> None:
    seen = at_a_terminal("journal", "--limit", "1", PAGER="less", **settings_of(till))
    assert seen.exit_code == 0
    assert "added at" in seen.text


def test_closing_the_pager_is_not_an_error(till: CommandLine) -> None:
    seen = at_a_terminal(*ALL, PAGER="head -n 3", **settings_of(till))
    assert seen.exit_code == 0
    assert "fault" not in seen.text
    assert seen.text.count("\n") < 10


def test_an_error_before_any_answer_needs_no_pager(till: CommandLine, pager: str) -> None:
    seen = at_a_terminal("catalogue", "show", "NO-SUCH", PAGER=pager, **settings_of(till))
    assert seen.exit_code == 3
    assert seen.text.startswith('Error: There is no product "NO-SUCH"')


@pytest.mark.parametrize(
    "command, setting",
    [
        (("--no-pager", *ALL), None),
        ((*ALL, "--json"), None),
        (ALL, "cat"),
        (ALL, ""),
        (("catalogue", "hide", "SDS"), None),
    ],
)
def test_output_without_need_for_a_pager_is_not_paged(
    till: CommandLine, pager: str, command: tuple[str, ...], setting: str | None
) -> None:
    chosen = pager if setting is None else setting
    seen = at_a_terminal(*command, PAGER=chosen, **settings_of(till))
    assert (seen.exit_code, "PAGED" in seen.text) == (0, False)


def test_a_pipe_is_never_paged(till: CommandLine, pager: str) -> None:
    done = run(*ALL, PAGER=pager, **settings_of(till))
    assert "PAGED" not in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    "told, setting, offset",
    [
        ([], None, "-04:00"),
        ([], "Asia/Kolkata", "+05:30"),
        (["--zone", "Europe/Berlin"], "Asia/Kolkata", "+02:00"),
    ],
)
def test_times_are_shown_in_the_zone_of_the_reader(
    till: CommandLine, told: list[str], setting: str | None, offset: str
) -> None:
    settings = {**settings_of(till), "COURSETILL_TIME_ZONE": "America/New_York"}
    if setting is not None:
        settings["COURSETILL_STAFF_ZONE"] = setting
    shown = inside(*told, "catalogue", "show", "6.431x-1T2027", "--json", **settings).stdout
    assert json.loads(shown)["enrollment_opens_at"].endswith(offset)
    plain = inside(*told, "catalogue", "show", "6.431x-1T2027", **settings).stdout
    assert offset in plain


def test_an_unknown_zone_is_wrong_usage() -> None:
    done = run("--zone", "Mars/Olympus", "catalogue", "list")
    assert done.returncode == 2
    assert '--zone is "Mars/Olympus": use a name such as Europe/Berlin' in done.stderr
    assert inside("doctor", COURSETILL_STAFF_ZONE="Mars/Olympus").returncode in (1, 2)
