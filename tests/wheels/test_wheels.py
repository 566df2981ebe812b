"""The wheels hold what they must and nothing else, and the demo runs from them alone."""

from __future__ import annotations

import subprocess
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.entrypoints.cli.servers import free_port
from tests.wheels.environments import (
    ROOT,
    SHOP,
    SIMULATORS,
    FreshEnvironment,
    build_wheel,
    clean_environment,
    fresh_environment,
)

READY = "Ctrl-C stops everything."


@pytest.fixture(scope="session")
def shop_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT, SHOP, tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def simulators_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT / "simulators", SIMULATORS, tmp_path_factory.mktemp("simulators"))


@pytest.fixture(scope="session")
def shop_alone(shop_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> FreshEnvironment:
    """The shop as production installs it: its wheel and no extra."""
    environment = fresh_environment(tmp_path_factory.mktemp("production") / "venv")
    environment.install(shop_wheel)
    return environment


def files_in(wheel: Path) -> set[str]:
    """The files of a wheel without those that describe it."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def files_under(folder: Path, *packages: str) -> set[str]:
    """The files of these packages in the source folder."""
    return {
        str(path.relative_to(folder))
        for package in packages
        for path in (folder / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def metadata_of(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return archive.read(name).decode()


def test_the_wheel_of_the_shop_holds_all_its_packages_and_no_simulator(shop_wheel: Path) -> None:
    held = files_in(shop_wheel)
    pages = {f"entrypoints/cli/manual/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert held == files_under(ROOT, "core", "adapters", "entrypoints") | pages
    assert "entrypoints/cli/manual/configuration.md" in pages
    assert [name for name in held if name.endswith(".csv")] == []
    assert {name.split("/")[0] for name in held} == {"core", "adapters", "entrypoints"}


def test_each_package_of_the_shop_is_marked_as_typed(shop_wheel: Path) -> None:
    typed = {name for name in files_in(shop_wheel) if name.endswith("py.typed")}
    assert typed == {"core/py.typed", "adapters/py.typed", "entrypoints/py.typed"}


def test_the_wheel_of_the_simulators_holds_its_whole_package(simulators_wheel: Path) -> None:
    held = files_in(simulators_wheel)
    assert held == files_under(ROOT / "simulators", "coursetill_simulators")
    assert "coursetill_simulators/py.typed" in held
    assert "coursetill_simulators/demo/catalogue.csv" in held
    assert "License-Expression: BSD-3-Clause" in metadata_of(simulators_wheel)


def test_production_can_import_all_dependencies(
    shop_alone: FreshEnvironment, tmp_path: Path
) -> None:
    shop_alone.check()
    done = shop_alone.run("--version", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "coursetill 0.1.0\n"), done.stderr


def test_the_manual_is_read_from_the_wheel(shop_alone: FreshEnvironment, tmp_path: Path) -> None:
    for page in (ROOT / "docs").glob("*.md"):
        done = shop_alone.run("docs", page.stem, folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == page.read_text(encoding="utf-8")


def test_no_wheel_is_built_without_the_manual(tmp_path: Path) -> None:
    parts = tuple(part for part in SHOP if part != "docs")
    with pytest.raises(AssertionError, match="docs"):
        build_wheel(ROOT, parts, tmp_path)


@pytest.mark.parametrize("command", ["demo", "simulator"])
def test_a_command_without_the_simulators_shows_what_to_install(
    shop_alone: FreshEnvironment, tmp_path: Path, command: str
) -> None:
    done = shop_alone.run(command, folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: coursetill {command} needs the simulators, which are not installed. "
        'Install them: pip install "coursetill[demo]"\n'
    )
    assert list(tmp_path.iterdir()) == []


def test_the_help_of_every_command_works_without_the_simulators(
    shop_alone: FreshEnvironment, tmp_path: Path
) -> None:
    done = shop_alone.run("demo", "--help", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Run the whole shop on this machine" in done.stdout


def test_the_demo_runs_from_the_wheels(
    shop_wheel: Path, simulators_wheel: Path, tmp_path: Path
) -> None:
    environment = fresh_environment(tmp_path / "venv")
    found = ("--find-links", shop_wheel.parent, "--find-links", simulators_wheel.parent)
    environment.install(*found, "coursetill[demo]")
    environment.check()
    port, folder = free_port(), tmp_path / "anywhere"
    folder.mkdir()
    with subprocess.Popen(
        [environment.bin / "coursetill", "demo"],
        env=clean_environment({"PORT": str(port)}),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as demo:
        try:
            assert demo.stdout is not None
            said = ""
            while READY not in said and (line := demo.stdout.readline()):
                said += line
            assert READY in said, said
            page = f"http://127.0.0.1:{port}/"
            with urllib.request.urlopen(page, timeout=20) as reply:
                assert reply.status == 200
            records = {"COURSETILL_DATABASE_URL": f"sqlite:///{folder / 'var' / 'demo.db'}"}
            shown = environment.run("catalogue", "show", "SDS", folder=folder, **records)
            assert shown.returncode == 0, shown.stderr
            demo.terminate()
            rest, _ = demo.communicate(timeout=30)
        finally:
            demo.kill()
    assert demo.returncode == 0, said + rest
    assert "The demo has stopped." in rest
