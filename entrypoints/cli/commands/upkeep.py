"""The command for timed work, for cron."""

from __future__ import annotations

import logging

import click

from core.use_cases.jobs.maintenance import MaintenanceReport, run_maintenance
from core.use_cases.jobs.read_events import extend_log
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import order_json, terminal
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.extensions.jobs import run_due
from entrypoints.wording.sentences import Wording

log = logging.getLogger("coursetill.upkeep")


@click.command(cls=ShopCommand, example="coursetill upkeep")
@options.as_json
@click.pass_obj
def upkeep(context: CommandContext, *, as_json: bool) -> None:
    """Check payments in doubt, expire orders whose hold has ended, and send refunds.

    Also processes the gateway's messages that waited in the inbox, and deletes those that have been
    finished for 90 days. Extensions read new events and run their due jobs. Exits with 1 if one of
    those fails.

    `coursetill serve` does all this itself, unless COURSETILL_WORKER=no. Both at once do no harm.
    """
    shop = context.shop
    done = run_maintenance(begin=shop.begin, gateway=shop.gateway, now=shop.now())
    extend_log(begin=shop.begin)
    ran = [
        result
        for each in shop.extensions
        for result in run_due(each, begin=shop.begin, read=shop.read, now=shop.now, new_key=new_key)
    ]
    failed = [(each.job, each.error) for each in ran if each.error is not None]
    if as_json:
        jobs = {"jobs": len(ran), "failed_jobs": [job for job, _ in failed]}
        terminal.print_json({**order_json.upkeep(done, context.wording), **jobs})
    else:
        _print_report(done, context.wording, jobs=len(ran))
    for job, error in failed:
        log.error("%s failed: %s", job, error, exc_info=error)
        terminal.print_note(f"Failed: {job}: {type(error).__name__}: {error}")
    if failed:
        click.get_current_context().exit(PROBLEMS_FOUND)


def _print_report(done: MaintenanceReport, words: Wording, *, jobs: int) -> None:
    terminal.print_line(
        f"Asked about {terminal.counted(done.asked, 'payment')}, "
        f"gave up {terminal.counted(done.given_up, 'order')}, "
        f"saw to {terminal.counted(done.refunds, 'refund')}, "
        f"acted on {terminal.counted(done.messages, 'message')}, "
        f"removed {done.removed} old ones."
    )
    if jobs:
        terminal.print_line(f"Ran {terminal.counted(jobs, 'job')} of extensions.")
    for each in done.put_off:
        terminal.print_note(f"Put off: {words.sentence(each)}")
