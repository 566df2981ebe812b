"""Matches vouchers with course runs: automatically if exact, else by offering candidates."""

from __future__ import annotations

import re
from datetime import datetime

import attrs

from core.errors import Refused
from core.money import Money
from core.products.product import CourseId, CourseRun, Product, Sku, UnknownProduct
from core.products.search import CatalogueSearch, ProductKind
from core.unit_of_work import UnitOfWork
from coursetill_vouchers.document import Document

MOST_OFFERED = 10


@attrs.frozen
class NotForVouchers(Refused):
    title: str


@attrs.frozen
class InAnotherCurrency(Refused):
    amount: Money
    title: str
    price: Money


def payable_by(document: Document, product: Product) -> Product:
    """The product, if the document can pay for it. Raises NotForVouchers or InAnotherCurrency.

    A program cannot be paid: its discount would also cover each run of its courses.
    """
    if not isinstance(product.sells, CourseRun):
        raise NotForVouchers(product.title)
    if product.price.currency is not document.amount.currency:
        raise InAnotherCurrency(document.amount, product.title, product.price)
    return product


def match_exactly(work: UnitOfWork, document: Document, at: datetime) -> Sku | None:
    """The course run that the document names by sku, by readable id, or by a course with exactly
    one run on sale. None in case of doubt."""
    text = document.course
    named = _by_sku(work, text) or _by_readable_id(work, text, at)
    if named is None:
        runs = work.products.runs_of([CourseId(text)])
        sold = [run for run in runs if run.why_not(at) is None]
        named = sold[0] if len(sold) == 1 else None
    try:
        return None if named is None else payable_by(document, named).sku
    except (NotForVouchers, InAnotherCurrency):
        return None


def candidates(work: UnitOfWork, document: Document, at: datetime) -> tuple[Product, ...]:
    """Course runs that the document may mean, as a choice for staff."""
    runs = work.products.runs_of([CourseId(document.course)])
    words = " ".join(re.findall(r"[\w.]+", document.course)[:6])
    wanted = CatalogueSearch(at, words, ProductKind.COURSE_RUN, limit=MOST_OFFERED)
    found = (*runs, *work.products.search(wanted).products)
    able = {run.sku: run for run in found if run.price.currency is document.amount.currency}
    return tuple(able.values())[:MOST_OFFERED]


def _by_sku(work: UnitOfWork, text: str) -> Product | None:
    try:
        sku = Sku.of(text)
    except UnknownProduct:
        return None
    return work.products.among([sku]).get(sku)


def _by_readable_id(work: UnitOfWork, text: str, at: datetime) -> Product | None:
    found = work.products.search(CatalogueSearch(at, text, limit=MOST_OFFERED)).products
    return next((product for product in found if product.readable_id == text), None)
