"""Commands that change one product: reprice, seats, window, withdraw, restore, hide."""

from __future__ import annotations

from datetime import datetime

import click

from core.identity import Actor
from core.money import Money
from core.products.catalogue_rows import MOST_SEATS
from core.products.product import Listing, Product, Sku
from core.use_cases.catalogue.edit_product import AS_IT_IS, list_as, reprice, set_seats, set_window
from entrypoints.cli.app import options
from entrypoints.cli.app.context import Desk
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal
from entrypoints.cli.output.product_text import Seats, seats_of

SEATS = options.OrNone(click.IntRange(0, MOST_SEATS))
END = options.OrNone(options.MOMENT)


def _standing(desk: Desk, sku: str) -> Product:
    with desk.shop.look() as work:
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
    desk: Desk, *, sku: str, price: str, reason: str, staff: str | None, as_json: bool
) -> None:
    """Give a product a new price, in the currency it has; orders keep the price they were sold at.

    The price history grows by one version; the same price again changes nothing.
    """
    acting = desk.staff(staff)
    before = _standing(desk, sku)
    wanted = Money.of(price, before.price.currency)
    after = reprice(before.sku, wanted, by=acting, why=reason, begin=desk.shop.begin, now=desk.now)
    if as_json:
        terminal.show_json(desk.shapes.product(after, desk.now))
    elif before.price == after.price:
        terminal.tell(f"{after.sku} costs {desk.words.money(after.price)} already.")
    else:
        was, costs = desk.words.money(before.price), desk.words.money(after.price)
        version = after.price_version.number
        terminal.tell(f"{after.sku} now costs {costs}; it was {was}. Price version {version}.")


@click.command(cls=ShopCommand, example="coursetill catalogue seats 6.431x-1T2027 120 --as ann")
@click.argument("sku", type=options.SKU)
@click.argument("seats", metavar="[NUMBER|none]", type=SEATS, required=False)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def seats(
    desk: Desk,
    *,
    sku: str,
    seats: options.Given[int] | None,
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    """Show the seats of a product, or set how many there are; none lifts the limit.

    Never fewer than are taken: reserved by orders that may still be paid, or paid.
    """
    if seats is not None:
        acting = desk.staff(staff)
        set_seats(
            Sku.of(sku), seats.value, by=acting, why=reason, begin=desk.shop.begin, now=desk.now
        )
    with desk.shop.look() as work:
        standing = seats_of(work, Sku.of(sku))
    if as_json:
        product = desk.shapes.product(standing.product, desk.now)
        terminal.show_json({**product, **standing.shape()})
    else:
        _tell_seats(standing)


def _tell_seats(standing: Seats) -> None:
    product = standing.product
    terminal.facts(
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
@click.option("--from", "opens", type=END, help="When enrolment opens; none: it always was.")
@click.option("--until", "deadline", type=END, help="The payment deadline; none: without end.")
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def window(
    desk: Desk,
    *,
    sku: str,
    opens: options.Given[datetime] | None,
    deadline: options.Given[datetime] | None,
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    """Set when a product can be bought: from the opening of enrolment until the payment deadline.

    The end that is not named stays as it is.
    """
    if opens is None and deadline is None:
        raise click.UsageError("Say what changes: --from TIME, --until TIME, or both.")
    before = _standing(desk, sku)
    after = set_window(
        before.sku,
        opens_at=AS_IT_IS if opens is None else opens.value,
        deadline_at=AS_IT_IS if deadline is None else deadline.value,
        by=desk.staff(staff),
        why=reason,
        begin=desk.shop.begin,
        now=desk.now,
    )
    if as_json:
        terminal.show_json(desk.shapes.product(after, desk.now))
        return
    told = desk.words.window(after.enrollment_opens_at, after.payment_deadline_at)
    already = " already" if before == after else ""
    terminal.tell(f"{after.sku} ({after.title}) can be bought {told}{already}.")


@click.command(cls=ShopCommand, example="coursetill catalogue withdraw 7.QBWx-2T2026 --as ann")
@click.argument("sku", type=options.SKU)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def withdraw(desk: Desk, *, sku: str, reason: str, staff: str | None, as_json: bool) -> None:
    """Stop selling a product. What was sold stays sold; `restore` puts it back."""
    _list(desk, sku, Listing.WITHDRAWN, by=desk.staff(staff), why=reason, as_json=as_json)


@click.command(cls=ShopCommand, example="coursetill catalogue restore 7.QBWx-2T2026 --as ann")
@click.argument("sku", type=options.SKU)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def restore(desk: Desk, *, sku: str, reason: str, staff: str | None, as_json: bool) -> None:
    """Put a product that was withdrawn or hidden back on sale."""
    _list(desk, sku, Listing.ON_SALE, by=desk.staff(staff), why=reason, as_json=as_json)


@click.command(cls=ShopCommand, example="coursetill catalogue hide 24.09x-1T2027 --as ann")
@click.argument("sku", type=options.SKU)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def hide(desk: Desk, *, sku: str, reason: str, staff: str | None, as_json: bool) -> None:
    """Take a product out of the catalogue's pages; its own address still sells it."""
    _list(desk, sku, Listing.HIDDEN, by=desk.staff(staff), why=reason, as_json=as_json)


_NOW = {
    Listing.ON_SALE: "on sale",
    Listing.HIDDEN: "hidden",
    Listing.WITHDRAWN: "withdrawn",
}


def _list(desk: Desk, sku: str, listing: Listing, *, by: Actor, why: str, as_json: bool) -> None:
    before = _standing(desk, sku)
    after = list_as(before.sku, listing, by=by, why=why, begin=desk.shop.begin, now=desk.now)
    if as_json:
        terminal.show_json(desk.shapes.product(after, desk.now))
    elif before.listing is listing:
        terminal.tell(f"{after.sku} ({after.title}) is {_NOW[listing]} already.")
    else:
        terminal.tell(f"{after.sku} ({after.title}) is {_NOW[listing]} now.")
