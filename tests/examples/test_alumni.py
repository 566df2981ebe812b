"""examples/alumni passes its own tests as a package installed from a folder of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.entrypoints.extensions import manual_page


def test_the_tests_of_the_example_pass_away_from_this_repository(tmp_path: Path) -> None:
    folder = tmp_path / "coursetill-alumni"
    shutil.copytree(
        manual_page.SOURCE,
        folder,
        ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"),
    )
    site = manual_page.installed(folder, tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(tmp_path), "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, "6 passed" in done.stdout) == (0, True), done.stdout + done.stderr
