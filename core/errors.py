"""
The four ways in which the shop says no.

    ShopError
    ├── Absent        you ask for what is not there, or is not yours to see
    ├── Refused       the rules do not let you
    ├── Conflict      things have moved on since you looked
    └── Unavailable   we depend on somebody who is silent

Each refusal is one of these, so that a page, a command or an embedding program has four cases to
answer and no fifth. What exactly is wrong is a class beside the rule that says so: it holds the
facts, and its text is a sentence that the person in front of the shop can act on.
"""


class ShopError(Exception):
    """A no that is nobody's programming mistake."""


class Absent(ShopError):
    """It is not there, or not for the asker to see."""


class Refused(ShopError):
    """The rules say no, and will again until something changes."""


class Conflict(ShopError):
    """Things moved on in between: look again, and try again."""


class Unavailable(ShopError):
    """Somebody we depend on is silent: try again later."""
