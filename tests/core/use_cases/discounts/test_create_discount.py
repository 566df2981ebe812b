"""Creating a discount from what staff wrote."""

import attrs
import pytest

from core.discount_code import DiscountCode, NotACode
from core.discounts.discount import (
    AidIsNeverTyped,
    DiscountId,
    PaymentType,
    Source,
    UnknownCode,
)
from core.discounts.selection import NotABatch
from core.discounts.window import WindowIsEmpty
from core.identity import Learner, LearnerId, NotAnEmailAddress
from core.money import NotAnAmount, NotAPercentage, UnknownCurrency
from core.products.product import CourseId, Sku, UnknownProduct
from core.use_cases.discounts.create_discount import (
    CodeIsTaken,
    DiscountDraft,
    NobodyToAssign,
    UnknownCourse,
    UnknownKind,
    create_discount,
)
from coursetill_testing.makers import ADA, BOB, CLERK, NOW, usd

WRITTEN = DiscountDraft("autumn", "percent-off", "12.5")


def creates(till, **changes):
    written = attrs.evolve(WRITTEN, **changes)
    return create_discount(
        written,
        DiscountId(f"d-{till.number()}"),
        by=CLERK,
        why="spring",
        begin=till.begin,
        now=NOW,
    )


def test_a_created_discount_takes_off_its_amount(till):
    assert creates(till).code == DiscountCode("AUTUMN")
    till.puts("6.86x-1T2027")
    till.enters("autumn")
    assert till.basket().quote.saved == usd("4.92")


@pytest.mark.parametrize(
    "changes, refused",
    [
        ({"kind": "euros-off"}, UnknownKind),
        ({"amount": "101"}, NotAPercentage),
        ({"kind": "dollars-off", "amount": "1.001"}, NotAnAmount),
        ({"kind": "dollars-off", "amount": "1", "currency": "XAU"}, UnknownCurrency),
        ({"code": "two words"}, NotACode),
        ({"code": "spring"}, CodeIsTaken),
        ({"skus": ("nothing",)}, UnknownProduct),
        ({"skus": ("no such thing",)}, UnknownProduct),
        ({"courses": ("course-v1:MITxT+0.00x",)}, UnknownCourse),
        ({"batch": ""}, NotABatch),
        ({"activates_at": NOW, "expires_at": NOW}, WindowIsEmpty),
        ({"payment_type": PaymentType.FINANCIAL_ASSISTANCE}, AidIsNeverTyped),
        ({"source": Source.ASSIGNED}, NobodyToAssign),
        ({"learners": ("ada",)}, NobodyToAssign),
    ],
)
def test_an_invalid_discount_is_refused_and_not_stored(till, changes, refused):
    with pytest.raises(refused):
        creates(till, **changes)
    with till.read() as work:
        assert work.discounts.among([DiscountCode("AUTUMN")]) == {}


def test_a_program_in_a_scope_covers_itself_and_the_runs_of_its_courses(till):
    scope = creates(till, skus=("DEDP", "6.86x-1T2027"), courses=("course-v1:MITxT+14.310x",)).scope
    assert (scope.programs, scope.products) == ({Sku("DEDP")}, {Sku("6.86x-1T2027")})
    assert scope.courses == {CourseId("course-v1:MITxT+14.310x")}


def test_an_assigned_discount_lowers_the_price_for_its_learners_only(till):
    creates(till, source=Source.ASSIGNED, learners=("ada",))
    for learner in (ADA, BOB):
        till.puts("6.86x-1T2027", by=learner)
    assert till.basket(ADA).quote.saved == usd("4.92")
    assert till.basket(BOB).quote.saved == usd("0")


def test_a_discount_for_an_address_applies_after_sign_in_with_it(till):
    creates(till, source=Source.ASSIGNED, emails=("Carol@Example.org",))
    carol = Learner(LearnerId("c-1"), "carol@example.ORG", "Carol", email_verified=True)
    liar = Learner(LearnerId("c-2"), "carol@example.org", "Carol", email_verified=False)
    for learner in (carol, liar):
        till.puts("6.86x-1T2027", by=learner)
    assert till.basket(carol).quote.saved == usd("4.92")
    assert till.basket(liar).quote.saved == usd("0")
    with pytest.raises(UnknownCode):
        till.enters("autumn", by=liar)


def test_an_invalid_address_is_refused(till):
    with pytest.raises(NotAnEmailAddress):
        creates(till, source=Source.ASSIGNED, emails=("carol",))
