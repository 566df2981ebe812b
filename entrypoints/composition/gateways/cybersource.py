"""Plugs CyberSource into the shop, as the settings say: gateway, payment pages, webhooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Answer,
    CardForm,
    Finding,
    GatewayUnavailable,
    PaymentGateway,
    RefundAnswer,
    RefundFinding,
    Token,
)
from core.payments.hosted_page import HostedPages
from core.payments.notice import NoticeReader
from core.payments.refund import Refund
from entrypoints.composition.clock_and_ids import now
from entrypoints.settings.gateways.cybersource import (
    CardFormSettings,
    EncryptionSettings,
    Files,
    GatewaySettings,
    WebhookKeys,
)
from entrypoints.settings.gateways.secure_acceptance import CANCELLED, RETURN, TOLD
from entrypoints.settings.reader import PREFIX, wrong
from entrypoints.settings.shop import Settings

if TYPE_CHECKING:
    from adapters.cybersource.gateway import CyberSourceGateway
    from adapters.cybersource.payments import transaction_reports
    from adapters.cybersource.rest.keys import RestKey
    from adapters.cybersource.rest.message_encryption import Encryption
    from adapters.cybersource.secure_acceptance.payment_pages import SecureAcceptancePages
    from adapters.cybersource.webhooks import subscriptions
    from adapters.cybersource.webhooks.verify import WebhookReader

    Known: TypeAlias = transaction_reports.ReportedTransaction
    """One row of what the gateway knows, for the command line."""
    Subscription: TypeAlias = subscriptions.WebhookSubscription
    Subscriptions: TypeAlias = subscriptions.WebhookSubscriptions


def open_gateway(gateway: GatewaySettings | None, shop_url: str) -> PaymentGateway:
    """CyberSource as the settings describe it, or a gateway that says it is not set up.

    Raises SettingsAreWrong where CyberSource could not be used with them.
    """
    return NoGateway() if gateway is None else open_cybersource(gateway, shop_url)


def open_cybersource(gateway: GatewaySettings, shop_url: str) -> CyberSourceGateway:
    """CyberSource as the settings describe it, with all that it can do beyond the port.

    Raises SettingsAreWrong where it could not be used with them.
    """
    # Imported here and below, so that a command that needs neither starts in half the time.
    from adapters.cybersource.gateway import CyberSourceGateway
    from adapters.cybersource.rest.settings import CyberSourceSettings, WrongSettings

    files = Files()
    keys, encryption = _keys(gateway, files), _encryption(gateway.encryption, files)
    unread = {name for name, _ in files.problems}
    if "CYBERSOURCE_P12_PASSWORD_FILE" in unread:
        unread.add("CYBERSOURCE_P12_FILE")  # Nobody can tell what is wrong with it then.
    try:
        settings = CyberSourceSettings(
            url=gateway.url,
            merchant_id=gateway.merchant_id,
            keys=keys,
            http_signature=gateway.http_signature,
            encryption=encryption,
            target_origins=(shop_url,),
            simulator=gateway.simulator,
            **_card_form(gateway.form),
        )
    except WrongSettings as refused:
        named = ((_NAMES.get(name, name), why) for name, why in refused.problems)
        problems = [*files.problems, *((name, why) for name, why in named if name not in unread)]
        raise wrong(problems) from None
    if files.problems:
        raise wrong(files.problems)
    return CyberSourceGateway(settings, now=now, new_id=lambda: str(uuid4()))


def configured_account(gateway: GatewaySettings | None) -> GatewayAccount | None:
    """The account that new payments go to; None where no gateway is set up.

    Raises SettingsAreWrong where it could be nobody's account.
    """
    return None if gateway is None else _account(gateway)


def _account(gateway: GatewaySettings) -> GatewayAccount:
    from adapters.cybersource.rest.settings import WrongSettings, account_at

    try:
        return account_at(gateway.url, gateway.merchant_id, simulator=gateway.simulator)
    except WrongSettings as refused:
        raise wrong((_NAMES[name], why) for name, why in refused.problems) from None


def _card_form(form: CardFormSettings) -> dict[str, Any]:
    """What the settings say of the card form, by the names of the adapter."""
    from adapters.cybersource.rest.settings import AutoFlow

    flow = {"authentication": form.authentication, "decision_manager": form.decision_manager}
    told = {
        "auto": AutoFlow(**_said(flow)) if form.automatic else None,
        "locale": form.locale,
        "country": form.country,
        "networks": form.cards,
    }
    return _said(told)


def _said(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def _keys(gateway: GatewaySettings, files: Files) -> tuple[RestKey, ...]:
    """The keys that sign requests, the first to be used first."""
    from adapters.cybersource.rest.keys import P12Key, SharedKey

    shared = tuple(
        SharedKey(key_id=key.key_id, secret=key.secret, ends_at=key.ends_at)
        for key in gateway.shared_keys
    )
    p12 = gateway.p12
    if p12 is None:
        return shared
    password = p12.password or ""
    if p12.password_file is not None:
        password = files.text("CYBERSOURCE_P12_PASSWORD_FILE", p12.password_file)
    content = files.content("CYBERSOURCE_P12_FILE", p12.file)
    return (P12Key(content=content, password=password), *shared)


def _encryption(wanted: EncryptionSettings | None, files: Files) -> Encryption | None:
    """What is encrypted as messages, with the keys for it."""
    if wanted is None:
        return None
    from adapters.cybersource.rest.endpoints import EndpointFamily
    from adapters.cybersource.rest.message_encryption import Encryption, ReplyKey

    certificate = b""
    reply_keys: tuple[ReplyKey, ...] = ()
    if wanted.certificate_file is not None:
        name = "CYBERSOURCE_ENCRYPTION_CERTIFICATE_FILE"
        certificate = files.content(name, wanted.certificate_file)
    if wanted.reply_key_id is not None and wanted.reply_key_file is not None:
        pem = files.content("CYBERSOURCE_REPLY_KEY_FILE", wanted.reply_key_file)
        reply_keys = (ReplyKey(key_id=wanted.reply_key_id, pem=pem),)
    return Encryption(
        certificate=certificate,
        reply_keys=reply_keys,
        requests=frozenset(map(EndpointFamily, wanted.requests)),
        replies=frozenset(map(EndpointFamily, wanted.replies)),
    )


def open_pages(settings: Settings) -> SecureAcceptancePages | None:
    """The gateway's own payment pages, where the settings name them.

    Raises SettingsAreWrong where they could not be used.
    """
    hosted, gateway = settings.hosted, settings.gateway
    if hosted is None or gateway is None:
        return None
    from adapters.cybersource.rest.settings import WrongSettings
    from adapters.cybersource.secure_acceptance.form import (
        SecureAcceptanceKey,
        SecureAcceptanceSettings,
    )
    from adapters.cybersource.secure_acceptance.payment_pages import SecureAcceptancePages

    keys = tuple(
        SecureAcceptanceKey(access_key=key.access_key, secret=key.secret, ends_at=key.ends_at)
        for key in hosted.keys
    )
    account = _account(gateway)
    try:
        profile = SecureAcceptanceSettings(
            account=account,
            url=hosted.url,
            profile_id=hosted.profile_id,
            keys=keys,
            receipt_url=settings.shop_url + RETURN,
            cancel_url=settings.shop_url + CANCELLED,
            notify_url=settings.shop_url + TOLD,
            locale=hosted.locale,
            simulator=gateway.simulator,
        )
    except WrongSettings as refused:
        raise wrong((_PAGE_NAMES[name], why) for name, why in refused.problems) from None
    return SecureAcceptancePages(profile)


_PAGE_NAMES = {
    "url": "SECURE_ACCEPTANCE_URL",
    "profile_id": "SECURE_ACCEPTANCE_PROFILE_ID",
    "keys": "SECURE_ACCEPTANCE_KEYS",
    "receipt_url": "SHOP_URL",
    "cancel_url": "SHOP_URL",
    "notify_url": "SHOP_URL",
}
"""Which setting each of the payment page's own comes from."""


def open_doors(gateway: GatewaySettings | None) -> Mapping[str, NoticeReader]:
    """Where the gateway may tell of its own accord. Raises SettingsAreWrong."""
    if gateway is None or gateway.webhooks is None:
        return {}
    account = _account(gateway)
    return {"cybersource": _webhooks(gateway.webhooks, account)}


def _webhooks(wanted: WebhookKeys, account: GatewayAccount) -> WebhookReader:
    from adapters.cybersource.rest.certificates import CertificateNotUsable
    from adapters.cybersource.rest.keys import SharedKey
    from adapters.cybersource.rest.message_encryption import ReplyKey
    from adapters.cybersource.rest.settings import WrongSettings
    from adapters.cybersource.webhooks.message_keys import MessageForm
    from adapters.cybersource.webhooks.verify import WebhookReader, WebhookSettings

    files = Files()
    name = _NAMES["webhook_decryption"]
    own = tuple(
        ReplyKey(key_id=key.key_id, pem=files.content(name, key.file), ends_at=key.ends_at)
        for key in wanted.decryption
    )
    if files.problems:
        raise wrong(files.problems)
    try:
        settings = WebhookSettings(
            account=account,
            keys=tuple(
                SharedKey(key_id=key.key_id, secret=key.secret, ends_at=key.ends_at)
                for key in wanted.keys
            ),
            decryption=own,
            oldest=wanted.oldest,
            forms=frozenset(map(MessageForm, wanted.forms)),
        )
        return WebhookReader(settings)
    except WrongSettings as refused:
        raise wrong((_NAMES[name], why) for name, why in refused.problems) from None
    except CertificateNotUsable as why:
        raise wrong([(name, str(why))]) from None


def gateway_warnings(
    settings: Settings,
    gateway: PaymentGateway,
    at: datetime,
    *,
    pages: HostedPages | None,
    doors: Mapping[str, NoticeReader],
) -> tuple[str, ...]:
    """What is to be said at every start: what is about to end or does not count, keys that end."""
    from adapters.cybersource.gateway import CyberSourceGateway
    from adapters.cybersource.secure_acceptance.payment_pages import SecureAcceptancePages
    from adapters.cybersource.webhooks.verify import WebhookReader

    told: list[str] = []
    if isinstance(gateway, CyberSourceGateway):
        told += [*gateway.warnings(), *gateway.expiring(at)]
    account, hosted = settings.gateway, settings.hosted
    if account and account.form.automatic and hosted and hosted.pays:
        told.append(AUTOMATIC_IN_VAIN)
    if isinstance(pages, SecureAcceptancePages):
        told += pages.warnings(at)
    for door in doors.values():
        if isinstance(door, WebhookReader):
            told += door.expiring(at)
    return tuple(told)


def known_at_gateway(settings: Settings, codes: Iterable[str]) -> tuple[Known, ...]:
    """All that CyberSource knows under these codes, each code's rows oldest first.

    Raises SettingsAreWrong, or GatewayUnavailable with what to do about it.
    """
    from adapters.cybersource.rest.transport import ApiRefusal
    from adapters.http_client import Lost, NotSent

    if settings.gateway is None:
        raise NoGateway.why
    gateway = open_cybersource(settings.gateway, settings.shop_url)
    try:
        return tuple(known for code in codes for known in gateway.known(code))
    except (NotSent, ApiRefusal, Lost) as failure:
        raise GatewayUnavailable(gateway.explain(failure)) from failure


@contextmanager
def webhook_subscriptions(settings: Settings) -> Iterator[Subscriptions]:
    """What CyberSource is asked to tell of.

    Raises SettingsAreWrong, or GatewayUnavailable with what to do about it.
    """
    from adapters.cybersource.rest.transport import ApiRefusal
    from adapters.cybersource.webhooks.subscriptions import NotAnAddress
    from adapters.http_client import Lost, NotSent

    if settings.gateway is None:
        raise NoGateway.why
    gateway = open_cybersource(settings.gateway, settings.shop_url)
    try:
        yield gateway.subscriptions
    except NotAnAddress as refused:
        raise wrong([("SHOP_URL", str(refused))]) from None
    except (NotSent, ApiRefusal, Lost) as failure:
        raise GatewayUnavailable(gateway.explain(failure)) from failure


_NAMES = {
    "url": "CYBERSOURCE_URL",
    "merchant_id": "CYBERSOURCE_MERCHANT_ID",
    "key_id": "CYBERSOURCE_KEY_ID",
    "shared_secret": "CYBERSOURCE_SHARED_SECRET",
    "p12": "CYBERSOURCE_P12_FILE",
    "http_signature": "CYBERSOURCE_SIGNATURE",
    "encryption": "CYBERSOURCE_ENCRYPT_REQUESTS",
    "encryption_certificate": "CYBERSOURCE_ENCRYPTION_CERTIFICATE_FILE",
    "reply_keys": "CYBERSOURCE_REPLY_KEY_FILE",
    "authentication": "CYBERSOURCE_AUTHENTICATION",
    "locale": "CYBERSOURCE_LOCALE",
    "country": "CYBERSOURCE_COUNTRY",
    "networks": "CYBERSOURCE_CARDS",
    "webhook_keys": "CYBERSOURCE_WEBHOOK_KEYS",
    "webhook_decryption": "CYBERSOURCE_WEBHOOK_DECRYPTION_KEYS",
    "target_origins": "SHOP_URL",
}
"""Which setting each of the gateway's own comes from."""


def asked_for(offered: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Those of the offered events that a shop asks for unless it is told more."""
    from adapters.cybersource.webhooks.subscriptions import wanted

    return frozenset(event for events in wanted(offered).values() for event in events)


AUTOMATIC_IN_VAIN = (
    f"{PREFIX}CYBERSOURCE_FLOW=automatic does not count: {PREFIX}PAY_AT is hosted-page, so "
    "learners pay on the gateway's own page and see no card form"
)


class NoGateway:
    """Stands where no gateway is set up: everything but paying works."""

    why = GatewayUnavailable("no gateway is set up: COURSETILL_CYBERSOURCE_URL is missing")

    @property
    def account(self) -> GatewayAccount:
        raise self.why

    def serves(self, account: GatewayAccount, /) -> bool:
        return False

    def open(self, attempt: Attempt, /) -> CardForm:
        raise self.why

    def form(self, attempt: Attempt, /) -> CardForm:
        raise self.why

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        raise self.why

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        raise self.why

    def find(self, attempt: Attempt, /) -> Finding:
        raise self.why

    def refund(self, refund: Refund, /) -> RefundAnswer:
        raise self.why

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        raise self.why

    def check(self) -> None:
        raise self.why
