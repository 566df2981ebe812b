"""What tests of every part may ask for: databases of both kinds, and a browser."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browsers import Camera, chromium, complaints_of, shopper_context
from tests.databases import PostgreSQL, copied_sqlite, running_postgresql, sqlite_address

# Only this conftest, the first of all, may name plugins.
pytest_plugins = [
    f"tests.features.steps.{about}"
    for about in (
        *("away", "forgetting", "letters", "messages", "money", "ordering", "requesting", "shelf"),
        *("shopping", "staff", "stock", "surroundings", "tending"),
        "many_codes",
    )
]

BUILD = Path(__file__).parent.parent / "build"

# Where changes are judged, the same examples every time; at a desk, fewer and new ones, and those
# that failed before come first. `--hypothesis-profile=thorough` looks for a long time.
set_hypothesis_home_dir(BUILD / "hypothesis")
settings.register_profile("judged", deadline=None, database=None, derandomize=True, print_blob=True)
settings.register_profile("desk", deadline=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=5_000)
settings.load_profile("judged" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server; each process of the test run that asks for it has its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with running_postgresql(log=BUILD / "logs" / f"postgresql-{worker}.log") as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgresql: PostgreSQL) -> Iterator[str]:
    """The name of a database with all the tables and nothing in them, to copy from."""
    from adapters.sql.migrations import upgrade

    with postgresql.database() as name:
        upgrade(postgresql.url(name))
        yield name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all the tables and nothing in them, to copy from."""
    from adapters.sql.migrations import upgrade

    path = tmp_path_factory.mktemp("migrated") / "shop.db"
    upgrade(sqlite_address(path))
    return path


@pytest.fixture
def postgres_url(postgresql: PostgreSQL, migrated_postgres: str) -> Iterator[str]:
    """The address of a PostgreSQL database with all the tables and nothing in them."""
    with postgresql.database(migrated_postgres) as name:
        yield postgresql.url(name)


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The address of a SQLite database with all the tables and nothing in them."""
    return copied_sqlite(migrated_sqlite, tmp_path / "shop.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database with all the tables and nothing in them: of each kind in turn."""
    url: str = request.getfixturevalue(
        "sqlite_url" if request.param == "sqlite" else "postgres_url"
    )
    return url


@pytest.fixture
def bare_postgres_url(postgresql: PostgreSQL) -> Iterator[str]:
    """The address of a PostgreSQL database without a single table."""
    with postgresql.database() as name:
        yield postgresql.url(name)


@pytest.fixture
def bare_sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that does not exist yet."""
    return sqlite_address(tmp_path / "bare.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database without a single table: of each kind in turn."""
    url: str = request.getfixturevalue(
        "bare_sqlite_url" if request.param == "sqlite" else "bare_postgres_url"
    )
    return url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium; each process of the test run that asks for it has its own."""
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A new visitor's empty page. Its last sight is kept as a picture, whatever the outcome.

    Afterwards the test fails if a script of the page failed, or if the page asked for something
    that its own security policy refuses.
    """
    context = shopper_context(browser)
    try:
        page = context.new_page()
        complaints = complaints_of(page)
        yield page
        _camera(page, request).picture("at-the-end")
    finally:
        context.close()
    assert complaints == []


@pytest.fixture
def camera(browser_page: Page, request: pytest.FixtureRequest) -> Camera:
    """Keeps pictures of the page: `camera.picture("basket")`."""
    return _camera(browser_page, request)


def _camera(page: Page, request: pytest.FixtureRequest) -> Camera:
    name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
    return Camera(page, BUILD / "screenshots", name)
