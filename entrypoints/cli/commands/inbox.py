"""Commands of the inbox: the payment gateway's messages and their results."""

from __future__ import annotations

from collections.abc import Sequence

import click

from core.messaging.inbox import InboxMessage, InboxSearch, MessageState
from core.use_cases.payments.process_notices import replay_message
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.output import terminal
from entrypoints.cli.output.json_output import JsonOutput, Shape
from entrypoints.cli.output.list_page import page_of, print_page


@click.group(cls=ShopGroup)
def inbox() -> None:
    """Messages of the payment gateway: see them, process them again."""


@inbox.command("list", example="coursetill inbox list --state failed")
@click.option(
    "--about",
    "code",
    type=options.REFERENCE,
    help="Only messages about this order or refund.",
)
@click.option("--state", type=click.Choice([state.value for state in MessageState]))
@click.option(
    "--after",
    type=click.IntRange(0),
    default=0,
    metavar="NUMBER",
    help="Continue after this number.",
)
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(
    context: CommandContext,
    *,
    code: str | None,
    state: str | None,
    after: int,
    limit: int,
    as_json: bool,
) -> None:
    """List messages in the order of arrival."""
    wanted = InboxSearch(
        options.reference_in(code) if code else None,
        MessageState(state) if state else None,
        after,
        limit + 1,
    )
    with context.shop.read() as work:
        found = work.inbox.search(wanted)
    print_page(
        page_of(found, limit, lambda message: message.number),
        as_json=as_json,
        name="messages",
        shape=lambda message: message_shape(message, context.json_output),
        table=lambda shown: _table(context, shown),
        none="There are no such messages.",
    )


def _table(context: CommandContext, messages: Sequence[InboxMessage]) -> None:
    rows = [
        (
            str(each.number),
            context.text_output.moment(each.notice.heard_at),
            each.notice.code,
            each.notice.event,
            each.state.value,
            each.why,
        )
        for each in messages
    ]
    titles = ("Number", "Heard", "About", "Event", "State", "Why")
    terminal.print_table(titles, rows, right=("Number",))


@inbox.command(example="coursetill inbox show 12")
@click.argument("number", type=click.IntRange(1))
@options.as_json
@click.pass_obj
def show(context: CommandContext, *, number: int, as_json: bool) -> None:
    """Show one message: its content and its result."""
    with context.shop.read() as work:
        message = work.inbox.get(number)
    _tell(context, message, as_json=as_json)


@inbox.command("replay", example="coursetill inbox replay 12 --as ann")
@click.argument("number", type=click.IntRange(1))
@options.staff_name
@options.as_json
@click.pass_obj
def replay_(context: CommandContext, *, number: int, staff: str | None, as_json: bool) -> None:
    """Process a message again, whatever its result was.

    Nothing happens twice: a result that is applied already changes nothing. Exits with 1 if the
    message could not be processed this time either.
    """
    acting = context.staff(staff)
    shop = context.shop
    message = replay_message(
        number, by=acting, begin=shop.begin, gateway=shop.gateway, now=shop.now()
    )
    _tell(context, message, as_json=as_json)
    if message.state in (MessageState.RECEIVED, MessageState.FAILED):
        click.get_current_context().exit(PROBLEMS_FOUND)


def _tell(context: CommandContext, message: InboxMessage, *, as_json: bool) -> None:
    if as_json:
        terminal.print_json(message_shape(message, context.json_output))
        return
    notice, text_output = message.notice, context.text_output
    answer = "" if notice.answer is None else type(notice.answer).__name__
    terminal.print_facts(
        [
            ("Message", str(message.number)),
            ("State", message.state.value),
            ("Why", message.why),
            ("Order", message.reference or ""),
            ("About", f"{notice.about.value} {notice.code}"),
            ("Attempt", notice.attempt),
            ("Event", notice.event),
            ("Says", answer or "to be asked about"),
            ("Signed", f"{text_output.moment(notice.at)}, over the {notice.form or 'message'}"),
            ("Heard", text_output.moment(notice.heard_at)),
            ("Tries", str(message.tries)),
            ("Next try", "" if message.act_at is None else text_output.moment(message.act_at)),
            *((f"Raw {name}", value) for name, value in notice.raw.items()),
        ]
    )


def message_shape(message: InboxMessage, json_output: JsonOutput) -> Shape:
    """A message as JSON."""
    notice = message.notice
    return {
        "number": message.number,
        "state": message.state.value,
        "why": message.why or None,
        "reference": message.reference,
        "about": notice.about.value,
        "code": notice.code,
        "attempt": notice.attempt or None,
        "event": notice.event,
        "says": None if notice.answer is None else type(notice.answer).__name__,
        "form": notice.form,
        "signed_at": json_output.moment(notice.at),
        "heard_at": json_output.moment(notice.heard_at),
        "tries": message.tries,
        "next_try_at": json_output.moment(message.act_at),
        "raw": dict(notice.raw),
    }
