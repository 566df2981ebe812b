"""Runs a payment gateway in a test shop, without settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from core.payments.gateway import PaymentGateway
from core.payments.hosted_page import HostedPages
from core.payments.notice import NoticeReader
from entrypoints.composition.payment_gateways import RunningGateway
from entrypoints.composition.shop import Shop
from entrypoints.gateways.api import BrowserPart, HostedPart, OpenGateway

RETURN_PATHS = ("/payments/return", "/payments/cancelled")
NOTIFY_PATHS = ("/payments/told",)
CARD_FORM = Path(__file__).with_name("card_form.js")


def at_work(
    gateway: PaymentGateway,
    *,
    script: Path = CARD_FORM,
    pages: HostedPages | None = None,
    doors: Mapping[str, NoticeReader] | None = None,
) -> tuple[RunningGateway, ...]:
    """The only gateway of a shop, with a card form script, hosted pages and webhooks."""
    opened = OpenGateway(
        gateway=gateway,
        browser=BrowserPart(script=script),
        hosted=None
        if pages is None
        else HostedPart(pages=pages, return_paths=RETURN_PATHS, notify_paths=NOTIFY_PATHS),
        doors=doors or {},
    )
    return (RunningGateway("tested", opened),)


def with_parts(
    shop: Shop,
    *,
    pages: HostedPages | None = None,
    doors: Mapping[str, NoticeReader] | None = None,
) -> Shop:
    """The shop with these hosted pages and webhooks instead of its own."""
    return attrs.evolve(shop, gateways=at_work(shop.gateway, pages=pages, doors=doors))


def pages_of(shop: Shop) -> HostedPages:
    """The hosted pages of the shop's only gateway. Raises ValueError if it has none."""
    hosted = shop.gateways[0].opened.hosted
    if hosted is None:
        raise ValueError("the gateway of this shop has no payment pages")
    return hosted.pages
