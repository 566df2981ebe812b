"""Pages for readers: every feature with the result of the last run, in Markdown.

`python -m tests.features.pages RESULTS FOLDER` reads the file that pytest has written with
`--scenario-results RESULTS`, and writes a page for each feature and an index to FOLDER.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from textwrap import dedent

import attrs
from pytest_bdd.parser import Feature, ScenarioTemplate

from coursetill_testing.plugin import SCENARIO_ID
from coursetill_testing.scenario_results import FAILED, NOT_RUN, PASSED, LastRun
from tests.features.doors import DOORS, FOLDER, HTTP, every_feature, extension_features

SUBJECTS = {
    "products": "Products",
    "baskets": "Baskets",
    "orders": "Orders",
    "discounts": "Discounts",
    "payments": "Payments",
    "platform": "Learning platform",
    "privacy": "Privacy",
    "extensions": "Extensions",
}
"""The folders of the features, in the order of the index, and their titles."""

START_OF_ANOTHER = re.compile(r"\s*(@|Scenario:|Scenario Outline:|Rule:)")


@attrs.frozen
class FeaturePage:
    """One feature with the result of the last run of each of its scenarios."""

    feature: Feature
    run: LastRun

    @property
    def subject(self) -> str:
        folder = Path(self.feature.filename).parent
        return folder.name if folder.parent == FOLDER else "extensions"

    @property
    def path(self) -> Path:
        """Where the page stands below the index."""
        return Path(self.subject, Path(self.feature.filename).stem.replace("_", "-") + ".md")

    @property
    def doors(self) -> list[str]:
        """The doors of the feature; a feature of an extension has web pages alone."""
        return [door for door in DOORS if door in self.feature.tags] or [HTTP]

    def outcomes(self, door: str) -> Counter[str]:
        """How many scenarios ended how, through one door."""
        scenarios = self.feature.scenarios.values()
        return Counter(self.run.outcome(id_of(each), door) for each in scenarios)

    def text(self) -> str:
        feature = self.feature
        parts = [f"# {feature.name}", feature.description.strip(), _when(self.run)]
        if feature.background is not None:
            line = feature.background.line_number
            parts += ["Before each scenario:", self._source(line)]
        rule = None
        for scenario in feature.scenarios.values():
            if scenario.rule is not None and scenario.rule is not rule:
                rule = scenario.rule
                parts.append(f"## {rule.name}")
            parts += [self._heading(scenario), self._results(scenario)]
            parts.append(self._source(scenario.line_number))
        return "\n\n".join(parts) + "\n"

    def _heading(self, scenario: ScenarioTemplate) -> str:
        return f"### {id_of(scenario)}: {scenario.name}"

    def _results(self, scenario: ScenarioTemplate) -> str:
        results = ((DOORS[d], self.run.outcome(id_of(scenario), d)) for d in self.doors)
        return ", ".join(f"{door}: {_loud(outcome)}" for door, outcome in results)

    def _source(self, line: int) -> str:
        """The steps below this line of the feature's file, as they are written there."""
        lines = Path(self.feature.filename).read_text(encoding="utf-8").split("\n")[line:]
        ends = (n for n, each in enumerate(lines) if START_OF_ANOTHER.match(each))
        steps = dedent("\n".join(lines[: next(ends, len(lines))])).strip()
        return f"```gherkin\n{steps}\n```"


def id_of(scenario: ScenarioTemplate) -> str:
    """The one id of a scenario."""
    [found] = (tag for tag in scenario.tags if SCENARIO_ID.fullmatch(tag))
    return found


def index(pages: list[FeaturePage], run: LastRun) -> str:
    """The page that links to all others, with the results of each by door."""
    scenarios = sum(len(page.feature.scenarios) for page in pages)
    introduction = f"{len(pages)} features with {scenarios} scenarios. {_when(run)}"
    parts = ["# Features", introduction]
    for subject, title in SUBJECTS.items():
        rows = [_row(page) for page in pages if page.subject == subject]
        if rows:
            doors = " | ".join(DOORS.values())
            head = f"| Feature | {doors} |\n|---|{'---|' * len(DOORS)}"
            parts += [f"## {title}", "\n".join([head, *rows])]
    return "\n\n".join(parts) + "\n"


def _row(page: FeaturePage) -> str:
    results = " | ".join(_summary(page, door) for door in DOORS)
    return f"| [{page.feature.name}]({page.path.as_posix()}) | {results} |"


def _summary(page: FeaturePage, door: str) -> str:
    if door not in page.doors:
        return ""
    counts = page.outcomes(door)
    return ", ".join(_loud(f"{counts[each]} {each}") for each in sorted(counts))


def _loud(text: str) -> str:
    """In bold where something is not as it should be."""
    return text if text.endswith(PASSED) else f"**{text}**"


def _when(run: LastRun) -> str:
    return f"Last run: {run.finished_at:%d %B %Y, %H:%M} UTC."


def write(results: Path, folder: Path) -> list[FeaturePage]:
    """Write every page and the index. Raises FileNotFoundError where there are no results."""
    run = LastRun.read(results)
    pages = [FeaturePage(each, run) for each in every_feature() + extension_features()]
    for page in pages:
        path = folder / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.text(), encoding="utf-8")
    (folder / "index.md").write_text(index(pages, run), encoding="utf-8")
    return pages


def main(results: str, folder: str) -> int:
    """1 if a scenario failed or was not run."""
    pages = write(Path(results), Path(folder))
    counts = sum((page.outcomes(door) for page in pages for door in page.doors), Counter[str]())
    sys.stdout.write(f"{folder}/index.md: {_counted(counts)}\n")
    return 1 if counts[FAILED] or counts[NOT_RUN] else 0


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[each]} {each}" for each in sorted(counts))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
