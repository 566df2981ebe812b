"""The pages of features: each scenario once, with its result through each door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coursetill_testing.plugin import SCENARIO_ID
from coursetill_testing.scenario_results import FAILED, NOT_RUN, PASSED, LastRun, ScenarioResults
from tests.features.doors import every_feature, extension_features
from tests.features.pages import FeaturePage, id_of, main, write

EVERY = every_feature() + extension_features()


def report(scenario: str, outcome: str, *, when: str = "call", door: str = "core") -> object:
    properties = [("scenario", scenario), ("door", door)]
    return pytest.TestReport(
        "a test",
        ("a file", 1, "a test"),
        {},
        outcome,  # type: ignore[arg-type]
        None,
        when,  # type: ignore[arg-type]
        user_properties=properties,
        stop=1_796_000_000.0,
    )


def reported(path: Path, *reports: object) -> LastRun:
    results = ScenarioResults(path)
    for each in reports:
        results.pytest_runtest_logreport(each)  # type: ignore[arg-type]
    results.pytest_sessionfinish()
    return LastRun.read(path)


def all_passed(path: Path, *but: tuple[str, str, str]) -> LastRun:
    """Every scenario passed through every door, except for these."""
    results = {
        (id_of(scenario), door): PASSED
        for page in (FeaturePage(feature, LastRun(None, {})) for feature in EVERY)  # type: ignore[arg-type]
        for scenario in page.feature.scenarios.values()
        for door in page.doors
    }
    results |= {(scenario, door): outcome for scenario, door, outcome in but}
    rows = [{"scenario": s, "door": d, "outcome": outcome} for (s, d), outcome in results.items()]
    content = {"finished_at": "2026-11-30T17:05:00+00:00", "results": rows}
    path.write_text(json.dumps(content), encoding="utf-8")
    return LastRun.read(path)


def test_a_scenario_passed_if_each_of_its_examples_did(tmp_path: Path) -> None:
    run = reported(
        tmp_path / "deep" / "results.json",
        report("PAY-01", "passed", when="setup"),
        report("PAY-01", "passed"),
        report("PAY-02", "passed"),
        report("PAY-02", "failed"),
        report("PAY-02", "passed"),
        report("PAY-03", "failed", when="setup"),
        report("PAY-04", "passed"),
        report("PAY-04", "failed", when="teardown"),
        report("PAY-05", "passed", when="setup"),
    )
    assert [run.outcome(f"PAY-0{n}", "core") for n in range(1, 6)] == [
        *(PASSED, FAILED, FAILED, FAILED, NOT_RUN),
    ]
    assert run.outcome("PAY-01", "http") == NOT_RUN
    assert run.finished_at.isoformat() == "2026-11-30T00:53:20+00:00"


def test_a_test_run_writes_the_results(pytester: pytest.Pytester) -> None:
    pytester.makefile(
        ".feature",
        a="""
        Feature: Sums
          @SUM-01
          Scenario Outline: Adding
            Then 1 and 1 are <sum>

            Examples:
              | sum |
              | 2   |
              | 3   |

          @SUM-02
          Scenario: Nothing
            Then 1 and 1 are 2
        """,
    )
    pytester.makepyfile(
        """
        from pytest_bdd import parsers, scenarios, then

        DOOR = "core"
        scenarios("a.feature")

        @then(parsers.parse("1 and 1 are {sum:d}"))
        def _(sum):
            assert 1 + 1 == sum
        """
    )
    options = ("--scenario-results=deep/results.json", "-p", "coursetill_testing.plugin")
    pytester.runpytest_subprocess(*options, "-n2").assert_outcomes(passed=2, failed=1)
    run = LastRun.read(pytester.path / "deep" / "results.json")
    assert run.outcomes == {("SUM-01", "core"): FAILED, ("SUM-02", "core"): PASSED}


def test_each_scenario_is_on_one_page_with_its_steps(tmp_path: Path) -> None:
    all_passed(tmp_path / "results.json")
    pages = write(tmp_path / "results.json", tmp_path / "pages")
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "pages").rglob("*.md")]
    assert len(texts) == len(pages) + 1
    headings = [line for text in texts for line in text.split("\n") if line.startswith("### ")]
    ids = [heading.removeprefix("### ").partition(":")[0] for heading in headings]
    assert sorted(ids) == sorted(id_of(s) for f in EVERY for s in f.scenarios.values())
    assert all(SCENARIO_ID.fullmatch(each) for each in ids)
    written = "\n".join(texts)
    steps = {step.name for f in EVERY for s in f.scenarios.values() for step in s.steps}
    assert [step for step in steps if step not in written] == []


def test_a_page_shows_the_result_of_each_door(tmp_path: Path) -> None:
    all_passed(tmp_path / "results.json", ("PAY-01", "http", FAILED), ("PAY-01", "core", NOT_RUN))
    write(tmp_path / "results.json", tmp_path / "pages")
    page = (tmp_path / "pages" / "payments" / "card-payments.md").read_text(encoding="utf-8")
    assert "Last run: 30 November 2026, 17:05 UTC." in page
    found = page.partition("### PAY-01: ")[2].split("\n")[2]
    assert found == "core: **not run**, web pages: **failed**, command line: passed"
    index = (tmp_path / "pages" / "index.md").read_text(encoding="utf-8")
    [row] = [line for line in index.split("\n") if "payments/card-payments.md" in line]
    assert "**1 failed**" in row
    assert "**1 not run**" in row


def test_each_link_of_the_index_leads_to_a_page(tmp_path: Path) -> None:
    all_passed(tmp_path / "results.json")
    pages = write(tmp_path / "results.json", tmp_path / "pages")
    index = (tmp_path / "pages" / "index.md").read_text(encoding="utf-8")
    for page in pages:
        assert f"]({page.path.as_posix()})" in index
        assert (tmp_path / "pages" / page.path).is_file()


@pytest.mark.parametrize(("but", "status"), [((), 0), ((("BAS-01", "core", FAILED),), 1)])
def test_the_command_fails_after_a_failed_scenario(
    tmp_path: Path, but: tuple[tuple[str, str, str], ...], status: int
) -> None:
    all_passed(tmp_path / "results.json", *but)
    assert main(str(tmp_path / "results.json"), str(tmp_path / "pages")) == status
