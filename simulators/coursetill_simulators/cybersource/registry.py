"""The parts of one simulator, and how a view reaches them."""

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
    # What was searched for, by the search's own id.
    searches: dict[str, Body] = attrs.field(factory=dict)

    @property
    def settings(self) -> SimulatorSettings:
        """The settings as they stand now."""
        return self.switches.settings

    @property
    def ledger(self) -> Ledger:
        """What happened."""
        return self.records.ledger

    @property
    def conversions(self) -> Conversions:
        """What people decided."""
        return self.records.conversions

    def new_id(self) -> str:
        """A fresh request id of 22 digits."""
        return (
            f"7{int(self.now().timestamp()):010d}{next(_serial) % 10**6:06d}{randbelow(10**5):05d}"
        )

    def new_webhook_key(self) -> SignatureKey:
        """The key that webhooks are signed with from now on."""
        key = SignatureKey.made(str(uuid4()), self.now())
        self.webhooks.book.use_key(key)
        return key

    def send_due(self) -> int:
        """Send the webhooks and merchant posts that are due by now; how many."""
        return self.webhooks.send_due() + self.posts.send_due()

    def clear(self) -> None:
        """Forget everything that happened and put every switch back; the keys stay."""
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
        """Make this the registry that `current_registry` finds in an application."""
        extensions[_EXTENSION] = self


def current_registry() -> Registry:
    """The parts of the simulator that answers the current request."""
    return cast(Registry, current_app.extensions[_EXTENSION])
