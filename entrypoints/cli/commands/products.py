"""Commands that change one product: reprice, seats, window, withdraw, restore, hide."""

from __future__ import annotations

from datetime import datetime

import click

from core.identity import Actor
from core.money import Money
from core.products.catalogue_rows import MOST_SEATS
from core.products.product import Listing, Product, Sku
from core.use_cases.catalogue.edit_product import (
    AS_IT_IS,
    reprice,
    set_listing,
    set_seats,
    set_window,
)
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal
from entrypoints.cli.output.product_text import SeatCounts, seats_of

SEATS = options.OrNone(click.IntRange(0, MOST_SEATS))
END = options.OrNone(options.MOMENT)


def _standing(context: CommandContext, sku: str) -> Product:
    with context.shop.read() as work:
        return work.products.get(Sku.of(sku))


@click.command(
    "reprice",
    cls=ShopCommand,
    example='coursetill catalogue reprice 6.431x-1T2027 315.00 --reason "fees of 2027" --as ann',
)
@click.argument("sku", type=options.SKU)
@click.argument("price")
@options.reason(required=True)
@options.staff_name
@options.as_json
@click.pass_obj
def reprice_(
    context: CommandContext, *, sku: str, price: str, reason: str, staff: str | None, as_json: bool
) -> None:
    """Give a product a new price in its currency. Orders keep the price they were sold at.

    The price history gets one new version. The same price again changes nothing.
    """
    acting = context.staff(staff)
    before = _standing(context, sku)
    wanted = Money.of(price, before.price.currency)
    after = reprice(
        before.sku, wanted, by=acting, why=reason, begin=context.shop.begin, now=context.now
    )
    if as_json:
        terminal.print_json(context.json_output.product(after, context.now))
    elif before.price == after.price:
        terminal.print_line(f"{after.sku} costs {context.text_output.money(after.price)} already.")
    else:
        was, costs = context.text_output.money(before.price), context.text_output.money(after.price)
        version = after.price_version.number
        terminal.print_line(
            f"{after.sku} now costs {costs}; it was {was}. Price version {version}."
        )


@click.command(cls=ShopCommand, example="coursetill catalogue seats 6.431x-1T2027 120 --as ann")
@click.argument("sku", type=options.SKU)
@click.argument("seats", metavar="[NUMBER|none]", type=SEATS, required=False)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def seats(
    context: CommandContext,
    *,
    sku: str,
    seats: options.OptionValue[int] | None,
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    """Show the seats of a product, or set their number; none removes the limit.

    The number cannot be lower than the seats that are paid, or reserved by unpaid orders.
    """
    if seats is not None:
        acting = context.staff(staff)
        set_seats(
            Sku.of(sku),
            seats.value,
            by=acting,
            why=reason,
            begin=context.shop.begin,
            now=context.now,
        )
    with context.shop.read() as work:
        standing = seats_of(work, Sku.of(sku))
    if as_json:
        product = context.json_output.product(standing.product, context.now)
        terminal.print_json({**product, **standing.shape()})
    else:
        _tell_seats(standing)


def _tell_seats(standing: SeatCounts) -> None:
    product = standing.product
    terminal.print_facts(
        [
            ("Sku", product.sku.text),
            ("Title", product.title),
            ("Seats", "no limit" if product.seats is None else str(product.seats)),
            ("Paid", str(standing.paid)),
            ("Reserved", str(standing.reserved)),
            ("Left", "" if product.seats_left is None else str(product.seats_left)),
        ]
    )


@click.command(
    cls=ShopCommand,
    example="coursetill catalogue window 6.431x-1T2027 --until 2027-02-10T23:59:00Z --as ann",
)
@click.argument("sku", type=options.SKU)
@click.option("--from", "opens", type=END, help="When enrolment opens; none: always open.")
@click.option("--until", "deadline", type=END, help="The payment deadline; none: no deadline.")
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def window(
    context: CommandContext,
    *,
    sku: str,
    opens: options.OptionValue[datetime] | None,
    deadline: options.OptionValue[datetime] | None,
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    """Set when a product can be bought: from the start of enrolment to the payment deadline.

    An end that is not given does not change.
    """
    if opens is None and deadline is None:
        raise click.UsageError("Say what changes: --from TIME, --until TIME, or both.")
    before = _standing(context, sku)
    after = set_window(
        before.sku,
        opens_at=AS_IT_IS if opens is None else opens.value,
        deadline_at=AS_IT_IS if deadline is None else deadline.value,
        by=context.staff(staff),
        why=reason,
        begin=context.shop.begin,
        now=context.now,
    )
    if as_json:
        terminal.print_json(context.json_output.product(after, context.now))
        return
    window = context.text_output.window(after.enrollment_opens_at, after.payment_deadline_at)
    already = " already" if before == after else ""
    terminal.print_line(f"{after.sku} ({after.title}) can be bought {window}{already}.")


@click.command(cls=ShopCommand, example="coursetill catalogue withdraw 7.QBWx-2T2026 --as ann")
@click.argument("sku", type=options.SKU)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def withdraw(
    context: CommandContext, *, sku: str, reason: str, staff: str | None, as_json: bool
) -> None:
    """Stop selling a product. Its orders stay valid; `restore` puts it back on sale."""
    _list(context, sku, Listing.WITHDRAWN, by=context.staff(staff), why=reason, as_json=as_json)


@click.command(cls=ShopCommand, example="coursetill catalogue restore 7.QBWx-2T2026 --as ann")
@click.argument("sku", type=options.SKU)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def restore(
    context: CommandContext, *, sku: str, reason: str, staff: str | None, as_json: bool
) -> None:
    """Put a withdrawn or hidden product back on sale."""
    _list(context, sku, Listing.ON_SALE, by=context.staff(staff), why=reason, as_json=as_json)


@click.command(cls=ShopCommand, example="coursetill catalogue hide 24.09x-1T2027 --as ann")
@click.argument("sku", type=options.SKU)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def hide(
    context: CommandContext, *, sku: str, reason: str, staff: str | None, as_json: bool
) -> None:
    """Remove a product from the catalogue's pages. Its own page still sells it."""
    _list(context, sku, Listing.HIDDEN, by=context.staff(staff), why=reason, as_json=as_json)


_NOW = {
    Listing.ON_SALE: "on sale",
    Listing.HIDDEN: "hidden",
    Listing.WITHDRAWN: "withdrawn",
}


def _list(
    context: CommandContext, sku: str, listing: Listing, *, by: Actor, why: str, as_json: bool
) -> None:
    before = _standing(context, sku)
    after = set_listing(
        before.sku, listing, by=by, why=why, begin=context.shop.begin, now=context.now
    )
    if as_json:
        terminal.print_json(context.json_output.product(after, context.now))
    elif before.listing is listing:
        terminal.print_line(f"{after.sku} ({after.title}) is {_NOW[listing]} already.")
    else:
        terminal.print_line(f"{after.sku} ({after.title}) is {_NOW[listing]} now.")
