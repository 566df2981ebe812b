"""Parsing a voucher document, and comparing documents."""

import string
from contextlib import suppress
from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identity import EmailAddress
from core.money import Currency, Money
from coursetill_vouchers import EXTENSION
from coursetill_vouchers.document import Document, DocumentHasProblems, folded, read_document
from entrypoints.composition.wording import for_learners

WORDS = for_learners(UTC, [EXTENSION])

WRITTEN = {
    "number": " v-2041 ",
    "employer": "Acme  Works",
    "employee": "Ada Lovelace",
    "course": "STATS-1",
    "amount": "19.33",
}
READ = Document("V-2041", "Acme Works", "Ada Lovelace", "STATS-1", Money(1933))


def test_a_document_is_parsed_from_typed_text() -> None:
    assert read_document(WRITTEN) == READ


def test_a_document_is_valid_for_its_whole_last_day_and_ignores_case_in_addresses() -> None:
    more = {"valid_until": "2027-06-30", "email": "ADA@Example.org", "currency": "EUR"}
    found = read_document({**WRITTEN, **more})
    assert found.valid_until == datetime(2027, 7, 1, tzinfo=UTC)
    assert found.email == EmailAddress("ada@example.org")
    assert found.amount == Money(1933, Currency.EUR)


@pytest.mark.parametrize(
    "field, text, says",
    [
        ("number", "", "Fill in the number of the voucher"),
        ("number", "V", "is not the number of a voucher"),
        ("number", "V_2041?", "is not the number of a voucher"),
        ("number", "V" * 41, "is not the number of a voucher"),
        ("employer", " ", "Fill in the employer"),
        ("employer", "...", "Fill in the employer"),
        ("employer", "A" * 201, "Shorten the employer"),
        ("employee", "", "Fill in the name of the employee"),
        ("course", "", "Fill in the course"),
        ("amount", "", "Fill in the amount"),
        ("amount", "0.00", "more than nothing"),
        ("amount", "-5", "is not an amount of USD"),
        ("amount", "19.333", "is not an amount of USD"),
        ("currency", "XXX", "is not a currency of this shop"),
        ("email", "ada", "is not an e-mail address"),
        ("valid_until", "30.6.2027", "is not a day"),
        ("valid_until", "9999-12-31", "is not a day"),
    ],
)
def test_an_error_names_the_invalid_field(field: str, text: str, says: str) -> None:
    with pytest.raises(DocumentHasProblems) as wrong:
        read_document({**WRITTEN, field: text})
    assert says in WORDS.sentence(wrong.value.of(field))
    assert [problem.column for problem in wrong.value.problems] == [field]


def test_every_invalid_field_is_listed() -> None:
    with pytest.raises(DocumentHasProblems) as wrong:
        read_document({})
    named = {problem.column for problem in wrong.value.problems}
    assert named == {"number", "employer", "employee", "course", "amount"}


@given(st.dictionaries(st.sampled_from(["number", "amount", "course", "email"]), st.text()))
def test_any_typed_text_gives_a_document_or_problems(typed: dict[str, str]) -> None:
    with suppress(DocumentHasProblems):
        assert read_document({**WRITTEN, **typed}).amount.minor > 0


@given(st.text(string.ascii_letters, min_size=1), st.sampled_from([" ", "-", ". ", "  "]))
def test_names_are_compared_without_case_and_punctuation(name: str, between: str) -> None:
    assert folded(name.upper() + between + name) == folded(name + name.lower())


def test_a_document_number_is_unique_within_its_employer() -> None:
    assert attrs.evolve(READ, employer="ACME works").key == READ.key
    assert attrs.evolve(READ, employer="Other Works").key != READ.key
    assert attrs.evolve(READ, number="V-2042").key != READ.key


ADDRESSED = attrs.evolve(READ, email=EmailAddress("ada@example.org"))


@pytest.mark.parametrize(
    "document, claimed, agrees",
    [
        (READ, READ, True),
        (READ, attrs.evolve(READ, employee="ADA  LOVELACE"), True),
        (READ, attrs.evolve(READ, employee="Bob Kahn"), False),
        (READ, attrs.evolve(READ, amount=Money(1934)), False),
        (READ, attrs.evolve(READ, number="V-2042"), False),
        # If both have an address, it alone decides.
        (ADDRESSED, attrs.evolve(ADDRESSED, employee="A. L.", amount=Money(1)), True),
        (ADDRESSED, READ, False),
        (ADDRESSED, attrs.evolve(READ, email=EmailAddress("bob@example.org")), False),
    ],
)
def test_a_claim_must_agree_with_the_document(
    document: Document, claimed: Document, agrees: bool
) -> None:
    assert document.agrees_with(claimed) is agrees
