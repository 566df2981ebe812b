"""Commands of the database: upgrade, status."""

from __future__ import annotations

import click

from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.output import terminal

SAYS = {
    "at head": "The database is up to date.",
    "empty": "The database has no tables yet. Next: coursetill db upgrade",
    "older": "The database is older than this version. Next: coursetill db upgrade",
    "newer": "The database is newer than this version. Install the version that upgraded it.",
}

OF_EXTENSION = {
    "at head": "The tables of the extension {} are up to date.",
    "empty": "The extension {} has no tables yet. Next: coursetill db upgrade",
    "older": "The tables of the extension {} are older than it is. Next: coursetill db upgrade",
    "newer": "The tables of the extension {0} are newer than it is. Install a newer {0}.",
}


@click.group("db", cls=ShopGroup)
def database() -> None:
    """Migrate the database, and show its state."""


@database.command(example="coursetill db upgrade")
@options.as_json
@click.pass_obj
def upgrade(context: CommandContext, *, as_json: bool) -> None:
    """Migrate the database to this version: completely or not at all. No data is lost.

    The tables of active extensions are migrated too, one extension after the other.
    """
    from entrypoints.composition.shop import database_state, extension_states, upgrade_database

    before = database_state(context.settings), extension_states(context.settings)
    upgrade_database(context.settings)
    after = database_state(context.settings), extension_states(context.settings)
    if as_json:
        terminal.print_json({"before": before[0], "state": after[0], "extensions": after[1]})
    elif before == after:
        terminal.print_line("The database was up to date already.")
    else:
        terminal.print_line("The database is up to date now.")


@database.command(example="coursetill db status")
@options.as_json
@click.pass_obj
def status(context: CommandContext, *, as_json: bool) -> None:
    """Show if the tables of the shop and of its extensions belong to this version.

    Exits with 1 if they do not.
    """
    from entrypoints.composition.shop import database_state, extension_states

    state, theirs = database_state(context.settings), extension_states(context.settings)
    if as_json:
        terminal.print_json({"state": state, "extensions": theirs})
    else:
        terminal.print_line(SAYS[state])
        for name, found in theirs.items():
            terminal.print_line(OF_EXTENSION[found].format(name))
    if {state, *theirs.values()} != {"at head"}:
        click.get_current_context().exit(PROBLEMS_FOUND)
