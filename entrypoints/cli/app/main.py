"""The command `coursetill` and its subcommands, each imported on first use."""

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
    """The command `name` of a module in `commands/`, imported on first use."""
    return LazyCommand(f"entrypoints.cli.commands.{module}", name, summary)


COMMANDS = {
    "catalogue": _command(
        "catalogue",
        "catalogue",
        "Products: import, list, prices, seats.",
    ),
    "orders": _command("orders", "orders", "Orders: find, show, refund."),
    "refund-requests": _command(
        "refund_requests",
        "refund_requests",
        "Learners' refund requests: approve, deny.",
    ),
    "discounts": _command(
        "discounts",
        "discounts",
        "Create discount codes and see their use.",
    ),
    "learners": _command(
        "learners",
        "learners",
        "Personal data: export it, erase it.",
    ),
    "journal": _command("journal", "journal", "The changes by staff: who and why."),
    "outbox": _command(
        "outbox",
        "outbox",
        "Events and letters: list, deliver.",
    ),
    "mail": _command("mail", "mail", "Letters to learners: preview, test."),
    "inbox": _command(
        "inbox",
        "inbox",
        "Messages of the gateway: list, show, replay.",
    ),
    "upkeep": _command(
        "upkeep",
        "upkeep",
        "Check payments, expire holds, send refunds.",
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
        "List extensions and their state.",
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
@click.option("--zone", metavar="ZONE", help="Show times in this zone, such as Europe/Berlin.")
@click.option("--no-pager", is_flag=True, help="Print long output without a pager.")
@click.pass_context
def coursetill(ctx: click.Context, *, zone: str | None, no_pager: bool) -> None:
    """Run a shop for online courses."""
    ctx.obj = ctx.obj or CommandContext(os.environ)
    ctx.obj.pager = not no_pager
    ctx.obj.own_zone = None if zone is None else _zone(zone)
    ctx.call_on_close(ctx.obj.close)


def _zone(name: str) -> ZoneInfo:
    """The requested time zone. Raises UsageError."""
    from entrypoints.settings.shop import zone

    try:
        return zone(name)
    except ValueError as error:
        raise click.UsageError(f"--zone {error}.") from None


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # On a terminal that cannot show a letter, print a question mark instead of failing.
            stream.reconfigure(errors="replace")
    coursetill(prog_name="coursetill")
