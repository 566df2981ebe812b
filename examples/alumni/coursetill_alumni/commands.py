"""Commands of the list of alumni: add."""

from __future__ import annotations

import click

from coursetill_alumni import tables
from coursetill_alumni.members import Members
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.output import terminal


@click.group("alumni", cls=ShopGroup)
def alumni() -> None:
    """Half price for alumni: the list."""


@alumni.command(example="coursetill alumni add ada@example.org --as ann")
@click.argument("email")
@options.staff_name
@click.pass_obj
def add(context: CommandContext, *, email: str, staff: str | None) -> None:
    """Add a person to the list."""
    by, host = context.staff(staff), context.host("alumni")
    kept = tables(host.database_url)
    Members(kept).add(email, host.now())
    kept.close()
    terminal.print_line(f"{email} is on the list, says {by.name}.")
