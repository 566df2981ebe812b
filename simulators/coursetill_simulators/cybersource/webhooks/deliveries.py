"""
Webhooks on their way: what waits, what was sent and what came of it.

Nothing here waits: `send_due` sends what is due by now, and is called again by whoever has the
time. A receiver that does not answer 2xx has not received; its message is sent again as the
subscription's retry policy says, and then given up. With the policy's deactivateFlag the
subscription is then SUSPENDED: what comes meanwhile waits until the health check is answered.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from itertools import count
from threading import Lock
from uuid import uuid4

import attrs

from coursetill_simulators.cybersource.authentication.message_encryption import Envelopes
from coursetill_simulators.cybersource.faults.message_faults import (
    Channel,
    Mishap,
    Twist,
    TwistQueue,
)
from coursetill_simulators.cybersource.http_client import Courier
from coursetill_simulators.cybersource.state.ledger import Entry
from coursetill_simulators.cybersource.switches import Switchboard
from coursetill_simulators.cybersource.webhooks.events import Event, events_of
from coursetill_simulators.cybersource.webhooks.messages import Letter, Message, Style, message
from coursetill_simulators.cybersource.webhooks.receiver_authentication import Sign, bearer_of
from coursetill_simulators.cybersource.webhooks.subscription_store import (
    Standing,
    Subscription,
    WebhookBook,
)


class State(Enum):
    """What has become of a delivery."""

    WAITING = "waiting"
    HELD = "held"  # until the one that follows it is on its way
    DELIVERED = "delivered"
    GIVEN_UP = "failed"
    DROPPED = "dropped"


@attrs.frozen(kw_only=True)
class Try:
    """One sending: when, what exactly, and the status that answered, if any."""

    at: datetime
    message: Message
    answer: int | None


@attrs.frozen(kw_only=True)
class Delivery:
    """One event for one subscription."""

    id: str
    place: int
    webhook_id: str
    event: Event
    due_at: datetime
    state: State = State.WAITING
    twist: Twist | None = None
    tries: tuple[Try, ...] = ()


class Webhooks:
    """Turns what happens into deliveries, and sends them when they are due."""

    def __init__(
        self,
        *,
        switches: Switchboard,
        envelopes: Envelopes,
        courier: Courier,
        twists: TwistQueue,
        now: Callable[[], datetime],
        sign: Sign,
    ) -> None:
        self.book = WebhookBook()
        self._switches = switches
        self._envelopes = envelopes
        self._courier = courier
        self._twists = twists
        self._now = now
        self._sign = sign
        self._sending = Lock()
        self._places = count()
        self._deliveries: dict[str, Delivery] = {}

    def heard(self, before: Entry | None, after: Entry) -> None:
        """The ledger changed."""
        self.announce(events_of(before, after, now=self._now(), trace_id=str(uuid4())))

    def announce(self, events: list[Event]) -> None:
        """Put every event on its way to whoever subscribed to it."""
        with self.book.lock:
            for event in events:
                for subscription in self.book.all():
                    if subscription.wants(event.product_id, event.event_type):
                        self._post(subscription, event)

    def try_out(self, subscription: Subscription, event: Event) -> None:
        """Put one event on its way to one subscription, whatever it subscribed to."""
        with self.book.lock:
            self._post(subscription, event)

    def send_due(self) -> int:
        """Check the health of who is due for it, send what is due; how many were sent."""
        with self._sending:
            now = self._now()
            for subscription in self.book.all():
                if subscription.check_at is not None and subscription.check_at <= now:
                    self._check_health(subscription)
            due = [each for each in self.deliveries() if self._is_due(each, now)]
            for delivery in sorted(due, key=lambda each: (each.due_at, each.place)):
                self._send(delivery)
            return len(due)

    def replay(self, webhook_id: str, chosen: Callable[[Delivery], bool]) -> int:
        """Send again, as from the start, what was given up on; how many."""
        with self.book.lock:
            gone = [
                each
                for each in self.deliveries()
                if each.webhook_id == webhook_id and each.state is State.GIVEN_UP and chosen(each)
            ]
            for each in gone:
                again = attrs.evolve(each, state=State.WAITING, due_at=self._now(), tries=())
                self._keep(attrs.evolve(again, twist=None))
            return len(gone)

    def deliveries(self) -> list[Delivery]:
        """Every delivery, oldest first."""
        with self.book.lock:
            return list(self._deliveries.values())

    def clear(self) -> None:
        """Forget every subscription and delivery."""
        with self.book.lock:
            self.book.clear()
            self._deliveries.clear()

    def _keep(self, delivery: Delivery) -> None:
        with self.book.lock:
            self._deliveries[delivery.id] = delivery

    def _post(self, subscription: Subscription, event: Event) -> None:
        twist = self._twists.take(Channel.WEBHOOKS, event.event_type, event.code)
        mishap = twist.mishap if twist else None
        first = self._new(subscription, event, twist)
        match mishap:
            case Mishap.DROP:
                first = attrs.evolve(first, state=State.DROPPED)
            case Mishap.REORDER:
                first = attrs.evolve(first, state=State.HELD)
            case Mishap.DUPLICATE:
                for _ in range(twist.copies - 1 if twist else 0):
                    self._keep(self._new(subscription, event, twist))
            case _:
                pass
        self._keep(first)
        if first.state is not State.HELD:
            self._release(subscription.id)

    def _new(self, subscription: Subscription, event: Event, twist: Twist | None) -> Delivery:
        late = twist.seconds if twist and twist.mishap is Mishap.DELAY else 0.0
        return Delivery(
            id=str(uuid4()),
            place=next(self._places),
            webhook_id=subscription.id,
            event=event,
            due_at=self._now() + timedelta(seconds=late),
            twist=twist,
        )

    def _release(self, webhook_id: str) -> None:
        """What was held back follows what has just been put on its way."""
        for each in self.deliveries():
            if each.state is State.HELD and each.webhook_id == webhook_id:
                place = next(self._places)
                self._keep(attrs.evolve(each, state=State.WAITING, place=place, due_at=self._now()))

    def _is_due(self, delivery: Delivery, now: datetime) -> bool:
        subscription = self.book.find(delivery.webhook_id)
        served = subscription is not None and subscription.standing is Standing.ACTIVE
        return served and delivery.state is State.WAITING and delivery.due_at <= now

    def _send(self, delivery: Delivery) -> None:
        subscription, key = self.book.find(delivery.webhook_id), self.book.key
        if subscription is None or key is None or subscription.standing is not Standing.ACTIVE:
            return
        settings = self._switches.settings
        letter = Letter(
            event=delivery.event,
            webhook_id=subscription.id,
            organization_id=subscription.organization_id,
            attempt=len(delivery.tries),
            # Whatever befell the first, the repetition is as it should be.
            twist=None if delivery.tries else delivery.twist,
        )
        try:
            sent = message(
                letter,
                key=key,
                style=Style(shape=settings.webhook_shape, signed_form=settings.webhook_signed_form),
                encrypt=lambda plain: self._envelopes.closed_for_merchant(plain, self._now()),
                now=self._now(),
            )
        except LookupError:
            self._keep(attrs.evolve(delivery, state=State.GIVEN_UP))
            return
        bearer = bearer_of(
            subscription.security,
            credentials=self.book.credentials,
            sign=self._sign,
            courier=self._courier,
            now=self._now(),
        )
        answer = None
        if bearer is not None:
            sent = attrs.evolve(sent, headers={**sent.headers, **bearer})
            answer = self._courier.post(subscription.webhook_url, sent.headers, sent.body)
        self._note(delivery, subscription, Try(at=self._now(), message=sent, answer=answer))

    def _note(self, delivery: Delivery, subscription: Subscription, tried: Try) -> None:
        delivery = attrs.evolve(delivery, tries=(*delivery.tries, tried))
        if tried.answer is not None and 200 <= tried.answer < 300:
            self._keep(attrs.evolve(delivery, state=State.DELIVERED))
            return
        wait = subscription.retry_policy.wait(len(delivery.tries))
        if wait is not None:
            self._keep(attrs.evolve(delivery, due_at=tried.at + wait))
            return
        self._keep(attrs.evolve(delivery, state=State.GIVEN_UP))
        if subscription.retry_policy.deactivate:
            suspended = attrs.evolve(
                subscription, standing=Standing.SUSPENDED, check_at=self._next_check()
            )
            self.book.keep(suspended)

    def _check_health(self, subscription: Subscription) -> None:
        url = subscription.health_check_url
        answer = self._courier.post(url, {"Content-Type": "application/json"}, b"") if url else None
        if answer == 200:
            checked = attrs.evolve(subscription, standing=Standing.ACTIVE, check_at=None)
        else:
            checked = attrs.evolve(subscription, check_at=self._next_check())
        self.book.keep(checked)

    def _next_check(self) -> datetime:
        seconds = self._switches.settings.health_check_seconds
        return self._now() + timedelta(seconds=seconds)
