"""Sample objects without default values, so that a field an adapter loses is noticed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs

from core.audit_log import AuditEntry, Subject
from core.baskets.basket import Basket, Item
from core.discount_code import DiscountCode, PaymentType
from core.discounts.discount import (
    Discount,
    DiscountId,
    Limits,
    RedemptionType,
    Scope,
    Source,
)
from core.discounts.kinds.dollars_off import DollarsOff
from core.discounts.window import Window
from core.identity import Actor, Learner, LearnerId, Visitor
from core.messaging.inbox import InboxMessage, MessageState
from core.messaging.outbox import Event, EventName
from core.money import Currency, Money
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.line import Fulfilment, Line, Reduction, SoldRun
from core.orders.order import Order
from core.orders.order_state import OrderState
from core.orders.refund_request import RefundRequest, RefundRequestId, RefundRequestState
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt, AttemptId, AttemptState, PaymentFlow
from core.payments.dispute import Dispute, DisputeStage
from core.payments.gateway import Captured
from core.payments.notice import About, Notice
from core.payments.refund import LineRefund, Refund, RefundId, RefundState
from core.payments.transaction import Card, Transaction, TransactionKind
from core.products.product import (
    CourseId,
    CourseRun,
    Listing,
    PriceVersion,
    Product,
    Program,
    Sku,
)
from core.unit_of_work import Begin, UnitOfWork

KATHMANDU = timezone(timedelta(hours=5, minutes=45))
NOW = datetime(2031, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
ELSEWHERE = datetime(2031, 5, 1, 0, 15, tzinfo=KATHMANDU)  # In UTC this is still April.

ADA = Learner(LearnerId("ada|Ünïcode/ß"), "ada@exämple.org", "Ada Łovelace 数学")
BOB = Learner(LearnerId("bob"), "bob@example.org", "Bob")
VISITOR = Visitor("v-1")

MICRO, MACRO, DATA = (CourseId(f"course-v1:MITxT+14.{n}x") for n in (100, 200, 310))


ACCOUNT = GatewayAccount("memory", "Hôte 7", "test")
OTHER_ACCOUNT = GatewayAccount("memory", "Hôte 7", "production")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def euros(text: str) -> Money:
    return Money.of(text, Currency.EUR)


def a_program() -> Product:
    return Product(
        sku=Sku("DEDP-micro"),
        readable_id="program-v1:MITxT+DEDP",
        title="Données, Économie & Développement — 发展",
        sells=Program((DATA, MICRO, MACRO)),
        price_version=PriceVersion(3, euros("1234.57"), ELSEWHERE),
        enrollment_opens_at=NOW - hours(48),
        payment_deadline_at=NOW + hours(48.5),
        seats=40,
        seats_taken=7,
        listing=Listing.HIDDEN,
        version=5,
    )


def a_run() -> Product:
    """A run of a course of `a_program`."""
    return Product(
        sku=Sku("14.310x-1T2031"),
        readable_id=f"{DATA}+1T2031",
        title="Data Analysis for Social Scientists, 100 % _online_",
        sells=CourseRun(DATA, ELSEWHERE, NOW + hours(900), frozenset({a_program().sku})),
        price_version=PriceVersion(2, euros("39.33"), NOW),
        enrollment_opens_at=ELSEWHERE,
        payment_deadline_at=NOW + hours(2),
        seats=3,
        seats_taken=2,
        listing=Listing.WITHDRAWN,
        version=9,
    )


def a_plain_run(sku: str = "plain", **different: Any) -> Product:
    """A run on sale with only the required fields."""
    plain = Product(
        Sku(sku),
        f"course-v1:MITxT+{sku}+1T2031",
        f"Course {sku}",
        CourseRun(CourseId(f"course-v1:MITxT+{sku}")),
        PriceVersion(1, Money(1999), NOW),
    )
    return attrs.evolve(plain, **different)


def a_plain_program(sku: str, *courses: str, title: str = "Program") -> Product:
    return Product(
        Sku(sku),
        f"program-v1:MITxT+{sku}",
        title,
        Program(tuple(map(CourseId, courses))),
        PriceVersion(1, Money(99999), NOW),
    )


def a_basket() -> Basket:
    program, run = a_program(), a_run()
    return Basket(
        ADA,
        (
            Item(program.sku, program.price, ELSEWHERE, frozenset({run.sku, Sku("other-run")})),
            Item(Sku("zz"), euros("0.01"), NOW, frozenset({Sku("one")})),
        ),
        (DiscountCode("SPRING"), DiscountCode("ÉTÉ-2031")),
        version=0,
    )


def a_line(position: int = 1, sku: str = "DEDP-micro") -> Line:
    return Line(
        position=position,
        sku=Sku(sku),
        readable_id="program-v1:MITxT+DEDP",
        title="Économie — 发展",
        kind="program",
        price_version=3,
        list_price=euros("39.33"),
        reduction=Reduction(DiscountCode("SPRING"), "25 % off", euros("9.83"), PaymentType.SALES),
        due=euros("29.50"),
        runs=(
            SoldRun(Sku("run-b"), "course-v1:b", "B", NOW, ELSEWHERE),
            SoldRun(Sku("run-a"), "course-v1:a", "Ä", ELSEWHERE, NOW),
        ),
        starts_at=ELSEWHERE,
        ends_at=NOW + hours(900),
        fulfilment=Fulfilment.FULFILLED,
        refunded=euros("0.07"),
    )


def a_plain_line(position: int = 1, sku: str = "plain") -> Line:
    return Line(
        position, Sku(sku), f"course-v1:{sku}", sku, "course-run", 1, Money(1999), None, Money(1999)
    )


def an_order() -> Order:
    return Order(
        reference=Reference("SHOP-7K3M-Q9XD-2FVT"),
        learner=ADA,
        placed_at=ELSEWHERE,
        held_until=NOW + hours(0.5),
        lines=(a_line(1), a_line(2, "another")),
        request_key="press-1",
        fingerprint="f00",
        state=OrderState.PARTIALLY_REFUNDED,
        attention="paid twice",
        news=(some_news(),),
        version=4,
    )


def some_news(why: str = "a learner wrote: «trop cher»") -> HistoryEntry:
    return HistoryEntry(
        NOW, Actor.staff("Zoë"), OrderState.PAID, OrderState.PARTIALLY_REFUNDED, why
    )


def a_plain_order(reference: str = "SHOP-1", **different: Any) -> Order:
    """A pending order of one line, with its own request key."""
    plain = Order(
        Reference(reference),
        ADA,
        NOW,
        NOW + hours(0.5),
        (a_plain_line(),),
        f"press-{reference}",
        "f00",
    )
    return attrs.evolve(plain, **different)


def a_discount() -> Discount:
    return Discount(
        DiscountId("d-1"),
        DiscountCode("ÉTÉ-2031"),
        DollarsOff(euros("10.05")),
        Source.ASSIGNED,
        Scope(
            frozenset({Sku("14.310x-1T2031"), Sku("DEDP-micro")}),
            frozenset({Sku("DEDP-micro")}),
            frozenset({MICRO, MACRO}),
        ),
        Window(ELSEWHERE, NOW + hours(1)),
        Limits(RedemptionType.ONE_TIME_PER_USER, 17, 3),
        PaymentType.FINANCIAL_ASSISTANCE,
        "Spring flyers, 2031",
        version=2,
    )


def a_plain_discount(code: str = "SPRING", **different: Any) -> Discount:
    plain = Discount(
        DiscountId(f"id-of-{code}"), DiscountCode(code), DollarsOff(Money(1005, Currency.USD))
    )
    return attrs.evolve(plain, **different)


def an_attempt() -> Attempt:
    return Attempt(
        id=AttemptId("PAY-1"),
        reference=Reference("SHOP-1"),
        amount=euros("29.51"),
        opened_at=ELSEWHERE,
        state=AttemptState.UNKNOWN,
        session={"key": "välue", "other": ""},
        session_expires_at=NOW + hours(0.25),
        form_takes_payment=True,
        token="t-1",
        sent_at=NOW,
        reason="the connection was lost",
        next_enquiry_at=NOW + hours(1),
        enquiries=2,
        account=OTHER_ACCOUNT,
        flow=PaymentFlow.HOSTED_PAGE,
        dispute=Dispute(DisputeStage.LOST, ELSEWHERE, "non reconnu — «fraude»"),
        version=3,
    )


def a_plain_attempt(id_: str = "PAY-1", **different: Any) -> Attempt:
    plain = Attempt(AttemptId(id_), Reference("SHOP-1"), Money(1999), NOW, account=ACCOUNT)
    return attrs.evolve(plain, **different)


def a_transaction() -> Transaction:
    return Transaction(
        gateway_id="6543210987654321",
        kind=TransactionKind.REFUND,
        reference=Reference("SHOP-1"),
        attempt=AttemptId("PAY-1"),
        amount=euros("29.51"),
        at=ELSEWHERE,
        card=Card("Visa", "1111"),
        raw={"status": "PENDING", "reason": "für später"},
        account=OTHER_ACCOUNT,
    )


def a_refund() -> Refund:
    return Refund(
        id=RefundId("RFD-1"),
        reference=Reference("SHOP-1"),
        attempt=AttemptId("PAY-1"),
        amount=euros("9.83"),
        lines=(LineRefund(2, euros("9.82")), LineRefund(1, euros("0.01"))),
        reason="trop cher",
        by=Actor.staff("Zoë"),
        requested_at=ELSEWHERE,
        captured_as="6543210987654321",
        overpayment=True,
        state=RefundState.UNKNOWN,
        gateway_id="g-9",
        outcome="the connection was lost",
        sent_at=NOW + hours(0.5),
        next_enquiry_at=NOW + hours(1),
        enquiries=4,
        account=OTHER_ACCOUNT,
        version=6,
    )


def a_plain_refund(id_: str = "RFD-1", **different: Any) -> Refund:
    plain = Refund(
        RefundId(id_),
        Reference("SHOP-1"),
        AttemptId("PAY-1"),
        Money(101),
        (),
        "asked for",
        Actor.learner(ADA.id),
        NOW,
        "654",
        account=ACCOUNT,
    )
    return attrs.evolve(plain, **different)


def a_refund_request() -> RefundRequest:
    return RefundRequest(
        id=RefundRequestId("q-1"),
        reference=Reference("SHOP-1"),
        learner=ADA.id,
        positions=(2, 1),
        reason="trop cher, «vraiment»",
        asked_at=ELSEWHERE,
        state=RefundRequestState.APPROVED,
        answered_at=NOW + hours(3),
        answered_by=Actor.staff("Zoë"),
        answer="we are sorry to see you go",
        refund="RFD-1",
        version=2,
    )


def a_plain_request(id_: str = "q-1", **different: Any) -> RefundRequest:
    plain = RefundRequest(
        RefundRequestId(id_), Reference("SHOP-1"), ADA.id, (), "it is not for me", NOW
    )
    return attrs.evolve(plain, **different)


def an_event() -> Event:
    return Event(
        id="SHOP-1/2",
        name=EventName.FULFILMENT_REQUESTED,
        reference=Reference("SHOP-1"),
        at=ELSEWHERE,
        body={"runs": ("a", {"title": "Ä"}), "due": 2951, "paid": True, "note": None},
        position=2,
    )


def an_event_of(reference: str, id_: str) -> Event:
    return Event(id_, EventName.ORDER_PAID, Reference(reference), NOW, {"key": "value"})


def a_letter_of(reference: str, id_: str) -> Event:
    return Event(id_, EventName.RECEIPT, Reference(reference), NOW, {})


def an_entry(subject: Subject | None = None) -> AuditEntry:
    about = subject or Subject.product("run-1")
    return AuditEntry(ELSEWHERE, Actor.staff("Zoë"), about, "title A → Ä", "Hörfehler", number=7)


def a_notice() -> Notice:
    return Notice(
        key="0f" * 20,
        about=About.UNDOING,
        code="SHOP-1",
        attempt="PAY-1",
        answer=Captured("6543", euros("29.51"), Card("Visa", "1111"), {"status": "für später"}),
        at=ELSEWHERE,
        heard_at=NOW,
        event="payments.void.status.accepted",
        form="payload",
        raw={"id": "6543", "note": "\u0000«sic»"},
        account=OTHER_ACCOUNT,
    )


def a_message() -> InboxMessage:
    return InboxMessage(
        a_notice(),
        MessageState.FAILED,
        "the gateway cannot say — «non»",
        3,
        NOW + hours(1),
        Reference("SHOP-1"),
        number=7,
        version=2,
    )


def a_plain_message(key: str = "m-1", **different: Any) -> InboxMessage:
    notice = Notice(
        key=key, about=About.PAYMENT, code="SHOP-1", at=NOW, heard_at=NOW, account=ACCOUNT
    )
    return attrs.evolve(InboxMessage(notice), **different)


@contextmanager
def changing(begin: Begin) -> Iterator[UnitOfWork]:
    """A unit of work that is committed at the end of the block."""
    with begin() as work:
        yield work
        work.commit()
