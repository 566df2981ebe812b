"""The demo: its catalogue that never grows old, its codes, and the command that runs it."""

import json
import re
import signal
import socket
import stat
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from core.money import Money
from core.order_reference import Reference
from core.products.product import Product, Sku
from core.use_cases.checkout.place_order import PlaceOrder, place_order
from core.use_cases.payments.card_form import open_card_form, pay_with_token
from core.use_cases.shopping.basket import add_to_basket, show_basket
from coursetill_testing.command_line import ADA, CommandLine
from entrypoints.composition.clock_and_ids import new_attempt_id, new_reference
from entrypoints.composition.gateways.cybersource_plugin import setup_in
from entrypoints.composition.shop import Shop, open_shop
from entrypoints.processes.demo import (
    codes,
    create_codes,
    demo_rows,
    fill_catalogue,
    weeks_since,
)
from entrypoints.processes.errors import NotForTheDemo
from entrypoints.processes.gateways.cybersource import cards
from entrypoints.settings.shop import read_settings
from tests.adapters.cybersource.worlds import Browser
from tests.entrypoints.cli.processes import inside
from tests.entrypoints.cli.servers import free_port, serving, status_of
from tests.entrypoints.csv_files.test_catalogue import HEADER, row

READY = "stdout:Ctrl-C stops everything."
TURNED_AWAY = re.compile(r" WARNING waitress Canceling \d+ pending task\(s\)$")
"""The web server's own line about requests that came while it stopped."""


def product(till: CommandLine, sku: str) -> Product:
    with till.shop.read() as work:
        return work.products.get(Sku(sku))


@pytest.mark.parametrize(
    "today, weeks",
    [
        (date(2026, 11, 22), 0),
        (date(2026, 11, 28), 0),
        (date(2026, 11, 29), 1),
        (date(2027, 11, 21), 52),
        (date(2026, 11, 21), -1),
    ],
)
def test_the_catalogue_moves_forward_by_whole_weeks(today: date, weeks: int) -> None:
    assert weeks_since(today) == weeks


@pytest.mark.parametrize("days", [0, 3, 6, 7, 100, 1000, 4000])
def test_the_same_products_are_open_on_any_day(bare_till: CommandLine, days: int) -> None:
    bare_till.clock.advance(days=days)
    fill_catalogue(begin=bare_till.shop.begin, now=bare_till.clock())
    now = bare_till.clock()
    assert product(bare_till, "6.431x-1T2027").why_not(now) is None
    assert product(bare_till, "6.431x-3T2026").why_not(now) is None
    assert product(bare_till, "6.431x-2T2027").why_not(now) is not None
    assert product(bare_till, "7.QBWx-2T2026").why_not(now) is not None


def test_moved_dates_keep_their_weekday_and_time() -> None:
    rows = dict(demo_rows(0)), dict(demo_rows(53))
    for line, before in rows[0].items():
        after = rows[1][line]
        for column, text in before.items():
            if column in {"enrollment_opens", "payment_deadline", "starts", "ends"} and text:
                moved = datetime.fromisoformat(after[column]) - datetime.fromisoformat(text)
                assert moved == timedelta(weeks=53)
            else:
                assert after[column] == text


def test_a_second_start_on_the_same_day_changes_nothing(till: CommandLine) -> None:
    till.clock.advance(hours=5)
    plan = fill_catalogue(begin=till.shop.begin, now=till.clock())
    assert (plan.added, plan.changed, plan.unchanged) == ((), (), 123)


def test_a_start_a_week_later_moves_windows_and_no_price(till: CommandLine) -> None:
    till.clock.advance(days=7)
    plan = fill_catalogue(begin=till.shop.begin, now=till.clock())
    assert (len(plan.changed), plan.repriced) == (123, 0)


def test_a_price_changed_in_the_demo_stays(till: CommandLine) -> None:
    till.ok("catalogue", "reprice", "6.431x-1T2027", "315.07", "--reason", "x")
    till.clock.advance(days=8)
    fill_catalogue(begin=till.shop.begin, now=till.clock())
    assert product(till, "6.431x-1T2027").price == Money.of("315.07")
    assert product(till, "6.431x-1T2027").price_version.number == 2


def test_another_shop_is_not_filled_with_demo_data(bare_till: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER}\n{row()}\n", encoding="utf-8")
    bare_till.ok("catalogue", "import", str(path))
    with pytest.raises(NotForTheDemo, match="holds another catalogue"):
        fill_catalogue(begin=bare_till.shop.begin, now=bare_till.clock())
    assert len(bare_till.shape("catalogue", "list")["products"]) == 1


def test_demo_codes_are_created_once(till: CommandLine) -> None:
    for _ in range(2):
        create_codes(begin=till.shop.begin, now=till.clock(), weeks=0)
    usable = {each["code"]: each["usable"] for each in till.shape("discounts", "list")["discounts"]}
    assert usable == {
        "CALCULUS29": True,
        "EARLYBIRD": True,
        "ONCE50": True,
        "SUMMER20": False,
        "WELCOME25": True,
    }
    assert {written.code for written, _ in codes(0)} == set(usable)


def test_the_listed_test_cards_belong_to_the_simulator() -> None:
    told = dict(cards())
    assert told["4111111111111111"] == "Visa: paid"
    assert told["4000000000002032"] == "General decline of the card"


def environment_in(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^export (\w+)='?(.*?)'?$", path.read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_runs_until_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    port = str(free_port())
    with serving("demo", ready=READY, settings={"PORT": port}, folder=tmp_path) as demo:
        assert status_of(f"http://127.0.0.1:{port}/") == 200
        places = re.findall(r"http://127\.0\.0\.1:\d+", demo.said)
        assert [status_of(place) for place in places] == [200, 200, 200, 200]
        for told in ("4111 1111 1111 1111", "WELCOME25", ". var/demo.env", "orders find"):
            assert told in demo.said

        written = tmp_path / "var" / "demo.env"
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
        settings = environment_in(written)
        assert inside("doctor", **settings).returncode == 0
        assert inside("orders", "find", **settings).returncode == 0
        assert "LaunchX" in inside("catalogue", "list", "--limit", "500", **settings).stdout

        code, _, told = demo.stopped(number)
    assert code == 0
    first, *between, last = told.splitlines()
    assert first == "Starting the demo"
    assert last == "The demo has stopped. What was bought is kept."
    assert [line for line in between if not TURNED_AWAY.search(line)] == []
    assert (tmp_path / "var" / "demo.db").exists()


def bought(shop: Shop, sku: str, card: str) -> Reference:
    """The reference of an order that was paid by this card at the simulator."""
    begin, now, gateway = shop.begin, shop.now(), shop.gateway
    add_to_basket(ADA, Sku(sku), begin=begin, now=now)
    total = show_basket(ADA, read=shop.read, now=now).quote.total
    placing = PlaceOrder("request-0001", new_reference("CT"))
    reference = place_order(ADA, total, placing, begin=begin, gateway=gateway, now=now).reference
    hold = timedelta(minutes=30)
    more: dict[str, Any] = {"begin": begin, "gateway": gateway, "now": now, "hold": hold}
    opened = open_card_form(reference, ADA.id, new_attempt_id(), **more)
    text = Browser(setup_in(shop.settings).account.url).type_card(opened.form, card)
    pay_with_token(opened.attempt.id, ADA.id, text, **more)
    return reference


def test_a_second_terminal_uses_the_same_shop(tmp_path: Path) -> None:
    port = {"PORT": str(free_port())}
    with serving("demo", ready=READY, settings=port, folder=tmp_path) as demo:
        settings = environment_in(tmp_path / "var" / "demo.env")
        shop = open_shop(read_settings(settings))
        reference = bought(shop, "6.431x-1T2027", "4111111111111111")
        refund = ("orders", "refund", reference, "--reason", "moved away", "--yes")
        for options in (("--amount", "100.01"), ()):
            done = inside(*refund, *options, **settings)
            assert (done.returncode, done.stderr[-30:]) == (0, done.stderr[-30:]), done.stderr
        shown = json.loads(inside("orders", "show", reference, "--json", **settings).stdout)
        events = inside(
            "outbox", "list", "--order", reference, "--to", "platform", **settings
        ).stdout
        shop.close()
        assert demo.stopped()[0] == 0
    assert shown["state"] == "refunded"
    assert shown["transactions"][0]["card"] == {"brand": "Visa", "last_four": "1111"}
    assert [refund["amount"]["amount"] for refund in shown["refunds"]] == ["100.01", "199.99"]
    assert events.count(f"{reference}/") == 6


def test_the_gateway_of_the_demo_sends_webhooks_to_its_shop(tmp_path: Path) -> None:
    port = {"PORT": str(free_port())}
    with serving("demo", ready=READY, settings=port, folder=tmp_path) as demo:
        settings = environment_in(tmp_path / "var" / "demo.env")
        gateway = settings["COURSETILL_CYBERSOURCE_URL"]
        shop = open_shop(read_settings(settings))
        reference = bought(shop, "6.431x-1T2027", "4111111111111111")
        shop.close()
        # What is due is sent now, and once more should a round of its own have been under way.
        for _ in range(2):
            sent = requests.post(f"{gateway}/simulator/webhooks/rounds", json={}, timeout=10)
            assert sent.ok
        listed = json.loads(inside("inbox", "list", "--json", **settings).stdout)["messages"]
        assert demo.stopped()[0] == 0
    assert {each["reference"] for each in listed} == {reference}
    assert {each["state"] for each in listed} == {"acted"}
    key = settings["COURSETILL_CYBERSOURCE_WEBHOOK_KEYS"]
    with serving("demo", ready=READY, settings=port, folder=tmp_path) as demo:
        again = environment_in(tmp_path / "var" / "demo.env")
        assert demo.stopped()[0] == 0
    assert again["COURSETILL_CYBERSOURCE_WEBHOOK_KEYS"] != key


def test_a_purchase_of_an_earlier_demo_run_can_be_refunded(tmp_path: Path) -> None:
    port = {"PORT": str(free_port())}
    with serving("demo", ready=READY, settings=port, folder=tmp_path) as demo:
        shop = open_shop(read_settings(environment_in(tmp_path / "var" / "demo.env")))
        reference = bought(shop, "6.431x-1T2027", "4111111111111111")
        shop.close()
        assert demo.stopped()[0] == 0
    with serving("demo", ready=READY, settings=port, folder=tmp_path) as demo:
        settings = environment_in(tmp_path / "var" / "demo.env")
        done = inside("orders", "refund", reference, "--reason", "moved", "--yes", **settings)
        shown = json.loads(inside("orders", "show", reference, "--json", **settings).stdout)
        assert demo.stopped()[0] == 0
    assert (done.returncode, shown["state"]) == (0, "refunded"), done.stderr


def test_the_demo_reports_a_ledger_file_with_other_content(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "demo.db.gateway").write_text("a letter\n", encoding="utf-8")
    settings = {"PORT": str(free_port())}
    with serving("demo", ready=READY, settings=settings, folder=tmp_path) as demo:
        code, _, told = demo.stopped()
    assert code == 1
    assert "demo.db.gateway holds something else than the simulator's payments" in told


def test_the_demo_uses_the_given_database(tmp_path: Path, bare_database_url: str) -> None:
    settings = {"PORT": str(free_port()), "COURSETILL_DATABASE_URL": bare_database_url}
    with serving("demo", ready=READY, settings=settings, folder=tmp_path) as demo:
        assert demo.stopped()[0] == 0
    assert not (tmp_path / "var" / "demo.db").exists()
    assert (
        inside("catalogue", "show", "SDS", COURSETILL_DATABASE_URL=bare_database_url).returncode
        == 0
    )


@pytest.mark.parametrize(
    "extra, retry",
    [
        ({}, "PORT={} coursetill demo"),
        ({"MAKELEVEL": "1"}, "PORT={} make run"),
        ({"COURSETILL_PORT": "taken"}, "COURSETILL_PORT={} coursetill demo"),
    ],
)
def test_an_occupied_port_is_reported_before_anything_starts(
    tmp_path: Path, extra: dict[str, str], retry: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = {
            name: str(port) if text == "taken" else text
            for name, text in {"PORT": "taken", **extra}.items()
        }
        with serving("demo", ready=READY, settings=settings, folder=tmp_path) as demo:
            code, said, told = demo.stopped()
    assert (code, said) == (1, "")
    again = retry.format(port + 1 if port < 65535 else 8001)
    assert told == f"Error: Port {port} is in use. Choose another: {again}\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file stands in the way", encoding="utf-8")
    settings = {"PORT": str(free_port())}
    with serving("demo", ready=READY, settings=settings, folder=tmp_path) as demo:
        code, _, told = demo.stopped()
    assert code == 1
    assert "The folder var cannot be made here" in told


def test_the_demo_refuses_to_start_beside_a_real_gateway(tmp_path: Path) -> None:
    settings = {
        "PORT": str(free_port()),
        "COURSETILL_CYBERSOURCE_URL": "https://api.cybersource.com",
        "COURSETILL_CYBERSOURCE_MERCHANT_ID": "school",
        "COURSETILL_CYBERSOURCE_KEY_ID": "12345678-1234-1234-1234-123456789012",
        "COURSETILL_CYBERSOURCE_SHARED_SECRET": "c2VjcmV0LXRoYXQtb3BlbnMtbm90aGluZw==",
    }
    with serving("demo", ready=READY, settings=settings, folder=tmp_path) as demo:
        code, _, told = demo.stopped()
    assert code == 1
    assert "api.cybersource.com" in told
    assert not (tmp_path / "var" / "demo.db").exists()
