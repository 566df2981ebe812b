"""A shop in memory behind its web pages, and people with browsers who visit it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from adapters.memory.payment_gateway import MemoryGateway
from adapters.memory.shop import MemoryShop
from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from core.identity import Actor
from core.order_reference import Reference
from core.orders.order import Order
from core.payments.attempt import Attempt, AttemptState
from core.payments.gateway import CardForm
from core.payments.hosted_page import HostedPages
from core.products.product import Product, Sku
from core.use_cases.catalogue.import_catalogue import import_catalogue
from core.use_cases.discounts.create_discount import DiscountDraft, create_discount
from coursetill_testing.clock import MORNING, Clock
from coursetill_testing.running_gateways import CARD_FORM, at_work
from coursetill_testing.web_pages import Page, faults_of
from entrypoints.composition.clock_and_ids import new_discount_id, new_key
from entrypoints.composition.shop import NoReceiver, Shop, with_extensions
from entrypoints.extensions.loader import chosen_extensions, close, open_extensions, upgrade_tables
from entrypoints.settings.shop import Settings, read_settings
from entrypoints.web.app import create_app

STAFF = Actor.staff("ann")
LIBRARY = "https://pay.example.net/uc/v1/UnifiedCheckout.js"
ORIGINS = ("https://pay.example.net", "https://frames.example.net")
SECRET = "a secret for these tests alone, long enough"


CATALOGUE = Path(__file__).with_name("catalogue.csv")


class CompiledOnce(BytecodeCache):
    """A cache of the templates compiled for the first shop."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledOnce()


class Gateway(MemoryGateway):
    """A gateway whose card form comes from its own hosts, like a real one."""

    def open(self, attempt: Attempt, /) -> CardForm:
        return self._from_its_hosts(super().open(attempt))

    def form(self, attempt: Attempt, /) -> CardForm:
        return self._from_its_hosts(super().form(attempt))

    def _from_its_hosts(self, form: CardForm) -> CardForm:
        return attrs.evolve(form, library=LIBRARY, integrity="sha256-AAAA", origins=ORIGINS)


@attrs.define
class Person:
    """A person with a browser that stores cookies, follows no redirects and checks every page."""

    town: Town
    base: str
    client: Any
    page: Page = None  # type: ignore[assignment]  # set by the first visit

    def visit(self, address: str, **how: Any) -> Page:
        return self._saw(self.client.get(address, base_url=self.base, **how))

    def send(self, address: str, **fields: str) -> Page:
        """Send a form that no page has, with a valid token."""
        return self.post(address, csrf_token=self.token(), **fields)

    def post(self, address: str, **fields: Any) -> Page:
        """Send exactly these fields."""
        return self._saw(self.client.post(address, base_url=self.base, data=fields))

    def press(self, action: str, **filled: str) -> Page:
        """Send the form of this page that goes to action, with some fields filled in."""
        form = self.page.form(action)
        return self.post(action, **{**form.fields, **filled})

    def follow(self) -> Page:
        """Follow the redirect of the last answer."""
        assert self.page.status == 303, (self.page.status, self.page.text)
        return self.visit(self.page.location)

    def token(self) -> str:
        """The token of this person's forms. Every signed-in page and every product page has it."""
        answer = self.client.get("/products/STATS-1", base_url=self.base)
        return next(f.fields["csrf_token"] for f in Page(answer).forms if f.method == "post")

    def ask_for(self, address: str, *, accept: str = "application/json", **fields: str) -> Any:
        """The answer to a program, with this person's cookies."""
        headers = {"Accept": accept}
        if fields:
            fields["csrf_token"] = self.token()
            return self.client.post(address, base_url=self.base, data=fields, headers=headers)
        return self.client.get(address, base_url=self.base, headers=headers)

    def _saw(self, response: Any) -> Page:
        response.get_data()  # read before it is closed
        self.page = Page(response)
        response.close()
        if response.mimetype == "text/html" and self.page.status != 303:
            assert faults_of(self.page) == [], self.page.response.text
        return self.page

    # Actions.

    def signs_in(self, name: str = "Ada Lovelace", onward: str = "/") -> Page:
        self.visit(f"/sign-in/demo?next={onward}")
        return self.press("/sign-in/demo", name=name)

    def puts_in(self, sku: str, **picked: str) -> Page:
        self.visit(f"/products/{sku}")
        return self.press("/basket/items", **picked)

    def orders(self, *skus: str) -> str:
        """Order these products, and return the reference."""
        for sku in skus:
            self.puts_in(sku)
        self.visit("/checkout")
        self.press("/checkout")
        assert self.page.status == 303, self.page.text
        return self.page.location.split("/")[2]

    def opens_form(self, reference: str) -> Page:
        page = self.visit(f"/orders/{reference}/pay")
        if not page.offers(f"/orders/{reference}/attempts"):
            return page
        self.town.clock.advance(seconds=1)
        self.press(f"/orders/{reference}/attempts")
        return self.follow()

    def pays(self, reference: str) -> Page:
        """Type a card into the form, and return the result page."""
        self.opens_form(reference)
        self.press(f"/orders/{reference}/pay", token=self.town.typed_card(reference))
        return self.follow()


@attrs.define
class Town:
    """One shop and its surroundings."""

    settings: Settings
    records: MemoryShop | SqlShop = attrs.field(factory=MemoryShop)
    clock: Clock = attrs.field(factory=Clock)
    rules: tuple[Any, ...] = ()
    pages: HostedPages | None = None
    script: Path = CARD_FORM
    gateway_kind: type[Gateway] = Gateway
    gateway: Gateway = attrs.field(init=False)
    shop: Shop = attrs.field(init=False)
    app: Flask = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.gateway = self.gateway_kind(now=self.clock, new_id=new_key)
        self.shop = Shop(
            self.settings,
            self.records.begin,
            self.records.read,
            self.gateway,
            NoReceiver(),
            self.clock,
            self.rules,
            gateways=at_work(self.gateway, script=self.script, pages=self.pages),
        )
        with CATALOGUE.open(encoding="utf-8", newline="") as file:
            rows = list(enumerate(csv.DictReader(file), start=2))
        import_catalogue(
            rows,
            by=STAFF,
            why="the first catalogue",
            begin=self.records.begin,
            now=MORNING - timedelta(days=200),
        )
        self.app = create_app(self.shop)
        self.app.jinja_env.bytecode_cache = COMPILED

    def person(self, name: str | None = None, base: str | None = None) -> Person:
        """A new visitor, signed in if a name is passed."""
        somebody = Person(self, base or self.settings.shop_url, self.app.test_client())
        if name is not None:
            somebody.signs_in(name)
        return somebody

    def discount(
        self, code: str, kind: str = "percent-off", amount: str = "25", **more: Any
    ) -> None:
        written = DiscountDraft(code, kind, amount, **more)
        create_discount(
            written,
            new_discount_id(),
            by=STAFF,
            why="",
            begin=self.records.begin,
            now=self.clock(),
        )

    def typed_card(self, reference: str) -> str:
        """Type a card into the form of the order's open attempt, and return its token."""
        attempts = self.attempts(reference)
        opened = next(a for a in attempts if a.state is AttemptState.OPEN)
        return self.gateway.type_card(self.gateway.form(opened))

    def order(self, reference: str) -> Order:
        with self.records.read() as work:
            return work.orders.get(Reference(reference))

    def attempts(self, reference: str) -> tuple[Attempt, ...]:
        with self.records.read() as work:
            return work.attempts.of(Reference(reference))

    def changes(self, sku: str, change: Any) -> None:
        """Change a product directly in the records."""
        with self.records.begin() as work:
            product: Product = work.products.get(Sku(sku))
            work.products.save([change(product)])
            work.commit()

    def all_seats_go(self, sku: str) -> None:
        with self.records.begin() as work:
            while work.products.get(Sku(sku)).seats_left:
                work.products.take_seats([Sku(sku)])
            work.commit()


def settings(**different: str) -> Settings:
    """The settings of a demo shop on this machine, with some changes."""
    usual = {"SHOP_NAME": "The Test Shop", "SIGN_IN": "demo", "SECRET_KEY": SECRET}
    return read_settings({f"COURSETILL_{k}": v for k, v in {**usual, **different}.items()})


def town(**different: str) -> Town:
    return Town(settings(**different))


@contextmanager
def town_with_extensions(address: str, **different: str) -> Iterator[Town]:
    """A town whose shop uses the database at a URL, with extensions turned on.

    The setting `EXTENSIONS` names them. They must be installed; their tables are made here.
    """
    chosen = settings(DATABASE_URL=address, **different)
    for extension in chosen_extensions(chosen):
        if extension.tables is not None:
            upgrade_tables(extension, address)
    engine = open_engine(address)
    there = Town(chosen, SqlShop(engine))
    extensions = open_extensions(
        chosen_extensions(chosen),
        chosen,
        begin=there.shop.begin,
        read=there.shop.read,
        now=there.clock,
    )
    there.shop = with_extensions(there.shop, extensions)
    there.app = create_app(there.shop)
    there.app.jinja_env.bytecode_cache = COMPILED
    try:
        yield there
    finally:
        close(extensions)
        engine.dispose()
