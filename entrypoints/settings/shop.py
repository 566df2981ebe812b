"""The shop's settings, read from the environment and checked together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from core.orders.refund_policy import RefundPolicy
from entrypoints.gateways.api import ConfiguredGateway, GatewayPlugin
from entrypoints.gateways.registry import GatewayCannotBeUsed, installed_gateways
from entrypoints.settings import mail as mail_settings
from entrypoints.settings.mail import MailSettings, email
from entrypoints.settings.reader import (
    PREFIX,
    SettingsAreWrong,
    SettingsReader,
    any_text,
    origin,
    secret,
    url,
    yes_or_no,
)


@attrs.frozen
class EventSettings:
    """The address for events, and the secret that signs them."""

    url: str
    secret: str = attrs.field(repr=False)


@attrs.frozen
class Settings:
    """Everything that differs between installations of the shop.

    `gateways` are all configured payment gateways. The first one takes new payments; the others
    serve the payments that they took before. With `pays_at_page` learners pay on the gateway's own
    page instead of its card form.
    """

    database_url: str = attrs.field(repr=False)
    shop_name: str
    shop_url: str
    support_email: str
    secret_key: str | None = attrs.field(repr=False)
    reference_tag: str
    time_zone: ZoneInfo
    hold: timedelta
    refund_policy: RefundPolicy
    bind: str
    port: int
    threads: int
    proxies: int
    worker: bool
    demo_sign_in: bool
    events: EventSettings | None
    mail: MailSettings | None
    gateways: tuple[ConfiguredGateway, ...] = ()
    pays_at_page: bool = False
    staff: str | None = None
    staff_zone: ZoneInfo | None = None
    debug: bool = False
    extensions: tuple[str, ...] = ()
    extension_settings: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    @property
    def gateway(self) -> ConfiguredGateway | None:
        """The gateway for new payments."""
        return self.gateways[0] if self.gateways else None

    @property
    def https(self) -> bool:
        return self.shop_url.startswith("https://")

    def of_extension(self, name: str) -> Mapping[str, str]:
        """The settings of the extension with this name, without their common prefix."""
        start = f"{_in_capitals(name)}_"
        return {
            key.removeprefix(start): text
            for key, text in self.extension_settings.items()
            if key.startswith(start) and text
        }


KNOWN = (
    "DATABASE_URL",
    "SHOP_NAME",
    "SHOP_URL",
    "SUPPORT_EMAIL",
    "SECRET_KEY",
    "REFERENCE_TAG",
    "TIME_ZONE",
    "HOLD_MINUTES",
    "REFUND_DAYS",
    "BIND",
    "PORT",
    "THREADS",
    "PROXIES",
    "WORKER",
    "SIGN_IN",
    "GATEWAY",
    "PAY_AT",
    "EVENTS_URL",
    "EVENTS_SECRET",
    *mail_settings.KNOWN,
    "STAFF",
    "STAFF_ZONE",
    "DEBUG",
    "EXTENSIONS",
)
"""All settings of the shop itself, without the prefix.

Any other variable with the prefix, unless a gateway or an extension declares it, is an error.
"""


def read_settings(
    environ: Mapping[str, str], plugins: Iterable[GatewayPlugin[Any]] | None = None
) -> Settings:
    """The settings from the environment. Raises SettingsAreWrong with every wrong setting.

    `plugins` are the payment gateways to consider; by default, the installed ones.
    """
    read = SettingsReader(environ)
    gateways = tuple(_installed() if plugins is None else plugins)
    known = (*KNOWN, *(name for plugin in gateways for name in plugin.settings))
    extensions = read.get("EXTENSIONS", "", _names)
    theirs = read.beginning_with([f"{_in_capitals(name)}_" for name in extensions], besides=known)
    read.reject_unknown([*known, *theirs])
    pays_at_page = read.get("PAY_AT", "card-form", _pays_at_page)
    port = _port_of(read, environ)
    settings = Settings(
        database_url=_database_url_in(read),
        shop_name=read.get("SHOP_NAME", "Coursetill", any_text),
        shop_url=read.get("SHOP_URL", f"http://127.0.0.1:{port}", origin),
        support_email=read.get("SUPPORT_EMAIL", "support@example.org", email),
        secret_key=read.optional("SECRET_KEY", secret),
        reference_tag=read.get("REFERENCE_TAG", "CT", _tag),
        time_zone=read.get("TIME_ZONE", "UTC", zone),
        hold=read.get("HOLD_MINUTES", "30", _minutes),
        refund_policy=read.get("REFUND_DAYS", "7", _refund_days),
        bind=read.get("BIND", "127.0.0.1", any_text),
        port=port,
        threads=read.get("THREADS", "8", _threads),
        proxies=read.get("PROXIES", "0", _proxies),
        worker=read.get("WORKER", "yes", yes_or_no),
        demo_sign_in=read.get("SIGN_IN", "none", _sign_in),
        gateways=_gateways(read, gateways, pays_at_page=pays_at_page),
        pays_at_page=pays_at_page,
        events=_events(read),
        mail=mail_settings.read_mail(read),
        staff=read.optional("STAFF", any_text),
        staff_zone=read.optional("STAFF_ZONE", zone),
        debug=read.get("DEBUG", "no", yes_or_no),
        extensions=extensions,
        extension_settings=theirs,
    )
    _check_together(settings, read)
    read.finish()
    return settings


def database_url_of(environ: Mapping[str, str]) -> str:
    """The address of the database, even if other settings are wrong."""
    return _database_url_in(SettingsReader(environ))


def _database_url_in(read: SettingsReader) -> str:
    return read.get("DATABASE_URL", "sqlite:///coursetill.db", _database_url)


def _check_together(settings: Settings, read: SettingsReader) -> None:
    if settings.demo_sign_in and not all(each.simulator for each in settings.gateways):
        read.wrong(
            f"{PREFIX}SIGN_IN=demo lets anybody in under any name, "
            "so it cannot stand beside a real payment gateway"
        )


def _installed() -> tuple[GatewayPlugin[Any], ...]:
    try:
        return installed_gateways()
    except GatewayCannotBeUsed as broken:
        raise SettingsAreWrong(
            (f"The payment gateway {broken.name} cannot be used: {broken.why}",)
        ) from broken


def _gateways(
    read: SettingsReader, plugins: tuple[GatewayPlugin[Any], ...], *, pays_at_page: bool
) -> tuple[ConfiguredGateway, ...]:
    """Every configured gateway, the one for new payments first."""
    named = [plugin for plugin in plugins if any(map(read.given, plugin.settings))]
    alone = named[0].name if len(named) == 1 else ""
    chosen = read.get("GATEWAY", alone, any_text)
    if pays_at_page and not named:
        read.wrong(f"{PREFIX}PAY_AT is hosted-page, and no payment gateway is set up")
    found = []
    for plugin in named:
        setup = plugin.read(read, pays_at_page and plugin.name == chosen)
        if setup is not None:
            found.append(ConfiguredGateway(plugin, setup))
    names = [each.name for each in found]
    if read.given("GATEWAY") and chosen not in names:
        choices = " or ".join(names) or "one that is configured"
        read.wrong(f'{PREFIX}GATEWAY is "{chosen}", which is not configured: use {choices}')
    elif len(found) > 1 and not chosen:
        choices = " or ".join(names)
        read.wrong(f"{PREFIX}GATEWAY is missing: say which takes new payments, {choices}")
    return tuple(sorted(found, key=lambda each: each.name != chosen))


def _pays_at_page(text: str) -> bool:
    if text not in ("card-form", "hosted-page"):
        raise ValueError(f'is "{text}": use card-form or hosted-page')
    return text == "hosted-page"


def _port_of(read: SettingsReader, environ: Mapping[str, str]) -> int:
    """COURSETILL_PORT, or the PORT that hosting platforms set."""
    plain = environ.get("PORT", "").strip()
    if read.given("PORT") or not plain:
        return read.get("PORT", "8000", _port)
    try:
        return _port(plain)
    except ValueError as error:
        read.wrong(f"PORT {error}")
        return 8000


def _events(read: SettingsReader) -> EventSettings | None:
    if read.given("EVENTS_URL") != read.given("EVENTS_SECRET"):
        read.wrong(f"{PREFIX}EVENTS_URL and {PREFIX}EVENTS_SECRET are set together or not at all")
    if not read.given("EVENTS_URL"):
        return None
    address = read.get("EVENTS_URL", "http://127.0.0.1", url)
    return EventSettings(address, read.get("EVENTS_SECRET", "-" * 32, secret))


def _tag(text: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{1,12}", text):
        raise ValueError(f'is "{text}": use 1 to 12 capital letters and digits')
    return text


def zone(text: str) -> ZoneInfo:
    """A time zone by its name. Raises ValueError."""
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise ValueError(f'is "{text}": use a name such as Europe/Berlin') from None


def _minutes(text: str) -> timedelta:
    if not re.fullmatch(r"\d{1,4}", text) or not 5 <= int(text) <= 1440:
        raise ValueError(f'is "{text}": use whole minutes from 5 to 1440')
    return timedelta(minutes=int(text))


def _refund_days(text: str) -> RefundPolicy:
    if not re.fullmatch(r"\d{1,3}", text) or not int(text) <= 365:
        raise ValueError(f'is "{text}": use whole days from 0 to 365')
    return RefundPolicy(timedelta(days=int(text)))


def _port(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or not 0 < int(text) < 65536:
        raise ValueError(f'is "{text}": use a number from 1 to 65535')
    return int(text)


def _threads(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text) or not 0 < int(text) <= 200:
        raise ValueError(f'is "{text}": use a number from 1 to 200')
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split()))
    for name in names:
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
            raise ValueError(f'is "{text}": use names such as financial-aid, with spaces between')
    return names


def _in_capitals(name: str) -> str:
    return name.replace("-", "_").upper()


def _proxies(text: str) -> int:
    if not re.fullmatch(r"[0-5]", text, re.ASCII):
        raise ValueError(f'is "{text}": use a number from 0 to 5')
    return int(text)


def _sign_in(text: str) -> bool:
    if text not in ("demo", "none"):
        raise ValueError(f'is "{text}": use demo or none')
    return text == "demo"


def _database_url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError(
            "is not a database address: start it with sqlite:/// or postgresql:// "
            "(the rest is not shown, as it may hold a password)"
        )
    return text
