"""The API of payment gateways. A gateway is a package with one value: a GatewayPlugin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar

import attrs

from core.money import Money
from core.payments.account import GatewayAccount
from core.payments.gateway import CardForm, PaymentGateway
from core.payments.hosted_page import HostedPages
from core.payments.notice import NoticeReader
from core.payments.transaction import Card
from entrypoints.health_check import HealthCheck

API = 1
"""The version of this API. It increases when gateways have to change."""

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SETTING = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")

S = TypeVar("S")
T = TypeVar("T")


class SettingsSource(Protocol):
    """Reads a gateway's settings. Names are without the prefix COURSETILL_."""

    def given(self, name: str, /) -> bool:
        """Whether the setting is set at all."""
        ...

    def get(self, name: str, default: str, convert: Callable[[str], T], /) -> T:
        """The converted value, or the default if it is unset or invalid."""
        ...

    def optional(self, name: str, convert: Callable[[str], T], /) -> T | None:
        """The converted value, or None if it is unset or invalid."""
        ...

    def wrong(self, problem: str, /) -> None:
        """Report a problem. The shop does not start, and prints all problems together."""
        ...


@attrs.frozen(kw_only=True)
class GatewaySetup(Generic[S]):
    """The settings of one gateway, before it is opened.

    `address` is the gateway's address, for people to read. `simulator` is true only if no money can
    move: the demo's sign-in, which accepts anybody, is refused beside anything else.
    """

    settings: S
    address: str
    simulator: bool = False


@attrs.frozen(kw_only=True)
class GatewayHost:
    """What the shop gives a gateway when it opens it.

    With `hosted_page` new payments are made on this gateway's own page.
    """

    name: str
    shop_url: str
    now: Callable[[], datetime]
    hosted_page: bool = False

    def webhook_url(self, door: str) -> str:
        """The address of the webhook with this name."""
        return f"{self.shop_url}/webhooks/{door}"

    def page_url(self, path: str) -> str:
        """The full address of a path of this shop, such as one of `HostedPart`."""
        return f"{self.shop_url}{path}"


@attrs.frozen(kw_only=True)
class PagePolicy:
    """What the gateway's card form needs, and only the payment page allows.

    Each part is a list of addresses; only their origins count. `opener` is the page's
    Cross-Origin-Opener-Policy, `permissions` the browser features for the form's frames, such as
    {"payment": ("https://pay.example.net",)}.
    """

    scripts: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    opener: Literal["same-origin", "same-origin-allow-popups", "unsafe-none"] = "same-origin"
    permissions: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)


def policy_of_form(form: CardForm) -> PagePolicy:
    """The usual policy: the form's library, and frames and connections at its origins."""
    library = (form.library,) if form.library else ()
    return PagePolicy(
        scripts=library,
        frames=(*library, *form.origins),
        connections=(*library, *form.origins),
    )


@attrs.frozen(kw_only=True)
class BrowserPart:
    """The gateway's part of the payment page.

    `script` is a file in its package. The shop serves it, and starts the function that it registers
    (see docs/gateways.md). `policy` returns what one card form needs.
    """

    script: Path
    policy: Callable[[CardForm], PagePolicy] = policy_of_form


@attrs.frozen(kw_only=True)
class HostedPart:
    """The gateway's own payment page, if the shop uses it.

    Learners come back to `return_paths`, by GET or POST. The gateway sends its results to
    `notify_paths`, if it does not use a webhook for them.
    """

    pages: HostedPages
    return_paths: tuple[str, ...]
    notify_paths: tuple[str, ...] = ()


class ListedTransaction(Protocol):
    """One transaction (payment, refund or other) in the gateway's list, for people to read.

    `code` is the order's reference or the refund's id. `ours` is the id of our attempt or refund;
    "" if the gateway does not have it.
    """

    @property
    def gateway_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime | None: ...
    @property
    def code(self) -> str: ...
    @property
    def ours(self) -> str: ...
    @property
    def amount(self) -> Money | None: ...
    @property
    def card(self) -> Card | None: ...
    @property
    def outcome(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def status(self) -> str: ...


def _nothing_to_say(_: datetime) -> Iterable[str]:
    return ()


@attrs.frozen(kw_only=True)
class OpenGateway:
    """An open gateway. Every part but the gateway itself is optional.

    `doors` are its webhooks: a name for each, unique in the shop, and the reader that verifies its
    messages. `transactions` lists all transactions under some codes, and raises GatewayUnavailable.
    `checks` adds lines to `coursetill doctor`, which calls `gateway.check` in any case. `warnings`
    are sentences for each start: keys that expire soon, settings without effect. `close` closes
    what was opened.
    """

    gateway: PaymentGateway
    browser: BrowserPart | None = None
    hosted: HostedPart | None = None
    doors: Mapping[str, NoticeReader] = attrs.field(factory=dict)
    transactions: Callable[[Iterable[str]], Iterable[ListedTransaction]] | None = None
    checks: Callable[[], Iterable[HealthCheck]] = tuple
    warnings: Callable[[datetime], Iterable[str]] = _nothing_to_say
    close: Callable[[], None] = lambda: None


@attrs.frozen(kw_only=True)
class GatewayPlugin(Generic[S]):
    """The value that an entry point of the group "coursetill.gateways" names.

    The shop imports the module each time it reads its settings. Therefore the module imports what
    it needs inside `open`, not at its top.

    `settings` are the names of all its settings without COURSETILL_; by convention each begins with
    the gateway's name. The gateway is configured if one of them is set. `needs` names, in a few
    words, the settings that are required. `read` reads the settings and reports every problem; it
    returns None if they are not enough for a gateway. Its second argument is true if learners pay
    on the gateway's own page. `account` is the account for new payments, which `coursetill db
    upgrade` needs without opening the gateway. `account` and `open` raise SettingsAreWrong if the
    settings are unusable. `wording` names the sentences of its errors ("package.wording:ENTRIES").
    `next_steps` names the command that helps after an error, by the error's class name. `demo`
    names its part of the demo ("package.demo:run"), a `RunDemo`. `manual` names the documentation
    of its warnings: a command or an address.
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(NAME))
    title: str
    api: int
    settings: tuple[str, ...] = attrs.field(
        validator=attrs.validators.deep_iterable(attrs.validators.matches_re(SETTING))
    )
    needs: str
    read: Callable[[SettingsSource, bool], GatewaySetup[S] | None]
    account: Callable[[S], GatewayAccount]
    open: Callable[[S, GatewayHost], OpenGateway]
    wording: str | None = None
    next_steps: Mapping[str, str] = attrs.field(factory=dict)
    demo: str | None = None
    manual: str | None = None


@attrs.frozen(kw_only=True)
class DemoRequest:
    """What the demo wants from a gateway's simulator.

    `configured` are the gateway's settings in the environment; the demo refuses to start beside a
    real account. `records` is a file that stores payments between runs; None means memory only.
    """

    configured: ConfiguredGateway | None = None
    records: Path | None = None
    automatic: bool = False
    hosted_page: bool = False


@attrs.frozen(kw_only=True)
class DemoGateway:
    """A gateway's simulator that runs beside the demo.

    `environment` are the settings for a shop that uses it. `cards` are test card numbers with their
    results. The demo calls `connect` with the shop's address once the shop is open.
    """

    address: str
    environment: Mapping[str, str]
    cards: tuple[tuple[str, str], ...] = ()
    connect: Callable[[str], None] = lambda _: None


class DemoRefused(Exception):
    """The gateway's simulator does not start. `why` is the reason."""


RunDemo = Callable[[DemoRequest], AbstractContextManager[DemoGateway]]
"""A gateway's part of the demo: its simulator, stopped on exit. Raises DemoRefused."""


@attrs.frozen
class ConfiguredGateway:
    """A configured gateway: its plug-in and its settings."""

    plugin: GatewayPlugin[Any]
    setup: GatewaySetup[Any]

    @property
    def name(self) -> str:
        return self.plugin.name

    @property
    def account(self) -> GatewayAccount:
        """The account for new payments. Raises SettingsAreWrong."""
        return self.plugin.account(self.setup.settings)

    @property
    def simulator(self) -> bool:
        return self.setup.simulator

    @property
    def address(self) -> str:
        return self.setup.address
