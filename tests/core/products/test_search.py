"""What is asked of the catalogue, and the counts beside its filters."""

import pytest

from core.products.search import CatalogueCounts, CatalogueSearch, ProductKind
from coursetill_testing.makers import NOW

COUNTS = CatalogueCounts(course_runs=100, programs=20, open_course_runs=30, open_programs=4)


@pytest.mark.parametrize(
    "kind, open_only, found",
    [
        (None, False, 120),
        (None, True, 34),
        (ProductKind.COURSE_RUN, False, 100),
        (ProductKind.COURSE_RUN, True, 30),
        (ProductKind.PROGRAM, False, 20),
        (ProductKind.PROGRAM, True, 4),
    ],
)
def test_the_counts_show_how_many_products_each_filter_finds(kind, open_only, found):
    assert COUNTS.found(kind, open_only) == found


def test_words_are_compared_without_case_and_extra_space():
    assert CatalogueSearch(NOW, "  Data   STRAẞE ").words == ("data", "strasse")


@pytest.mark.parametrize("changes", [{"offset": -1}, {"limit": 0}, {"limit": 101}])
def test_a_page_outside_its_limits_is_refused(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        CatalogueSearch(NOW, **changes)
