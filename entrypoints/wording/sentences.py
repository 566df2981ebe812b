"""Turns facts into sentences: a table from types to templates, and the reader's time zone.

A template is one whole sentence with named fields. `Wording.say` fills every template, so
translations can be added in this one place.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any, TypeAlias, TypeVar

import attrs

from core.errors import ShopError
from entrypoints.formatting import format_moment

T = TypeVar("T")
E = TypeVar("E", bound=ShopError)

Words: TypeAlias = "str | Callable[[Any, Wording], str]"
"""A template with the fields of the fact, or a function if that is not enough."""


@attrs.frozen
class Entry:
    """How to word one type. `problem_type` is the public type of an error; None for other facts."""

    kind: type
    words: Words
    problem_type: str | None = None


Entries: TypeAlias = "tuple[Entry, ...]"


def error(kind: type[E], problem_type: str, words: str | Callable[[E, Wording], str]) -> Entry:
    """The entry of an error: its class, its public type, and its sentence without the full stop."""
    return Entry(kind, words, problem_type)


def phrase(kind: type[T], words: str | Callable[[T, Wording], str]) -> Entry:
    """The entry of a fact that is not an error, such as a kind of discount."""
    return Entry(kind, words)


@attrs.frozen
class Wording:
    """All sentences of the shop, for readers in one time zone.

    A type without an entry uses its own `__str__` (an embedding program may define one), or the
    entry of its nearest base class: an error has at least the sentence of its family.
    """

    zone: tzinfo
    _entries: Mapping[type, Entry]

    @classmethod
    def of_entries(cls, zone: tzinfo, entries: Iterable[Entry]) -> Wording:
        """The wording with these entries.

        A later entry of a type replaces the sentence of an earlier one. If it has no public type,
        it keeps the earlier one's.
        """
        found: dict[type, Entry] = {}
        for entry in entries:
            known = found.get(entry.kind)
            kept = entry.problem_type or (known.problem_type if known else None)
            found[entry.kind] = attrs.evolve(entry, problem_type=kept)
        return cls(zone, found)

    def with_entries(self, entries: Iterable[Entry]) -> Wording:
        """This wording with more entries, such as those of an extension."""
        return self.of_entries(self.zone, (*self._entries.values(), *entries))

    def in_zone(self, zone: tzinfo) -> Wording:
        return attrs.evolve(self, zone=zone)

    def entry(self, kind: type) -> Entry | None:
        """The entry of this exact type; None without one."""
        return self._entries.get(kind)

    def entries(self) -> Entries:
        """Every entry, in the order of the tables."""
        return tuple(self._entries.values())

    def sentence(self, fact: object) -> str:
        """The fact as a sentence. An error has no full stop; the caller adds one if needed."""
        words = self._nearest(type(fact))
        if words is None:
            return str(fact)
        return self.say(words, **_fields(fact)) if isinstance(words, str) else words(fact, self)

    def problem_type(self, error: ShopError) -> str:
        """The public type of an error, stable across releases: "order-cannot-move"."""
        found = (self._entries.get(base) for base in type(error).__mro__)
        return next((e.problem_type for e in found if e and e.problem_type), "shop-error")

    def say(self, template: str, **facts: object) -> str:
        """Fill the template."""
        return template.format(**{name: self._text(fact) for name, fact in facts.items()})

    def counted(self, count: int, one: str, many: str, **facts: object) -> str:
        """Fill the template for this count; `count` is one of its fields."""
        return self.say(one if count == 1 else many, count=count, **facts)

    def moment(self, at: datetime) -> str:
        """1 December 2026, 23:59 UTC; in the reader's zone."""
        return format_moment(at.astimezone(self.zone))

    def _nearest(self, kind: type) -> Words | None:
        """The words of the nearest base class; None if the type defines `__str__`."""
        for base in kind.__mro__:
            entry = self._entries.get(base)
            if entry is not None:
                return entry.words
            if "__str__" in vars(base):
                return None
        return None

    def _text(self, fact: object) -> object:
        match fact:
            case datetime():
                return self.moment(fact)
            case enum.Enum():
                return fact.value
            case bool() | int() | str():
                return fact
            case _:
                return self.sentence(fact)


def _fields(fact: object) -> Mapping[str, object]:
    kind = type(fact)
    if not attrs.has(kind):
        return {}
    return {field.name: getattr(fact, field.name) for field in attrs.fields(kind)}
