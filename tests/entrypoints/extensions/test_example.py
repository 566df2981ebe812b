"""The extension of docs/extensions.md: installed, turned on, and used by learners and staff."""

import importlib
import json
import os
import re
import subprocess
import sys

import attrs
import pytest

from core.discount_code import OfferCode, PaymentType
from core.identity import Actor, LearnerId
from core.orders.order import OrderSearch
from core.products.catalogue_rows import COLUMNS
from core.use_cases.catalogue.import_catalogue import import_catalogue
from coursetill_testing.web_pages import Page
from entrypoints.composition.shop import open_shop, upgrade_database
from entrypoints.extensions import loader
from entrypoints.settings.shop import read_settings
from entrypoints.web.app import create_app
from tests.entrypoints.cli.processes import environment, inside
from tests.entrypoints.extensions.manual_page import PACKAGE, PAGE, ROOT, files

SKU = "14.310x-1T2027"
CLERK = Actor.staff("clerk")


@attrs.frozen
class Console:
    """A terminal in an environment that has the extension installed."""

    address: str

    def run(self, *arguments, on=True, **settings):
        named = {"COURSETILL_EXTENSIONS": "alumni"} if on else {}
        return inside(*arguments, COURSETILL_DATABASE_URL=self.address, **named, **settings)

    def standing(self, **how):
        # Those of this repository may be installed beside it.
        told = json.loads(self.run("extensions", "--json", **how).stdout)["extensions"]
        return next(each for each in told if each["name"] == "alumni")


@pytest.fixture
def console(site, bare_sqlite_url, monkeypatch):
    monkeypatch.syspath_prepend(site)
    return Console(bare_sqlite_url)


def test_an_installed_extension_is_off_until_it_is_enabled(console):
    assert console.standing(on=False) == {
        "name": "alumni",
        "version": "1.0.0",
        "says": "Half price for alumni.",
        "state": "off",
        "brings": [],
        "problem": None,
        "next": None,
        "readers": [],
        "jobs": [],
    }
    told = console.run("--help", on=False).stdout
    assert "alumni" not in told
    done = console.run("alumni", "add", "ada@example.org", on=False)
    assert (done.returncode, "No such command 'alumni'" in done.stderr) == (2, True)


def test_the_upgrade_includes_the_extension(console):
    assert console.run("db", "upgrade", on=False).returncode == 0
    found = console.standing()
    assert (found["state"], found["next"]) == ("broken", "coursetill db upgrade")
    refused = console.run("catalogue", "list")
    assert refused.returncode == 75
    assert "The extension alumni has no tables yet. Run `coursetill db upgrade`" in refused.stderr
    status = console.run("db", "status", "--json")
    assert status.returncode == 1
    assert json.loads(status.stdout) == {"state": "at head", "extensions": {"alumni": "empty"}}
    assert "is up to date now" in console.run("db", "upgrade").stdout
    assert console.run("db", "status").returncode == 0
    assert console.run("catalogue", "list").returncode == 0
    brings = ["prices", "pages", "links", "commands", "tables", "records"]
    assert console.standing()["brings"] == brings
    assert "ok       alumni: it is on" in console.run("doctor").stdout


def test_its_commands_have_its_name_and_require_a_staff_name(console):
    console.run("db", "upgrade")
    told = console.run("--help").stdout
    assert "Commands of extensions:\n  alumni  Half price for alumni." in told
    done = console.run("alumni", "add", "ada@example.org", "--as", "ann")
    assert (done.returncode, done.stdout) == (0, "ada@example.org is on the list, says ann.\n")
    nobody = console.run("alumni", "add", "ada@example.org")
    assert (nobody.returncode, "--as NAME" in nobody.stderr) == (2, True)
    helped = console.run("alumni", "add", "--help").stdout
    assert "Example:\n  coursetill alumni add ada@example.org --as ann" in helped


@pytest.mark.parametrize(
    "name, text, says",
    [
        ("PERCENT", "all", 'COURSETILL_ALUMNI_PERCENT is "all": use a number from 1 to 100'),
        ("PERCENTS", "50", "COURSETILL_ALUMNI_PERCENTS is not a setting"),
    ],
)
def test_its_settings_are_validated_like_the_shops(console, name, text, says):
    console.run("db", "upgrade")
    done = console.run("catalogue", "list", **{f"COURSETILL_ALUMNI_{name}": text})
    assert (done.returncode, says in done.stderr) == (2, True)
    doctor = console.run("doctor", **{f"COURSETILL_ALUMNI_{name}": text})
    assert (doctor.returncode, says in doctor.stdout) == (1, True)


def test_settings_of_a_disabled_extension_are_unknown(console):
    done = console.run("catalogue", "list", on=False, COURSETILL_ALUMNI_PERCENT="50")
    assert (done.returncode, "COURSETILL_ALUMNI_PERCENT is not a setting" in done.stderr) == (
        2,
        True,
    )


@pytest.fixture
def shop(site, database_url, monkeypatch):
    """A shop with the extension on, on each database, that sells one course run."""
    monkeypatch.syspath_prepend(site)
    settings = read_settings(
        {
            "COURSETILL_DATABASE_URL": database_url,
            "COURSETILL_EXTENSIONS": "alumni",
            "COURSETILL_SIGN_IN": "demo",
            "COURSETILL_SHOP_URL": "http://localhost",
            "COURSETILL_SECRET_KEY": "a secret for these tests alone, long enough",
        }
    )
    upgrade_database(settings)
    opened = open_shop(settings)
    row = dict.fromkeys(COLUMNS, "") | {
        "sku": SKU,
        "kind": "course-run",
        "readable_id": "course-v1:MITxT+14.310x+1T2027",
        "course": "course-v1:MITxT+14.310x",
        "title": "Data Analysis",
        "price": "39.33",
        "currency": "USD",
    }
    import_catalogue([(1, row)], by=CLERK, why="", begin=opened.begin, now=opened.now())
    yield opened
    opened.close()


@attrs.define
class Browser:
    """Ada, with a browser."""

    client: object

    def visit(self, address):
        return Page(self.client.get(address))

    def press(self, address, action, **filled):
        return Page(
            self.client.post(action, data={**self.visit(address).form(action).fields, **filled})
        )


@pytest.fixture
def ada(shop):
    browser = Browser(create_app(shop).test_client())
    browser.press("/sign-in/demo", "/sign-in/demo", name="Ada Lovelace")
    return browser


def test_a_registered_alumna_pays_half(shop, ada):
    product = ada.visit(f"/products/{SKU}")
    assert "$39.33" in product.text
    assert product.links_to("/alumni/")
    ada.press("/alumni/", "/alumni/")
    assert "You are on our list since" in ada.visit("/alumni/").text
    told = "$19.66 50 % off: you are one of our alumni (ALUMNI/HALF)"
    assert "$19.66" in ada.visit(f"/products/{SKU}").text
    ada.press(f"/products/{SKU}", "/basket/items")
    assert told in ada.visit("/basket").text
    assert told in ada.visit("/checkout").text
    placed = ada.press("/checkout", "/checkout")
    with shop.read() as work:
        [order] = work.orders.search(OrderSearch())
    assert placed.location == f"/orders/{order.reference}/pay"
    [line] = order.lines
    assert (str(order.total), line.reduction.code) == ("$19.66", OfferCode("alumni", "HALF"))
    assert line.reduction.payment_type is PaymentType.MARKETING
    assert "50 % off: ALUMNI/HALF" in ada.visit(f"/orders/{order.reference}").text


def test_its_page_requires_a_learner_and_its_form_a_csrf_token(shop, ada):
    stranger = Browser(create_app(shop).test_client())
    assert stranger.visit("/alumni/").location == "/sign-in?next=/alumni/"
    assert ada.client.post("/alumni/").status_code == 400
    assert "You are on our list" not in ada.visit("/alumni/").text
    answer = ada.client.get("/alumni/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert ada.visit("/alumni/none").status == 404


def test_its_data_about_a_learner_is_exported_and_erased(shop, ada):
    ada.press("/alumni/", "/alumni/")
    her = LearnerId("whoever"), "Ada-Lovelace@example.org"
    [(name, kept)] = loader.export_from_extensions(shop.extensions, *her).items()
    assert (name, list(kept)) == ("alumni", ["alumnus_since"])
    assert loader.erase_from_extensions(shop.extensions, *her) == ["alumni"]
    assert loader.erase_from_extensions(shop.extensions, *her) == ["alumni"]
    assert loader.export_from_extensions(shop.extensions, *her) == {"alumni": {}}


def contracts_kept(source, folder):
    rules = (ROOT / "extensions" / "imports.ini").read_text(encoding="utf-8")
    config = folder / "imports.ini"
    config.write_text(rules.replace("PACKAGE", PACKAGE), encoding="utf-8")
    call = "import sys; from importlinter.cli import lint_imports_command as c; c()"
    done = subprocess.run(
        [sys.executable, "-c", call, "--no-logo", "--no-cache", "--config", str(config)],
        cwd=source,
        env={**environment({}), "PYTHONPATH": os.pathsep.join([str(ROOT), str(source)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout


def test_the_example_imports_public_modules_only(source, tmp_path):
    code, told = contracts_kept(source, tmp_path)
    assert (code, "2 kept, 0 broken" in told) == (0, True), told


@pytest.mark.parametrize("module", ["adapters.sql.tables", "entrypoints.composition.shop"])
def test_an_import_of_a_private_module_is_found(source, tmp_path, module):
    copied = tmp_path / PACKAGE
    copied.mkdir()
    for name, text in files().items():
        if name.endswith("__init__.py"):
            (copied / "__init__.py").write_text(f"{text}\nimport {module}\n", encoding="utf-8")
    code, told = contracts_kept(tmp_path, tmp_path)
    assert (code, f"-> {module}" in told) == (1, True), told


def test_the_page_lists_every_public_module():
    rules = (ROOT / "extensions" / "imports.ini").read_text(encoding="utf-8")
    lines = [line.partition(" -> ") for line in rules.splitlines() if " -> " in line]
    roots = {module for who, _, module in lines if who.strip() == "PACKAGE"}
    below = {module for who, _, module in lines if who.strip() == "PACKAGE.**"}
    assert roots == below
    for module in roots:
        assert f"`{module.replace('.', '/')}.py`" in PAGE


def renamed():
    """What the page says has moved: the module of version 2, and the names it has there."""
    table = PAGE.partition("## From version 1 to version 2")[2]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 5 and cells[2].startswith("`"):
            yield cells[2].strip("`"), re.findall(r"→ `(\w+)`(?! in)", cells[3])


def test_every_module_and_name_listed_as_moved_exists():
    found = list(renamed())
    assert len(found) > 50
    for module, names in found:
        there = vars(importlib.import_module(module))
        members = {name for each in there.values() if isinstance(each, type) for name in dir(each)}
        assert [name for name in names if name not in there and name not in members] == []
