"""What a basket costs now, line by line, and what stands in the way of buying it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

import attrs

from core.baskets.basket import AnotherCurrency, Basket, BasketIsEmpty, Item
from core.discounts.discount import (
    Discount,
    NotForTheseProducts,
    Offer,
    Source,
    TakesNothingOff,
    UnknownCode,
    UsedByYou,
    UsedUp,
)
from core.discounts.personal_offers import PersonalOffer, PriceSource, offered_to
from core.discounts.pricing import PricedLine, priced, taken_off
from core.errors import Refused, ShopError
from core.identity import Learner, LearnerId
from core.money import Currency, Money, total
from core.orders.history import State
from core.orders.line import DiscountCode, Line, OfferCode, PaymentType, SoldRun
from core.orders.order import Order, OrderSearch
from core.payments.attempt import Reference
from core.products.product import CourseRun, NotSellable, Product, Program, Sku, SoldOut
from core.unit_of_work import UnitOfWork

PurchaseRule = Callable[[Learner, Product], Refused | None]
"""A rule of the host: why this learner may not buy this product, or None."""


@attrs.frozen
class AlreadyBought(Refused):
    title: str
    bought: str
    order: Reference

    def __str__(self) -> str:
        if self.bought == self.title:
            return f"You bought {self.title} already, with order {self.order}"
        return f"{self.title} is part of {self.bought}, which you bought with order {self.order}"


@attrs.frozen
class PickedForProgram(Refused):
    title: str
    program: str

    def __str__(self) -> str:
        return f"You picked {self.title} for {self.program} in this basket already. Remove it here"


@attrs.frozen
class NotARunOfProgram(Refused):
    run: str
    program: str

    def __str__(self) -> str:
        return f"{self.run} is not a run of a course of {self.program}. Pick another run"


@attrs.frozen
class TwoRunsOfOneCourse(Refused):
    course: str
    program: str

    def __str__(self) -> str:
        return f"Pick one run of {self.course} for {self.program}, not two"


@attrs.frozen
class QuotedLine:
    """One item of a basket: what it costs now, or why it cannot be bought.

    `owned_runs` are picked runs that the learner owns already: that forbids nothing, but they
    should know before they pay.
    """

    item: Item
    product: Product
    runs: tuple[Product, ...]
    priced: PricedLine
    why_not: Refused | None
    owned_runs: tuple[Product, ...] = ()

    @property
    def due(self) -> Money:
        return self.priced.due

    @property
    def price_was(self) -> Money | None:
        """The list price when it was put in the basket, where that has changed."""
        changed = self.item.seen_price != self.product.price
        return self.item.seen_price if changed else None

    def sold(self, position: int) -> Line:
        """This line as an order keeps it: copies of everything that was shown."""
        product, sells = self.product, self.product.sells
        run = sells if isinstance(sells, CourseRun) else None
        return Line(
            position=position,
            sku=product.sku,
            readable_id=product.readable_id,
            title=product.title,
            kind="program" if isinstance(sells, Program) else "course-run",
            price_version=product.price_version.number,
            list_price=self.priced.list_price,
            reduction=self.priced.reduction,
            due=self.priced.due,
            runs=tuple(_sold_run(run) for run in self.runs),
            starts_at=run.starts_at if run else None,
            ends_at=run.ends_at if run else None,
        )


def _sold_run(run: Product) -> SoldRun:
    sells = run.sells
    starts, ends = (
        (sells.starts_at, sells.ends_at) if isinstance(sells, CourseRun) else (None, None)
    )
    return SoldRun(run.sku, run.readable_id, run.title, starts, ends)


@attrs.frozen
class QuotedCode:
    """A code in the basket: how many lines it lowers, and why it lowers no others.

    `beaten_by` are the codes of the discounts and offers that leave less to pay for lines which it
    would lower too, `not_for` is the number of lines that it is not for.
    """

    code: DiscountCode
    lines: int
    saving: str = ""
    why_not: ShopError | None = None
    beaten_by: tuple[DiscountCode | OfferCode, ...] = ()
    not_for: int = 0

    @property
    def beaten(self) -> bool:
        """Whether it would take something off, but every line has a better discount."""
        return bool(self.beaten_by) and not self.lines


@attrs.frozen
class Quote:
    """A whole basket at the prices of one moment."""

    lines: tuple[QuotedLine, ...]
    codes: tuple[QuotedCode, ...]
    currency: Currency

    @property
    def total(self) -> Money:
        """What is due for every line that can be bought."""
        return total((line.due for line in self.lines if line.why_not is None), self.currency)

    @property
    def list_total(self) -> Money:
        prices = (line.priced.list_price for line in self.lines if line.why_not is None)
        return total(prices, self.currency)

    @property
    def saved(self) -> Money:
        return self.list_total - self.total

    @property
    def discounts(self) -> tuple[Discount, ...]:
        """The discounts that lower a line, each once, by code."""
        used = {line.priced.discount for line in self.lines if line.priced.discount is not None}
        return tuple(sorted(used, key=lambda discount: discount.code))

    @property
    def fingerprint(self) -> str:
        """The same for the same products, picked runs and prices, in any order."""
        told = sorted(
            f"{line.product.sku}|{','.join(sorted(run.sku.text for run in line.runs))}|"
            f"{line.due.minor}|{line.priced.taken.code if line.priced.taken else ''}"
            for line in self.lines
        )
        return hashlib.sha256("\n".join([self.currency.code, *told]).encode()).hexdigest()

    def sellable(self) -> Quote:
        """This quote, if all of it can be bought. Raises BasketIsEmpty or the first refusal."""
        if not self.lines:
            raise BasketIsEmpty()
        for line in self.lines:
            if line.why_not is not None:
                raise line.why_not
        return self


@attrs.frozen
class Circumstances:
    """What the records say about a basket's shopper and products."""

    products: Mapping[Sku, Product]
    offers: tuple[Offer, ...]
    owned: Mapping[Sku, Reference]
    owner: Learner | None = None
    rules: tuple[PurchaseRule, ...] = ()
    personal: tuple[PersonalOffer, ...] = ()

    def without(self, orders: Collection[Order]) -> Circumstances:
        """These circumstances as if orders held no seats and no uses of codes."""
        seats = Counter(sku for order in orders for sku in order.skus)
        uses = Counter(code for order in orders for code in order.codes)
        products = {
            sku: attrs.evolve(product, seats_taken=max(product.seats_taken - seats[sku], 0))
            for sku, product in self.products.items()
        }
        offers = tuple(
            attrs.evolve(
                offer,
                used=offer.used - uses[offer.discount.code],
                used_by_learner=offer.used_by_learner - uses[offer.discount.code],
            )
            for offer in self.offers
        )
        return attrs.evolve(self, products=products, offers=offers)


def quoted(
    work: UnitOfWork,
    basket: Basket,
    at: datetime,
    *,
    rules: Iterable[PurchaseRule] = (),
    sources: Iterable[PriceSource] = (),
) -> Quote:
    """What basket costs at that moment, from three reads however much is in it.

    Each source is asked once, and only for a learner: a visitor has the prices of everybody. Raises
    PricingUnavailable.

    What the learner's own pending order holds is theirs to buy, so it stands in their way no more
    than if it were free: one more read, and only where a seat or a use of a code is missing.
    """
    learner = basket.shopper if isinstance(basket.shopper, Learner) else None
    products = work.products.among(basket.skus) if basket.items else {}
    offers = work.discounts.offered(basket.codes, learner, at)
    owned = _owned(work, learner.id, products.values()) if learner and products else {}
    sold = [products[item.sku] for item in basket.items if item.sku in products]
    personal = offered_to(learner, sold, at, sources=sources) if learner else ()
    known = Circumstances(products, offers, owned, learner, tuple(rules), personal)
    found = quote(basket, at, known)
    if learner is not None and _something_is_taken(found, offers, at):
        pending = work.orders.search(OrderSearch(learner=learner.id, state=State.PENDING))
        found = quote(basket, at, known.without(pending)) if pending else found
    return found


def _something_is_taken(found: Quote, offers: Iterable[Offer], at: datetime) -> bool:
    seats = any(isinstance(line.why_not, SoldOut) for line in found.lines)
    return seats or any(isinstance(offer.why_not(at), UsedUp | UsedByYou) for offer in offers)


def _owned(
    work: UnitOfWork, learner: LearnerId, products: Iterable[Product]
) -> Mapping[Sku, Reference]:
    wanted = {sku for product in products for sku in (product.sku, *product.programs)}
    return work.orders.owned(learner, wanted)


def quote(basket: Basket, at: datetime, known: Circumstances) -> Quote:
    """What basket costs at that moment under these circumstances: a pure function."""
    refused = {offer.discount.code: offer.why_not(at) for offer in known.offers}
    usable = [offer.discount for offer in known.offers if refused[offer.discount.code] is None]
    lines = tuple(
        _line(item, basket, at, known=known, usable=usable)
        for item in basket.items
        if item.sku in known.products
    )
    codes = tuple(_code(code, lines, refused=refused, usable=usable) for code in basket.codes)
    return Quote(lines, codes, basket.currency or Currency.USD)


def _line(
    item: Item, basket: Basket, at: datetime, *, known: Circumstances, usable: Collection[Discount]
) -> QuotedLine:
    product = known.products[item.sku]
    runs = tuple(sorted((known.products[sku] for sku in item.runs), key=lambda run: run.number))
    return QuotedLine(
        item,
        product,
        runs,
        priced(product, (*usable, *known.personal)),
        _why_not(product, basket, at, known=known) or picks_refused(product, runs, at),
        tuple(run for run in runs if run.sku in known.owned),
    )


def _why_not(
    product: Product, basket: Basket, at: datetime, *, known: Circumstances
) -> Refused | None:
    not_sellable: NotSellable | None = product.why_not(at)
    if not_sellable is not None:
        return not_sellable
    if basket.currency not in (None, product.price.currency):
        return AnotherCurrency(product.title, product.price, basket.currency)
    bought = bought_already(product, known.owned)
    if bought is not None:
        return bought
    for other in basket.items:
        if product.sku in other.runs:
            return PickedForProgram(product.title, known.products[other.sku].title)
    if known.owner is not None:
        for rule in known.rules:
            refusal = rule(known.owner, product)
            if refusal is not None:
                return refusal
    return None


def bought_already(product: Product, owned: Mapping[Sku, Reference]) -> AlreadyBought | None:
    """Why product need not be bought again, where it or a program with its course is owned."""
    if product.sku in owned:
        return AlreadyBought(product.title, product.title, owned[product.sku])
    for program in sorted(product.programs):
        if program in owned:
            return AlreadyBought(product.title, f"the program {program}", owned[program])
    return None


def picks_refused(program: Product, runs: Iterable[Product], at: datetime) -> Refused | None:
    """Why these runs cannot be picked for program, or None.

    Each belongs to one of its courses and is open; no course has two (domain: Products).
    """
    courses = set()
    for run in runs:
        if run.course is None or run.course not in program.courses:
            return NotARunOfProgram(run.title, program.title)
        if run.course in courses:
            return TwoRunsOfOneCourse(run.title, program.title)
        courses.add(run.course)
        closed = run.why_not(at)
        if closed is not None:
            return closed
    return None


def _code(
    code: DiscountCode,
    lines: Collection[QuotedLine],
    *,
    refused: Mapping[DiscountCode, ShopError | None],
    usable: Collection[Discount],
) -> QuotedCode:
    if code not in refused:
        return QuotedCode(code, 0, why_not=UnknownCode(code))
    discount = next((d for d in usable if d.code == code), None)
    if discount is None:
        return QuotedCode(code, 0, why_not=refused[code])
    told = str(discount.saving)
    if not lines:
        return QuotedCode(code, 0, told)
    covered = [line for line in lines if discount.covers(line.product)]
    if not covered:
        return QuotedCode(code, 0, told, NotForTheseProducts(code))
    winners = [
        line.priced.taken.code
        for line in covered
        if line.priced.taken is not None and taken_off(discount, line.product.price)
    ]
    if not winners:
        return QuotedCode(code, 0, told, TakesNothingOff(code))
    others = tuple(sorted({w for w in winners if w != code}, key=lambda winner: winner.text))
    not_for = len(lines) - len(covered)
    return QuotedCode(code, winners.count(code), told, beaten_by=others, not_for=not_for)


def typed(offers: Iterable[Offer], code: DiscountCode) -> Offer:
    """The offer a learner may type as code. Raises UnknownCode, of one never typed too."""
    for offer in offers:
        discount = offer.discount
        aid = discount.payment_type is PaymentType.FINANCIAL_ASSISTANCE
        theirs = discount.source is Source.TYPED or offer.assigned
        if discount.code == code and theirs and not aid:
            return offer
    raise UnknownCode(code)
