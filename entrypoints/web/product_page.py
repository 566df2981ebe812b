"""The content of a product page: price for this shopper, runs, what they own already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from core.baskets.basket import Item
from core.discounts.personal_offers import PriceSource, offers_for
from core.discounts.pricing import PricedLine, priced
from core.identity import Learner, Shopper
from core.order_reference import Reference
from core.products.product import CourseId, CourseRun, Listing, NotSellable, Product, Sku
from core.unit_of_work import UnitOfWork
from core.use_cases.pricing.eligibility import AlreadyBought, bought_already


@attrs.frozen
class CoursePage:
    """One course of a program, with the runs to pick from."""

    id: CourseId
    title: str | None
    runs: tuple[Product, ...]
    owned: tuple[Product, ...]


@attrs.frozen
class ProductPage:
    """One product as one shopper sees it at one moment."""

    product: Product
    price: PricedLine
    why_not: NotSellable | None
    bought: AlreadyBought | None
    runs: tuple[Product, ...]
    programs: tuple[Product, ...]
    courses: tuple[CoursePage, ...]
    item: Item | None
    at: datetime

    @property
    def picked(self) -> frozenset[Sku]:
        """The runs picked in the basket already."""
        return self.item.runs if self.item else frozenset()

    @property
    def instead(self) -> Product | None:
        """Another run to buy instead of this closed one: the next to start, if any is open."""
        others = [run for run in self.runs if run.sku != self.product.sku]
        opened = [run for run in others if run.why_not(self.at) is None]
        later = [run for run in opened if self.at < (_starts(run) or self.at)]
        return next(iter(later or opened), None)

    @property
    def buyable(self) -> bool:
        return self.why_not is None and self.bought is None


def _starts(run: Product) -> datetime | None:
    return run.sells.starts_at if isinstance(run.sells, CourseRun) else None


def product_page_of(
    work: UnitOfWork,
    sku: Sku,
    shopper: Shopper,
    *,
    at: datetime,
    sources: Iterable[PriceSource] = (),
) -> ProductPage:
    """The page's content, in six reads at most. Raises UnknownProduct or PricingUnavailable."""
    product = work.products.get(sku)
    basket = work.baskets.of(shopper)
    learner = shopper if isinstance(shopper, Learner) else None
    offers = work.discounts.offered(basket.codes, learner, at)
    usable = [offer.discount for offer in offers if offer.why_not(at) is None]
    personal = offers_for(learner, [product], at, sources=sources) if learner else ()
    courses = [product.course] if product.course else list(product.courses)
    runs = work.products.runs_of(courses)
    owned: Mapping[Sku, Reference] = {}
    if learner:
        wanted = {product.sku, *product.programs, *(run.sku for run in runs)}
        owned = work.orders.owned(learner.id, wanted)
    return ProductPage(
        product,
        priced(product, (*usable, *personal)),
        product.why_not(at),
        bought_already(product, owned),
        _siblings(product, runs),
        work.products.programs_with([product.course]) if product.course else (),
        tuple(_course(course, runs, owned, at=at) for course in product.courses),
        next((item for item in basket.items if item.sku == sku), None),
        at,
    )


def _siblings(product: Product, runs: Sequence[Product]) -> tuple[Product, ...]:
    """The listed runs of the same course, and always this one."""
    if not product.course:
        return ()
    return tuple(run for run in runs if run.listing is Listing.ON_SALE or run.sku == product.sku)


def _course(
    course: CourseId, runs: Sequence[Product], owned: Mapping[Sku, Reference], *, at: datetime
) -> CoursePage:
    mine = [run for run in runs if run.course == course]
    return CoursePage(
        course,
        mine[-1].title if mine else None,
        tuple(r for r in mine if r.listing is Listing.ON_SALE and r.why_not(at) is None),
        tuple(run for run in mine if run.sku in owned),
    )
