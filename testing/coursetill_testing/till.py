"""A shop in memory, with a clock and a gateway that a test controls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from adapters.memory import MemoryShop
from adapters.memory.payment_gateway import MemoryGateway
from core.discount_code import DiscountCode
from core.discounts.discount import Discount
from core.discounts.personal_offers import PriceSource
from core.identity import Learner, Shopper
from core.messaging.inbox import InboxMessage, InboxSearch
from core.messaging.outbox import Event, NotReceived, OutboxSearch, Receiver
from core.money import Money
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.order import Order
from core.payments.attempt import Attempt, AttemptId
from core.payments.gateway import Answer, Captured
from core.payments.notice import About, Notice
from core.payments.refund import Refund, RefundId
from core.payments.transaction import Transaction
from core.products.product import Product, Sku
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.checkout.place_order import HOLD, PlaceOrder, place_order
from core.use_cases.jobs.deliver_events import DeliveryReport, deliver_events
from core.use_cases.jobs.maintenance import MaintenanceReport, run_maintenance
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.payments.card_form import OpenedForm, open_card_form, pay_with_token
from core.use_cases.payments.enquire import enquire
from core.use_cases.payments.process_notices import process_notice, replay_message
from core.use_cases.refunds.execute_refund import apply_refund_result
from core.use_cases.refunds.issue_refund import (
    RefundPlan,
    RefundSelection,
    issue_refund,
    plan_refund,
)
from core.use_cases.shopping.basket import ShownBasket, add_to_basket, enter_code, show_basket
from coursetill_testing.makers import ADA, CLERK, NOW, discount, program, run


def numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


class Platform:
    """A learning platform that accepts every event, unless it is set to refuse."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.refuses: str | None = None

    def receive(self, event: Event, /) -> None:
        if self.refuses is not None:
            raise NotReceived(self.refuses)
        self.heard.append(event)

    @property
    def names(self) -> list[str]:
        return [event.name.value for event in self.heard]


class Till:
    """The shop's use cases with defaults for the arguments that a test does not need."""

    def __init__(self, gateway: type[MemoryGateway] = MemoryGateway) -> None:
        self.records = MemoryShop()
        self.begin, self.read = self.records.begin, self.records.read
        self.now = NOW
        self.hold = HOLD
        self.platform = Platform()
        self.gateway = gateway(now=self._clock, new_id=lambda: f"g-{self.number()}")
        self.sources: tuple[PriceSource, ...] = ()
        self._numbers = numbers()

    def _clock(self) -> datetime:
        return self.now

    def number(self) -> int:
        return next(self._numbers)

    def passes(self, time: timedelta) -> None:
        self.now += time

    # The catalogue.

    def sells(self, *products: Product) -> None:
        with self.begin() as work:
            work.products.add(products)
            work.commit()

    def offers(self, *discounts: Discount) -> None:
        with self.begin() as work:
            for each in discounts:
                work.discounts.add(each)
            work.commit()

    def assigns(self, discount: Discount, *learners: Learner) -> None:
        with self.begin() as work:
            work.discounts.assign(discount.id, [learner.id for learner in learners])
            work.commit()

    def changes(self, product: Product) -> None:
        with self.begin() as work:
            work.products.save([product])
            work.commit()

    def product(self, sku: str) -> Product:
        with self.read() as work:
            return work.products.get(Sku(sku))

    # Actions of learners.

    def puts(self, sku: str, *runs: str, by: Shopper = ADA) -> None:
        picked = [Sku(each) for each in runs]
        add_to_basket(by, Sku(sku), picked, begin=self.begin, now=self.now)

    def enters(self, code: str, *, by: Shopper = ADA) -> None:
        enter_code(by, DiscountCode(code), begin=self.begin, now=self.now, sources=self.sources)

    def basket(self, by: Shopper = ADA) -> ShownBasket:
        return show_basket(by, read=self.read, now=self.now, sources=self.sources)

    def checks_out(
        self,
        *skus: str,
        by: Learner = ADA,
        confirmed: Money | None = None,
        key: str | None = None,
        rules: Any = (),
    ) -> Order:
        for sku in skus:
            self.puts(sku, by=by)
        number = self.number()
        return place_order(
            by,
            self.basket(by).quote.total if confirmed is None else confirmed,
            PlaceOrder(key or f"key-{number:08}", Reference(f"CT-{number:04}")),
            begin=self.begin,
            gateway=self.gateway,
            now=self.now,
            hold=self.hold,
            rules=rules,
            sources=self.sources,
        )

    def opens(self, order: Order, *, by: Learner = ADA) -> OpenedForm:
        return open_card_form(
            order.reference,
            by.id,
            AttemptId(f"A{self.number()}"),
            begin=self.begin,
            gateway=self.gateway,
            now=self.now,
            hold=self.hold,
        )

    def sends(self, opened: OpenedForm, card: str | None = None, *, by: Learner = ADA) -> Order:
        """Send the card form, with a typed card or with a forged token."""
        text = self.gateway.type_card(opened.form) if card is None else card
        reference = pay_with_token(
            opened.attempt.id,
            by.id,
            text,
            begin=self.begin,
            gateway=self.gateway,
            now=self.now,
            hold=self.hold,
        )
        return self.order(reference)

    def pays(self, order: Order, answer: Answer | None = None, *, by: Learner = ADA) -> Order:
        """Pay by card. The gateway gives the set answer; by default it captures."""
        if answer is not None:
            self.gateway.answers_next(answer)
        return self.sends(self.opens(order, by=by), by=by)

    def buys(self, *skus: str, by: Learner = ADA) -> Order:
        return self.pays(self.checks_out(*skus, by=by), by=by)

    def buys_elsewhere(self, *skus: str, by: Learner = ADA) -> Order:
        """Buy through another gateway's answer: the order is paid without a form."""
        order = self.checks_out(*skus, by=by)
        opened = self.opens(order, by=by)
        return self.hears(opened.attempt, Captured(f"g-{self.number()}", order.total))

    def cancels(self, order: Order, *, by: Learner = ADA) -> Order:
        return cancel_order(
            order.reference, by.id, begin=self.begin, gateway=self.gateway, now=self.now
        )

    # Actions of the gateway, the clock and the platform.

    def hears(self, attempt: Attempt, answer: Answer) -> Order:
        return apply_result(attempt.id, answer, begin=self.begin, now=self.now)

    def is_told(self, code: str, answer: Any = None, **more: Any) -> InboxMessage | None:
        """Process a message of the gateway about this order or refund."""
        usual: dict[str, Any] = {"key": f"m-{self.number()}", "about": About.PAYMENT}
        usual |= {"at": self.now, "heard_at": self.now, "account": self.gateway.account}
        notice = Notice(code=code, answer=answer, **usual | more)
        return process_notice(notice, begin=self.begin, gateway=self.gateway, now=self.now)

    def replays(self, number: int) -> InboxMessage:
        return replay_message(
            number, by=CLERK, begin=self.begin, gateway=self.gateway, now=self.now
        )

    def inbox(self) -> tuple[InboxMessage, ...]:
        with self.read() as work:
            return work.inbox.search(InboxSearch())

    def asks(self, attempt: Attempt) -> Attempt:
        return enquire(attempt, begin=self.begin, gateway=self.gateway, now=self.now)

    def hears_of_refund(self, given: Refund, answer: Any) -> Refund:
        return apply_refund_result(given.id, answer, begin=self.begin, now=self.now)

    def keeps_up(self) -> MaintenanceReport:
        return run_maintenance(begin=self.begin, gateway=self.gateway, now=self.now)

    def delivers(self) -> DeliveryReport:
        return deliver_events(begin=self.begin, receiver=self.platform, now=self.now)

    # Actions of staff.

    def refunds(
        self, order: Order, amount: Money | None = None, *positions: int, named: str | None = None
    ) -> Refund | None:
        return issue_refund(
            order.reference,
            RefundSelection(amount, positions),
            "the course was cancelled",
            refund_id=RefundId(named or f"R{self.number()}"),
            staff=CLERK,
            begin=self.begin,
            gateway=self.gateway,
            now=self.now,
        )

    def foresees(self, order: Order, amount: Money | None = None, *positions: int) -> RefundPlan:
        with self.read() as work:
            return plan_refund(work, order.reference, RefundSelection(amount, positions))

    # Results.

    def order(self, reference: Reference) -> Order:
        with self.read() as work:
            return work.orders.get(reference)

    def history(self, order: Order) -> tuple[HistoryEntry, ...]:
        with self.read() as work:
            return work.orders.history(order.reference)

    def attempts_of(self, order: Order) -> tuple[Attempt, ...]:
        with self.read() as work:
            return work.attempts.of(order.reference)

    def refunds_of(self, order: Order) -> tuple[Refund, ...]:
        with self.read() as work:
            return work.refunds.of(order.reference)

    def transactions_of(self, order: Order) -> tuple[Transaction, ...]:
        with self.read() as work:
            return work.transactions.of(order.reference)

    def uses_of(self, order: Order) -> dict[str, str]:
        """Each code of the order, and the state of its use."""
        with self.read() as work:
            uses = work.redemptions.of(order.reference)
        return {use.code.text: use.state.value for use in uses}

    def seats_taken(self, sku: str) -> int:
        return self.product(sku).seats_taken

    def events_of(self, order: Order, to: Receiver = Receiver.PLATFORM) -> list[str]:
        with self.read() as work:
            wanted = OutboxSearch(order.reference, limit=1000, receiver=to)
            entries = work.outbox.search(wanted)
        return [entry.event.name.value for entry in entries]

    def letters_of(self, order: Order) -> list[str]:
        return self.events_of(order, Receiver.POST)


def stocked(gateway: type[MemoryGateway] = MemoryGateway) -> Till:
    """A till in a shop with a program, some runs (one of them with one seat left) and a code."""
    till = Till(gateway)
    till.sells(
        program("DEDP", "1350.00", courses=("14.310x", "14.73x")),
        run("14.310x-1T2027", "199.99", seats=2),
        run("14.310x-3T2026", "149.99"),
        run("14.73x-1T2027", "100.01", seats=1),
        run("6.86x-1T2027", "39.33"),
        run("free-1T2027", "0.00", seats=5),
    )
    till.offers(discount("SPRING", "percent-off", "25"))
    return till
