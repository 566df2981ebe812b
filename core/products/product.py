"""Products, the rules when each can be bought, and their port."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import NewType, Protocol

import attrs

from core.errors import Absent, Conflict, Refused
from core.money import Money
from core.products.search import CataloguePage, CatalogueSearch

CourseId = NewType("CourseId", str)
"""A course's readable id, such as course-v1:MITxT+14.310x; all its runs have it."""

_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)


@attrs.frozen(order=True)
class Sku:
    """A product's short name for staff and URLs, such as 14.310x-1T2027."""

    text: str = attrs.field(validator=attrs.validators.matches_re(_SKU))

    @classmethod
    def of(cls, text: str) -> Sku:
        """Parse a sku. Raises UnknownProduct if the text cannot be a sku."""
        text = text.strip()
        if not _SKU.fullmatch(text):
            raise UnknownProduct(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


class Listing(enum.Enum):
    """How a product is offered. Products are never deleted."""

    ON_SALE = "on-sale"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


@attrs.frozen
class PriceVersion:
    """One entry of a product's append-only price history."""

    number: int = attrs.field(validator=attrs.validators.ge(1))
    price: Money
    since: datetime


@attrs.frozen
class CourseRun:
    """One run of a course. `programs` are the programs that include its course."""

    course: CourseId
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    programs: frozenset[Sku] = frozenset()


@attrs.frozen
class Program:
    """Several courses that are sold together. The learner picks at most one run of each."""

    courses: tuple[CourseId, ...] = attrs.field(validator=attrs.validators.min_len(1))


@attrs.frozen
class Product:
    """A course run or a program that a learner can buy.

    It can be bought while it is on sale or hidden, inside [enrollment_opens_at,
    payment_deadline_at), and while a seat is free. `seats` is None if there is no limit.
    """

    sku: Sku
    readable_id: str = attrs.field(validator=attrs.validators.min_len(1))
    title: str = attrs.field(validator=attrs.validators.min_len(1))
    sells: CourseRun | Program
    price_version: PriceVersion
    enrollment_opens_at: datetime | None = None
    payment_deadline_at: datetime | None = None
    seats: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(0))
    )
    seats_taken: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    listing: Listing = Listing.ON_SALE
    version: int = attrs.field(default=0, kw_only=True)

    @property
    def price(self) -> Money:
        return self.price_version.price

    @property
    def number(self) -> str:
        """The course number that learners search for: 14.310x of course-v1:MITxT+14.310x+1T2027."""
        _, _, path = self.readable_id.partition(":")
        parts = (path or self.readable_id).split("+")
        return parts[1] if len(parts) > 1 else parts[0]

    @property
    def seats_left(self) -> int | None:
        return None if self.seats is None else max(self.seats - self.seats_taken, 0)

    @property
    def course(self) -> CourseId | None:
        return self.sells.course if isinstance(self.sells, CourseRun) else None

    @property
    def courses(self) -> tuple[CourseId, ...]:
        return self.sells.courses if isinstance(self.sells, Program) else ()

    @property
    def programs(self) -> frozenset[Sku]:
        return self.sells.programs if isinstance(self.sells, CourseRun) else frozenset()

    @property
    def shelf_place(self) -> str:
        """The sort key of the catalogue, the same for every kind of storage.

        Programs come first. The runs of one course stand together, sorted by start.
        """
        if isinstance(self.sells, Program):
            return f"0 {self.readable_id}"
        starts_at = self.sells.starts_at
        start = f"{starts_at.astimezone(UTC):%Y-%m-%dT%H:%M}" if starts_at else "later"
        return f"1 {self.sells.course} {start} {self.readable_id}"

    @property
    def search_text(self) -> str:
        """The text that the catalogue search reads, the same for every kind of storage."""
        return f"{self.number} {self.title} {self.sku} {self.readable_id}".casefold()

    def why_not(self, at: datetime) -> NotSellable | None:
        """Why nobody can buy this at that moment, or None."""
        if self.listing is Listing.WITHDRAWN:
            return Withdrawn(self.sku, self.title)
        if self.enrollment_opens_at is not None and at < self.enrollment_opens_at:
            return NotOpenYet(self.sku, self.title, self.enrollment_opens_at)
        if self.payment_deadline_at is not None and at >= self.payment_deadline_at:
            return DeadlineHasPassed(self.sku, self.title, self.payment_deadline_at)
        if self.seats_left == 0:
            return SoldOut(self.sku, self.title)
        return None

    def repriced(self, price: Money, at: datetime) -> Product:
        """This product with a new price version; unchanged if the price is the same."""
        if price == self.price:
            return self
        version = PriceVersion(self.price_version.number + 1, price, at)
        return attrs.evolve(self, price_version=version)

    def listed(self, listing: Listing) -> Product:
        return attrs.evolve(self, listing=listing)

    def seated(self, seats: int | None) -> Product:
        """This product with this number of seats; None means no limit.

        Raises FewerSeatsThanTaken.
        """
        if seats is not None and seats < self.seats_taken:
            raise FewerSeatsThanTaken(self.sku, self.title, seats, self.seats_taken)
        return attrs.evolve(self, seats=seats)

    def sold_within(self, opens_at: datetime | None, deadline_at: datetime | None) -> Product:
        """This product with the sales window [opens_at, deadline_at). Raises NoTimeToBuy."""
        if opens_at is not None and deadline_at is not None and deadline_at <= opens_at:
            raise NoTimeToBuy(self.sku, self.title)
        return attrs.evolve(self, enrollment_opens_at=opens_at, payment_deadline_at=deadline_at)


@attrs.frozen
class UnknownProduct(Absent):
    sku: Sku | str


@attrs.frozen
class ProductExists(Conflict):
    """One of these skus, or the readable id of one, belongs to a product already."""

    skus: tuple[Sku, ...]


@attrs.frozen
class ReadableIdIsTaken(Conflict):
    """Another product has the readable id of one of these."""

    skus: tuple[Sku, ...]


@attrs.frozen
class ProductsHaveChanged(Conflict):
    """Another change of one of these products was saved first."""

    skus: tuple[Sku, ...]


@attrs.frozen
class FewerSeatsThanTaken(Refused):
    sku: Sku
    title: str
    seats: int
    taken: int


@attrs.frozen
class NoTimeToBuy(Refused):
    sku: Sku
    title: str


@attrs.frozen
class NotSellable(Refused):
    """The product cannot be bought now; each subclass is a reason."""

    sku: Sku
    title: str


@attrs.frozen
class Withdrawn(NotSellable):
    """Staff withdrew the product from sale."""


@attrs.frozen
class NotOpenYet(NotSellable):
    opens_at: datetime


@attrs.frozen
class DeadlineHasPassed(NotSellable):
    deadline_at: datetime


@attrs.frozen
class SoldOut(NotSellable):
    """No seat is left."""


def time_text(at: datetime) -> str:
    """A time for use in a sentence: 1 December 2026, 23:59 UTC."""
    return f"{at.day} {at:%B %Y, %H:%M} {at.tzname()}"


class Products(Protocol):
    """The port to all products and their price history."""

    def get(self, sku: Sku, /) -> Product:
        """The product with this sku. Raises UnknownProduct."""
        ...

    def among(self, skus: Collection[Sku], /) -> Mapping[Sku, Product]:
        """The products with these skus; a sku that does not exist is left out."""
        ...

    def runs_of(self, courses: Collection[CourseId], /) -> tuple[Product, ...]:
        """All runs of these courses, sorted by start."""
        ...

    def programs_with(self, courses: Collection[CourseId], /) -> tuple[Product, ...]:
        """All programs that include one of these courses, sorted by title."""
        ...

    def search(self, query: CatalogueSearch, /) -> CataloguePage[Product]:
        """One page of the catalogue, sorted by `shelf_place`."""
        ...

    def everything(self) -> tuple[Product, ...]:
        """All products, also withdrawn ones, in the order of `search`: for staff."""
        ...

    def following(self, sku: Sku | None, limit: int, /) -> tuple[Product, ...]:
        """At most `limit` products after this sku, sorted by sku: pages of all products."""
        ...

    def prices(self, sku: Sku, /) -> tuple[PriceVersion, ...]:
        """The price history of a product, oldest first."""
        ...

    def add(self, products: Collection[Product], /) -> None:
        """Add new products. Raises ProductExists if a sku or a readable id is taken."""
        ...

    def save(self, products: Collection[Product], /) -> None:
        """Save changed products; a new price version is appended.

        The number of seats taken is not written: only `take_seats` and `release_seats` change it.
        Raises ProductsHaveChanged if another change came first, and ReadableIdIsTaken if
        another product has one of their readable ids.
        """
        ...

    def take_seats(self, skus: Collection[Sku], /) -> None:
        """Take one seat of each, all or none, safely under concurrency. Raises SoldOut."""
        ...

    def release_seats(self, skus: Collection[Sku], /) -> None:
        """Release one seat of each."""
        ...
