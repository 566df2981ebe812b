"""Shoppers and staff who call the core directly."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import attrs

from core.audit_log import AuditSearch, Subject
from core.discount_code import DiscountCode
from core.identity import Actor, Learner, LearnerId, Shopper, Visitor
from core.messaging.outbox import Receiver
from core.money import Money
from core.order_reference import Reference
from core.orders.order import OrderSearch, UnknownOrder
from core.orders.order_state import OrderState
from core.orders.refund_request import RefundRequestId
from core.payments.attempt import AttemptId, AttemptState
from core.payments.gateway import CardForm
from core.payments.hosted_page import HostedPageRequest
from core.payments.notice import NotForUs, NoticeRefused
from core.payments.refund import RefundId
from core.products.product import Listing, Sku
from core.products.search import CatalogueSearch
from core.use_cases.back_office.order_actions import (
    add_note,
    cancel_by_staff,
    fulfil_again,
    resolve_attention,
)
from core.use_cases.catalogue.edit_product import reprice, set_listing, set_seats, set_window
from core.use_cases.catalogue.import_catalogue import every_product, import_catalogue
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.checkout.place_order import PlaceOrder, place_order
from core.use_cases.jobs.deliver_events import deliver_events, expire_letters
from core.use_cases.jobs.maintenance import run_maintenance
from core.use_cases.order_lifecycle.notifications import resend_receipt
from core.use_cases.order_lifecycle.order_details import order_details
from core.use_cases.payments.card_form import NotPayable, open_card_form, pay_with_token
from core.use_cases.payments.enquire import enquire
from core.use_cases.payments.hosted_page import open_hosted_page
from core.use_cases.payments.process_notices import process_notice
from core.use_cases.privacy.erase_person import erase_person, held_data
from core.use_cases.refunds.issue_refund import RefundSelection, issue_refund
from core.use_cases.refunds.refund_requests import (
    RefundApplication,
    approve_request,
    deny_request,
    file_request,
    latest_request,
)
from core.use_cases.shopping.basket import (
    ShownBasket,
    add_to_basket,
    enter_code,
    merge_visitor_basket,
    remove_from_basket,
    show_basket,
)
from entrypoints.csv_files.catalogue import read_catalogue_file, write_catalogue
from tests.features.gateway_messages import Sent
from tests.features.hosted_page import Form
from tests.features.world import DOOR, EVE, World

AFTER_A_TRY = {
    AttemptState.DECLINED: "waits for another card",
    AttemptState.ERROR: "waits for another try",
}
STANDINGS = {
    OrderState.REVIEW: "is held for review",
    OrderState.PAID: "is paid",
    OrderState.PARTIALLY_REFUNDED: "is partly refunded",
    OrderState.REFUNDED: "is refunded",
    OrderState.DECLINED: "is declined",
    OrderState.CANCELLED: "is cancelled",
    OrderState.EXPIRED: "has expired",
}


@attrs.define
class CoreShopper:
    """Somebody who shops by calling the shop's verbs."""

    world: World
    name: str
    learner: Learner = attrs.field(init=False)
    me: Shopper = attrs.field(init=False)
    left_out: set[str] = attrs.field(factory=set)
    confirmed: Money = attrs.field(init=False)
    placing: PlaceOrder = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.learner = Learner(
            LearnerId(self.name), f"{self.name}@example.org", self.name.title(), email_verified=True
        )
        self.me = Visitor(f"browser of {self.name}")

    def signs_in(self) -> None:
        if isinstance(self.me, Visitor):
            merge = merge_visitor_basket(self.me, self.learner, begin=self.world.shop.begin)
            self.left_out = {item.sku.text for item in merge.dropped}
        self.me = self.learner

    def finds(self, words: str) -> list[str]:
        with self.world.shop.read() as work:
            page = work.products.search(CatalogueSearch(self.world.shop.now(), words))
        return [product.sku.text for product in page.products]

    def puts(self, sku: str, runs: Collection[str] = ()) -> None:
        picked = [Sku(run) for run in runs]
        shop = self.world.shop
        with self.world.refusals():
            add_to_basket(self.me, Sku(sku), picked, begin=shop.begin, now=shop.now())

    def takes_out(self, sku: str) -> None:
        with self.world.refusals():
            remove_from_basket(self.me, Sku(sku), begin=self.world.shop.begin)

    def enters(self, code: str) -> None:
        shop = self.world.shop
        with self.world.refusals():
            enter_code(
                self.me,
                DiscountCode.of(code),
                begin=shop.begin,
                now=shop.now(),
                sources=shop.sources,
            )

    def follows_link(self, codes: Collection[str]) -> None:
        for code in codes:
            self.enters(code)

    def reviews(self) -> None:
        # One order after the other, also where the clock stands still.
        self.world.counter.clock.advance(seconds=1)
        number = self.world.number()
        self.confirmed = self._basket().quote.total
        self.placing = PlaceOrder(f"request-{number:04}", Reference(f"CT-FEATURE-{number:04}"))

    def confirms(self) -> None:
        shop = self.world.shop
        with self.world.refusals():
            place_order(
                self.learner,
                self.confirmed,
                self.placing,
                begin=shop.begin,
                gateway=shop.gateway,
                now=shop.now(),
                sources=shop.sources,
            )

    def pays(self, type_card: Callable[[CardForm], str], *, times: int = 1) -> None:
        shop = self.world.shop
        self.world.counter.clock.advance(seconds=1)
        how = {"begin": shop.begin, "gateway": shop.gateway, "now": shop.now()}
        attempt = AttemptId(f"A-FEATURE-{self.world.number():04}")
        with self.world.refusals():
            hold = timedelta(minutes=30)
            opened = open_card_form(self.orders()[0], self.learner.id, attempt, hold=hold, **how)
            text = type_card(opened.form)
            for _ in range(times):
                pay_with_token(opened.attempt.id, self.learner.id, text, hold=hold, **how)

    def goes_away(self) -> Form | None:
        shop = self.world.shop
        assert shop.pages is not None
        self.world.counter.clock.advance(seconds=1)
        try:
            opened = open_hosted_page(
                self.orders()[0],
                HostedPageRequest(learner=self.learner.id),
                AttemptId(f"A-FEATURE-{self.world.number():04}"),
                begin=shop.begin,
                gateway=shop.gateway,
                pages=shop.pages,
                now=shop.now(),
                hold=timedelta(minutes=30),
            )
        except NotPayable:
            return None
        return opened.page.address, dict(opened.page.fields)

    def comes_back(self, told: bytes) -> None:
        self.world.tells(None)
        try:
            self.world.hears(told)
        except NoticeRefused:
            self.world.tells("This message cannot be believed")

    def asks(self) -> None:
        shop = self.world.shop
        with shop.read() as work:
            attempts = work.attempts.of(self.orders()[0])
        for attempt in attempts:
            if attempt.in_doubt:
                enquire(attempt, begin=shop.begin, gateway=shop.gateway, now=shop.now())

    def cancels(self) -> None:
        shop = self.world.shop
        with self.world.refusals():
            cancel_order(
                self.orders()[0],
                self.learner.id,
                begin=shop.begin,
                gateway=shop.gateway,
                now=shop.now(),
            )

    def basket_total(self) -> str:
        return str(self._basket().quote.total)

    def price_in_basket(self, sku: str) -> str:
        lines = self._basket().quote.lines
        return next(str(line.due) for line in lines if line.product.sku.text == sku)

    def basket_text(self) -> str:
        quote = self._basket().quote
        told: list[object] = [line.product.sku for line in quote.lines]
        told += [line.why_not for line in quote.lines]
        told += [f"it was {line.price_was}" for line in quote.lines if line.price_was]
        told += [
            f"You own a run of {run.number} already"
            for line in quote.lines
            for run in line.owned_runs
        ]
        told += [code.why_not for code in quote.codes]
        told += [f"{winner} leaves less to pay" for c in quote.codes for winner in c.beaten_by]
        return " ".join(map(str, told))

    def was_left_out(self, sku: str) -> bool:
        return sku in self.left_out

    def asks_back(
        self, positions: Collection[int], *, reason: str = "not for me", consent: bool = True
    ) -> None:
        shop = self.world.shop
        asked = RefundApplication(
            RefundRequestId(f"q-{self.world.number()}"), tuple(positions), reason, consent=consent
        )
        with self.world.refusals():
            file_request(
                self.orders()[0],
                self.learner.id,
                asked,
                policy=shop.settings.refund_policy,
                begin=shop.begin,
                now=shop.now(),
            )

    def request_standing(self) -> str:
        with self.world.shop.read() as work:
            request = latest_request(work, self.orders()[0])
        return request.answer or "we are looking at it"

    def orders(self) -> list[Reference]:
        with self.world.shop.read() as work:
            return [o.reference for o in work.orders.search(OrderSearch(self.learner.id))]

    def standing(self) -> str:
        with self.world.shop.read() as work:
            known = order_details(work, self.orders()[0])
        if known.order.state is not OrderState.PENDING:
            return STANDINGS[known.order.state]
        if known.checking:
            return "is being checked"
        last = known.latest_attempt
        return AFTER_A_TRY.get(last.state if last else None, "waits for payment")

    def order_total(self) -> str:
        with self.world.shop.read() as work:
            return str(work.orders.get(self.orders()[0]).total)

    def receipt(self) -> str:
        with self.world.shop.read() as work:
            known = order_details(work, self.orders()[0])
        return f"{known.order.total} by {known.card}"

    def sees(self, reference: Reference) -> bool:
        try:
            with self.world.shop.read() as work:
                work.orders.get(reference).of_learner(self.learner.id)
        except UnknownOrder:
            return False
        return True

    def _basket(self) -> ShownBasket:
        shop = self.world.shop
        return show_basket(self.me, read=shop.read, now=shop.now(), sources=shop.sources)


def told_directly(world: World, sent: Sent) -> bool:
    """Whether the shop believes this message of the gateway."""
    shop = world.shop
    try:
        notice = shop.doors[DOOR].read(sent.headers, sent.body, shop.now())
    except NoticeRefused:
        return False
    if not isinstance(notice, NotForUs):
        process_notice(notice, begin=shop.begin, gateway=shop.gateway, now=shop.now())
    return True


@attrs.define
class CoreStaff:
    """Somebody who works for the shop by calling its verbs."""

    world: World

    def imports(self, rows: list[dict[str, str]]) -> tuple[int, int, int]:
        shop = self.world.shop
        with self.world.refusals():
            plan = import_catalogue(
                enumerate(rows, start=2), by=EVE, why="", begin=shop.begin, now=shop.now()
            )
            return len(plan.added), len(plan.changed), plan.unchanged
        return 0, 0, 0

    def reprices(self, sku: str, price: str) -> None:
        shop = self.world.shop
        reprice(
            Sku(sku),
            Money.of(price),
            by=EVE,
            why="fees have gone up",
            begin=shop.begin,
            now=shop.now(),
        )

    def withdraws(self, sku: str) -> None:
        self._lists(sku, Listing.WITHDRAWN)

    def restores(self, sku: str) -> None:
        self._lists(sku, Listing.ON_SALE)

    def seats(self, sku: str, number: int | None) -> None:
        shop = self.world.shop
        with self.world.refusals():
            set_seats(Sku(sku), number, by=EVE, why="", begin=shop.begin, now=shop.now())

    def sells_until(self, sku: str, deadline: datetime | None) -> None:
        shop = self.world.shop
        with self.world.refusals():
            set_window(
                Sku(sku), deadline_at=deadline, by=EVE, why="", begin=shop.begin, now=shop.now()
            )

    def exports(self) -> str:
        written = io.StringIO()
        with self.world.shop.read() as work:
            write_catalogue(every_product(work), written)
        return written.getvalue()

    def imports_text(self, text: str) -> tuple[int, int, int]:
        return self.imports([dict(row) for _, row in read_catalogue_file(text.encode())])

    def seats_of(self, sku: str) -> tuple[int, int]:
        with self.world.shop.read() as work:
            taken = work.products.get(Sku(sku)).seats_taken
            reserved = work.orders.reserved(Sku(sku))
        return taken - reserved, reserved

    def journal(self, sku: str) -> list[list[str]]:
        with self.world.shop.read() as work:
            found = work.audit_log.search(AuditSearch(Subject.product(sku)))
        return [[entry.by.name, entry.what, entry.why] for entry in found]

    def _lists(self, sku: str, listing: Listing) -> None:
        shop = self.world.shop
        set_listing(Sku(sku), listing, by=EVE, why="", begin=shop.begin, now=shop.now())

    def refunds(
        self,
        reference: Reference,
        amount: str | None = None,
        line: int | None = None,
        *,
        overpayment: bool = False,
    ) -> None:
        shop = self.world.shop
        part = Money.of(amount) if amount else None
        wanted = RefundSelection(part, (line,) if line else (), overpayment=overpayment)
        with self.world.refusals():
            issue_refund(
                reference,
                wanted,
                "she changed her mind",
                refund_id=RefundId(f"R-FEATURE-{self.world.number():04}"),
                staff=Actor.staff("eve"),
                begin=shop.begin,
                gateway=shop.gateway,
                now=shop.now(),
            )

    def forgets(self, learner: Learner) -> None:
        shop, pseudonym = self.world.shop, f"p{self.world.number()}"
        with self.world.refusals():
            erase_person(
                learner.id,
                pseudonym,
                by=EVE,
                why="asked by letter",
                begin=shop.begin,
                now=shop.now(),
            )

    def held(self, learner: Learner) -> int:
        return len(held_data(learner.id, read=self.world.shop.read).holdings.orders)

    def finds(self, **what: str) -> list[str]:
        read: dict[str, Callable[[str], object]] = {"sku": Sku, "state": OrderState}
        wanted = {name: read.get(name, str)(value) for name, value in what.items()}
        with self.world.shop.read() as work:
            return [order.reference for order in work.orders.search(OrderSearch(**wanted))]

    def notes(self, reference: Reference, text: str) -> None:
        shop = self.world.shop
        with self.world.refusals():
            add_note(reference, text, by=EVE, begin=shop.begin, now=shop.now())

    def attends(self, reference: Reference, why: str) -> None:
        shop = self.world.shop
        with self.world.refusals():
            resolve_attention(reference, by=EVE, why=why, begin=shop.begin, now=shop.now())

    def calls_off(self, reference: Reference, why: str) -> None:
        shop = self.world.shop
        with self.world.refusals():
            cancel_by_staff(
                reference,
                by=EVE,
                why=why,
                begin=shop.begin,
                gateway=shop.gateway,
                now=shop.now(),
            )

    def fulfils(self, reference: Reference, line: int) -> None:
        shop = self.world.shop
        with self.world.refusals():
            fulfil_again(reference, line, by=EVE, why="", begin=shop.begin, now=shop.now())

    def history(self, reference: Reference) -> list[tuple[str, str]]:
        with self.world.shop.read() as work:
            return [(str(entry.by), entry.why) for entry in work.orders.history(reference)]

    def approves(self, reference: Reference) -> None:
        shop = self.world.shop
        with self.world.refusals():
            approve_request(
                self._request(reference),
                "",
                refund_id=RefundId(f"R-FEATURE-{self.world.number():04}"),
                staff=EVE,
                begin=shop.begin,
                gateway=shop.gateway,
                now=shop.now(),
            )

    def denies(self, reference: Reference, why: str) -> None:
        shop = self.world.shop
        with self.world.refusals():
            deny_request(self._request(reference), why, staff=EVE, begin=shop.begin, now=shop.now())

    def _request(self, reference: Reference) -> RefundRequestId:
        with self.world.shop.read() as work:
            return latest_request(work, reference).id

    def resends_receipt(self, reference: Reference) -> None:
        shop = self.world.shop
        key = f"key-{self.world.number()}"
        resend_receipt(reference, key, staff=EVE, begin=shop.begin, now=shop.now())

    def keeps_up(self) -> None:
        shop = self.world.shop
        run_maintenance(begin=shop.begin, gateway=shop.gateway, now=shop.now())

    def delivers(self) -> None:
        shop = self.world.shop
        deliver_events(begin=shop.begin, receiver=shop.receiver, now=shop.now())
        expire_letters(begin=shop.begin, now=shop.now())
        deliver_events(Receiver.POST, begin=shop.begin, receiver=shop.letters, now=shop.now())

    def prices(self, sku: str) -> list[str]:
        with self.world.shop.read() as work:
            return [version.price.plain for version in work.products.prices(Sku(sku))]

    def fulfilment(self, reference: Reference, position: int) -> str:
        with self.world.shop.read() as work:
            return str(work.orders.get(reference).line(position).fulfilment.value)

    def needs_attention(self, reference: Reference) -> bool:
        with self.world.shop.read() as work:
            return work.orders.get(reference).attention is not None
