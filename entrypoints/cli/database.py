"""Commands of the database: upgrade, status."""

from __future__ import annotations

import click

from entrypoints.cli import options, printing
from entrypoints.cli.desk import Desk
from entrypoints.cli.failures import PROBLEMS_FOUND
from entrypoints.cli.groups import ShopGroup

SAYS = {
    "at head": "The database is up to date.",
    "empty": "The database has no tables yet. Next: coursetill db upgrade",
    "older": "The database is older than this version. Next: coursetill db upgrade",
    "newer": "The database is newer than this version. Install the version that upgraded it.",
}


@click.group("db", cls=ShopGroup)
def database() -> None:
    """Bring the database up to date, and see how it stands."""


@database.command(example="coursetill db upgrade")
@options.as_json
@click.pass_obj
def upgrade(desk: Desk, *, as_json: bool) -> None:
    """Bring the database to this version's tables: all or nothing; what is there stays."""
    from entrypoints.bootstrap import database_state, upgrade_database

    before = database_state(desk.settings)
    upgrade_database(desk.settings)
    after = database_state(desk.settings)
    if as_json:
        printing.show_json({"before": before, "state": after})
    elif before == after:
        printing.tell("The database was up to date already.")
    else:
        printing.tell("The database is up to date now.")


@database.command(example="coursetill db status")
@options.as_json
@click.pass_obj
def status(desk: Desk, *, as_json: bool) -> None:
    """Say whether the database has this version's tables; leaves with 1 where it has not."""
    from entrypoints.bootstrap import database_state

    state = database_state(desk.settings)
    if as_json:
        printing.show_json({"state": state})
    else:
        printing.tell(SAYS[state])
    if state != "at head":
        click.get_current_context().exit(PROBLEMS_FOUND)
