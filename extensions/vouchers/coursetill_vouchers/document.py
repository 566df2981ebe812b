"""The content of a voucher document, and its parsing from text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import attrs

from core.errors import Refused, ShopError
from core.identity import EmailAddress
from core.money import Currency, Money
from core.products.catalogue_rows import RowProblem, RowReader, RowsHaveProblems

LONGEST = 200
COLUMNS = ("number", "employer", "employee", "email", "course", "amount", "currency", "valid_until")
"""The columns of a file of documents. email and valid_until may be empty."""

_NUMBER = re.compile(r"[A-Z0-9](?:[A-Z0-9./-]{1,38}[A-Z0-9])")


@attrs.frozen
class NotANumber(Refused):
    text: str


@attrs.frozen
class Missing(Refused):
    what: str


@attrs.frozen
class TooLong(Refused):
    what: str


@attrs.frozen
class NothingToPayWith(Refused):
    """An amount of zero."""


@attrs.frozen
class NotADay(Refused):
    text: str


@attrs.frozen
class DocumentHasProblems(Refused):
    """A document is not readable. `problems` says what is wrong with each field."""

    problems: tuple[RowProblem, ...]

    def of(self, field: str) -> ShopError | str | None:
        """The problem of this field, if any."""
        return next((each.why for each in self.problems if each.column == field), None)


@attrs.frozen
class VouchersHaveProblems(RowsHaveProblems):
    """No document of a file was entered, because of these problems."""


@attrs.frozen
class Document:
    """The printed content of a voucher. It is no longer valid at `valid_until`."""

    number: str
    employer: str
    employee: str
    course: str
    amount: Money
    email: EmailAddress | None = None
    valid_until: datetime | None = None

    @property
    def key(self) -> str:
        """The identity of the document. Numbers are unique only for each employer."""
        return f"{folded(self.employer)}|{self.number}"

    def agrees_with(self, claimed: Document) -> bool:
        """Whether a learner with the claim `claimed` holds this document.

        If the document has an address, only the address counts: colleagues know a name and an
        amount too. The address of a claim comes from the learner's identity provider.
        """
        if self.key != claimed.key:
            return False
        if self.email is not None:
            return self.email == claimed.email
        return self.amount == claimed.amount and folded(self.employee) == folded(claimed.employee)


def folded(text: str) -> str:
    """The text without case, marks and spaces, to compare typed names."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def read_document(written: Mapping[str, str], line: int = 1) -> Document:
    """Parse a document. Raises DocumentHasProblems with every invalid field."""
    problems: list[RowProblem] = []
    row = RowReader(line, written, problems)
    number = row.read("number", _number)
    employer = row.read("employer", lambda text: _some(text, "the employer"))
    employee = row.read("employee", lambda text: _some(text, "the name of the employee"))
    course = row.read("course", lambda text: _some(text, "the course"))
    currency = row.read("currency", lambda text: Currency.of(text or "USD"))
    amount = row.read("amount", lambda text: _amount(text, currency or Currency.USD))
    email = row.read("email", lambda text: EmailAddress.of(text) if text else None)
    until = row.read("valid_until", lambda text: _end_of(text) if text else None)
    if problems or not (number and employer and employee and course and amount):
        raise DocumentHasProblems(tuple(problems))
    return Document(number, employer, employee, course, amount, email, until)


def _number(text: str) -> str:
    number = "".join(text.split()).upper()
    if not _NUMBER.fullmatch(number):
        raise NotANumber(text) if text else Missing("the number of the voucher")
    return number


def _some(text: str, what: str) -> str:
    if not folded(text):
        raise Missing(what)
    if len(text) > LONGEST:
        raise TooLong(what)
    return " ".join(text.split())


def _amount(text: str, currency: Currency) -> Money:
    if not text:
        raise Missing("the amount")
    amount = Money.of(text, currency)
    if not amount:
        raise NothingToPayWith()
    return amount


def _end_of(text: str) -> datetime:
    """The end of the day in UTC: a voucher is still valid on its last day."""
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + timedelta(1)
    except (ValueError, OverflowError):
        raise NotADay(text) from None
