"""Commands of orders: find, show and resend-receipt. Other modules have those that change one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from core.orders.order import OrderSearch
from core.orders.order_state import OrderState
from core.payments.account import GatewayAccount
from core.payments.gateway import GatewayUnavailable
from core.products.product import Sku
from core.use_cases.order_lifecycle.notifications import resend_receipt
from core.use_cases.order_lifecycle.order_details import full_order_details
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.commands.order_actions import attended, cancel, fulfil, note
from entrypoints.cli.commands.refund import refund
from entrypoints.cli.output import terminal
from entrypoints.cli.output.list_page import page_of, print_page
from entrypoints.cli.output.order_json import OrderJsonOutput
from entrypoints.cli.output.order_text import order_table, print_order_details
from entrypoints.composition.clock_and_ids import new_key

if TYPE_CHECKING:
    from entrypoints.composition.shop import Shop


@click.group(cls=ShopGroup)
def orders() -> None:
    """Orders: find and show them, refund them."""


for command in (refund, note, attended, cancel, fulfil):
    orders.add_command(command)


@orders.command(example="coursetill orders find --email ada@example.org --state paid")
@click.option("--reference", type=options.REFERENCE, help="The order with this reference.")
@click.option("--email", help="Orders of this address, in any letter case.")
@click.option("--learner", metavar="ID", help="Orders of this learner.")
@click.option("--sku", type=options.SKU, help="Orders with this product as a line.")
@click.option("--state", type=click.Choice([state.value for state in OrderState]))
@click.option("--attention", is_flag=True, help="Only orders that need attention.")
@click.option("--from", "placed_from", type=options.MOMENT, help="Placed at or after this time.")
@click.option("--until", "placed_until", type=options.MOMENT, help="Placed before this time.")
@click.option("--card", type=options.LAST_FOUR, help="Paid with a card that ends in these digits.")
@click.option("--transaction", metavar="ID", help="With this transaction at the gateway.")
@click.option(
    "--after",
    type=options.REFERENCE,
    help="Continue with orders placed before this one.",
)
@options.limit(default=50)
@options.as_json
@click.pass_obj
def find(
    context: CommandContext,
    /,
    *,
    sku: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
    **said: Any,
) -> None:
    """Find orders, newest first. All given options must match; without options, all orders."""
    with context.shop.read() as work:
        last = work.orders.get(options.reference_in(after)) if after else None
        wanted = OrderSearch(
            **_searched(said),
            sku=Sku.of(sku) if sku else None,
            before=(last.placed_at, last.reference) if last else None,
            limit=limit + 1,
        )
        found = work.orders.search(wanted)
    json_output = OrderJsonOutput(context.zone, context.wording)
    print_page(
        page_of(found, limit, lambda order: order.reference),
        as_json=as_json,
        name="orders",
        shape=json_output.order,
        table=lambda shown: order_table(shown, context.text_output),
        none="There are no such orders.",
    )


def _searched(said: Mapping[str, Any]) -> dict[str, Any]:
    """The options as filters of the search."""
    reference, state = said["reference"], said["state"]
    return {
        **said,
        "reference": options.reference_in(reference) if reference else None,
        "state": OrderState(state) if state else None,
    }


@orders.command(example="coursetill orders show CT-7K3M-Q9XD-2FVT")
@click.argument("reference", type=options.REFERENCE)
@options.as_json
@click.pass_obj
def show(context: CommandContext, *, reference: str, as_json: bool) -> None:
    """Show one order in full: lines, payments, refunds, delivery, history and events."""
    with context.shop.read() as work:
        all_of_it = full_order_details(work, options.reference_in(reference))
    if as_json:
        terminal.print_json(OrderJsonOutput(context.zone, context.wording).order_details(all_of_it))
    else:
        print_order_details(all_of_it, context.text_output, accounts=_accounts(context.shop))


def _accounts(shop: Shop) -> tuple[GatewayAccount, ...]:
    """The gateway accounts that are configured, that of new payments first."""
    try:
        chosen = shop.gateway.account
    except GatewayUnavailable:
        return ()
    configured = (each.opened.gateway.account for each in shop.gateways)
    return tuple(dict.fromkeys((chosen, *configured)))


@orders.command(
    "resend-receipt", example="coursetill orders resend-receipt CT-7K3M-Q9XD-2FVT --as ann"
)
@click.argument("reference", type=options.REFERENCE)
@options.staff_name
@options.as_json
@click.pass_obj
def resend_receipt_(
    context: CommandContext, *, reference: str, staff: str | None, as_json: bool
) -> None:
    """Send the receipt by mail again, with every refund so far.

    It goes to the address in the order, with the next round of deliveries.
    """
    acting = context.staff(staff)
    if context.settings.mail is None:
        raise click.ClickException(
            "No mail server is set up: set COURSETILL_SMTP_HOST and COURSETILL_MAIL_FROM"
        )
    shop = context.shop
    letter = resend_receipt(
        options.reference_in(reference), new_key(), staff=acting, begin=shop.begin, now=shop.now()
    )
    if as_json:
        terminal.print_json({"reference": letter.reference, "event": letter.id})
    else:
        terminal.print_line(f"The receipt of order {letter.reference} goes out once more.")
