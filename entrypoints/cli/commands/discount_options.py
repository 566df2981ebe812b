"""Options that commands of discounts share: the terms of a discount, and the selection of some."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar

import click

from core.discount_code import DiscountCode, PaymentType
from core.discounts.discount import RedemptionType, Source
from core.discounts.selection import Selection, SelectOneWay, batch_name
from core.money import Currency
from core.use_cases.discounts.create_discount import DiscountDraft
from entrypoints.cli.app import options
from entrypoints.composition.discount_kinds import discount_kinds

F = TypeVar("F", bound=Callable[..., Any])

_KINDS = discount_kinds()
_AMOUNTS = ", ".join(f"{each.amount_format} ({name})" for name, each in sorted(_KINDS.items()))

_TERMS = (
    click.option("--kind", type=click.Choice(sorted(_KINDS)), required=True),
    click.option("--amount", required=True, help=f"The amount: {_AMOUNTS}."),
    click.option("--currency", type=click.Choice([c.code for c in Currency]), default="USD"),
    click.option(
        "--source",
        type=click.Choice([source.value for source in Source]),
        default=Source.TYPED.value,
        show_default=True,
        help="Typed by the learner, automatic, or assigned to learners.",
    ),
    click.option(
        "--sku",
        "skus",
        type=options.SKU,
        multiple=True,
        help="Only for this product (for a program, its runs too); can be repeated.",
    ),
    click.option(
        "--course", "courses", multiple=True, help="Only for this course's runs; can be repeated."
    ),
    click.option("--from", "activates_at", type=options.MOMENT, help="Valid from this time."),
    click.option("--until", "expires_at", type=options.MOMENT, help="Valid until this time."),
    click.option(
        "--redemption",
        "redemption_type",
        type=click.Choice([each.value for each in RedemptionType]),
        default=RedemptionType.UNLIMITED.value,
        show_default=True,
    ),
    click.option(
        "--max", "max_redemptions", type=click.IntRange(1), help="How many uses in total."
    ),
    click.option(
        "--max-per-learner", type=click.IntRange(1), help="How many uses for each learner."
    ),
    click.option(
        "--payment-type",
        type=click.Choice([each.value for each in PaymentType]),
        default=PaymentType.MARKETING.value,
        show_default=True,
        help="The purpose, for finance.",
    ),
)


def terms(command: F) -> F:
    """The options for the terms of a discount; `written` turns their values into a draft."""
    return reduce(lambda decorated, option: option(decorated), reversed(_TERMS), command)


def written(code: str, terms: dict[str, Any], **more: Any) -> DiscountDraft:
    """The discount that the options of `terms` describe."""
    enums = {
        "source": Source(terms["source"]),
        "redemption_type": RedemptionType(terms["redemption_type"]),
        "payment_type": PaymentType(terms["payment_type"]),
    }
    return DiscountDraft(code=code, **{**terms, **enums, **more})


def which(command: F) -> F:
    """CODE, --prefix and --batch; `selection` turns their values into one selection."""
    decorators = (
        click.argument("code", type=options.CODE, required=False),
        click.option("--prefix", help="Every code with this beginning."),
        click.option("--batch", help="Every code of this batch."),
    )
    return reduce(lambda decorated, each: each(decorated), reversed(decorators), command)


def selection(code: str | None, prefix: str | None, batch: str | None) -> Selection:
    """The selected discounts. Raises UsageError unless exactly one of the options is used."""
    try:
        return Selection(
            None if code is None else DiscountCode.of(code),
            prefix or "",
            None if batch is None else batch_name(batch),
        )
    except SelectOneWay:
        raise click.UsageError(
            "Say which discounts in one way: a CODE, --prefix or --batch."
        ) from None
