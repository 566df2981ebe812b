"""Products, when each can be bought, and the port to all of them."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import NewType, Protocol

import attrs

from core.errors import Absent, Refused
from core.money import Money
from core.products.search import CataloguePage, CatalogueSearch

CourseId = NewType("CourseId", str)
"""A course's readable id, such as course-v1:MITxT+14.310x; its runs share it."""

_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)


@attrs.frozen(order=True)
class Sku:
    """How staff and addresses name a product, such as 14.310x-1T2027."""

    text: str = attrs.field(validator=attrs.validators.matches_re(_SKU))

    @classmethod
    def of(cls, text: str) -> Sku:
        """The sku a person wrote. Raises UnknownProduct where no product could have it."""
        text = text.strip()
        if not _SKU.fullmatch(text):
            raise UnknownProduct(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


class Listing(enum.Enum):
    """How a product is offered; a product is never deleted."""

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
    """One run of a course. `programs` are the programs that its course is part of."""

    course: CourseId
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    programs: frozenset[Sku] = frozenset()


@attrs.frozen
class Program:
    """Several courses sold together; the learner picks at most one run of each."""

    courses: tuple[CourseId, ...] = attrs.field(validator=attrs.validators.min_len(1))


@attrs.frozen
class Product:
    """A course run or a program that a learner can put in a basket.

    It can be bought while it is on sale or hidden, inside [enrollment_opens_at,
    payment_deadline_at), and while a seat is free. `seats` None means without limit.
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
        """What learners search by: 14.310x of course-v1:MITxT+14.310x+1T2027."""
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
        """What the catalogue is sorted by, the same for every kind of storage.

        Programs come first; the runs of one course stand together, the earliest before the others.
        """
        if isinstance(self.sells, Program):
            return f"0 {self.readable_id}"
        starts_at = self.sells.starts_at
        start = f"{starts_at.astimezone(UTC):%Y-%m-%dT%H:%M}" if starts_at else "later"
        return f"1 {self.sells.course} {start} {self.readable_id}"

    @property
    def search_text(self) -> str:
        """What the catalogue search looks in, the same for every kind of storage."""
        return f"{self.number} {self.title} {self.sku} {self.readable_id}".casefold()

    def why_not(self, at: datetime) -> NotSellable | None:
        """Why nobody can buy this at that moment, or None where they can."""
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
        """This product with one more price version, or itself where the price is the same."""
        if price == self.price:
            return self
        version = PriceVersion(self.price_version.number + 1, price, at)
        return attrs.evolve(self, price_version=version)

    def listed(self, listing: Listing) -> Product:
        return attrs.evolve(self, listing=listing)

    def seated(self, seats: int | None) -> Product:
        """This product with so many seats, None being without limit.

        Raises FewerSeatsThanTaken.
        """
        if seats is not None and seats < self.seats_taken:
            raise FewerSeatsThanTaken(self.sku, self.title, seats, self.seats_taken)
        return attrs.evolve(self, seats=seats)

    def sold_within(self, opens_at: datetime | None, deadline_at: datetime | None) -> Product:
        """This product, sold in [opens_at, deadline_at). Raises NoTimeToBuy."""
        if opens_at is not None and deadline_at is not None and deadline_at <= opens_at:
            raise NoTimeToBuy(self.sku, self.title)
        return attrs.evolve(self, enrollment_opens_at=opens_at, payment_deadline_at=deadline_at)


@attrs.frozen
class UnknownProduct(Absent):
    sku: Sku | str


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
    """A product that cannot be bought now; each kind of it says why."""

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


def spoken(at: datetime) -> str:
    """A moment as a sentence says it: 1 December 2026, 23:59 UTC."""
    return f"{at.day} {at:%B %Y, %H:%M} {at.tzname()}"


class Products(Protocol):
    """Every product of the shop, and its price history."""

    def get(self, sku: Sku, /) -> Product:
        """The product sold under sku. Raises UnknownProduct."""
        ...

    def among(self, skus: Collection[Sku], /) -> Mapping[Sku, Product]:
        """The products sold under skus, all at once; one that does not exist is left out."""
        ...

    def runs_of(self, courses: Collection[CourseId], /) -> tuple[Product, ...]:
        """Every course run of these courses, by start."""
        ...

    def programs_with(self, courses: Collection[CourseId], /) -> tuple[Product, ...]:
        """Every program that has one of these courses, by title."""
        ...

    def search(self, wanted: CatalogueSearch, /) -> CataloguePage[Product]:
        """One page of the catalogue, by `shelf_place`."""
        ...

    def everything(self) -> tuple[Product, ...]:
        """All products, withdrawn ones too, in the order of `search`: for staff."""
        ...

    def following(self, sku: Sku | None, limit: int, /) -> tuple[Product, ...]:
        """So many products by sku, from the one after this: all of them, page by page."""
        ...

    def prices(self, sku: Sku, /) -> tuple[PriceVersion, ...]:
        """The price history of sku, oldest first."""
        ...

    def add(self, products: Collection[Product], /) -> None:
        """Put new products on the shelf. Raises Conflict where a sku or readable id is taken."""
        ...

    def save(self, products: Collection[Product], /) -> None:
        """Keep changed products; a new price version is appended.

        The seats taken are not written: `take_seats` and `release_seats` alone move them.
        Raises Conflict where another change came first.
        """
        ...

    def take_seats(self, skus: Collection[Sku], /) -> None:
        """One seat of each, all or none. Raises SoldOut; holds under any concurrency."""
        ...

    def release_seats(self, skus: Collection[Sku], /) -> None:
        """Give back one seat of each."""
        ...
