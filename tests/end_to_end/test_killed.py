"""The shop is killed while the gateway is charging: nothing is lost, and nothing is paid twice."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from coursetill_simulators.cybersource.server import RunningSimulator
from coursetill_simulators.cybersource.settings import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)
from coursetill_simulators.demo import DEMO_CATALOGUE
from tests.end_to_end.steps import GOOD_CARD, put_in_basket, sign_in, type_card_and_pay
from tests.entrypoints.cli.processes import inside
from tests.entrypoints.cli.servers import free_port, serving

READY = "INFO coursetill.serving serving"


class SlowGateway:
    """A simulator that charges at once, and keeps its reply back until it is let go."""

    def __init__(self) -> None:
        self.charged, self.let_go = Event(), Event()
        settings = SimulatorSettings(index_lag_seconds=0.0)
        self.running = RunningSimulator(settings, pause=self._pause)

    def _pause(self, _seconds: float) -> None:
        self.charged.set()
        self.let_go.wait(60)

    def keeps_the_next_reply_back(self) -> None:
        fault = {"operation": "payments", "fault": "delay", "seconds": 1}
        told = requests.post(f"{self.running.url}/simulator/faults", json=fault, timeout=10)
        assert told.ok, told.text

    def books(self) -> Any:
        return requests.get(f"{self.running.url}/simulator/ledger", timeout=10).json()


@pytest.fixture
def gateway() -> Iterator[SlowGateway]:
    slow = SlowGateway()
    with slow.running:
        yield slow
        slow.let_go.set()


@pytest.fixture
def settings(sqlite_url: str, gateway: SlowGateway) -> dict[str, str]:
    settings = {
        "PORT": str(free_port()),
        "COURSETILL_DATABASE_URL": sqlite_url,
        "COURSETILL_SECRET_KEY": "a secret for these tests alone, long enough",
        "COURSETILL_SIGN_IN": "demo",
        "COURSETILL_CYBERSOURCE_URL": gateway.running.url,
        "COURSETILL_CYBERSOURCE_MERCHANT_ID": DEMO_MERCHANT_ID,
        "COURSETILL_CYBERSOURCE_KEY_ID": DEMO_KEY_ID,
        "COURSETILL_CYBERSOURCE_SHARED_SECRET": DEMO_SECRET,
        "COURSETILL_CYBERSOURCE_SIMULATOR": "yes",
    }
    assert (
        inside("catalogue", "import", str(DEMO_CATALOGUE), "--as", "ann", **settings).returncode
        == 0
    )
    return settings


def test_a_charge_during_a_crash_of_the_shop_is_found_and_recorded_once(
    settings: dict[str, str], gateway: SlowGateway, browser_page: Page, tmp_path: Path
) -> None:
    page, address = browser_page, f"http://127.0.0.1:{settings['PORT']}"
    with serving("serve", ready=READY, settings=settings, folder=tmp_path) as shop:
        put_in_basket(page, address, "18.6501x-1T2027")
        page.get_by_role("link", name="Check out").click()
        sign_in(page, "Ada")
        page.get_by_role("button", name="Continue to pay $300.00").click()
        page.wait_for_url(re.compile("/pay"))
        gateway.keeps_the_next_reply_back()
        type_card_and_pay(page, GOOD_CARD)
        assert gateway.charged.wait(30)
        shop.process.send_signal(signal.SIGKILL)
        shop.process.wait(30)
    gateway.let_go.set()

    [order] = json.loads(inside("orders", "find", "--json", **settings).stdout)["orders"]
    assert order["state"] == "pending"
    with serving("serve", ready=READY, settings=settings, folder=tmp_path):
        page.goto(f"{address}/orders/{order['reference']}")
        expect(page.get_by_role("main")).to_contain_text("not be charged twice")
        page.get_by_role("button", name="Check now").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("You have paid $300.00")
    assert len(gateway.books()["payments"]) == 1
