"""Opens CyberSource from its settings: the gateway, its payment page and its webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

from core.payments.account import GatewayAccount
from entrypoints.settings.files import Files
from entrypoints.settings.gateways.cybersource import (
    CardFormSettings,
    CyberSourceSetup,
    EncryptionSettings,
    GatewaySettings,
    WebhookKeys,
)
from entrypoints.settings.gateways.secure_acceptance import CANCELLED, RETURN, TOLD
from entrypoints.settings.reader import wrong

if TYPE_CHECKING:
    from adapters.cybersource.gateway import CyberSourceGateway
    from adapters.cybersource.payments import transaction_reports
    from adapters.cybersource.rest.keys import RestKey
    from adapters.cybersource.rest.message_encryption import Encryption
    from adapters.cybersource.secure_acceptance.payment_pages import SecureAcceptancePages
    from adapters.cybersource.webhooks import subscriptions
    from adapters.cybersource.webhooks.verify import WebhookReader

    Known: TypeAlias = transaction_reports.ReportedTransaction
    """One transaction as CyberSource reports it, for the command line."""
    Subscription: TypeAlias = subscriptions.WebhookSubscription
    Subscriptions: TypeAlias = subscriptions.WebhookSubscriptions


def open_cybersource(gateway: GatewaySettings, shop_url: str) -> CyberSourceGateway:
    """Open CyberSource with these settings. Raises SettingsAreWrong if they are unusable."""
    # Imported here and below, so that a command that needs neither starts in half the time.
    from adapters.cybersource.gateway import CyberSourceGateway
    from adapters.cybersource.rest.settings import CyberSourceSettings, WrongSettings
    from entrypoints.composition.clock_and_ids import now

    files = Files()
    keys, encryption = _keys(gateway, files), _encryption(gateway.encryption, files)
    unread = {name for name, _ in files.problems}
    if "CYBERSOURCE_P12_PASSWORD_FILE" in unread:
        unread.add("CYBERSOURCE_P12_FILE")  # It cannot be checked without the password.
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


def account_of(gateway: GatewaySettings) -> GatewayAccount:
    """The merchant's account. Raises SettingsAreWrong if the merchant id is invalid."""
    from adapters.cybersource.rest.settings import WrongSettings, account_at

    try:
        return account_at(gateway.url, gateway.merchant_id, simulator=gateway.simulator)
    except WrongSettings as refused:
        raise wrong((_NAMES[name], why) for name, why in refused.problems) from None


def _card_form(form: CardFormSettings) -> dict[str, Any]:
    """The settings of the card form, under the adapter's names."""
    from adapters.cybersource.rest.settings import AutoFlow

    flow = {"authentication": form.authentication, "decision_manager": form.decision_manager}
    values = {
        "auto": AutoFlow(**_set_values(flow)) if form.automatic else None,
        "locale": form.locale,
        "country": form.country,
        "networks": form.cards,
    }
    return _set_values(values)


def _set_values(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def _keys(gateway: GatewaySettings, files: Files) -> tuple[RestKey, ...]:
    """The keys that sign requests, the first one to use first."""
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
    """Which endpoints are encrypted, with the keys for them."""
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


def open_pages(setup: CyberSourceSetup, shop_url: str) -> SecureAcceptancePages | None:
    """CyberSource's own payment pages; None if they are not set.

    Raises SettingsAreWrong if they are unusable.
    """
    hosted = setup.page
    if hosted is None:
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
    account = account_of(setup.account)
    try:
        profile = SecureAcceptanceSettings(
            account=account,
            url=hosted.url,
            profile_id=hosted.profile_id,
            keys=keys,
            receipt_url=shop_url + RETURN,
            cancel_url=shop_url + CANCELLED,
            notify_url=shop_url + TOLD,
            locale=hosted.locale,
            simulator=setup.account.simulator,
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
"""The setting behind each field of the payment page."""


def open_webhooks(account: GatewaySettings) -> WebhookReader | None:
    """The reader of webhooks; None without a key for them. Raises SettingsAreWrong."""
    if account.webhooks is None:
        return None
    return _webhooks(account.webhooks, account_of(account))


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
"""The setting behind each field of the gateway."""
