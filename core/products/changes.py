"""Describes the differences between two versions of a product, for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core.products.product import CourseRun, Product, Program, time_text
from core.products.search import ProductKind


def product_changes(was: Product, new: Product) -> tuple[str, ...]:
    """The differences, one text each; empty if the products are equal."""
    return tuple(
        f"{name} {_text(old)} → {_text(now)}".lstrip()
        for name, old, now in _pairs(was, new)
        if old != now
    )


def _pairs(was: Product, new: Product) -> Iterator[tuple[str, object, object]]:
    yield "", was.listing.value, new.listing.value
    yield "title", was.title, new.title
    yield "price", was.price, new.price
    yield "opens", was.enrollment_opens_at, new.enrollment_opens_at
    yield "deadline", was.payment_deadline_at, new.payment_deadline_at
    yield "seats", was.seats, new.seats
    match was.sells, new.sells:
        case CourseRun() as old, CourseRun() as now:
            yield "course", old.course, now.course
            yield "starts", old.starts_at, now.starts_at
            yield "ends", old.ends_at, now.ends_at
        case Program() as old, Program() as now:
            yield "courses", " ".join(old.courses), " ".join(now.courses)
        case old, now:
            yield "kind", _kind_of(old), _kind_of(now)


def _kind_of(sells: CourseRun | Program) -> str:
    kind = ProductKind.PROGRAM if isinstance(sells, Program) else ProductKind.COURSE_RUN
    return str(kind.value)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return time_text(value)
    return "none" if value is None else str(value)
