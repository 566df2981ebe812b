"""Importing a catalogue: all of it or nothing."""

import pytest

from core.audit_log import AuditSearch, Subject
from core.products.catalogue_rows import RowProblem
from core.products.product import Listing, Sku, UnknownProduct
from core.use_cases.catalogue.edit_product import reprice, set_listing
from core.use_cases.catalogue.import_catalogue import (
    BATCH,
    CatalogueHasProblems,
    import_catalogue,
    plan_import,
)
from coursetill_testing.makers import CLERK, usd
from coursetill_testing.makers import WRITTEN_PROGRAM as PROGRAM
from coursetill_testing.makers import WRITTEN_RUN as RUN
from coursetill_testing.till import Till


@pytest.fixture
def till():
    return Till()


WHO = {"by": CLERK, "why": "fees of 2027"}


def imports(till, *rows, **more):
    numbered = enumerate(rows, start=2)
    return import_catalogue(numbered, **WHO, begin=till.begin, now=till.now, **more)


def reprices(till, sku, price):
    return reprice(Sku(sku), usd(price), **WHO, begin=till.begin, now=till.now)


def lists(till, sku, listing):
    return set_listing(Sku(sku), listing, **WHO, begin=till.begin, now=till.now)


def journal(till, sku):
    with till.read() as work:
        found = work.audit_log.search(AuditSearch(Subject.product(sku)))
    return [(entry.what, str(entry.by), entry.why) for entry in found]


def prices(till, sku):
    with till.read() as work:
        return [str(version.price) for version in work.products.prices(Sku(sku))]


def test_new_products_are_added(till):
    plan = imports(till, PROGRAM, RUN)
    assert [product.sku.text for product in plan.added] == ["DEDP", "14.310x-1T2027"]
    assert till.product("14.310x-1T2027").programs == {Sku("DEDP")}
    assert till.product("DEDP").price == usd("199.99")


def test_a_second_import_of_the_same_changes_nothing(till):
    imports(till, PROGRAM, RUN)
    before = till.product(RUN["sku"])
    plan = imports(till, PROGRAM, RUN)
    assert (plan.added, plan.changed, plan.unchanged) == ((), (), 2)
    assert till.product(RUN["sku"]) == before


def test_a_changed_price_adds_one_version(till):
    imports(till, RUN)
    plan = imports(till, RUN | {"price": "249.99"})
    assert (plan.repriced, len(plan.changed)) == (1, 1)
    imports(till, RUN | {"price": "249.99"})
    assert prices(till, RUN["sku"]) == ["$199.99", "$249.99"]


def test_a_plan_reports_the_same_changes_and_makes_none(till):
    imports(till, RUN)
    rows = enumerate([RUN | {"price": "249.99"}, PROGRAM], start=2)
    plan = plan_import(rows, read=till.read, now=till.now)
    assert (plan.repriced, len(plan.added)) == (1, 1)
    assert prices(till, RUN["sku"]) == ["$199.99"]
    with pytest.raises(UnknownProduct):
        till.product("DEDP")


def test_one_invalid_row_stops_the_whole_import(till):
    with pytest.raises(CatalogueHasProblems) as refused:
        imports(till, RUN, PROGRAM | {"price": "-1"})
    assert refused.value.problems == (RowProblem(3, "price", "the price -1 is below nothing"),)
    with pytest.raises(UnknownProduct):
        till.product(RUN["sku"])


def test_a_readable_id_of_another_sku_is_a_problem(till):
    imports(till, RUN)
    with pytest.raises(CatalogueHasProblems, match=r"is sold as 14\.310x-1T2027 already"):
        imports(till, RUN | {"sku": "OTHER"})


def test_a_sku_of_another_kind_of_product_is_a_problem(till):
    imports(till, RUN)
    with pytest.raises(CatalogueHasProblems, match=r"stands for course-v1.*use another sku"):
        imports(till, RUN | {"readable_id": "course-v1:MITxT+other+1T2027"})


def test_fewer_seats_than_taken_are_a_problem(till):
    imports(till, RUN | {"seats": "2"})
    till.checks_out(RUN["sku"])
    with pytest.raises(CatalogueHasProblems, match=r"1 seats of 14\.310x-1T2027 are taken; 0 is"):
        imports(till, RUN | {"seats": "0"})
    assert imports(till, RUN | {"seats": "1"}).changed


def test_products_outside_the_file_and_withdrawn_ones_are_unchanged(till):
    imports(till, RUN, PROGRAM)
    lists(till, RUN["sku"], Listing.WITHDRAWN)
    imports(till, RUN | {"title": "Data"})
    assert till.product(RUN["sku"]).listing is Listing.WITHDRAWN
    assert till.product(RUN["sku"]).title == "Data"
    assert till.product("DEDP").title == PROGRAM["title"]


def test_the_progress_is_reported_in_batches_up_to_the_end(till):
    rows = [
        RUN | {"sku": f"x-{n}", "readable_id": f"course-v1:MITxT+x+{n}"} for n in range(BATCH + 1)
    ]
    heard = []
    imports(till, *rows, progress=lambda done, of: heard.append((done, of)))
    assert heard == [(BATCH, BATCH + 1), (BATCH + 1, BATCH + 1)]


def test_the_journal_has_one_entry_per_changed_product(till):
    imports(till, RUN, PROGRAM)
    imports(till, RUN | {"price": "249.99", "seats": "7"}, PROGRAM)
    reprices(till, RUN["sku"], "210.01")
    lists(till, RUN["sku"], Listing.HIDDEN)
    who = ("staff clerk", "fees of 2027")
    assert journal(till, RUN["sku"]) == [
        ("on-sale → hidden", *who),
        ("price $249.99 → $210.01", *who),
        ("price $199.99 → $249.99; seats 200 → 7", *who),
        ("added at $199.99", *who),
    ]
    assert journal(till, "DEDP") == [("added at $199.99", *who)]


def test_an_import_without_effect_adds_no_journal_entry(till):
    imports(till, RUN)
    imports(till, RUN)
    reprices(till, RUN["sku"], "199.99")
    lists(till, RUN["sku"], Listing.ON_SALE)
    assert len(journal(till, RUN["sku"])) == 1
