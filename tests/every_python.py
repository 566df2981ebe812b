"""Runs what a Python version can break on every version that this machine has.

Each version gets an environment of its own in build/pythons, made by the Makefile. Of tests over
several databases, those on SQLite run: the database is the same under every Python.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTS = ("tests/core", "tests/contracts", "tests/adapters", "tests/entrypoints/cli")
# Later versions that a machine may have; setup.cfg claims a version once it is green here.
TO_COME = ("3.14", "3.15")
_PROBE = "import ensurepip, sqlite3, ssl, sys, venv; print('%d.%d' % sys.version_info[:2])"


def claimed_versions() -> list[str]:
    """The versions of Python that setup.cfg claims, oldest first."""
    named = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    return re.findall(r"^ +Programming Language :: Python :: (3\.\d+)$", named, re.MULTILINE)


def interpreter(version: str) -> str | None:
    """A Python of this version that runs and has all it needs: on PATH, else under pyenv."""
    for candidate in _candidates(version):
        try:
            said = subprocess.run(
                [candidate, "-c", _PROBE], capture_output=True, text=True, timeout=60, check=False
            )
        except OSError:
            continue
        if said.stdout.strip() == version:
            return candidate
    return None


def _candidates(version: str) -> Iterator[str]:
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield on_path
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for folder in sorted(pyenv.glob(f"versions/{version}*")):
        yield str(folder / "bin" / "python")


def passes(version: str, python: str) -> bool:
    """Whether the environment can be made and every test of the parts passes in it."""
    environment = Path("build", "pythons", version)
    goals = [str(environment / stamp) for stamp in (".tests", ".beside")]
    make = ["make", "--no-print-directory", f"VENV={environment}", f"PYTHON={python}", *goals]
    pytest = [
        *(str(environment / "bin" / "python"), "-m", "pytest", *PARTS),
        *("-k", "not postgresql", "--numprocesses=2", "--dist=worksteal"),
        *("-o", f"cache_dir=build/pytest-{version}"),
    ]
    return _succeeds(make) and _succeeds(pytest)


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Run everything; 1 where a version fails, or where no version was found."""
    outcomes = {}
    for version in dict.fromkeys([*claimed_versions(), *TO_COME]):
        python = interpreter(version)
        if python is None:
            outcomes[version] = "not found on this machine"
        else:
            sys.stdout.write(f"== Python {version}: {python}\n")
            sys.stdout.flush()
            outcomes[version] = "passed" if passes(version, python) else "FAILED"
    for version, outcome in outcomes.items():
        sys.stdout.write(f"Python {version}: {outcome}\n")
    return 0 if "passed" in outcomes.values() and "FAILED" not in outcomes.values() else 1


if __name__ == "__main__":
    sys.exit(main())
