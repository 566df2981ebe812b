"""Every scenario has an id of its own, stands under a rule, and runs through all of its doors."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from pytest_bdd.parser import Feature, ScenarioTemplate
from pytest_bdd.scenario import scenario_wrapper_template_registry

from coursetill_testing.plugin import SCENARIO_ID
from tests.features import test_command_line, test_core, test_http
from tests.features.doors import (
    COMMAND_LINE,
    CORE,
    DOORS,
    HTTP,
    every_feature,
    extension_features,
)

MODULES = {CORE: test_core, HTTP: test_http, COMMAND_LINE: test_command_line}
SUBJECTS = {
    "products": "PRD",
    "baskets": "BAS",
    "orders": "ORD",
    "discounts": "DIS",
    "payments": "PAY",
    "platform": "PLT",
    "privacy": "PRI",
}
BY_STAFF = re.compile(r"staff |the scheduled ")


def scenarios_of(features: list[Feature]) -> list[ScenarioTemplate]:
    return [scenario for feature in features for scenario in feature.scenarios.values()]


def ids_of(scenario: ScenarioTemplate) -> list[str]:
    return [tag for tag in scenario.tags if SCENARIO_ID.fullmatch(tag)]


def collected_by(module: ModuleType) -> set[str]:
    """The ids of the scenarios that are tests of this module."""
    found = (scenario_wrapper_template_registry.get(test) for test in _functions(module))
    return {each for scenario in found if scenario is not None for each in ids_of(scenario)}


def _functions(module: ModuleType) -> list[object]:
    return [each for name, each in vars(module).items() if name.startswith("test_")]


def test_each_scenario_has_one_id() -> None:
    every = scenarios_of(every_feature() + extension_features())
    assert {
        scenario.name: len(ids_of(scenario)) for scenario in every if len(ids_of(scenario)) != 1
    } == {}


def test_each_id_belongs_to_one_scenario() -> None:
    every = scenarios_of(every_feature() + extension_features())
    ids = Counter(each for scenario in every for each in ids_of(scenario))
    assert [each for each, times in ids.items() if times > 1] == []


def test_an_id_begins_with_the_letters_of_its_folder() -> None:
    for feature in every_feature():
        letters = SUBJECTS[Path(feature.filename).parent.name]
        for scenario in feature.scenarios.values():
            assert all(each.startswith(f"{letters}-") for each in ids_of(scenario)), scenario.name


def test_each_scenario_stands_under_a_rule() -> None:
    every = scenarios_of(every_feature() + extension_features())
    assert [scenario.name for scenario in every if scenario.rule is None] == []


def test_each_feature_has_a_door_and_no_unknown_tag() -> None:
    for feature in every_feature():
        assert feature.tags, feature.filename
        assert feature.tags <= set(DOORS), feature.filename


@pytest.mark.parametrize("door", DOORS)
def test_each_scenario_runs_through_each_of_its_doors(door: str) -> None:
    expected = scenarios_of([each for each in every_feature() if door in each.tags])
    assert collected_by(MODULES[door]) == {each for s in expected for each in ids_of(s)}


def test_a_feature_in_which_staff_or_a_schedule_act_has_the_command_line() -> None:
    for feature in every_feature():
        steps = [step for scenario in feature.scenarios.values() for step in scenario.steps]
        if any(BY_STAFF.match(step.name) for step in steps):
            assert COMMAND_LINE in feature.tags, feature.filename
