"""Writes the reference of all commands from the commands themselves: `make reference`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from entrypoints.cli.app.groups import LazyGroup, ShopCommand

INTRODUCTION = """\
# Every command

Written by `make reference` from the commands themselves; `--help` prints the same texts.
[cli.md](cli.md) describes their common rules, exit codes and JSON. The manual of each extension
describes its commands.
"""


def reference(shop: click.Group) -> str:
    """The page of all commands of the shop, in the order of its help."""
    context = click.Context(shop, info_name="coursetill")
    parts = [INTRODUCTION, *_params(context)]
    parts += [part for command in _commands(shop, context) for part in _section(command)]
    return "\n".join(parts)


def _commands(group: click.Group, context: click.Context) -> Iterator[click.Context]:
    """Every command of the group. A group comes before its commands."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        below = click.Context(command, context, info_name=name)
        yield below
        if isinstance(command, click.Group):
            yield from _commands(command, below)


def _section(context: click.Context) -> Iterator[str]:
    command = context.command
    at_top = context.parent is not None and isinstance(context.parent.command, LazyGroup)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)[1:]])
    yield f"{'##' if at_top else '###'} `{usage}`\n"
    for paragraph in (command.help or "").split("\n\n"):
        yield f"{textwrap.fill(' '.join(paragraph.split()), 100)}\n"
    if isinstance(command, ShopCommand):
        yield f"```console\n$ {command.example}\n```\n"
        yield from _params(context)


def _params(context: click.Context) -> Iterator[str]:
    # The text describes arguments, and every command has --help.
    records = [param.get_help_record(context) for param in context.command.params]
    options = [f"- `{names}`: {says}" for names, says in filter(None, records) if says]
    if options:
        yield "\n".join([*options, ""])


if __name__ == "__main__":
    from entrypoints.cli.app.main import coursetill

    click.echo(reference(coursetill), nl=False)
