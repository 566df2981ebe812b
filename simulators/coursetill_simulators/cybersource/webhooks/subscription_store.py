"""The merchant's webhook subscriptions, and their signing keys."""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from secrets import token_bytes
from threading import RLock

import attrs

from coursetill_simulators.cybersource.webhooks.receiver_authentication import (
    Credentials,
    ReceiverAuthentication,
)

KEY_LIFETIME = timedelta(days=365)


class SubscriptionStatus(Enum):
    """The status of a subscription."""

    PENDING_REVIEW = "PENDING_REVIEW"
    BLOCKED = "BLOCKED"
    INACTIVE = "INACTIVE"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


class Spacing(Enum):
    """The growth of the waits between tries."""

    ARITHMETIC = "ARITHMETIC"
    GEOMETRIC = "GEOMETRIC"


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """The waits before a message is sent again, in minutes."""

    algorithm: Spacing = Spacing.ARITHMETIC
    first_retry: int = 1
    interval: int = 1
    number_of_retries: int = 3
    deactivate: bool = False
    repeat_sequence_count: int = 0
    repeat_sequence_wait: int = 0

    def wait(self, failures: int) -> timedelta | None:
        """The wait after this number of failed tries; None after the last."""
        per_sequence = self.number_of_retries
        if failures > per_sequence * (self.repeat_sequence_count + 1):
            return None
        number = (failures - 1) % per_sequence
        if number == 0 and failures > 1:
            return timedelta(minutes=self.repeat_sequence_wait + self.first_retry)
        if self.algorithm is Spacing.GEOMETRIC:
            return timedelta(minutes=self.first_retry * self.interval**number)
        return timedelta(minutes=self.first_retry + self.interval * number)


@attrs.frozen(kw_only=True)
class StoredSubscription:
    """
    A webhook subscription.

    `products` maps product ids to event names; `check_at` is the time of the next health check,
    which can make it ACTIVE.
    """

    id: str
    organization_id: str
    name: str
    description: str
    webhook_url: str
    health_check_url: str | None
    products: Mapping[str, tuple[str, ...]]
    retry_policy: RetryPolicy
    security: ReceiverAuthentication
    scope: str
    created_at: datetime
    status: SubscriptionStatus
    check_at: datetime | None = None

    def wants(self, product_id: str, event_type: str) -> bool:
        """Whether the subscription includes that event."""
        return event_type in self.products.get(product_id, ())


@attrs.frozen(kw_only=True)
class SignatureKey:
    """A symmetric key that signs messages; the secret is base64."""

    id: str
    secret: str = attrs.field(repr=False)
    expires_at: datetime

    @classmethod
    def made(cls, key_id: str, now: datetime) -> "SignatureKey":
        """A new key of 32 bytes."""
        secret = base64.b64encode(token_bytes(32)).decode()
        return cls(id=key_id, secret=secret, expires_at=now + KEY_LIFETIME)


class SubscriptionStore:
    """All subscriptions, oldest first, and the current key. A new key replaces the old one."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._subscriptions: dict[str, StoredSubscription] = {}
        self._key: SignatureKey | None = None
        self._credentials: Credentials | None = None

    @property
    def credentials(self) -> Credentials | None:
        """The OAuth client stored last, if any."""
        return self._credentials

    def use_credentials(self, credentials: Credentials) -> None:
        """Use these credentials for tokens from now on."""
        with self.lock:
            self._credentials = credentials

    @property
    def key(self) -> SignatureKey | None:
        """The current key, if any."""
        return self._key

    def use_key(self, key: SignatureKey) -> None:
        """Sign with `key` from now on."""
        with self.lock:
            self._key = key

    def keep(self, subscription: StoredSubscription) -> None:
        """Store a subscription, or its new state."""
        with self.lock:
            self._subscriptions[subscription.id] = subscription

    def drop(self, subscription_id: str) -> None:
        """Remove a subscription."""
        with self.lock:
            self._subscriptions.pop(subscription_id, None)

    def find(self, subscription_id: str) -> StoredSubscription | None:
        """The subscription with that id, or None."""
        return self._subscriptions.get(subscription_id)

    def all(self) -> list[StoredSubscription]:
        """All subscriptions."""
        with self.lock:
            return list(self._subscriptions.values())

    def clear(self) -> None:
        """Remove all subscriptions, the key and the credentials."""
        with self.lock:
            self._credentials = None
            self._subscriptions.clear()
            self._key = None
