"""Writes the reference of all errors and their public types from the tables: `make reference`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

import attrs
import click

from core.errors import ShopError
from entrypoints.cli.app.failures import FAMILIES, ErrorFamily
from entrypoints.cli.app.wording import for_commands
from entrypoints.wording.sentences import Entry

INTRODUCTION = """\
# Every error

Written by `make reference` from the tables of `entrypoints/wording/`. An error of the shop has a
public type that programs can rely on: a type never changes, and each type is unique. It is in the
JSON of pages and commands as `"type": "urn:coursetill:TYPE"` (RFC 9457). The class is what an
embedding program catches, and its facts are the fields of the class. Sentences are for people and
may change. Errors of extensions have types too: the manual of each extension lists them.
"""


def reference() -> str:
    """The page of all errors, by family and then by type."""
    entries = [each for each in for_commands(UTC).entries() if each.problem_type is not None]
    return "\n".join([INTRODUCTION, *_sections(entries)])


def _sections(entries: list[Entry]) -> Iterator[str]:
    for family in FAMILIES:
        if not issubclass(family.kind, ShopError):
            continue
        yield f"## {family.title}"
        yield f"\nStatus {family.status} on pages; commands leave with {family.exit_code}.\n"
        yield "| type | class | facts |"
        yield "|---|---|---|"
        theirs = [each for each in entries if _family_of(each) is family]
        for each in sorted(theirs, key=lambda entry: entry.problem_type or ""):
            facts = ", ".join(f"`{field}`" for field in _facts(each.kind))
            yield f"| `{each.problem_type}` | `{each.kind.__name__}` | {facts} |"
        yield ""


def _family_of(entry: Entry) -> ErrorFamily | None:
    return next((family for family in FAMILIES if issubclass(entry.kind, family.kind)), None)


def _facts(kind: type) -> list[str]:
    return [field.name for field in attrs.fields(kind)] if attrs.has(kind) else []


if __name__ == "__main__":
    click.echo(reference(), nl=False)
