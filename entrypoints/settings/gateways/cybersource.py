"""Settings of the account at CyberSource."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import attrs

from entrypoints.gateways.api import SettingsSource
from entrypoints.settings.gateways.secure_acceptance import HostedSettings, read_hosted
from entrypoints.settings.keys import (
    KeyFileSettings,
    SharedKeySettings,
    a_day,
    key_files,
    shared_keys,
)
from entrypoints.settings.reader import PREFIX, any_text, origin, yes_or_no

KNOWN = (
    "CYBERSOURCE_URL",
    "CYBERSOURCE_MERCHANT_ID",
    "CYBERSOURCE_KEY_ID",
    "CYBERSOURCE_SHARED_SECRET",
    "CYBERSOURCE_KEY_ENDS",
    "CYBERSOURCE_MORE_KEYS",
    "CYBERSOURCE_P12_FILE",
    "CYBERSOURCE_P12_PASSWORD",
    "CYBERSOURCE_P12_PASSWORD_FILE",
    "CYBERSOURCE_SIGNATURE",
    "CYBERSOURCE_ENCRYPT_REQUESTS",
    "CYBERSOURCE_ENCRYPT_REPLIES",
    "CYBERSOURCE_ENCRYPTION_CERTIFICATE_FILE",
    "CYBERSOURCE_REPLY_KEY_ID",
    "CYBERSOURCE_REPLY_KEY_FILE",
    "CYBERSOURCE_FLOW",
    "CYBERSOURCE_AUTHENTICATION",
    "CYBERSOURCE_DECISION_MANAGER",
    "CYBERSOURCE_LOCALE",
    "CYBERSOURCE_COUNTRY",
    "CYBERSOURCE_CARDS",
    "CYBERSOURCE_WEBHOOK_KEYS",
    "CYBERSOURCE_WEBHOOK_DECRYPTION_KEYS",
    "CYBERSOURCE_WEBHOOK_FORMS",
    "CYBERSOURCE_WEBHOOK_OLDEST_MINUTES",
    "CYBERSOURCE_SIMULATOR",
)
"""All settings of the gateway, without the prefix."""

ENCRYPTABLE = (*("payments", "captures", "refunds", "voids", "reversals", "searches", "details"),)
"""The endpoints that can be encrypted, under their names in the settings."""

FORMS = ("raw", "decrypted", "payload")
"""The texts that a webhook's signature may cover."""


@attrs.frozen
class P12Settings:
    """A P12 file, and its password or the file with the password."""

    file: str
    password: str | None = attrs.field(default=None, repr=False)
    password_file: str | None = None


@attrs.frozen(kw_only=True)
class EncryptionSettings:
    """Which endpoints are encrypted (names from `ENCRYPTABLE`), and the files with the keys."""

    requests: frozenset[str]
    replies: frozenset[str]
    certificate_file: str | None = None
    reply_key_id: str | None = None
    reply_key_file: str | None = None


@attrs.frozen(kw_only=True)
class CardFormSettings:
    """How the card form looks, and whether it charges the card itself (`automatic`).

    None means the adapter's default.
    """

    automatic: bool = False
    authentication: str | None = None
    decision_manager: bool | None = None
    locale: str | None = None
    country: str | None = None
    cards: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class WebhookKeys:
    """The keys that verify and decrypt webhooks. The reader tries each.

    `forms` are names from `FORMS`. Messages older than `oldest` are refused; None sets no limit.
    """

    keys: tuple[SharedKeySettings, ...]
    decryption: tuple[KeyFileSettings, ...] = ()
    forms: frozenset[str] = frozenset(FORMS)
    oldest: timedelta | None = None


@attrs.frozen
class GatewaySettings:
    """How to reach CyberSource. `simulator` is true only for the simulator on this machine.

    The key in the P12 file signs first, then the shared secret, then `more_keys`, each until it
    expires.
    """

    url: str
    merchant_id: str
    key_id: str = ""
    shared_secret: str = attrs.field(default="", repr=False)
    simulator: bool = False
    key_ends_at: datetime | None = attrs.field(default=None, kw_only=True)
    more_keys: tuple[SharedKeySettings, ...] = attrs.field(default=(), kw_only=True)
    p12: P12Settings | None = attrs.field(default=None, kw_only=True)
    http_signature: bool = attrs.field(default=False, kw_only=True)
    encryption: EncryptionSettings | None = attrs.field(default=None, kw_only=True)
    form: CardFormSettings = attrs.field(factory=CardFormSettings, kw_only=True)
    webhooks: WebhookKeys | None = attrs.field(default=None, kw_only=True)

    @property
    def shared_keys(self) -> tuple[SharedKeySettings, ...]:
        """All shared secrets, the first one to use first."""
        first = SharedKeySettings(self.key_id, self.shared_secret, self.key_ends_at)
        return (first, *self.more_keys) if self.key_id else self.more_keys


def signs_by_http(text: str) -> bool:
    """Whether requests use HTTP Signature instead of JWT. Raises ValueError."""
    if text not in ("jwt", "http"):
        raise ValueError(f'is "{text}": use jwt, or http for the HTTP Signature of old')
    return text == "http"


def words(text: str) -> tuple[str, ...]:
    """Words separated by spaces, without duplicates."""
    return tuple(dict.fromkeys(text.split()))


def families(text: str) -> frozenset[str]:
    """What to encrypt: none, all, or names separated by spaces. Raises ValueError."""
    named = {"none": [], "all": list(ENCRYPTABLE)}.get(text, text.split())
    if not set(named) <= set(ENCRYPTABLE):
        raise ValueError(f'is "{text}": use none, all, or some of {" ".join(ENCRYPTABLE)}')
    return frozenset(named)


def signed_forms(text: str) -> frozenset[str]:
    """The texts that a webhook's signature may cover. Raises ValueError."""
    named = frozenset(text.split())
    if not named <= set(FORMS):
        raise ValueError(f'is "{text}": use some of {" ".join(FORMS)}')
    return named


def a_while(text: str) -> timedelta:
    """Minutes, a whole number up to a week. Raises ValueError."""
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or not 1 <= int(text) <= 10080:
        raise ValueError(f'is "{text}": use whole minutes from 1 to 10080')
    return timedelta(minutes=int(text))


@attrs.frozen
class CyberSourceSetup:
    """All settings of CyberSource: the account, and its payment page if there is one."""

    account: GatewaySettings
    page: HostedSettings | None = None


def read_cybersource(read: SettingsSource, *, hosted_page: bool) -> CyberSourceSetup | None:
    """The settings of CyberSource; None if they are missing or incomplete.

    With `hosted_page` learners pay on CyberSource's page, so its settings are required.
    """
    account = read_gateway(read)
    page = read_hosted(read, pays=hosted_page)
    if account is not None:
        return CyberSourceSetup(account, page)
    if page is not None:
        read.wrong(
            f"{PREFIX}CYBERSOURCE_URL and its three others are missing: payments on the gateway's "
            "page are looked up and refunded through them"
        )
    return None


def read_gateway(read: SettingsSource) -> GatewaySettings | None:
    """The settings of the account; None if nothing is set."""
    names = ("URL", "MERCHANT_ID", "KEY_ID", "SHARED_SECRET")
    others = ("MORE_KEYS", "P12_FILE")
    given = [name for name in (*names, *others) if read.given(f"CYBERSOURCE_{name}")]
    simulator = read.get("CYBERSOURCE_SIMULATOR", "no", yes_or_no)
    if not given:
        return None
    # One key is enough, of any kind. A shared secret needs both its parts.
    one_key = not set(given).isdisjoint(others) and set(given).isdisjoint(names[2:])
    for name in names[:2] if one_key else names:
        if name not in given:
            read.wrong(f"{PREFIX}CYBERSOURCE_{name} is missing, and the others are set")
    url = read.get("CYBERSOURCE_URL", "https://apitest.cybersource.com", origin)
    host = urlsplit(url).hostname or ""
    loopback = host in ("127.0.0.1", "::1", "localhost")
    if simulator != loopback:
        read.wrong(
            f"{PREFIX}CYBERSOURCE_SIMULATOR=yes goes with a simulator on this machine and nothing "
            f"else; {PREFIX}CYBERSOURCE_URL is {url}"
        )
    if not loopback and not host.endswith(".cybersource.com"):
        read.wrong(f"{PREFIX}CYBERSOURCE_URL is not a CyberSource host: {url}")
    return GatewaySettings(
        url,
        read.get("CYBERSOURCE_MERCHANT_ID", "-", any_text),
        "" if one_key else read.get("CYBERSOURCE_KEY_ID", "-", any_text),
        "" if one_key else read.get("CYBERSOURCE_SHARED_SECRET", "-", any_text),
        simulator,
        key_ends_at=read.optional("CYBERSOURCE_KEY_ENDS", a_day),
        more_keys=read.optional("CYBERSOURCE_MORE_KEYS", shared_keys) or (),
        p12=_p12(read),
        http_signature=read.get("CYBERSOURCE_SIGNATURE", "jwt", signs_by_http),
        encryption=_encryption(read),
        form=_card_form(read),
        webhooks=_webhooks(read),
    )


def is_automatic(text: str) -> bool:
    """Whether the card form charges the card itself. Raises ValueError."""
    if text not in ("manual", "automatic"):
        raise ValueError(f'is "{text}": use manual or automatic')
    return text == "automatic"


def _card_form(read: SettingsSource) -> CardFormSettings:
    automatic = read.get("CYBERSOURCE_FLOW", "manual", is_automatic)
    for name in ("CYBERSOURCE_AUTHENTICATION", "CYBERSOURCE_DECISION_MANAGER"):
        if read.given(name) and not automatic:
            read.wrong(f"{PREFIX}{name} goes with {PREFIX}CYBERSOURCE_FLOW=automatic alone")
    return CardFormSettings(
        automatic=automatic,
        authentication=read.optional("CYBERSOURCE_AUTHENTICATION", any_text),
        decision_manager=read.optional("CYBERSOURCE_DECISION_MANAGER", yes_or_no),
        locale=read.optional("CYBERSOURCE_LOCALE", any_text),
        country=read.optional("CYBERSOURCE_COUNTRY", any_text),
        cards=read.optional("CYBERSOURCE_CARDS", words),
    )


def _p12(read: SettingsSource) -> P12Settings | None:
    file = read.optional("CYBERSOURCE_P12_FILE", any_text)
    password = read.optional("CYBERSOURCE_P12_PASSWORD", any_text)
    password_file = read.optional("CYBERSOURCE_P12_PASSWORD_FILE", any_text)
    if (password and password_file) or bool(file) != bool(password or password_file):
        read.wrong(
            f"{PREFIX}CYBERSOURCE_P12_FILE goes with {PREFIX}CYBERSOURCE_P12_PASSWORD or "
            f"{PREFIX}CYBERSOURCE_P12_PASSWORD_FILE, one of the two"
        )
    return P12Settings(file, password, password_file) if file else None


def _encryption(read: SettingsSource) -> EncryptionSettings | None:
    names = ("REPLY_KEY_ID", "REPLY_KEY_FILE")
    key_id, key_file = (read.given(f"CYBERSOURCE_{name}") for name in names)
    found = EncryptionSettings(
        requests=read.get("CYBERSOURCE_ENCRYPT_REQUESTS", "none", families),
        replies=read.get("CYBERSOURCE_ENCRYPT_REPLIES", "none", families),
        certificate_file=read.optional("CYBERSOURCE_ENCRYPTION_CERTIFICATE_FILE", any_text),
        reply_key_id=read.optional("CYBERSOURCE_REPLY_KEY_ID", any_text),
        reply_key_file=read.optional("CYBERSOURCE_REPLY_KEY_FILE", any_text),
    )
    if key_id != key_file or (found.replies and not key_id):
        read.wrong(
            f"{PREFIX}CYBERSOURCE_ENCRYPT_REPLIES needs both {PREFIX}CYBERSOURCE_REPLY_KEY_ID and "
            f"{PREFIX}CYBERSOURCE_REPLY_KEY_FILE"
        )
    return found if found.requests or found.replies else None


def _webhooks(read: SettingsSource) -> WebhookKeys | None:
    keys = read.optional("CYBERSOURCE_WEBHOOK_KEYS", shared_keys)
    found = WebhookKeys(
        keys=keys or (),
        decryption=read.optional("CYBERSOURCE_WEBHOOK_DECRYPTION_KEYS", key_files) or (),
        forms=read.get("CYBERSOURCE_WEBHOOK_FORMS", " ".join(FORMS), signed_forms),
        oldest=read.optional("CYBERSOURCE_WEBHOOK_OLDEST_MINUTES", a_while),
    )
    if found.decryption and not read.given("CYBERSOURCE_WEBHOOK_KEYS"):
        read.wrong(
            f"{PREFIX}CYBERSOURCE_WEBHOOK_DECRYPTION_KEYS goes with "
            f"{PREFIX}CYBERSOURCE_WEBHOOK_KEYS: without them no webhook can be believed"
        )
    return found if keys else None
