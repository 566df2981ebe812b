"""The shop's settings: read from the environment, all checked at once, every wrong one named."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import attrs

from core.errors import ShopError
from entrypoints.gateway_settings import (
    EncryptionSettings,
    GatewaySettings,
    P12Settings,
    a_day,
    families,
    shared_keys,
    signs_by_http,
)

PREFIX = "COURSETILL_"

T = TypeVar("T")


@attrs.frozen
class SettingsAreWrong(ShopError):
    """Settings that the shop cannot start with: every one that is wrong, and how."""

    problems: tuple[str, ...]

    def __str__(self) -> str:
        told = "\n".join(f"  {problem}" for problem in self.problems)
        return f"These settings need a change (docs/configuration.md lists them all):\n{told}"


@attrs.frozen
class EventSettings:
    """Where events go, and the secret that signs them."""

    url: str
    secret: str = attrs.field(repr=False)


@attrs.frozen
class Settings:
    """Everything that differs from one installation of the shop to the next."""

    database_url: str = attrs.field(repr=False)
    shop_name: str
    shop_url: str
    support_email: str
    secret_key: str | None = attrs.field(repr=False)
    reference_tag: str
    time_zone: ZoneInfo
    hold: timedelta
    bind: str
    port: int
    threads: int
    proxies: int
    worker: bool
    demo_sign_in: bool
    gateway: GatewaySettings | None
    events: EventSettings | None
    staff: str | None = None
    debug: bool = False

    @property
    def https(self) -> bool:
        return self.shop_url.startswith("https://")


KNOWN = (
    "DATABASE_URL",
    "SHOP_NAME",
    "SHOP_URL",
    "SUPPORT_EMAIL",
    "SECRET_KEY",
    "REFERENCE_TAG",
    "TIME_ZONE",
    "HOLD_MINUTES",
    "BIND",
    "PORT",
    "THREADS",
    "PROXIES",
    "WORKER",
    "SIGN_IN",
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
    "CYBERSOURCE_SIMULATOR",
    "EVENTS_URL",
    "EVENTS_SECRET",
    "STAFF",
    "DEBUG",
)
"""Every setting there is, without its prefix; a variable beside these is a typing mistake."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings as the environment gives them. Raises SettingsAreWrong, naming every one."""
    read = _Reader(environ)
    read.reject_unknown()
    port = _port_of(read, environ)
    settings = Settings(
        database_url=read.get("DATABASE_URL", "sqlite:///coursetill.db", _database_url),
        shop_name=read.get("SHOP_NAME", "Coursetill", _text),
        shop_url=read.get("SHOP_URL", f"http://127.0.0.1:{port}", _origin),
        support_email=read.get("SUPPORT_EMAIL", "support@example.org", _email),
        secret_key=read.optional("SECRET_KEY", _secret),
        reference_tag=read.get("REFERENCE_TAG", "CT", _tag),
        time_zone=read.get("TIME_ZONE", "UTC", _zone),
        hold=read.get("HOLD_MINUTES", "30", _minutes),
        bind=read.get("BIND", "127.0.0.1", _text),
        port=port,
        threads=read.get("THREADS", "8", _threads),
        proxies=read.get("PROXIES", "0", _proxies),
        worker=read.get("WORKER", "yes", _yes_or_no),
        demo_sign_in=read.get("SIGN_IN", "none", _sign_in),
        gateway=_gateway(read),
        events=_events(read),
        staff=read.optional("STAFF", _text),
        debug=read.get("DEBUG", "no", _yes_or_no),
    )
    read.finish(settings)
    return settings


class _Reader:
    """Reads variables one by one, and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]):
        self._environ = environ
        self._problems: list[str] = []

    def reject_unknown(self) -> None:
        for name in sorted(self._environ):
            short = name.removeprefix(PREFIX)
            if name == short or short in KNOWN:
                continue
            close = difflib.get_close_matches(short, KNOWN, 1)
            hint = f"; did you mean {PREFIX}{close[0]}?" if close else ""
            self._problems.append(f"{name} is not a setting{hint}")

    def given(self, name: str) -> bool:
        return bool(self._environ.get(PREFIX + name, "").strip())

    def get(self, name: str, default: str, convert: Callable[[str], T]) -> T:
        """The converted value, or the default where nothing is set or it makes no sense."""
        value = self.optional(name, convert)
        return convert(default) if value is None else value

    def optional(self, name: str, convert: Callable[[str], T]) -> T | None:
        """The converted value, or None where nothing is set or it makes no sense."""
        text = self._environ.get(PREFIX + name, "").strip()
        if not text:
            return None
        try:
            return convert(text)
        except ValueError as error:
            self._problems.append(f"{PREFIX}{name} {error}")
            return None

    def wrong(self, problem: str) -> None:
        self._problems.append(problem)

    def finish(self, settings: Settings) -> None:
        gateway = settings.gateway
        if settings.demo_sign_in and gateway is not None and not gateway.simulator:
            self.wrong(
                f"{PREFIX}SIGN_IN=demo lets anybody in under any name, "
                "so it cannot stand beside a real payment gateway"
            )
        if self._problems:
            raise SettingsAreWrong(tuple(self._problems))


def _port_of(read: _Reader, environ: Mapping[str, str]) -> int:
    """COURSETILL_PORT, or the PORT that hosting platforms set."""
    plain = environ.get("PORT", "").strip()
    if read.given("PORT") or not plain:
        return read.get("PORT", "8000", _port)
    try:
        return _port(plain)
    except ValueError as error:
        read.wrong(f"PORT {error}")
        return 8000


def _gateway(read: _Reader) -> GatewaySettings | None:
    names = ("URL", "MERCHANT_ID", "KEY_ID", "SHARED_SECRET")
    others = ("MORE_KEYS", "P12_FILE")
    given = [name for name in (*names, *others) if read.given(f"CYBERSOURCE_{name}")]
    simulator = read.get("CYBERSOURCE_SIMULATOR", "no", _yes_or_no)
    if not given:
        return None
    # One key is enough, whatever its kind; of a shared secret, both parts.
    one_key = not set(given).isdisjoint(others) and set(given).isdisjoint(names[2:])
    for name in names[:2] if one_key else names:
        if name not in given:
            read.wrong(f"{PREFIX}CYBERSOURCE_{name} is missing, and the others are set")
    url = read.get("CYBERSOURCE_URL", "https://apitest.cybersource.com", _origin)
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
        read.get("CYBERSOURCE_MERCHANT_ID", "-", _text),
        "" if one_key else read.get("CYBERSOURCE_KEY_ID", "-", _text),
        "" if one_key else read.get("CYBERSOURCE_SHARED_SECRET", "-", _text),
        simulator,
        key_ends_at=read.optional("CYBERSOURCE_KEY_ENDS", a_day),
        more_keys=read.optional("CYBERSOURCE_MORE_KEYS", shared_keys) or (),
        p12=_p12(read),
        http_signature=read.get("CYBERSOURCE_SIGNATURE", "jwt", signs_by_http),
        encryption=_encryption(read),
    )


def _p12(read: _Reader) -> P12Settings | None:
    file = read.optional("CYBERSOURCE_P12_FILE", _text)
    password = read.optional("CYBERSOURCE_P12_PASSWORD", _text)
    password_file = read.optional("CYBERSOURCE_P12_PASSWORD_FILE", _text)
    if (password and password_file) or bool(file) != bool(password or password_file):
        read.wrong(
            f"{PREFIX}CYBERSOURCE_P12_FILE goes with {PREFIX}CYBERSOURCE_P12_PASSWORD or "
            f"{PREFIX}CYBERSOURCE_P12_PASSWORD_FILE, one of the two"
        )
    return P12Settings(file, password, password_file) if file else None


def _encryption(read: _Reader) -> EncryptionSettings | None:
    names = ("REPLY_KEY_ID", "REPLY_KEY_FILE")
    key_id, key_file = (read.given(f"CYBERSOURCE_{name}") for name in names)
    found = EncryptionSettings(
        requests=read.get("CYBERSOURCE_ENCRYPT_REQUESTS", "none", families),
        replies=read.get("CYBERSOURCE_ENCRYPT_REPLIES", "none", families),
        certificate_file=read.optional("CYBERSOURCE_ENCRYPTION_CERTIFICATE_FILE", _text),
        reply_key_id=read.optional("CYBERSOURCE_REPLY_KEY_ID", _text),
        reply_key_file=read.optional("CYBERSOURCE_REPLY_KEY_FILE", _text),
    )
    if key_id != key_file or (found.replies and not key_id):
        read.wrong(
            f"{PREFIX}CYBERSOURCE_ENCRYPT_REPLIES needs both {PREFIX}CYBERSOURCE_REPLY_KEY_ID and "
            f"{PREFIX}CYBERSOURCE_REPLY_KEY_FILE"
        )
    return found if found.requests or found.replies else None


def _events(read: _Reader) -> EventSettings | None:
    if read.given("EVENTS_URL") != read.given("EVENTS_SECRET"):
        read.wrong(f"{PREFIX}EVENTS_URL and {PREFIX}EVENTS_SECRET are set together or not at all")
    if not read.given("EVENTS_URL"):
        return None
    url = read.get("EVENTS_URL", "http://127.0.0.1", _url)
    return EventSettings(url, read.get("EVENTS_SECRET", "-" * 32, _secret))


def _text(text: str) -> str:
    return text


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("is shorter than 32 characters: use a long random text")
    return text


def _tag(text: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{1,12}", text):
        raise ValueError(f'is "{text}": use 1 to 12 capital letters and digits')
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError(f'is "{text}", which is not an e-mail address')
    return text


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise ValueError(f'is "{text}": use a name such as Europe/Berlin') from None


def _minutes(text: str) -> timedelta:
    if not re.fullmatch(r"\d{1,4}", text) or not 5 <= int(text) <= 1440:
        raise ValueError(f'is "{text}": use whole minutes from 5 to 1440')
    return timedelta(minutes=int(text))


def _port(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or not 0 < int(text) < 65536:
        raise ValueError(f'is "{text}": use a number from 1 to 65535')
    return int(text)


def _threads(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text) or not 0 < int(text) <= 200:
        raise ValueError(f'is "{text}": use a number from 1 to 200')
    return int(text)


def _proxies(text: str) -> int:
    if not re.fullmatch(r"[0-5]", text, re.ASCII):
        raise ValueError(f'is "{text}": use a number from 0 to 5')
    return int(text)


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError(f'is "{text}": use yes or no')
    return text.lower() == "yes"


def _sign_in(text: str) -> bool:
    if text not in ("demo", "none"):
        raise ValueError(f'is "{text}": use demo or none')
    return text == "demo"


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'is "{text}": use an address that starts with https://')
    return text


def _origin(text: str) -> str:
    parts = urlsplit(_url(text))
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise ValueError(
            f'is "{text}": use scheme and host alone, such as https://shop.example.org'
        )
    return f"{parts.scheme}://{parts.netloc}"


def _database_url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError(
            "is not a database address: start it with sqlite:/// or postgresql:// "
            "(the rest is not shown, as it may hold a password)"
        )
    return text
