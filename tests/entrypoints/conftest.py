"""`till`: the command line on a shop that sells the demo's catalogue."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from coursetill_testing.clock import Clock
from coursetill_testing.command_line import CommandLine, Listener
from coursetill_testing.running_gateways import at_work
from entrypoints.composition.shop import Shop
from entrypoints.processes.demo import fill_catalogue
from entrypoints.settings.shop import read_settings


@pytest.fixture
def bare_till(sqlite_url: str) -> Iterator[CommandLine]:
    """The command line on a shop that sells nothing yet."""
    numbers = itertools.count(1)
    clock = Clock()
    gateway = MemoryGateway(now=clock, new_id=lambda: f"gateway-{next(numbers)}")
    receiver = Listener()
    settings = read_settings(
        {
            "COURSETILL_DATABASE_URL": sqlite_url,
            "COURSETILL_TIME_ZONE": "America/New_York",
            "COURSETILL_EVENTS_URL": "http://127.0.0.1:9/events",
            "COURSETILL_STAFF": "ann",
            "COURSETILL_EVENTS_SECRET": "worthless-secret-of-the-tests-only",
        }
    )
    engine = open_engine(sqlite_url)
    records = SqlShop(engine)
    shop = Shop(
        settings,
        records.begin,
        records.read,
        gateway,
        receiver,
        now=clock,
        gateways=at_work(gateway),
    )
    yield CommandLine(shop, gateway, receiver, clock)
    engine.dispose()


@pytest.fixture
def till(bare_till: CommandLine) -> CommandLine:
    fill_catalogue(begin=bare_till.shop.begin, now=bare_till.clock())
    return bare_till
