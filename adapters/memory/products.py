"""Products, prices and seats in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

import attrs

from adapters.memory.records import Draft, Records
from core.products.product import (
    CourseId,
    CourseRun,
    FewerSeatsThanTaken,
    Listing,
    PriceVersion,
    Product,
    ProductExists,
    ProductsHaveChanged,
    Program,
    ReadableIdIsTaken,
    Sku,
    SoldOut,
    UnknownProduct,
)
from core.products.search import (
    CatalogueCounts,
    CataloguePage,
    CatalogueSearch,
    ProductKind,
)

_LAST = datetime.max.replace(tzinfo=UTC)


class MemoryProducts:
    def __init__(self, draft: Draft):
        self._draft = draft

    def get(self, sku: Sku, /) -> Product:
        found = self.among([sku])
        if sku not in found:
            raise UnknownProduct(sku)
        return found[sku]

    def among(self, skus: Collection[Sku], /) -> Mapping[Sku, Product]:
        kept = self._draft.records.products
        return {p.sku: p for p in self._whole(kept[sku] for sku in set(skus) if sku in kept)}

    def runs_of(self, courses: Collection[CourseId], /) -> tuple[Product, ...]:
        found = self._whole(p for p in self._all() if p.course in courses)
        return tuple(sorted(found, key=lambda p: (_start(p), p.sku)))

    def programs_with(self, courses: Collection[CourseId], /) -> tuple[Product, ...]:
        found = (p for p in self._all() if set(courses).intersection(p.courses))
        return tuple(sorted(found, key=lambda p: (p.title, p.sku)))

    def search(self, wanted: CatalogueSearch, /) -> CataloguePage[Product]:
        found = sorted(
            (
                p
                for p in self._all()
                if p.listing is Listing.ON_SALE and all(w in p.search_text for w in wanted.words)
            ),
            key=lambda p: p.shelf_place,
        )
        counts = Counter((_kind(p), p.why_not(wanted.at) is None) for p in found)
        page = [
            p
            for p in found
            if wanted.kind in {None, _kind(p)}
            and not (wanted.open_only and p.why_not(wanted.at) is not None)
        ]
        return CataloguePage(
            self._whole(page[wanted.offset : wanted.offset + wanted.limit]), _counted(counts)
        )

    def everything(self) -> tuple[Product, ...]:
        return self._whole(sorted(self._all(), key=lambda p: p.shelf_place))

    def following(self, sku: Sku | None, limit: int, /) -> tuple[Product, ...]:
        after = (p for p in self._all() if sku is None or p.sku > sku)
        return self._whole(sorted(after, key=lambda p: p.sku)[:limit])

    def prices(self, sku: Sku, /) -> tuple[PriceVersion, ...]:
        return self._draft.records.prices.get(sku, ())

    def add(self, new: Collection[Product], /) -> None:
        with self._draft.change() as records:
            for product in new:
                if product.sku in records.products or _has_readable_id(records, product):
                    raise ProductExists(_skus(new))
                if product.seats is not None and product.seats_taken > product.seats:
                    raise ValueError(f"{product.sku} has more seats taken than it has")
                records.products[product.sku] = product
                records.prices[product.sku] = (product.price_version,)

    def save(self, changed: Collection[Product], /) -> None:
        with self._draft.change() as records:
            for product in changed:
                kept = records.products.get(product.sku)
                if kept is None or kept.version != product.version:
                    raise ProductsHaveChanged(_skus(changed))
                if _has_readable_id(records, product):
                    raise ReadableIdIsTaken(_skus(changed))
                if product.seats is not None and kept.seats_taken > product.seats:
                    raise FewerSeatsThanTaken(
                        product.sku, product.title, product.seats, kept.seats_taken
                    )
                records.products[product.sku] = attrs.evolve(
                    product,
                    seats_taken=kept.seats_taken,
                    price_version=_appended(records, product),
                    version=product.version + 1,
                )

    def take_seats(self, skus: Collection[Sku], /) -> None:
        with self._draft.change() as records:
            for sku in skus:
                product = records.products.get(sku)
                if product is None:
                    raise UnknownProduct(sku)
                if product.seats_left == 0:
                    raise SoldOut(sku, product.title)
                records.products[sku] = attrs.evolve(product, seats_taken=product.seats_taken + 1)

    def release_seats(self, skus: Collection[Sku], /) -> None:
        with self._draft.change() as records:
            for sku in skus:
                product = records.products.get(sku)
                if product is None or product.seats_taken == 0:
                    raise ValueError(f"{sku} has no seat to give back")
                records.products[sku] = attrs.evolve(product, seats_taken=product.seats_taken - 1)

    def _all(self) -> Iterable[Product]:
        return self._draft.records.products.values()

    def _whole(self, products: Iterable[Product]) -> tuple[Product, ...]:
        """The products; each course run with the programs that contain its course."""
        programs: dict[CourseId, set[Sku]] = {}
        for program in self._all():
            for course in program.courses:
                programs.setdefault(course, set()).add(program.sku)
        return tuple(
            attrs.evolve(
                product,
                sells=attrs.evolve(
                    product.sells,
                    programs=frozenset(programs.get(product.sells.course, ())),
                ),
            )
            if isinstance(product.sells, CourseRun)
            else product
            for product in products
        )


def _skus(products: Collection[Product]) -> tuple[Sku, ...]:
    return tuple(sorted(product.sku for product in products))


def _kind(product: Product) -> ProductKind:
    return ProductKind.PROGRAM if isinstance(product.sells, Program) else ProductKind.COURSE_RUN


def _start(product: Product) -> datetime:
    return (isinstance(product.sells, CourseRun) and product.sells.starts_at) or _LAST


def _has_readable_id(records: Records, wanted: Product) -> bool:
    """Whether another product has the readable id already."""
    return any(
        kept.readable_id == wanted.readable_id and kept.sku != wanted.sku
        for kept in records.products.values()
    )


def _appended(records: Records, product: Product) -> PriceVersion:
    """Append the price version to the history; an existing one stays as it is."""
    history = records.prices[product.sku]
    for kept in history:
        if kept.number == product.price_version.number:
            return kept
    records.prices[product.sku] = (*history, product.price_version)
    return product.price_version


def _counted(counts: Counter[tuple[ProductKind, bool]]) -> CatalogueCounts:
    run, program = ProductKind.COURSE_RUN, ProductKind.PROGRAM
    return CatalogueCounts(
        course_runs=counts[run, True] + counts[run, False],
        programs=counts[program, True] + counts[program, False],
        open_course_runs=counts[run, True],
        open_programs=counts[program, True],
    )
