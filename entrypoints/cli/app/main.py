"""The command `coursetill`: what there is to do, each imported only when it is wanted."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import LazyCommand, LazyGroup

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def _command(module: str, name: str, summary: str) -> LazyCommand:
    """The command `name` of a module in `commands/`, which is imported when it is called."""
    return LazyCommand(f"entrypoints.cli.commands.{module}", name, summary)


COMMANDS = {
    "catalogue": _command(
        "catalogue",
        "catalogue",
        "What is sold: import, list, prices, seats.",
    ),
    "orders": _command("orders", "orders", "Find an order, see all of it, refund it."),
    "refund-requests": _command(
        "refund_requests",
        "refund_requests",
        "What learners ask to get back: approve, deny.",
    ),
    "discounts": _command(
        "discounts",
        "discounts",
        "Create discount codes and see their use.",
    ),
    "learners": _command(
        "learners",
        "learners",
        "What is held about somebody: export, forget.",
    ),
    "journal": _command("journal", "journal", "What staff changed, who and why."),
    "outbox": _command(
        "outbox",
        "outbox",
        "Events and letters on their way: list, deliver.",
    ),
    "mail": _command("mail", "mail", "Letters to learners: preview, test."),
    "inbox": _command(
        "inbox",
        "inbox",
        "What the payment gateway told: list, show, replay.",
    ),
    "upkeep": _command(
        "upkeep",
        "upkeep",
        "Ask about payments in doubt, end holds, send refunds.",
    ),
    "payments": _command(
        "payments",
        "payments",
        "Ask the payment gateways: check, find.",
    ),
    "db": _command("database", "database", "Bring the database up to date."),
    "serve": _command("serve", "serve", "Serve the shop's pages."),
    "demo": _command("demo", "demo", "Try the whole shop on this machine, no money."),
    "extensions": _command(
        "extensions",
        "extensions",
        "Which extensions there are, and how they do.",
    ),
    "completion": _command(
        "completion",
        "completion",
        "Let bash, zsh or fish complete what you type.",
    ),
    "docs": _command("docs", "docs", "Read the manual: settings, commands, operations."),
    "doctor": _command("doctor", "doctor", "Check that everything is set up."),
}


@click.group(
    cls=LazyGroup,
    later=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Settings come from the environment: `coursetill docs configuration` lists them. "
    "Manual: `coursetill docs cli`.",
)
@click.version_option(package_name="coursetill", message="%(prog)s %(version)s")
@click.option("--zone", metavar="ZONE", help="Tell times in this zone, such as Europe/Berlin.")
@click.option("--no-pager", is_flag=True, help="Print long answers at once, whatever PAGER says.")
@click.pass_context
def coursetill(ctx: click.Context, *, zone: str | None, no_pager: bool) -> None:
    """Run a shop for online courses."""
    ctx.obj = ctx.obj or CommandContext(os.environ)
    ctx.obj.pager = not no_pager
    ctx.obj.own_zone = None if zone is None else _zone(zone)
    ctx.call_on_close(ctx.obj.close)


def _zone(name: str) -> ZoneInfo:
    """The zone that was asked for. Raises UsageError."""
    from entrypoints.settings.shop import zone

    try:
        return zone(name)
    except ValueError as error:
        raise click.UsageError(f"--zone {error}.") from None


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a letter gets a question mark, not a broken command.
            stream.reconfigure(errors="replace")
    coursetill(prog_name="coursetill")
