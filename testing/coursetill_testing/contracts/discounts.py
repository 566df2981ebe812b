"""The contract of the collection of discounts."""

import attrs
import pytest

from core.discount_code import DiscountCode
from core.discounts.discount import (
    CodesWereTaken,
    DiscountExists,
    DiscountId,
    DiscountSearch,
    Limits,
    Offer,
    RedemptionType,
    Scope,
    Source,
    UnknownCode,
)
from core.discounts.kinds import KINDS
from core.discounts.saving import UnknownSaving
from core.discounts.selection import Selection
from core.discounts.window import EndAt, ExtendUntil, Window
from core.identity import EmailAddress, Learner, LearnerId
from core.money import Currency
from core.products.product import CourseId, Sku
from coursetill_testing.contracts.samples import (
    ADA,
    BOB,
    NOW,
    a_discount,
    a_plain_discount,
    a_plain_order,
    changing,
    hours,
)


def kept(shop, *discounts):
    with changing(shop.begin) as work:
        for discount in discounts:
            work.discounts.add(discount)


def codes(offers):
    return [offer.discount.code.text for offer in offers]


def test_a_discount_is_read_back_unchanged(shop):
    kept(shop, a_discount())
    with shop.read() as work:
        assert work.discounts.get(a_discount().code) == Offer(a_discount())


def test_a_discount_with_only_required_fields_is_read_back_unchanged(shop):
    kept(shop, a_plain_discount())
    with shop.read() as work:
        assert work.discounts.get(DiscountCode("spring")) == Offer(a_plain_discount())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("amount", "currency"),
    [("12.5", Currency.USD), ("0.07", Currency.EUR), ("99", Currency.JPY), ("1", Currency.KWD)],
)
def test_every_kind_of_saving_is_read_back(shop, kind, amount, currency):
    discount = a_plain_discount(saving=KINDS[kind].of(amount, currency))
    kept(shop, discount)
    with shop.read() as work:
        assert work.discounts.get(discount.code).discount == discount


def test_a_saving_of_an_uninstalled_kind_is_read_back_and_found(shop):
    gone = UnknownSaving("half-off-up-to", "50.00", Currency.EUR)
    everywhere = UnknownSaving("two-for-one", "1", None)
    first = a_plain_discount(saving=gone, source=Source.AUTOMATIC)
    second = attrs.evolve(first, id=DiscountId("d-2"), code=DiscountCode("TWO"), saving=everywhere)
    kept(shop, first, second)
    with shop.read() as work:
        assert work.discounts.get(first.code).discount == first
        assert work.discounts.get(second.code).discount == second
        found = work.discounts.search(DiscountSearch(currency=Currency.EUR))
        assert {offer.discount.saving for offer in found} == {gone, everywhere}
        assert len(work.discounts.offered((), None, NOW)) == 2


def test_an_unknown_code_is_absent(shop):
    with shop.read() as work, pytest.raises(UnknownCode):
        work.discounts.get(DiscountCode("NOTHING"))


@pytest.mark.parametrize("limits", [Limits(each) for each in RedemptionType])
def test_every_type_of_redemption_is_read_back(shop, limits):
    kept(shop, a_plain_discount(limits=limits))
    with shop.read() as work:
        assert work.discounts.get(DiscountCode("SPRING")).discount.limits == limits


@pytest.mark.parametrize(
    "scope",
    [
        Scope(products=frozenset({Sku("a"), Sku("b")})),
        Scope(programs=frozenset({Sku("a")})),
        Scope(courses=frozenset({CourseId("a:b c"), CourseId("course-v1:Ä")})),
        Scope(frozenset({Sku("same")}), frozenset({Sku("same")}), frozenset({CourseId("same")})),
    ],
)
def test_every_scope_is_read_back(shop, scope):
    kept(shop, a_plain_discount(scope=scope))
    with shop.read() as work:
        assert work.discounts.get(DiscountCode("SPRING")).discount.scope == scope


@pytest.mark.parametrize("window", [Window(NOW), Window(None, NOW)])
def test_a_window_may_have_no_start_or_no_end(shop, window):
    kept(shop, a_plain_discount(window=window))
    with shop.read() as work:
        assert work.discounts.get(DiscountCode("SPRING")).discount.window == window


@pytest.mark.parametrize(
    "taken",
    [
        a_plain_discount("spring", id=DiscountId("another")),
        a_plain_discount("OTHER", id=DiscountId("id-of-SPRING")),
    ],
    ids=["code", "id"],
)
def test_a_code_and_an_id_identify_one_discount(shop, taken):
    kept(shop, a_plain_discount("SPRING"))
    with shop.begin() as work, pytest.raises(DiscountExists):
        work.discounts.add(taken)


@pytest.fixture
def offering(shop):
    """A shop with two typed codes, an automatic one, and one assigned to Ada."""
    kept(
        shop,
        a_plain_discount("TYPED-2"),
        a_plain_discount("TYPED-1"),
        a_plain_discount("AUTO", source=Source.AUTOMATIC),
        a_plain_discount("HERS", source=Source.ASSIGNED),
    )
    with changing(shop.begin) as work:
        work.discounts.assign(DiscountId("id-of-HERS"), [ADA.id])
    return shop


@pytest.mark.parametrize(
    ("typed", "learner", "offered"),
    [
        ([], None, ["AUTO"]),
        ([], BOB, ["AUTO"]),
        ([], ADA, ["AUTO", "HERS"]),
        (["TYPED-2", "TYPED-1", "NOTHING"], None, ["AUTO", "TYPED-1", "TYPED-2"]),
        (["AUTO", "TYPED-1", "HERS"], ADA, ["AUTO", "HERS", "TYPED-1"]),
        (["HERS"], BOB, ["AUTO", "HERS"]),
    ],
)
def test_offers_include_typed_automatic_and_assigned_discounts(offering, typed, learner, offered):
    with offering.read() as work:
        offers = work.discounts.offered([DiscountCode(code) for code in typed], learner, NOW)
        assert codes(offers) == offered


def test_an_offer_shows_if_it_is_assigned_to_the_learner(offering):
    hers = DiscountCode("HERS")
    with offering.read() as work:
        assert [o.assigned for o in work.discounts.offered([hers], ADA, NOW)] == [False, True]
        assert [o.assigned for o in work.discounts.offered([hers], BOB, NOW)] == [False, False]
        assert [o.assigned for o in work.discounts.offered([hers], None, NOW)] == [False, False]


def test_a_discount_assigned_to_an_address_is_offered_to_its_verified_owner(offering):
    with changing(offering.begin) as work:
        work.discounts.assign(DiscountId("id-of-HERS"), [EmailAddress.of("Zoë@Example.org ")])
    zoe = Learner(LearnerId("first time here"), "zOË@example.ORG", "Zoë", email_verified=True)
    unproven = attrs.evolve(zoe, email_verified=False)
    named_so = Learner(LearnerId("zoë@example.org"), "other@example.org", "", email_verified=True)
    with offering.read() as work:
        assert codes(work.discounts.offered([], zoe, NOW)) == ["AUTO", "HERS"]
        for other in (unproven, named_so, BOB):
            assert codes(work.discounts.offered([], other, NOW)) == ["AUTO"]
            [_, hers] = work.discounts.offered([DiscountCode("HERS")], other, NOW)
            assert not hers.assigned


@pytest.mark.parametrize("source", [Source.AUTOMATIC, Source.ASSIGNED])
@pytest.mark.parametrize(
    ("window", "offered"),
    [
        (Window(None, NOW), False),
        (Window(None, NOW + hours(1)), True),
        (Window(NOW + hours(1)), True),
        (Window(), True),
    ],
)
def test_an_expired_automatic_or_assigned_discount_is_not_offered(shop, source, window, offered):
    kept(shop, a_plain_discount("IT", source=source, window=window))
    with changing(shop.begin) as work:
        work.discounts.assign(DiscountId("id-of-IT"), [ADA.id])
    with shop.read() as work:
        assert codes(work.discounts.offered([], ADA, NOW)) == ["IT"] * offered
        assert codes(work.discounts.offered([DiscountCode("IT")], ADA, NOW)) == ["IT"]


def test_only_discounts_with_existing_codes_are_found(offering):
    wanted = [DiscountCode("hers"), DiscountCode("TYPED-1"), DiscountCode("NOTHING")]
    with offering.read() as work:
        found = work.discounts.among(wanted)
        assert {code.text: codes([offer]) for code, offer in found.items()} == {
            "HERS": ["HERS"],
            "TYPED-1": ["TYPED-1"],
        }
        assert work.discounts.among([]) == {}


def test_assigning_again_adds_learners_and_removes_none(offering):
    with changing(offering.begin) as work:
        work.discounts.assign(DiscountId("id-of-HERS"), [ADA.id, BOB.id, BOB.id])
        work.discounts.assign(DiscountId("id-of-HERS"), [])
    with offering.read() as work:
        assert codes(work.discounts.offered([], ADA, NOW)) == ["AUTO", "HERS"]
        assert codes(work.discounts.offered([], BOB, NOW)) == ["AUTO", "HERS"]


def test_an_unknown_discount_cannot_be_assigned(shop):
    with shop.begin() as work, pytest.raises(ValueError):
        work.discounts.assign(DiscountId("nothing"), [ADA.id])


def test_an_offer_counts_all_uses_and_those_of_the_learner(offering):
    code = DiscountCode("TYPED-1")
    with changing(offering.begin) as work:
        discount = work.discounts.get(code).discount
        for number, learner in enumerate([ADA, BOB, BOB, BOB]):
            order = a_plain_order(f"SHOP-{number}", learner=learner)
            work.orders.add(order)
            work.redemptions.reserve([discount], order.reference, learner.id, NOW)
        work.redemptions.redeem("SHOP-1", NOW)
        work.redemptions.release("SHOP-2", NOW)
    with offering.read() as work:
        by_learner = [
            [(o.used, o.used_by_learner) for o in work.discounts.offered([code], learner, NOW)]
            for learner in (ADA, BOB, None)
        ]
        assert by_learner == [
            [(0, 0), (0, 0), (3, 1)],
            [(0, 0), (3, 2)],
            [(0, 0), (3, 0)],
        ]
        offer = work.discounts.get(code)
        assert (offer.used, offer.used_by_learner, offer.assigned) == (3, 0, False)
        assert [o.used for o in work.discounts.search(DiscountSearch(prefix="typed"))] == [3, 0]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["A%", "ANY", "EURO", "Z", "ÉTÉ"]),
        ({"prefix": " a"}, ["A%", "ANY"]),
        ({"prefix": "a%"}, ["A%"]),
        ({"prefix": "été"}, ["ÉTÉ"]),
        ({"currency": Currency.EUR}, ["ANY", "EURO"]),
        ({"currency": Currency.USD, "prefix": "A"}, ["A%", "ANY"]),
        ({"limit": 2}, ["A%", "ANY"]),
        ({"limit": 2, "after": DiscountCode("ANY")}, ["EURO", "Z"]),
        ({"after": DiscountCode("É")}, ["ÉTÉ"]),
        ({"after": DiscountCode("ÉTÉ")}, []),
    ],
)
def test_a_search_finds_discounts_by_code(shop, wanted, found):
    euro = KINDS["fixed-price"].of("42", Currency.EUR)
    percent = KINDS["percent-off"].of("25", Currency.USD)
    kept(
        shop,
        a_plain_discount("ÉTÉ"),
        a_plain_discount("EURO", saving=euro),
        a_plain_discount("Z"),
        a_plain_discount("any", saving=percent),
        a_plain_discount("A%"),
    )
    with shop.read() as work:
        assert codes(work.discounts.search(DiscountSearch(**wanted))) == found


def test_a_code_is_found_in_any_case(shop):
    kept(shop, attrs.evolve(a_plain_discount(), code=DiscountCode(" SpRiNg ")))
    with shop.read() as work:
        assert codes(work.discounts.offered([DiscountCode("sPrInG")], None, NOW)) == ["SPRING"]


def test_a_search_finds_the_codes_of_a_batch(shop):
    kept(
        shop,
        a_plain_discount("B", batch="flyers"),
        a_plain_discount("A", batch="flyers"),
        a_plain_discount("C", batch="Flyers"),
        a_plain_discount("D"),
    )
    with shop.read() as work:
        assert codes(work.discounts.search(DiscountSearch(batch="flyers"))) == ["A", "B"]
        after = DiscountSearch(batch="flyers", after=DiscountCode("A"), prefix="B")
        assert codes(work.discounts.search(after)) == ["B"]


def test_many_discounts_are_stored_like_single_ones(shop):
    many = [a_discount(), a_plain_discount("SPRING"), a_plain_discount("NEXT", batch="flyers")]
    with changing(shop.begin) as work:
        work.discounts.add_many(many)
        work.discounts.add_many([])
    with shop.read() as work:
        for discount in many:
            assert work.discounts.get(discount.code) == Offer(discount)


def test_no_discount_of_a_bulk_insert_is_stored_if_one_code_is_taken(shop):
    kept(shop, a_plain_discount("TAKEN"))
    taken = a_plain_discount("TAKEN", id=DiscountId("another"))
    with shop.begin() as work, pytest.raises(CodesWereTaken):
        work.discounts.add_many([a_plain_discount("FREE"), taken])
    with shop.read() as work:
        assert set(work.discounts.among([DiscountCode("FREE"), DiscountCode("TAKEN")])) == {
            DiscountCode("TAKEN")
        }


def test_assigning_many_counts_only_new_assignments(offering):
    kept(offering, a_plain_discount("MORE", source=Source.ASSIGNED))
    hers, more = DiscountId("id-of-HERS"), DiscountId("id-of-MORE")
    zoe = EmailAddress("zoe@example.org")
    given = [(hers, ADA.id), (hers, zoe), (more, ADA.id), (more, ADA.id)]
    with changing(offering.begin) as work:
        assert work.discounts.assign_many(given) == 2
        assert work.discounts.assign_many(given) == 0
        assert work.discounts.assign_many([]) == 0
    with offering.read() as work:
        found = work.discounts.assignees([hers, more, DiscountId("id-of-AUTO")])
        assert found == {hers: {ADA.id, zoe}, more: {ADA.id}}
        assert work.discounts.assignees([]) == {}


SELECTED = [
    (Selection(DiscountCode("spring-1")), ["SPRING-1"]),
    (Selection(DiscountCode("SPRING")), []),
    (Selection(prefix="spring-"), ["SPRING-1", "SPRING-2"]),
    (Selection(prefix="SPRING"), ["SPRING-1", "SPRING-2", "SPRINGS"]),
    (Selection(prefix="%"), []),
    (Selection(prefix="SPRING_"), []),
    (Selection(prefix="S\U0010ffff"), ["S\U0010ffff1"]),
    (Selection(batch="flyers"), ["OTHER", "SPRING-2"]),
    (Selection(batch="none"), []),
]


@pytest.fixture
def seasons(shop):
    kept(
        shop,
        a_plain_discount("SPRING-1", source=Source.AUTOMATIC),
        a_plain_discount("SPRING-2", batch="flyers"),
        a_plain_discount("SPRINGS"),
        a_plain_discount("SPRIN"),
        a_plain_discount("OTHER", batch="flyers", source=Source.ASSIGNED),
        a_plain_discount("S\U0010ffff1"),
    )
    return shop


@pytest.mark.parametrize(("selection", "chosen"), SELECTED)
def test_a_selection_is_a_code_a_prefix_or_a_batch(seasons, selection, chosen):
    with changing(seasons.begin) as work:
        assert sum(work.discounts.tally(selection).values()) == len(chosen)
        assert work.discounts.reschedule(selection, EndAt(NOW)) == len(chosen)
    with seasons.read() as work:
        offers = work.discounts.search(DiscountSearch())
        assert codes(o for o in offers if o.discount.window.expires_at == NOW) == chosen


def test_a_tally_counts_discounts_by_source(seasons):
    with seasons.begin() as work:
        tally = work.discounts.tally(Selection(batch="flyers"))
    assert {source: number for source, number in tally.items() if number} == {
        Source.TYPED: 1,
        Source.ASSIGNED: 1,
    }


@pytest.mark.parametrize("change", [ExtendUntil(NOW), EndAt(NOW)], ids=str)
@pytest.mark.parametrize(
    "window",
    [
        Window(),
        Window(None, NOW - hours(1)),
        Window(None, NOW),
        Window(None, NOW + hours(1)),
        Window(NOW - hours(2), NOW - hours(1)),
        Window(NOW - hours(2), NOW + hours(1)),
        Window(NOW, NOW + hours(1)),
        Window(NOW + hours(1)),
        Window(NOW - hours(1)),
    ],
)
def test_rescheduling_moves_the_windows_of_the_selection(shop, change, window):
    kept(shop, a_plain_discount("IT", window=window))
    wanted = change.applied_to(window)
    with changing(shop.begin) as work:
        moved = work.discounts.reschedule(Selection(prefix="I"), change)
    assert moved == (wanted != window)
    with shop.read() as work:
        after = work.discounts.get(DiscountCode("IT")).discount
    assert (after.window, after.version) == (wanted, moved)
