"""
The four ways in which the shop says no.

    ShopError
    ├── Absent        you ask for what is not there, or is not yours to see
    ├── Refused       the rules do not let you
    ├── Conflict      things have moved on since you looked
    └── Unavailable   we depend on somebody who is silent

Each refusal is one of these, so that a page, a command or an embedding program has four cases to
answer and no fifth. Each error is a class beside its rule and holds facts. Its text is for logs and
developers; `entrypoints.wording` has the sentences that learners and staff read.
"""

import enum

import attrs


class ShopError(Exception):
    """A no that is nobody's programming mistake."""

    def __str__(self) -> str:
        """The class and its facts: "OrderCannotMove: reference CT-7K3M, state paid"."""
        kind = type(self)
        fields = attrs.fields(kind) if attrs.has(kind) else ()
        facts = [f"{each.name} {_plain(getattr(self, each.name))}" for each in fields]
        told = ", ".join(facts or map(str, self.args))
        return f"{kind.__name__}: {told}" if told else kind.__name__


def _plain(fact: object) -> object:
    if isinstance(fact, enum.Enum):
        return fact.value if isinstance(fact.value, str) else fact.name
    return fact


class Absent(ShopError):
    """It is not there, or not for the asker to see."""


class Refused(ShopError):
    """The rules say no, and will again until something changes."""


class Conflict(ShopError):
    """Things moved on in between: look again, and try again."""


class Unavailable(ShopError):
    """Somebody we depend on is silent: try again later."""
