"""Makers of products, discounts and orders: a test sets only the fields it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from core.baskets.basket import Basket, Item
from core.discount_code import DiscountCode, OfferCode, PaymentType
from core.discounts.discount import Discount, DiscountId, Offer, Source
from core.discounts.kinds import KINDS
from core.discounts.personal_offers import PersonalOffer
from core.identity import Actor, Learner, LearnerId
from core.money import Currency, Money
from core.order_reference import Reference
from core.orders.line import Line, Reduction
from core.orders.order import Order
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt, AttemptId
from core.payments.refund import Refund, RefundId
from core.products.product import (
    CourseId,
    CourseRun,
    Listing,
    PriceVersion,
    Product,
    Program,
    Sku,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)

ADA = Learner(LearnerId("ada"), "ada@example.org", "Ada Lovelace")
BOB = Learner(LearnerId("bob"), "bob@example.org", "Bob Kahn")
ACCOUNT = GatewayAccount("memory", "shop", "test")
"""The account of the tests' gateway."""
OTHER_ACCOUNT = GatewayAccount("memory", "older", "test")
CLERK = Actor.staff("clerk")


def usd(text: str) -> Money:
    return Money.of(text)


def run(sku: str = "14.310x-1T2027", price: str = "199.99", **changes: Any) -> Product:
    """A course run. Its course is its SKU up to the last hyphen."""
    number, _, term = sku.rpartition("-")
    currency = changes.pop("currency", Currency.USD)
    programs = frozenset(Sku(text) for text in changes.pop("programs", ()))
    course = CourseId(changes.pop("course", f"course-v1:MITxT+{number}"))
    return Product(
        Sku(sku),
        f"course-v1:MITxT+{number}+{term}",
        changes.pop("title", f"Course {number}"),
        CourseRun(course, NOW + 60 * DAY, NOW + 120 * DAY, programs),
        PriceVersion(1, Money.of(price, currency), NOW - 300 * DAY),
        **changes,
    )


def program(sku: str = "DEDP", price: str = "1350.00", **changes: Any) -> Product:
    """A program of the courses with these numbers."""
    numbers = changes.pop("courses", ("14.310x", "14.73x"))
    return Product(
        Sku(sku),
        f"program-v1:MITxT+{sku}",
        changes.pop("title", f"Program {sku}"),
        Program(tuple(CourseId(f"course-v1:MITxT+{number}") for number in numbers)),
        PriceVersion(1, Money.of(price), NOW - 300 * DAY),
        **changes,
    )


def withdrawn(product: Product) -> Product:
    return product.listed(Listing.WITHDRAWN)


def discount(code: str, kind: str = "percent-off", amount: str = "25", **changes: Any) -> Discount:
    currency = changes.pop("currency", Currency.USD)
    saving = KINDS[kind].of(amount, currency)
    return Discount(DiscountId(f"id-{code}"), DiscountCode(code), saving, **changes)


def offer(code: str, kind: str = "percent-off", amount: str = "25", **changes: Any) -> Offer:
    """A discount for one learner. `used` and similar arguments set fields of the offer."""
    about = {
        name: changes.pop(name) for name in ("used", "used_by_learner", "assigned") & changes.keys()
    }
    made = discount(code, kind, amount, **changes)
    about.setdefault("assigned", made.source is Source.ASSIGNED)
    return Offer(made, **about)


def personal(
    sku: str, kind: str = "fixed-price", amount: str = "25.00", code: str = "AID/75", **changes: Any
) -> PersonalOffer:
    """A personal offer of a source for one product."""
    source, _, name = code.partition("/")
    return PersonalOffer(
        Sku(sku),
        KINDS[kind].of(amount, changes.pop("currency", Currency.USD)),
        OfferCode(source, name),
        changes.pop("payment_type", PaymentType.FINANCIAL_ASSISTANCE),
        changes.pop("why", "your financial assistance"),
    )


def item(product: Product, *picked: Product) -> Item:
    return Item(product.sku, product.price, NOW, frozenset(each.sku for each in picked))


def basket(*items: Item, codes: Iterable[str] = (), shopper: Learner = ADA) -> Basket:
    return Basket(shopper, items, tuple(DiscountCode(code) for code in codes))


def line(position: int = 1, price: str = "199.99", off: str = "0", **changes: Any) -> Line:
    reduction = Reduction(DiscountCode("SPRING"), "some off", usd(off)) if usd(off) else None
    return Line(
        position=position,
        sku=changes.pop("sku", Sku(f"sku-{position}")),
        readable_id=f"course-v1:MITxT+{position}x+1T2027",
        title=f"Course {position}",
        kind="course-run",
        price_version=1,
        list_price=usd(price),
        reduction=reduction,
        due=usd(price) - usd(off),
        **changes,
    )


def order(*lines: Line, **changes: Any) -> Order:
    return Order(
        reference=changes.pop("reference", Reference("CT-0000-0000-0001")),
        learner=ADA,
        placed_at=NOW,
        held_until=NOW + 30 * MINUTE,
        lines=lines or (line(),),
        request_key="key-of-ada",
        fingerprint="what she asked for",
        **changes,
    )


def attempt(**changes: Any) -> Attempt:
    return attrs.evolve(
        Attempt(
            AttemptId("A1"),
            Reference("CT-0000-0000-0001"),
            usd("199.99"),
            NOW,
            account=ACCOUNT,
        ),
        **changes,
    )


def refund(**changes: Any) -> Refund:
    return attrs.evolve(
        Refund(
            RefundId("R1"),
            Reference("CT-0000-0000-0001"),
            AttemptId("A1"),
            usd("199.99"),
            (),
            "the course was cancelled",
            CLERK,
            NOW,
            "gateway-1",
            account=ACCOUNT,
        ),
        **changes,
    )


WRITTEN_RUN = {
    "sku": "14.310x-1T2027",
    "kind": "course-run",
    "readable_id": "course-v1:MITxT+14.310x+1T2027",
    "title": "Data Analysis in Social Science",
    "price": "199.99",
    "currency": "USD",
    "course": "course-v1:MITxT+14.310x",
    "courses": "",
    "enrollment_opens": "2026-06-01T00:00:00Z",
    "payment_deadline": "2027-02-10T23:59:00Z",
    "starts": "2027-01-27T14:00:00Z",
    "ends": "2027-05-20T14:00:00Z",
    "seats": "200",
}
WRITTEN_PROGRAM = WRITTEN_RUN | {
    "sku": "DEDP",
    "kind": "program",
    "readable_id": "program-v1:MITxT+DEDP",
    "title": "Data, Economics, and Design of Policy",
    "course": "",
    "courses": "course-v1:MITxT+14.310x course-v1:MITxT+14.73x",
    "starts": "",
    "ends": "",
    "seats": "",
}
"""Valid rows of a catalogue file."""
