"""The extension that docs/extensions.md writes, as files and as an installed package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "extensions.md").read_text(encoding="utf-8")
PACKAGE = "coursetill_alumni"


def files() -> dict[str, str]:
    """Every file that the page gives, by its name."""
    found = re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return dict(found)


def written(folder: Path) -> Path:
    """The extension's source, written into folder."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def installed(source: Path, site: Path) -> Path:
    """The extension as pip installs it, with nothing fetched."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    how = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(site), str(source)]
    subprocess.run([*pip, *how], check=True, capture_output=True, text=True, timeout=120)
    return site
