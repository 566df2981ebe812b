"""Why the shop says no.

* ShopError
  x Absent       the thing asked for does not exist, or is none of the asker's business
  x Refused      a rule of the shop forbids it
  x Conflict     somebody else came first; read again and decide again
  x Unavailable  something the shop relies on did not answer

Every error the core raises belongs to exactly one of these four, so that an entrypoint need
know only four answers. The particular error stands beside the rule it guards, carries its facts
as fields, and its text is a sentence that the person in front of the shop can act on.
"""


class ShopError(Exception):
    """The root of every error that a person using the shop can meet without a fault of ours."""


class Absent(ShopError):
    """The thing asked for does not exist."""


class Refused(ShopError):
    """A rule of the shop forbids it."""


class Conflict(ShopError):
    """Somebody else changed it first."""


class Unavailable(ShopError):
    """Something the shop relies on did not answer."""
