"""The extension that docs/extensions.md writes, as files and as an installed package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[3]
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
    """The extension as pip would leave it in site: its wheel, built and unpacked."""
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    call = [sys.executable, "-c", build, str(site)]
    subprocess.run(call, cwd=source, check=True, capture_output=True, text=True, timeout=120)
    [wheel] = site.glob("*.whl")
    with ZipFile(wheel) as packed:
        packed.extractall(site)
    wheel.unlink()
    return site
