"""The extension of docs/extensions.md, as source and as an installed package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "extensions.md").read_text(encoding="utf-8")
SOURCE = ROOT / "examples" / "alumni"
PACKAGE = "coursetill_alumni"


def files() -> dict[str, str]:
    """Every source file of the extension, by its name within its folder."""
    kept = {".py", ".html", ".toml", ".typed"}
    return {
        path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8")
        for path in SOURCE.rglob("*")
        if path.suffix in kept and path.parent != SOURCE / "tests"
    }


def written(folder: Path) -> Path:
    """The extension's source, copied into folder."""
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
