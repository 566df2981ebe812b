"""The audit log of changes by staff: when, who, about what, and why; and its port.

Changes of an order are in its own history instead.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import attrs

from core.errors import Refused
from core.identity import Actor, ActorKind


@attrs.frozen
class ReasonIsMissing(Refused):
    """A change by staff has no reason."""


def required_reason(why: str) -> str:
    """The reason, without surrounding space. Raises ReasonIsMissing if it is empty."""
    if not why.strip():
        raise ReasonIsMissing()
    return why.strip()


@attrs.frozen
class Subject:
    """The subject of a change: its kind in one word, and its id within the kind.

    The shop's own kinds have constructors; an extension uses a word of its own.
    """

    kind: str = attrs.field(validator=attrs.validators.matches_re(r"[a-z][a-z-]*"))
    id: str = attrs.field(validator=attrs.validators.min_len(1))

    @classmethod
    def product(cls, sku: object) -> Subject:
        return cls("product", str(sku))

    @classmethod
    def discount(cls, code: object) -> Subject:
        return cls("discount", str(code))

    @classmethod
    def batch(cls, name: object) -> Subject:
        """Discounts that were generated together."""
        return cls("batch", str(name))

    @classmethod
    def prefix(cls, text: object) -> Subject:
        """Discounts whose codes start with this text."""
        return cls("prefix", str(text))

    @classmethod
    def learner(cls, learner: object) -> Subject:
        return cls("learner", str(learner))

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@attrs.frozen
class AuditEntry:
    """One change: a description and the reason. The log assigns `number`."""

    at: datetime
    by: Actor
    subject: Subject
    what: str = attrs.field(validator=attrs.validators.min_len(1))
    why: str
    number: int | None = attrs.field(default=None, kw_only=True, eq=False)


@attrs.frozen
class AuditSearch:
    """A query for entries, newest first; `after` is the number of the last entry already seen.

    With `about`, entries about any of these subjects match.
    """

    subject: Subject | None = None
    by: str | None = None
    after: int | None = None
    limit: int = attrs.field(
        default=20, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )
    about: frozenset[Subject] | None = attrs.field(default=None, kw_only=True)

    def matches(self, entry: AuditEntry) -> bool:
        return (
            self.subject in {None, entry.subject}
            and (self.about is None or entry.subject in self.about)
            and (self.by is None or entry.by == Actor(ActorKind.STAFF, self.by))
            and (self.after is None or entry.number is None or entry.number < self.after)
        )


class AuditLog(Protocol):
    """The port to all entries. An entry never changes."""

    def add(self, entries: Collection[AuditEntry], /) -> None:
        """Append new entries in this order, with a constant number of statements."""
        ...

    def search(self, query: AuditSearch, /) -> tuple[AuditEntry, ...]:
        """The entries that match, newest first."""
        ...
