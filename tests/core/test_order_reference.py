"""References: opaque, from an alphabet that can be read out, under the shop's tag."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.order_reference import NotATag, reference_from

tags = st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True)
entropies = st.binary(min_size=8, max_size=8)


@given(tags, entropies)
def test_a_reference_is_short_and_has_no_ambiguous_letters(tag, entropy):
    reference = reference_from(tag, entropy)
    assert len(reference) <= 50
    assert re.fullmatch(r"[A-Z0-9]+(-[0-9A-HJKMNP-TV-Z]{4}){3}", reference)
    assert reference.startswith(f"{tag}-")


@given(tags, entropies)
def test_the_same_random_bytes_give_the_same_reference(tag, entropy):
    assert reference_from(tag, entropy) == reference_from(tag, entropy)


@given(st.sets(st.integers(0, 2**60 - 1), min_size=2, max_size=50))
def test_a_reference_keeps_sixty_bits_of_the_random_bytes(numbers):
    made = {reference_from("CT", number.to_bytes(8, "big")) for number in numbers}
    assert len(made) == len(numbers)


def test_every_letter_of_the_alphabet_is_used():
    made = [reference_from("CT", number.to_bytes(8, "big"))[-1] for number in range(32)]
    first = [reference_from("CT", number.to_bytes(8, "big"))[3] for number in range(32)]
    assert set("".join(first)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert set(made) == {"0"}


@pytest.mark.parametrize("tag", ["", "ct", "C T", "CT-", "X" * 13, "Ä"])
def test_a_tag_with_other_characters_is_refused(tag):
    with pytest.raises(NotATag, match="NotATag: text"):
        reference_from(tag, bytes(8))


@pytest.mark.parametrize("length", [0, 7, 9])
def test_a_reference_requires_exactly_eight_bytes(length):
    with pytest.raises(ValueError, match="8 random bytes"):
        reference_from("CT", bytes(length))
