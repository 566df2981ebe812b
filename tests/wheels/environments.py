"""Wheels from a clean copy, and environments with the locked distributions alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
SHOP = (
    "core",
    "adapters",
    "entrypoints",
    "docs",
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
SIMULATORS = ("coursetill_simulators", "pyproject.toml", "README.md", "LICENSE")
_PIP = ("-m", "pip", "--isolated", "--disable-pip-version-check", "--quiet")


def build_wheel(source: Path, parts: tuple[str, ...], scratch: Path) -> Path:
    """The wheel of these parts of a source folder, built in a copy below `scratch`."""
    copy, out = scratch / "source", scratch / "wheel"
    copy.mkdir(parents=True)
    for part in parts:
        if (source / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source / part, copy / part, ignore=ignored)
        else:
            shutil.copy(source / part, copy / part)
    build = ("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", out)
    _checked(sys.executable, *_PIP, *build, copy)
    [wheel] = out.iterdir()
    return wheel


@attrs.frozen
class FreshEnvironment:
    """A Python environment outside the source folder."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    def install(self, *arguments: str | Path) -> None:
        """Install with the pip of the tests, and without a package index."""
        self._pip("install", "--no-index", *arguments)

    def check(self) -> None:
        """Fail unless every installed distribution finds what it depends on."""
        self._pip("check")

    def _pip(self, *arguments: str | Path) -> None:
        _checked(sys.executable, *_PIP, "--python", self.bin / "python", *arguments)

    def run(
        self, *arguments: str, folder: Path, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """What `coursetill ARGUMENTS` does there, in this folder and under these settings."""
        return subprocess.run(
            [self.bin / "coursetill", *arguments],
            env=clean_environment(settings),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )


def fresh_environment(folder: Path) -> FreshEnvironment:
    """An environment with the distributions that requirements.lock names, and no other.

    They are linked from the environment of the tests, so that nothing is fetched.
    """
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    for name in locked_names():
        for top in _top_levels(name):
            if not (packages / top.name).exists():
                (packages / top.name).symlink_to(top)
    return FreshEnvironment(folder)


def locked_names() -> list[str]:
    """The distributions of requirements.lock that this platform needs."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    named = re.findall(r"^([a-z0-9-]+)==[^ ]+( ; .*?)? \\$", lock, re.MULTILINE)
    return [name for name, marker in named if "sys_platform == 'win32'" not in marker]


def _top_levels(name: str) -> set[Path]:
    """The folders and files that a distribution installed directly in site-packages."""
    distribution = metadata.distribution(name)
    tops = {file.parts[0] for file in distribution.files or ()}
    base = Path(str(distribution.locate_file("")))
    return {
        base / top for top in tops if top not in ("..", "__pycache__") and (base / top).exists()
    }


def clean_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """These settings and a search path for programs: no way to the source folder."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **settings}


def _checked(*command: str | Path) -> None:
    done = subprocess.run(
        command, env=clean_environment({}), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
