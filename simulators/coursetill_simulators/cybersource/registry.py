"""The registry: the parts of one simulator, for its views."""

from collections.abc import Callable
from itertools import count
from secrets import randbelow
from typing import cast
from uuid import uuid4

import attrs
from flask import current_app

from coursetill_simulators.cybersource.authentication.gatekeeper import Gatekeeper
from coursetill_simulators.cybersource.authentication.message_encryption import MessageEncryption
from coursetill_simulators.cybersource.clock import ShiftedClock
from coursetill_simulators.cybersource.faults.message_faults import MessageFaultQueue
from coursetill_simulators.cybersource.faults.reply_faults import FaultQueue
from coursetill_simulators.cybersource.keys import SigningKey
from coursetill_simulators.cybersource.secure_acceptance.checkout_store import HostedCheckouts
from coursetill_simulators.cybersource.secure_acceptance.merchant_posts import MerchantPosts
from coursetill_simulators.cybersource.settings import SimulatorSettings
from coursetill_simulators.cybersource.state.challenges import Challenges
from coursetill_simulators.cybersource.state.ledger import Ledger
from coursetill_simulators.cybersource.state.ledger_file import StoredState
from coursetill_simulators.cybersource.state.reviews import Conversions
from coursetill_simulators.cybersource.state.vault import Vault
from coursetill_simulators.cybersource.switches import Switchboard
from coursetill_simulators.cybersource.webhooks.deliveries import WebhookDeliveries
from coursetill_simulators.cybersource.webhooks.subscription_store import SignatureKey
from coursetill_simulators.cybersource.wire_format.bodies import Body

_EXTENSION = "cybersource_simulator"
_serial = count(1)


@attrs.frozen(kw_only=True)
class Registry:
    """
    The parts of one simulator.

    `origin` is where browsers reach it, as scheme://host:port; `pause` waits some seconds.
    """

    switches: Switchboard
    origin: str
    now: ShiftedClock
    pause: Callable[[float], None]
    gatekeeper: Gatekeeper
    envelopes: MessageEncryption
    webhooks: WebhookDeliveries
    posts: MerchantPosts
    message_faults: MessageFaultQueue
    records: StoredState
    key: SigningKey
    vault: Vault = attrs.field(factory=Vault)
    faults: FaultQueue = attrs.field(factory=FaultQueue)
    challenges: Challenges = attrs.field(factory=Challenges)
    checkouts: HostedCheckouts = attrs.field(factory=HostedCheckouts)
    # Past searches by their id.
    searches: dict[str, Body] = attrs.field(factory=dict)

    @property
    def settings(self) -> SimulatorSettings:
        """The current settings."""
        return self.switches.settings

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self.records.ledger

    @property
    def conversions(self) -> Conversions:
        """The decisions on reviews."""
        return self.records.conversions

    def new_id(self) -> str:
        """A new request id of 22 digits."""
        return (
            f"7{int(self.now().timestamp()):010d}{next(_serial) % 10**6:06d}{randbelow(10**5):05d}"
        )

    def new_webhook_key(self) -> SignatureKey:
        """Create the key that signs webhooks from now on."""
        key = SignatureKey.made(str(uuid4()), self.now())
        self.webhooks.subscriptions.use_key(key)
        return key

    def send_due(self) -> int:
        """Send due webhooks and merchant posts. Returns their number."""
        return self.webhooks.send_due() + self.posts.send_due()

    def clear(self) -> None:
        """Reset all state and switches; the keys stay."""
        self.records.clear()
        self.searches.clear()
        self.vault.clear()
        self.challenges.clear()
        self.faults.clear()
        self.gatekeeper.clear()
        self.envelopes.clear()
        self.switches.reset()
        self.webhooks.clear()
        self.posts.clear()
        self.checkouts.clear()
        self.message_faults.clear()
        self.now.reset()

    def attached(self, extensions: dict[str, object]) -> None:
        """Store this registry in an application, for `current_registry`."""
        extensions[_EXTENSION] = self


def current_registry() -> Registry:
    """The registry of the simulator that answers the current request."""
    return cast(Registry, current_app.extensions[_EXTENSION])
