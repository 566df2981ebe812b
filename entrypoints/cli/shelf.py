"""The shelf as staff see it: a page of products, and all that is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from core.journal import JournalEntry, JournalSearch, Subject
from core.products.product import PriceVersion, Product, Program, Sku, UnknownProduct
from core.products.search import ProductKind
from core.unit_of_work import UnitOfWork
from entrypoints.cli import printing
from entrypoints.cli.journal import journal_table
from entrypoints.cli.shapes import Shape, Shapes
from entrypoints.cli.words import Words

CHANGES = 20
"""How many of the latest changes are shown with a product; `coursetill journal` shows all."""


@attrs.frozen(kw_only=True)
class Wanted:
    """Which products staff ask for; every word of `search` must occur."""

    search: str = ""
    kind: str | None = None
    only_open: bool = False

    def matches(self, product: Product, at: datetime) -> bool:
        program = isinstance(product.sells, Program)
        kind = ProductKind.PROGRAM if program else ProductKind.COURSE_RUN
        return (
            all(word in product.search_text for word in self.search.casefold().split())
            and self.kind in (None, kind.value)
            and not (self.only_open and product.why_not(at))
        )

    def page(
        self, everything: Sequence[Product], at: datetime, *, after: str | None, limit: int
    ) -> tuple[list[Product], bool]:
        """The products wanted, and whether there are more. Raises UnknownProduct for `after`."""
        start = 0
        if after is not None:
            last = Sku.of(after)
            places = [n for n, product in enumerate(everything) if product.sku == last]
            if not places:
                raise UnknownProduct(last)
            start = places[0] + 1
        found = [product for product in everything[start:] if self.matches(product, at)]
        return found[:limit], len(found) > limit


def standing_table(products: Sequence[Product], words: Words, at: datetime) -> None:
    printing.table(
        ("Sku", "Title", "Price", "Now", "Seats", "Payment deadline"),
        [
            (
                product.sku.text,
                product.title,
                words.money(product.price),
                words.standing(product, at),
                words.seats(product),
                words.moment(product.payment_deadline_at),
            )
            for product in products
        ],
        right=("Price",),
    )


@attrs.frozen
class ShownProduct:
    """A product with its price history and the products that belong to it."""

    product: Product
    prices: tuple[PriceVersion, ...]
    runs: tuple[Product, ...]
    in_programs: tuple[Product, ...]
    changes: tuple[JournalEntry, ...]

    def shape(self, shapes: Shapes, at: datetime) -> Shape:
        return {
            **shapes.product(self.product, at),
            "prices": [shapes.price(version) for version in self.prices],
            "changes": [shapes.journal_entry(entry) for entry in self.changes],
            "runs": [shapes.product(run, at) for run in self.runs],
            "in_programs": [shapes.product(program, at) for program in self.in_programs],
        }

    def tell(self, words: Words, at: datetime) -> None:
        product = self.product
        starts = product.sells.starts_at if not isinstance(product.sells, Program) else None
        ends = product.sells.ends_at if not isinstance(product.sells, Program) else None
        printing.facts(
            [
                ("Sku", product.sku.text),
                ("Title", product.title),
                ("Readable id", product.readable_id),
                ("Price", words.money(product.price)),
                ("Now", words.standing(product, at)),
                (
                    "Can be bought",
                    words.window(product.enrollment_opens_at, product.payment_deadline_at),
                ),
                ("Starts", words.moment(starts)),
                ("Ends", words.moment(ends)),
                ("Seats", words.seats(product)),
                ("Course", product.course or ""),
                ("Courses", " ".join(product.courses)),
            ]
        )
        self._tell_prices(words)
        if self.changes:
            printing.heading("Changes by staff")
            journal_table(self.changes, words)
        for title, others in (("Runs", self.runs), ("In programs", self.in_programs)):
            if others:
                printing.heading(title)
                standing_table(others, words, at)

    def _tell_prices(self, words: Words) -> None:
        printing.heading("Prices")
        printing.table(
            ("Version", "Price", "Since"),
            [
                (str(version.number), words.money(version.price), words.moment(version.since))
                for version in self.prices
            ],
            right=("Version", "Price"),
        )


def shown(work: UnitOfWork, sku: Sku) -> ShownProduct:
    """All that is known of a product. Raises UnknownProduct."""
    product = work.products.get(sku)
    runs = work.products.runs_of(product.courses) if product.courses else ()
    programs = work.products.programs_with([product.course]) if product.course else ()
    changes = work.journal.search(JournalSearch(Subject.product(sku), limit=CHANGES))
    return ShownProduct(product, work.products.prices(sku), runs, programs, changes)
