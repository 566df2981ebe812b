"""A gateway plug-in of the tests: two settings, and the gateway of this process behind them."""

from __future__ import annotations

from typing import Any

import attrs

from adapters.memory.payment_gateway import MemoryGateway
from core.payments.account import GatewayAccount
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.gateways.api import (
    API,
    GatewayHost,
    GatewayPlugin,
    GatewaySetup,
    OpenGateway,
    SettingsSource,
)
from entrypoints.plugins import Installed
from entrypoints.settings.reader import any_text, yes_or_no


def _read(source: SettingsSource, hosted_page: bool, /) -> GatewaySetup[str] | None:
    merchant = source.optional("PLAYED_MERCHANT", any_text)
    if merchant is None:
        source.wrong("COURSETILL_PLAYED_MERCHANT is missing")
        return None
    test = source.get("PLAYED_TEST", "yes", yes_or_no)
    return GatewaySetup(settings=merchant, address="https://played.example.net", simulator=test)


def _account(merchant: str) -> GatewayAccount:
    return GatewayAccount("played", merchant, "test")


def _open(merchant: str, host: GatewayHost) -> OpenGateway:
    return OpenGateway(
        gateway=MemoryGateway(now=host.now, new_id=new_key, account=_account(merchant))
    )


PLAYED: GatewayPlugin[str] = GatewayPlugin(
    name="played",
    title="Played",
    api=API,
    settings=("PLAYED_MERCHANT", "PLAYED_TEST"),
    needs="PLAYED_MERCHANT",
    read=_read,
    account=_account,
    open=_open,
)


def played(**changed: Any) -> GatewayPlugin[str]:
    return attrs.evolve(PLAYED, **changed)


def installed(found: object, name: str = "played") -> Installed:
    return Installed(name, "1.0", "A gateway.", lambda: found)
