"""Secure Acceptance Hosted Checkout: the signed form that opens CyberSource's payment page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

import attrs

from adapters.cybersource.rest.keys import KeyExpiry
from adapters.cybersource.rest.settings import WrongSettings
from adapters.cybersource.secure_acceptance.fields import MOST_ITEMS, problems, tidy
from core.money import Money
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt

TRANSACTION_TYPE = "sale"
WARNING = (
    "Secure Acceptance is switched on. CyberSource announced its end for August 2026: "
    "turn to Unified Checkout"
)
"""Shown at every start, and by `coursetill doctor`, while Secure Acceptance is in use."""

_ACCESS_KEY = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_PROFILE = re.compile(r"[A-Za-z0-9-]{1,36}", re.ASCII)
_HOSTS = ("testsecureacceptance.cybersource.com", "secureacceptance.cybersource.com")
_LOCAL_HOSTS = ("127.0.0.1", "localhost")


@attrs.frozen(kw_only=True)
class SecureAcceptanceKey:
    """A security key of a profile. Its secret is plain text, not base64 as for REST."""

    access_key: str
    secret: str = attrs.field(repr=False)
    ends_at: datetime | None = None


@attrs.frozen(kw_only=True)
class SecureAcceptanceSettings:
    """
    One profile of `account`. Raises WrongSettings.

    The first of `keys` that has not expired signs forms; a reply may be signed with any of them.
    `url` is CyberSource's address. The other three are the shop's: `receipt_url` and `cancel_url`
    for the browser after payment or cancellation, and `notify_url` for CyberSource's own posts.
    """

    account: GatewayAccount
    url: str
    profile_id: str
    keys: tuple[SecureAcceptanceKey, ...]
    receipt_url: str
    cancel_url: str
    notify_url: str
    locale: str = "en-us"
    simulator: bool = False

    def __attrs_post_init__(self) -> None:
        found = tuple(_problems(self))
        if found:
            raise WrongSettings(found)

    def endings(self) -> Iterator[KeyExpiry]:
        """The expiry of each key: two years after it was made."""
        for key in self.keys:
            yield KeyExpiry(f"The Secure Acceptance key {key.access_key[:8]}", key.ends_at)

    def signing_key(self, at: datetime) -> SecureAcceptanceKey:
        """The first key that has not expired; if all have, the first."""
        alive = (key for key in self.keys if key.ends_at is None or at < key.ends_at)
        return next(alive, self.keys[0])


@attrs.frozen(kw_only=True)
class FormItem:
    """A line of the order for CyberSource's page. Prices are without tax."""

    code: str
    name: str
    price: Money
    quantity: int = 1


@attrs.frozen(kw_only=True)
class SignedForm:
    """A form that the browser posts unchanged to `action`."""

    action: str
    fields: Mapping[str, str] = attrs.field(repr=False)


@attrs.frozen
class FormRefused(ValueError):
    """CyberSource would refuse the form: these fields are wrong. This is a fault in our code."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"the payment form is wrong at {', '.join(self.names)}"


def signature_of(fields: Mapping[str, str], secret: str) -> str:
    """The signature over the fields that `signed_field_names` lists, in its order.

    Values are not escaped. Raises KeyError if a field is missing.
    """
    names = fields["signed_field_names"].split(",")
    text = ",".join(f"{name}={fields[name]}" for name in names)
    digest = hmac.digest(secret.encode(), text.encode(), "sha256")
    return base64.b64encode(digest).decode()


def signed(fields: Mapping[str, str], secret: str) -> dict[str, str]:
    """Sign all fields, in alphabetical order. Raises FormRefused."""
    names = sorted({*fields, "signed_field_names", "unsigned_field_names"})
    whole = {**fields, "unsigned_field_names": "", "signed_field_names": ",".join(names)}
    wrong = tuple(dict.fromkeys(problems(whole)))
    if wrong:
        raise FormRefused(wrong)
    return {**whole, "signature": signature_of(whole, secret)}


@attrs.frozen
class SecureAcceptance:
    """Makes the forms that open CyberSource's hosted payment page."""

    settings: SecureAcceptanceSettings

    def form(
        self,
        attempt: Attempt,
        at: datetime,
        *,
        items: Iterable[FormItem] = (),
        learner: str = "",
        address: str = "",
    ) -> SignedForm:
        """
        The form for one attempt, signed at `at`.

        `learner` identifies the payer; only a digest is sent. `address` is the browser's IP
        address; it is left out if it is not IPv4. Raises FormRefused.
        """
        settings = self.settings
        key = settings.signing_key(at)
        fields = {
            "access_key": key.access_key,
            "profile_id": settings.profile_id,
            "transaction_uuid": attempt.id,
            "signed_date_time": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "locale": settings.locale,
            "reference_number": attempt.reference,
            "transaction_type": TRANSACTION_TYPE,
            "payment_method": "card",
            "amount": attempt.amount.plain,
            "currency": attempt.amount.currency.code,
            # Searches show this field, so the attempt can be found by its own id.
            "merchant_defined_data1": attempt.id,
            # These are signed, so that nobody can redirect our notifications.
            "override_custom_receipt_page": settings.receipt_url,
            "override_custom_cancel_page": settings.cancel_url,
            "override_backoffice_post_url": settings.notify_url,
            **_items(tuple(items)),
        }
        if learner:
            fields["consumer_id"] = hashlib.sha256(learner.encode()).hexdigest()
        if _is_ipv4(address):
            fields["customer_ip_address"] = address
        return SignedForm(
            action=f"{settings.url.rstrip('/')}/pay", fields=signed(fields, key.secret)
        )


def _items(items: tuple[FormItem, ...]) -> dict[str, str]:
    """The fields of the lines; none if there are more lines than a form can hold."""
    if not 1 <= len(items) <= MOST_ITEMS:
        return {}
    fields = {"line_item_count": str(len(items))}
    for number, item in enumerate(items):
        fields |= {
            f"item_{number}_code": tidy(item.code, 255) or "default",
            f"item_{number}_name": tidy(item.name, 255) or "Course",
            f"item_{number}_sku": tidy(item.code, 255) or "course",
            f"item_{number}_quantity": str(item.quantity),
            f"item_{number}_unit_price": item.price.plain,
            f"item_{number}_tax_amount": "0",
        }
    return fields


def _problems(settings: SecureAcceptanceSettings) -> Iterator[tuple[str, str]]:
    parts = urlsplit(settings.url)
    is_local = settings.simulator and parts.hostname in _LOCAL_HOSTS
    if not is_local and (parts.scheme != "https" or parts.netloc not in _HOSTS):
        yield "url", f"{settings.url} is none of {' and '.join(_HOSTS)}"
    if not _PROFILE.fullmatch(settings.profile_id):
        yield "profile_id", "it is the profile's id from the Business Center"
    if not settings.keys:
        yield "keys", "without a key nothing can be signed"
    for key in settings.keys:
        if not _ACCESS_KEY.fullmatch(key.access_key) or not key.secret:
            yield "keys", "an access key is up to 32 letters and digits, and has a secret"
    for name in ("receipt_url", "cancel_url", "notify_url"):
        url = urlsplit(getattr(settings, name))
        if not url.hostname or (url.scheme != "https" and not settings.simulator):
            yield name, "it is an https address of the shop"


def _is_ipv4(address: str) -> bool:
    try:
        return bool(IPv4Address(address))
    except AddressValueError:
        return False
