"""Payments through Cardhouse: the plug-in that the shop finds by its entry point."""

from __future__ import annotations

from pathlib import Path

import attrs

from core.payments.account import GatewayAccount
from core.payments.gateway import CardForm
from entrypoints.gateways.api import (
    API,
    BrowserPart,
    GatewayHost,
    GatewayPlugin,
    GatewaySetup,
    HostedPart,
    OpenGateway,
    PagePolicy,
    SettingsSource,
)
from entrypoints.settings.reader import any_text, origin, secret, yes_or_no

SETTINGS = ("CARDHOUSE_URL", "CARDHOUSE_MERCHANT", "CARDHOUSE_SECRET", "CARDHOUSE_TEST")
RETURN_PATH = "/payments/cardhouse/return"


@attrs.frozen
class CardhouseSettings:
    """One account at Cardhouse. `test` is true only for the service of this example."""

    url: str
    merchant: str
    secret: str = attrs.field(repr=False)
    test: bool = False

    @property
    def account(self) -> GatewayAccount:
        return GatewayAccount("cardhouse", self.merchant, "test" if self.test else "production")


def _read(source: SettingsSource, _: bool, /) -> GatewaySetup[CardhouseSettings] | None:
    missing = [name for name in SETTINGS[:3] if not source.given(name)]
    for name in missing:
        source.wrong(f"COURSETILL_{name} is missing, and others of Cardhouse are set")
    settings = CardhouseSettings(
        source.get("CARDHOUSE_URL", "https://pay.cardhouse.example", origin),
        source.get("CARDHOUSE_MERCHANT", "-", any_text),
        source.get("CARDHOUSE_SECRET", "-" * 32, secret),
        test=source.get("CARDHOUSE_TEST", "no", yes_or_no),
    )
    if missing:
        return None
    return GatewaySetup(settings=settings, address=settings.url, simulator=settings.test)


def _open(settings: CardhouseSettings, host: GatewayHost) -> OpenGateway:
    from coursetill_cardhouse.client import Cardhouse
    from coursetill_cardhouse.gateway import CardhouseGateway
    from coursetill_cardhouse.messages import CardhousePages, CardhouseWebhooks

    service = Cardhouse(settings.url, settings.secret)
    gateway = CardhouseGateway(service, settings.account, now=host.now)

    def policy(form: CardForm) -> PagePolicy:
        return PagePolicy(connections=form.origins)

    return OpenGateway(
        gateway=gateway,
        browser=BrowserPart(script=Path(__file__).with_name("card_form.js"), policy=policy),
        hosted=HostedPart(
            pages=CardhousePages(service, settings.account, host.page_url(RETURN_PATH)),
            return_paths=(RETURN_PATH,),
        ),
        doors={"cardhouse": CardhouseWebhooks(service, settings.account)},
        close=service.close,
    )


PLUGIN = GatewayPlugin(
    name="cardhouse",
    title="Cardhouse",
    api=API,
    settings=SETTINGS,
    needs="CARDHOUSE_URL, _MERCHANT and _SECRET",
    read=_read,
    account=lambda settings: settings.account,
    open=_open,
)
