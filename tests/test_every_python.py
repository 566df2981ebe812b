"""Every Python that is claimed is looked for, and one that does not run is not taken."""

import re
import sys
from pathlib import Path

import pytest

from tests.every_python import ROOT, claimed_versions, interpreter

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


def a_python(path: Path, script: str) -> str:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no Python is found unless the test puts it there."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))


def test_the_oldest_claimed_version_is_the_oldest_allowed_version() -> None:
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    allowed = re.search(r"^python_requires = >=(.*)$", setup, re.MULTILINE)
    assert allowed is not None
    assert claimed_versions()[0] == allowed[1]
    assert RUNNING in claimed_versions()


def test_the_makefile_prefers_the_newest_claimed_version() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [tried] = re.findall(r"for each in (python.*?); do", makefile)
    newest_first = [f"python{version}" for version in reversed(claimed_versions())]
    assert tried.split()[: len(newest_first)] == newest_first
    assert {"python3.14", "python3.15", "python3"} <= set(tried.split())


def test_a_python_on_the_path_is_found(tmp_path: Path) -> None:
    python = a_python(tmp_path / "bin" / "python3.98", "echo 3.98")
    assert interpreter("3.98") == python


def test_a_broken_python_on_the_path_is_skipped_for_one_under_pyenv(tmp_path: Path) -> None:
    a_python(tmp_path / "bin" / "python3.98", "exit 127")
    python = a_python(tmp_path / "pyenv" / "versions" / "3.98.1" / "bin" / "python", "echo 3.98")
    assert interpreter("3.98") == python


def test_a_python_of_another_version_is_not_used(tmp_path: Path) -> None:
    a_python(tmp_path / "bin" / "python3.98", "echo 3.97")
    assert interpreter("3.98") is None


def test_a_missing_version_is_not_found() -> None:
    assert interpreter("3.98") is None
