"""An installed extension, the one of the manual; each process of the test run has its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extensions import page


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page.written(tmp_path_factory.mktemp("coursetill-alumni"))


@pytest.fixture(scope="session")
def site(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the extension is installed in."""
    return page.installed(source, tmp_path_factory.mktemp("site"))
