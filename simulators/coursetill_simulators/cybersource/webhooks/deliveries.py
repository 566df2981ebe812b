"""
Deliveries of webhooks: queued, sent, and their results.

Nothing here blocks: `send_due` sends all due messages, and must be called again later. A message
counts as received only if the answer is 2xx. Otherwise it is sent again by the retry policy of the
subscription, and finally fails. With the policy's deactivateFlag the subscription is then
SUSPENDED: new messages wait until the health check is answered.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from itertools import count
from threading import Lock
from uuid import uuid4

import attrs

from coursetill_simulators.cybersource.authentication.message_encryption import MessageEncryption
from coursetill_simulators.cybersource.faults.message_faults import (
    Channel,
    MessageFault,
    MessageFaultKind,
    MessageFaultQueue,
)
from coursetill_simulators.cybersource.http_client import MerchantClient
from coursetill_simulators.cybersource.state.ledger import LedgerEntry
from coursetill_simulators.cybersource.switches import Switchboard
from coursetill_simulators.cybersource.webhooks.events import WebhookEvent, events_of
from coursetill_simulators.cybersource.webhooks.messages import (
    SignedMessage,
    Style,
    WebhookMessage,
    message,
)
from coursetill_simulators.cybersource.webhooks.receiver_authentication import Sign, bearer_of
from coursetill_simulators.cybersource.webhooks.subscription_store import (
    StoredSubscription,
    SubscriptionStatus,
    SubscriptionStore,
)


class DeliveryState(Enum):
    """The state of a delivery."""

    WAITING = "waiting"
    HELD = "held"  # until the next delivery is queued
    DELIVERED = "delivered"
    GIVEN_UP = "failed"
    DROPPED = "dropped"


@attrs.frozen(kw_only=True)
class Try:
    """One attempt to send: time, exact content, and the status of the answer, if any."""

    at: datetime
    message: WebhookMessage
    answer: int | None


@attrs.frozen(kw_only=True)
class WebhookDelivery:
    """One event for one subscription."""

    id: str
    place: int
    webhook_id: str
    event: WebhookEvent
    due_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    message_fault: MessageFault | None = None
    tries: tuple[Try, ...] = ()


class WebhookDeliveries:
    """Makes deliveries from events, and sends them when they are due."""

    def __init__(
        self,
        *,
        switches: Switchboard,
        envelopes: MessageEncryption,
        http_client: MerchantClient,
        message_faults: MessageFaultQueue,
        now: Callable[[], datetime],
        sign: Sign,
    ) -> None:
        self.subscriptions = SubscriptionStore()
        self._switches = switches
        self._envelopes = envelopes
        self._http_client = http_client
        self._message_faults = message_faults
        self._now = now
        self._sign = sign
        self._sending = Lock()
        self._places = count()
        self._deliveries: dict[str, WebhookDelivery] = {}

    def ledger_changed(self, before: LedgerEntry | None, after: LedgerEntry) -> None:
        """Listen to changes of the ledger."""
        self.announce(events_of(before, after, now=self._now(), trace_id=str(uuid4())))

    def announce(self, events: list[WebhookEvent]) -> None:
        """Queue each event for all its subscriptions."""
        with self.subscriptions.lock:
            for event in events:
                for subscription in self.subscriptions.all():
                    if subscription.wants(event.product_id, event.event_type):
                        self._post(subscription, event)

    def try_out(self, subscription: StoredSubscription, event: WebhookEvent) -> None:
        """Queue one event for one subscription, even if it did not subscribe to it."""
        with self.subscriptions.lock:
            self._post(subscription, event)

    def send_due(self) -> int:
        """Do due health checks and send due messages. Returns the number sent."""
        with self._sending:
            now = self._now()
            for subscription in self.subscriptions.all():
                if subscription.check_at is not None and subscription.check_at <= now:
                    self._check_health(subscription)
            due = [each for each in self.deliveries() if self._is_due(each, now)]
            for delivery in sorted(due, key=lambda each: (each.due_at, each.place)):
                self._send(delivery)
            return len(due)

    def replay(self, webhook_id: str, chosen: Callable[[WebhookDelivery], bool]) -> int:
        """Restart failed deliveries. Returns their number."""
        with self.subscriptions.lock:
            gone = [
                each
                for each in self.deliveries()
                if each.webhook_id == webhook_id
                and each.state is DeliveryState.GIVEN_UP
                and chosen(each)
            ]
            for each in gone:
                again = attrs.evolve(
                    each, state=DeliveryState.WAITING, due_at=self._now(), tries=()
                )
                self._keep(attrs.evolve(again, message_fault=None))
            return len(gone)

    def deliveries(self) -> list[WebhookDelivery]:
        """Every delivery, oldest first."""
        with self.subscriptions.lock:
            return list(self._deliveries.values())

    def clear(self) -> None:
        """Remove all subscriptions and deliveries."""
        with self.subscriptions.lock:
            self.subscriptions.clear()
            self._deliveries.clear()

    def _keep(self, delivery: WebhookDelivery) -> None:
        with self.subscriptions.lock:
            self._deliveries[delivery.id] = delivery

    def _post(self, subscription: StoredSubscription, event: WebhookEvent) -> None:
        message_fault = self._message_faults.take(Channel.WEBHOOKS, event.event_type, event.code)
        kind = message_fault.kind if message_fault else None
        first = self._new(subscription, event, message_fault)
        match kind:
            case MessageFaultKind.DROP:
                first = attrs.evolve(first, state=DeliveryState.DROPPED)
            case MessageFaultKind.REORDER:
                first = attrs.evolve(first, state=DeliveryState.HELD)
            case MessageFaultKind.DUPLICATE:
                for _ in range(message_fault.copies - 1 if message_fault else 0):
                    self._keep(self._new(subscription, event, message_fault))
            case _:
                pass
        self._keep(first)
        if first.state is not DeliveryState.HELD:
            self._release(subscription.id)

    def _new(
        self,
        subscription: StoredSubscription,
        event: WebhookEvent,
        message_fault: MessageFault | None,
    ) -> WebhookDelivery:
        late = (
            message_fault.seconds
            if message_fault and message_fault.kind is MessageFaultKind.DELAY
            else 0.0
        )
        return WebhookDelivery(
            id=str(uuid4()),
            place=next(self._places),
            webhook_id=subscription.id,
            event=event,
            due_at=self._now() + timedelta(seconds=late),
            message_fault=message_fault,
        )

    def _release(self, webhook_id: str) -> None:
        """Release held messages after the message that was just queued."""
        for each in self.deliveries():
            if each.state is DeliveryState.HELD and each.webhook_id == webhook_id:
                place = next(self._places)
                self._keep(
                    attrs.evolve(each, state=DeliveryState.WAITING, place=place, due_at=self._now())
                )

    def _is_due(self, delivery: WebhookDelivery, now: datetime) -> bool:
        subscription = self.subscriptions.find(delivery.webhook_id)
        served = subscription is not None and subscription.status is SubscriptionStatus.ACTIVE
        return served and delivery.state is DeliveryState.WAITING and delivery.due_at <= now

    def _send(self, delivery: WebhookDelivery) -> None:
        subscription, key = self.subscriptions.find(delivery.webhook_id), self.subscriptions.key
        if (
            subscription is None
            or key is None
            or subscription.status is not SubscriptionStatus.ACTIVE
        ):
            return
        settings = self._switches.settings
        letter = SignedMessage(
            event=delivery.event,
            webhook_id=subscription.id,
            organization_id=subscription.organization_id,
            attempt=len(delivery.tries),
            # A fault applies only to the first copy.
            message_fault=None if delivery.tries else delivery.message_fault,
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
            self._keep(attrs.evolve(delivery, state=DeliveryState.GIVEN_UP))
            return
        bearer = bearer_of(
            subscription.security,
            credentials=self.subscriptions.credentials,
            sign=self._sign,
            http_client=self._http_client,
            now=self._now(),
        )
        answer = None
        if bearer is not None:
            sent = attrs.evolve(sent, headers={**sent.headers, **bearer})
            answer = self._http_client.post(subscription.webhook_url, sent.headers, sent.body)
        self._note(delivery, subscription, Try(at=self._now(), message=sent, answer=answer))

    def _note(
        self, delivery: WebhookDelivery, subscription: StoredSubscription, tried: Try
    ) -> None:
        delivery = attrs.evolve(delivery, tries=(*delivery.tries, tried))
        if tried.answer is not None and 200 <= tried.answer < 300:
            self._keep(attrs.evolve(delivery, state=DeliveryState.DELIVERED))
            return
        wait = subscription.retry_policy.wait(len(delivery.tries))
        if wait is not None:
            self._keep(attrs.evolve(delivery, due_at=tried.at + wait))
            return
        self._keep(attrs.evolve(delivery, state=DeliveryState.GIVEN_UP))
        if subscription.retry_policy.deactivate:
            suspended = attrs.evolve(
                subscription, status=SubscriptionStatus.SUSPENDED, check_at=self._next_check()
            )
            self.subscriptions.keep(suspended)

    def _check_health(self, subscription: StoredSubscription) -> None:
        url = subscription.health_check_url
        answer = (
            self._http_client.post(url, {"Content-Type": "application/json"}, b"") if url else None
        )
        if answer == 200:
            checked = attrs.evolve(subscription, status=SubscriptionStatus.ACTIVE, check_at=None)
        else:
            checked = attrs.evolve(subscription, check_at=self._next_check())
        self.subscriptions.keep(checked)

    def _next_check(self) -> datetime:
        seconds = self._switches.settings.health_check_seconds
        return self._now() + timedelta(seconds=seconds)
