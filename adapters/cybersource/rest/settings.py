"""The settings of a merchant account, with a sentence for each problem found in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import attrs

from adapters.cybersource.rest.certificates import Certificate, CertificateNotUsable, opened
from adapters.cybersource.rest.keys import P12Key, RestKey, SharedKey
from adapters.cybersource.rest.message_encryption import Encryption
from adapters.http_client import Timeouts
from core.payments.account import GatewayAccount

MOST_ORIGINS = 7
NETWORKS = frozenset(
    {
        *("AMEX", "CARNET", "CARTESBANCAIRES", "CUP", "DINERSCLUB", "DISCOVER", "EFTPOS", "ELO"),
        *("JAYWAN", "JCB", "JCREW", "KCP", "MADA", "MAESTRO", "MASTERCARD", "MEEZA", "PAYPAK"),
        *("UATP", "VISA"),
    }
)
"""Card networks of Unified Checkout v1."""

_MERCHANT = re.compile(r"[A-Za-z0-9_-]{1,30}", re.ASCII)
_WRONG_MERCHANT = "it is 1 to 30 letters, digits, hyphens and underscores"
_LOCALE = re.compile(r"[a-z]{2}_[A-Z]{2}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


AUTHENTICATIONS = frozenset({"NONE", "3DS", "PASSKEY"})
"""Ways to authenticate the cardholder in the automatic flow."""


GATEWAY = "cybersource"
"""The name of this gateway in the accounts that payments belong to."""


@attrs.frozen
class WrongSettings(ValueError):
    """The settings cannot be used. `problems` pairs each wrong setting with a reason."""

    problems: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "; ".join(f"{name}: {sentence}" for name, sentence in self.problems)


@attrs.frozen(kw_only=True)
class AutoFlow:
    """The automatic flow: the card form charges the card, after 3-D Secure and risk rules."""

    decision_manager: bool = True
    authentication: str = "3DS"


@attrs.frozen(kw_only=True)
class CyberSourceSettings:
    """
    One merchant account at CyberSource. Raises WrongSettings.

    `url` is the address of the REST API, such as https://apitest.cybersource.com.
    `target_origins` are the origins of the shop's pages that show the card form.
    `simulator` allows `url` to be a simulator on this machine; without it, only CyberSource is.

    A JWT signs each request, with the first of `keys` that has not expired. Without `keys`, the
    shared secret `shared_secret` with the id `key_id` signs. `http_signature` uses the older HTTP
    Signature, which CyberSource ends in March 2027. `encryption` adds message-level encryption
    beneath TLS. With `auto` the card form charges the card; without it, the server does.
    """

    url: str
    merchant_id: str
    key_id: str = ""
    shared_secret: str = attrs.field(default="", repr=False)
    keys: tuple[RestKey, ...] = ()
    http_signature: bool = False
    encryption: Encryption | None = None
    auto: AutoFlow | None = None
    target_origins: tuple[str, ...]
    locale: str = "en_US"
    country: str = "US"
    networks: tuple[str, ...] = ("VISA", "MASTERCARD", "AMEX", "DISCOVER")
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    simulator: bool = False

    def __attrs_post_init__(self) -> None:
        problems = tuple(_problems(self))
        if problems:
            raise WrongSettings(problems)

    @property
    def account(self) -> GatewayAccount:
        """The account that payments belong to which are made with these settings."""
        return account_at(self.url, self.merchant_id, simulator=self.simulator)

    @property
    def origin(self) -> str:
        """The origin of the REST API: scheme, host and port."""
        return self.url.rstrip("/")

    @property
    def host(self) -> str:
        """The host, with the port if it is not the default."""
        return urlsplit(self.url).netloc

    @property
    def signing_keys(self) -> tuple[RestKey, ...]:
        """The keys that sign REST requests, in order of preference."""
        return self.keys or (SharedKey(key_id=self.key_id, secret=self.shared_secret),)

    @property
    def certificate_in_p12(self) -> Certificate | None:
        """CyberSource's certificate, if one of the P12 files contains it."""
        for key in self.signing_keys:
            if isinstance(key, P12Key):
                try:
                    return opened(key.content, key.password, self.merchant_id).cybersource
                except CertificateNotUsable:
                    continue
        return None

    def trusts(self, url: str) -> bool:
        """Whether a page may load scripts and frames from url: CyberSource or the simulator."""
        parts = _parts(url)
        if self.simulator:
            return f"{parts.scheme}://{parts.netloc}" == self.origin
        return _is_cybersource(parts)


def account_at(url: str, merchant_id: str, *, simulator: bool = False) -> GatewayAccount:
    """The account of a merchant at the REST interface at `url`. Raises WrongSettings."""
    if not _MERCHANT.fullmatch(merchant_id):
        raise WrongSettings((("merchant_id", _WRONG_MERCHANT),))
    test = (_parts(url).hostname or "").startswith("apitest")
    environment = "simulator" if simulator else "test" if test else "production"
    return GatewayAccount(GATEWAY, merchant_id, environment)


def _problems(settings: CyberSourceSettings) -> Iterator[tuple[str, str]]:
    yield from _wrong_url(settings)
    if not _MERCHANT.fullmatch(settings.merchant_id):
        yield "merchant_id", _WRONG_MERCHANT
    yield from _wrong_keys(settings)
    yield from _wrong_origins(settings)
    if settings.auto is not None and settings.auto.authentication not in AUTHENTICATIONS:
        yield "authentication", f"choose among {', '.join(sorted(AUTHENTICATIONS))}"
    if not _LOCALE.fullmatch(settings.locale):
        yield "locale", f'"{settings.locale}" is not a locale such as en_US'
    if not _COUNTRY.fullmatch(settings.country):
        yield "country", f'"{settings.country}" is not a country such as US'
    unknown = sorted(set(settings.networks) - NETWORKS)
    if unknown or not settings.networks:
        named = ", ".join(unknown) or "none"
        yield "networks", f"{named}: choose among {', '.join(sorted(NETWORKS))}"


def _wrong_url(settings: CyberSourceSettings) -> Iterator[tuple[str, str]]:
    parts = _parts(settings.url)
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        yield "url", f'"{settings.url}" is not an address such as https://apitest.cybersource.com'
    elif settings.simulator and not _is_loopback(parts):
        yield "url", f"a simulator runs on this machine alone, and {settings.url} is elsewhere"
    elif not settings.simulator and not _is_cybersource(parts):
        yield "url", f"{settings.url} is not https at a host of cybersource.com"


def _wrong_keys(settings: CyberSourceSettings) -> Iterator[tuple[str, str]]:
    for key in settings.signing_keys:
        match key:
            case SharedKey():
                yield from key.wrong()
            case P12Key():
                yield from key.wrong(settings.merchant_id)
                if settings.http_signature:
                    yield "http_signature", "it signs with a shared secret, not with a P12 key"
    if settings.encryption is not None:
        yield from settings.encryption.wrong(settings.certificate_in_p12)
        if settings.http_signature:
            yield "http_signature", "CyberSource takes encrypted messages only beside a JWT"


def _wrong_origins(settings: CyberSourceSettings) -> Iterator[tuple[str, str]]:
    if not 1 <= len(settings.target_origins) <= MOST_ORIGINS:
        yield "target_origins", f"name 1 to {MOST_ORIGINS} addresses of the shop's own pages"
    for origin in settings.target_origins:
        parts = _parts(origin)
        secure = parts.scheme == "https" or (settings.simulator and _is_loopback(parts))
        if not secure or origin != f"{parts.scheme}://{parts.netloc}" or "*" in origin:
            yield "target_origins", f'"{origin}" is not an address such as https://shop.example.org'


def _is_cybersource(parts: SplitResult) -> bool:
    named = (parts.hostname or "").endswith(".cybersource.com")
    return named and parts.scheme == "https" and parts.netloc == parts.hostname


def _is_loopback(parts: SplitResult) -> bool:
    name = parts.hostname or ""
    try:
        return parts.scheme in ("http", "https") and (
            name == "localhost" or ip_address(name).is_loopback
        )
    except ValueError:
        return False


def _parts(url: str) -> SplitResult:
    """The parts of an address; empty parts if url is not an address."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (reading it is how urllib checks it)
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts
