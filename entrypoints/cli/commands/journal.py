"""The command that shows the changes by staff, and its table."""

from __future__ import annotations

import click

from core.audit_log import AuditSearch, Subject
from core.discount_code import DiscountCode
from core.products.product import Sku
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output.audit_text import journal_table
from entrypoints.cli.output.list_page import page_of, print_page


@click.command(cls=ShopCommand, example="coursetill journal --sku 6.431x-1T2027 --staff ann")
@click.option("--sku", type=options.SKU, help="Only changes of this product.")
@click.option("--code", type=options.CODE, help="Only changes of this discount.")
@click.option("--batch", help="Only changes of this batch of discounts.")
@click.option("--staff", "by", metavar="NAME", help="Only changes by this member of staff.")
@click.option(
    "--after", type=click.IntRange(1), metavar="NUMBER", help="Continue after this entry."
)
@options.limit(default=50)
@options.as_json
@click.pass_obj
def journal(
    context: CommandContext,
    *,
    sku: str | None,
    code: str | None,
    batch: str | None,
    by: str | None,
    after: int | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show the changes by staff, newest first: when, who, what and why.

    Covers products, discounts and learners. The changes of an order are in its own history.
    """
    about = [
        *([Subject.product(Sku.of(sku))] if sku else []),
        *([Subject.discount(DiscountCode.of(code))] if code else []),
        *([Subject.batch(batch)] if batch else []),
    ]
    if len(about) > 1:
        raise click.UsageError("Ask about one thing at a time: --sku, --code or --batch.")
    wanted = AuditSearch(about[0] if about else None, by, after, limit + 1)
    with context.shop.read() as work:
        found = work.audit_log.search(wanted)
    print_page(
        page_of(found, limit, lambda entry: entry.number),
        as_json=as_json,
        name="entries",
        shape=context.json_output.journal_entry,
        table=lambda shown: journal_table(shown, context.text_output),
        none="There are no such entries.",
    )
