"""examples/sell_one_course.py does what docs/embedding.md says, with the core and memory alone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
SCRIPT = (ROOT / "examples" / "sell_one_course.py").read_text(encoding="utf-8")
PRINTED = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)[1]

FOREIGN = "flask", "sqlalchemy", "click", "requests", "entrypoints", "adapters.sql", "sqlite3"


def ran(script, folder):
    """What a Python of its own prints when it runs script, with nothing in its environment."""
    file = folder / "sell.py"
    file.write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, file],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_the_script_sells_a_course_and_prints_the_documented_output(tmp_path):
    done = ran(SCRIPT, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, PRINTED, "")


def test_the_script_loads_no_framework_no_database_and_no_settings(tmp_path):
    asked = f"import sys\nprint(sorted(set({FOREIGN!r}) & set(sys.modules)))\n"
    done = ran(f"{SCRIPT}\n{asked}", tmp_path)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_script_is_about_thirty_lines_without_its_imports():
    lines = [line for line in SCRIPT.splitlines() if line.strip()]
    own = [line for line in lines if not line.startswith(("from ", "import "))]
    assert len(own) <= 32


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([a-z_]+/[\w/.]+)`", PAGE))))
def test_every_file_named_on_the_page_exists(path):
    assert (ROOT / path).exists()
