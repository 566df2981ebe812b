"""Commands of the catalogue: import, list, show, reprice, withdraw, restore, hide."""

from __future__ import annotations

from pathlib import Path

import click

from core.catalogue import ImportPlan, import_catalogue, list_as, plan_import, reprice
from core.learner import Actor
from core.money import Money
from core.products.product import Listing, Product, Sku
from core.products.search import ProductKind
from entrypoints.catalogue_file import read_catalogue_file
from entrypoints.cli import options, printing, shapes
from entrypoints.cli.desk import Desk
from entrypoints.cli.files import content_of
from entrypoints.cli.groups import ShopGroup
from entrypoints.cli.progress import Progress
from entrypoints.cli.shelf import Wanted, shown, standing_table


@click.group(cls=ShopGroup)
def catalogue() -> None:
    """What is sold: import it, look through it, change prices."""


@catalogue.command("import", example="coursetill catalogue import catalogue.csv --dry-run")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@options.reason()
@options.dry_run
@options.staff_name
@options.as_json
@click.pass_obj
def import_(
    desk: Desk, *, file: str, reason: str, dry_run: bool, staff: str | None, as_json: bool
) -> None:
    """Bring the catalogue in line with FILE (comma-separated, UTF-8; - for stdin): all or nothing.

    Products that FILE does not name stay as they are. A second run changes nothing; a changed
    price makes one new version. The journal names who did it for each product that changes.
    """
    acting = None if dry_run else desk.staff(staff)
    rows = read_catalogue_file(content_of(file))
    shop = desk.shop
    if acting is None:
        plan = plan_import(rows, look=shop.look, now=shop.now())
    else:
        why = reason or f"import of {'stdin' if file == '-' else Path(file).name}"
        with Progress("Keeping products") as progress:
            plan = import_catalogue(
                rows,
                by=acting,
                why=why,
                begin=shop.begin,
                now=shop.now(),
                progress=progress.reached,
            )
    if as_json:
        printing.show_json(shapes.plan(plan, dry_run=dry_run))
    else:
        _tell_plan(desk, plan, dry_run=dry_run)


def _tell_plan(desk: Desk, plan: ImportPlan, *, dry_run: bool) -> None:
    for product in plan.added:
        printing.tell(f"+ {product.sku}  {desk.words.money(product.price)}  {product.title}")
    for change in plan.changed:
        printing.tell(f"~ {change.product.sku}  {'; '.join(change.what)}")
    if dry_run:
        told = f"Would add {len(plan.added)}, change {len(plan.changed)}"
    else:
        told = f"Added {len(plan.added)}, changed {len(plan.changed)}"
    repriced = f" ({printing.counted(plan.repriced, 'new price')})" if plan.repriced else ""
    printing.tell(f"{told}{repriced}, unchanged {plan.unchanged}.")
    if dry_run:
        printing.say("Nothing was changed. The same command without --dry-run does it.")


@catalogue.command("list", example="coursetill catalogue list --search probability --open")
@click.option("--search", default="", help="Words that must all occur in number, title or ids.")
@click.option("--kind", type=click.Choice([kind.value for kind in ProductKind]))
@click.option("--open", "only_open", is_flag=True, help="Only what can be bought now.")
@click.option("--after", metavar="SKU", help="Go on after this product.")
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(
    desk: Desk,
    *,
    search: str,
    kind: str | None,
    only_open: bool,
    after: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List products, hidden and withdrawn ones too: programs first, then course runs by id."""
    wanted, now = Wanted(search=search, kind=kind, only_open=only_open), desk.now
    with desk.shop.look() as work:
        everything = work.products.everything()
    found, more = wanted.page(everything, now, after=after, limit=limit)
    following = found[-1].sku.text if more else None
    if as_json:
        products = [desk.shapes.product(product, now) for product in found]
        printing.show_json({"products": products, "next": following})
        return
    standing_table(found, desk.words, now)
    if not found:
        printing.say("There are no such products.")
    if following:
        printing.say(f"There are more: --after {following}")


@catalogue.command(example="coursetill catalogue show 6.431x-1T2027")
@click.argument("sku")
@options.as_json
@click.pass_obj
def show(desk: Desk, *, sku: str, as_json: bool) -> None:
    """Show one product: its price history, seats, courses and runs, and what staff changed."""
    with desk.shop.look() as work:
        product = shown(work, Sku.of(sku))
    if as_json:
        printing.show_json(product.shape(desk.shapes, desk.now))
    else:
        product.tell(desk.words, desk.now)


@catalogue.command(
    "reprice",
    example='coursetill catalogue reprice 6.431x-1T2027 315.00 --reason "fees of 2027" --as ann',
)
@click.argument("sku")
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
    with desk.shop.look() as work:
        before = work.products.get(Sku.of(sku))
    wanted = Money.of(price, before.price.currency)
    after = reprice(before.sku, wanted, by=acting, why=reason, begin=desk.shop.begin, now=desk.now)
    if as_json:
        printing.show_json(desk.shapes.product(after, desk.now))
    elif before.price == after.price:
        printing.tell(f"{after.sku} costs {desk.words.money(after.price)} already.")
    else:
        was, costs = desk.words.money(before.price), desk.words.money(after.price)
        version = after.price_version.number
        printing.tell(f"{after.sku} now costs {costs}; it was {was}. Price version {version}.")


@catalogue.command(example="coursetill catalogue withdraw 7.QBWx-2T2026 --as ann")
@click.argument("sku")
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def withdraw(desk: Desk, *, sku: str, reason: str, staff: str | None, as_json: bool) -> None:
    """Stop selling a product. What was sold stays sold; `restore` puts it back."""
    _list(desk, sku, Listing.WITHDRAWN, by=desk.staff(staff), why=reason, as_json=as_json)


@catalogue.command(example="coursetill catalogue restore 7.QBWx-2T2026 --as ann")
@click.argument("sku")
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def restore(desk: Desk, *, sku: str, reason: str, staff: str | None, as_json: bool) -> None:
    """Put a product that was withdrawn or hidden back on sale."""
    _list(desk, sku, Listing.ON_SALE, by=desk.staff(staff), why=reason, as_json=as_json)


@catalogue.command(example="coursetill catalogue hide 24.09x-1T2027 --as ann")
@click.argument("sku")
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
    with desk.shop.look() as work:
        before: Product = work.products.get(Sku.of(sku))
    after = list_as(before.sku, listing, by=by, why=why, begin=desk.shop.begin, now=desk.now)
    if as_json:
        printing.show_json(desk.shapes.product(after, desk.now))
    elif before.listing is listing:
        printing.tell(f"{after.sku} ({after.title}) is {_NOW[listing]} already.")
    else:
        printing.tell(f"{after.sku} ({after.title}) is {_NOW[listing]} now.")
