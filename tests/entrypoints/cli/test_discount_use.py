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


def test_a_check_shows_the_result_of_each_rule(used: CommandLine) -> None:
    told = used.ok("discounts", "check", "spring-1", "--learner", "new", "--sku", "24.09x-1T2027")
    assert "ok         exists: 50 % off, for marketing\n" in told
    assert "ok         uses by learner: used 0 of 1 times\n" in told
    assert "ok         takes something off: $24.50 of $49.00\n" in told


def test_a_failed_check_exits_with_1(used: CommandLine) -> None:
    done = used.run("discounts", "check", "SPRING-1", "--learner", ADA.id, "--json")
    assert done.exit_code == 1
    assert '"usable": false' in done.stdout
    done = used.run("discounts", "check", "SPRING-1", "--learner", ADA.id)
    assert "no         uses by learner: used 1 of 1 times\n" in done.stdout
    assert "not asked  product: ask about a product\n" in done.stdout
    done = used.run("discounts", "check", "NOTHING")
    assert (done.exit_code, done.stdout) == (1, "no         exists: there is no code NOTHING\n")


def test_a_check_accepts_an_address_for_a_learner(till: CommandLine) -> None:
    options = ("--source", "assigned", "--email", "zoe@example.org")
    till.ok("discounts", "create", "GIFT", *HALF, *options)
    assert "it is theirs" in till.ok("discounts", "check", "GIFT", "--email", "Zoe@Example.org")
    assert till.run("discounts", "check", "GIFT", "--email", "bob@example.org").exit_code == 1
    assert "not asked  learner" in till.ok("discounts", "check", "GIFT")


def test_checks_by_staff_are_not_limited(till: CommandLine) -> None:
    for _ in range(12):
        assert till.run("discounts", "check", "NOTHING").exit_code == 1


def test_uses_are_listed_with_learner_order_and_state(used: CommandLine) -> None:
    shown = used.shape("discounts", "redemptions", "--prefix", "spring")
    assert [(u["code"], u["learner"], u["state"]) for u in shown["redemptions"]] == [
        ("SPRING-1", ADA.id, "redeemed"),
        ("SPRING-2", BOB.id, "reserved"),
    ]
    assert shown["redemptions"][0]["reference"].startswith("CT-TEST-")
    told = used.ok("discounts", "redemptions", "SPRING-2", "--state", "reserved")
    assert "bob-2" in told
    assert "ada-1" not in told


def test_uses_are_listed_page_by_page(used: CommandLine) -> None:
    first = used.shape("discounts", "redemptions", "--prefix", "S", "--limit", "1")
    rest = used.shape("discounts", "redemptions", "--prefix", "S", "--after", str(first["next"]))
    assert [use["code"] for use in rest["redemptions"]] == ["SPRING-2"]
    assert rest["next"] is None


def test_uses_of_an_unknown_code_are_an_error(till: CommandLine) -> None:
    assert till.run("discounts", "redemptions", "NOTHING").exit_code == 3


def test_a_report_shows_savings_and_sales(used: CommandLine) -> None:
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


def test_a_report_covers_the_given_period_and_codes(used: CommandLine) -> None:
    period = ("--from", "2026-11-01T00:00:00Z", "--until", "2026-12-01T00:00:00Z")
    daily = used.shape("discounts", "report", *period, "--per", "day")["rows"]
    assert [row["from"] for row in daily] == ["2026-11-22T00:00:00-05:00"]
    for none in (("--prefix", "X"), ("--batch", "x"), ("--code", "SPRING-2")):
        assert used.shape("discounts", "report", *period, *none)["rows"] == []
    earlier = ("--from", "2026-10-01T00:00:00Z", "--until", "2026-11-01T00:00:00Z")
    done = used.run("discounts", "report", *earlier)
    assert "No discount was used then." in done.stderr


def test_a_report_with_too_many_periods_is_refused(till: CommandLine) -> None:
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
def test_periods_are_adjacent_and_cover_the_whole_range(per: Per) -> None:
    start, end = datetime(2026, 10, 30, 7, 7, tzinfo=UTC), datetime(2027, 3, 20, tzinfo=UTC)
    parts = list(periods(Period(start, end), per, BOSTON))
    assert (parts[0].start, parts[-1].end) == (start, end)
    assert all(a.end == b.start for a, b in pairwise(parts))
    assert all(part.start < part.end for part in parts)
    assert all(part.start.astimezone(BOSTON).hour == 0 for part in parts[1:])
