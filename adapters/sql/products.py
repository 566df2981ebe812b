"""Products in SQL, with their price versions and seat counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from adapters.sql.product_rows import (
    PRODUCTS,
    columns_of,
    counts_from,
    price_columns_of,
    price_version_from,
    product_from,
)
from adapters.sql.statements import Statements
from adapters.sql.tables import price_versions, products, program_courses
from core.products.product import (
    CourseId,
    FewerSeatsThanTaken,
    Listing,
    PriceVersion,
    Product,
    ProductExists,
    ProductsHaveChanged,
    ReadableIdIsTaken,
    Sku,
    SoldOut,
    UnknownProduct,
)
from core.products.search import CataloguePage, CatalogueSearch

_SAVE = (
    products.update()
    .where(
        products.c.sku == sa.bindparam("at_sku"),
        products.c.version == sa.bindparam("at_version"),
        sa.or_(
            sa.bindparam("seats", type_=sa.Integer).is_(None),
            products.c.seats_taken <= sa.bindparam("seats", type_=sa.Integer),
        ),
    )
    .values(
        {
            column.name: sa.bindparam(column.name)
            for column in products.c
            if column.name not in {"sku", "seats_taken"}
        }
    )
)
# A version number that exists already is never rewritten.
_APPEND_PRICE = price_versions.insert().from_select(
    [column.name for column in price_versions.c],
    sa.select(*(sa.bindparam(c.name, type_=c.type) for c in price_versions.c)).where(
        ~sa.exists().where(
            price_versions.c.sku == sa.bindparam("sku"),
            price_versions.c.number == sa.bindparam("number"),
        )
    ),
)


class SqlProducts:
    def __init__(self, run: Statements):
        self._run = run

    def get(self, sku: Sku, /) -> Product:
        row = self._run.row(PRODUCTS.where(products.c.sku == sku.text))
        if row is None:
            raise UnknownProduct(sku)
        return product_from(row)

    def among(self, skus: Collection[Sku], /) -> Mapping[Sku, Product]:
        rows = self._run.rows(PRODUCTS.where(products.c.sku.in_(sku.text for sku in skus)))
        return {product.sku: product for product in map(product_from, rows)}

    def runs_of(self, courses: Collection[CourseId], /) -> tuple[Product, ...]:
        return self._found(
            PRODUCTS.where(products.c.course.in_(courses)).order_by(
                products.c.starts_at.asc().nulls_last(), products.c.sku
            )
        )

    def programs_with(self, courses: Collection[CourseId], /) -> tuple[Product, ...]:
        having = sa.select(program_courses.c.program).where(program_courses.c.course.in_(courses))
        return self._found(
            PRODUCTS.where(products.c.sku.in_(having)).order_by(products.c.title, products.c.sku)
        )

    def search(self, wanted: CatalogueSearch, /) -> CataloguePage[Product]:
        matching = (
            products.c.listing == Listing.ON_SALE.value,
            *(products.c.search_text.contains(word, autoescape=True) for word in wanted.words),
        )
        open_now = sa.and_(
            sa.or_(
                products.c.enrollment_opens_at.is_(None),
                products.c.enrollment_opens_at <= wanted.at,
            ),
            sa.or_(
                products.c.payment_deadline_at.is_(None),
                products.c.payment_deadline_at > wanted.at,
            ),
            sa.or_(products.c.seats.is_(None), products.c.seats_taken < products.c.seats),
        )
        counts = self._run.rows(
            sa.select(
                products.c.kind,
                sa.func.count().label("all"),
                sa.func.sum(sa.case((open_now, 1), else_=0)).label("open"),
            )
            .where(*matching)
            .group_by(products.c.kind)
        )
        page = PRODUCTS.where(*matching).order_by(products.c.shelf_place)
        if wanted.kind is not None:
            page = page.where(products.c.kind == wanted.kind.value)
        if wanted.open_only:
            page = page.where(open_now)
        return CataloguePage(
            self._found(page.limit(wanted.limit).offset(wanted.offset)), counts_from(counts)
        )

    def everything(self) -> tuple[Product, ...]:
        return self._found(PRODUCTS.order_by(products.c.shelf_place))

    def following(self, sku: Sku | None, limit: int, /) -> tuple[Product, ...]:
        page = PRODUCTS.order_by(products.c.sku).limit(limit)
        return self._found(page if sku is None else page.where(products.c.sku > sku.text))

    def prices(self, sku: Sku, /) -> tuple[PriceVersion, ...]:
        rows = self._run.rows(
            price_versions.select()
            .where(price_versions.c.sku == sku.text)
            .order_by(price_versions.c.number)
        )
        return tuple(price_version_from(row, row.number) for row in rows)

    def add(self, new: Collection[Product], /) -> None:
        if not new:
            return
        self._run.change(
            products.insert(),
            [columns_of(product) | {"seats_taken": product.seats_taken} for product in new],
            taken=ProductExists(_skus(new)),
        )
        self._run.change(price_versions.insert(), [price_columns_of(product) for product in new])
        self._add_courses(new)

    def save(self, changed: Collection[Product], /) -> None:
        if not changed:
            return
        # Lock in one order everywhere seats are taken, so that two changes cannot
        # wait for each other.
        changed = sorted(changed, key=lambda product: product.sku)
        met = self._run.change(
            _SAVE,
            [
                columns_of(product)
                | {
                    "version": product.version + 1,
                    "at_sku": product.sku.text,
                    "at_version": product.version,
                }
                for product in changed
            ],
            taken=ReadableIdIsTaken(_skus(changed)),
        )
        if met != len(changed):
            self._run.refuse(self._why_not_saved(changed))
        self._run.change(_APPEND_PRICE, [price_columns_of(product) for product in changed])
        programs = [product.sku.text for product in changed if product.courses]
        if programs:
            self._run.change(
                program_courses.delete().where(program_courses.c.program.in_(programs))
            )
            self._add_courses(changed)

    def take_seats(self, skus: Collection[Sku], /) -> None:
        seats = Counter(sku.text for sku in skus)
        taken = products.c.seats_taken + _of_each(seats)
        free = sa.or_(products.c.seats.is_(None), taken <= products.c.seats)
        met = self._moved(seats, taken, free)
        for sku in skus:
            if sku.text not in met:
                product = self.among([sku]).get(sku)
                self._run.refuse(SoldOut(sku, product.title) if product else UnknownProduct(sku))

    def release_seats(self, skus: Collection[Sku], /) -> None:
        seats = Counter(sku.text for sku in skus)
        met = self._moved(seats, products.c.seats_taken - _of_each(seats), sa.true())
        if len(met) != len(seats):
            self._run.refuse(ValueError(f"some of {sorted(seats)} have no seats to give back"))

    def _moved(
        self, seats: Counter[str], taken: sa.ColumnElement[int], where: sa.ColumnElement[bool]
    ) -> set[str]:
        """Update the seat counts and return the skus of the rows that matched."""
        if not seats:
            return set()
        in_order = (
            sa.select(products.c.sku)
            .where(products.c.sku.in_(seats))
            .order_by(products.c.sku)
            .with_for_update(key_share=True)
        )
        rows = self._run.changed(
            products.update()
            .where(products.c.sku.in_(in_order), where)
            .values(seats_taken=taken)
            .returning(products.c.sku)
        )
        return {row.sku for row in rows}

    def _add_courses(self, changed: Collection[Product]) -> None:
        courses = [
            {"program": product.sku.text, "course": course, "position": position}
            for product in changed
            for position, course in enumerate(product.courses)
        ]
        if courses:
            self._run.change(program_courses.insert(), courses)

    def _why_not_saved(
        self, changed: Collection[Product]
    ) -> ProductsHaveChanged | FewerSeatsThanTaken:
        kept = self.among([product.sku for product in changed])
        for product in changed:
            now = kept.get(product.sku)
            if now is None or now.version != product.version or product.seats is None:
                continue
            if now.seats_taken > product.seats:
                return FewerSeatsThanTaken(
                    product.sku, product.title, product.seats, now.seats_taken
                )
        return ProductsHaveChanged(_skus(changed))

    def _found(self, query: sa.Select[*tuple[Any, ...]]) -> tuple[Product, ...]:
        return tuple(map(product_from, self._run.rows(query)))


def _skus(products: Collection[Product]) -> tuple[Sku, ...]:
    return tuple(sorted(product.sku for product in products))


def _of_each(seats: Counter[str]) -> sa.ColumnElement[int]:
    """Group the skus by the number of seats; it is nearly always one."""
    several = {sku: number for sku, number in seats.items() if number > 1}
    if not several:
        return sa.literal(1)
    return sa.case(several, value=products.c.sku, else_=1)
