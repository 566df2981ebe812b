"""Who buys and who acts: Learner, EmailAddress, Visitor, Shopper, Actor."""

from __future__ import annotations

import enum
import re
from typing import NewType, TypeAlias

import attrs

from core.errors import Refused

LearnerId = NewType("LearnerId", str)
"""The identity provider's id of a learner; the shop does not interpret it."""


_ADDRESS = re.compile(r"(?=.{3,254}$)[^@\s]+@[^@\s]+")


@attrs.frozen
class NotAnEmailAddress(Refused):
    text: str


def without_case(text: str) -> str:
    """A text for comparison: without case and surrounding space."""
    return text.strip().casefold()


@attrs.frozen(order=True)
class EmailAddress:
    """An e-mail address, compared without case."""

    text: str = attrs.field(converter=without_case, validator=attrs.validators.matches_re(_ADDRESS))

    @classmethod
    def of(cls, text: str) -> EmailAddress:
        """Parse an address. Raises NotAnEmailAddress."""
        if not _ADDRESS.fullmatch(without_case(text)):
            raise NotAnEmailAddress(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


Assignee: TypeAlias = LearnerId | EmailAddress
"""Who can have an assigned discount: a learner, or anyone who signs in with this address."""


@attrs.frozen
class Learner:
    """A signed-in person, as the identity provider describes them.

    `email_verified` says whether the provider has verified the address. Only then does the learner
    get what is assigned to the address.
    """

    id: LearnerId = attrs.field(validator=attrs.validators.min_len(1))
    email: str
    name: str
    email_verified: bool = attrs.field(default=False, eq=False, kw_only=True)

    @property
    def known_as(self) -> tuple[Assignee, ...]:
        """All ids under which something may be assigned to them."""
        vouched = self.email_verified and _ADDRESS.fullmatch(without_case(self.email))
        return (self.id, EmailAddress(self.email)) if vouched else (self.id,)


@attrs.frozen
class Visitor:
    """A person who is not signed in, known by a random id in their browser."""

    id: str = attrs.field(validator=attrs.validators.min_len(1))


Shopper = Learner | Visitor


class ActorKind(enum.Enum):
    LEARNER = "learner"
    STAFF = "staff"
    GATEWAY = "gateway"
    TIMER = "timer"


@attrs.frozen
class Actor:
    """Who changed something: a learner, a member of staff, the gateway or the clock."""

    kind: ActorKind
    name: str = ""

    @classmethod
    def learner(cls, learner: LearnerId) -> Actor:
        return cls(ActorKind.LEARNER, learner)

    @classmethod
    def staff(cls, name: str) -> Actor:
        return cls(ActorKind.STAFF, name)

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}".strip()


GATEWAY = Actor(ActorKind.GATEWAY)
TIMER = Actor(ActorKind.TIMER)
