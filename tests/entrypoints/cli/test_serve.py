"""The command that serves the shop's pages."""

import signal
import socket
from pathlib import Path

import pytest

from tests.entrypoints.cli.processes import run
from tests.entrypoints.cli.servers import free_port, serving, status_of

READY = "INFO coursetill.serving serving"


@pytest.fixture
def ready(sqlite_url: str) -> dict[str, str]:
    return {
        "PORT": str(free_port()),
        "COURSETILL_DATABASE_URL": sqlite_url,
        "COURSETILL_SECRET_KEY": "a-key-for-tests-that-is-long-enough",
        "COURSETILL_SIGN_IN": "demo",
        "COURSETILL_CYBERSOURCE_URL": "http://127.0.0.1:9",
        "COURSETILL_CYBERSOURCE_MERCHANT_ID": "simulated_merchant",
        "COURSETILL_CYBERSOURCE_KEY_ID": "00000000-0000-4000-8000-000000000000",
        "COURSETILL_CYBERSOURCE_SHARED_SECRET": "c2VjcmV0LXRoYXQtb3BlbnMtbm90aGluZw==",
        "COURSETILL_CYBERSOURCE_SIMULATOR": "yes",
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("worker", ["yes", "no"])
def test_the_shop_is_served_until_it_is_stopped(
    ready: dict[str, str], tmp_path: Path, number: signal.Signals, worker: str
) -> None:
    settings = {**ready, "COURSETILL_WORKER": worker}
    with serving("serve", ready=READY, settings=settings, folder=tmp_path) as server:
        assert status_of(f"http://127.0.0.1:{ready['PORT']}/") == 200
        code, said, _ = server.stopped(number)
    assert code == 0
    assert said.splitlines()[-1].endswith("INFO coursetill.serving stopped")
    assert "Traceback" not in said


def test_a_second_ctrl_c_does_not_interrupt_the_shutdown(
    ready: dict[str, str], tmp_path: Path
) -> None:
    with serving("serve", ready=READY, settings=ready, folder=tmp_path) as server:
        assert status_of(f"http://127.0.0.1:{ready['PORT']}/") == 200
        server.process.send_signal(signal.SIGINT)
        server.process.send_signal(signal.SIGTERM)
        code, said, _ = server.stopped(signal.SIGINT)
    assert code == 0
    assert "Traceback" not in said


def test_every_missing_setting_is_named(sqlite_url: str) -> None:
    done = run("serve", COURSETILL_DATABASE_URL=sqlite_url)
    assert done.returncode == 2
    for name in ("SECRET_KEY", "CYBERSOURCE_URL", "SIGN_IN"):
        assert f"COURSETILL_{name}" in done.stderr


def test_an_occupied_port_is_reported_with_a_free_one(ready: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", **{**ready, "PORT": str(port)})
    assert done.returncode == 1
    another = port + 1 if port < 65535 else 8001
    assert done.stderr == (
        f"Error: Port {port} is in use. Choose another: PORT={another} coursetill serve\n"
    )


def test_an_occupied_port_is_reported_before_the_database_is_opened(ready: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = {
            **ready,
            "PORT": str(taken.getsockname()[1]),
            "COURSETILL_DATABASE_URL": "sqlite:////nowhere/shop.db",
        }
        assert "is in use" in run("serve", **settings).stderr


@pytest.mark.parametrize("bind", ["203.0.113.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_cannot_be_used(ready: dict[str, str], bind: str) -> None:
    done = run("serve", COURSETILL_BIND=bind, **ready)
    assert done.returncode == 1
    assert f"The shop cannot listen on {bind}, port {ready['PORT']}: " in done.stderr


def test_a_database_without_tables_is_reported_before_the_start(
    ready: dict[str, str], bare_sqlite_url: str
) -> None:
    done = run("serve", **{**ready, "COURSETILL_DATABASE_URL": bare_sqlite_url})
    assert done.returncode == 75
    assert "Next: coursetill db upgrade" in done.stderr


def test_an_error_is_logged_on_one_line(
    ready: dict[str, str], tmp_path: Path, sqlite_url: str
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with serving("serve", ready=READY, settings=ready, folder=tmp_path) as server:
        # The database is gone while pages are served.
        path.write_bytes(b"this is not a database" * 100)
        status = status_of(f"http://127.0.0.1:{ready['PORT']}/")
        code, said, _ = server.stopped()
    assert status >= 500
    assert code == 0
    lines = said.splitlines()
    assert all(line[:4].isdigit() for line in lines if not line.startswith("Serving"))
