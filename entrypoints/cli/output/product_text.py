"""The shelf as staff see it: a page of products, and all that is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from core.audit_log import JournalEntry, JournalSearch, Subject
from core.products.product import PriceVersion, Product, Program, Sku, UnknownProduct
from core.products.search import ProductKind
from core.unit_of_work import UnitOfWork
from entrypoints.cli.output import terminal
from entrypoints.cli.output.audit_text import journal_table
from entrypoints.cli.output.json_output import Shape, Shapes
from entrypoints.cli.output.text_output import Words

CHANGES = 20
"""How many of the latest changes are shown with a product; `coursetill journal` shows all."""


@attrs.frozen(kw_only=True)
class Wanted:
    """Which products staff ask for; every word of `search` must occur."""

    search: str = ""
    kind: str | None = None
    listing: str | None = None
    only_open: bool = False

    def matches(self, product: Product, at: datetime) -> bool:
        program = isinstance(product.sells, Program)
        kind = ProductKind.PROGRAM if program else ProductKind.COURSE_RUN
        return (
            all(word in product.search_text for word in self.search.casefold().split())
            and self.kind in (None, kind.value)
            and self.listing in (None, product.listing.value)
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
    terminal.table(
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
class Seats:
    """The seats of a product: those that are taken are paid, or reserved until they are."""

    product: Product
    reserved: int

    @property
    def paid(self) -> int:
        return self.product.seats_taken - self.reserved

    def shape(self) -> Shape:
        return {"seats_paid": self.paid, "seats_reserved": self.reserved}


def seats_of(work: UnitOfWork, sku: Sku) -> Seats:
    """The seats of a product as they stand. Raises UnknownProduct."""
    return Seats(work.products.get(sku), work.orders.reserved(sku))


@attrs.frozen
class ShownProduct:
    """A product with its price history and the products that belong to it."""

    product: Product
    seats: Seats
    prices: tuple[PriceVersion, ...]
    runs: tuple[Product, ...]
    in_programs: tuple[Product, ...]
    changes: tuple[JournalEntry, ...]

    def shape(self, shapes: Shapes, at: datetime) -> Shape:
        return {
            **shapes.product(self.product, at),
            **self.seats.shape(),
            "prices": [shapes.price(version) for version in self.prices],
            "changes": [shapes.journal_entry(entry) for entry in self.changes],
            "runs": [shapes.product(run, at) for run in self.runs],
            "in_programs": [shapes.product(program, at) for program in self.in_programs],
        }

    def tell(self, words: Words, at: datetime) -> None:
        product = self.product
        starts = product.sells.starts_at if not isinstance(product.sells, Program) else None
        ends = product.sells.ends_at if not isinstance(product.sells, Program) else None
        terminal.facts(
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
                ("Seats", self._told_seats(words)),
                ("Course", product.course or ""),
                ("Courses", " ".join(product.courses)),
            ]
        )
        tell_prices(self.prices, words)
        if self.changes:
            terminal.heading("Changes by staff")
            journal_table(self.changes, words)
        for title, others in (("Runs", self.runs), ("In programs", self.in_programs)):
            if others:
                terminal.heading(title)
                standing_table(others, words, at)

    def _told_seats(self, words: Words) -> str:
        taken = f"; {self.seats.paid} paid, {self.seats.reserved} reserved"
        return words.seats(self.product) + (taken if self.product.seats_taken else "")


def tell_prices(prices: Sequence[PriceVersion], words: Words) -> None:
    terminal.heading("Prices")
    terminal.table(
        ("Version", "Price", "Since"),
        [
            (str(version.number), words.money(version.price), words.moment(version.since))
            for version in prices
        ],
        right=("Version", "Price"),
    )


def shown(work: UnitOfWork, sku: Sku) -> ShownProduct:
    """All that is known of a product. Raises UnknownProduct."""
    seats = seats_of(work, sku)
    product = seats.product
    runs = work.products.runs_of(product.courses) if product.courses else ()
    programs = work.products.programs_with([product.course]) if product.course else ()
    changes = work.journal.search(JournalSearch(Subject.product(sku), limit=CHANGES))
    return ShownProduct(product, seats, work.products.prices(sku), runs, programs, changes)


@attrs.frozen
class PastOfProduct:
    """Every price version of a product, oldest first, and one page of its changes, newest first."""

    sku: Sku
    prices: tuple[PriceVersion, ...]
    changes: tuple[JournalEntry, ...]
    following: int | None

    def shape(self, shapes: Shapes) -> Shape:
        return {
            "sku": self.sku.text,
            "prices": [shapes.price(version) for version in self.prices],
            "changes": [
                {**shapes.journal_entry(entry), "price_version": self._version(entry)}
                for entry in self.changes
            ],
            "next": self.following,
        }

    def _version(self, entry: JournalEntry) -> int | None:
        """The price version that this change made: they are of one moment."""
        numbers = [version.number for version in self.prices if version.since == entry.at]
        return numbers[0] if numbers else None

    def tell(self, words: Words) -> None:
        tell_prices(self.prices, words)
        terminal.heading("Changes by staff")
        terminal.table(
            ("No", "When", "Who", "What", "Why", "Price version"),
            [
                (
                    str(entry.number),
                    words.moment(entry.at),
                    str(entry.by),
                    entry.what,
                    entry.why,
                    str(self._version(entry) or ""),
                )
                for entry in self.changes
            ],
            right=("No", "Price version"),
        )


def history_of(work: UnitOfWork, sku: Sku, *, after: int | None, limit: int) -> PastOfProduct:
    """What became of a product, from its beginning. Raises UnknownProduct."""
    work.products.get(sku)
    wanted = JournalSearch(Subject.product(sku), after=after, limit=limit + 1)
    found = work.journal.search(wanted)
    following = found[limit - 1].number if len(found) > limit else None
    return PastOfProduct(sku, work.products.prices(sku), found[:limit], following)
