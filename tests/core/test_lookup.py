"""Suggestions for misspelt names, and completion of prefixes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lookup import FEW, NameKind, did_you_mean, within_edit_distance_one


class Known:
    """Names that stand in a list."""

    def __init__(self, *names):
        self._names = names

    def beginning(self, kind, start, limit, /):
        return tuple(sorted(name for name in self._names if name.startswith(start)))[:limit]

    def there(self, kind, names, /):
        return frozenset(self._names) & frozenset(names)


RUNS = Known("6.431x-1T2027", "6.431x-2T2027", "18.01x-1T2027", "18.01x-2T2027")
ORDER = "CT-7K3M-Q9XD-2FVT"


@pytest.mark.parametrize(
    "typed, names",
    [
        ("6.431x-1T207", ("6.431x-1T2027",)),
        ("6.431x-1T20277", ("6.431x-1T2027",)),
        ("6.431X-1T2027", ("6.431x-1T2027",)),
        ("6.431x-1T2072", ("6.431x-1T2027",)),
        (" 6.431x-3T2027 ", ("6.431x-1T2027", "6.431x-2T2027")),
        ("18.01x", ("18.01x-1T2027", "18.01x-2T2027")),
        ("6.431x-9T2099", ()),
        ("", ()),
        ("1" * 61, ()),
    ],
)
def test_names_within_edit_distance_one_or_with_the_typed_prefix_are_suggested(typed, names):
    assert did_you_mean(NameKind.PRODUCT, typed, RUNS) == names


@pytest.mark.parametrize(
    "typed",
    ["ct-7k3m-q9xd-2fvt-", "CT7K3MQ9XD2FVT", "CT-7K3M-Q9XD-ZFVT", "CT-7K3M-Q9DX-2FVT"],
)
def test_a_reference_is_recognised_in_any_spelling(typed):
    assert did_you_mean(NameKind.ORDER, typed, Known(ORDER, "CT-0000-0000-0000")) == (ORDER,)


def test_letters_outside_the_alphabet_are_read_as_similar_ones():
    assert did_you_mean(NameKind.ORDER, "CT-OI1L-OOU0-2FVT", Known("CT-0111-00V0-2FVT")) == (
        "CT-0111-00V0-2FVT",
    )


def test_the_number_of_suggestions_is_limited():
    many = Known(*(f"SPRING{n}" for n in range(9)))
    assert len(did_you_mean(NameKind.DISCOUNT, "spring", many)) == FEW


@given(st.sampled_from(NameKind), st.text("AB12-.", min_size=1, max_size=20))
def test_edit_distance_one_is_symmetric(kind, name):
    for slip in sorted(within_edit_distance_one(kind, name))[::7]:
        if kind is not NameKind.ORDER:
            assert name in within_edit_distance_one(kind, slip) or not slip
    assert name not in within_edit_distance_one(kind, name)
