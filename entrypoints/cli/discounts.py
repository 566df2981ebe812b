"""Commands of the discounts: create, show, list."""

from __future__ import annotations

from datetime import datetime

import attrs
import click

from core.discounting import WrittenDiscount, create_discount
from core.discounts.discount import (
    DiscountSearch,
    Offer,
    RedemptionType,
    Source,
)
from core.discounts.kinds import KINDS
from core.money import Currency
from core.orders.line import DiscountCode, PaymentType
from entrypoints.cli import options, printing
from entrypoints.cli.desk import Desk
from entrypoints.cli.groups import ShopGroup
from entrypoints.identifiers import new_discount_id


@click.group(cls=ShopGroup)
def discounts() -> None:
    """Create discount codes, and see how they are used."""


@discounts.command(
    example="coursetill discounts create WELCOME25 --kind percent-off --amount 25 --as ann"
)
@click.argument("code")
@click.option("--kind", type=click.Choice(list(KINDS)), required=True)
@click.option("--amount", required=True, help="25 for 25 %, 50.00 for an amount or a price.")
@click.option("--currency", type=click.Choice([c.code for c in Currency]), default="USD")
@click.option(
    "--source",
    type=click.Choice([source.value for source in Source]),
    default=Source.TYPED.value,
    show_default=True,
    help="Typed by the learner, automatic, or assigned to learners.",
)
@click.option(
    "--sku",
    "skus",
    multiple=True,
    help="Only for this product (a program: its runs too); can be repeated.",
)
@click.option("--course", "courses", multiple=True, help="Only for this course's runs; the same.")
@click.option("--from", "activates_at", type=options.MOMENT, help="Not before this moment.")
@click.option("--until", "expires_at", type=options.MOMENT, help="Not from this moment on.")
@click.option(
    "--redemption",
    "redemption_type",
    type=click.Choice([each.value for each in RedemptionType]),
    default=RedemptionType.UNLIMITED.value,
    show_default=True,
)
@click.option("--max", "max_redemptions", type=click.IntRange(1), help="How often in all.")
@click.option("--max-per-learner", type=click.IntRange(1), help="How often for each learner.")
@click.option(
    "--payment-type",
    type=click.Choice([each.value for each in PaymentType]),
    default=PaymentType.MARKETING.value,
    show_default=True,
    help="Why it exists, for finance.",
)
@click.option("--learner", "learners", multiple=True, help="Whose it is, if assigned; the same.")
@click.option(
    "--email", "emails", multiple=True, help="Whoever signs in with this address; the same."
)
@options.reason()
@options.staff_name
@options.as_json
@click.pass_obj
def create(
    desk: Desk,
    *,
    code: str,
    kind: str,
    amount: str,
    currency: str,
    source: str,
    skus: tuple[str, ...],
    courses: tuple[str, ...],
    activates_at: datetime | None,
    expires_at: datetime | None,
    redemption_type: str,
    max_redemptions: int | None,
    max_per_learner: int | None,
    payment_type: str,
    learners: tuple[str, ...],
    emails: tuple[str, ...],
    reason: str,
    staff: str | None,
    as_json: bool,
) -> None:
    """Create a discount under CODE. Without --sku and --course it is for every product."""
    wanted = WrittenDiscount(
        code=code,
        kind=kind,
        amount=amount,
        currency=currency,
        source=Source(source),
        skus=skus,
        courses=courses,
        activates_at=activates_at,
        expires_at=expires_at,
        redemption_type=RedemptionType(redemption_type),
        max_redemptions=max_redemptions,
        max_per_learner=max_per_learner,
        payment_type=PaymentType(payment_type),
        learners=learners,
        emails=emails,
    )
    discount = create_discount(
        wanted,
        new_discount_id(),
        by=desk.staff(staff),
        why=reason,
        begin=desk.shop.begin,
        now=desk.now,
    )
    if as_json:
        printing.show_json(desk.shapes.discount(Offer(discount), desk.now))
    else:
        printing.tell(f"Created {discount.code}: {discount.saving}.")
        _tell(desk, Offer(discount))


@discounts.command(example="coursetill discounts show WELCOME25")
@click.argument("code")
@options.as_json
@click.pass_obj
def show(desk: Desk, *, code: str, as_json: bool) -> None:
    """Show one discount: what it saves, on what, when, and how often it was used."""
    with desk.shop.look() as work:
        offer = work.discounts.get(DiscountCode.of(code))
    if as_json:
        printing.show_json(desk.shapes.discount(offer, desk.now))
    else:
        _tell(desk, offer)


@discounts.command("list", example="coursetill discounts list --prefix SPRING")
@click.option("--prefix", default="", help="Only codes that begin like this.")
@click.option("--after", metavar="CODE", help="Go on after this code.")
@options.limit(default=50)
@options.as_json
@click.pass_obj
def list_(desk: Desk, *, prefix: str, after: str | None, limit: int, as_json: bool) -> None:
    """List discounts by code."""
    last = DiscountCode.of(after) if after else None
    wanted = DiscountSearch(prefix.strip().upper(), after=last, limit=limit + 1)
    with desk.shop.look() as work:
        found = work.discounts.search(wanted)
    shown, now = found[:limit], desk.now
    following = shown[-1].discount.code.text if len(found) > limit else None
    if as_json:
        told = [desk.shapes.discount(offer, now) for offer in shown]
        printing.show_json({"discounts": told, "next": following})
        return
    printing.table(
        ("Code", "Saves", "On", "Limits", "Used", "Now"),
        [
            (
                offer.discount.code.text,
                str(offer.discount.saving),
                desk.words.scope(offer.discount),
                desk.words.limits(offer.discount.limits),
                str(offer.used),
                _standing(offer, now),
            )
            for offer in shown
        ],
        right=("Used",),
    )
    if not shown:
        printing.say("There are no such discounts.")
    if following:
        printing.say(f"There are more: --after {following}")


def _standing(offer: Offer, at: datetime) -> str:
    """Whether somebody could use it now."""
    refusal = attrs.evolve(offer, assigned=True).why_not(at)
    return "usable" if refusal is None else str(refusal)


def _tell(desk: Desk, offer: Offer) -> None:
    discount, words = offer.discount, desk.words
    printing.facts(
        [
            ("Code", discount.code.text),
            ("Saves", str(discount.saving)),
            ("Kind", discount.saving.kind),
            ("Source", discount.source.value),
            ("On", words.scope(discount)),
            ("When", words.window(discount.window.activates_at, discount.window.expires_at)),
            ("Limits", words.limits(discount.limits)),
            ("For", discount.payment_type.value),
            ("Used", str(offer.used)),
            ("Now", _standing(offer, desk.now)),
        ]
    )
