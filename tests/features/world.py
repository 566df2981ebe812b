"""The world that a feature is told in: a shop, its gateway and platform, and who comes by."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

import attrs

from adapters.cybersource.rest.keys import SharedKey
from adapters.cybersource.webhooks.verify import WebhookReader, WebhookSettings
from adapters.memory import MemoryShop
from adapters.sql.unit_of_work import SqlShop
from core.discount_code import OfferCode, PaymentType
from core.discounts.discount import DiscountId, Source
from core.discounts.kinds.fixed_price import FixedPrice
from core.discounts.personal_offers import PersonalOffer
from core.errors import ShopError
from core.identity import Actor, Learner, LearnerId
from core.messaging.mail import Letter
from core.messaging.outbox import Event, NeverReceived, NotReceived, ReceiverIsDown
from core.money import Currency, Money
from core.order_reference import Reference
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Answer,
    CardForm,
    Finding,
    GatewayUnavailable,
    NotFound,
    RefundAnswer,
    RefundFailed,
    RefundFinding,
    Token,
    Unknown,
)
from core.payments.refund import Refund
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
from entrypoints.composition.gateways.cybersource import open_pages
from entrypoints.composition.shop import Shop
from entrypoints.letters.composer import LetterComposer
from entrypoints.letters.sender import LetterSender
from entrypoints.settings.shop import read_settings
from tests.features.gateway_messages import Sent
from tests.features.hosted_page import Form, Site, Tab, site_of

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

DOOR = "cybersource"
EVE = Actor.staff("eve")


@attrs.define
class Gateway:
    """The gateway with a bad line to it: it can be cut off, or forget what it knows."""

    counter: GatewayWorld
    out_of_reach: bool = False
    forgetful: bool = False
    refuses_next_refund: bool = False
    loses_next_refund: bool = False

    def open(self, attempt: Attempt, /) -> CardForm:
        if self.out_of_reach:
            raise GatewayUnavailable("the line is cut")
        return self.counter.gateway.open(attempt)

    def form(self, attempt: Attempt, /) -> CardForm:
        return self.counter.gateway.form(attempt)

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        return self.counter.gateway.verify(attempt, text)

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        return self.counter.gateway.charge(attempt, token)

    def find(self, attempt: Attempt, /) -> Finding:
        if self.out_of_reach:
            return Unknown("the line is cut")
        return NotFound() if self.forgetful else self.counter.gateway.find(attempt)

    def refund(self, refund: Refund, /) -> RefundAnswer:
        if self.refuses_next_refund:
            self.refuses_next_refund = False
            return RefundFailed("the account was closed")
        answer = self.counter.gateway.refund(refund)
        if self.loses_next_refund:
            self.loses_next_refund = False
            return Unknown("the answer was lost")
        return answer

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        return self.counter.gateway.find_refund(refund)

    def check(self) -> None:
        if self.out_of_reach:
            raise GatewayUnavailable("the line is cut")


@attrs.define
class Platform:
    """A learning platform that remembers what it was told, unless it is in trouble."""

    heard: list[Event] = attrs.field(factory=list)
    in_trouble: bool = False
    refuses_for_good: bool = False

    def receive(self, event: Event, /) -> None:
        if self.refuses_for_good:
            raise NeverReceived("it answered HTTP 400")
        if self.in_trouble:
            raise NotReceived("it answered HTTP 503")
        self.heard.append(event)


@attrs.define
class Extension:
    """A source of prices for some learners, unless it fails."""

    name: str = "aid"
    prices: dict[tuple[LearnerId, Sku], Money] = attrs.field(factory=dict)
    fails: bool = False

    def offers(
        self, learner: Learner, products: Collection[Product], at: datetime, /
    ) -> list[PersonalOffer]:
        if self.fails:
            raise RuntimeError("its tables are gone")
        return [
            PersonalOffer(
                product.sku,
                FixedPrice(self.prices[learner.id, product.sku]),
                OfferCode("aid", "own"),
                PaymentType.FINANCIAL_ASSISTANCE,
                "a price of your own",
            )
            for product in products
            if (learner.id, product.sku) in self.prices
        ]


@attrs.define
class MailServer:
    """A mail server that keeps what it takes, unless it is down or knows the address not."""

    letters: list[Letter] = attrs.field(factory=list)
    unknown: set[str] = attrs.field(factory=set)
    down: bool = False

    def send(self, letter: Letter, /) -> None:
        if self.down:
            raise ReceiverIsDown("nobody answers")
        if letter.email in self.unknown:
            raise NeverReceived("the mail server answered 550 no such user")
        self.letters.append(letter)

    def check(self) -> None:
        if self.down:
            raise ReceiverIsDown("nobody answers")


class Shopper(Protocol):
    """Somebody who shops, by whichever door. What the shop refuses them is told to the world."""

    learner: Learner

    def signs_in(self) -> None: ...
    def finds(self, words: str) -> list[str]: ...
    def puts(self, sku: str, runs: Collection[str] = ()) -> None: ...
    def takes_out(self, sku: str) -> None: ...
    def enters(self, code: str) -> None: ...
    def follows_link(self, codes: Collection[str]) -> None: ...
    def reviews(self) -> None: ...
    def confirms(self) -> None: ...
    def pays(self, type_card: Callable[[CardForm], str], *, times: int = 1) -> None: ...
    def asks(self) -> None: ...
    def cancels(self) -> None: ...
    def goes_away(self) -> Form | None: ...
    def comes_back(self, told: bytes) -> None: ...
    def asks_back(
        self, positions: Collection[int], *, reason: str = "not for me", consent: bool = True
    ) -> None: ...

    def basket_total(self) -> str: ...
    def price_in_basket(self, sku: str) -> str: ...
    def basket_text(self) -> str: ...
    def was_left_out(self, sku: str) -> bool: ...
    def orders(self) -> list[Reference]: ...
    def standing(self) -> str: ...
    def order_total(self) -> str: ...
    def receipt(self) -> str: ...
    def sees(self, reference: Reference) -> bool: ...
    def request_standing(self) -> str: ...


class Staff(Protocol):
    """Somebody who works for the shop, by whichever door."""

    def imports(self, rows: list[dict[str, str]]) -> tuple[int, int, int]: ...
    def journal(self, sku: str) -> list[list[str]]: ...
    def reprices(self, sku: str, price: str) -> None: ...
    def withdraws(self, sku: str) -> None: ...
    def restores(self, sku: str) -> None: ...
    def seats(self, sku: str, number: int | None) -> None: ...
    def sells_until(self, sku: str, deadline: datetime | None) -> None: ...
    def exports(self) -> str: ...
    def imports_text(self, text: str) -> tuple[int, int, int]: ...
    def seats_of(self, sku: str) -> tuple[int, int]: ...
    def refunds(
        self,
        reference: Reference,
        amount: str | None = None,
        line: int | None = None,
        *,
        overpayment: bool = False,
    ) -> None: ...
    def forgets(self, learner: Learner) -> None: ...
    def notes(self, reference: Reference, text: str) -> None: ...
    def attends(self, reference: Reference, why: str) -> None: ...
    def calls_off(self, reference: Reference, why: str) -> None: ...
    def fulfils(self, reference: Reference, line: int) -> None: ...
    def approves(self, reference: Reference) -> None: ...
    def denies(self, reference: Reference, why: str) -> None: ...
    def resends_receipt(self, reference: Reference) -> None: ...
    def keeps_up(self) -> None: ...
    def delivers(self) -> None: ...

    def prices(self, sku: str) -> list[str]: ...
    def fulfilment(self, reference: Reference, position: int) -> str: ...
    def needs_attention(self, reference: Reference) -> bool: ...
    def history(self, reference: Reference) -> list[tuple[str, str]]: ...
    def held(self, learner: Learner) -> int: ...
    def finds(self, **what: str) -> list[str]: ...


@attrs.define
class World:
    """One shop, and everything around it that a feature speaks of."""

    records: MemoryShop | SqlShop
    counter: GatewayWorld
    arrives: Callable[[World, str], Shopper] = attrs.field(kw_only=True)
    employs: Callable[[World], Staff] = attrs.field(kw_only=True)
    platform: Platform = attrs.field(factory=Platform)
    extension: Extension = attrs.field(factory=Extension)
    post: MailServer = attrs.field(factory=MailServer)
    people: dict[str, Shopper] = attrs.field(factory=dict)
    refused: list[str] = attrs.field(factory=list)
    refusal: str | None = None
    left_open: CardForm | None = None
    gateway: Gateway = attrs.field(init=False)
    shop: Shop = attrs.field(init=False)
    staff: Staff = attrs.field(init=False)
    site: Site = attrs.field(init=False)
    tabs: list[Tab] = attrs.field(factory=list)
    told: bytes = b""
    delivers: Callable[[World, Sent], bool] = attrs.field(kw_only=True)
    delivered: list[Sent] = attrs.field(factory=list)
    believed: list[bool] = attrs.field(factory=list)
    printed: str = ""
    _numbers: Any = attrs.field(factory=lambda: itertools.count(1))

    def __attrs_post_init__(self) -> None:
        self.gateway = Gateway(self.counter)
        settings = read_settings({f"COURSETILL_{name}": value for name, value in SETTINGS.items()})
        self.shop = Shop(
            settings,
            self.records.begin,
            self.records.read,
            self.gateway,
            self.platform,
            self.counter.clock,
            sources=(self.extension,),
            letters=LetterSender(self.records.read, LetterComposer(settings), self.post),
        )
        self.staff = self.employs(self)

    def pays_away(self) -> None:
        """From now on, and before anybody comes by, learners pay on the gateway's own page."""
        self.site = site_of(self.counter)
        told = {**SETTINGS, **self.site.settings}
        settings = read_settings({f"COURSETILL_{name}": value for name, value in told.items()})
        self.shop = attrs.evolve(self.shop, settings=settings, pages=open_pages(settings))

    def hears(self, told: bytes) -> None:
        """The gateway itself tells the shop of what became of a payment on its page."""
        shop = self.shop
        assert shop.pages is not None
        process_page_reply(
            told, begin=shop.begin, gateway=shop.gateway, pages=shop.pages, now=shop.now()
        )

    def listens(self, key: SharedKey) -> None:
        """From now on, and before anybody comes by, the gateway may send word signed by this."""
        reader = WebhookReader(WebhookSettings(keys=(key,)))
        self.shop = attrs.evolve(self.shop, doors={DOOR: reader})

    def is_told(self, sent: Sent) -> bool:
        """Whether the shop believes this message."""
        return self.delivers(self, sent)

    def number(self) -> int:
        number: int = next(self._numbers)
        return number

    def person(self, name: str, *, signed_in: bool = True) -> Shopper:
        """Somebody of this name; they come by when they are first spoken of."""
        if name not in self.people:
            self.people[name] = self.arrives(self, name)
            if signed_in:
                self.people[name].signs_in()
        return self.people[name]

    def tells(self, refusal: str | None) -> None:
        """Remember what the shop said no to just now, if it did."""
        self.refusal = refusal
        if refusal is not None:
            self.refused.append(refusal)

    @contextmanager
    def refusals(self) -> Any:
        """Let the shop say no to what is done here."""
        self.tells(None)
        try:
            yield
        except ShopError as error:
            self.tells(str(error))

    # What stands on the shelf.

    def sells(self, product: Product) -> None:
        with self.shop.begin() as work:
            work.products.add([product])
            work.commit()

    def sells_run(self, sku: str, price: Money, seats: int | None = None) -> None:
        number, _, term = sku.rpartition("-")
        self.sells(
            Product(
                Sku(sku),
                f"course-v1:MITxT+{number}+{term}",
                f"Course {number}",
                CourseRun(CourseId(f"course-v1:MITxT+{number}")),
                PriceVersion(1, price, self.shop.now()),
                seats=seats,
            )
        )

    def sells_program(self, sku: str, numbers: Collection[str], price: Money) -> None:
        courses = tuple(CourseId(f"course-v1:MITxT+{number}") for number in numbers)
        version = PriceVersion(1, price, self.shop.now())
        title, readable_id = f"Program {sku}", f"program-v1:MITxT+{sku}"
        self.sells(Product(Sku(sku), readable_id, title, Program(courses), version))

    def changes(self, sku: str, change: Callable[[Product], Product]) -> None:
        with self.shop.begin() as work:
            work.products.save([change(work.products.get(Sku(sku)))])
            work.commit()

    def lists(self, sku: str, listing: Listing) -> None:
        self.changes(sku, lambda product: product.listed(listing))

    def discounts(self, code: str, kind: str, amount: str, **more: Any) -> None:
        written = DiscountDraft(code, kind, amount, **more)
        create_discount(
            written,
            DiscountId(f"d-{self.number()}"),
            by=EVE,
            why="",
            begin=self.shop.begin,
            now=self.shop.now(),
        )

    def assigns(self, code: str, percent: str, shopper: Shopper) -> None:
        learners = (shopper.learner.id,)
        self.discounts(code, "percent-off", percent, source=Source.ASSIGNED, learners=learners)

    def left_in_basket(self, shopper: Shopper, sku: str) -> None:
        add_to_basket(shopper.learner, Sku(sku), begin=self.shop.begin, now=self.shop.now())

    def leaves(self, form: CardForm) -> str:
        """A card form stays open in some tab, and nobody types a card into it so far."""
        self.left_open = form
        return ""

    @property
    def left(self) -> CardForm:
        assert self.left_open is not None
        return self.left_open

    # What the gateway does by itself.

    def latest_attempt(self, shopper: Shopper) -> Attempt:
        with self.shop.read() as work:
            return work.attempts.of(shopper.orders()[0])[-1]

    def decides(self, shopper: Shopper, *, good: bool) -> None:
        self.counter.later()
        attempt = self.latest_attempt(shopper)
        held: Any = self.counter.gateway.find(attempt)
        self.counter.decide(attempt, held, good=good)

    def speaks_at_last(self, shopper: Shopper) -> None:
        """The gateway says how the latest attempt ended, whatever it said before."""
        self.gateway.forgetful = False
        attempt = self.latest_attempt(shopper)
        answer: Any = self.gateway.find(attempt)
        apply_result(attempt.id, answer, begin=self.shop.begin, now=self.shop.now())

    def captured(self) -> Money:
        self.counter.later()
        return self.counter.captured(Currency.USD)

    def refunded(self) -> Money:
        self.counter.later()
        return self.counter.refunded(Currency.USD)
