"""Commands of single discounts: create, show, list. Other modules have those for many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs
import click

from core.audit_log import AuditSearch
from core.discount_code import DiscountCode
from core.discounts.discount import DiscountSearch, Offer
from core.discounts.selection import batch_name
from core.identity import EmailAddress
from core.use_cases.discounts.bulk_discounts import subjects_about
from core.use_cases.discounts.create_discount import create_discount
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.commands import discount_options
from entrypoints.cli.commands.discount_batches import export, generate, import_
from entrypoints.cli.commands.discount_changes import assign, expire, extend
from entrypoints.cli.commands.discount_use import check, redemptions, report
from entrypoints.cli.output import terminal
from entrypoints.cli.output.audit_text import journal_table
from entrypoints.cli.output.list_page import page_of, print_page
from entrypoints.composition.clock_and_ids import new_discount_id

SOME = 10
"""The number of a discount's learners that people see."""


@click.group(cls=ShopGroup)
def discounts() -> None:
    """Create discount codes, and see their use."""


for command in (generate, import_, export, extend, expire, assign, check, redemptions, report):
    discounts.add_command(command)


@discounts.command(
    example="coursetill discounts create WELCOME25 --kind percent-off --amount 25 --as ann"
)
@click.argument("code")
@discount_options.terms
@click.option(
    "--learner", "learners", multiple=True, help="A learner it is assigned to; can be repeated."
)
@click.option(
    "--email", "emails", multiple=True, help="The address a learner signs in with; can be repeated."
)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def create(
    context: CommandContext,
    /,
    *,
    code: str,
    reason: str,
    staff: str | None,
    as_json: bool,
    **terms: Any,
) -> None:
    """Create a discount with this CODE. Without --sku and --course it is for every product."""
    discount = create_discount(
        discount_options.written(code, terms),
        new_discount_id(),
        by=context.staff(staff),
        why=reason,
        begin=context.shop.begin,
        now=context.now,
        kinds=context.shop.kinds,
    )
    if as_json:
        terminal.print_json(context.json_output.discount(Offer(discount), context.now))
    else:
        terminal.print_line(
            f"Created {discount.code}: {context.wording.sentence(discount.saving)}."
        )
        _tell(context, Offer(discount))


@discounts.command(example="coursetill discounts show WELCOME25")
@click.argument("code", type=options.CODE)
@options.as_json
@click.pass_obj
def show(context: CommandContext, *, code: str, as_json: bool) -> None:
    """Show one discount: saving, products, dates, use, and changes by staff.

    Includes changes of its batch, and of all codes with the same beginning.
    """
    with context.shop.read() as work:
        offer = work.discounts.get(DiscountCode.of(code))
        to = work.discounts.assignees([offer.discount.id]).get(offer.discount.id, frozenset())
        entries = work.audit_log.search(AuditSearch(about=subjects_about(offer.discount)))
    emails = sorted(each.text for each in to if isinstance(each, EmailAddress))
    learners = sorted(each for each in to if not isinstance(each, EmailAddress))
    if as_json:
        shape = context.json_output.discount(offer, context.now)
        journal = [context.json_output.journal_entry(entry) for entry in entries]
        terminal.print_json({**shape, "learners": learners, "emails": emails, "journal": journal})
        return
    _tell(context, offer, whose=_some([*learners, *emails]))
    if entries:
        terminal.print_heading("Journal")
        journal_table(entries, context.text_output)


@discounts.command("list", example="coursetill discounts list --prefix SPRING")
@click.option("--prefix", default="", help="Only codes with this beginning.")
@click.option("--batch", help="Only codes of this batch.")
@click.option("--after", type=options.CODE, help="Continue after this code.")
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(
    context: CommandContext,
    *,
    prefix: str,
    batch: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List discounts by code."""
    last = DiscountCode.of(after) if after else None
    name = None if batch is None else batch_name(batch)
    wanted = DiscountSearch(prefix.strip().upper(), name, after=last, limit=limit + 1)
    with context.shop.read() as work:
        found = work.discounts.search(wanted)
    now = context.now
    print_page(
        page_of(found, limit, lambda offer: offer.discount.code.text),
        as_json=as_json,
        name="discounts",
        shape=lambda offer: context.json_output.discount(offer, now),
        table=lambda shown: _table(context, shown, now),
        none="There are no such discounts.",
    )


def _table(context: CommandContext, offers: Sequence[Offer], now: datetime) -> None:
    terminal.print_table(
        ("Code", "Saves", "On", "Limits", "Used", "Now"),
        [
            (
                offer.discount.code.text,
                context.wording.sentence(offer.discount.saving),
                context.text_output.scope(offer.discount),
                context.text_output.limits(offer.discount.limits),
                str(offer.used),
                _standing(context, offer, now),
            )
            for offer in offers
        ],
        right=("Used",),
    )


def _standing(context: CommandContext, offer: Offer, at: datetime) -> str:
    """Whether the discount can be used now."""
    refusal = attrs.evolve(offer, assigned=True).why_not(at)
    return "usable" if refusal is None else context.wording.sentence(refusal)


def _some(named: Sequence[str]) -> str:
    more = f" and {len(named) - SOME:,} more" if len(named) > SOME else ""
    return ", ".join(named[:SOME]) + more


def _tell(context: CommandContext, offer: Offer, *, whose: str = "") -> None:
    discount, text_output = offer.discount, context.text_output
    terminal.print_facts(
        [
            ("Code", discount.code.text),
            ("Saves", context.wording.sentence(discount.saving)),
            ("Kind", discount.saving.kind),
            ("Source", discount.source.value),
            ("On", text_output.scope(discount)),
            ("When", text_output.window(discount.window.activates_at, discount.window.expires_at)),
            ("Limits", text_output.limits(discount.limits)),
            ("For", discount.payment_type.value),
            ("Batch", discount.batch or ""),
            ("Whose", whose),
            ("Used", str(offer.used)),
            ("Now", _standing(context, offer, context.now)),
        ]
    )
