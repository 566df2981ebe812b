"""CyberSource as a plug-in of the shop, and the queries behind its commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import attrs

from core.payments.gateway import GatewayUnavailable
from entrypoints.composition.gateways.cybersource import (
    account_of,
    open_cybersource,
    open_pages,
    open_webhooks,
)
from entrypoints.gateways.api import (
    API,
    BrowserPart,
    GatewayHost,
    GatewayPlugin,
    GatewaySetup,
    HostedPart,
    OpenGateway,
    SettingsSource,
)
from entrypoints.settings.gateways import cybersource, secure_acceptance
from entrypoints.settings.gateways.cybersource import (
    CyberSourceSetup,
    GatewaySettings,
    read_cybersource,
)
from entrypoints.settings.gateways.secure_acceptance import CANCELLED, RETURN, TOLD
from entrypoints.settings.reader import PREFIX, wrong

if TYPE_CHECKING:
    from adapters.cybersource.gateway import CyberSourceGateway
    from adapters.cybersource.payments import transaction_reports
    from adapters.cybersource.secure_acceptance.payment_pages import SecureAcceptancePages
    from adapters.cybersource.webhooks import subscriptions
    from adapters.cybersource.webhooks.verify import WebhookReader
    from entrypoints.settings.shop import Settings

    Known: TypeAlias = transaction_reports.ReportedTransaction
    """One transaction as CyberSource reports it, for the command line."""
    Subscription: TypeAlias = subscriptions.WebhookSubscription
    Subscriptions: TypeAlias = subscriptions.WebhookSubscriptions


def known_at_gateway(settings: Settings, codes: Iterable[str]) -> tuple[Known, ...]:
    """All transactions under these codes; those of one code with the oldest first.

    Raises SettingsAreWrong, or GatewayUnavailable with what to do about it.
    """
    gateway = open_cybersource(setup_in(settings).account, settings.shop_url)
    return listed(gateway, codes)


def listed(gateway: CyberSourceGateway, codes: Iterable[str]) -> tuple[Known, ...]:
    """All transactions under these codes. Raises GatewayUnavailable."""
    from adapters.cybersource.rest.transport import ApiRefusal
    from adapters.http_client import Lost, NotSent

    try:
        return tuple(transaction for code in codes for transaction in gateway.transactions(code))
    except (NotSent, ApiRefusal, Lost) as failure:
        raise GatewayUnavailable(gateway.explain(failure)) from failure


def webhook_subscriptions(settings: Settings) -> AbstractContextManager[Subscriptions]:
    """The webhook subscriptions. Raises the same errors as `subscriptions_of`."""
    return subscriptions_of(setup_in(settings).account, settings.shop_url)


@contextmanager
def subscriptions_of(account: GatewaySettings, shop_url: str) -> Iterator[Subscriptions]:
    """The webhook subscriptions.

    Raises SettingsAreWrong, or GatewayUnavailable with what to do about it.
    """
    from adapters.cybersource.rest.transport import ApiRefusal
    from adapters.cybersource.webhooks.subscriptions import NotAnAddress
    from adapters.http_client import Lost, NotSent

    gateway = open_cybersource(account, shop_url)
    try:
        yield gateway.subscriptions
    except NotAnAddress as refused:
        raise wrong([("SHOP_URL", str(refused))]) from None
    except (NotSent, ApiRefusal, Lost) as failure:
        raise GatewayUnavailable(gateway.explain(failure)) from failure


def asked_for(offered: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The offered events that a shop subscribes to by default."""
    from adapters.cybersource.webhooks.subscriptions import event_types

    return frozenset(event for events in event_types(offered).values() for event in events)


_SCRIPT = Path(
    str(resources.files("adapters.cybersource.unified_checkout").joinpath("card_form.js"))
)

AUTOMATIC_IN_VAIN = (
    f"{PREFIX}CYBERSOURCE_FLOW=automatic does not count: {PREFIX}PAY_AT is hosted-page, so "
    "learners pay on the gateway's own page and see no card form"
)


def setup_in(settings: Settings) -> CyberSourceSetup:
    """The settings of CyberSource. Raises GatewayUnavailable if nothing is set."""
    for each in settings.gateways:
        if isinstance(each.setup.settings, CyberSourceSetup):
            return each.setup.settings
    raise GatewayUnavailable("no gateway is set up: COURSETILL_CYBERSOURCE_URL is missing")


def _read(source: SettingsSource, hosted_page: bool, /) -> GatewaySetup[CyberSourceSetup] | None:
    found = read_cybersource(source, hosted_page=hosted_page)
    if found is None:
        return None
    account = found.account
    return GatewaySetup(settings=found, address=account.url, simulator=account.simulator)


def _open(setup: CyberSourceSetup, host: GatewayHost) -> OpenGateway:
    parts = open_parts(setup, host.shop_url)
    gateway, pages, webhooks = parts.gateway, parts.pages, parts.webhooks
    return OpenGateway(
        gateway=gateway,
        browser=BrowserPart(script=_SCRIPT),
        hosted=None
        if pages is None
        else HostedPart(pages=pages, return_paths=(RETURN, CANCELLED), notify_paths=(TOLD,)),
        doors={} if webhooks is None else {DOOR: webhooks},
        transactions=lambda codes: listed(gateway, codes),
        warnings=parts.warnings,
    )


@attrs.frozen
class CyberSourceParts:
    """The parts of an open CyberSource gateway."""

    setup: CyberSourceSetup
    gateway: CyberSourceGateway
    pages: SecureAcceptancePages | None
    webhooks: WebhookReader | None

    def warnings(self, at: datetime) -> tuple[str, ...]:
        """Settings that end soon or have no effect, and keys that expire soon."""
        page, warnings = self.setup.page, [*self.gateway.warnings(), *self.gateway.expiring(at)]
        if self.setup.account.form.automatic and page is not None and page.pays:
            warnings.append(AUTOMATIC_IN_VAIN)
        if self.pages is not None:
            warnings += self.pages.warnings(at)
        if self.webhooks is not None:
            warnings += self.webhooks.expiring(at)
        return tuple(warnings)


def open_parts(setup: CyberSourceSetup, shop_url: str) -> CyberSourceParts:
    """Open every part of CyberSource that is set up. Raises SettingsAreWrong."""
    return CyberSourceParts(
        setup,
        open_cybersource(setup.account, shop_url),
        open_pages(setup, shop_url),
        open_webhooks(setup.account),
    )


DOOR = "cybersource"
"""The last part of the webhook address."""

PLUGIN = GatewayPlugin(
    name="cybersource",
    title="CyberSource",
    api=API,
    settings=(*cybersource.KNOWN, *secure_acceptance.KNOWN),
    needs="CYBERSOURCE_URL, _MERCHANT_ID, _KEY_ID and _SHARED_SECRET",
    read=_read,
    account=lambda setup: account_of(setup.account),
    open=_open,
    wording="entrypoints.composition.gateways.cybersource_wording:CYBERSOURCE",
    next_steps={
        "NotOffered": "coursetill cybersource webhooks offered",
        "TellsOfLess": "coursetill cybersource webhooks delete SUBSCRIPTION",
        "UnknownSubscription": "coursetill cybersource webhooks list",
    },
    demo="entrypoints.processes.gateways.cybersource:run",
    manual="coursetill docs cybersource",
)
"""The entry point of CyberSource."""
