"""Reasons why a product cannot be bought: host rules, earlier purchases, picked runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import attrs

from core.errors import Refused
from core.identity import Learner
from core.order_reference import Reference
from core.products.product import Product, Sku

PurchaseRule = Callable[[Learner, Product], Refused | None]
"""A rule of the host: the reason why this learner may not buy this product, or None."""


@attrs.frozen
class AlreadyBought(Refused):
    title: str
    bought: str
    order: Reference


@attrs.frozen
class PickedForProgram(Refused):
    title: str
    program: str


@attrs.frozen
class NotARunOfProgram(Refused):
    run: str
    program: str


@attrs.frozen
class TwoRunsOfOneCourse(Refused):
    course: str
    program: str


def bought_already(product: Product, owned: Mapping[Sku, Reference]) -> AlreadyBought | None:
    """The purchase that already covers the product (the product itself, or a program), or None."""
    if product.sku in owned:
        return AlreadyBought(product.title, product.title, owned[product.sku])
    for program in sorted(product.programs):
        if program in owned:
            return AlreadyBought(product.title, f"the program {program}", owned[program])
    return None


def picks_refused(program: Product, runs: Iterable[Product], at: datetime) -> Refused | None:
    """Why these runs cannot be picked for the program, or None.

    Each run belongs to one of the program's courses and is open; no course has two runs
    (docs/domain.md, Products).
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
