"""What staff changed, entry by entry: when, who, about what, and why; and the port to all of it.

An order's changes stand in its own history instead.
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
    """A change by staff without a reason."""


def required_reason(why: str) -> str:
    """The reason for a change that may not be made without one. Raises ReasonIsMissing."""
    if not why.strip():
        raise ReasonIsMissing()
    return why.strip()


@attrs.frozen
class Subject:
    """What a change was about: a kind of thing in one word, and how that kind names each one.

    The kinds of the shop itself have a constructor each; an extension brings its own word.
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
        """Many discounts that were made in one go."""
        return cls("batch", str(name))

    @classmethod
    def prefix(cls, text: object) -> Subject:
        """The discounts whose codes begin like this."""
        return cls("prefix", str(text))

    @classmethod
    def learner(cls, learner: object) -> Subject:
        return cls("learner", str(learner))

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@attrs.frozen
class AuditEntry:
    """One change: what changed in words, and why. `number` is counted once it is kept."""

    at: datetime
    by: Actor
    subject: Subject
    what: str = attrs.field(validator=attrs.validators.min_len(1))
    why: str
    number: int | None = attrs.field(default=None, kw_only=True, eq=False)


@attrs.frozen
class AuditSearch:
    """Which entries are wanted, newest first; `after` is the number of the last one seen.

    With `about`, whatever is about any of these subjects.
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
    """Every entry; none is ever changed."""

    def add(self, entries: Collection[AuditEntry], /) -> None:
        """Keep new entries, in their order; many cost no more statements than one."""
        ...

    def search(self, wanted: AuditSearch, /) -> tuple[AuditEntry, ...]:
        """Entries, the newest first."""
        ...
