"""The command that does what only the clock can start; cron runs it."""

from __future__ import annotations

import click

from core.use_cases.jobs.maintenance import run_maintenance
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import order_json, terminal


@click.command(cls=ShopCommand, example="coursetill upkeep")
@options.as_json
@click.pass_obj
def upkeep(context: CommandContext, *, as_json: bool) -> None:
    """Ask about payments in doubt, give up orders whose hold has ended, send refunds.

    Messages of the gateway that had to wait in the inbox are acted on as well; those that have been
    over for 90 days are removed.

    `coursetill serve` does it by itself, unless COURSETILL_WORKER=no; two at once do no harm.
    """
    shop = context.shop
    done = run_maintenance(begin=shop.begin, gateway=shop.gateway, now=shop.now())
    if as_json:
        terminal.print_json(order_json.upkeep(done))
        return
    terminal.print_line(
        f"Asked about {terminal.counted(done.asked, 'payment')}, "
        f"gave up {terminal.counted(done.given_up, 'order')}, "
        f"saw to {terminal.counted(done.refunds, 'refund')}, "
        f"acted on {terminal.counted(done.messages, 'message')}, "
        f"removed {done.removed} old ones."
    )
    for each in done.put_off:
        terminal.print_note(f"Put off: {each}")
