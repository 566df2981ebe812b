"""Conversion between products and rows, and the query that reads whole products."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from adapters.sql.columns import json_gathered
from adapters.sql.statements import AnyRow
from adapters.sql.tables import price_versions, products, program_courses
from core.money import Currency, Money
from core.products.product import (
    CourseId,
    CourseRun,
    Listing,
    PriceVersion,
    Product,
    Program,
    Sku,
)
from core.products.search import CatalogueCounts, ProductKind

_COURSES = (
    sa.select(json_gathered(program_courses.c.course, program_courses.c.position))
    .where(program_courses.c.program == products.c.sku)
    .scalar_subquery()
)
_PROGRAMS = (
    sa.select(json_gathered(program_courses.c.program, program_courses.c.position))
    .where(program_courses.c.course == products.c.course)
    .scalar_subquery()
)
PRODUCTS = sa.select(
    products,
    price_versions.c.amount_minor,
    price_versions.c.currency,
    price_versions.c.since,
    _COURSES.label("courses"),
    _PROGRAMS.label("programs"),
).join_from(
    products,
    price_versions,
    sa.and_(
        price_versions.c.sku == products.c.sku,
        price_versions.c.number == products.c.price_number,
    ),
)


def columns_of(product: Product) -> dict[str, Any]:
    run = product.sells if isinstance(product.sells, CourseRun) else None
    kind = ProductKind.PROGRAM if run is None else ProductKind.COURSE_RUN
    return {
        "sku": product.sku.text,
        "readable_id": product.readable_id,
        "title": product.title,
        "kind": kind.value,
        "course": run and run.course,
        "starts_at": run and run.starts_at,
        "ends_at": run and run.ends_at,
        "enrollment_opens_at": product.enrollment_opens_at,
        "payment_deadline_at": product.payment_deadline_at,
        "seats": product.seats,
        "listing": product.listing.value,
        "price_number": product.price_version.number,
        "shelf_place": product.shelf_place,
        "search_text": product.search_text,
        "version": product.version,
    }


def price_columns_of(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku.text,
        "number": product.price_version.number,
        "amount_minor": product.price.minor,
        "currency": product.price.currency.code,
        "since": product.price_version.since,
    }


def product_from(row: AnyRow) -> Product:
    return Product(
        sku=Sku(row.sku),
        readable_id=row.readable_id,
        title=row.title,
        sells=_sells(row),
        price_version=price_version_from(row, row.price_number),
        enrollment_opens_at=row.enrollment_opens_at,
        payment_deadline_at=row.payment_deadline_at,
        seats=row.seats,
        seats_taken=row.seats_taken,
        listing=Listing(row.listing),
        version=row.version,
    )


def _sells(row: AnyRow) -> CourseRun | Program:
    if row.kind == ProductKind.PROGRAM.value:
        positions: dict[str, int] = row.courses
        return Program(tuple(CourseId(c) for c in sorted(positions, key=positions.__getitem__)))
    return CourseRun(
        CourseId(row.course), row.starts_at, row.ends_at, frozenset(map(Sku, row.programs or ()))
    )


def price_version_from(row: AnyRow, number: int) -> PriceVersion:
    return PriceVersion(number, Money(row.amount_minor, Currency[row.currency]), row.since)


def counts_from(rows: Collection[AnyRow]) -> CatalogueCounts:
    by_kind = {ProductKind(row.kind): row for row in rows}
    runs, programs = by_kind.get(ProductKind.COURSE_RUN), by_kind.get(ProductKind.PROGRAM)
    return CatalogueCounts(
        course_runs=runs.all if runs else 0,
        programs=programs.all if programs else 0,
        open_course_runs=runs.open if runs else 0,
        open_programs=programs.open if programs else 0,
    )
