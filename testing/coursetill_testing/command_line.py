"""A shop on SQLite with a gateway in this process, and the command line that works on it."""

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
    """A receiver that remembers what it was told, and can refuse to listen."""

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
    """The command line of one shop, and what its world does."""

    shop: Shop
    gateway: MemoryGateway
    receiver: Listener
    clock: Clock
    numbers: Any = attrs.field(factory=lambda: itertools.count(1))
    environ: Mapping[str, str] = attrs.field(factory=dict)

    def by_nobody(self) -> CommandLine:
        """The same, where no setting says who works with it."""
        settings = attrs.evolve(self.shop.settings, staff=None)
        return attrs.evolve(self, shop=attrs.evolve(self.shop, settings=settings))

    def run(self, *arguments: str, typed: str | bytes | None = None) -> Result:
        """What `coursetill ARGUMENTS` does; `typed` is what it reads from stdin."""
        # Nothing of the machine that tests run on: no terminal, no settings.
        nothing = {"COURSETILL_DEBUG": None, "COURSETILL_STAFF": None}
        context = CommandContext(self.environ, self.shop)
        return CliRunner().invoke(coursetill, arguments, input=typed, env=nothing, obj=context)

    def ok(self, *arguments: str) -> str:
        """What it prints, once it has done well."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stderr) == (0, result.stderr), result.output
        return result.stdout

    def shape(self, *arguments: str) -> Any:
        """The same with --json, read."""
        return json.loads(self.ok(*arguments, "--json"))

    def problem(self, *arguments: str) -> dict[str, Any]:
        """The problem it ends with under --json; nothing stands on stdout then."""
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
        """The reference of a new pending order; `runs` are picked for the first of skus."""
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
        """The reference of a new order, after its learner tried to pay."""
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
