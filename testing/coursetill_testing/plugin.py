"""Fixtures and hooks for pytest, active if this package is installed.

`database_url` runs a test on SQLite and on PostgreSQL in turn; the server is started for the test
run and needs no installation. `browser_page` is a new visitor's page in a Chromium. A tag such as
`@PAY-07` above a scenario of pytest-bdd is its id: `pytest -m "scenario(id='PAY-07')"` runs it, and
`pytest --scenario-results FILE` writes the result of each to FILE.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from coursetill_testing.browsers import Camera
    from coursetill_testing.databases import PostgreSQL

# Failed assertions in this package show their values, as in a test module.
pytest.register_assert_rewrite(
    *(
        f"coursetill_testing.{part.stem}"
        for part in Path(__file__).parent.iterdir()
        if part.stem not in {"__init__", "plugin"} and (part.suffix == ".py" or part.is_dir())
    )
)

SCENARIO_ID = re.compile(r"[A-Z]{3}-[0-9]{2,3}")
"""The id of a scenario: three letters of its subject and a number."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--scenario-results",
        metavar="FILE",
        help="write the result of each scenario of a feature to FILE, as JSON",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "scenario(id): a scenario of a feature, known by its id")
    path = config.getoption("scenario_results")
    # Workers of pytest-xdist send their reports to the main process.
    if path and not hasattr(config, "workerinput"):
        from coursetill_testing.scenario_results import ScenarioResults

        config.pluginmanager.register(ScenarioResults(config.invocation_params.dir / path))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Add the scenario's id, and the DOOR of its module, to each report."""
    mark = item.get_closest_marker("scenario")
    if mark is not None:
        door = getattr(getattr(item, "module", None), "DOOR", "")
        item.user_properties += [("scenario", mark.kwargs["id"]), ("door", door)]


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> bool | None:
    """Mark a scenario with its id. pytest-bdd decides about other tags."""
    if not SCENARIO_ID.fullmatch(tag):
        return None
    pytest.mark.scenario(id=tag)(function)
    return True


@pytest.fixture(scope="session")
def build_folder(pytestconfig: pytest.Config) -> Path:
    """The folder for logs and screenshots: `build` next to the pytest settings."""
    return pytestconfig.rootpath / "build"


@pytest.fixture(scope="session")
def postgresql(build_folder: Path) -> Iterator[PostgreSQL]:
    """A PostgreSQL server, one for each process of the test run that uses it."""
    from coursetill_testing.databases import running_postgresql

    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with running_postgresql(log=build_folder / "logs" / f"postgresql-{worker}.log") as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgresql: PostgreSQL) -> Iterator[str]:
    """The name of a template database with empty tables."""
    from adapters.sql.migrations import upgrade

    with postgresql.database() as name:
        upgrade(postgresql.url(name))
        yield name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template database file with empty tables."""
    from adapters.sql.migrations import upgrade
    from coursetill_testing.databases import sqlite_address

    path = tmp_path_factory.mktemp("migrated") / "shop.db"
    upgrade(sqlite_address(path))
    return path


@pytest.fixture
def postgres_url(postgresql: PostgreSQL, migrated_postgres: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with empty tables."""
    with postgresql.database(migrated_postgres) as name:
        yield postgresql.url(name)


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a SQLite database with empty tables."""
    from coursetill_testing.databases import copied_sqlite

    return copied_sqlite(migrated_sqlite, tmp_path / "shop.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with empty tables, of each kind in turn."""
    url: str = request.getfixturevalue(
        "sqlite_url" if request.param == "sqlite" else "postgres_url"
    )
    return url


@pytest.fixture
def bare_postgres_url(postgresql: PostgreSQL) -> Iterator[str]:
    """The URL of a PostgreSQL database without tables."""
    with postgresql.database() as name:
        yield postgresql.url(name)


@pytest.fixture
def bare_sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite database that does not exist yet."""
    from coursetill_testing.databases import sqlite_address

    return sqlite_address(tmp_path / "bare.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database without tables, of each kind in turn."""
    url: str = request.getfixturevalue(
        "bare_sqlite_url" if request.param == "sqlite" else "bare_postgres_url"
    )
    return url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium, one for each process of the test run that uses it."""
    from playwright.sync_api import sync_playwright

    from coursetill_testing.browsers import chromium

    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(
    browser: Browser, build_folder: Path, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A new visitor's empty page. A screenshot is saved at the end of every test.

    The test fails if a script of the page fails, or if the page requests something that its own
    security policy forbids.
    """
    from coursetill_testing.browsers import complaints_of, shopper_context

    context = shopper_context(browser)
    try:
        page = context.new_page()
        complaints = complaints_of(page)
        yield page
        _camera(page, build_folder, request).picture("at-the-end")
    finally:
        context.close()
    assert complaints == []


@pytest.fixture
def camera(browser_page: Page, build_folder: Path, request: pytest.FixtureRequest) -> Camera:
    """Saves screenshots of the page: `camera.picture("basket")`."""
    return _camera(browser_page, build_folder, request)


def _camera(page: Page, build_folder: Path, request: pytest.FixtureRequest) -> Camera:
    from coursetill_testing.browsers import Camera

    name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
    return Camera(page, build_folder / "screenshots", name)
