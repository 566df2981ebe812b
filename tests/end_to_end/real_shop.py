"""A shop on SQL, run as a process of its own, and the simulator that takes its payments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import requests
from playwright.sync_api import FrameLocator, Page, expect

from core.use_cases.jobs.maintenance import run_maintenance
from coursetill_simulators.cybersource.server import RunningSimulator
from coursetill_simulators.cybersource.settings import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)
from coursetill_simulators.demo import DEMO_CATALOGUE
from entrypoints.composition.shop import open_shop
from entrypoints.settings.shop import read_settings
from tests.end_to_end.steps import card_form, put_in_basket, sign_in, type_card_and_pay
from tests.entrypoints.cli.processes import inside
from tests.entrypoints.cli.servers import free_port, serving

READY = "INFO coursetill.serving serving"
SKU, PRICE = "18.6501x-1T2027", "$300.00"
NOTHING_CHARGED = "Nothing was charged, and your order is kept."
CHALLENGED = "4000 0000 0000 0002"


@attrs.frozen
class Shop:
    """The shop, its settings, and the simulator that takes its payments."""

    settings: Mapping[str, str]
    simulator: str

    @property
    def address(self) -> str:
        return self.settings["COURSETILL_SHOP_URL"]

    def commands(self, what: str, **told: Any) -> None:
        """Tell the simulator what to do."""
        said = requests.post(f"{self.simulator}/simulator/{what}", json=told, timeout=10)
        assert said.ok, said.text

    def books(self) -> list[Mapping[str, Any]]:
        """Every payment that the simulator took or refused, oldest first."""
        told = requests.get(f"{self.simulator}/simulator/ledger", timeout=10).json()
        payments: list[Mapping[str, Any]] = told["payments"]
        return payments

    @property
    def captured(self) -> str:
        told = requests.get(f"{self.simulator}/simulator/ledger", timeout=10).json()
        return str(told["money"].get("USD", {}).get("captured", "0.00"))

    def orders(self) -> list[Mapping[str, Any]]:
        """The orders as staff see them, newest first."""
        done = inside("orders", "find", "--json", **self.settings)
        assert done.returncode == 0, done.stderr
        found: list[Mapping[str, Any]] = json.loads(done.stdout)["orders"]
        return found

    def keeps_up(self, *, later: timedelta) -> None:
        """One round of upkeep, as if so much time had passed."""
        shop = open_shop(read_settings(self.settings))
        try:
            run_maintenance(begin=shop.begin, gateway=shop.gateway, now=shop.now() + later)
        finally:
            shop.close()

    def goes_to_pay(self, page: Page, *, at: str | None = None, learner: str = "Ada") -> None:
        """From the shelf to the payment page, which then opens the card form by itself."""
        put_in_basket(page, at or self.address, SKU)
        page.get_by_role("link", name="Check out").click()
        sign_in(page, learner)
        page.get_by_role("button", name=f"Continue to pay {PRICE}").click()
        page.wait_for_url(re.compile("/pay#card$"))

    def sees_form(self, page: Page) -> FrameLocator:
        """The card form, once it can be used."""
        form = card_form(page)
        expect(form.get_by_role("button", name=f"Pay {PRICE}")).to_be_enabled()
        return form

    def is_asked_by_the_bank(self, page: Page) -> FrameLocator:
        """The bank's question, after a card was entered that it asks about."""
        form = self.sees_form(page)
        type_card_and_pay(page, CHALLENGED)
        bank = form.frame_locator("iframe")
        expect(bank.get_by_role("button", name="Yes, confirm")).to_be_visible()
        return bank


@contextmanager
def running_shop(database: str, folder: Path, **more: str) -> Iterator[Shop]:
    """The shop on a database with tables, its shelf filled as in the demo."""
    told = SimulatorSettings(index_lag_seconds=0.0, clock_skew_seconds=3600)
    port = free_port()
    with RunningSimulator(told) as simulator:
        settings = {
            "PORT": str(port),
            "COURSETILL_SHOP_URL": f"http://127.0.0.1:{port}",
            "COURSETILL_DATABASE_URL": database,
            "COURSETILL_SECRET_KEY": "a secret for these tests alone, long enough",
            "COURSETILL_SIGN_IN": "demo",
            "COURSETILL_WORKER": "no",
            "COURSETILL_CYBERSOURCE_URL": simulator.url,
            "COURSETILL_CYBERSOURCE_MERCHANT_ID": DEMO_MERCHANT_ID,
            "COURSETILL_CYBERSOURCE_KEY_ID": DEMO_KEY_ID,
            "COURSETILL_CYBERSOURCE_SHARED_SECRET": DEMO_SECRET,
            "COURSETILL_CYBERSOURCE_SIMULATOR": "yes",
            **more,
        }
        done = inside("catalogue", "import", str(DEMO_CATALOGUE), "--as", "dana", **settings)
        assert done.returncode == 0, done.stderr
        with serving("serve", ready=READY, settings=settings, folder=folder):
            yield Shop(settings, simulator.url)
