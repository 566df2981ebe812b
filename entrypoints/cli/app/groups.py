"""Groups and commands: an example each, common error messages, and lazy imports."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs
import click

from entrypoints.plugins import PluginCommand, installed_in

if TYPE_CHECKING:
    from entrypoints.cli.app.context import CommandContext
    from entrypoints.wording.sentences import Wording

GATEWAY_COMMANDS = "coursetill.gateway_commands"
"""The group of entry points for gateways' commands: a dict of PluginCommand by name."""

log = logging.getLogger("coursetill.plugins")


class ShopCommand(click.Command):
    """A command with an example at the end of its help."""

    def __init__(self, *args: Any, example: str = "", **more: Any):
        super().__init__(*args, **more)
        self.example = example

    def invoke(self, ctx: click.Context) -> Any:
        from entrypoints.cli.output.paging import paged, uses_pager

        if not uses_pager(ctx):
            return super().invoke(ctx)
        with paged():
            return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.example:
            with formatter.section("Example"):
                formatter.write(f"{'':{formatter.current_indent}}{self.example}\n")


_SENTENCE = 300
"""In characters. Longer than the first sentence of any help."""


class ShopGroup(click.Group):
    """A group of such commands."""

    command_class = ShopCommand

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each command with its whole first sentence, because click would cut it."""
        there = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, each.get_short_help_str(_SENTENCE)) for name, each in there if each]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@attrs.frozen
class LazyCommand:
    """A command that is imported on first use. Its name and its line of help are given here."""

    module: str
    name: str
    says: str


class LazyGroup(click.Group):
    """The top group. It imports at most one command, and reports every error in the same way.

    Beside the shop's own commands it has those of payment gateways, and a group for each active
    extension. Commands of the shop are found without looking for these.
    """

    def __init__(self, *args: Any, later: Mapping[str, LazyCommand], **more: Any):
        super().__init__(*args, **more)
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(dict.fromkeys([*self._later, *_gateway_commands(), *_extensions(ctx)]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        later = self._later.get(cmd_name)
        if later is None:
            return self._plugged_in(ctx, cmd_name)
        command: click.Command = getattr(import_module(later.module), later.name)
        return command

    def _plugged_in(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command of a gateway or an extension."""
        if name in _gateway_commands():
            return _of_gateway(name)
        return self._theirs(ctx, name) if name in _extensions(ctx) else None

    def _theirs(self, ctx: click.Context, name: str) -> click.Command | None:
        """The commands of an extension. A broken extension reports its error when it is called."""
        from entrypoints.extensions.loader import ExtensionCannotBeUsed

        try:
            return _of_extension(name)
        except ExtensionCannotBeUsed:
            if ctx.resilient_parsing:
                return None
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, later.says) for name, later in self._later.items()])
        gateways = _gateway_commands()
        if gateways:
            with formatter.section("Commands of payment gateways"):
                formatter.write_dl([(name, each.says) for name, (_, each) in gateways.items()])
        theirs = _extensions(ctx)
        if theirs:
            from entrypoints.extensions.discovery import installed

            says = {each.name: each.says for each in installed()}
            with formatter.section("Commands of extensions"):
                formatter.write_dl([(name, says.get(name, "")) for name in theirs])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        guessing = ctx.resilient_parsing  # During shell completion nothing is printed.
        if args[0] not in self._later and not args[0].startswith("-") and not guessing:
            there = self.list_commands(ctx)
            if args[0] not in there:
                raise click.NoSuchCommand(args[0], possibilities=there, ctx=ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        as_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except click.exceptions.Exit:
            raise
        except (Exception, KeyboardInterrupt) as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # The reader of the output has closed it. Click then exits without a message.
            from entrypoints.cli.app.failures import report_failure
            from entrypoints.cli.app.suggestions import meant_by

            meant = meant_by(error, ctx.obj)
            words = _wording(ctx.obj)
            ctx.exit(report_failure(error, words=words, as_json=as_json, meant=meant))


def _wording(context: CommandContext | None) -> Wording:
    """How to report an error, even if the command line failed before its context existed."""
    if context is not None:
        return context.wording
    from entrypoints.cli.app.wording import for_commands

    return for_commands(UTC)


@cache
def _gateway_commands() -> Mapping[str, tuple[str, PluginCommand]]:
    """The commands of installed gateways, by gateway name.

    A broken gateway is left out. Every command that reads the settings reports it.
    """
    found: dict[str, tuple[str, PluginCommand]] = {}
    for each in installed_in(GATEWAY_COMMANDS):
        try:
            commands = each.load()
        except Exception:
            log.exception("the commands of the gateway %s cannot be imported", each.name)
            continue
        if isinstance(commands, Mapping):
            found |= {name: (each.name, command) for name, command in commands.items()}
    return found


def _of_gateway(name: str) -> click.Command:
    """A command of a gateway, imported now. Raises GatewayCannotBeUsed."""
    from entrypoints.gateways.registry import GatewayCannotBeUsed, part_at

    gateway, command = _gateway_commands()[name]
    found = part_at(gateway, command.at)
    if not isinstance(found, click.Command):
        why = f"{command.at} is a {type(found).__name__}, not a command of click"
        raise GatewayCannotBeUsed(gateway, why)
    return found


def _extensions(ctx: click.Context) -> tuple[str, ...]:
    """The names of active extensions, without those of the shop's own commands."""
    environ = os.environ if ctx.obj is None else ctx.obj.environ
    named = environ.get("COURSETILL_EXTENSIONS", "").split()
    return tuple(dict.fromkeys(named))


def _of_extension(name: str) -> click.Command:
    """The commands of an extension, imported now. Raises ExtensionCannotBeUsed."""
    from entrypoints.extensions.discovery import installed
    from entrypoints.extensions.loader import ExtensionCannotBeUsed, command_of, loaded

    command = command_of(loaded(name, installed()))
    if not isinstance(command, click.Command):
        why = f"its commands are a {type(command).__name__}, not a command of click"
        raise ExtensionCannotBeUsed(name, why)
    return command
