"""The command that runs the payment gateway's simulator by itself."""

import re
import signal
import socket
from base64 import b64decode
from pathlib import Path

import pytest
import requests

from tests.entrypoints.cli.processes import inside
from tests.entrypoints.cli.servers import free_port, serving, status_of
from tests.entrypoints.cli.test_docs import MANUAL
from tests.entrypoints.settings.test_shop import GATEWAY

READY = "stdout:SECURE_ACCEPTANCE_KEYS"


KEYS = "COURSETILL_CYBERSOURCE_WEBHOOK_KEYS"


def exported(text: str) -> dict[str, str]:
    return dict(re.findall(r"^export (\w+)='?(.*?)'?$", text, re.MULTILINE))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_simulator_runs_until_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    port = str(free_port())
    with serving("simulator", "--port", port, ready=READY, settings={}, folder=tmp_path) as server:
        url = f"http://127.0.0.1:{port}"
        assert status_of(url) == 200
        settings = exported(server.said)
        assert settings["COURSETILL_CYBERSOURCE_URL"] == url
        assert inside("cybersource", "check", **settings).returncode == 0
        code, said, told = server.stopped(number)
    assert code == 0
    assert said.splitlines() == [f"export {name}={text}" for name, text in settings.items()]
    assert told.startswith(f"The simulator runs at {url}. No money moves.")
    assert told.endswith("The simulator has stopped, and what it knew is gone.\n")
    assert list(tmp_path.iterdir()) == []


def test_the_exports_in_the_manual_are_complete(tmp_path: Path) -> None:
    with serving("simulator", ready=READY, settings={}, folder=tmp_path) as server:
        settings = exported(server.said)
        assert server.stopped()[0] == 0
    url = settings["COURSETILL_CYBERSOURCE_URL"]
    manual = exported(MANUAL)
    # These are others at every start.
    key = re.fullmatch(r"[0-9a-f-]{36}:(\S+)", settings.pop(KEYS))
    assert key is not None
    assert manual.pop(KEYS) != key[0]
    assert {name: text.replace("9100", "PORT") for name, text in manual.items()} == {
        name: text.replace(url.rpartition(":")[2], "PORT") for name, text in settings.items()
    }
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert b"worthless" in b64decode(settings["COURSETILL_CYBERSOURCE_SHARED_SECRET"])


def test_the_simulator_writes_its_ledger_to_the_given_file(tmp_path: Path) -> None:
    for _ in range(2):
        asked = ("simulator", "--books", "books")
        with serving(*asked, ready=READY, settings={}, folder=tmp_path) as server:
            url = exported(server.said)["COURSETILL_CYBERSOURCE_URL"]
            assert requests.post(f"{url}/simulator/reset", json={}, timeout=5).status_code == 200
            code, _, told = server.stopped()
        assert code == 0
        assert told.endswith("The simulator has stopped, and what it knew is in books.\n")
    assert (tmp_path / "books").exists()


def test_the_simulator_refuses_a_ledger_file_with_other_content(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a letter\n", encoding="utf-8")
    done = inside("simulator", "--books", str(tmp_path / "notes"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "notes holds something else than the simulator's payments" in done.stderr


def test_the_simulator_refuses_to_start_beside_a_real_gateway() -> None:
    real = "https://api.cybersource.com"
    done = inside("simulator", **{**GATEWAY, "COURSETILL_CYBERSOURCE_URL": real})
    assert (done.returncode, done.stdout) == (1, "")
    assert f"COURSETILL_CYBERSOURCE_URL is {real}" in done.stderr
    assert GATEWAY["COURSETILL_CYBERSOURCE_SHARED_SECRET"] not in done.stderr


def test_an_occupied_port_is_reported_with_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = inside("simulator", "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Port {port} is in use. Choose another: coursetill simulator --port " in done.stderr
