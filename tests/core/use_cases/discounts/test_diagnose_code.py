"""Checking a code, rule by rule."""

import pytest

from core.discount_code import DiscountCode, PaymentType
from core.discounts.discount import DiscountId, RedemptionType, Source
from core.identity import Learner, LearnerId
from core.products.product import Sku, UnknownProduct
from core.use_cases.discounts.create_discount import DiscountDraft, create_discount
from core.use_cases.discounts.diagnose_code import diagnose_code
from coursetill_testing.makers import ADA, BOB, CLERK, DAY, NOW

RUN = Sku("6.86x-1T2027")


def creates(till, **terms):
    written = DiscountDraft(**{"code": "IT", "kind": "percent-off", "amount": "25"} | terms)
    create_discount(
        written,
        DiscountId(f"d-{till.number()}"),
        by=CLERK,
        why="",
        begin=till.begin,
        now=NOW,
    )


def checks(till, learner=ADA, sku=RUN):
    checked = diagnose_code(DiscountCode("it"), learner, sku, read=till.read, now=till.now)
    return {check.rule: (check.passes, check.says) for check in checked.checks}, checked.usable


RULES = [
    "exists",
    "window",
    "source",
    "learner",
    "uses",
    "uses by learner",
    "product",
    "currency",
    "takes something off",
]


def test_a_code_that_passes_every_rule_is_usable(till):
    creates(till)
    found, usable = checks(till)
    assert list(found) == RULES
    assert {passes for passes, _ in found.values()} == {True}
    assert found["takes something off"][1] == "$9.83 of $39.33"
    assert usable


def test_an_unknown_code_fails_only_the_first_rule(till):
    assert checks(till) == ({"exists": (False, "there is no code IT")}, False)


@pytest.mark.parametrize(
    "terms, rule, says",
    [
        ({"expires_at": NOW}, "window", f"CodeHasExpired: code IT, expired_at {NOW}"),
        ({"activates_at": NOW + DAY}, "window", f"NotUsableYet: code IT, activates_at {NOW + DAY}"),
        ({"skus": ("DEDP",)}, "product", "it is not for"),
        ({"courses": ("course-v1:MITxT+14.310x",)}, "product", "it is not for"),
        (
            {"kind": "dollars-off", "currency": "EUR"},
            "currency",
            "it is in EUR, the price in USD",
        ),
        ({"kind": "fixed-price", "amount": "100"}, "takes something off", "$0.00 of $39.33"),
        ({"source": Source.ASSIGNED, "learners": ("bob",)}, "learner", "not to them"),
    ],
)
def test_a_failed_rule_shows_its_reason(till, terms, rule, says):
    creates(till, **terms)
    found, usable = checks(till)
    assert not usable
    assert found[rule][0] is False
    assert says in str(found[rule][1])


@pytest.mark.parametrize(
    "terms, rule",
    [
        ({"redemption_type": RedemptionType.ONE_TIME}, "uses"),
        ({"max_redemptions": 1}, "uses"),
        ({"redemption_type": RedemptionType.ONE_TIME_PER_USER}, "uses by learner"),
    ],
)
def test_a_used_up_code_fails_its_rule(till, terms, rule):
    creates(till, **terms)
    till.puts("6.86x-1T2027")
    till.enters("IT")
    till.checks_out()
    found, usable = checks(till)
    assert (found[rule], usable) == ((False, "used 1 of 1 times"), False)
    assert checks(till, BOB)[1] is (rule == "uses by learner")


def test_rules_without_their_input_are_not_checked(till):
    creates(till, source=Source.ASSIGNED, learners=("ada",), max_per_learner=2)
    found, usable = checks(till, None, None)
    not_asked = [rule for rule, (passes, _) in found.items() if passes is None]
    assert not_asked == ["learner", "uses by learner", *RULES[-3:]]
    assert usable


def test_a_learner_assigned_by_address_passes(till):
    creates(till, source=Source.ASSIGNED, emails=("zoe@example.org",))
    zoe = Learner(LearnerId("z"), "Zoe@example.org", "", email_verified=True)
    assert checks(till, zoe)[0]["learner"] == (True, "it is theirs")


def test_financial_assistance_fails_the_rule_of_typed_codes(till):
    creates(
        till,
        source=Source.ASSIGNED,
        learners=("ada",),
        payment_type=PaymentType.FINANCIAL_ASSISTANCE,
    )
    assert "never typed" in checks(till)[0]["source"][1]


def test_an_unknown_product_is_refused(till):
    creates(till)
    with pytest.raises(UnknownProduct):
        checks(till, ADA, Sku("NOTHING"))
