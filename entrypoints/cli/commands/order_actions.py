"""Commands of staff about one order: note, attended, cancel, fulfil."""

from __future__ import annotations

import sys

import click

from core.audit_log import required_reason
from core.orders.order import Order
from core.orders.order_state import STANDING, OrderState
from core.use_cases.back_office.order_actions import add_note as write_note
from core.use_cases.back_office.order_actions import (
    cancel_by_staff,
    cancellable_order,
    fulfil_again,
)
from core.use_cases.back_office.order_actions import resolve_attention as attend_to
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal
from entrypoints.cli.output.order_json import OrderJsonOutput


@click.command(
    cls=ShopCommand, example='coursetill orders note CT-7K3M-Q9XD-2FVT "will call back" --as ann'
)
@click.argument("reference", type=options.REFERENCE)
@click.argument("text")
@options.staff_name
@options.as_json
@click.pass_obj
def note(
    context: CommandContext, *, reference: str, text: str, staff: str | None, as_json: bool
) -> None:
    """Write TEXT into an order's history, with your name and the time."""
    by, shop = context.staff(staff), context.shop
    order = write_note(
        options.reference_in(reference), text, by=by, begin=shop.begin, now=shop.now()
    )
    _tell(context, order, f"Noted in the history of order {order.reference}.", as_json=as_json)


@click.command(
    cls=ShopCommand,
    example='coursetill orders attended CT-7K3M-Q9XD-2FVT --reason "told the learner" --as ann',
)
@click.argument("reference", type=options.REFERENCE)
@options.reason(required=True)
@options.staff_name
@options.as_json
@click.pass_obj
def attended(
    context: CommandContext, *, reference: str, reason: str, staff: str | None, as_json: bool
) -> None:
    """Clear the flag of an order after you have dealt with its cause.

    The cause and your reason stay in the history.
    """
    by, shop = context.staff(staff), context.shop
    order = attend_to(
        options.reference_in(reference), by=by, why=reason, begin=shop.begin, now=shop.now()
    )
    _tell(context, order, f"Order {order.reference} needs no attention any more.", as_json=as_json)


@click.command(
    cls=ShopCommand,
    example='coursetill orders cancel CT-7K3M-Q9XD-2FVT --reason "ordered twice" --as ann',
)
@click.argument("reference", type=options.REFERENCE)
@options.reason(required=True)
@options.yes
@options.staff_name
@options.as_json
@click.pass_obj
def cancel(
    context: CommandContext,
    *,
    reference: str,
    reason: str,
    yes: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Cancel an order that is pending or held for review. Its seats and codes become free.

    Asks first, because the learner can no longer pay it. If the gateway says that the order is paid
    already, it stays paid. A later payment completes the order if that is still possible, and is
    refunded otherwise.
    """
    by, shop = context.staff(staff), context.shop
    if not (yes or sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: add --yes to cancel without asking.")
    with shop.read() as work:
        known = cancellable_order(work, options.reference_in(reference))
    if not yes and not click.confirm(_question(context, known), err=True):
        terminal.print_note("Nothing was cancelled.")
        click.get_current_context().exit(PROBLEMS_FOUND)
    order = cancel_by_staff(
        known.reference,
        by=by,
        why=required_reason(reason),
        begin=shop.begin,
        gateway=shop.gateway,
        now=shop.now(),
    )
    _tell(context, order, _how_it_ended(order), as_json=as_json)


def _question(context: CommandContext, order: Order) -> str:
    whose = order.learner.email or order.learner.id
    amount = context.text_output.money(order.total)
    return f"Cancel order {order.reference} of {whose}, {order.state.value}, {amount}?"


def _how_it_ended(order: Order) -> str:
    if order.state is OrderState.CANCELLED:
        return f"Order {order.reference} is cancelled."
    if order.state in STANDING:
        return (
            f"Order {order.reference} was not cancelled: it has been paid. "
            f"To give the money back: coursetill orders refund {order.reference}"
        )
    return f"Order {order.reference} was not cancelled: it is {order.state.value}."


@click.command(
    cls=ShopCommand, example="coursetill orders fulfil CT-7K3M-Q9XD-2FVT --line 1 --as ann"
)
@click.argument("reference", type=options.REFERENCE)
@click.option(
    "--line", type=click.IntRange(1), required=True, help="The number of the order's line."
)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def fulfil(
    context: CommandContext,
    *,
    reference: str,
    line: int,
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    """Request the enrolment for one line again from the learning platform.

    For a line that failed, or one that counts as fulfilled although the learner is not enrolled.
    The event gets a new id, so that the platform processes it.
    """
    by, shop = context.staff(staff), context.shop
    order = fulfil_again(
        options.reference_in(reference), line, by=by, why=reason, begin=shop.begin, now=shop.now()
    )
    sold = order.line(line)
    sentence = f"The platform is asked again for line {line}: {sold.title} ({sold.sku})."
    _tell(context, order, sentence, as_json=as_json)


def _tell(context: CommandContext, order: Order, sentence: str, *, as_json: bool) -> None:
    if as_json:
        terminal.print_json(OrderJsonOutput(context.zone, context.wording).order(order))
    else:
        terminal.print_line(sentence)
