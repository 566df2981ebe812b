"""Catalogue search: the query, and one page of results."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Generic, TypeVar

import attrs

Found = TypeVar("Found")


class ProductKind(enum.Enum):
    COURSE_RUN = "course-run"
    PROGRAM = "program"


@attrs.frozen
class CatalogueSearch:
    """A learner's query. Only products on sale are found.

    Every word of `text` must occur, in any order and any case. `kind` None means both; `open_only`
    leaves out products that cannot be bought at the time `at`.
    """

    at: datetime
    text: str = ""
    kind: ProductKind | None = None
    open_only: bool = False
    offset: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    limit: int = attrs.field(
        default=20, validator=[attrs.validators.ge(1), attrs.validators.le(100)]
    )

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.text.casefold().split())


@attrs.frozen
class CatalogueCounts:
    """How many products match the text, by kind: all, and those that can be bought now."""

    course_runs: int = 0
    programs: int = 0
    open_course_runs: int = 0
    open_programs: int = 0

    def found(self, kind: ProductKind | None, open_only: bool) -> int:
        runs = self.open_course_runs if open_only else self.course_runs
        programs = self.open_programs if open_only else self.programs
        return runs * (kind is not ProductKind.PROGRAM) + programs * (
            kind is not ProductKind.COURSE_RUN
        )


@attrs.frozen
class CataloguePage(Generic[Found]):
    """One page of products, and the counts for the filters."""

    products: tuple[Found, ...]
    counts: CatalogueCounts
