"""Each example that is a package passes its own tests, installed and away from this repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.entrypoints.extensions import manual_page

EXAMPLES = Path(__file__).parents[2] / "examples"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")


@pytest.mark.parametrize(
    "name, passed", [("alumni", 6), ("own_discount_kind", 6), ("own_gateway", 53)]
)
def test_the_tests_of_an_example_pass_outside_this_repository(
    name: str, passed: int, tmp_path: Path
) -> None:
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder, ignore=LEFT_OUT)
    site = manual_page.installed(folder, tmp_path / "site")
    shutil.rmtree(folder / "build", ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(tmp_path), "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    told = done.stdout + done.stderr
    assert (done.returncode, f"{passed} passed" in told) == (0, True), told
