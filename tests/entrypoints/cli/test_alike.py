"""All commands have the same manners, those of the extensions that are installed too."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import USAGE
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.app.main import coursetill
from entrypoints.cli.app.reference import reference
from entrypoints.extensions.discovery import installed
from tests.entrypoints.cli.processes import ROOT, inside
from tests.entrypoints.cli.test_help import example_of

EXTENSIONS = [each.name for each in installed()]
CLOSING = ("--reason", "--dry-run", "--yes", "--as", "--json")
"""What stands at the end of the options, in this order."""
ALIKE = (*CLOSING, "--limit")
"""What is told of each of these is told alike everywhere."""
NAMES = {"sku", "skus", "code", "reference"}


def everything(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every group and command."""
    context = CommandContext({"COURSETILL_EXTENSIONS": " ".join(EXTENSIONS)})
    context = click.Context(group, obj=context)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from everything(command, (*path, name))


ALL = list(everything(coursetill))
GROUPS = [(path, each) for path, each in ALL if isinstance(each, click.Group)]
COMMANDS = [(path, each) for path, each in ALL if not isinstance(each, click.Group)]


def named(found: list[tuple[tuple[str, ...], click.Command]]) -> list[str]:
    return [" ".join(path) for path, _ in found]


every_command = pytest.mark.parametrize(("path", "command"), COMMANDS, ids=named(COMMANDS))


@every_command
def test_the_help_of_a_command_has_a_summary_and_a_working_example(
    path: tuple[str, ...], command: click.Command
) -> None:
    assert isinstance(command, ShopCommand)
    assert command.help
    words = example_of(command)
    assert words[: len(path) + 1] == ["coursetill", *path]
    command.make_context(path[-1], words[len(path) + 1 :])


@every_command
def test_shared_options_are_last_and_in_one_order(
    path: tuple[str, ...], command: click.Command
) -> None:
    flags = [param.opts[0] for param in command.params if isinstance(param, click.Option)]
    assert flags[len(flags) - len(set(CLOSING) & set(flags)) :] == [
        flag for flag in CLOSING if flag in flags
    ]


@every_command
def test_a_shared_option_has_the_same_help_everywhere(
    path: tuple[str, ...], command: click.Command
) -> None:
    shared = (options.reason(), options.dry_run, options.yes, options.staff_name, options.as_json)

    @options.limit(default=50)
    def bare() -> None:
        """Nothing."""

    for option in shared:
        option(bare)
    usual = {param.opts[0]: param for param in click.command()(bare).params}
    for param in command.params:
        if isinstance(param, click.Option) and param.opts[0] in ALIKE:
            same = usual[param.opts[0]]
            assert isinstance(same, click.Option)
            assert (param.metavar, param.is_flag) == (same.metavar, same.is_flag)
            # Where the learner is told the reason, the option says so.
            assert param.help == same.help or "learner" in (param.help or "")
            assert param.opts[0] != "--limit" or param.default == same.default


@every_command
def test_named_arguments_are_completed_from_the_records(
    path: tuple[str, ...], command: click.Command
) -> None:
    for param in command.params:
        if param.name in NAMES and path != ("discounts", "create"):  # Its code is a new one.
            assert isinstance(param.type, options.NameParam), param.name


@pytest.mark.parametrize(("path", "group"), GROUPS, ids=named(list(GROUPS)))
def test_a_misspelt_command_gets_a_suggestion_in_every_group(
    path: tuple[str, ...], group: click.Group
) -> None:
    meant = next(iter(sorted(group.commands)))
    wrong = f"{meant}x"
    done = inside(*path, wrong, COURSETILL_EXTENSIONS=" ".join(EXTENSIONS))
    assert done.returncode == USAGE
    assert "Did you mean" in done.stderr
    assert meant in done.stderr.partition("Did you mean")[2]


@every_command
def test_a_misspelt_option_gets_a_suggestion_from_every_command(
    path: tuple[str, ...], command: click.Command
) -> None:
    flag = next((p.opts[0] for p in command.params if isinstance(p, click.Option)), None)
    if flag is None:
        assert path in {("serve",), ("completion",)}
        return
    settings = {"COURSETILL_EXTENSIONS": " ".join(EXTENSIONS)}
    done = inside(*path, f"{flag}x", **settings)
    assert done.returncode == USAGE
    assert flag in done.stderr.replace(f"{flag}x", "")


def test_the_page_of_all_commands_matches_the_commands() -> None:
    kept = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert kept == reference(coursetill), "make reference writes it again"
