"""Products as text for staff: pages of a list, and one product in detail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from core.audit_log import AuditEntry, AuditSearch, Subject
from core.products.product import PriceVersion, Product, Program, Sku, UnknownProduct
from core.products.search import ProductKind
from core.unit_of_work import UnitOfWork
from entrypoints.cli.output import terminal
from entrypoints.cli.output.audit_text import journal_table
from entrypoints.cli.output.json_output import JsonOutput, Shape
from entrypoints.cli.output.text_output import TextOutput

CHANGES = 20
"""The number of latest changes shown with a product; `coursetill journal` shows all."""


@attrs.frozen(kw_only=True)
class ProductFilters:
    """The filters of the list. Every word of `search` must occur."""

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
        """The matching products, and whether there are more. Raises UnknownProduct for `after`."""
        start = 0
        if after is not None:
            last = Sku.of(after)
            places = [n for n, product in enumerate(everything) if product.sku == last]
            if not places:
                raise UnknownProduct(last)
            start = places[0] + 1
        found = [product for product in everything[start:] if self.matches(product, at)]
        return found[:limit], len(found) > limit


def standing_table(products: Sequence[Product], text_output: TextOutput, at: datetime) -> None:
    terminal.print_table(
        ("Sku", "Title", "Price", "Now", "Seats", "Payment deadline"),
        [
            (
                product.sku.text,
                product.title,
                text_output.money(product.price),
                text_output.standing(product, at),
                text_output.seats(product),
                text_output.moment(product.payment_deadline_at),
            )
            for product in products
        ],
        right=("Price",),
    )


@attrs.frozen
class SeatCounts:
    """The seats of a product. A seat is taken if it is paid, or reserved by an unpaid order."""

    product: Product
    reserved: int

    @property
    def paid(self) -> int:
        return self.product.seats_taken - self.reserved

    def shape(self) -> Shape:
        return {"seats_paid": self.paid, "seats_reserved": self.reserved}


def seats_of(work: UnitOfWork, sku: Sku) -> SeatCounts:
    """The current seats of a product. Raises UnknownProduct."""
    return SeatCounts(work.products.get(sku), work.orders.reserved(sku))


@attrs.frozen
class ProductView:
    """A product with its price history and related products."""

    product: Product
    seats: SeatCounts
    prices: tuple[PriceVersion, ...]
    runs: tuple[Product, ...]
    in_programs: tuple[Product, ...]
    changes: tuple[AuditEntry, ...]

    def shape(self, json_output: JsonOutput, at: datetime) -> Shape:
        return {
            **json_output.product(self.product, at),
            **self.seats.shape(),
            "prices": [json_output.price(version) for version in self.prices],
            "changes": [json_output.journal_entry(entry) for entry in self.changes],
            "runs": [json_output.product(run, at) for run in self.runs],
            "in_programs": [json_output.product(program, at) for program in self.in_programs],
        }

    def tell(self, text_output: TextOutput, at: datetime) -> None:
        product = self.product
        starts = product.sells.starts_at if not isinstance(product.sells, Program) else None
        ends = product.sells.ends_at if not isinstance(product.sells, Program) else None
        terminal.print_facts(
            [
                ("Sku", product.sku.text),
                ("Title", product.title),
                ("Readable id", product.readable_id),
                ("Price", text_output.money(product.price)),
                ("Now", text_output.standing(product, at)),
                (
                    "Can be bought",
                    text_output.window(product.enrollment_opens_at, product.payment_deadline_at),
                ),
                ("Starts", text_output.moment(starts)),
                ("Ends", text_output.moment(ends)),
                ("Seats", self._seats_text(text_output)),
                ("Course", product.course or ""),
                ("Courses", " ".join(product.courses)),
            ]
        )
        tell_prices(self.prices, text_output)
        if self.changes:
            terminal.print_heading("Changes by staff")
            journal_table(self.changes, text_output)
        for title, others in (("Runs", self.runs), ("In programs", self.in_programs)):
            if others:
                terminal.print_heading(title)
                standing_table(others, text_output, at)

    def _seats_text(self, text_output: TextOutput) -> str:
        taken = f"; {self.seats.paid} paid, {self.seats.reserved} reserved"
        return text_output.seats(self.product) + (taken if self.product.seats_taken else "")


def tell_prices(prices: Sequence[PriceVersion], text_output: TextOutput) -> None:
    terminal.print_heading("Prices")
    terminal.print_table(
        ("Version", "Price", "Since"),
        [
            (
                str(version.number),
                text_output.money(version.price),
                text_output.moment(version.since),
            )
            for version in prices
        ],
        right=("Version", "Price"),
    )


def shown(work: UnitOfWork, sku: Sku) -> ProductView:
    """All details of a product. Raises UnknownProduct."""
    seats = seats_of(work, sku)
    product = seats.product
    runs = work.products.runs_of(product.courses) if product.courses else ()
    programs = work.products.programs_with([product.course]) if product.course else ()
    changes = work.audit_log.search(AuditSearch(Subject.product(sku), limit=CHANGES))
    return ProductView(product, seats, work.products.prices(sku), runs, programs, changes)


@attrs.frozen
class ProductHistory:
    """Every price version of a product, oldest first, and one page of its changes, newest first."""

    sku: Sku
    prices: tuple[PriceVersion, ...]
    changes: tuple[AuditEntry, ...]
    following: int | None

    def shape(self, json_output: JsonOutput) -> Shape:
        return {
            "sku": self.sku.text,
            "prices": [json_output.price(version) for version in self.prices],
            "changes": [
                {**json_output.journal_entry(entry), "price_version": self._version(entry)}
                for entry in self.changes
            ],
            "next": self.following,
        }

    def _version(self, entry: AuditEntry) -> int | None:
        """The price version that this change created. Both have the same time."""
        numbers = [version.number for version in self.prices if version.since == entry.at]
        return numbers[0] if numbers else None

    def tell(self, text_output: TextOutput) -> None:
        tell_prices(self.prices, text_output)
        terminal.print_heading("Changes by staff")
        terminal.print_table(
            ("No", "When", "Who", "What", "Why", "Price version"),
            [
                (
                    str(entry.number),
                    text_output.moment(entry.at),
                    str(entry.by),
                    entry.what,
                    entry.why,
                    str(self._version(entry) or ""),
                )
                for entry in self.changes
            ],
            right=("No", "Price version"),
        )


def history_of(work: UnitOfWork, sku: Sku, *, after: int | None, limit: int) -> ProductHistory:
    """The history of a product from its beginning. Raises UnknownProduct."""
    work.products.get(sku)
    wanted = AuditSearch(Subject.product(sku), after=after, limit=limit + 1)
    found = work.audit_log.search(wanted)
    following = found[limit - 1].number if len(found) > limit else None
    return ProductHistory(sku, work.products.prices(sku), found[:limit], following)
