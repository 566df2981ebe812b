"""The doors through which the features run, and which feature runs through which door."""

from __future__ import annotations

from pathlib import Path

from pytest_bdd.feature import get_features
from pytest_bdd.parser import Feature

FOLDER = Path(__file__).parent
REPOSITORY = FOLDER.parent.parent
CORE, HTTP, COMMAND_LINE = "core", "http", "command-line"
DOORS = {CORE: "core", HTTP: "web pages", COMMAND_LINE: "command line"}
"""Each door's tag above a feature, and its name for readers."""


def features_of(door: str) -> list[str]:
    """The files of the features that run through a door."""
    return [feature.filename for feature in every_feature() if door in feature.tags]


def every_feature() -> list[Feature]:
    """Every feature of the shop, without those of extensions."""
    return get_features([str(FOLDER)])


def extension_features() -> list[Feature]:
    """The features of the extensions in this repository."""
    return get_features(sorted(map(str, REPOSITORY.glob("extensions/*/*_tests"))))
