"""The commands that look into the use of discounts: check, redemptions, report."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from coursetill_testing.command_line import ADA, BOB, CommandLine
from entrypoints.cli.app.periods import Per, Period, periods, start_of

HALF = ("--kind", "percent-off", "--amount", "50")
BOSTON = ZoneInfo("America/New_York")


@pytest.fixture
def used(till: CommandLine) -> CommandLine:
    """A shop in which Ada paid with SPRING-1 and Bob has an unpaid order with SPRING-2."""
    for code in ("SPRING-1", "SPRING-2"):
        till.ok("discounts", "create", code, *HALF, "--redemption", "one-time-per-user")
    till.paid("24.09x-1T2027", codes=["SPRING-1"])
    till.ordered("24.09x-1T2027", codes=["SPRING-2"], learner=BOB)
    return till


def test_a_check_says_for_each_rule_whether_it_passes(used: CommandLine) -> None:
    told = used.ok("discounts", "check", "spring-1", "--learner", "new", "--sku", "24.09x-1T2027")
    assert "ok         exists: 50 % off, for marketing\n" in told
    assert "ok         uses by learner: used 0 of 1 times\n" in told
    assert "ok         takes something off: $24.50 of $49.00\n" in told


def test_a_check_that_fails_leaves_with_1(used: CommandLine) -> None:
    done = used.run("discounts", "check", "SPRING-1", "--learner", ADA.id, "--json")
    assert done.exit_code == 1
    assert '"usable": false' in done.stdout
    done = used.run("discounts", "check", "SPRING-1", "--learner", ADA.id)
    assert "no         uses by learner: used 1 of 1 times\n" in done.stdout
    assert "not asked  product: ask about a product\n" in done.stdout
    done = used.run("discounts", "check", "NOTHING")
    assert (done.exit_code, done.stdout) == (1, "no         exists: there is no code NOTHING\n")


def test_a_check_knows_whom_an_address_stands_for(till: CommandLine) -> None:
    options = ("--source", "assigned", "--email", "zoe@example.org")
    till.ok("discounts", "create", "GIFT", *HALF, *options)
    assert "it is theirs" in till.ok("discounts", "check", "GIFT", "--email", "Zoe@Example.org")
    assert till.run("discounts", "check", "GIFT", "--email", "bob@example.org").exit_code == 1
    assert "not asked  learner" in till.ok("discounts", "check", "GIFT")


def test_staff_may_check_as_often_as_they_like(till: CommandLine) -> None:
    for _ in range(12):
        assert till.run("discounts", "check", "NOTHING").exit_code == 1


def test_uses_say_who_with_which_order_and_how_it_stands(used: CommandLine) -> None:
    shown = used.shape("discounts", "redemptions", "--prefix", "spring")
    assert [(u["code"], u["learner"], u["state"]) for u in shown["redemptions"]] == [
        ("SPRING-1", ADA.id, "redeemed"),
        ("SPRING-2", BOB.id, "reserved"),
    ]
    assert shown["redemptions"][0]["reference"].startswith("CT-TEST-")
    told = used.ok("discounts", "redemptions", "SPRING-2", "--state", "reserved")
    assert "bob-2" in told
    assert "ada-1" not in told


def test_uses_come_page_by_page(used: CommandLine) -> None:
    first = used.shape("discounts", "redemptions", "--prefix", "S", "--limit", "1")
    rest = used.shape("discounts", "redemptions", "--prefix", "S", "--after", str(first["next"]))
    assert [use["code"] for use in rest["redemptions"]] == ["SPRING-2"]
    assert rest["next"] is None


def test_uses_of_a_code_that_is_not_there_are_not_none(till: CommandLine) -> None:
    assert till.run("discounts", "redemptions", "NOTHING").exit_code == 3


def test_a_report_says_what_was_given_away_and_sold(used: CommandLine) -> None:
    used.clock.advance(minutes=1)
    assert used.shape("discounts", "report", "--by", "code") == {
        "by": "code",
        "rows": [
            {
                "from": "2026-11-01T00:00:00-04:00",
                "until": "2026-11-22T04:31:00-05:00",
                "name": "SPRING-1",
                "uses": 1,
                "given_away": {"amount": "24.50", "currency": "USD"},
                "sold": {"amount": "24.50", "currency": "USD"},
            }
        ],
    }
    assert "marketing" in used.ok("discounts", "report")
    assert "none" in used.ok("discounts", "report", "--by", "batch")


def test_a_report_is_of_a_period_and_of_the_codes_that_were_asked_about(used: CommandLine) -> None:
    period = ("--from", "2026-11-01T00:00:00Z", "--until", "2026-12-01T00:00:00Z")
    daily = used.shape("discounts", "report", *period, "--per", "day")["rows"]
    assert [row["from"] for row in daily] == ["2026-11-22T00:00:00-05:00"]
    for none in (("--prefix", "X"), ("--batch", "x"), ("--code", "SPRING-2")):
        assert used.shape("discounts", "report", *period, *none)["rows"] == []
    earlier = ("--from", "2026-10-01T00:00:00Z", "--until", "2026-11-01T00:00:00Z")
    done = used.run("discounts", "report", *earlier)
    assert "No discount was used then." in done.stderr


def test_a_report_of_too_many_periods_is_refused(till: CommandLine) -> None:
    done = till.run("discounts", "report", "--from", "2020-01-01T00:00:00Z", "--per", "day")
    assert (done.exit_code, "Ask for longer ones" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "per, start",
    [
        (Per.DAY, "2026-11-25T00:00-05:00"),
        (Per.WEEK, "2026-11-23T00:00-05:00"),
        (Per.MONTH, "2026-11-01T00:00-04:00"),
        (Per.QUARTER, "2026-10-01T00:00-04:00"),
        (Per.YEAR, "2026-01-01T00:00-05:00"),
    ],
)
def test_a_period_starts_at_midnight_in_the_zone_of_the_shop(per: Per, start: str) -> None:
    at = datetime(2026, 11, 26, 3, tzinfo=UTC)
    assert start_of(per, at, BOSTON).isoformat(timespec="minutes") == start


@pytest.mark.parametrize("per", Per)
def test_periods_lie_side_by_side_and_fill_the_whole(per: Per) -> None:
    start, end = datetime(2026, 10, 30, 7, 7, tzinfo=UTC), datetime(2027, 3, 20, tzinfo=UTC)
    parts = list(periods(Period(start, end), per, BOSTON))
    assert (parts[0].start, parts[-1].end) == (start, end)
    assert all(a.end == b.start for a, b in pairwise(parts))
    assert all(part.start < part.end for part in parts)
    assert all(part.start.astimezone(BOSTON).hour == 0 for part in parts[1:])
