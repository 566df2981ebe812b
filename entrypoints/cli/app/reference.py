"""The reference of all commands, written from the commands themselves: `make reference`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from entrypoints.cli.app.groups import LazyGroup, ShopCommand

INTRODUCTION = """\
# Every command

Written by `make reference` from the commands themselves, which say the same with `--help`.
[cli.md](cli.md) tells what they have in common, with their exit codes and the shapes of their JSON.
Commands of extensions are told in the manual of each.
"""


def reference(shop: click.Group) -> str:
    """The page of all commands of the shop, in the order of its help."""
    context = click.Context(shop, info_name="coursetill")
    told = [INTRODUCTION, *_params(context)]
    told += [part for command in _commands(shop, context) for part in _section(command)]
    return "\n".join(told)


def _commands(group: click.Group, context: click.Context) -> Iterator[click.Context]:
    """Every command of the group, and groups before what is in them."""
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
    # An argument is told of in the text, and --help is everywhere.
    records = [param.get_help_record(context) for param in context.command.params]
    told = [f"- `{names}`: {says}" for names, says in filter(None, records) if says]
    if told:
        yield "\n".join([*told, ""])


if __name__ == "__main__":
    from entrypoints.cli.app.main import coursetill

    click.echo(reference(coursetill), nl=False)
