"""What a shell completes, as bash itself does it, and what is said of names that are not there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coursetill_testing.command_line import CommandLine
from entrypoints.cli.app.suggestions import MOST
from entrypoints.cli.commands.completion import SHELLS
from tests.entrypoints.cli.processes import environment, run

TYPED = """
eval "$(coursetill completion bash)"
COMP_WORDS=({words}); COMP_CWORD={last}; COMPREPLY=()
_coursetill_completion coursetill
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def completed(tmp_path: Path, *words: str, **settings: str) -> list[str]:
    """What bash offers after these words were typed and Tab was pressed."""
    bash = shutil.which("bash")
    assert bash is not None
    command = tmp_path / "coursetill"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m entrypoints.cli "$@"\n')
    command.chmod(0o755)
    found = environment(settings)
    found["PATH"] = f"{tmp_path}:{found['PATH']}"
    quoted = " ".join(f"'{word}'" for word in ("coursetill", *words))
    done = subprocess.run(
        [bash, "-c", TYPED.format(words=quoted, last=len(words))],
        env=found,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


def settings_of(till: CommandLine) -> dict[str, str]:
    return {"COURSETILL_DATABASE_URL": till.shop.settings.database_url}


@pytest.mark.parametrize(
    "words, offered",
    [
        (["or"], ["orders"]),
        (["orders", "find", "--att"], ["--attention"]),
        (["catalogue", "list", "--listing", "h"], ["hidden"]),
        (["ordres", "find", "--att"], []),
    ],
)
def test_bash_completes_commands_options_and_choices(
    tmp_path: Path, words: list[str], offered: list[str]
) -> None:
    assert completed(tmp_path, *words, COURSETILL_NONSENSE="1") == offered


def test_bash_completes_skus_codes_and_references(till: CommandLine, tmp_path: Path) -> None:
    reference = till.ordered("6.431x-1T2027")
    till.ok("discounts", "create", "WELCOME25", "--kind", "percent-off", "--amount", "25")
    asked: list[tuple[list[str], list[str]]] = [
        (["catalogue", "show", "6.431x-"], ["6.431x-1T2027", "6.431x-2T2027", "6.431x-3T2026"]),
        (["discounts", "show", "wel"], ["WELCOME25"]),
        (["orders", "show", "ct-"], [reference]),
        (["orders", "find", "--sku", "6.431x-1"], ["6.431x-1T2027"]),
        (["outbox", "list", "--order", "CT"], [reference]),
    ]
    for words, offered in asked:
        assert completed(tmp_path, *words, **settings_of(till)) == offered


def test_a_shell_gets_the_first_and_the_last_of_many_names(
    till: CommandLine, tmp_path: Path
) -> None:
    offered = completed(tmp_path, "catalogue", "show", "", **settings_of(till))
    assert len(offered) == MOST
    assert offered[-1] == "VJx-2T2026"


@pytest.mark.parametrize(
    "address",
    ["sqlite:///none.db", "postgresql://nobody@127.0.0.1:1/none", "mysql://eve:secret@h/x"],
)
def test_a_shell_gets_no_names_while_the_records_are_unavailable(
    tmp_path: Path, address: str
) -> None:
    settings = {"COURSETILL_DATABASE_URL": address, "COURSETILL_EXTENSIONS": "nobody-has-it"}
    assert completed(tmp_path, "orders", "show", "C", **settings) == []
    assert completed(tmp_path, "nobody-has-it", "x", **settings) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_that_calls_the_command(shell: str) -> None:
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_COURSETILL_COMPLETE={shell}_complete" in done.stdout


def test_completing_a_name_does_not_import_sqlalchemy(till: CommandLine) -> None:
    code = (
        "import sys\n"
        "from entrypoints.cli.app.suggestions import completed\n"
        "from core.lookup import NameKind\n"
        "import os\n"
        "print(len(completed(NameKind.PRODUCT, '6.431', os.environ)))\n"
        "heavy = {'sqlalchemy', 'flask', 'rich', 'requests', 'alembic', 'cryptography'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(settings_of(till)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "3\n[]\n"


@pytest.mark.parametrize(
    "command, typed, named",
    [
        (("catalogue", "show"), "6.431x-1T2072", "6.431x-1T2027"),
        (("catalogue", "withdraw"), "SD", "SDS"),
        (("discounts", "show"), "WELCOM25", "WELCOME25"),
        (("orders", "show"), "ct-test-001", "CT-TEST-0001"),
    ],
)
def test_a_nearly_correct_name_gets_the_correct_one_as_suggestion(
    till: CommandLine, command: tuple[str, ...], typed: str, named: str
) -> None:
    till.ordered("6.431x-1T2027")
    till.ok("discounts", "create", "WELCOME25", "--kind", "percent-off", "--amount", "25")
    result = till.run(*command, typed)
    assert result.exit_code == 3
    assert f"Did you mean {named}?\nNext: " in result.stderr
    assert till.problem(*command, typed)["did_you_mean"] == [named]
