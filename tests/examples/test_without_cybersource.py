"""A copy of the product without CyberSource sells by the gateway of the example."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.test_house_rules import GATEWAY_HOMES

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info")

SALE = """
import sys
from datetime import timedelta

import requests

from core.identity import Learner, LearnerId
from core.products.product import CourseId, CourseRun, Product, Sku
from core.use_cases.checkout.place_order import PlaceOrder, place_order
from core.use_cases.payments.card_form import open_card_form, pay_with_token
from core.use_cases.shopping.basket import add_to_basket, show_basket
from coursetill_cardhouse.service import Books, cardhouse
from coursetill_simulators.serving.loopback import LoopbackServer
from coursetill_testing.contracts.samples import a_plain_run, changing
from entrypoints.composition.clock_and_ids import new_attempt_id, new_key, new_reference, now
from entrypoints.composition.shop import open_shop, upgrade_database
from entrypoints.settings.shop import read_settings
from entrypoints.web.app import create_app

secret = "worthless-secret-of-the-example-only"
books, ada = Books(secret, now), Learner(LearnerId("ada"), "ada@example.org", "Ada")
with LoopbackServer(lambda _: cardhouse(books), name="cardhouse") as server:
    environ = {
        "COURSETILL_DATABASE_URL": f"sqlite:///{sys.argv[1]}",
        "COURSETILL_SECRET_KEY": "a secret for this test alone, long enough",
        "COURSETILL_CARDHOUSE_URL": server.url,
        "COURSETILL_CARDHOUSE_MERCHANT": "us",
        "COURSETILL_CARDHOUSE_SECRET": secret,
        "COURSETILL_CARDHOUSE_TEST": "yes",
    }
    settings = read_settings(environ)
    upgrade_database(settings)
    shop = open_shop(settings)
    with changing(shop.begin) as work:
        work.products.add([a_plain_run("run-1", enrollment_opens_at=None)])
    add_to_basket(ada, Sku("run-1"), begin=shop.begin, now=now())
    due = show_basket(ada, read=shop.read, now=now()).quote.total
    how = {"begin": shop.begin, "gateway": shop.gateway, "now": now()}
    placing = PlaceOrder(new_key(), new_reference("CT"))
    reference = place_order(ada, due, placing, **how).reference
    how["hold"] = timedelta(minutes=30)
    opened = open_card_form(reference, ada.id, new_attempt_id(), **how)
    card = {"number": "4111111111111111"}
    token = requests.post(f"{opened.form.session}/cards", card, timeout=10).json()["token"]
    pay_with_token(opened.attempt.id, ada.id, token, **how)
    with shop.read() as work:
        print(work.orders.get(reference).state.value, books.captured() == due)
    page = create_app(shop).test_client()
    script = page.get("/gateways/cardhouse/card-form.js", base_url=settings.shop_url)
    assert script.status_code == 200, script.status
    assert not any("cybersource" in name for name in sys.modules)
    shop.close()
"""


def a_copy_without_cybersource(folder: Path) -> None:
    for part in ("core", "adapters", "entrypoints"):
        shutil.copytree(ROOT / part, folder / part, ignore=LEFT_OUT)
    for name in GATEWAY_HOMES:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    installed(folder, "coursetill", "")
    plugged = "[coursetill.gateways]\ncardhouse = coursetill_cardhouse:PLUGIN\n"
    installed(folder, "coursetill_cardhouse", plugged)


def installed(folder: Path, name: str, entry_points: str) -> None:
    """Write what an installation of the copy leaves behind; it counts before the tree's own."""
    found = folder / f"{name}-0.1.0.dist-info"
    found.mkdir()
    (found / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    (found / "entry_points.txt").write_text(entry_points)


def test_the_shop_sells_through_another_gateway_without_the_cybersource_package(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "copy"
    a_copy_without_cybersource(folder)
    (tmp_path / "sale.py").write_text(SALE, encoding="utf-8")
    others = [ROOT / "simulators", ROOT / "testing", ROOT / "examples" / "own_gateway"]
    # -S leaves out the editable installation, which would lead to the tree itself.
    packages = [path for path in sys.path if re.search(r"site-packages$", path)]
    done = subprocess.run(
        [sys.executable, "-S", str(tmp_path / "sale.py"), str(tmp_path / "shop.db")],
        env={"PYTHONPATH": ":".join(map(str, [folder, *others, *packages]))},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "paid True\n"), done.stderr
