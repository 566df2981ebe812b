"""Opens the adapters that the settings choose, and returns them as one Shop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import attrs

from adapters.sql.engine import open_engine
from adapters.sql.migrations import check_schema, state, upgrade
from adapters.sql.migrations.gateway_account import AccountIsNeeded
from adapters.sql.unit_of_work import SqlShop
from core.discounts.kinds import KINDS
from core.discounts.personal_offers import PriceSource
from core.discounts.saving import Kinds
from core.messaging.mail import MailSender
from core.messaging.outbox import Event, EventReceiver, NotReceived, ReceiverIsDown
from core.payments.account import AccountNotConfigured, GatewayAccount
from core.payments.attempt import Attempt
from core.payments.gateway import PaymentGateway
from core.payments.notice import NoticeReader
from core.unit_of_work import Begin
from core.use_cases.pricing.eligibility import PurchaseRule
from entrypoints.composition.clock_and_ids import now
from entrypoints.composition.discount_kinds import discount_kinds
from entrypoints.composition.payment_gateways import (
    RunningGateway,
    close_gateways,
    gateway_of,
    open_gateways,
)
from entrypoints.extensions import loader
from entrypoints.extensions.status import ExtensionStatus, extension_statuses
from entrypoints.settings.files import Files
from entrypoints.settings.reader import PREFIX, SettingsAreWrong, wrong
from entrypoints.settings.shop import Settings


class NoLetters:
    """The receiver without a mail server. Every letter waits until it is too old to send."""

    def receive(self, event: Event, /) -> None:
        raise ReceiverIsDown("COURSETILL_SMTP_HOST is not set")


@attrs.frozen
class Shop:
    """The arguments of the use cases, together.

    `begin` starts a transaction, `read` a read-only one; `now` is the clock. `extensions` are the
    active ones; their price sources and purchase rules are among `sources` and `rules`. `gateways`
    are the open payment gateways, the one for new payments first; `gateway` routes to all of them.
    Call `close` when the shop is no longer in use; it closes the database, too.
    """

    settings: Settings
    begin: Begin
    read: Begin
    gateway: PaymentGateway
    receiver: EventReceiver
    now: Callable[[], datetime] = now
    rules: tuple[PurchaseRule, ...] = ()
    sources: tuple[PriceSource, ...] = ()
    extensions: tuple[loader.OpenExtension, ...] = ()
    gateways: tuple[RunningGateway, ...] = ()
    close: Callable[[], None] = lambda: None
    letters: EventReceiver = attrs.field(factory=NoLetters)
    kinds: Kinds = KINDS

    @property
    def doors(self) -> Mapping[str, NoticeReader]:
        """The webhooks of all gateways: the name of each, and the reader that verifies it."""
        return {
            door: reader for each in self.gateways for door, reader in each.opened.doors.items()
        }

    def gateway_for(self, attempt: Attempt) -> RunningGateway:
        """The gateway that an attempt belongs to. Raises AccountNotConfigured."""
        for each in self.gateways:
            if each.opened.gateway.serves(attempt.account):
                return each
        raise AccountNotConfigured(attempt.account)

    def extension(self, name: str) -> loader.OpenExtension:
        """The extension with this name. Raises ExtensionCannotBeUsed if it is off."""
        for each in self.extensions:
            if each.name == name:
                return each
        raise loader.ExtensionCannotBeUsed(name, f"it is not named in {PREFIX}EXTENSIONS")


def open_shop(settings: Settings) -> Shop:
    """Open the shop of these settings, with its extensions.

    Raises Unavailable if the database does not answer, or if its tables or an extension's tables
    have another version; ExtensionCannotBeUsed; SettingsAreWrong.
    """
    found = loader.chosen_extensions(settings)
    kinds = discount_kinds()
    receiver = open_receiver(settings)
    gateways = open_gateways(settings, now=now)
    engine = open_engine(settings.database_url)
    records = SqlShop(engine, kinds=kinds)
    try:
        gateway = gateway_of(gateways)
        check_schema(engine)
        letters = open_letters(settings, records.read)
        extensions = loader.open_extensions(
            found, settings, begin=records.begin, read=records.read, now=now
        )
    except BaseException:
        close_gateways(gateways)
        engine.dispose()
        raise

    def close() -> None:
        loader.close(extensions)
        close_gateways(gateways)
        engine.dispose()

    shop = Shop(
        settings,
        records.begin,
        records.read,
        gateway,
        receiver,
        gateways=gateways,
        close=close,
        letters=letters,
        kinds=kinds,
    )
    return with_extensions(shop, extensions)


def with_extensions(shop: Shop, extensions: tuple[loader.OpenExtension, ...]) -> Shop:
    """The shop with these extensions added."""
    return attrs.evolve(
        shop,
        rules=(*shop.rules, *(rule for each in extensions for rule in each.rules)),
        sources=(*shop.sources, *loader.sources(extensions)),
        extensions=(*shop.extensions, *extensions),
    )


def open_receiver(settings: Settings) -> EventReceiver:
    """The receiver of events; without the settings, one that raises ReceiverIsDown.

    Raises SettingsAreWrong if the secret cannot sign events.
    """
    if settings.events is None:
        return NoReceiver()
    from adapters.learning_platform.webhook import WebhookReceiver

    try:
        return WebhookReceiver(settings.events.url, settings.events.secret)
    except ValueError as wrong:
        raise SettingsAreWrong((f"{PREFIX}EVENTS_SECRET: {wrong}",)) from None


def open_letters(settings: Settings, read: Begin) -> EventReceiver:
    """The sender of letters; without a mail server, one that raises ReceiverIsDown.

    Raises SettingsAreWrong.
    """
    post = open_mail_sender(settings)
    if post is None:
        return NoLetters()
    from entrypoints.letters.composer import LetterComposer
    from entrypoints.letters.sender import LetterSender

    return LetterSender(read, LetterComposer(settings), post)


def open_mail_sender(settings: Settings) -> MailSender | None:
    """The mail server of the settings; None without one.

    Raises SettingsAreWrong if a file named in the settings is unreadable.
    """
    mail = settings.mail
    if mail is None:
        return None
    from adapters.mail.messages import MailIdentity
    from adapters.mail.smtp import MailServer, SmtpMailSender, SmtpSecurity

    files = Files()
    password = mail.password or ""
    if mail.password_file is not None:
        password = files.text("SMTP_PASSWORD_FILE", mail.password_file)
    if mail.ca_file is not None:
        files.content("SMTP_CA_FILE", mail.ca_file)
    if files.problems:
        raise wrong(files.problems)
    server = MailServer(
        host=mail.host,
        port=mail.port,
        security=SmtpSecurity(mail.security),
        user=mail.user,
        password=password,
        ca_file=mail.ca_file,
    )
    return SmtpMailSender(
        server, MailIdentity(settings.shop_name, mail.sender, settings.support_email)
    )


def database_state(settings: Settings) -> str:
    """The database's tables compared to this version: "empty", "older", "at head" or "newer".

    Raises Unavailable if the database does not answer.
    """
    return state(settings.database_url).value


def _account_of_old_payments(settings: Settings) -> GatewayAccount | None:
    """The account of payments that were stored before accounts were recorded.

    They were all made at one gateway. With several configured, the account is unknown.
    """
    if len(settings.gateways) != 1:
        return None
    return settings.gateways[0].account


def upgrade_database(settings: Settings) -> None:
    """Migrate the shop's tables, then those of the active extensions.

    Each migration is applied completely or not at all. Payments that were stored without an account
    get the configured account.

    Raises AccountIsNeeded if there are such payments, and no gateway or several are configured.
    Raises Unavailable, SettingsAreWrong or ExtensionCannotBeUsed before any change.
    """
    extensions = loader.chosen_extensions(settings)
    try:
        upgrade(settings.database_url, _account_of_old_payments(settings))
    except AccountIsNeeded as needed:
        gateways = tuple(each.name for each in settings.gateways)
        raise attrs.evolve(needed, gateways=gateways) from needed
    for each in extensions:
        loader.upgrade_tables(each, settings.database_url)


def extension_states(settings: Settings) -> Mapping[str, str]:
    """The state of the tables of each active extension that has tables.

    Raises Unavailable if the database does not answer, or ExtensionCannotBeUsed.
    """
    states = {
        each.name: loader.tables_state(each, settings.database_url)
        for each in loader.chosen_extensions(settings)
    }
    return {name: state for name, state in states.items() if state is not None}


def all_extension_statuses(settings: Settings) -> tuple[ExtensionStatus, ...]:
    """Every extension that is installed or named, and its state: on, off, or its problem."""
    engine = open_engine(settings.database_url)
    records = SqlShop(engine, kinds=discount_kinds())
    try:
        return extension_statuses(settings, begin=records.begin, read=records.read, now=now)
    finally:
        engine.dispose()


class NoReceiver:
    """The receiver without settings for events. Every event waits in the outbox."""

    def receive(self, event: Event, /) -> None:
        raise NotReceived("COURSETILL_EVENTS_URL is not set")
