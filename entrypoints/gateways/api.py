"""What a payment gateway is to the shop: a package with one value that says what it brings."""

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
"""The version of all that this module says. It counts up when a gateway has to be changed."""

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SETTING = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")

S = TypeVar("S")
T = TypeVar("T")


class SettingsSource(Protocol):
    """The environment as a gateway reads it; names are without COURSETILL_ before them."""

    def given(self, name: str, /) -> bool:
        """Whether the setting is set at all."""
        ...

    def get(self, name: str, default: str, convert: Callable[[str], T], /) -> T:
        """The converted value, or the default where nothing is set or it makes no sense."""
        ...

    def optional(self, name: str, convert: Callable[[str], T], /) -> T | None:
        """The converted value, or None where nothing is set or it makes no sense."""
        ...

    def wrong(self, problem: str, /) -> None:
        """Report a problem. The shop does not start, and names it with all the others."""
        ...


@attrs.frozen(kw_only=True)
class GatewaySetup(Generic[S]):
    """What the settings say of one gateway, before anything is opened.

    `address` is where it is reached, for people to read. `simulator` is true only where no money
    can move: the demo's sign-in, which lets anybody in, stands beside nothing else.
    """

    settings: S
    address: str
    simulator: bool = False


@attrs.frozen(kw_only=True)
class GatewayHost:
    """What the shop gives a gateway when it is opened.

    `hosted_page` says that new payments are made on this gateway's own page.
    """

    name: str
    shop_url: str
    now: Callable[[], datetime]
    hosted_page: bool = False

    def webhook_url(self, door: str) -> str:
        """Where the gateway sends its messages to the door of this name."""
        return f"{self.shop_url}/webhooks/{door}"

    def page_url(self, path: str) -> str:
        """The whole address of a path of this shop, such as one of `HostedPart`."""
        return f"{self.shop_url}{path}"


@attrs.frozen(kw_only=True)
class PagePolicy:
    """What the payment page must allow for the gateway's card form, and no other page does.

    Each is a list of addresses; of each its origin counts. `opener` is the page's
    Cross-Origin-Opener-Policy, `permissions` the browser features that the form's frames may use,
    such as {"payment": ("https://pay.example.net",)}.
    """

    scripts: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    opener: Literal["same-origin", "same-origin-allow-popups", "unsafe-none"] = "same-origin"
    permissions: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)


def policy_of_form(form: CardForm) -> PagePolicy:
    """The usual policy: the form's library, and its frames and connections at its origins."""
    library = (form.library,) if form.library else ()
    return PagePolicy(
        scripts=library,
        frames=(*library, *form.origins),
        connections=(*library, *form.origins),
    )


@attrs.frozen(kw_only=True)
class BrowserPart:
    """The gateway's part of the payment page.

    `script` is a file of its package. The shop serves it, and starts the function that it registers
    (see docs/gateways.md). `policy` says what one card form needs beside it.
    """

    script: Path
    policy: Callable[[CardForm], PagePolicy] = policy_of_form


@attrs.frozen(kw_only=True)
class HostedPart:
    """The gateway's own payment page, for shops that use it.

    Learners come back to `return_paths`, by GET or POST. The gateway itself tells of payments at
    `notify_paths`, where it does so other than by webhook.
    """

    pages: HostedPages
    return_paths: tuple[str, ...]
    notify_paths: tuple[str, ...] = ()


class ListedTransaction(Protocol):
    """One payment, refund or other transaction as the gateway lists it, for a person to read.

    `code` is the order's reference or the refund's id, `ours` the id of our attempt or refund where
    the gateway has it, or "".
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
    """A gateway that is open; it leaves out what it has no use for.

    `doors` are its webhooks: the name of each, unique in the shop, and the reader that verifies
    what comes there. `transactions` lists all that the gateway knows under some codes, and raises
    GatewayUnavailable. `checks` adds lines to `coursetill doctor`; the call to `gateway.check` is
    made in any case. `warnings` are sentences for every start: keys that end soon, settings that do
    not count. `close` lets go of what was opened.
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
    """What an entry point of the group "coursetill.gateways" names.

    The shop imports its module whenever it reads its settings, so the module imports what it needs
    in `open`, and not before.

    `settings` are the names of all its settings without COURSETILL_; by custom each begins with the
    gateway's name. It is configured where one of them is set. `needs` says in a few words what has
    to be set first. `read` reads them, and reports every problem; it returns None where they make
    no gateway. Its second argument says whether learners are to pay on the gateway's own page.
    `account` is the one that new payments go to, for `coursetill db upgrade`, which opens nothing.
    It and `open` raise SettingsAreWrong where the gateway could not be used.
    `wording` is where the sentences of its errors stand ("package.wording:ENTRIES").
    `next_steps` says which command helps after an error of the gateway, by the error's name.
    `demo` is where its share of the demo stands ("package.demo:run"), a `RunDemo`.
    `manual` is where staff read about its warnings: a command or an address.
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
    """What the demo asks of a gateway's simulator.

    `configured` is what the environment says of the gateway: beside a real account no demo starts.
    `records` is a file to keep payments in, so that the next run knows them; None is memory alone.
    """

    configured: ConfiguredGateway | None = None
    records: Path | None = None
    automatic: bool = False
    hosted_page: bool = False


@attrs.frozen(kw_only=True)
class DemoGateway:
    """A gateway's simulator that runs beside the demo.

    `environment` are the settings under which a shop uses it. `cards` are numbers to try, and how
    each ends. `connect` is called with the shop's address once the shop is open.
    """

    address: str
    environment: Mapping[str, str]
    cards: tuple[tuple[str, str], ...] = ()
    connect: Callable[[str], None] = lambda _: None


class DemoRefused(Exception):
    """Why a gateway's simulator does not start."""


RunDemo = Callable[[DemoRequest], AbstractContextManager[DemoGateway]]
"""A gateway's share of the demo: its simulator, ended on leaving. Raises DemoRefused."""


@attrs.frozen
class ConfiguredGateway:
    """A gateway that the settings name, and what they say of it."""

    plugin: GatewayPlugin[Any]
    setup: GatewaySetup[Any]

    @property
    def name(self) -> str:
        return self.plugin.name

    @property
    def account(self) -> GatewayAccount:
        """The account of new payments. Raises SettingsAreWrong."""
        return self.plugin.account(self.setup.settings)

    @property
    def simulator(self) -> bool:
        return self.setup.simulator

    @property
    def address(self) -> str:
        return self.setup.address
