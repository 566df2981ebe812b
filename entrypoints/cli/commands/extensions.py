"""The command that lists installed extensions and their problems."""

from __future__ import annotations

import attrs
import click

from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal


@click.command(cls=ShopCommand, example="coursetill extensions")
@options.as_json
@click.pass_obj
def extensions(context: CommandContext, *, as_json: bool) -> None:
    """List the installed extensions, which of them are on, and what each brings.

    COURSETILL_EXTENSIONS names those that are on. Exits with 1 if one of these is unusable.
    """
    from entrypoints.composition.shop import all_extension_statuses

    found = all_extension_statuses(context.settings)
    if as_json:
        shapes = [
            {
                "name": each.name,
                "version": each.version,
                "says": each.says,
                "state": each.state,
                "brings": list(each.brings),
                "problem": each.problem and context.wording.sentence(each.problem),
                "next": each.next,
                "readers": [attrs.asdict(reader) for reader in each.readers],
                "jobs": [context.json_output.job(job) for job in each.jobs],
            }
            for each in found
        ]
        terminal.print_json({"extensions": shapes})
    elif found:
        terminal.print_table(
            ("Extension", "Version", "State", "Brings", "What it does"),
            [
                (
                    each.name,
                    each.version,
                    each.state,
                    ", ".join(each.brings),
                    each.says,
                )
                for each in found
            ],
        )
    else:
        terminal.print_note("No extension is installed.")
    for each in found:
        if each.problem is not None and not as_json:
            terminal.print_note(f"{each.name}: {context.wording.sentence(each.problem)}")
    if any(each.problem for each in found):
        click.get_current_context().exit(PROBLEMS_FOUND)
