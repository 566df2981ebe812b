"""Commands of staff about one order: note, attended, cancel, fulfil."""

from __future__ import annotations

import sys

import click

from core.audit_log import stated
from core.orders.order import Order
from core.orders.order_state import STANDING, OrderState
from core.use_cases.back_office.order_actions import attended as attend_to
from core.use_cases.back_office.order_actions import call_off, fulfil_again, to_be_cancelled
from core.use_cases.back_office.order_actions import note as write_note
from entrypoints.cli.app import options
from entrypoints.cli.app.context import Desk
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal
from entrypoints.cli.output.order_json import OrderShapes


@click.command(
    cls=ShopCommand, example='coursetill orders note CT-7K3M-Q9XD-2FVT "will call back" --as ann'
)
@click.argument("reference", type=options.REFERENCE)
@click.argument("text")
@options.staff_name
@options.as_json
@click.pass_obj
def note(desk: Desk, *, reference: str, text: str, staff: str | None, as_json: bool) -> None:
    """Write TEXT into an order's history, with your name and the time."""
    by, shop = desk.staff(staff), desk.shop
    order = write_note(
        options.reference_in(reference), text, by=by, begin=shop.begin, now=shop.now()
    )
    _tell(desk, order, f"Noted in the history of order {order.reference}.", as_json=as_json)


@click.command(
    cls=ShopCommand,
    example='coursetill orders attended CT-7K3M-Q9XD-2FVT --reason "told the learner" --as ann',
)
@click.argument("reference", type=options.REFERENCE)
@options.reason(required=True)
@options.staff_name
@options.as_json
@click.pass_obj
def attended(desk: Desk, *, reference: str, reason: str, staff: str | None, as_json: bool) -> None:
    """Clear what an order was flagged for, once you have seen to it.

    What it was and what you did about it stay in the history.
    """
    by, shop = desk.staff(staff), desk.shop
    order = attend_to(
        options.reference_in(reference), by=by, why=reason, begin=shop.begin, now=shop.now()
    )
    _tell(desk, order, f"Order {order.reference} needs no attention any more.", as_json=as_json)


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
    desk: Desk, *, reference: str, reason: str, yes: bool, staff: str | None, as_json: bool
) -> None:
    """Cancel an order that is pending or held for review; its seats and codes are free again.

    Asks first: the learner can no longer pay it. The gateway is asked too: an order that turns out
    to be paid stays paid. Money that comes later makes it paid after all where that is still
    possible, and goes back otherwise.
    """
    by, shop = desk.staff(staff), desk.shop
    if not (yes or sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: add --yes to cancel without asking.")
    with shop.look() as work:
        known = to_be_cancelled(work, options.reference_in(reference))
    if not yes and not click.confirm(_question(desk, known), err=True):
        terminal.say("Nothing was cancelled.")
        click.get_current_context().exit(PROBLEMS_FOUND)
    order = call_off(
        known.reference,
        by=by,
        why=stated(reason),
        begin=shop.begin,
        gateway=shop.gateway,
        now=shop.now(),
    )
    _tell(desk, order, _how_it_ended(order), as_json=as_json)


def _question(desk: Desk, order: Order) -> str:
    whose = order.learner.email or order.learner.id
    amount = desk.words.money(order.total)
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
@click.option("--line", type=click.IntRange(1), required=True, help="Which line of the order.")
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def fulfil(
    desk: Desk, *, reference: str, line: int, reason: str, staff: str | None, as_json: bool
) -> None:
    """Ask the learning platform once more to let the learner in for one line.

    For a line that failed, and for one that counts as fulfilled though the learner is not in. The
    event has a new id, so that the platform acts on it.
    """
    by, shop = desk.staff(staff), desk.shop
    order = fulfil_again(
        options.reference_in(reference), line, by=by, why=reason, begin=shop.begin, now=shop.now()
    )
    sold = order.line(line)
    told = f"The platform is asked again for line {line}: {sold.title} ({sold.sku})."
    _tell(desk, order, told, as_json=as_json)


def _tell(desk: Desk, order: Order, told: str, *, as_json: bool) -> None:
    if as_json:
        terminal.show_json(OrderShapes(desk.zone).order(order))
    else:
        terminal.tell(told)
