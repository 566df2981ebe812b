"""The commands of the catalogue."""

import json
from pathlib import Path

import pytest

from core.identity import Actor
from core.products.product import Listing, Sku
from core.use_cases.catalogue.edit_product import set_listing
from coursetill_simulators.demo import DEMO_CATALOGUE
from coursetill_testing.command_line import CommandLine

WHY = ("--reason", "fees of 2027")
HEADER = DEMO_CATALOGUE.read_text(encoding="utf-8").splitlines()[0]
ROW = "X-1T2027,course-run,course-v1:T+X+1T2027,Odd cents,39.33,USD,course-v1:T+X,,,,,,"
PROGRAM = 'P,program,program-v1:T+P,"A, B",99.99,USD,,course-v1:T+X,,,,,'


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.csv"
    path.write_text(f"{HEADER}\n{ROW}\n{PROGRAM}\n", encoding="utf-8")
    return path


def prices(till: CommandLine, sku: str) -> list[str]:
    shown = till.shape("catalogue", "show", sku)
    return [version["price"]["amount"] for version in shown["prices"]]


def test_an_import_reports_what_it_added(bare_till: CommandLine, written: Path) -> None:
    told = bare_till.ok("catalogue", "import", str(written))
    assert "+ X-1T2027  $39.33  Odd cents" in told
    assert "Added 2, changed 0, unchanged 0." in told


def test_a_second_import_changes_nothing(bare_till: CommandLine, written: Path) -> None:
    bare_till.ok("catalogue", "import", str(written))
    told = bare_till.shape("catalogue", "import", str(written))
    assert told == {"dry_run": False, "added": [], "changed": [], "unchanged": 2, "repriced": 0}
    assert prices(bare_till, "X-1T2027") == ["39.33"]


def test_a_changed_price_adds_one_version(bare_till: CommandLine, written: Path) -> None:
    bare_till.ok("catalogue", "import", str(written))
    text = written.read_text(encoding="utf-8").replace("39.33", "41.07")
    written.write_text(text, encoding="utf-8")
    told = bare_till.ok("catalogue", "import", str(written))
    assert "~ X-1T2027  price $39.33 → $41.07" in told
    assert "changed 1 (1 new price), unchanged 1." in told
    bare_till.ok("catalogue", "import", str(written))
    assert prices(bare_till, "X-1T2027") == ["39.33", "41.07"]


def test_a_dry_run_shows_the_plan_and_changes_nothing(
    bare_till: CommandLine, written: Path
) -> None:
    told = bare_till.ok("catalogue", "import", str(written), "--dry-run")
    assert "+ P  $99.99  A, B" in told
    assert "Would add 2, change 0, unchanged 0." in told
    assert bare_till.shape("catalogue", "list")["products"] == []


def test_an_import_reads_stdin(bare_till: CommandLine, written: Path) -> None:
    result = bare_till.run("catalogue", "import", "-", typed=written.read_bytes())
    assert "Added 2" in result.stdout


def test_the_demo_catalogue_is_imported_unchanged(bare_till: CommandLine) -> None:
    told = bare_till.shape("catalogue", "import", str(DEMO_CATALOGUE))
    assert (len(told["added"]), told["changed"]) == (123, [])
    assert bare_till.shape("catalogue", "import", str(DEMO_CATALOGUE))["unchanged"] == 123


def test_a_product_outside_the_file_is_unchanged(till: CommandLine, written: Path) -> None:
    till.ok("catalogue", "import", str(written))
    assert till.shape("catalogue", "show", "SDS")["listing"] == "on-sale"


def test_a_missing_file_is_wrong_usage(bare_till: CommandLine, tmp_path: Path) -> None:
    result = bare_till.run("catalogue", "import", str(tmp_path / "nowhere.csv"))
    assert result.exit_code == 2
    assert "nowhere.csv cannot be read: No such file or directory" in result.stderr


def test_the_list_shows_hidden_and_withdrawn_products_too(till: CommandLine) -> None:
    till.ok("catalogue", "withdraw", "SDS")
    till.ok("catalogue", "hide", "FIN")
    told = till.ok("catalogue", "list", "--kind", "program")
    assert " withdrawn " in told
    assert " open, hidden " in told


def test_a_search_matches_all_words(till: CommandLine) -> None:
    found = till.shape("catalogue", "list", "--search", "science PROBABILITY 1t2027")
    assert [product["sku"] for product in found["products"]] == ["6.431x-1T2027"]


def test_open_lists_only_products_on_sale(till: CommandLine) -> None:
    found = till.shape("catalogue", "list", "--open", "--limit", "500")["products"]
    skus = {product["sku"] for product in found}
    assert "6.431x-1T2027" in skus
    assert not {"6.431x-2T2027", "7.QBWx-2T2026"} & skus
    assert all(product["open"] for product in found)


def test_pages_of_the_list_have_no_gap(till: CommandLine) -> None:
    whole = till.shape("catalogue", "list", "--limit", "500")
    assert (len(whole["products"]), whole["next"]) == (123, None)
    first = till.shape("catalogue", "list", "--limit", "100")
    rest = till.shape("catalogue", "list", "--limit", "100", "--after", first["next"])
    assert [*first["products"], *rest["products"]] == whole["products"]


def test_a_page_that_is_not_the_last_shows_how_to_continue(till: CommandLine) -> None:
    result = till.run("catalogue", "list", "--limit", "1")
    assert result.stderr == "There are more: --after DEDP\n"


def test_a_program_is_shown_with_the_runs_of_its_courses(till: CommandLine) -> None:
    shown = till.shape("catalogue", "show", "MECH")
    assert [run["sku"] for run in shown["runs"]] == [
        "8.01.1x-3T2026",
        "8.01.2x-3T2026",
        "8.01.3x-3T2026",
        "8.01.1x-1T2027",
        "8.01.2x-1T2027",
        "8.01.3x-1T2027",
    ]
    assert "8.01.2x-1T2027" in till.ok("catalogue", "show", "MECH")


def test_a_run_is_shown_with_its_programs_and_seats(till: CommandLine) -> None:
    told = till.ok("catalogue", "show", "3.012Sx-1T2027")
    assert "Seats          40 of 40 left" in told
    programs = till.shape("catalogue", "show", "6.431x-1T2027")["in_programs"]
    assert [program["sku"] for program in programs] == ["SDS"]


def test_times_are_shown_in_the_zone_of_the_shop_with_its_offset(till: CommandLine) -> None:
    deadline = till.shape("catalogue", "show", "6.431x-1T2027")["payment_deadline_at"]
    assert deadline == "2027-03-31T19:59:59-04:00"
    told = till.ok("catalogue", "show", "6.431x-1T2027")
    assert "from 2026-10-14 20:00-04:00 until 2027-03-31 19:59-04:00" in told


def test_a_new_price_is_shown_with_the_old_one(till: CommandLine) -> None:
    told = till.ok("catalogue", "reprice", "6.431x-1T2027", "315.07", *WHY)
    assert told == "6.431x-1T2027 now costs $315.07; it was $300.00. Price version 2.\n"
    assert prices(till, "6.431x-1T2027") == ["300.00", "315.07"]


def test_the_product_shows_who_changed_its_price_and_why(till: CommandLine) -> None:
    till.ok("catalogue", "reprice", "6.431x-1T2027", "315.07", *WHY, "--as", "zoe")
    shown = till.shape("catalogue", "show", "6.431x-1T2027")["changes"]
    told = [(entry["what"], entry["by"], entry["why"]) for entry in shown]
    assert told == [
        ("price $300.00 → $315.07", "staff zoe", "fees of 2027"),
        ("added at $300.00", "staff demo", "the demo's"),
    ]
    assert "price $300.00 → $315.07" in till.ok("catalogue", "show", "6.431x-1T2027")


@pytest.mark.parametrize(
    "command",
    [
        ("catalogue", "import", str(DEMO_CATALOGUE)),
        ("catalogue", "reprice", "SDS", "1.01", *WHY),
        ("catalogue", "withdraw", "SDS"),
        ("discounts", "create", "SPRING", "--kind", "percent-off", "--amount", "20"),
    ],
)
def test_a_change_requires_a_staff_name(till: CommandLine, command: tuple[str, ...]) -> None:
    result = till.by_nobody().run(*command)
    assert result.exit_code == 2
    assert "--as NAME, or COURSETILL_STAFF=NAME" in result.stderr
    assert len(till.shape("journal", "--staff", "ann")["entries"]) == 0


def test_a_new_price_requires_a_reason(till: CommandLine) -> None:
    result = till.run("catalogue", "reprice", "6.431x-1T2027", "315.07")
    assert result.exit_code == 2
    assert "--reason" in result.stderr


def test_the_same_price_adds_no_version(till: CommandLine) -> None:
    assert "already" in till.ok("catalogue", "reprice", "6.431x-1T2027", "300.00", *WHY)
    assert prices(till, "6.431x-1T2027") == ["300.00"]


@pytest.mark.parametrize("price", ["12.345", "-5.00", "free", "1e3", "", "٣"])
def test_an_invalid_price_is_refused(till: CommandLine, price: str) -> None:
    result = till.run("catalogue", "reprice", *WHY, "6.431x-1T2027", "--", price)
    assert result.exit_code == 1
    assert "is not an amount of USD" in result.stderr
    assert prices(till, "6.431x-1T2027") == ["300.00"]


@pytest.mark.parametrize(
    "verb, listing",
    [("withdraw", "withdrawn"), ("hide", "hidden"), ("restore", "on-sale")],
)
def test_setting_the_same_listing_again_changes_nothing(
    till: CommandLine, verb: str, listing: str
) -> None:
    before = Listing.HIDDEN if listing == "on-sale" else Listing.ON_SALE
    ann, shop = Actor.staff("ann"), till.shop
    set_listing(Sku("SDS"), before, by=ann, why="", begin=shop.begin, now=shop.now())
    assert "now" in till.ok("catalogue", verb, "SDS")
    assert "already" in till.ok("catalogue", verb, "SDS")
    assert till.shape("catalogue", verb, "SDS")["listing"] == listing


@pytest.mark.parametrize(
    "command",
    [
        ["show"],
        ["reprice", "--", "1.00"],
        ["withdraw"],
        ["restore"],
        ["hide"],
        ["seats"],
        ["window", "--until", "none"],
        ["history"],
        ["list", "--after"],
    ],
)
def test_an_unknown_product_is_not_found(till: CommandLine, command: list[str]) -> None:
    verb, *rest = command
    options = [] if "--" in rest else list(rest)
    values = [value for value in rest[1:] if "--" in rest]
    options += WHY if verb == "reprice" else []
    result = till.run("catalogue", verb, *options, "NO-SUCH", *values)
    assert result.exit_code == 3
    assert result.stderr == (
        'Error: There is no product "NO-SUCH"\nNext: coursetill catalogue list\n'
    )


def test_seats_can_be_shown_set_and_made_unlimited(till: CommandLine) -> None:
    sku = "6.431x-1T2027"
    till.ordered(sku)
    told = till.ok("catalogue", "seats", sku, "40", "--reason", "a larger room")
    assert [line.split() for line in told.splitlines()[2:]] == [
        ["Seats", "40"],
        ["Paid", "0"],
        ["Reserved", "1"],
        ["Left", "39"],
    ]
    assert "39 of 40 left; 0 paid, 1 reserved" in till.ok("catalogue", "show", sku)
    assert till.shape("catalogue", "seats", sku, "none")["seats"] is None
    [lifted, set_, _added] = till.shape("journal", "--sku", sku)["entries"]
    assert (set_["what"], set_["why"], lifted["what"]) == (
        "seats none → 40",
        "a larger room",
        "seats 40 → none",
    )


def test_fewer_seats_than_taken_are_refused(till: CommandLine) -> None:
    till.ordered("6.431x-1T2027")
    result = till.run("catalogue", "seats", "6.431x-1T2027", "0")
    assert result.exit_code == 1
    assert "cannot have 0 seats: 1 are taken" in result.stderr


@pytest.mark.parametrize("seats", ["-1", "many", "1.5", "99999999999"])
def test_an_invalid_number_of_seats_is_wrong_usage(till: CommandLine, seats: str) -> None:
    assert till.run("catalogue", "seats", "6.431x-1T2027", "--", seats).exit_code == 2


def test_showing_seats_requires_no_staff_name(till: CommandLine) -> None:
    assert "no limit" in till.by_nobody().ok("catalogue", "seats", "6.431x-1T2027")


def test_a_window_is_shown_with_its_offset(till: CommandLine) -> None:
    window = ("catalogue", "window", "6.431x-1T2027")
    told = till.ok(*window, "--from", "none", "--until", "2027-02-10T23:59:00Z")
    assert "can be bought until 2027-02-10 18:59-05:00." in told
    assert "already" in till.ok(*window, "--from", "NONE")
    assert till.shape(*window, "--until", "none")["payment_deadline_at"] is None
    assert "can be bought always already" in till.ok(*window, "--until", "none")


@pytest.mark.parametrize(
    "said, code",
    [
        ([], 2),
        (["--until", "2027-02-10"], 2),
        (["--until", "soon"], 2),
        (["--from", "2027-02-10T00:00:00Z", "--until", "2027-02-10T00:00:00Z"], 1),
    ],
)
def test_an_invalid_window_is_refused(till: CommandLine, said: list[str], code: int) -> None:
    before = till.shape("catalogue", "show", "6.431x-1T2027")
    assert till.run("catalogue", "window", "6.431x-1T2027", *said).exit_code == code
    assert till.shape("catalogue", "show", "6.431x-1T2027") == before


def test_the_history_shows_prices_and_changes_page_by_page(till: CommandLine) -> None:
    sku = "6.431x-1T2027"
    till.clock.advance(minutes=1)
    till.ok("catalogue", "hide", sku)
    till.clock.advance(minutes=1)
    till.ok("catalogue", "reprice", sku, "315.07", *WHY)
    told = till.shape("catalogue", "history", sku, "--limit", "1")
    assert [price["price"]["amount"] for price in told["prices"]] == ["300.00", "315.07"]
    [repriced] = told["changes"]
    assert (repriced["by"], repriced["why"]) == ("staff ann", "fees of 2027")
    assert repriced["price_version"] == 2
    rest = till.shape("catalogue", "history", sku, "--after", str(told["next"]))
    assert rest["next"] is None
    made = [(change["what"], change["price_version"]) for change in rest["changes"]]
    assert made == [("on-sale → hidden", None), ("added at $300.00", 1)]
    assert "$315.07" in till.ok("catalogue", "history", sku)


def test_products_are_filtered_by_listing(till: CommandLine) -> None:
    till.ok("catalogue", "withdraw", "SDS")
    till.ok("catalogue", "hide", "FIN")
    for listing, sku in (("withdrawn", "SDS"), ("hidden", "FIN")):
        found = till.shape("catalogue", "list", "--listing", listing)["products"]
        assert [product["sku"] for product in found] == [sku]


def test_an_exported_catalogue_can_be_imported_unchanged(till: CommandLine, tmp_path: Path) -> None:
    till.ok("catalogue", "hide", "FIN")
    piped = till.run("catalogue", "export")
    told = json.loads(till.run("catalogue", "import", "-", "--json", typed=piped.stdout).stdout)
    assert (told["added"], told["changed"], told["unchanged"]) == ([], [], 123)
    result = till.run("catalogue", "export", "--out", str(tmp_path / "all.csv"))
    assert (result.stdout, result.stderr) == ("", "Wrote 123 products.\n")
    assert (tmp_path / "all.csv").read_text(encoding="utf-8") == piped.stdout
    shapes = till.shape("catalogue", "export")["products"]
    assert shapes[0] == till.shape("catalogue", "list", "--search", shapes[0]["sku"])["products"][0]
    assert len(shapes) == 123


def test_an_unwritable_export_file_is_wrong_usage(till: CommandLine, tmp_path: Path) -> None:
    result = till.run("catalogue", "export", "--out", str(tmp_path / "no" / "all.csv"))
    assert result.exit_code == 2
    assert "cannot be written: No such file or directory" in result.stderr
