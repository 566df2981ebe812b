"""CyberSource's simulator, alone or with the demo, and the settings that point a shop to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from coursetill_simulators.cybersource.guards import BesideProduction
from coursetill_simulators.cybersource.profiles import (
    DEMO_ACCESS_KEY,
    DEMO_PROFILE_ID,
    DEMO_PROFILE_SECRET,
)
from coursetill_simulators.cybersource.server import RunningSimulator
from coursetill_simulators.cybersource.settings import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)
from coursetill_simulators.cybersource.state.ledger_file import UnreadableLedgerFile
from coursetill_simulators.cybersource.state.outcomes import ACCEPTED_CARDS, CARDS, OUTCOMES
from coursetill_simulators.serving.loopback_tls import loopback_tls
from entrypoints.composition.clock_and_ids import now
from entrypoints.composition.gateways.cybersource_plugin import DOOR, PLUGIN, subscriptions_of
from entrypoints.gateways.api import ConfiguredGateway, DemoGateway, DemoRefused, DemoRequest
from entrypoints.processes.errors import BesideARealGateway, UnusableBooks
from entrypoints.settings.gateways.cybersource import CardFormSettings, GatewaySettings, WebhookKeys
from entrypoints.settings.gateways.secure_acceptance import HostedSettings, PageKeySettings
from entrypoints.settings.keys import SharedKeySettings
from entrypoints.settings.reader import PREFIX
from entrypoints.settings.shop import Settings

_CARDS = ("2032", "2040", "4806", "9011")
_HOST = "127.0.0.1"


@contextmanager
def run(request: DemoRequest) -> Iterator[DemoGateway]:
    """Run the simulator beside the demo. Stops on exit. Raises DemoRefused.

    With `automatic` the card form charges the card itself. With `hosted_page` learners pay on the
    gateway's own page instead of its card form.
    """
    try:
        simulator = RunningSimulator(_beside(request.configured, books=request.records))
    except (BesideProduction, UnreadableLedgerFile) as why:
        raise DemoRefused(str(why)) from None
    with simulator:
        account = attrs.evolve(
            account_at(simulator), form=CardFormSettings(automatic=request.automatic)
        )

        def connect(shop_url: str) -> None:
            with subscriptions_of(account, shop_url) as subscriptions:
                subscriptions.subscribe(f"{shop_url}/webhooks/{DOOR}", subscriptions.event_types())

        page = page_at(simulator.url) if request.hosted_page else None
        yield DemoGateway(
            address=simulator.url,
            environment={**gateway_environment(account), **page_environment(page)},
            cards=tuple(cards()),
            connect=connect,
        )


def _configured(settings: Settings) -> ConfiguredGateway | None:
    return next((each for each in settings.gateways if each.name == PLUGIN.name), None)


@contextmanager
def running_simulator(
    settings: Settings, port: int, *, books: Path | None = None, authority: Path | None = None
) -> Iterator[GatewaySettings]:
    """Run the simulator alone, and return the settings for a shop that uses it. Stops on exit.

    Port 0 means any free port. `books` is the file for its payments. With `authority` it speaks
    https, and writes the certificate that clients have to trust to that file. Raises
    BesideARealGateway, UnusableBooks, or OSError if the port is in use.
    """
    try:
        tls = loopback_tls(now()) if authority else None
        if authority is not None and tls is not None:
            authority.write_bytes(tls.authority)
        simulator = RunningSimulator(
            _beside(_configured(settings), books=books), port=port, tls=tls
        )
    except BesideProduction as real:
        raise BesideARealGateway(f"{PREFIX}CYBERSOURCE_URL", real.host) from None
    except UnreadableLedgerFile as why:
        raise UnusableBooks(str(why)) from None
    with simulator:
        yield account_at(simulator)


def account_at(simulator: RunningSimulator) -> GatewaySettings:
    """The settings for a shop that uses this running simulator, with a new webhook key."""
    return GatewaySettings(
        simulator.url,
        DEMO_MERCHANT_ID,
        DEMO_KEY_ID,
        DEMO_SECRET,
        simulator=True,
        webhooks=webhooks_of(simulator),
    )


def webhooks_of(simulator: RunningSimulator) -> WebhookKeys:
    """A new webhook key of a running simulator. It is lost when the process ends."""
    key = simulator.new_webhook_key()
    return WebhookKeys(keys=(SharedKeySettings(key.id, key.secret),))


def _beside(
    configured: ConfiguredGateway | None, *, books: Path | None = None
) -> SimulatorSettings:
    """The simulator's own settings, with the shop's gateway settings."""
    real = configured is not None and not configured.simulator
    hosts = (configured.address,) if configured is not None and real else ()
    return SimulatorSettings(gateway_hosts=hosts, ledger_file=books)


def gateway_environment(gateway: GatewaySettings) -> Mapping[str, str]:
    """The settings for a shop that uses this simulator."""
    return {
        f"{PREFIX}CYBERSOURCE_URL": gateway.url,
        f"{PREFIX}CYBERSOURCE_MERCHANT_ID": gateway.merchant_id,
        f"{PREFIX}CYBERSOURCE_KEY_ID": gateway.key_id,
        f"{PREFIX}CYBERSOURCE_SHARED_SECRET": gateway.shared_secret,
        f"{PREFIX}CYBERSOURCE_SIMULATOR": "yes",
        **({f"{PREFIX}CYBERSOURCE_FLOW": "automatic"} if gateway.form.automatic else {}),
        **webhook_environment(gateway.webhooks),
    }


def webhook_environment(webhooks: WebhookKeys | None) -> Mapping[str, str]:
    """The settings with which a shop accepts these webhooks."""
    if webhooks is None:
        return {}
    keys = " ".join(f"{key.key_id}:{key.secret}" for key in webhooks.keys)
    return {f"{PREFIX}CYBERSOURCE_WEBHOOK_KEYS": keys}


def page_at(url: str, *, pays: bool = True) -> HostedSettings:
    """The simulator's own payment page. Without `pays`, only its notices are accepted.

    The page has another host name than the shop, so that to a browser it is another site, as in
    production: a browser that comes back from there sends no cookie.
    """
    key = PageKeySettings(DEMO_ACCESS_KEY, DEMO_PROFILE_SECRET)
    return HostedSettings(url.replace(_HOST, "localhost"), DEMO_PROFILE_ID, (key,), pays=pays)


def page_environment(hosted: HostedSettings | None) -> Mapping[str, str]:
    """The settings for a shop that uses this payment page."""
    if hosted is None:
        return {}
    keys = " ".join(f"{key.access_key}:{key.secret}" for key in hosted.keys)
    return {
        f"{PREFIX}PAY_AT": "hosted-page" if hosted.pays else "card-form",
        f"{PREFIX}SECURE_ACCEPTANCE_URL": hosted.url,
        f"{PREFIX}SECURE_ACCEPTANCE_PROFILE_ID": hosted.profile_id,
        f"{PREFIX}SECURE_ACCEPTANCE_KEYS": keys,
    }


def cards() -> list[tuple[str, str]]:
    """Test card numbers of the simulator, with their results."""
    accepted = [(number, f"{brand}: paid") for number, brand in list(ACCEPTED_CARDS.items())[:2]]
    others = [
        (number, OUTCOMES[name].says) for number, name in CARDS.items() if number[-4:] in _CARDS
    ]
    return [*accepted, *others]
