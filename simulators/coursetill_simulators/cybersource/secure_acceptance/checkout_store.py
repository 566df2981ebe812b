"""The open hosted payment pages, and the used transaction ids."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import RLock

import attrs

from coursetill_simulators.cybersource.profiles import Profile
from coursetill_simulators.cybersource.wire_format.cards import PaymentCard

# "the same access_key and transaction_uuid within 15 minutes"
USED_WITHIN = timedelta(minutes=15)


@attrs.frozen(kw_only=True)
class HostedCheckout:
    """
    One posted form and its page. A reload shows the page again.

    `stored_card` is the card of the form's payment_token, if it has one.
    """

    id: str
    fields: Mapping[str, str]
    profile: Profile
    secret: str = attrs.field(repr=False)
    ends_at: datetime
    declines: int = 0
    stored_card: PaymentCard | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Access key and transaction_uuid, which may be used only once."""
        return self.fields["access_key"], self.fields["transaction_uuid"]

    @property
    def receipt_page(self) -> str:
        return self.fields.get("override_custom_receipt_page") or self.profile.receipt_page

    @property
    def cancel_page(self) -> str:
        return self.fields.get("override_custom_cancel_page") or self.profile.cancel_page

    @property
    def merchant_post_url(self) -> str:
        return self.fields.get("override_backoffice_post_url") or self.profile.merchant_post_url


@attrs.frozen(kw_only=True)
class Use:
    """The use of a transaction id: its checkout, its time, and whether it is final."""

    checkout_id: str
    at: datetime
    over: bool


class HostedCheckouts:
    """All pages by id. Hold `lock` from the check whether a page may pay until it has paid."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._open: dict[str, HostedCheckout] = {}
        self._used: dict[tuple[str, str], Use] = {}
        self._cards: dict[str, PaymentCard] = {}

    def keep(self, checkout: HostedCheckout) -> None:
        """Store a page, or its new state."""
        with self.lock:
            self._open[checkout.id] = checkout

    def find(self, checkout_id: str) -> HostedCheckout | None:
        """The page of that id, or None."""
        return self._open.get(checkout_id)

    def may_pay(self, checkout: HostedCheckout, now: datetime) -> bool:
        """Whether the transaction id is unused, or was declined here and a retry is left."""
        use = self._used.get(checkout.key)
        if use is None or now - use.at >= USED_WITHIN:
            return True
        return use.checkout_id == checkout.id and not use.over

    def used(self, checkout: HostedCheckout, now: datetime, *, over: bool) -> None:
        """Record a try to pay, and whether another try is allowed."""
        with self.lock:
            self._used[checkout.key] = Use(checkout_id=checkout.id, at=now, over=over)

    def keep_card(self, payment_token: str, card: PaymentCard) -> None:
        """Store a card for later payments, without its security code."""
        with self.lock:
            self._cards[payment_token] = attrs.evolve(card, security_code="")

    def card_under(self, payment_token: str) -> PaymentCard | None:
        """The stored card of that token, or None."""
        return self._cards.get(payment_token)

    def clear(self) -> None:
        """Remove everything."""
        with self.lock:
            self._open.clear()
            self._used.clear()
            self._cards.clear()
