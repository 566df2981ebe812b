"""Sentences about setting up the shop: settings, imported files, extensions."""

from __future__ import annotations

from entrypoints.csv_files.catalogue import NotACatalogueFile
from entrypoints.extensions.jobs import UnknownReader
from entrypoints.extensions.loader import (
    ExtensionCannotBeUsed,
    ExtensionFailed,
    ExtensionTablesAreBehind,
)
from entrypoints.gateways.registry import GatewayCannotBeUsed
from entrypoints.settings.reader import SettingsAreWrong
from entrypoints.wording.sentences import Entries, Wording, error


def _settings(refused: SettingsAreWrong, words: Wording) -> str:
    return words.say(
        "These settings need a change (`coursetill docs configuration` lists them all):\n"
        "{problems}",
        problems="\n".join(f"  {problem}" for problem in refused.problems),
    )


def _tables(refused: ExtensionTablesAreBehind, words: Wording) -> str:
    if refused.state == "newer":
        template = (
            "The tables of the extension {name} are newer than it is. "
            "Install the version of it that upgraded them"
        )
    elif refused.state == "empty":
        template = "The extension {name} has no tables yet. Run `coursetill db upgrade`"
    else:
        template = "The extension {name} has older tables. Run `coursetill db upgrade`"
    return words.say(template, name=refused.name)


SETUP: Entries = (
    error(SettingsAreWrong, "settings-are-wrong", _settings),
    error(NotACatalogueFile, "not-a-catalogue-file", "Nothing was imported: {why}"),
    error(
        ExtensionCannotBeUsed,
        "extension-cannot-be-used",
        "The extension {name} cannot be used: {why}",
    ),
    error(
        GatewayCannotBeUsed,
        "gateway-cannot-be-used",
        "The payment gateway {name} cannot be used: {why}",
    ),
    error(ExtensionTablesAreBehind, "extension-tables-are-behind", _tables),
    error(
        UnknownReader,
        "unknown-reader",
        "There is no reader {reader} in an extension that is on",
    ),
    error(
        ExtensionFailed,
        "extension-failed",
        "The shop cannot tell at the moment whether you may buy this. "
        "Nothing was ordered or charged. Please try again in a few minutes",
    ),
)
