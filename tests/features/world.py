"""One shop with its payment gateway, learning platform, mail server, learners and staff."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from contextlib import contextmanager
from datetime import UTC
from typing import Any

import attrs

from adapters.cybersource.rest.keys import SharedKey
from adapters.cybersource.webhooks.verify import WebhookReader, WebhookSettings
from adapters.memory import MemoryShop
from adapters.sql.unit_of_work import SqlShop
from core.discounts.discount import DiscountId, Source
from core.errors import ShopError
from core.identity import Actor
from core.money import Currency, Money
from core.order_reference import Reference
from core.payments.attempt import Attempt
from core.payments.gateway import CardForm
from core.payments.hosted_page import PageReply
from core.products.product import (
    CourseId,
    CourseRun,
    Listing,
    PriceVersion,
    Product,
    Program,
    Sku,
)
from core.use_cases.discounts.create_discount import DiscountDraft, create_discount
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.payments.hosted_page import process_page_reply
from core.use_cases.shopping.basket import add_to_basket
from coursetill_testing.contracts.gateway_world import GatewayWorld
from coursetill_testing.running_gateways import at_work, pages_of, with_parts
from entrypoints.composition.gateways.cybersource import open_pages
from entrypoints.composition.gateways.cybersource_plugin import setup_in
from entrypoints.composition.shop import Shop
from entrypoints.composition.wording import for_learners
from entrypoints.letters.composer import LetterComposer
from entrypoints.letters.sender import LetterSender
from entrypoints.settings.shop import read_settings
from tests.features import partial_approval
from tests.features.fakes import (
    FaultyGateway,
    PriceExtension,
    RecordingMailServer,
    RecordingPlatform,
)
from tests.features.hosted_page import Site, Tab, site_of
from tests.features.roles import Shopper, Staff
from tests.features.webhooks import Sent

BASE = "http://127.0.0.1:8000"
SETTINGS = {
    "SIGN_IN": "demo",
    "SECRET_KEY": "a secret for the features alone, long enough",
    "SHOP_URL": BASE,
    "EVENTS_URL": "http://127.0.0.1:9/events",
    "EVENTS_SECRET": "worthless-secret-of-the-features-only",
    "SMTP_HOST": "127.0.0.1",
    "MAIL_FROM": "shop@example.org",
}

WEBHOOK_DOOR = "cybersource"
EVE = Actor.staff("eve")


@attrs.define
class World:
    """The shop of one scenario, and everything around it that the scenario mentions."""

    records: MemoryShop | SqlShop
    gateway_world: GatewayWorld
    make_shopper: Callable[[World, str], Shopper] = attrs.field(kw_only=True)
    make_staff: Callable[[World], Staff] = attrs.field(kw_only=True)
    platform: RecordingPlatform = attrs.field(factory=RecordingPlatform)
    extension: PriceExtension = attrs.field(factory=PriceExtension)
    mail_server: RecordingMailServer = attrs.field(factory=RecordingMailServer)
    people: dict[str, Shopper] = attrs.field(factory=dict)
    refusals: list[str] = attrs.field(factory=list)
    refusal: str | None = None
    unattended_form: CardForm | None = None
    gateway: FaultyGateway = attrs.field(init=False)
    shop: Shop = attrs.field(init=False)
    staff: Staff = attrs.field(init=False)
    site: Site = attrs.field(init=False)
    tabs: list[Tab] = attrs.field(factory=list)
    notification: bytes = b""
    deliver_webhook: Callable[[World, Sent], bool] = attrs.field(kw_only=True)
    webhooks: list[Sent] = attrs.field(factory=list)
    accepted: list[bool] = attrs.field(factory=list)
    output: str = ""
    _numbers: Any = attrs.field(factory=lambda: itertools.count(1))

    def __attrs_post_init__(self) -> None:
        self.gateway = FaultyGateway(self.gateway_world)
        settings = read_settings({f"COURSETILL_{name}": value for name, value in SETTINGS.items()})
        self.shop = Shop(
            settings,
            self.records.begin,
            self.records.read,
            self.gateway,
            self.platform,
            self.gateway_world.clock,
            sources=(self.extension,),
            gateways=at_work(self.gateway),
            letters=LetterSender(self.records.read, LetterComposer(settings), self.mail_server),
        )
        self.staff = self.make_staff(self)

    def use_hosted_page(self) -> None:
        """Let learners pay on the hosted page. Call it before the first learner appears."""
        self.site = site_of(self.gateway_world)
        environment = {**SETTINGS, **self.site.settings}
        settings = read_settings(
            {f"COURSETILL_{name}": value for name, value in environment.items()}
        )
        pages = open_pages(setup_in(settings), settings.shop_url)
        self.shop = with_parts(attrs.evolve(self.shop, settings=settings), pages=pages)

    def receive_page_reply(self, reply: bytes) -> None:
        """Process the notification that the gateway sends about a payment on its hosted page."""
        shop = self.shop
        pages = pages_of(shop)
        process_page_reply(
            PageReply(reply), begin=shop.begin, gateway=shop.gateway, pages=pages, now=shop.now()
        )

    def accept_webhooks(self, key: SharedKey) -> None:
        """Accept webhooks signed with this key. Call it before the first learner appears."""
        reader = WebhookReader(WebhookSettings(account=self.shop.gateway.account, keys=(key,)))
        self.shop = with_parts(self.shop, doors={WEBHOOK_DOOR: reader})

    def deliver(self, sent: Sent) -> bool:
        """Deliver a webhook; True if the shop accepts it."""
        return self.deliver_webhook(self, sent)

    def number(self) -> int:
        number: int = next(self._numbers)
        return number

    def person(self, name: str, *, signed_in: bool = True) -> Shopper:
        """The learner of this name, who appears when a scenario first mentions the name."""
        name = name.lower()
        if name not in self.people:
            self.people[name] = self.make_shopper(self, name)
            if signed_in:
                self.people[name].sign_in()
        return self.people[name]

    def order_of(self, name: str) -> Reference:
        """The latest order of this learner."""
        return self.person(name).orders()[0]

    def line_of(self, name: str, sku: str) -> int:
        """The position of this product's line in the latest order of this learner."""
        with self.shop.read() as work:
            lines = work.orders.get(self.order_of(name)).lines
        return next(line.position for line in lines if line.sku.text == sku)

    def record_refusal(self, refusal: str | None) -> None:
        """Remember the message of a refusal, or that the last request was not refused."""
        self.refusal = refusal
        if refusal is not None:
            self.refusals.append(refusal)

    @contextmanager
    def catch_refusals(self) -> Any:
        """Record a refusal instead of raising it."""
        self.record_refusal(None)
        try:
            yield
        except ShopError as error:
            self.record_refusal(for_learners(UTC).sentence(error))

    # The catalogue and the discounts.

    def add_product(self, product: Product) -> None:
        with self.shop.begin() as work:
            work.products.add([product])
            work.commit()

    def add_course_run(self, sku: str, price: Money, seats: int | None = None) -> None:
        number, _, term = sku.rpartition("-")
        self.add_product(
            Product(
                Sku(sku),
                f"course-v1:MITxT+{number}+{term}",
                f"Course {number}",
                CourseRun(CourseId(f"course-v1:MITxT+{number}")),
                PriceVersion(1, price, self.shop.now()),
                seats=seats,
            )
        )

    def add_program(self, sku: str, numbers: Collection[str], price: Money) -> None:
        courses = tuple(CourseId(f"course-v1:MITxT+{number}") for number in numbers)
        version = PriceVersion(1, price, self.shop.now())
        title, readable_id = f"Program {sku}", f"program-v1:MITxT+{sku}"
        self.add_product(Product(Sku(sku), readable_id, title, Program(courses), version))

    def change_product(self, sku: str, change: Callable[[Product], Product]) -> None:
        with self.shop.begin() as work:
            work.products.save([change(work.products.get(Sku(sku)))])
            work.commit()

    def set_listing_of(self, sku: str, listing: Listing) -> None:
        self.change_product(sku, lambda product: product.listed(listing))

    def create_discount_code(self, code: str, kind: str, amount: str, **more: Any) -> None:
        draft = DiscountDraft(code, kind, amount, **more)
        create_discount(
            draft,
            DiscountId(f"d-{self.number()}"),
            by=EVE,
            why="",
            begin=self.shop.begin,
            now=self.shop.now(),
        )

    def assign_discount(self, code: str, percent: str, shopper: Shopper) -> None:
        learners = (shopper.learner.id,)
        self.create_discount_code(
            code, "percent-off", percent, source=Source.ASSIGNED, learners=learners
        )

    def leave_in_basket(self, shopper: Shopper, sku: str) -> None:
        add_to_basket(shopper.learner, Sku(sku), begin=self.shop.begin, now=self.shop.now())

    def type_partly_approved_card(self, form: CardForm) -> str:
        """Type a card that the bank approves for a part of the amount only."""
        return partial_approval.type_card(self.gateway_world, form)

    def leave_unattended(self, form: CardForm) -> str:
        """Keep a card form open in a tab without typing a card into it."""
        self.unattended_form = form
        return ""

    @property
    def form_left_open(self) -> CardForm:
        assert self.unattended_form is not None
        return self.unattended_form

    # The payment gateway.

    def latest_attempt(self, shopper: Shopper) -> Attempt:
        with self.shop.read() as work:
            return work.attempts.of(shopper.orders()[0])[-1]

    def decide_review(self, shopper: Shopper, *, good: bool) -> None:
        self.gateway_world.later()
        attempt = self.latest_attempt(shopper)
        held: Any = self.gateway_world.gateway.find(attempt)
        self.gateway_world.decide(attempt, held, good=good)

    def report_result(self, shopper: Shopper, *, of_attempt: int = -1) -> None:
        """The gateway reports how an attempt ended, whatever it reported before."""
        self.gateway.has_no_records = False
        with self.shop.read() as work:
            attempt = work.attempts.of(shopper.orders()[0])[of_attempt]
        answer: Any = self.gateway.find(attempt)
        apply_result(attempt.id, answer, begin=self.shop.begin, now=self.shop.now())

    def captured(self) -> Money:
        self.gateway_world.later()
        return self.gateway_world.captured(Currency.USD)

    def refunded(self) -> Money:
        self.gateway_world.later()
        return self.gateway_world.refunded(Currency.USD)
