"""The contract of the redemption ledger; tests/races tests it under concurrency."""

from datetime import timedelta

import attrs
import pytest

from core.discount_code import DiscountCode
from core.discounts.discount import Limits, RedemptionType, UnknownCode, UsedByYou, UsedUp
from core.discounts.redemption import (
    Redemption,
    RedemptionSearch,
    RedemptionState,
    ReportBy,
    ReportSearch,
    UsedByThisOrder,
)
from core.discounts.selection import Selection
from core.money import Currency, Money
from core.order_reference import Reference
from core.orders.line import Reduction
from coursetill_testing.contracts.samples import (
    ADA,
    BOB,
    ELSEWHERE,
    NOW,
    a_plain_discount,
    a_plain_line,
    a_plain_order,
    changing,
    hours,
)

FREE = a_plain_discount("FREE")
ONCE = a_plain_discount("ONCE", limits=Limits(RedemptionType.ONE_TIME))
ONCE_EACH = a_plain_discount("ONCE-EACH", limits=Limits(RedemptionType.ONE_TIME_PER_USER))
TWICE = a_plain_discount("TWICE", limits=Limits(max_redemptions=2))
TWICE_EACH = a_plain_discount("TWICE-EACH", limits=Limits(max_per_learner=2))


@pytest.fixture
def ledger(shop):
    """A shop with discounts of every limit, three orders of Ada and two of Bob."""
    with changing(shop.begin) as work:
        for discount in (FREE, ONCE, ONCE_EACH, TWICE, TWICE_EACH):
            work.discounts.add(discount)
        for reference in ("A-1", "A-2", "A-3"):
            work.orders.add(a_plain_order(reference))
        for reference in ("B-1", "B-2"):
            work.orders.add(a_plain_order(reference, learner=BOB))
    return shop


def reserve(shop, reference, *discounts, at=NOW):
    learner = ADA.id if reference.startswith("A") else BOB.id
    with changing(shop.begin) as work:
        work.redemptions.reserve(discounts, Reference(reference), learner, at)


def release(shop, reference, at=NOW):
    with changing(shop.begin) as work:
        work.redemptions.release(Reference(reference), at)


def uses(shop, reference):
    with shop.read() as work:
        return [(use.code.text, use.state.value) for use in work.redemptions.of(reference)]


def used(shop, discount):
    with shop.read() as work:
        return work.discounts.get(discount.code).used


def test_a_reserved_use_is_read_back_unchanged(ledger):
    reserve(ledger, "B-1", FREE, at=ELSEWHERE)
    with ledger.read() as work:
        assert work.redemptions.of(Reference("B-1")) == (
            Redemption(
                DiscountCode("FREE"), Reference("B-1"), BOB.id, RedemptionState.RESERVED, ELSEWHERE
            ),
        )


def test_the_uses_of_an_order_are_sorted_by_code(ledger):
    reserve(ledger, "A-1", TWICE, FREE, ONCE)
    assert [code for code, _ in uses(ledger, "A-1")] == ["FREE", "ONCE", "TWICE"]
    assert uses(ledger, "A-2") == []


def test_reserving_no_discounts_changes_nothing(ledger):
    reserve(ledger, "A-1")
    assert uses(ledger, "A-1") == []


def test_a_reserved_use_can_be_redeemed(ledger):
    reserve(ledger, "A-1", FREE, ONCE)
    reserve(ledger, "A-2", FREE)
    with changing(ledger.begin) as work:
        work.redemptions.redeem(Reference("A-1"), NOW + hours(1))
    assert uses(ledger, "A-1") == [("FREE", "redeemed"), ("ONCE", "redeemed")]
    assert uses(ledger, "A-2") == [("FREE", "reserved")]
    with ledger.read() as work:
        assert work.redemptions.of(Reference("A-1"))[0].at == NOW + hours(1)


@pytest.mark.parametrize("redeemed", [False, True])
def test_a_reserved_or_redeemed_use_can_be_released(ledger, redeemed):
    reserve(ledger, "A-1", ONCE)
    if redeemed:
        with changing(ledger.begin) as work:
            work.redemptions.redeem(Reference("A-1"), NOW)
    release(ledger, "A-1", NOW + hours(2))
    assert uses(ledger, "A-1") == [("ONCE", "released")]
    assert used(ledger, ONCE) == 0
    with ledger.read() as work:
        assert work.redemptions.of(Reference("A-1"))[0].at == NOW + hours(2)
    reserve(ledger, "B-1", ONCE)


def test_releasing_twice_releases_once(ledger):
    reserve(ledger, "A-1", TWICE)
    reserve(ledger, "B-1", TWICE)
    release(ledger, "A-1")
    release(ledger, "A-1")
    assert used(ledger, TWICE) == 1


def test_a_released_use_cannot_be_redeemed(ledger):
    reserve(ledger, "A-1", FREE)
    release(ledger, "A-1")
    with changing(ledger.begin) as work:
        work.redemptions.redeem(Reference("A-1"), NOW)
    assert uses(ledger, "A-1") == [("FREE", "released")]


def test_an_order_may_reserve_a_released_use_again(ledger):
    reserve(ledger, "A-1", ONCE)
    release(ledger, "A-1")
    reserve(ledger, "A-1", ONCE)
    assert uses(ledger, "A-1") == [("ONCE", "released"), ("ONCE", "reserved")]
    assert used(ledger, ONCE) == 1


def test_an_order_uses_a_discount_once(ledger):
    reserve(ledger, "A-1", FREE)
    with pytest.raises(UsedByThisOrder):
        reserve(ledger, "A-1", FREE)
    assert used(ledger, FREE) == 1


@pytest.mark.parametrize(("discount", "uses_before"), [(ONCE, ["A-1"]), (TWICE, ["A-1", "B-1"])])
def test_the_overall_limit_of_a_discount_applies_to_every_learner(ledger, discount, uses_before):
    for reference in uses_before:
        reserve(ledger, reference, discount)
    for reference in ("A-3", "B-2"):
        with pytest.raises(UsedUp):
            reserve(ledger, reference, discount)
    assert used(ledger, discount) == len(uses_before)


@pytest.mark.parametrize(
    ("discount", "uses_before"), [(ONCE_EACH, ["A-1"]), (TWICE_EACH, ["A-1", "A-2"])]
)
def test_the_limit_per_learner_affects_no_other_learner(ledger, discount, uses_before):
    for reference in uses_before:
        reserve(ledger, reference, discount)
    with pytest.raises(UsedByYou):
        reserve(ledger, "A-3", discount)
    reserve(ledger, "B-1", discount)
    assert used(ledger, discount) == len(uses_before) + 1


def test_a_released_use_frees_the_share_of_the_learner(ledger):
    reserve(ledger, "A-1", TWICE_EACH)
    reserve(ledger, "A-2", TWICE_EACH)
    release(ledger, "A-1")
    reserve(ledger, "A-3", TWICE_EACH)
    with pytest.raises(UsedByYou):
        reserve(ledger, "A-1", TWICE_EACH)


@pytest.mark.parametrize("short", [ONCE, ONCE_EACH])
def test_no_discount_is_reserved_if_one_is_used_up(ledger, short):
    reserve(ledger, "A-1", short)
    with pytest.raises((UsedUp, UsedByYou)) as refused:
        reserve(ledger, "A-2", FREE, short, TWICE_EACH)
    assert refused.value.code == short.code
    assert uses(ledger, "A-2") == []
    assert (used(ledger, FREE), used(ledger, TWICE_EACH)) == (0, 0)


def test_an_unknown_discount_cannot_be_reserved(ledger):
    with pytest.raises(UnknownCode):
        reserve(ledger, "A-1", a_plain_discount("NOTHING"))


def test_a_use_of_an_unknown_order_is_a_fault(ledger):
    with pytest.raises(ValueError):
        reserve(ledger, "A-9", FREE)


FLYERS = [a_plain_discount(f"FLY-{n}", batch="flyers") for n in (1, 2)]


@pytest.fixture
def much_used(ledger):
    """The ledger with five uses: three of a batch, one of them released."""
    with changing(ledger.begin) as work:
        work.discounts.add_many(FLYERS)
    reserve(ledger, "A-1", FLYERS[1])
    reserve(ledger, "A-2", FLYERS[0], at=NOW + hours(1))
    reserve(ledger, "B-1", FLYERS[0], FREE)
    reserve(ledger, "B-2", FREE)
    release(ledger, "A-2", NOW + hours(2))
    with changing(ledger.begin) as work:
        work.redemptions.redeem(Reference("B-1"), NOW)
    return ledger


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"batch": "flyers"}, ["FLY-1 A-2", "FLY-1 B-1", "FLY-2 A-1"]),
        ({"prefix": "f"}, ["FLY-1 A-2", "FLY-1 B-1", "FLY-2 A-1", "FREE B-1", "FREE B-2"]),
        ({"prefix": "FLY_"}, []),
        ({"code": DiscountCode("free")}, ["FREE B-1", "FREE B-2"]),
        ({"code": DiscountCode("once")}, []),
    ],
)
def test_uses_of_many_discounts_are_found_by_code_oldest_first(much_used, wanted, found):
    with much_used.read() as work:
        uses = work.redemptions.search(RedemptionSearch(Selection(**wanted)))
    assert [f"{use.code} {use.reference}" for use in uses] == found


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (RedemptionState.RESERVED, ["A-1", "B-2"]),
        (RedemptionState.REDEEMED, ["B-1", "B-1"]),
        (RedemptionState.RELEASED, ["A-2"]),
    ],
)
def test_uses_are_found_by_state(much_used, state, found):
    with much_used.read() as work:
        uses = work.redemptions.search(RedemptionSearch(Selection(prefix="F"), state))
    assert [use.reference for use in uses] == found


def test_uses_are_listed_page_by_page(much_used):
    wanted, seen = RedemptionSearch(Selection(prefix="F"), limit=2), []
    with much_used.read() as work:
        while page := work.redemptions.search(wanted):
            seen += [f"{use.code} {use.reference}" for use in page]
            wanted = attrs.evolve(wanted, after=page[-1].number)
    assert seen == ["FLY-1 A-2", "FLY-1 B-1", "FLY-2 A-1", "FREE B-1", "FREE B-2"]


def sold(shop, reference, *lines, at, learner=ADA):
    """A paid order with these lines: each is (code, reduction, currency)."""
    named = {"FREE": FREE, "FLY-1": FLYERS[0], "FLY-2": FLYERS[1]}
    made = tuple(
        attrs.evolve(
            a_plain_line(n, f"sku-{reference}-{n}"),
            list_price=Money(10_007, currency),
            reduction=Reduction(DiscountCode(code), "some", Money(off, currency)),
            due=Money(10_007 - off, currency),
            refunded=Money(0, currency),
        )
        for n, (code, off, currency) in enumerate(lines, start=1)
    )
    with changing(shop.begin) as work:
        work.orders.add(a_plain_order(reference, lines=made, learner=learner))
        used_ones = {named[code] for code, _, _ in lines}
        work.redemptions.reserve(used_ones, Reference(reference), learner.id, at - hours(1))
        work.redemptions.redeem(Reference(reference), at)


@pytest.fixture
def sales(ledger):
    with changing(ledger.begin) as work:
        work.discounts.add_many(FLYERS)
    usd, euro = Currency.USD, Currency.EUR
    sold(ledger, "S-1", ("FREE", 1, usd), ("FREE", 2, usd), at=NOW)
    sold(ledger, "S-2", ("FLY-1", 30, usd), ("FLY-2", 400, usd), at=NOW + hours(1))
    sold(ledger, "S-3", ("FREE", 5_000, euro), at=NOW + hours(2) - timedelta(microseconds=1))
    sold(ledger, "S-4", ("FREE", 7, usd), at=NOW + hours(2))
    sold(ledger, "S-5", ("FREE", 7, usd), at=NOW - timedelta(microseconds=1))
    sold(ledger, "S-6", ("FREE", 7, usd), at=NOW)
    release(ledger, "S-6", NOW)
    reserve(ledger, "A-1", FREE, at=NOW)
    return ledger


def added_up(shop, **wanted):
    with shop.read() as work:
        found = work.redemptions.added_up(ReportSearch(NOW, NOW + hours(2), **wanted))
    return [(each.name, each.uses, str(each.given_away), str(each.sold)) for each in found]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (
            {"by": ReportBy.CODE},
            [
                ("FREE", 1, "€50.00", "€50.07"),
                ("FLY-2", 1, "$4.00", "$96.07"),
                ("FLY-1", 1, "$0.30", "$99.77"),
                ("FREE", 1, "$0.03", "$200.11"),
            ],
        ),
        (
            {"by": ReportBy.BATCH},
            [
                ("", 1, "€50.00", "€50.07"),
                ("flyers", 2, "$4.30", "$195.84"),
                ("", 1, "$0.03", "$200.11"),
            ],
        ),
        (
            {"by": ReportBy.PAYMENT_TYPE},
            [("marketing", 1, "€50.00", "€50.07"), ("marketing", 3, "$4.33", "$395.95")],
        ),
        ({"selection": Selection(batch="flyers")}, [("marketing", 2, "$4.30", "$195.84")]),
        ({"selection": Selection(batch="none")}, []),
        ({"by": ReportBy.CODE, "limit": 1}, [("FREE", 1, "€50.00", "€50.07")]),
    ],
)
def test_a_report_sums_redeemed_uses_of_a_period_per_currency(sales, wanted, found):
    assert added_up(sales, **wanted) == found
