"""What a basket costs, line by line, and everything that stands in the way of buying it."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.baskets.basket import AnotherCurrency, BasketIsEmpty
from core.discount_code import DiscountCode
from core.discounts.discount import (
    CodeHasExpired,
    Limits,
    NotForTheseProducts,
    PaymentType,
    Scope,
    Source,
    TakesNothingOff,
    UnknownCode,
    UsedByYou,
    UsedUp,
    Window,
)
from core.discounts.saving import UnknownSaving
from core.errors import Refused
from core.identity import Visitor
from core.money import Currency, Money
from core.order_reference import Reference
from core.products.product import DeadlineHasPassed, Sku, SoldOut, Withdrawn
from core.use_cases.pricing.code_report import typed_offer
from core.use_cases.pricing.eligibility import (
    AlreadyBought,
    NotARunOfProgram,
    PickedForProgram,
    TwoRunsOfOneCourse,
    picks_refused,
)
from core.use_cases.pricing.quote import Circumstances, quote
from coursetill_testing.makers import (
    ADA,
    DAY,
    NOW,
    basket,
    discount,
    item,
    offer,
    order,
    program,
    run,
    usd,
    withdrawn,
)
from coursetill_testing.makers import line as order_line

DATA = run("14.310x-1T2027", "199.99", programs=["DEDP"])
ONLY_DATA = Scope(products=frozenset({DATA.sku}))
OTHER_DATA = run("14.310x-3T2026", "149.99", programs=["DEDP"])
POVERTY = run("14.73x-1T2027", "100.01", programs=["DEDP"])
LEARNING = run("6.86x-1T2027", "39.33")
DEDP = program("DEDP", "1350.00")
SHELF = (DATA, OTHER_DATA, POVERTY, LEARNING, DEDP)
BOUGHT = Reference("CT-0000-0000-0009")


def known(*offers, products=SHELF, owned=None, owner=ADA, rules=()):
    return Circumstances(
        {each.sku: each for each in products}, offers, owned or {}, owner, tuple(rules)
    )


def refusal(shown):
    [line] = shown.lines
    return line.why_not


def test_the_total_of_a_basket_is_the_sum_of_its_line_prices():
    shown = quote(basket(item(LEARNING), item(DATA), codes=["SPRING"]), NOW, known(offer("SPRING")))
    assert [str(line.due) for line in shown.lines] == ["$29.50", "$149.99"]
    assert (shown.list_total, shown.saved, shown.total) == (
        usd("239.32"),
        usd("59.83"),
        usd("179.49"),
    )


@given(st.lists(st.sampled_from([DATA, POVERTY, LEARNING]), unique=True), st.integers(1, 10_000))
def test_the_total_always_equals_the_sum_of_the_lines(products, basis_points):
    percent = Money(basis_points).plain
    shown = quote(basket(*map(item, products)), NOW, known(offer("ANY", amount=percent)))
    assert shown.total.minor == sum(line.due.minor for line in shown.lines)
    assert shown.list_total == shown.total + shown.saved


def test_an_empty_basket_costs_nothing_and_cannot_be_bought():
    shown = quote(basket(), NOW, known())
    assert shown.total == Money(0)
    with pytest.raises(BasketIsEmpty):
        shown.sellable()


def test_a_line_that_cannot_be_bought_has_a_reason_and_costs_nothing():
    gone = withdrawn(LEARNING)
    shown = quote(basket(item(DATA), item(LEARNING)), NOW, known(products=(DATA, gone)))
    assert [type(line.why_not) for line in shown.lines] == [type(None), Withdrawn]
    assert shown.total == usd("199.99")
    with pytest.raises(Withdrawn):
        shown.sellable()


@pytest.mark.parametrize(
    "product, refused",
    [
        (attrs.evolve(LEARNING, payment_deadline_at=NOW), DeadlineHasPassed),
        (attrs.evolve(LEARNING, seats=3, seats_taken=3), SoldOut),
    ],
)
def test_a_product_no_longer_on_sale_has_a_reason(product, refused):
    shown = quote(basket(item(LEARNING)), NOW, known(products=(product,)))
    assert isinstance(refusal(shown), refused)


def test_a_changed_price_is_shown_with_the_old_one():
    dearer = LEARNING.repriced(usd("49.33"), NOW)
    [line] = quote(basket(item(LEARNING)), NOW, known(products=(dearer,))).lines
    assert (line.price_was, line.due) == (usd("39.33"), usd("49.33"))
    [same] = quote(basket(item(LEARNING)), NOW, known()).lines
    assert same.price_was is None


def test_a_product_with_a_changed_currency_is_refused():
    euros = LEARNING.repriced(Money(3933, Currency.EUR), NOW)
    shown = quote(basket(item(DATA), item(LEARNING)), NOW, known(products=(DATA, euros)))
    assert isinstance(shown.lines[1].why_not, AnotherCurrency)
    assert shown.total == usd("199.99")


def test_an_owned_product_is_refused_and_its_order_named():
    shown = quote(basket(item(LEARNING)), NOW, known(owned={LEARNING.sku: BOUGHT}))
    assert isinstance(refusal(shown), AlreadyBought)
    assert refusal(shown).args == ("Course 6.86x", "Course 6.86x", BOUGHT)


def test_a_run_of_an_owned_program_is_refused():
    shown = quote(basket(item(DATA)), NOW, known(owned={DEDP.sku: BOUGHT}))
    assert isinstance(refusal(shown), AlreadyBought)
    assert refusal(shown).bought == "the program DEDP"


def test_owning_a_run_does_not_block_its_program_and_is_reported_if_picked():
    shown = quote(basket(item(DEDP, DATA, POVERTY)), NOW, known(owned={DATA.sku: BOUGHT}))
    [line] = shown.lines
    assert (line.why_not, line.owned_runs) == (None, (DATA,))


def test_a_run_picked_for_a_program_in_the_basket_cannot_be_bought_beside_it():
    shown = quote(basket(item(DEDP, DATA), item(DATA)), NOW, known())
    assert [type(line.why_not) for line in shown.lines] == [type(None), PickedForProgram]


def test_another_run_can_be_bought_beside_the_program():
    shown = quote(basket(item(DEDP, DATA), item(LEARNING)), NOW, known())
    assert [line.why_not for line in shown.lines] == [None, None]


@attrs.frozen
class NotInYourCountry(Refused):
    pass


def test_a_rule_of_the_host_refuses_only_its_products():
    def rule(learner, product):
        forbidden = learner == ADA and product.sku == DATA.sku
        return NotInYourCountry() if forbidden else None

    shown = quote(basket(item(DATA), item(LEARNING)), NOW, known(rules=[rule]))
    assert [type(line.why_not) for line in shown.lines] == [NotInYourCountry, type(None)]


def test_a_rule_of_the_host_is_not_called_for_visitors():
    def rule(learner, product):
        return NotInYourCountry()

    visited = attrs.evolve(basket(item(DATA)), shopper=Visitor("browser-1"))
    assert refusal(quote(visited, NOW, known(rules=[rule], owner=None))) is None


@pytest.mark.parametrize(
    "runs, refused",
    [
        ((), None),
        ((DATA,), None),
        ((DATA, POVERTY), None),
        ((LEARNING,), NotARunOfProgram),
        ((DATA, LEARNING), NotARunOfProgram),
        ((DEDP,), NotARunOfProgram),
        ((DATA, OTHER_DATA), TwoRunsOfOneCourse),
        ((withdrawn(DATA),), Withdrawn),
        ((attrs.evolve(DATA, seats=1, seats_taken=1),), SoldOut),
        ((attrs.evolve(DATA, payment_deadline_at=NOW),), DeadlineHasPassed),
    ],
)
def test_each_picked_run_is_on_sale_and_belongs_to_a_different_course(runs, refused):
    why = picks_refused(DEDP, runs, NOW)
    assert (None if why is None else type(why)) is refused


def test_no_run_can_be_picked_for_a_single_run():
    assert isinstance(picks_refused(LEARNING, (DATA,), NOW), NotARunOfProgram)


def test_a_closed_picked_run_blocks_the_program():
    closed = attrs.evolve(DATA, payment_deadline_at=NOW)
    shown = quote(basket(item(DEDP, DATA)), NOW, known(products=(DEDP, closed)))
    assert isinstance(refusal(shown), DeadlineHasPassed)


@pytest.mark.parametrize(
    "offers, lines, why, beaten",
    [
        ((offer("SPRING"),), 2, None, False),
        ((offer("SPRING", scope=Scope(products=frozenset({DATA.sku}))),), 1, None, False),
        ((), 0, UnknownCode, False),
        ((offer("SPRING", window=Window(None, NOW)),), 0, CodeHasExpired, False),
        ((offer("SPRING", limits=Limits(max_redemptions=1), used=1),), 0, UsedUp, False),
        (
            (offer("SPRING", limits=Limits(max_per_learner=1), used_by_learner=1),),
            0,
            UsedByYou,
            False,
        ),
        (
            (offer("SPRING", scope=Scope(products=frozenset({DEDP.sku}))),),
            0,
            NotForTheseProducts,
            False,
        ),
        ((offer("SPRING", "fixed-price", "500"),), 0, TakesNothingOff, False),
        ((offer("SPRING"), offer("AUTO", amount="30", source=Source.AUTOMATIC)), 0, None, True),
        ((offer("SPRING", source=Source.ASSIGNED, assigned=False),), 0, UnknownCode, False),
    ],
)
def test_a_code_reports_its_lines_or_the_reason_it_has_none(offers, lines, why, beaten):
    filled = basket(item(LEARNING), item(DATA), codes=["spring"])
    [code] = quote(filled, NOW, known(*offers)).codes
    assert (code.code, code.lines, code.beaten) == (DiscountCode("SPRING"), lines, beaten)
    assert (None if code.why_not is None else type(code.why_not)) is why


@pytest.mark.parametrize(
    "offers, lines, beaten_by, not_for",
    [
        ((offer("SPRING"),), 2, [], 0),
        ((offer("SPRING"), offer("TEN", amount="10")), 2, [], 0),
        ((offer("SPRING"), offer("BEST", amount="30")), 0, ["BEST"], 0),
        ((offer("SPRING"), offer("BEST", amount="30", scope=ONLY_DATA)), 1, ["BEST"], 0),
        ((offer("SPRING", scope=ONLY_DATA),), 1, [], 1),
        ((offer("SPRING", scope=ONLY_DATA), offer("BEST", amount="30")), 0, ["BEST"], 1),
        ((offer("SPRING", "fixed-price", "500"), offer("BEST")), 0, [], 0),
    ],
)
def test_a_code_reports_better_discounts_and_the_number_of_lines_outside_its_scope(
    offers, lines, beaten_by, not_for
):
    filled = basket(item(LEARNING), item(DATA), codes=["spring"])
    [code] = quote(filled, NOW, known(*offers)).codes
    assert (code.lines, [each.text for each in code.beaten_by]) == (lines, beaten_by)
    assert code.not_for == not_for


def test_a_code_in_an_empty_basket_is_kept_without_an_error():
    [code] = quote(basket(codes=["SPRING"]), NOW, known(offer("SPRING"))).codes
    assert (code.why_not, code.beaten, code.lines) == (None, False, 0)


def test_an_expired_discount_takes_nothing_off():
    expired = offer("SPRING", window=Window(NOW - DAY, NOW))
    assert quote(basket(item(LEARNING)), NOW, known(expired)).total == usd("39.33")
    just_before = quote(basket(item(LEARNING)), NOW - DAY, known(expired))
    assert just_before.total == usd("29.50")


def test_automatic_and_assigned_discounts_apply_without_typing():
    for source in (Source.AUTOMATIC, Source.ASSIGNED):
        shown = quote(basket(item(LEARNING)), NOW, known(offer("SPRING", source=source)))
        assert shown.total == usd("29.50")


def test_a_discount_of_a_program_applies_to_the_runs_of_its_courses_only():
    scoped = offer("DEDP10", "dollars-off", "10", scope=Scope(programs=frozenset({DEDP.sku})))
    shown = quote(basket(item(DATA), item(LEARNING), item(POVERTY)), NOW, known(scoped))
    assert [str(line.due) for line in shown.lines] == ["$189.99", "$39.33", "$90.01"]


def test_a_discount_on_two_lines_is_one_use():
    shown = quote(basket(item(DATA), item(LEARNING)), NOW, known(offer("SPRING")))
    assert [each.code for each in shown.discounts] == [DiscountCode("SPRING")]


@given(st.permutations([DATA, LEARNING, POVERTY, DEDP]))
def test_the_fingerprint_does_not_depend_on_the_order_of_the_lines(products):
    shown = quote(basket(*map(item, products)), NOW, known())
    straight = quote(basket(*map(item, [DATA, LEARNING, POVERTY, DEDP])), NOW, known())
    assert shown.fingerprint == straight.fingerprint


def test_the_fingerprint_depends_on_products_picks_prices_and_discounts():
    baskets = [
        quote(basket(item(DEDP)), NOW, known()),
        quote(basket(item(DEDP, DATA)), NOW, known()),
        quote(basket(item(DEDP, OTHER_DATA)), NOW, known()),
        quote(basket(item(DEDP, DATA, POVERTY)), NOW, known()),
        quote(basket(item(DEDP), item(LEARNING)), NOW, known()),
        quote(basket(item(LEARNING)), NOW, known()),
        quote(basket(item(LEARNING)), NOW, known(offer("A", "dollars-off", "1"))),
        quote(basket(item(LEARNING)), NOW, known(offer("B", "dollars-off", "1"))),
        quote(basket(item(LEARNING)), NOW, known(products=(LEARNING.repriced(usd("39.34"), NOW),))),
    ]
    assert len({shown.fingerprint for shown in baskets}) == len(baskets)


def test_a_sold_line_copies_the_quoted_line():
    shown = quote(basket(item(DEDP, POVERTY, DATA), codes=["SPRING"]), NOW, known(offer("SPRING")))
    sold = shown.lines[0].sold(3)
    assert (sold.position, sold.sku, sold.kind, sold.title) == (3, DEDP.sku, "program", DEDP.title)
    assert (sold.list_price, sold.due) == (usd("1350.00"), usd("1012.50"))
    assert (sold.reduction.code, sold.reduction.saving) == (DiscountCode("SPRING"), "25 % off")
    assert sold.skus == (DEDP.sku, DATA.sku, POVERTY.sku)
    assert sold.price_version == DEDP.price_version.number
    assert sold.runs[0].starts_at == DATA.sells.starts_at


def test_a_sold_run_stores_its_start_and_end():
    sold = quote(basket(item(DATA)), NOW, known()).lines[0].sold(1)
    assert (sold.kind, sold.starts_at, sold.ends_at) == (
        "course-run",
        DATA.sells.starts_at,
        DATA.sells.ends_at,
    )


def test_the_learners_own_pending_order_blocks_only_other_learners():
    last = attrs.evolve(LEARNING, seats=1, seats_taken=1)
    code = offer("SPRING", limits=Limits(max_redemptions=1), used=1, used_by_learner=1)
    pending = order(order_line(1, "39.33", "9.83", sku=LEARNING.sku))
    circumstances = known(code, products=(last,))
    filled = basket(item(LEARNING), codes=["SPRING"])
    assert isinstance(refusal(quote(filled, NOW, circumstances)), SoldOut)
    theirs = quote(filled, NOW, circumstances.without([pending]))
    assert (refusal(theirs), theirs.total) == (None, usd("29.50"))


def test_seats_reserved_by_others_stay_taken():
    full = attrs.evolve(LEARNING, seats=2, seats_taken=3)
    pending = order(order_line(1, sku=LEARNING.sku))
    shown = quote(basket(item(LEARNING)), NOW, known(products=(full,)).without([pending]))
    assert isinstance(refusal(shown), SoldOut)


TYPED = offer("SPRING")
AUTOMATIC = offer("AUTO", source=Source.AUTOMATIC)
ASSIGNED = offer("MINE", source=Source.ASSIGNED, assigned=True)
OF_ANOTHER = offer("THEIRS", source=Source.ASSIGNED, assigned=False)
AID = offer(
    "AID", source=Source.ASSIGNED, assigned=True, payment_type=PaymentType.FINANCIAL_ASSISTANCE
)
OFFERS = (TYPED, AUTOMATIC, ASSIGNED, OF_ANOTHER, AID)


@pytest.mark.parametrize("code, found", [("spring", TYPED), ("mine", ASSIGNED)])
def test_a_learner_can_type_typed_codes_and_codes_assigned_to_them(code, found):
    assert typed_offer(OFFERS, DiscountCode(code)) is found


@pytest.mark.parametrize("code", ["auto", "theirs", "aid", "nothing"])
def test_a_code_that_cannot_be_typed_looks_like_an_unknown_code(code):
    with pytest.raises(UnknownCode):
        typed_offer(OFFERS, DiscountCode(code))


def test_the_currency_of_an_empty_basket_is_the_dollar():
    assert quote(basket(), NOW, known()).currency is Currency.USD


def test_an_unknown_product_has_no_line():
    assert quote(basket(item(run("no-such"))), NOW, known()).lines == ()


def test_applied_discounts_are_sorted_by_code():
    offers = (
        offer("B", "dollars-off", "1", scope=Scope(products=frozenset({DATA.sku}))),
        offer("A", "dollars-off", "1", scope=Scope(products=frozenset({LEARNING.sku}))),
    )
    shown = quote(basket(item(DATA), item(LEARNING)), NOW, known(*offers))
    assert shown.discounts == (
        discount("A", "dollars-off", "1", scope=Scope(products=frozenset({LEARNING.sku}))),
        discount("B", "dollars-off", "1", scope=Scope(products=frozenset({DATA.sku}))),
    )


def test_skus_cannot_run_together_in_the_fingerprint():
    one = quote(basket(item(run("a-b"))), NOW, known(products=(run("a-b"),)))
    other = quote(basket(item(run("a-bc"))), NOW, known(products=(run("a-bc"),)))
    assert Sku("a-b") != Sku("a-bc")
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize("source", [Source.AUTOMATIC, Source.ASSIGNED])
def test_a_discount_of_an_uninstalled_kind_applies_to_nothing_and_others_still_apply(source):
    saving = UnknownSaving("half-off-up-to", "50.00", None)
    spring = offer("GONE", source=source)
    gone = attrs.evolve(spring, discount=attrs.evolve(spring.discount, saving=saving))
    shown = quote(basket(item(LEARNING)), NOW, known(gone))
    assert shown.total == usd("39.33")
    both = known(gone, offer("TEN", "dollars-off", "10", source=Source.AUTOMATIC))
    assert quote(basket(item(LEARNING)), NOW, both).total == usd("29.33")
