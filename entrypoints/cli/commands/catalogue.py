"""Commands of the catalogue: import, export, list, show, history. products.py has the others."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core.products.product import Listing, Sku
from core.products.search import ProductKind
from core.use_cases.catalogue.import_catalogue import (
    ImportPlan,
    every_product,
    import_catalogue,
    plan_import,
)
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.files import READ, WRITTEN, content_of, write_shapes, written_to
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.commands.products import hide, reprice_, restore, seats, window, withdraw
from entrypoints.cli.output import json_output, terminal
from entrypoints.cli.output.list_page import Page, print_page
from entrypoints.cli.output.product_text import ProductFilters, history_of, shown, standing_table
from entrypoints.cli.output.progress import ProgressBar
from entrypoints.csv_files.catalogue import read_catalogue_file, write_catalogue


@click.group(cls=ShopGroup)
def catalogue() -> None:
    """Products: import, list and show them, change prices, seats and enrolment windows."""


for command in (reprice_, seats, window, withdraw, hide, restore):
    catalogue.add_command(command)


@catalogue.command("import", example="coursetill catalogue import catalogue.csv --dry-run")
@click.argument("file", type=READ)
@options.reason()
@options.dry_run
@options.staff_name
@options.as_json
@click.pass_obj
def import_(
    context: CommandContext,
    *,
    file: str,
    reason: str,
    dry_run: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    """Update the catalogue from FILE (comma-separated, UTF-8; - for stdin): all of it or nothing.

    Products that are not in FILE do not change. A second run changes nothing. A changed price makes
    one new price version. The journal records each changed product, with the name of the actor.
    """
    acting = None if dry_run else context.staff(staff)
    rows = read_catalogue_file(content_of(file))
    shop = context.shop
    if acting is None:
        plan = plan_import(rows, read=shop.read, now=shop.now())
    else:
        why = reason or f"import of {'stdin' if file == '-' else Path(file).name}"
        with ProgressBar("Keeping products") as progress:
            plan = import_catalogue(
                rows,
                by=acting,
                why=why,
                begin=shop.begin,
                now=shop.now(),
                progress=progress.reached,
            )
    if as_json:
        terminal.print_json(json_output.plan(plan, dry_run=dry_run))
    else:
        _tell_plan(context, plan, dry_run=dry_run)


def _tell_plan(context: CommandContext, plan: ImportPlan, *, dry_run: bool) -> None:
    for product in plan.added:
        terminal.print_line(
            f"+ {product.sku}  {context.text_output.money(product.price)}  {product.title}"
        )
    for change in plan.changed:
        terminal.print_line(f"~ {change.product.sku}  {'; '.join(change.what)}")
    if dry_run:
        summary = f"Would add {len(plan.added)}, change {len(plan.changed)}"
    else:
        summary = f"Added {len(plan.added)}, changed {len(plan.changed)}"
    repriced = f" ({terminal.counted(plan.repriced, 'new price')})" if plan.repriced else ""
    terminal.print_line(f"{summary}{repriced}, unchanged {plan.unchanged}.")
    if dry_run:
        terminal.print_note("Nothing was changed. The same command without --dry-run does it.")


@catalogue.command("list", example="coursetill catalogue list --search probability --open")
@click.option("--search", default="", help="Words that must all occur in the sku, title or ids.")
@click.option("--kind", type=click.Choice([kind.value for kind in ProductKind]))
@click.option(
    "--listing",
    type=click.Choice([listing.value for listing in Listing]),
    help="Only products with this listing.",
)
@click.option("--open", "only_open", is_flag=True, help="Only products that can be bought now.")
@click.option("--after", type=options.SKU, help="Continue after this product.")
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(
    context: CommandContext,
    *,
    search: str,
    kind: str | None,
    listing: str | None,
    only_open: bool,
    after: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List products, hidden and withdrawn ones too: programs first, then course runs by id."""
    now = context.now
    wanted = ProductFilters(search=search, kind=kind, listing=listing, only_open=only_open)
    with context.shop.read() as work:
        everything = work.products.everything()
    found, more = wanted.page(everything, now, after=after, limit=limit)
    print_page(
        Page(found, found[-1].sku.text if more else None),
        as_json=as_json,
        name="products",
        shape=lambda product: context.json_output.product(product, now),
        table=lambda shown: standing_table(shown, context.text_output, now),
        none="There are no such products.",
    )


@catalogue.command(example="coursetill catalogue show 6.431x-1T2027")
@click.argument("sku", type=options.SKU)
@options.as_json
@click.pass_obj
def show(context: CommandContext, *, sku: str, as_json: bool) -> None:
    """Show one product: price history, seats, courses and runs, and the changes by staff."""
    with context.shop.read() as work:
        product = shown(work, Sku.of(sku))
    if as_json:
        terminal.print_json(product.shape(context.json_output, context.now))
    else:
        product.tell(context.text_output, context.now)


@catalogue.command(example="coursetill catalogue history 6.431x-1T2027")
@click.argument("sku", type=options.SKU)
@click.option(
    "--after", type=click.IntRange(1), metavar="NUMBER", help="Continue after this change."
)
@options.limit(default=50)
@options.as_json
@click.pass_obj
def history(
    context: CommandContext, *, sku: str, after: int | None, limit: int, as_json: bool
) -> None:
    """Show every price version of a product, and the changes by staff, newest first."""
    with context.shop.read() as work:
        past = history_of(work, Sku.of(sku), after=after, limit=limit)
    if as_json:
        terminal.print_json(past.shape(context.json_output))
        return
    past.tell(context.text_output)
    if past.following:
        terminal.print_note(f"There are more: --after {past.following}")


@catalogue.command(example="coursetill catalogue export --out catalogue.csv")
@click.option(
    "--out", metavar="FILE", type=WRITTEN, default="-", help="The file to write; by default stdout."
)
@options.as_json
@click.pass_obj
def export(context: CommandContext, *, out: str, as_json: bool) -> None:
    """Write all products as comma-separated values, sorted by sku, in the format of the import.

    Hidden and withdrawn products are included. Importing the file again changes nothing.
    """
    with context.shop.read() as work, written_to(out) as stream:
        if as_json:
            json_output, now = context.json_output, context.now
            shapes = (json_output.product(product, now) for product in every_product(work))
            count = write_shapes("products", shapes, stream)
        else:
            count = write_catalogue(every_product(work), stream)
    if out != "-" or sys.stderr.isatty():
        terminal.print_note(f"Wrote {terminal.counted(count, 'product')}.")
