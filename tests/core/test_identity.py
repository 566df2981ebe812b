"""Learners, shoppers and actors."""

import pytest

from core.identity import (
    GATEWAY,
    TIMER,
    Actor,
    EmailAddress,
    Learner,
    LearnerId,
    NotAnEmailAddress,
    Visitor,
)
from core.payments.transaction import Card


@pytest.mark.parametrize(
    "actor, told",
    [
        (Actor.learner(LearnerId("ada")), "learner ada"),
        (Actor.staff("clerk"), "staff clerk"),
        (GATEWAY, "gateway"),
        (TIMER, "timer"),
    ],
)
def test_an_actor_is_shown_by_kind_and_name(actor, told):
    assert str(actor) == told


def test_a_shopper_requires_an_id():
    with pytest.raises(ValueError, match="id"):
        Learner(LearnerId(""), "ada@example.org", "Ada")
    with pytest.raises(ValueError, match="id"):
        Visitor("")


@pytest.mark.parametrize(
    "email, verified, known_as",
    [
        ("Ada@Example.org", True, ("ada", EmailAddress("ada@example.org"))),
        ("Ada@Example.org", False, ("ada",)),
        ("", True, ("ada",)),
        ("no address", True, ("ada",)),
    ],
)
def test_a_learner_has_an_address_only_if_the_provider_verified_it(email, verified, known_as):
    learner = Learner(LearnerId("ada"), email, "Ada", email_verified=verified)
    assert learner.known_as == known_as


@pytest.mark.parametrize("text", ["", "ada", "@", "ada@", "@example.org", "a b@c", "a@b@c"])
def test_an_invalid_address_is_refused(text):
    with pytest.raises(NotAnEmailAddress):
        EmailAddress.of(text)


@pytest.mark.parametrize("digits", ["4111111111111111", "11111", "abcd"])
def test_a_card_holds_at_most_four_digits(digits):
    with pytest.raises(ValueError, match="last_four"):
        Card("Visa", digits)


@pytest.mark.parametrize(
    "card, told", [(Card("Visa", "1111"), "Visa ending in 1111"), (Card("Visa", ""), "Visa")]
)
def test_a_card_is_shown_by_brand_and_last_digits(card, told):
    assert str(card) == told
