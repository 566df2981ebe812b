"""The webhook subscriptions of the merchant, and the keys that sign what is sent to them."""

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
    """Whether a subscription is served."""

    PENDING_REVIEW = "PENDING_REVIEW"
    BLOCKED = "BLOCKED"
    INACTIVE = "INACTIVE"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


class Spacing(Enum):
    """How the waits between tries grow."""

    ARITHMETIC = "ARITHMETIC"
    GEOMETRIC = "GEOMETRIC"


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """When a message that was not taken is sent again; waits are in minutes."""

    algorithm: Spacing = Spacing.ARITHMETIC
    first_retry: int = 1
    interval: int = 1
    number_of_retries: int = 3
    deactivate: bool = False
    repeat_sequence_count: int = 0
    repeat_sequence_wait: int = 0

    def wait(self, failures: int) -> timedelta | None:
        """How long to wait after so many failed tries; None where that was the last."""
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
    Where the merchant wants to be told what.

    `products` maps a product id to its event names; `check_at` is when the health check is due
    that may make it ACTIVE.
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
    standing: SubscriptionStatus
    check_at: datetime | None = None

    def wants(self, product_id: str, event_type: str) -> bool:
        """Whether it is for that event."""
        return event_type in self.products.get(product_id, ())


@attrs.frozen(kw_only=True)
class SignatureKey:
    """A symmetric key that messages are signed with; the secret is base64."""

    id: str
    secret: str = attrs.field(repr=False)
    expires_at: datetime

    @classmethod
    def made(cls, key_id: str, now: datetime) -> "SignatureKey":
        """A new key of 32 bytes."""
        secret = base64.b64encode(token_bytes(32)).decode()
        return cls(id=key_id, secret=secret, expires_at=now + KEY_LIFETIME)


class SubscriptionStore:
    """Every subscription, oldest first, and the one key in force: a new one overrides the old."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._subscriptions: dict[str, StoredSubscription] = {}
        self._key: SignatureKey | None = None
        self._credentials: Credentials | None = None

    @property
    def credentials(self) -> Credentials | None:
        """The OAuth client that the merchant stored last, if any."""
        return self._credentials

    def use_credentials(self, credentials: Credentials) -> None:
        """Ask for tokens with these from now on."""
        with self.lock:
            self._credentials = credentials

    @property
    def key(self) -> SignatureKey | None:
        """The key in force, if one was ever made."""
        return self._key

    def use_key(self, key: SignatureKey) -> None:
        """Sign with `key` from now on."""
        with self.lock:
            self._key = key

    def keep(self, subscription: StoredSubscription) -> None:
        """Write down a subscription, or what has become of it."""
        with self.lock:
            self._subscriptions[subscription.id] = subscription

    def drop(self, subscription_id: str) -> None:
        """Forget a subscription."""
        with self.lock:
            self._subscriptions.pop(subscription_id, None)

    def find(self, subscription_id: str) -> StoredSubscription | None:
        """The subscription of that id, or None."""
        return self._subscriptions.get(subscription_id)

    def all(self) -> list[StoredSubscription]:
        """Every subscription."""
        with self.lock:
            return list(self._subscriptions.values())

    def clear(self) -> None:
        """Forget every subscription, the key and the credentials."""
        with self.lock:
            self._credentials = None
            self._subscriptions.clear()
            self._key = None
