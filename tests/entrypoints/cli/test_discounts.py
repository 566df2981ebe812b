"""The commands of the discounts."""

import pytest

from coursetill_testing.command_line import ADA, CommandLine

PERCENT = ("--kind", "percent-off", "--amount", "12.5")


def test_a_discount_is_created_and_shown(till: CommandLine) -> None:
    told = till.ok("discounts", "create", " spring ", *PERCENT)
    assert told.startswith("Created SPRING: 12.5 % off.\n")
    assert "On      every product" in till.ok("discounts", "show", "Spring")


def test_every_option_of_a_new_discount_is_stored(till: CommandLine) -> None:
    till.ok(
        *("discounts", "create", "ALL", "--kind", "dollars-off", "--amount", "9.99"),
        *("--sku", "SDS", "--sku", "24.09x-1T2027", "--course", "course-v1:MITxT+8.03x"),
        *("--from", "2026-12-01T00:00:00Z", "--until", "2027-01-01T00:00:00+01:00"),
        *("--redemption", "one-time-per-user", "--max", "3", "--max-per-learner", "2"),
        *("--payment-type", "sales"),
    )
    shown = till.shape("discounts", "show", "ALL")
    [entry] = shown.pop("journal")
    assert entry["what"] == "created: $9.99 off"
    assert shown == {
        "batch": None,
        "learners": [],
        "emails": [],
        "code": "ALL",
        "kind": "dollars-off",
        "amount": "9.99",
        "currency": "USD",
        "saving": "$9.99 off",
        "source": "typed",
        "products": ["24.09x-1T2027"],
        "programs": ["SDS"],
        "courses": ["course-v1:MITxT+8.03x"],
        "activates_at": "2026-11-30T19:00:00-05:00",
        "expires_at": "2026-12-31T18:00:00-05:00",
        "redemption_type": "one-time-per-user",
        "max_redemptions": 3,
        "max_per_learner": 2,
        "payment_type": "sales",
        "used": 0,
        "usable": False,
        "why_not": 'The code "ALL" can be used from 30 November 2026, 19:00 UTC−5',
    }


def test_uses_are_counted(till: CommandLine) -> None:
    till.ok("discounts", "create", "ONCE", *PERCENT, "--redemption", "one-time")
    till.ordered("24.09x-1T2027", codes=["ONCE"])
    shown = till.shape("discounts", "show", "ONCE")
    assert (shown["used"], shown["usable"]) == (1, False)
    assert 'The code "ONCE" is used up' in till.ok("discounts", "list")


def test_an_assigned_discount_is_usable_by_its_learners(till: CommandLine) -> None:
    options = ("--source", "assigned", "--learner", ADA.id)
    till.ok("discounts", "create", "ADAS", *PERCENT, *options)
    assert till.shape("discounts", "show", "ADAS")["usable"]


def test_discounts_are_listed_by_code_page_by_page(till: CommandLine) -> None:
    for code in ("B2", "A1", "B1"):
        till.ok("discounts", "create", code, *PERCENT)
    first = till.shape("discounts", "list", "--limit", "2")
    assert [each["code"] for each in first["discounts"]] == ["A1", "B1"]
    rest = till.shape("discounts", "list", "--after", first["next"])
    assert [each["code"] for each in rest["discounts"]] == ["B2"]
    found = till.shape("discounts", "list", "--prefix", "b")
    assert [each["code"] for each in found["discounts"]] == ["B1", "B2"]


@pytest.mark.parametrize(
    "options, code, said",
    [
        (["NEW", "--kind", "percent-off", "--amount", "101"], 1, "is not a percentage"),
        (["NEW", "--kind", "percent-off", "--amount", "0"], 1, "is not a percentage"),
        (["NEW", "--kind", "dollars-off", "--amount", "1.999"], 1, "is not an amount of USD"),
        (["NEW", "--kind", "dollars-off", "--amount", "0"], 1, "takes more than nothing off"),
        (["NEW", "--kind", "half-price", "--amount", "1"], 2, "'half-price' is not one of"),
        (["two words", *PERCENT], 1, "is not a code"),
        (["TAKEN", *PERCENT], 1, "There is a discount TAKEN already"),
        (["taken", *PERCENT], 1, "There is a discount TAKEN already"),
        (["NEW", *PERCENT, "--sku", "NO-SUCH"], 3, 'There is no product "NO-SUCH"'),
        (["NEW", *PERCENT, "--until", "2027-01-01"], 2, "has no time zone"),
        (["NEW", *PERCENT, "--until", "soon"], 2, "is not a time"),
        (["NEW", *PERCENT, "--max", "0"], 2, "--max"),
        (["NEW", *PERCENT, "--source", "assigned"], 1, "needs at least one"),
        (["NEW", *PERCENT, "--payment-type", "financial-assistance"], 1, "never typed"),
    ],
)
def test_a_refused_discount_gets_a_reason(
    till: CommandLine, options: list[str], code: int, said: str
) -> None:
    till.ok("discounts", "create", "TAKEN", *PERCENT)
    result = till.run("discounts", "create", *options)
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr
    assert len(till.shape("discounts", "list")["discounts"]) == 1


def test_an_unknown_code_is_not_found(till: CommandLine) -> None:
    result = till.run("discounts", "show", "NOTHING")
    assert result.exit_code == 3
    assert "Next: coursetill discounts list" in result.stderr
