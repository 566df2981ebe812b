"""The whole way of a webhook: a shop behind a port, its adapter, and a simulator that tells it."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import attrs
import pytest
import requests
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

from adapters.cybersource.gateway import CyberSourceGateway
from adapters.cybersource.payments.captures_and_voids import MovementDone, OwnReference
from adapters.cybersource.webhooks.verify import WebhookReader, WebhookSettings
from adapters.sql.engine import open_engine
from adapters.sql.tables import metadata
from adapters.sql.unit_of_work import SqlShop
from core.identity import Actor
from core.messaging.inbox import InboxMessage, InboxSearch, MessageState
from core.money import Money
from core.order_reference import Reference
from core.orders.order import Order
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId
from core.payments.refund import Refund, RefundId, RefundState
from core.use_cases.jobs.maintenance import run_maintenance
from core.use_cases.payments.card_form import open_card_form, pay_with_token
from core.use_cases.refunds.issue_refund import RefundSelection, issue_refund
from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_testing.clock import Clock
from coursetill_testing.command_line import ADA, CommandLine, Listener
from coursetill_testing.contracts.gateway_world import START, new_id
from coursetill_testing.contracts.samples import a_plain_run, changing
from coursetill_testing.running_gateways import at_work
from entrypoints.composition.shop import Shop
from entrypoints.settings.shop import read_settings
from entrypoints.web.app import create_app
from tests.adapters.cybersource.worlds import Browser
from tests.adapters.cybersource.worlds import settings as account

RUN = "run-1"
SUBSCRIPTIONS = "/notification-subscriptions/v2/webhooks"
REVIEWED = "4000000000004806"
HALF = "4000000000001109"
VOIDED = "payments.void.status.accepted"


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@attrs.frozen
class World:
    """A shop that hears, the simulator that tells it, and the clock of both."""

    till: CommandLine
    gateway: CyberSourceGateway
    simulator: Browser
    clock: Clock
    address: str
    engine: Engine

    def pays(self, card: str = "4111111111111111") -> Reference:
        """The reference of an order whose learner has paid by this card."""
        reference = self.till.ordered(RUN)
        self.pays_again(reference, card, number=1)
        return reference

    def pays_again(
        self, reference: Reference, card: str = "4111111111111111", number: int = 2
    ) -> None:
        """The learner of this order pays by this card."""
        attempt = AttemptId(f"A{number}-{reference}")
        how: dict[str, Any] = {
            "begin": self.till.shop.begin,
            "gateway": self.gateway,
            "now": self.clock(),
            "hold": timedelta(minutes=30),
        }
        opened = open_card_form(reference, ADA.id, attempt, **how)
        pay_with_token(attempt, ADA.id, self.simulator.type_card(opened.form, card), **how)

    def refunds(self, reference: Reference) -> Refund:
        given = issue_refund(
            reference,
            RefundSelection(Money.of("10.05")),
            "too late",
            refund_id=RefundId("R-1"),
            staff=Actor.staff("eve"),
            begin=self.till.shop.begin,
            gateway=self.gateway,
            now=self.clock(),
        )
        assert given is not None
        return given

    def commands(self, path: str, **told: object) -> Any:
        reply = requests.post(f"{self.simulator.url}/simulator/{path}", json=told, timeout=5)
        assert reply.status_code in (200, 201), reply.text
        return reply.json()

    def tells(self) -> int:
        """The simulator sends what is due: how many messages that was."""
        sent: int = self.commands("webhooks/rounds")["sent"]
        return sent

    def answers(self) -> list[int]:
        """What each message was answered, in the order they were sent."""
        told = requests.get(f"{self.simulator.url}/simulator/webhooks", timeout=5).json()
        tries = [each for delivery in told["deliveries"] for each in delivery["tries"]]
        return [each["answer"] for each in sorted(tries, key=lambda each: each["at"])]

    def order(self, reference: Reference) -> Order:
        with self.till.shop.read() as work:
            return work.orders.get(reference)

    def transactions(self, reference: Reference) -> int:
        with self.till.shop.read() as work:
            return len(work.transactions.of(reference))

    def refund(self) -> Refund:
        with self.till.shop.read() as work:
            return work.refunds.get(RefundId("R-1"))

    def inbox(self) -> tuple[InboxMessage, ...]:
        with self.till.shop.read() as work:
            return work.inbox.search(InboxSearch())

    def keeps_up(self) -> None:
        run_maintenance(begin=self.till.shop.begin, gateway=self.gateway, now=self.clock())


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    clock = Clock(START)
    told = SimulatorSettings(index_lag_seconds=5)
    with RunningSimulator(told, now=lambda: clock.now, rounds_every=None) as simulator:
        gateway = CyberSourceGateway(account(simulator.url), now=clock, new_id=new_id)
        keys = (gateway.subscriptions.new_key(),)
        reader = WebhookReader(WebhookSettings(account=gateway.account, keys=keys))
        engine = open_engine(sqlite_url)
        records = SqlShop(engine)
        settings = read_settings({"COURSETILL_SIGN_IN": "demo"})
        shop = Shop(
            settings,
            records.begin,
            records.read,
            gateway,
            Listener(),
            now=clock,
            gateways=at_work(gateway, doors={"cybersource": reader}),
        )
        server = make_server(
            "127.0.0.1", 0, create_app(shop), threaded=True, request_handler=_Quiet
        )
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.port}/webhooks/cybersource"
        with changing(shop.begin) as work:
            work.products.add([a_plain_run(RUN, enrollment_opens_at=None)])
        till: Any = CommandLine(shop, gateway, Listener(), clock)  # type: ignore[arg-type] # its own form
        world = World(till, gateway, Browser(simulator.url), clock, address, engine)
        gateway.subscriptions.subscribe(address, gateway.subscriptions.event_types())
        world.tells()
        try:
            yield world
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            engine.dispose()


def test_a_subscription_is_active_after_the_shop_answers_the_health_check(world: World) -> None:
    [made] = world.gateway.subscriptions.all()
    assert made.status == "ACTIVE"
    assert world.inbox() == ()


def test_a_webhook_settles_a_payment_with_a_lost_reply(world: World) -> None:
    world.simulator.fault("payments", "html", committed=True)
    reference = world.pays()
    assert world.order(reference).state is OrderState.PENDING
    assert world.tells() == 2
    assert world.order(reference).state is OrderState.PAID
    assert world.answers() == [200, 200]
    assert [message.state for message in world.inbox()] == [MessageState.ACTED] * 2
    assert (world.simulator.moved(), world.transactions(reference)) == ("19.99", 1)


def test_a_known_payment_causes_no_call_to_the_gateway(world: World) -> None:
    reference = world.pays()
    world.simulator.fault("searches", "drop", times=9)
    world.tells()
    assert [message.state for message in world.inbox()] == [MessageState.ACTED] * 2
    assert world.order(reference).attention is None


@pytest.mark.parametrize(
    "fault", [{"fault": "duplicate", "copies": 4}, {"fault": "reorder"}, {"fault": "drop"}]
)
def test_doubled_reordered_and_lost_messages_have_the_same_outcome(
    world: World, fault: dict[str, object]
) -> None:
    world.commands("mishaps", channel="webhooks", **fault)
    world.simulator.fault("payments", "drop", committed=True)
    reference = world.pays()
    world.tells()
    world.clock.advance(seconds=60)
    world.keeps_up()
    assert world.order(reference).state is OrderState.PAID
    assert (world.simulator.moved(), world.transactions(reference)) == ("19.99", 1)
    assert set(world.answers()) == {200}
    assert len(world.inbox()) <= 2


def test_a_message_with_a_wrong_signature_changes_nothing_and_an_enquiry_finds_the_payment(
    world: World,
) -> None:
    world.commands("mishaps", channel="webhooks", fault="wrong-signature", times=2)
    world.simulator.fault("payments", "drop", committed=True)
    reference = world.pays()
    world.tells()
    assert world.answers() == [400, 400]
    assert (world.order(reference).state, world.inbox()) == (OrderState.PENDING, ())
    world.clock.advance(seconds=61)
    world.keeps_up()
    assert world.order(reference).state is OrderState.PAID


def test_a_genuine_copy_of_a_forged_message_settles_the_payment(world: World) -> None:
    world.commands("mishaps", channel="webhooks", fault="wrong-signature", times=2)
    world.simulator.fault("payments", "drop", committed=True)
    reference = world.pays()
    world.tells()
    assert world.order(reference).state is OrderState.PENDING
    world.clock.advance(seconds=60)
    world.tells()
    assert world.answers() == [400, 400, 200, 200]
    assert world.order(reference).state is OrderState.PAID
    assert (world.simulator.moved(), world.transactions(reference)) == ("19.99", 1)


def test_a_reversed_partial_payment_flags_nothing_after_another_card_paid(world: World) -> None:
    reference = world.pays(HALF)
    world.clock.advance(minutes=1)
    world.pays_again(reference)
    world.tells()
    order = world.order(reference)
    assert (order.state, order.attention) == (OrderState.PAID, None)
    voided = [each for each in world.inbox() if each.notice.event == VOIDED]
    assert [(each.state, each.reference) for each in voided] == [(MessageState.ACTED, reference)]


def test_a_message_with_an_old_timestamp_is_logged_as_old(world: World) -> None:
    world.commands("mishaps", channel="webhooks", fault="clock-skew", seconds=-7200, times=2)
    reference = world.pays()
    world.tells()
    assert {message.notice.age for message in world.inbox()} == {timedelta(hours=2)}
    assert world.order(reference).state is OrderState.PAID


def test_a_replayed_message_is_processed_once(world: World) -> None:
    world.pays()
    world.tells()
    before = world.inbox()
    told = requests.get(f"{world.simulator.url}/simulator/webhooks", timeout=5).json()
    for delivery in told["deliveries"]:
        sent = delivery["tries"][0]
        body, headers = sent["body"].encode(), sent["headers"]
        reply = requests.post(world.address, data=body, headers=headers, timeout=5)
        assert reply.json() == {"status": "heard before"}
    assert world.inbox() == before


def test_a_webhook_reports_that_a_refund_settles_and_fails_late(world: World) -> None:
    reference = world.pays()
    given = world.refunds(reference)
    assert given.state is RefundState.SENT
    world.simulator.settle()
    world.tells()
    assert world.refund().state is RefundState.SETTLED
    assert world.order(reference).attention is None
    world.commands(f"refunds/{given.gateway_id}", fails="now")
    world.clock.advance(seconds=10)
    world.tells()
    world.clock.advance(minutes=5)
    world.keeps_up()
    assert "now says it failed" in (world.order(reference).attention or "")


def test_erasure_removes_the_person_from_stored_messages(world: World) -> None:
    world.simulator.fault("payments", "html", committed=True)
    reference = world.pays()
    world.tells()
    world.refunds(reference)
    world.simulator.settle()
    world.tells()
    with world.till.shop.read() as work:
        books = [moved.raw for moved in work.transactions.of(reference)]
    world.till.ok("learners", "forget", ADA.email, "--reason", "asked", "--as", "eve", "--yes")
    with world.till.shop.read() as work:
        assert [moved.raw for moved in work.transactions.of(reference)] == books
    with world.engine.connect() as connection:
        tables = metadata.sorted_tables
        rows = [str(row) for table in tables for row in connection.execute(table.select())]
    told = [row for row in rows for name in (ADA.id, ADA.email, ADA.name) if name in row]
    assert told == []
    assert len(rows) > len(books) > 0


def test_a_refund_voided_in_the_business_center_is_refundable_again(
    world: World,
) -> None:
    reference = world.pays()
    given = world.refunds(reference)
    world.commands(f"refunds/{given.gateway_id}", fails="voided")
    world.clock.advance(seconds=10)
    world.tells()
    assert world.refund().state is RefundState.FAILED
    assert "failed" in (world.order(reference).attention or "")


def test_a_webhook_reports_a_payment_held_for_review(world: World) -> None:
    reference = world.pays(REVIEWED)
    world.tells()
    assert world.order(reference).state is OrderState.REVIEW
    [payment] = list(world.simulator.ledger()["payments"])
    world.simulator.decide(payment["id"], "accept")
    world.clock.advance(minutes=1)
    world.tells()
    world.clock.advance(minutes=31)
    world.keeps_up()
    assert world.order(reference).state is OrderState.PAID


def test_a_void_in_the_business_center_flags_the_order(world: World) -> None:
    reference = world.pays()
    world.tells()
    [payment] = list(world.simulator.ledger()["payments"])
    done = world.gateway.movements.void("payments", payment["id"], OwnReference(reference, "V-1"))
    assert isinstance(done, MovementDone)
    world.tells()
    assert "voided" in (world.order(reference).attention or "")


def test_a_deleted_subscription_sends_nothing(world: World) -> None:
    [made] = world.gateway.subscriptions.all()
    world.gateway.subscriptions.delete(made.id)
    world.pays()
    assert world.tells() == 0
    unsigned = requests.get(f"{world.simulator.url}{SUBSCRIPTIONS}", timeout=5)
    assert unsigned.status_code == 401
