"""Sentences about products: why one cannot be bought, and refused changes and imports."""

from __future__ import annotations

from core.products.catalogue_rows import NotReadable, RowProblem, RowsHaveProblems
from core.products.product import (
    DeadlineHasPassed,
    FewerSeatsThanTaken,
    NoTimeToBuy,
    NotOpenYet,
    NotSellable,
    ProductExists,
    ProductsHaveChanged,
    ReadableIdIsTaken,
    SoldOut,
    UnknownProduct,
    Withdrawn,
)
from core.use_cases.catalogue.import_catalogue import CatalogueHasProblems
from core.use_cases.pricing.eligibility import (
    AlreadyBought,
    NotARunOfProgram,
    PickedForProgram,
    TwoRunsOfOneCourse,
)
from entrypoints.wording.sentences import Entries, Wording, error, phrase


def _already_bought(refused: AlreadyBought, words: Wording) -> str:
    if refused.bought == refused.title:
        template = "You bought {title} already, with order {order}"
    else:
        template = "{title} is part of {bought}, which you bought with order {order}"
    return words.say(template, title=refused.title, bought=refused.bought, order=refused.order)


def import_problems(refused: RowsHaveProblems, words: Wording) -> str:
    """One line with the number of problems, then one line for each."""
    return words.counted(
        len(refused.problems),
        "Nothing was imported: {count} problem\n{problems}",
        "Nothing was imported: {count} problems\n{problems}",
        problems=problem_lines(refused.problems, words),
    )


def problem_lines(problems: tuple[RowProblem, ...], words: Wording) -> str:
    """One indented line for each problem of a file."""
    return "\n".join(f"  {words.sentence(problem)}" for problem in problems)


PRODUCTS: Entries = (
    error(UnknownProduct, "unknown-product", 'There is no product "{sku}"'),
    error(
        ProductExists,
        "product-exists",
        "A product with this sku or readable id is there already",
    ),
    error(
        ReadableIdIsTaken,
        "readable-id-is-taken",
        "Another product has this readable id",
    ),
    error(
        ProductsHaveChanged,
        "products-have-changed",
        "These products were changed at the same moment. Please look again",
    ),
    error(
        FewerSeatsThanTaken,
        "fewer-seats-than-taken",
        "{title} ({sku}) cannot have {seats} seats: {taken} are taken",
    ),
    error(
        NoTimeToBuy,
        "no-time-to-buy",
        "{title} ({sku}) could never be bought: the deadline is not after the opening of enrolment",
    ),
    error(NotSellable, "not-sellable", "{title} ({sku}) cannot be bought now"),
    error(Withdrawn, "withdrawn", "{title} ({sku}) is no longer sold"),
    error(NotOpenYet, "not-open-yet", "{title} ({sku}) can be bought from {opens_at}"),
    error(
        DeadlineHasPassed,
        "deadline-has-passed",
        "The payment deadline of {title} ({sku}) was {deadline_at}",
    ),
    error(SoldOut, "sold-out", "Every seat of {title} ({sku}) is taken"),
    error(AlreadyBought, "already-bought", _already_bought),
    error(
        PickedForProgram,
        "picked-for-program",
        "You picked {title} for {program} in this basket already. Remove it here",
    ),
    error(
        NotARunOfProgram,
        "not-a-run-of-program",
        "{run} is not a run of a course of {program}. Pick another run",
    ),
    error(
        TwoRunsOfOneCourse,
        "two-runs-of-one-course",
        "Pick one run of {course} for {program}, not two",
    ),
    error(NotReadable, "not-readable", "{why}"),
    phrase(RowProblem, "line {line}, {column}: {why}"),
    error(RowsHaveProblems, "rows-have-problems", import_problems),
    error(CatalogueHasProblems, "catalogue-has-problems", import_problems),
)
