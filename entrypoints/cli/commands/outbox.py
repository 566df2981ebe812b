"""Commands of the outbox: list, deliver, revive, readers, replay."""

from __future__ import annotations

import attrs
import click

from core.messaging.outbox import OutboxSearch, Receiver
from core.use_cases.back_office.order_actions import resend_event
from core.use_cases.jobs.deliver_events import DeliveryReport, deliver_events, expire_letters
from core.use_cases.jobs.read_events import replay_events
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.output import order_json, terminal
from entrypoints.cli.output.list_page import page_of, print_page
from entrypoints.cli.output.order_json import OrderJsonOutput
from entrypoints.cli.output.order_text import event_table
from entrypoints.extensions.jobs import reader_named, reader_statuses

STATES = {"waiting": "waiting", "delivered": "delivered", "given-up": "given up"}


@click.group(cls=ShopGroup)
def outbox() -> None:
    """Events for the learning platform and letters to learners: list them, deliver them."""


@outbox.command("list", example="coursetill outbox list --order CT-7K3M-Q9XD-2FVT")
@click.option(
    "--order",
    "reference",
    type=options.REFERENCE,
    help="Only this order's events.",
)
@click.option("--state", type=click.Choice(list(STATES)))
@click.option(
    "--after",
    type=click.IntRange(0),
    default=0,
    metavar="NUMBER",
    help="Continue after this number.",
)
@click.option(
    "--to",
    type=click.Choice([receiver.value for receiver in Receiver]),
    help="Only events for the learning platform, or letters to learners (post).",
)
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(
    context: CommandContext,
    *,
    reference: str | None,
    state: str | None,
    to: str | None,
    after: int,
    limit: int,
    as_json: bool,
) -> None:
    """List events in the order in which they happened."""
    wanted = OutboxSearch(
        options.reference_in(reference) if reference else None,
        STATES[state] if state else None,
        after,
        limit + 1,
        receiver=Receiver(to) if to else None,
    )
    with context.shop.read() as work:
        found = work.outbox.search(wanted)
    json_output = OrderJsonOutput(context.zone, context.wording)
    print_page(
        page_of(found, limit, lambda entry: entry.sequence),
        as_json=as_json,
        name="events",
        shape=json_output.event,
        table=lambda shown: event_table(shown, context.text_output),
        none="There are no such events.",
    )


@outbox.command("deliver", example="coursetill outbox deliver")
@options.as_json
@click.pass_obj
def deliver_(context: CommandContext, *, as_json: bool) -> None:
    """Deliver every due event and letter once, in order within each order.

    Exits with 1 if one of them was not accepted. It is tried again later.
    """
    settings, shop = context.settings, context.shop
    if settings.events is None and settings.mail is None:
        raise click.ClickException(
            "There is nobody to deliver to, so every event waits. "
            "Set COURSETILL_EVENTS_URL and COURSETILL_EVENTS_SECRET, or COURSETILL_SMTP_HOST"
        )
    begin, now = shop.begin, shop.now()
    done = DeliveryReport()
    if settings.events is not None:
        done += deliver_events(begin=begin, receiver=shop.receiver, now=now)
    expire_letters(begin=begin, now=now)
    if settings.mail is not None:
        done += deliver_events(Receiver.POST, begin=begin, receiver=shop.letters, now=now)
    if as_json:
        terminal.print_json(order_json.delivery(done))
    else:
        given_up = f", {done.given_up} of them given up" if done.given_up else ""
        terminal.print_line(f"Delivered {done.delivered}, failed {done.failed}{given_up}.")
        if done.failed:
            terminal.print_note("Next: coursetill outbox list --state waiting")
    if done.failed:
        click.get_current_context().exit(PROBLEMS_FOUND)


@outbox.command(example="coursetill outbox revive CT-7K3M-Q9XD-2FVT/order.paid --as ann")
@click.argument("event")
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def revive(
    context: CommandContext, *, event: str, reason: str, staff: str | None, as_json: bool
) -> None:
    """Try an event again that was given up.

    The order's history records your name and reason.
    """
    by, shop = context.staff(staff), context.shop
    revived = resend_event(event, by=by, why=reason, begin=shop.begin, now=shop.now())
    if as_json:
        terminal.print_json({"event": event, "revived": revived})
    elif revived:
        terminal.print_line(f"{event} is tried again from now on.")
    else:
        terminal.print_line(f"{event} was not given up; nothing was changed.")


@outbox.command(example="coursetill outbox readers")
@options.as_json
@click.pass_obj
def readers(context: CommandContext, *, as_json: bool) -> None:
    """List the readers of extensions, their positions, and how many events each has yet to read."""
    shop = context.shop
    found = [status for each in shop.extensions for status in reader_statuses(each, shop.read)]
    if as_json:
        terminal.print_json({"readers": [attrs.asdict(status) for status in found]})
        return
    terminal.print_table(
        ("Reader", "Checkpoint", "Behind"),
        [(each.reader, f"{each.checkpoint:,}", f"{each.behind:,}") for each in found],
        right=("Checkpoint", "Behind"),
    )
    if not found:
        terminal.print_note("No extension that is on reads events.")


@outbox.command(example="coursetill outbox replay finance/books --as ann")
@click.argument("reader")
@click.option(
    "--after",
    type=click.IntRange(0),
    default=0,
    metavar="NUMBER",
    help="Process the events after this one again; by default all.",
)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def replay(
    context: CommandContext,
    *,
    reader: str,
    after: int,
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    """Let an extension's READER, such as finance/books, process committed events again.

    It starts with the next round of the worker or of `coursetill upkeep`. The journal records your
    name and reason.
    """
    by, shop = context.staff(staff), context.shop
    name = reader_named(shop.extensions, reader)
    before = replay_events(name, after=after, by=by, why=reason, begin=shop.begin, now=shop.now())
    if as_json:
        terminal.print_json({"reader": name, "after": after, "before": before})
    else:
        terminal.print_line(f"{name} goes on after event {after:,}; it was at {before:,}.")
