"""Staff who call the core directly."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

import attrs

from core.audit_log import AuditSearch, Subject
from core.discounts.discount import DiscountId
from core.identity import Actor, Learner
from core.messaging.outbox import Receiver
from core.money import Money
from core.order_reference import Reference
from core.orders.order import OrderSearch
from core.orders.order_state import OrderState
from core.orders.refund_request import RefundRequestId
from core.payments.refund import RefundId
from core.products.product import Listing, Sku
from core.use_cases.back_office.order_actions import (
    add_note,
    cancel_by_staff,
    fulfil_again,
    resolve_attention,
)
from core.use_cases.catalogue.edit_product import reprice, set_listing, set_seats, set_window
from core.use_cases.catalogue.import_catalogue import every_product, import_catalogue
from core.use_cases.discounts.create_discount import DiscountDraft, create_discount
from core.use_cases.jobs.deliver_events import deliver_events, expire_letters
from core.use_cases.jobs.maintenance import run_maintenance
from core.use_cases.order_lifecycle.notifications import resend_receipt
from core.use_cases.privacy.erase_person import erase_person, held_data
from core.use_cases.refunds.issue_refund import RefundSelection, issue_refund
from core.use_cases.refunds.refund_requests import (
    approve_request,
    deny_request,
    latest_request,
)
from entrypoints.csv_files.catalogue import read_catalogue_file, write_catalogue
from tests.features.world import EVE, World


@attrs.define
class CoreStaff:
    """A member of staff who calls the use cases."""

    world: World

    def create_discount(self, draft: DiscountDraft) -> None:
        shop, discount_id = self.world.shop, DiscountId(f"d-{self.world.number()}")
        with self.world.catch_refusals():
            create_discount(draft, discount_id, by=EVE, why="", begin=shop.begin, now=shop.now())

    def import_catalogue_rows(self, rows: list[dict[str, str]]) -> tuple[int, int, int]:
        shop = self.world.shop
        with self.world.catch_refusals():
            plan = import_catalogue(
                enumerate(rows, start=2), by=EVE, why="", begin=shop.begin, now=shop.now()
            )
            return len(plan.added), len(plan.changed), plan.unchanged
        return 0, 0, 0

    def change_price(self, sku: str, price: str) -> None:
        shop = self.world.shop
        reprice(
            Sku(sku),
            Money.of(price),
            by=EVE,
            why="fees have gone up",
            begin=shop.begin,
            now=shop.now(),
        )

    def withdraw(self, sku: str) -> None:
        self._lists(sku, Listing.WITHDRAWN)

    def put_back_on_sale(self, sku: str) -> None:
        self._lists(sku, Listing.ON_SALE)

    def set_capacity(self, sku: str, number: int | None) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            set_seats(Sku(sku), number, by=EVE, why="", begin=shop.begin, now=shop.now())

    def set_payment_deadline(self, sku: str, deadline: datetime | None) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            set_window(
                Sku(sku), deadline_at=deadline, by=EVE, why="", begin=shop.begin, now=shop.now()
            )

    def export_catalogue(self) -> str:
        written = io.StringIO()
        with self.world.shop.read() as work:
            write_catalogue(every_product(work), written)
        return written.getvalue()

    def import_catalogue_file(self, text: str) -> tuple[int, int, int]:
        return self.import_catalogue_rows(
            [dict(row) for _, row in read_catalogue_file(text.encode())]
        )

    def paid_and_reserved_seats(self, sku: str) -> tuple[int, int]:
        with self.world.shop.read() as work:
            taken = work.products.get(Sku(sku)).seats_taken
            reserved = work.orders.reserved(Sku(sku))
        return taken - reserved, reserved

    def audit_log_of(self, sku: str) -> list[list[str]]:
        with self.world.shop.read() as work:
            found = work.audit_log.search(AuditSearch(Subject.product(sku)))
        return [[entry.by.name, entry.what, entry.why] for entry in found]

    def _lists(self, sku: str, listing: Listing) -> None:
        shop = self.world.shop
        set_listing(Sku(sku), listing, by=EVE, why="", begin=shop.begin, now=shop.now())

    def refund(
        self,
        reference: Reference,
        amount: str | None = None,
        line: int | None = None,
        *,
        overpayment: bool = False,
    ) -> None:
        shop = self.world.shop
        part = Money.of(amount) if amount else None
        selection = RefundSelection(part, (line,) if line else (), overpayment=overpayment)
        with self.world.catch_refusals():
            issue_refund(
                reference,
                selection,
                "she changed her mind",
                refund_id=RefundId(f"R-FEATURE-{self.world.number():04}"),
                staff=Actor.staff("eve"),
                begin=shop.begin,
                gateway=shop.gateway,
                now=shop.now(),
            )

    def erase_personal_data(self, learner: Learner) -> None:
        shop, pseudonym = self.world.shop, f"p{self.world.number()}"
        with self.world.catch_refusals():
            erase_person(
                learner.id,
                pseudonym,
                by=EVE,
                why="asked by letter",
                begin=shop.begin,
                now=shop.now(),
            )

    def orders_in_data_export(self, learner: Learner) -> int:
        return len(held_data(learner.id, read=self.world.shop.read).holdings.orders)

    def find_orders(self, **filters: str) -> list[str]:
        parsers: dict[str, Callable[[str], object]] = {"sku": Sku, "state": OrderState}
        search = {name: parsers.get(name, str)(value) for name, value in filters.items()}
        with self.world.shop.read() as work:
            return [order.reference for order in work.orders.search(OrderSearch(**search))]

    def add_note(self, reference: Reference, text: str) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            add_note(reference, text, by=EVE, begin=shop.begin, now=shop.now())

    def resolve_attention_flag(self, reference: Reference, why: str) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            resolve_attention(reference, by=EVE, why=why, begin=shop.begin, now=shop.now())

    def cancel_unpaid_order(self, reference: Reference, why: str) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            cancel_by_staff(
                reference,
                by=EVE,
                why=why,
                begin=shop.begin,
                gateway=shop.gateway,
                now=shop.now(),
            )

    def request_enrolment_again(self, reference: Reference, line: int) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            fulfil_again(reference, line, by=EVE, why="", begin=shop.begin, now=shop.now())

    def history(self, reference: Reference) -> list[tuple[str, str]]:
        with self.world.shop.read() as work:
            return [(str(entry.by), entry.why) for entry in work.orders.history(reference)]

    def approve_refund_request(self, reference: Reference) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            approve_request(
                self._request(reference),
                "",
                refund_id=RefundId(f"R-FEATURE-{self.world.number():04}"),
                staff=EVE,
                begin=shop.begin,
                gateway=shop.gateway,
                now=shop.now(),
            )

    def deny_refund_request(self, reference: Reference, why: str) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            deny_request(self._request(reference), why, staff=EVE, begin=shop.begin, now=shop.now())

    def _request(self, reference: Reference) -> RefundRequestId:
        with self.world.shop.read() as work:
            return latest_request(work, reference).id

    def resend_receipt_email(self, reference: Reference) -> None:
        shop = self.world.shop
        key = f"key-{self.world.number()}"
        resend_receipt(reference, key, staff=EVE, begin=shop.begin, now=shop.now())

    def run_scheduled_check(self) -> None:
        shop = self.world.shop
        run_maintenance(begin=shop.begin, gateway=shop.gateway, now=shop.now())

    def run_scheduled_delivery(self) -> None:
        shop = self.world.shop
        deliver_events(begin=shop.begin, receiver=shop.receiver, now=shop.now())
        expire_letters(begin=shop.begin, now=shop.now())
        deliver_events(Receiver.POST, begin=shop.begin, receiver=shop.letters, now=shop.now())

    def price_history(self, sku: str) -> list[str]:
        with self.world.shop.read() as work:
            return [version.price.plain for version in work.products.prices(Sku(sku))]

    def fulfilment(self, reference: Reference, position: int) -> str:
        with self.world.shop.read() as work:
            return str(work.orders.get(reference).line(position).fulfilment.value)

    def needs_attention(self, reference: Reference) -> bool:
        with self.world.shop.read() as work:
            return work.orders.get(reference).attention is not None
