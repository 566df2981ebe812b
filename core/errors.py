"""
The four kinds of expected errors.

    ShopError
    ├── Absent        it does not exist, or the asker may not see it
    ├── Refused       the rules forbid it
    ├── Conflict      somebody else changed it meanwhile
    └── Unavailable   a service that the shop needs does not answer

Every expected error is one of these, so a page, a command or an embedding program handles four
cases. An error class stands beside its rule and holds facts. Its text is for logs and developers;
`entrypoints.wording` has the sentences that learners and staff read.
"""

import enum

import attrs


class ShopError(Exception):
    """An expected error, not a programming mistake."""

    def __str__(self) -> str:
        """The class and its facts: "OrderCannotMove: reference CT-7K3M, state paid"."""
        kind = type(self)
        fields = attrs.fields(kind) if attrs.has(kind) else ()
        facts = [f"{field.name} {_plain(getattr(self, field.name))}" for field in fields]
        text = ", ".join(facts or map(str, self.args))
        return f"{kind.__name__}: {text}" if text else kind.__name__


def _plain(fact: object) -> object:
    if isinstance(fact, enum.Enum):
        return fact.value if isinstance(fact.value, str) else fact.name
    return fact


class Absent(ShopError):
    """It does not exist, or the asker may not see it."""


class Refused(ShopError):
    """The rules forbid it until something changes."""


class Conflict(ShopError):
    """Somebody else changed it meanwhile: read again and retry."""


class Unavailable(ShopError):
    """A service that the shop needs does not answer: try again later."""
