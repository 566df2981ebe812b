"""Importing discounts from written rows, and the rows an export writes."""

import pytest

from core.audit_log import AuditSearch, Subject
from core.discounts.discount import DiscountId, DiscountSearch
from core.use_cases.discounts.import_discounts import (
    COLUMNS,
    DiscountsHaveProblems,
    import_discounts,
    row_of,
)
from coursetill_testing.makers import CLERK, NOW, usd

ROW = {"code": "fair-1", "kind": "percent-off", "amount": "12.5"}
WHOLE = {
    "code": "GIFT-1",
    "kind": "fixed-price",
    "amount": "9.99",
    "currency": "USD",
    "source": "assigned",
    "skus": "6.86x-1T2027 DEDP",
    "courses": "course-v1:MITxT+14.310x",
    "activates_at": "2026-11-01T00:00:00+00:00",
    "expires_at": "2027-11-01T00:00:00+00:00",
    "redemption_type": "one-time-per-user",
    "max_redemptions": "17",
    "max_per_learner": "2",
    "payment_type": "sales",
    "batch": "gifts",
    "learners": "4711 ada",
    "emails": "zoe@example.org",
}


def imports(till, *rows, **more):
    return import_discounts(
        enumerate(rows, start=2),
        batch="from a file",
        new_id=lambda: DiscountId(f"d-{till.number()}"),
        by=CLERK,
        why="moved here",
        begin=till.begin,
        now=NOW,
        **more,
    )


def kept(till):
    with till.read() as work:
        offers = work.discounts.search(DiscountSearch(limit=1000))
        to = work.discounts.assignees([offer.discount.id for offer in offers])
    return {o.discount.code.text: row_of(o.discount, to.get(o.discount.id, ())) for o in offers}


def test_a_discount_survives_the_round_trip_as_a_row(till):
    done = imports(till, WHOLE)
    assert (len(done.added), done.unchanged, done.assigned) == (1, 0, 3)
    assert tuple(WHOLE) == COLUMNS
    assert kept(till)["GIFT-1"] == {**WHOLE, "learners": "4711 ada", "skus": "6.86x-1T2027 DEDP"}


def test_an_omitted_column_has_its_default_and_a_batch(till):
    imports(till, ROW)
    row = kept(till)["FAIR-1"]
    assert (row["source"], row["redemption_type"]) == ("typed", "unlimited")
    assert (row["payment_type"], row["batch"]) == ("marketing", "from a file")
    till.puts("6.86x-1T2027")
    till.enters("FAIR-1")
    assert till.basket().quote.saved == usd("4.92")


def test_a_second_import_changes_nothing(till):
    imports(till, ROW, WHOLE)
    before = kept(till)
    done = imports(till, ROW, WHOLE)
    assert (done.added, done.unchanged, done.assigned) == ((), 2, 0)
    assert kept(till) == before
    with till.read() as work:
        [entry] = work.audit_log.search(AuditSearch(Subject.batch("from a file")))
    assert (entry.what, entry.why, entry.by) == ("imported 1", "moved here", CLERK)


def test_a_new_learner_in_a_known_row_is_assigned_too(till):
    imports(till, WHOLE)
    done = imports(till, {**WHOLE, "emails": "bob@example.org", "learners": ""})
    assert (done.unchanged, done.assigned) == (1, 1)
    assert kept(till)["GIFT-1"]["emails"] == "bob@example.org zoe@example.org"


def test_a_dry_run_stores_nothing(till):
    assert len(imports(till, ROW, dry_run=True).added) == 1
    assert "FAIR-1" not in kept(till)


@pytest.mark.parametrize(
    "changes, column, why",
    [
        ({"code": ""}, "code", "NotACode"),
        ({"code": "two words"}, "code", "NotACode"),
        ({"kind": "half"}, "code", "UnknownKind: kind half"),
        ({"amount": "101"}, "code", "NotAPercentage: text 101"),
        ({"currency": "XAU"}, "code", "XAU"),
        ({"source": "found"}, "source", "is not one of assigned, automatic, typed"),
        ({"skus": "a b/c"}, "skus", "b/c"),
        ({"skus": "NOTHING"}, "skus", "UnknownProduct: sku NOTHING"),
        ({"courses": "NOTHING"}, "skus", "UnknownCourse: course NOTHING"),
        ({"expires_at": "soon"}, "expires_at", "is not a time"),
        ({"expires_at": "2027-01-01"}, "expires_at", "has no time zone"),
        (
            {"activates_at": "2027-01-01T00:00Z", "expires_at": "2027-01-01T00:00Z"},
            "code",
            "WindowIsEmpty",
        ),
        ({"redemption_type": "twice"}, "redemption_type", "is not one of"),
        ({"max_redemptions": "0"}, "max_redemptions", "is not a number of uses"),
        ({"max_redemptions": "-1"}, "max_redemptions", "is not a number of uses"),
        ({"max_per_learner": "99999999999"}, "max_per_learner", "is not a number of uses"),
        ({"payment_type": "gift"}, "payment_type", "is not one of"),
        ({"payment_type": "financial-assistance"}, "code", "AidIsNeverTyped"),
        ({"emails": "zoe", "source": "assigned"}, "emails", "NotAnEmailAddress: text zoe"),
        ({"learners": "ada"}, "source", "only an assigned discount has learners"),
        ({"batch": "x" * 101}, "code", "NotABatch"),
        ({"code": "SPRING"}, "code", "there is a discount SPRING already, on other terms"),
    ],
)
def test_every_invalid_line_is_reported_and_nothing_is_stored(till, changes, column, why):
    good = {**ROW, "code": "GOOD"}
    with pytest.raises(DiscountsHaveProblems) as refused:
        imports(till, good, {**ROW, **changes})
    [problem] = refused.value.problems
    assert (problem.line, problem.column) == (3, column)
    assert why in str(problem.why)
    assert "GOOD" not in kept(till)


def test_every_problem_of_a_line_is_reported(till):
    with pytest.raises(DiscountsHaveProblems) as refused:
        imports(till, {**ROW, "source": "x", "max_redemptions": "x"}, ROW, {**ROW, "code": "a b"})
    assert [problem.line for problem in refused.value.problems] == [2, 2, 4]


def test_a_repeated_code_is_a_problem_of_its_second_line(till):
    with pytest.raises(DiscountsHaveProblems, match="FAIR-1 stands on line 2 too"):
        imports(till, ROW, {**ROW, "code": "Fair-1 "})


def test_an_import_without_rows_is_a_problem(till):
    with pytest.raises(DiscountsHaveProblems, match="no discounts in this file"):
        imports(till)


def test_a_known_code_with_other_terms_is_a_problem(till):
    imports(till, ROW)
    for changes in ({"amount": "12.51"}, {"batch": "other"}, {"max_redemptions": "3"}):
        with pytest.raises(DiscountsHaveProblems, match="on other terms"):
            imports(till, {**ROW, **changes}, {**ROW, "code": "NEW"})
    assert "NEW" not in kept(till)
