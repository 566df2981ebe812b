"""The commands of financial aid and their output."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import Result

from coursetill_financial_aid.decide_request import Bureau, ask
from coursetill_financial_aid.request import RequestId
from coursetill_testing.command_line import ADA, CommandLine
from coursetill_testing.town import Town

DEDP = (
    *("financial-aid", "tiers", "set", "DEDP", "--program", "DEDP-MM", "--tier", "0:75%"),
    *("--tier", "25000:50%", "--tier", "75000:full"),
)
ANSWERS = {"income": "10000", "currency": "USD", "country": "IN", "consent": "yes"}
LIMITS = "country,income,documents\nIN,15000,yes\n*,75000,no\n"


@pytest.fixture
def aid(till: CommandLine, bureau: Bureau) -> CommandLine:
    """The command line of a shop with tiers, in which a request by Ada is held."""
    till.ok(*DEDP, "--held-below", "25000")
    ask(ANSWERS, RequestId("R1"), ADA, tier_set="DEDP", bureau=bureau)
    return till


def imported(till: CommandLine, what: str, typed: str, *more: str) -> Result:
    return till.run("financial-aid", what, "import", "-", *more, typed=typed)


def told(till: CommandLine, *arguments: str) -> Any:
    return till.shape("financial-aid", *arguments)


def state(till: CommandLine) -> str:
    found: str = told(till, "requests", "show", "R1")["state"]
    return found


def test_tiers_are_set_listed_and_shown(till: CommandLine) -> None:
    assert told(till, "tiers", "list") == {"tier_sets": []}
    printed = till.ok(*DEDP, "--reason", "as the board decided")
    assert "$25,000.00 USD  50 % off" in printed
    [listed] = told(till, "tiers", "list")["tier_sets"]
    shown = told(till, "tiers", "show", "dedp")
    [entry] = shown.pop("history")
    assert listed == shown
    assert shown == {
        "name": "DEDP",
        "title": "MicroMasters in Data, Economics, and Design of Policy",
        "covers": "runs of DEDP-MM",
        "tiers": ["0.00:percent-off:75", "25000.00:percent-off:50", "75000.00:full"],
        "held_below": "0.00",
        "valid_days": 365,
    }
    assert (entry["by"], entry["why"]) == ("staff ann", "as the board decided")
    assert "as the board decided" in till.ok("financial-aid", "tiers", "show", "DEDP")


def test_a_course_can_have_tiers_of_its_own(till: CommandLine) -> None:
    of = ("--course", "course-v1:MITxT+14.73x", "--tier", "0:50%", "--tier", "9:full")
    shown = told(till, "tiers", "set", "poverty", *of, "--valid-days", "30")
    assert (shown["name"], shown["title"]) == ("POVERTY", "The Challenges of Global Poverty")
    assert shown["covers"] == "runs of course-v1:MITxT+14.73x"


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("--program", "NONE", "--tier", "0:5%", "--tier", "9:full"), 3, "There is no product"),
        (("--program", "STATS-1", "--tier", "0:5%", "--tier", "9:full"), 3, "is no program"),
        (("--course", "NONE", "--tier", "0:5%", "--tier", "9:full"), 3, "There is no product"),
        (("--program", "DEDP-MM", "--tier", "0:5%"), 1, "the last is the full price"),
        (("--program", "DEDP-MM", "--tier", "half"), 1, "is not an amount"),
        (("--tier", "0:5%", "--tier", "9:full"), 2, "either --program or --course"),
        (("--course", "C", "--with-program", "--tier", "0:5%"), 2, "--with-program goes with"),
    ],
)
def test_tiers_that_make_no_sense_are_not_set(
    till: CommandLine, arguments: tuple[str, ...], code: int, why: str
) -> None:
    result = till.run("financial-aid", "tiers", "set", "DEDP", *arguments)
    assert result.exit_code == code
    assert why in result.stderr
    assert told(till, "tiers", "list") == {"tier_sets": []}


def test_an_import_replaces_all_limits(till: CommandLine) -> None:
    assert "*, IN added" in imported(till, "countries", LIMITS).stdout
    changed = imported(till, "countries", "country,income\nIN,16000\nKE,9000\n")
    assert "KE added; IN changed; * removed" in changed.stdout
    assert told(till, "countries", "list")["countries"] == [
        {"country": "IN", "income": "16000.00", "documents": False},
        {"country": "KE", "income": "9000.00", "documents": False},
    ]
    assert (
        "nothing changed"
        in imported(till, "countries", "country,income\nIN,16000\nKE,9000\n").stdout
    )


def test_an_import_replaces_all_rates(till: CommandLine) -> None:
    imported(till, "rates", "currency,per_usd\nKES,129\n")
    assert (
        "INR added; KES removed" in imported(till, "rates", "currency,per_usd\nINR,88.25\n").stdout
    )
    assert told(till, "rates", "list")["rates"] == [
        {"currency": "INR", "per_usd": "88.25", "name": ""}
    ]


def test_a_file_with_an_error_changes_nothing(till: CommandLine) -> None:
    imported(till, "countries", LIMITS)
    refused = imported(till, "countries", "country,income\nKE,1\nXX,1\n")
    assert refused.exit_code == 1
    assert "line 3" in refused.stderr
    assert len(told(till, "countries", "list")["countries"]) == 2


def test_a_dry_run_shows_the_effect_and_changes_nothing(aid: CommandLine) -> None:
    assert "IN added" in imported(aid, "countries", LIMITS, "--dry-run").stdout
    imported(aid, "rates", "currency,per_usd\nINR,88.25\n", "--dry-run")
    aid.ok(*DEDP, "--held-below", "1", "--dry-run")
    shown = told(aid, "requests", "approve", "R1", "--reason", "seen", "--dry-run")
    assert (shown["state"], shown["dry_run"]) == ("approved", True)
    assert told(aid, "countries", "list") == {"countries": []}
    assert told(aid, "rates", "list") == {"rates": []}
    assert told(aid, "tiers", "show", "DEDP")["held_below"] == "25000.00"
    assert state(aid) == "held"


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        (("approve",), "approved"),
        (("deny",), "denied"),
        (("documents",), "pending-documents"),
        (("documents", "hold"), "held"),
        (("documents", "approve"), "approved"),
        (("approve", "revoke"), "revoked"),
        (("approve", "revoke", "reset"), "withdrawn"),
        (("deny", "reset"), "withdrawn"),
    ],
)
def test_staff_can_decide_a_request(
    aid: CommandLine, commands: tuple[str, ...], found: str
) -> None:
    for command in commands:
        aid.ok(
            "financial-aid", "requests", command, "R1", "--reason", f"so: {command}", "--as", "bo"
        )
    assert state(aid) == found
    entry = told(aid, "requests", "show", "R1")["history"][-1]
    assert (entry["by"], entry["what"]) == ("staff bo", found)
    assert entry["why"].endswith(f"so: {commands[-1]}")


def test_an_illegal_move_of_a_request_is_refused(aid: CommandLine) -> None:
    aid.ok("financial-aid", "requests", "deny", "R1", "--reason", "no")
    refused = aid.problem("financial-aid", "requests", "approve", "R1", "--reason", "yes")
    assert refused["detail"] == "Request R1 cannot become approved: it is denied"
    absent = aid.problem("financial-aid", "requests", "deny", "R2", "--reason", "no")
    assert "There is no request R2" in absent["detail"]
    assert state(aid) == "denied"


@pytest.mark.parametrize("command", ["approve", "deny", "revoke", "reset", "documents", "hold"])
def test_a_decision_requires_a_reason_and_an_actor(aid: CommandLine, command: str) -> None:
    no_reason = aid.run("financial-aid", "requests", command, "R1")
    assert (no_reason.exit_code, "--reason" in no_reason.stderr) == (2, True)
    empty = aid.run("financial-aid", "requests", command, "R1", "--reason", " ")
    assert empty.exit_code == 1
    nobody = aid.by_nobody().run("financial-aid", "requests", command, "R1", "--reason", "so")
    assert (nobody.exit_code, "--as NAME" in nobody.stderr) == (2, True)
    assert state(aid) == "held"


def test_an_unknown_tier_cannot_be_granted(aid: CommandLine) -> None:
    of = ("--reason", "seen", "--tier", "30000")
    refused = aid.run("financial-aid", "requests", "approve", "R1", *of)
    assert refused.exit_code == 1
    assert "0.00, 25000.00, 75000.00" in refused.stderr


def test_the_list_of_requests_is_a_table_or_json(aid: CommandLine) -> None:
    [listed] = told(aid, "requests", "list", "--state", "held", "--tiers", "dedp")["requests"]
    assert (listed["id"], listed["income"], listed["currency"]) == ("R1", 10_000, "USD")
    assert told(aid, "requests", "list", "--country", "ke")["requests"] == []
    printed = aid.ok("financial-aid", "requests", "list")
    assert "10,000 USD  75 % off  held" in printed
    assert "below" not in printed
    shown = aid.ok("financial-aid", "requests", "show", "R1")
    assert "held  timer by rule: the income is one that a person looks at" in shown


def test_incomes_past_retention_are_erased(aid: CommandLine) -> None:
    aid.ok("financial-aid", "requests", "approve", "R1", "--reason", "seen")
    assert told(aid, "tidy") == {"erased": 0}
    aid.clock.advance(days=30)
    checks = aid.shop.extension("financial-aid").parts.checks
    assert checks is not None
    assert "incomes are kept longer than promised: 1" in {check.says for check in checks()}
    assert "Erased 1 income." in aid.ok("financial-aid", "tidy")
    shown = told(aid, "requests", "show", "R1")
    assert (shown["income"], shown["income_usd"], shown["state"]) == (None, None, "approved")
    assert "erased" in aid.ok("financial-aid", "requests", "show", "R1")


def test_the_report_takes_savings_from_paid_orders(aid: CommandLine, town: Town) -> None:
    eve = town.person("Eve Ming")
    eve.send("/financial-aid/DEDP", **{**ANSWERS, "income": "30000"})
    eve.pays(eve.orders("14.310x-1T2027", "STATS-1"))
    eve.orders("14.73x-1T2027")
    of_eve = next(r["id"] for r in told(aid, "requests", "list")["requests"] if r["id"] != "R1")
    aid.ok("financial-aid", "requests", "revoke", of_eve, "--reason", "untrue")
    shown = told(aid, "report")
    assert [(each["tier"], each["state"]) for each in shown["requests"]] == [
        ("75 % off", "held"),
        ("50 % off", "revoked"),
    ]
    assert shown["given"] == [
        {"code": "FINANCIAL-AID/DEDP-50", "lines": 1, "amount": "500.00", "currency": "USD"}
    ]
    assert "FINANCIAL-AID/DEDP-50      1  $500.00 USD" in aid.ok("financial-aid", "report")


def test_erasing_a_person_erases_their_requests(aid: CommandLine) -> None:
    exported = aid.shape("learners", "export", ADA.id)
    assert exported["extensions"]["financial-aid"][0]["requests"][0]["income"] == 10_000
    aid.ok("learners", "forget", ADA.id, "--reason", "she asked for it", "--yes")
    shown = told(aid, "requests", "show", "R1")
    assert (shown["learner"], shown["income"], shown["state"]) == ("[erased]", None, "withdrawn")
