"""What the command line says of itself: fast, and with an example that works."""

import re
import resource
import shlex
import statistics
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from entrypoints.cli.app.groups import LazyGroup, ShopCommand
from entrypoints.cli.app.main import COMMANDS, coursetill
from tests.entrypoints.cli.processes import COMMAND, environment, run

CPU_SECONDS = 0.3


def commands(
    group: click.Group = coursetill, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, and the words it is called by."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def example_of(command: ShopCommand) -> list[str]:
    """The words of its example: without settings before them, or a shell's words around them."""
    quoted = re.fullmatch(r'eval "\$\((.*)\)"', command.example)
    words = shlex.split(quoted[1] if quoted else command.example)
    while "=" in words[0]:
        words.pop(0)
    return words


EVERY = list(commands())
NAMES = [" ".join(path) for path, _ in EVERY]


def test_every_documented_command_exists() -> None:
    assert set(NAMES) == {
        *(f"catalogue {verb}" for verb in ("import", "list", "show", "reprice")),
        *(f"catalogue {verb}" for verb in ("withdraw", "restore", "hide")),
        *(f"catalogue {verb}" for verb in ("seats", "window", "history", "export")),
        *(f"orders {verb}" for verb in ("find", "show", "refund", "resend-receipt")),
        *(f"orders {verb}" for verb in ("note", "attended", "cancel", "fulfil")),
        *(f"refund-requests {verb}" for verb in ("list", "show", "approve", "deny")),
        *(f"mail {verb}" for verb in ("preview", "test")),
        *(f"discounts {verb}" for verb in ("create", "show", "list")),
        *(f"discounts {verb}" for verb in ("generate", "import", "export")),
        *(f"discounts {verb}" for verb in ("extend", "expire", "assign")),
        *(f"discounts {verb}" for verb in ("check", "redemptions", "report")),
        *(f"cybersource {verb}" for verb in ("check", "find")),
        *(f"cybersource webhooks {verb}" for verb in ("subscribe", "offered", "list", "delete")),
        *(f"payments {verb}" for verb in ("check", "find")),
        *(f"inbox {verb}" for verb in ("list", "show", "replay")),
        *(f"outbox {verb}" for verb in ("list", "deliver", "revive", "readers", "replay")),
        *(
            "learners export",
            "learners forget",
            "journal",
            "db upgrade",
            "db status",
            "upkeep",
            "serve",
            "demo",
            "simulator",
            "docs",
            "doctor",
            "completion",
        ),
        "extensions",
    }


@pytest.mark.parametrize("group", sorted({path[0] for path, _ in EVERY if len(path) > 1}))
def test_the_help_of_a_group_has_a_sentence_per_command(group: str) -> None:
    told = CliRunner().invoke(coursetill, [group, "--help"], terminal_width=80).stdout
    listed = told.partition("Commands:")[2]
    assert listed
    assert "..." not in listed


@pytest.mark.parametrize(("path", "command"), EVERY, ids=NAMES)
def test_the_help_of_a_command_has_a_summary_and_a_working_example(
    path: tuple[str, ...], command: click.Command
) -> None:
    assert isinstance(command, ShopCommand)
    assert command.help
    words = example_of(command)
    assert words[: len(path) + 1] == ["coursetill", *path]
    command.make_context(path[-1], words[len(path) + 1 :])
    shown = command.get_help(click.Context(command, info_name=" ".join(path)))
    assert command.example in shown


@pytest.mark.parametrize(("path", "command"), EVERY, ids=NAMES)
def test_every_option_has_help(path: tuple[str, ...], command: click.Command) -> None:
    plain = {"kind", "state", "currency", "redemption_type"}  # Their choices say it.
    for option in command.params:
        if isinstance(option, click.Option) and option.name not in plain:
            assert option.help, f"{path} {option.opts}"


@pytest.mark.parametrize(("path", "command"), EVERY, ids=NAMES)
def test_every_command_but_servers_and_scripts_can_print_json(
    path: tuple[str, ...], command: click.Command
) -> None:
    has_json = any("--json" in param.opts for param in command.params)
    assert has_json == (path not in {("serve",), ("demo",), ("simulator",), ("completion",)})


@pytest.mark.parametrize(("path", "command"), EVERY, ids=NAMES)
def test_no_option_takes_a_secret(path: tuple[str, ...], command: click.Command) -> None:
    for param in command.params:
        assert not {"secret", "password", "token"} & set((param.name or "").split("_"))


@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_named_in_help_exists(name: str) -> None:
    assert isinstance(coursetill, LazyGroup)
    command = coursetill.get_command(click.Context(coursetill), name)
    assert command is not None
    assert command.name == name


def test_help_is_fast(tmp_path_factory: pytest.TempPathFactory) -> None:
    def cpu_seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*COMMAND, "--help"], env=environment({}), capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)

    assert statistics.median(cpu_seconds() for _ in range(5)) < CPU_SECONDS


def test_help_imports_no_heavy_modules() -> None:
    code = (
        "import sys\n"
        "from entrypoints.cli.app.main import coursetill\n"
        "coursetill(['--help'], standalone_mode=False)\n"
        "heavy = {'sqlalchemy', 'flask', 'rich', 'requests', 'alembic', 'core'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment({}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "[]\n"
    assert "catalogue" in done.stdout


def test_help_requires_no_settings() -> None:
    assert run("--help", COURSETILL_NONSENSE="1").returncode == 0
    assert run("orders", "refund", "--help", COURSETILL_NONSENSE="1").returncode == 0


@pytest.mark.parametrize(
    "typed, meant",
    [
        (["catalog"], "catalogue"),
        (["order", "list"], "orders"),
        (["orders", "refundd"], "refund"),
        (["db", "upgrad"], "upgrade"),
    ],
)
def test_a_misspelt_command_gets_a_suggestion(typed: list[str], meant: str) -> None:
    done = run(*typed)
    assert done.returncode == 2
    assert f"Did you mean '{meant}'?" in done.stderr
