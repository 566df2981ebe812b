"""Plugs adapters into the core, as the settings say, and hands out the whole as a Shop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import attrs

from adapters.sql.engine import open_engine
from adapters.sql.migrations import check_schema, state, upgrade
from adapters.sql.unit_of_work import SqlShop
from core.discounts.personal import PriceSource
from core.outbox import Event, EventReceiver, NotReceived, ReceiverIsDown
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
from core.payments.hosted import PaymentPages
from core.payments.notice import NoticeReader
from core.payments.refund import Refund
from core.post import Post
from core.quote import PurchaseRule
from core.unit_of_work import Begin
from entrypoints import plugging
from entrypoints.gateway_settings import (
    CardFormSettings,
    EncryptionSettings,
    Files,
    GatewaySettings,
    WebhookKeys,
)
from entrypoints.hosted_settings import CANCELLED, RETURN, TOLD
from entrypoints.identifiers import now
from entrypoints.reading import PREFIX, SettingsAreWrong
from entrypoints.settings import Settings
from entrypoints.standings import Standing, standings

if TYPE_CHECKING:
    from adapters.cybersource import enquiries, subscriptions
    from adapters.cybersource.encryption import Encryption
    from adapters.cybersource.gateway import CyberSourceGateway
    from adapters.cybersource.hosted_pages import HostedPages
    from adapters.cybersource.keys import RestKey
    from adapters.cybersource.webhooks import Webhooks

    Known: TypeAlias = enquiries.Known
    """One row of what the gateway knows, for the command line."""
    Subscription: TypeAlias = subscriptions.Subscription
    Subscriptions: TypeAlias = subscriptions.Subscriptions


class NoLetters:
    """Stands where no mail server is set up: every letter waits, until it is too late for it."""

    def receive(self, event: Event, /) -> None:
        raise ReceiverIsDown("COURSETILL_SMTP_HOST is not set")


@attrs.frozen
class Shop:
    """What verbs want to be given, in one hand.

    `begin` starts a change, `look` a reading that changes nothing; `now` is the clock. `close` lets
    go of the database, once nobody works with the shop any more. `extensions` are those that are
    on; what they say of prices and purchases is among `sources` and `rules`. `pages` are
    the gateway's own payment pages, where there are any. `doors` are where the gateway tells of
    its own accord: the name of each, and who reads what comes there.
    """

    settings: Settings
    begin: Begin
    look: Begin
    gateway: PaymentGateway
    receiver: EventReceiver
    now: Callable[[], datetime] = now
    rules: tuple[PurchaseRule, ...] = ()
    sources: tuple[PriceSource, ...] = ()
    extensions: tuple[plugging.Opened, ...] = ()
    pages: PaymentPages | None = None
    doors: Mapping[str, NoticeReader] = attrs.field(factory=dict)
    close: Callable[[], None] = lambda: None
    letters: EventReceiver = attrs.field(factory=NoLetters)

    def extension(self, name: str) -> plugging.Opened:
        """The extension of this name. Raises ExtensionCannotBeUsed where it is off."""
        for each in self.extensions:
            if each.name == name:
                return each
        raise plugging.ExtensionCannotBeUsed(name, f"it is not named in {PREFIX}EXTENSIONS")


def open_shop(settings: Settings) -> Shop:
    """The shop as the settings describe it, with the extensions that they name.

    Raises Unavailable where the database does not answer, or its tables are not those of this
    version, an extension's too; ExtensionCannotBeUsed; SettingsAreWrong.
    """
    found = plugging.chosen(settings)
    gateway = open_gateway(settings.gateway, settings.shop_url)
    pages = open_pages(settings)
    doors = open_doors(settings.gateway)
    receiver = open_receiver(settings)
    engine = open_engine(settings.database_url)
    records = SqlShop(engine)
    try:
        check_schema(engine)
        letters = open_letters(settings, records.look)
        extensions = plugging.opened(
            found, settings, begin=records.begin, look=records.look, now=now
        )
    except BaseException:
        engine.dispose()
        raise

    def close() -> None:
        plugging.close(extensions)
        engine.dispose()

    shop = Shop(
        settings,
        records.begin,
        records.look,
        gateway,
        receiver,
        pages=pages,
        doors=doors,
        close=close,
        letters=letters,
    )
    return with_extensions(shop, extensions)


def with_extensions(shop: Shop, extensions: tuple[plugging.Opened, ...]) -> Shop:
    """The shop with these on beside those it has."""
    return attrs.evolve(
        shop,
        rules=(*shop.rules, *(rule for each in extensions for rule in each.rules)),
        sources=(*shop.sources, *plugging.sources(extensions)),
        extensions=(*shop.extensions, *extensions),
    )


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
    from adapters.cybersource.settings import CyberSourceSettings, WrongSettings

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
    except WrongSettings as wrong:
        named = ((_NAMES.get(name, name), why) for name, why in wrong.problems)
        problems = [*files.problems, *((name, why) for name, why in named if name not in unread)]
        raise _wrong(problems) from None
    if files.problems:
        raise _wrong(files.problems)
    return CyberSourceGateway(settings, now=now, new_id=lambda: str(uuid4()))


def _card_form(form: CardFormSettings) -> dict[str, Any]:
    """What the settings say of the card form, by the names of the adapter."""
    from adapters.cybersource.settings import AutoFlow

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


def _wrong(problems: Iterable[tuple[str, str]]) -> SettingsAreWrong:
    return SettingsAreWrong(tuple(f"{PREFIX}{name}: {why}" for name, why in problems))


def _keys(gateway: GatewaySettings, files: Files) -> tuple[RestKey, ...]:
    """The keys that sign requests, the first to be used first."""
    from adapters.cybersource.keys import P12Key, SharedKey

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
    from adapters.cybersource.encryption import Encryption, ReplyKey
    from adapters.cybersource.endpoints import Family

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
        requests=frozenset(map(Family, wanted.requests)),
        replies=frozenset(map(Family, wanted.replies)),
    )


def open_pages(settings: Settings) -> HostedPages | None:
    """The gateway's own payment pages, where the settings name them.

    Raises SettingsAreWrong where they could not be used.
    """
    hosted, gateway = settings.hosted, settings.gateway
    if hosted is None or gateway is None:
        return None
    from adapters.cybersource.hosted_pages import HostedPages
    from adapters.cybersource.secure_acceptance import SecureAcceptanceKey, SecureAcceptanceSettings
    from adapters.cybersource.settings import WrongSettings

    keys = tuple(
        SecureAcceptanceKey(access_key=key.access_key, secret=key.secret, ends_at=key.ends_at)
        for key in hosted.keys
    )
    try:
        profile = SecureAcceptanceSettings(
            url=hosted.url,
            profile_id=hosted.profile_id,
            keys=keys,
            receipt_url=settings.shop_url + RETURN,
            cancel_url=settings.shop_url + CANCELLED,
            notify_url=settings.shop_url + TOLD,
            locale=hosted.locale,
            simulator=gateway.simulator,
        )
    except WrongSettings as wrong:
        raise _wrong((_PAGE_NAMES[name], why) for name, why in wrong.problems) from None
    return HostedPages(profile)


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
    return {"cybersource": _webhooks(gateway.webhooks)}


def _webhooks(wanted: WebhookKeys) -> Webhooks:
    from adapters.cybersource.certificates import NotUsable
    from adapters.cybersource.encryption import ReplyKey
    from adapters.cybersource.keys import SharedKey
    from adapters.cybersource.notices import Form
    from adapters.cybersource.settings import WrongSettings
    from adapters.cybersource.webhooks import Webhooks, WebhookSettings

    files = Files()
    name = _NAMES["webhook_decryption"]
    own = tuple(
        ReplyKey(key_id=key.key_id, pem=files.content(name, key.file), ends_at=key.ends_at)
        for key in wanted.decryption
    )
    if files.problems:
        raise _wrong(files.problems)
    try:
        settings = WebhookSettings(
            keys=tuple(
                SharedKey(key_id=key.key_id, secret=key.secret, ends_at=key.ends_at)
                for key in wanted.keys
            ),
            decryption=own,
            oldest=wanted.oldest,
            forms=frozenset(map(Form, wanted.forms)),
        )
        return Webhooks(settings)
    except WrongSettings as wrong:
        raise _wrong((_NAMES[name], why) for name, why in wrong.problems) from None
    except NotUsable as why:
        raise _wrong([(name, str(why))]) from None


def gateway_warnings(
    gateway: PaymentGateway,
    at: datetime,
    *,
    pages: PaymentPages | None,
    doors: Mapping[str, NoticeReader],
) -> tuple[str, ...]:
    """What is to be said of them at every start: what is about to end, keys that end soon."""
    from adapters.cybersource.gateway import CyberSourceGateway
    from adapters.cybersource.hosted_pages import HostedPages
    from adapters.cybersource.webhooks import Webhooks

    told: list[str] = []
    if isinstance(gateway, CyberSourceGateway):
        told += [*gateway.warnings(), *gateway.expiring(at)]
    if isinstance(pages, HostedPages):
        told += pages.warnings(at)
    for door in doors.values():
        if isinstance(door, Webhooks):
            told += door.expiring(at)
    return tuple(told)


def known_at_gateway(settings: Settings, codes: Iterable[str]) -> tuple[Known, ...]:
    """All that CyberSource knows under these codes, each code's rows oldest first.

    Raises SettingsAreWrong, or GatewayUnavailable with what to do about it.
    """
    from adapters.cybersource.transport import TurnedAway
    from adapters.wire import Lost, NotSent

    if settings.gateway is None:
        raise NoGateway.why
    gateway = open_cybersource(settings.gateway, settings.shop_url)
    try:
        return tuple(known for code in codes for known in gateway.known(code))
    except (NotSent, TurnedAway, Lost) as failure:
        raise GatewayUnavailable(gateway.explain(failure)) from failure


@contextmanager
def webhook_subscriptions(settings: Settings) -> Iterator[Subscriptions]:
    """What CyberSource is asked to tell of.

    Raises SettingsAreWrong, or GatewayUnavailable with what to do about it.
    """
    from adapters.cybersource.subscriptions import NotAnAddress
    from adapters.cybersource.transport import TurnedAway
    from adapters.wire import Lost, NotSent

    if settings.gateway is None:
        raise NoGateway.why
    gateway = open_cybersource(settings.gateway, settings.shop_url)
    try:
        yield gateway.subscriptions
    except NotAnAddress as wrong:
        raise _wrong([("SHOP_URL", str(wrong))]) from None
    except (NotSent, TurnedAway, Lost) as failure:
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


def open_receiver(settings: Settings) -> EventReceiver:
    """Where the settings send events, or a receiver that says it is not set up.

    Raises SettingsAreWrong where events could not be signed with the secret.
    """
    if settings.events is None:
        return NoReceiver()
    from adapters.platform.webhook import WebhookReceiver

    try:
        return WebhookReceiver(settings.events.url, settings.events.secret)
    except ValueError as wrong:
        raise SettingsAreWrong((f"{PREFIX}EVENTS_SECRET: {wrong}",)) from None


def open_letters(settings: Settings, look: Begin) -> EventReceiver:
    """Who writes and sends letters, or a receiver that says that no mail is set up.

    Raises SettingsAreWrong.
    """
    post = open_post(settings)
    if post is None:
        return NoLetters()
    from entrypoints.letters.composing import Composer
    from entrypoints.letters.sending import LetterWriter

    return LetterWriter(look, Composer(settings), post)


def open_post(settings: Settings) -> Post | None:
    """The mail server as the settings describe it; None where there is none.

    Raises SettingsAreWrong where a file that they name cannot be read.
    """
    mail = settings.mail
    if mail is None:
        return None
    from adapters.post.messages import Sender
    from adapters.post.smtp import MailServer, Security, SmtpPost

    files = Files()
    password = mail.password or ""
    if mail.password_file is not None:
        password = files.text("SMTP_PASSWORD_FILE", mail.password_file)
    if mail.ca_file is not None:
        files.content("SMTP_CA_FILE", mail.ca_file)
    if files.problems:
        raise _wrong(files.problems)
    server = MailServer(
        host=mail.host,
        port=mail.port,
        security=Security(mail.security),
        user=mail.user,
        password=password,
        ca_file=mail.ca_file,
    )
    return SmtpPost(server, Sender(settings.shop_name, mail.sender, settings.support_email))


def database_state(settings: Settings) -> str:
    """How the database's tables stand to this version's: "empty", "older", "at head", "newer".

    Raises Unavailable where it does not answer.
    """
    return state(settings.database_url).value


def upgrade_database(settings: Settings) -> None:
    """Bring the database to this version's tables, then to those of the extensions that are on.

    Each is changed whole or not at all. Raises Unavailable, or ExtensionCannotBeUsed before
    anything is changed.
    """
    extensions = plugging.chosen(settings)
    upgrade(settings.database_url)
    for each in extensions:
        plugging.upgrade_tables(each, settings.database_url)


def extension_states(settings: Settings) -> Mapping[str, str]:
    """How the tables stand of each extension that is on and has any.

    Raises Unavailable where the database does not answer, or ExtensionCannotBeUsed.
    """
    states = {
        each.name: plugging.tables_state(each, settings.database_url)
        for each in plugging.chosen(settings)
    }
    return {name: state for name, state in states.items() if state is not None}


def extension_standings(settings: Settings) -> tuple[Standing, ...]:
    """Every extension that is installed or named, and how it stands: on, off, or what is wrong."""
    engine = open_engine(settings.database_url)
    records = SqlShop(engine)
    try:
        return standings(settings, begin=records.begin, look=records.look, now=now)
    finally:
        engine.dispose()


class NoReceiver:
    """Stands where no receiver of events is set up: every event waits in the outbox."""

    def receive(self, event: Event, /) -> None:
        raise NotReceived("COURSETILL_EVENTS_URL is not set")


class NoGateway:
    """Stands where no gateway is set up: everything but paying works."""

    why = GatewayUnavailable("no gateway is set up: COURSETILL_CYBERSOURCE_URL is missing")

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
