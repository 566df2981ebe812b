"""An installed extension, the one of the manual; each process of the test run has its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.entrypoints.extensions import manual_page


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return manual_page.written(tmp_path_factory.mktemp("coursetill-alumni"))


@pytest.fixture(scope="session")
def site(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the extension is installed in."""
    return manual_page.installed(source, tmp_path_factory.mktemp("site"))
