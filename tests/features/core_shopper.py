"""Learners who call the core directly."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

import attrs

from core.discount_code import DiscountCode
from core.identity import Learner, LearnerId, Shopper, Visitor
from core.money import Money
from core.order_reference import Reference
from core.orders.order import OrderSearch, UnknownOrder
from core.orders.order_state import OrderState
from core.orders.refund_request import RefundRequestId
from core.payments.attempt import AttemptId, AttemptState
from core.payments.gateway import CardForm
from core.payments.hosted_page import HostedPageRequest
from core.payments.notice import NotForUs, NoticeRefused
from core.products.product import Sku
from core.products.search import CatalogueSearch
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.checkout.place_order import PlaceOrder, place_order
from core.use_cases.order_lifecycle.order_details import order_details
from core.use_cases.payments.card_form import NotPayable, open_card_form, pay_with_token
from core.use_cases.payments.enquire import enquire
from core.use_cases.payments.hosted_page import open_hosted_page
from core.use_cases.payments.process_notices import process_notice
from core.use_cases.refunds.refund_requests import (
    RefundApplication,
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
from coursetill_testing.running_gateways import pages_of
from entrypoints.composition.wording import for_learners
from tests.features.hosted_page import Form
from tests.features.webhooks import Sent
from tests.features.world import WEBHOOK_DOOR, World

AFTER_AN_ATTEMPT = {
    AttemptState.DECLINED: "is awaiting another card",
    AttemptState.ERROR: "is awaiting another attempt",
}
STATUSES = {
    OrderState.REVIEW: "is held for review",
    OrderState.PAID: "is paid",
    OrderState.PARTIALLY_REFUNDED: "is partially refunded",
    OrderState.REFUNDED: "is refunded",
    OrderState.DECLINED: "is declined",
    OrderState.CANCELLED: "is cancelled",
    OrderState.EXPIRED: "has expired",
}


@attrs.define
class CoreShopper:
    """A learner who calls the use cases."""

    world: World
    name: str
    learner: Learner = attrs.field(init=False)
    me: Shopper = attrs.field(init=False)
    not_added: set[str] = attrs.field(factory=set)
    confirmed: Money = attrs.field(init=False)
    placing: PlaceOrder = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.learner = Learner(
            LearnerId(self.name), f"{self.name}@example.org", self.name.title(), email_verified=True
        )
        self.me = Visitor(f"browser of {self.name}")

    def sign_in(self) -> None:
        if isinstance(self.me, Visitor):
            merge = merge_visitor_basket(self.me, self.learner, begin=self.world.shop.begin)
            self.not_added = {item.sku.text for item in merge.dropped}
        self.me = self.learner

    def search(self, words: str) -> list[str]:
        with self.world.shop.read() as work:
            page = work.products.search(CatalogueSearch(self.world.shop.now(), words))
        return [product.sku.text for product in page.products]

    def add(self, sku: str, runs: Collection[str] = ()) -> None:
        picked = [Sku(run) for run in runs]
        shop = self.world.shop
        with self.world.catch_refusals():
            add_to_basket(self.me, Sku(sku), picked, begin=shop.begin, now=shop.now())

    def remove(self, sku: str) -> None:
        with self.world.catch_refusals():
            remove_from_basket(self.me, Sku(sku), begin=self.world.shop.begin)

    def enter_code(self, code: str) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            enter_code(
                self.me,
                DiscountCode.of(code),
                begin=shop.begin,
                now=shop.now(),
                sources=shop.sources,
            )

    def follow_link(self, codes: Collection[str]) -> None:
        for code in codes:
            self.enter_code(code)

    def review(self) -> None:
        # Orders of one learner differ in time, although the clock of a test stands still.
        self.world.gateway_world.clock.advance(seconds=1)
        number = self.world.number()
        self.confirmed = self._basket().quote.total
        self.placing = PlaceOrder(f"request-{number:04}", Reference(f"CT-FEATURE-{number:04}"))

    def confirm(self) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
            place_order(
                self.learner,
                self.confirmed,
                self.placing,
                begin=shop.begin,
                gateway=shop.gateway,
                now=shop.now(),
                sources=shop.sources,
            )

    def pay(self, type_card: Callable[[CardForm], str], *, times: int = 1) -> None:
        shop = self.world.shop
        self.world.gateway_world.clock.advance(seconds=1)
        context = {"begin": shop.begin, "gateway": shop.gateway, "now": shop.now()}
        attempt = AttemptId(f"A-FEATURE-{self.world.number():04}")
        with self.world.catch_refusals():
            hold = timedelta(minutes=30)
            opened = open_card_form(
                self.orders()[0], self.learner.id, attempt, hold=hold, **context
            )
            text = type_card(opened.form)
            for _ in range(times):
                pay_with_token(opened.attempt.id, self.learner.id, text, hold=hold, **context)

    def open_hosted_page(self) -> Form | None:
        shop = self.world.shop
        self.world.gateway_world.clock.advance(seconds=1)
        try:
            opened = open_hosted_page(
                self.orders()[0],
                HostedPageRequest(learner=self.learner.id),
                AttemptId(f"A-FEATURE-{self.world.number():04}"),
                begin=shop.begin,
                gateway=shop.gateway,
                pages=pages_of(shop),
                now=shop.now(),
                hold=timedelta(minutes=30),
            )
        except NotPayable:
            return None
        return opened.page.address, dict(opened.page.fields)

    def return_from_hosted_page(self, reply: bytes) -> None:
        self.world.record_refusal(None)
        try:
            self.world.receive_page_reply(reply)
        except NoticeRefused:
            self.world.record_refusal("This message cannot be believed")

    def enquire_payment(self) -> None:
        shop = self.world.shop
        with shop.read() as work:
            attempts = work.attempts.of(self.orders()[0])
        for attempt in attempts:
            if attempt.in_doubt:
                enquire(attempt, begin=shop.begin, gateway=shop.gateway, now=shop.now())

    def cancel_order(self) -> None:
        shop = self.world.shop
        with self.world.catch_refusals():
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
        shown: list[object] = [line.product.sku for line in quote.lines]
        shown += [line.why_not for line in quote.lines]
        shown += [f"it was {line.price_was}" for line in quote.lines if line.price_was]
        shown += [
            f"You own a run of {run.number} already"
            for line in quote.lines
            for run in line.owned_runs
        ]
        shown += [code.why_not for code in quote.codes]
        shown += [f"{winner} leaves less to pay" for c in quote.codes for winner in c.beaten_by]
        return " ".join(map(for_learners(UTC).sentence, shown))

    def was_not_added(self, sku: str) -> bool:
        return sku in self.not_added

    def request_refund(
        self, positions: Collection[int], *, reason: str = "not for me", consent: bool = True
    ) -> None:
        shop = self.world.shop
        application = RefundApplication(
            RefundRequestId(f"q-{self.world.number()}"), tuple(positions), reason, consent=consent
        )
        with self.world.catch_refusals():
            file_request(
                self.orders()[0],
                self.learner.id,
                application,
                policy=shop.settings.refund_policy,
                begin=shop.begin,
                now=shop.now(),
            )

    def refund_request_text(self) -> str:
        with self.world.shop.read() as work:
            request = latest_request(work, self.orders()[0])
        return request.answer or "we are looking at it"

    def orders(self) -> list[Reference]:
        with self.world.shop.read() as work:
            return [o.reference for o in work.orders.search(OrderSearch(self.learner.id))]

    def order_status(self) -> str:
        with self.world.shop.read() as work:
            details = order_details(work, self.orders()[0])
        if details.order.state is not OrderState.PENDING:
            return STATUSES[details.order.state]
        if details.checking:
            return "is being checked"
        last = details.latest_attempt
        return AFTER_AN_ATTEMPT.get(last.state if last else None, "is awaiting payment")

    def order_total(self) -> str:
        with self.world.shop.read() as work:
            return str(work.orders.get(self.orders()[0]).total)

    def receipt(self) -> str:
        with self.world.shop.read() as work:
            details = order_details(work, self.orders()[0])
        order = details.order
        shown: list[object] = [order.reference, order.learner.name, order.learner.email]
        shown += [_day(order.placed_at), _day(details.paid_at), order.total, details.card]
        for line in order.lines:
            shown += [line.title, line.readable_id, line.list_price, line.due]
            shown += [_day(at) for at in (line.starts_at, line.ends_at) if at]
            if line.reduction:
                shown += [line.reduction.amount, line.reduction.saving, line.reduction.code]
        for refund in details.given_back:
            shown += [_day(refund.requested_at), refund.amount]
        shown.append(order.total - details.refunded)
        return " ".join(map(str, shown))

    def can_see_order(self, reference: Reference) -> bool:
        try:
            with self.world.shop.read() as work:
                work.orders.get(reference).of_learner(self.learner.id)
        except UnknownOrder:
            return False
        return True

    def _basket(self) -> ShownBasket:
        shop = self.world.shop
        return show_basket(self.me, read=shop.read, now=shop.now(), sources=shop.sources)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def deliver_directly(world: World, sent: Sent) -> bool:
    """Deliver a webhook to the use case; True if the shop accepts it."""
    shop = world.shop
    try:
        notice = shop.doors[WEBHOOK_DOOR].read(sent.headers, sent.body, shop.now())
    except NoticeRefused:
        return False
    if not isinstance(notice, NotForUs):
        process_notice(notice, begin=shop.begin, gateway=shop.gateway, now=shop.now())
    return True
