"""A shop on SQLite with a gateway in memory, and its command line."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import attrs
from click.testing import CliRunner, Result

from adapters.memory.payment_gateway import MemoryGateway
from core.discount_code import DiscountCode
from core.identity import Learner, LearnerId
from core.messaging.outbox import Event, NotReceived
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.products.product import Sku
from core.use_cases.checkout.place_order import PlaceOrder, place_order
from core.use_cases.payments.card_form import open_card_form, pay_with_token
from core.use_cases.shopping.basket import add_to_basket, enter_code, show_basket
from coursetill_testing.clock import Clock
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.main import coursetill
from entrypoints.composition.shop import Shop

ADA = Learner(LearnerId("ada-1"), "ada@example.org", "Ada Lovelace")
BOB = Learner(LearnerId("bob-2"), "bob@example.org", "Bob Kahn")


@attrs.define
class Listener:
    """A receiver that stores events, and can be set to refuse them."""

    heard: list[Event] = attrs.field(factory=list)
    deaf: bool = False
    refuses: NotReceived | None = None

    def receive(self, event: Event, /) -> None:
        if self.refuses is not None:
            raise self.refuses
        if self.deaf:
            raise NotReceived("it answered HTTP 503")
        self.heard.append(event)


@attrs.frozen
class CommandLine:
    """The command line of one shop, and controls for its surroundings."""

    shop: Shop
    gateway: MemoryGateway
    receiver: Listener
    clock: Clock
    numbers: Any = attrs.field(factory=lambda: itertools.count(1))
    environ: Mapping[str, str] = attrs.field(factory=dict)

    def by_nobody(self) -> CommandLine:
        """The same, without a setting for the staff member."""
        settings = attrs.evolve(self.shop.settings, staff=None)
        return attrs.evolve(self, shop=attrs.evolve(self.shop, settings=settings))

    def run(self, *arguments: str, typed: str | bytes | None = None) -> Result:
        """Run `coursetill ARGUMENTS`. `typed` is its standard input."""
        # Use no terminal and no settings of the machine that runs the tests.
        nothing = {"COURSETILL_DEBUG": None, "COURSETILL_STAFF": None}
        context = CommandContext(self.environ, self.shop)
        return CliRunner().invoke(coursetill, arguments, input=typed, env=nothing, obj=context)

    def ok(self, *arguments: str) -> str:
        """Run a command that must succeed, and return its output."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stderr) == (0, result.stderr), result.output
        return result.stdout

    def shape(self, *arguments: str) -> Any:
        """The same with --json, parsed."""
        return json.loads(self.ok(*arguments, "--json"))

    def problem(self, *arguments: str) -> dict[str, Any]:
        """The problem with which it fails under --json. stdout must be empty."""
        result = self.run(*arguments, "--json")
        assert result.stdout == ""
        told: dict[str, Any] = json.loads(result.stderr)
        assert told["exit_code"] == result.exit_code
        return told

    def ordered(
        self,
        *skus: str,
        learner: Learner = ADA,
        codes: Collection[str] = (),
        runs: Collection[str] = (),
    ) -> Reference:
        """Make a pending order and return its reference. `runs` are selected for the first SKU."""
        begin, now = self.shop.begin, self.clock()
        picked = {Sku(run) for run in runs}
        for sku in skus:
            add_to_basket(learner, Sku(sku), picked, begin=begin, now=now)
            picked = set()
        for code in codes:
            enter_code(learner, DiscountCode(code), begin=begin, now=now)
        total = show_basket(learner, read=self.shop.read, now=now).quote.total
        number = next(self.numbers)
        placing = PlaceOrder(f"request-{number:04}", Reference(f"CT-TEST-{number:04}"))
        order = place_order(learner, total, placing, begin=begin, gateway=self.gateway, now=now)
        return order.reference

    def paid(self, *skus: str, learner: Learner = ADA, **more: Any) -> Reference:
        """Make an order, try to pay it, and return its reference."""
        reference = self.ordered(*skus, learner=learner, **more)
        self.tries_to_pay(reference, learner)
        return reference

    def tries_to_pay(self, reference: Reference, learner: Learner = ADA) -> None:
        how: dict[str, Any] = {
            "begin": self.shop.begin,
            "gateway": self.gateway,
            "now": self.clock(),
            "hold": timedelta(minutes=30),
        }
        attempt = AttemptId(f"A-TEST-{next(self.numbers):04}")
        opened = open_card_form(reference, learner.id, attempt, **how)
        pay_with_token(attempt, learner.id, self.gateway.type_card(opened.form), **how)
