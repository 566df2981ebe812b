"""The contract of the collection of products."""

from datetime import timedelta

import attrs
import pytest

from core.errors import Refused
from core.money import Money
from core.products.product import (
    CourseId,
    CourseRun,
    Listing,
    PriceVersion,
    ProductExists,
    ProductsHaveChanged,
    Program,
    ReadableIdIsTaken,
    Sku,
    SoldOut,
    UnknownProduct,
)
from core.products.search import CatalogueCounts, CatalogueSearch, ProductKind
from coursetill_testing.contracts.samples import (
    DATA,
    ELSEWHERE,
    MICRO,
    NOW,
    a_plain_program,
    a_plain_run,
    a_program,
    a_run,
    changing,
    hours,
)


@pytest.fixture
def stocked(shop):
    """A shop with one program and a run of one of its courses."""
    with changing(shop.begin) as work:
        work.products.add([a_run(), a_program()])
    return shop


def of_course(sku, course, starts_at=None):
    return a_plain_run(sku, sells=CourseRun(CourseId(course), starts_at))


@pytest.mark.parametrize("product", [a_program(), a_run()], ids=["program", "run"])
def test_a_product_is_read_back_unchanged(stocked, product):
    with stocked.read() as work:
        assert work.products.get(product.sku) == product


def test_a_product_with_only_required_fields_is_read_back_unchanged(shop):
    with changing(shop.begin) as work:
        work.products.add([a_plain_run()])
    with shop.read() as work:
        assert work.products.get(Sku("plain")) == a_plain_run()


def test_an_unknown_product_is_absent(shop):
    with shop.read() as work, pytest.raises(UnknownProduct):
        work.products.get(Sku("nowhere"))


def test_a_run_lists_every_program_of_its_course(shop):
    with changing(shop.begin) as work:
        work.products.add([of_course("run", "C"), a_plain_program("P1", "A", "C")])
        work.products.add([a_plain_program("P2", "C"), a_plain_program("P3", "A")])
    with shop.read() as work:
        assert work.products.get(Sku("run")).programs == {Sku("P1"), Sku("P2")}


def test_the_courses_of_a_program_keep_their_order(shop):
    courses = tuple(f"c{n}" for n in range(12, 0, -1))
    with changing(shop.begin) as work:
        work.products.add([a_plain_program("P", *courses)])
    with shop.read() as work:
        assert work.products.get(Sku("P")).courses == courses


def test_among_skips_unknown_products(stocked):
    skus = [a_run().sku, Sku("nowhere"), a_program().sku]
    with stocked.read() as work:
        found = work.products.among(skus)
        assert found == {a_run().sku: a_run(), a_program().sku: a_program()}
        assert work.products.among([]) == {}


def test_runs_are_sorted_by_start_and_those_without_one_are_last(shop):
    with changing(shop.begin) as work:
        work.products.add(
            [
                of_course("late", "A", NOW + hours(1)),
                of_course("open", "A"),
                of_course("early", "B", NOW),
                of_course("other", "C", NOW),
                a_plain_program("P", "A", "B"),
            ]
        )
    with shop.read() as work:
        found = work.products.runs_of([CourseId("A"), CourseId("B")])
        assert [str(product.sku) for product in found] == ["early", "late", "open"]
        assert found[0].programs == {Sku("P")}


def test_programs_with_a_course_are_sorted_by_title(shop):
    with changing(shop.begin) as work:
        work.products.add(
            [
                a_plain_program("P1", "A", "B", title="zeta"),
                a_plain_program("P2", "B", title="Zulu"),
                a_plain_program("P3", "C", title="Alpha"),
            ]
        )
    with shop.read() as work:
        found = work.products.programs_with([CourseId("A"), CourseId("B")])
        assert [product.title for product in found] == ["Zulu", "zeta"]


def catalogue():
    """Two runs and a program on sale, and products that a search must not find."""
    program = a_plain_program("P", "A", title="Économie du Développement")
    return [
        a_plain_run("b-open", title="Straße of Data"),
        a_plain_run("a-full", title="data & 100 % Excel_", seats=2, seats_taken=2),
        a_plain_run("c-hidden", title="Data", listing=Listing.HIDDEN),
        a_plain_run("d-withdrawn", title="Data", listing=Listing.WITHDRAWN),
        program,
    ]


def found_in(shop, **wanted):
    with changing(shop.begin) as work:
        if not work.products.everything():
            work.products.add(catalogue())
    with shop.read() as work:
        page = work.products.search(CatalogueSearch(NOW, **wanted))
        return [str(product.sku) for product in page.products], page.counts


def test_the_catalogue_lists_programs_first_and_only_products_on_sale(shop):
    skus, counts = found_in(shop)
    assert skus == ["P", "a-full", "b-open"]
    assert counts == CatalogueCounts(2, 1, 1, 1)


@pytest.mark.parametrize(
    ("text", "skus"),
    [
        ("DATA", ["a-full", "b-open"]),
        ("  data   strasse ", ["b-open"]),
        ("of data straße", ["b-open"]),
        ("économie", ["P"]),
        ("data économie", []),
        ("a-full", ["a-full"]),
        ("program-v1:mitxt+p", ["P"]),
        ("100 %", ["a-full"]),
        ("%", ["a-full"]),
        ("excel_", ["a-full"]),
        ("d_ta", []),
        ("/", []),
        ("\\", []),
        ("'", []),
    ],
)
def test_a_search_matches_all_words_in_any_order_and_case(shop, text, skus):
    assert found_in(shop, text=text)[0] == skus


def test_the_counts_depend_on_the_search_text_only(shop):
    skus, counts = found_in(shop, text="data", kind=ProductKind.COURSE_RUN, open_only=True)
    assert skus == ["b-open"]
    assert counts == CatalogueCounts(course_runs=2, open_course_runs=1)


@pytest.mark.parametrize(
    ("kind", "skus"),
    [(ProductKind.PROGRAM, ["P"]), (ProductKind.COURSE_RUN, ["a-full", "b-open"])],
)
def test_a_search_can_filter_by_kind(shop, kind, skus):
    assert found_in(shop, kind=kind)[0] == skus


def test_a_product_is_open_from_its_opening_until_its_deadline(shop):
    second = timedelta(seconds=1)
    with changing(shop.begin) as work:
        work.products.add(
            [
                a_plain_run("opens-now", enrollment_opens_at=NOW),
                a_plain_run("opens-later", enrollment_opens_at=NOW + second),
                a_plain_run("ends-now", payment_deadline_at=NOW),
                a_plain_run("ends-later", payment_deadline_at=NOW + second),
            ]
        )
    skus, counts = found_in(shop, open_only=True)
    assert skus == ["ends-later", "opens-now"]
    assert (counts.course_runs, counts.open_course_runs) == (4, 2)


def test_pages_have_no_gap_or_overlap(shop):
    skus = [f"{letter}{n}" for letter in "Zaz" for n in (10, 9)]
    with changing(shop.begin) as work:
        work.products.add([a_plain_run(sku) for sku in skus])
    pages = [found_in(shop, offset=offset, limit=4)[0] for offset in (0, 4, 8)]
    assert pages == [["Z10", "Z9", "a10", "a9"], ["z10", "z9"], []]


def test_everything_includes_withdrawn_products(shop):
    found_in(shop)
    with shop.read() as work:
        skus = [str(product.sku) for product in work.products.everything()]
    assert skus == ["P", "a-full", "b-open", "c-hidden", "d-withdrawn"]


@pytest.mark.parametrize(
    "taken",
    [
        a_plain_run("plain", readable_id="another"),
        a_plain_run("another", readable_id=a_plain_run("plain").readable_id),
    ],
    ids=["sku", "readable id"],
)
def test_a_sku_and_a_readable_id_identify_one_product(shop, taken):
    with changing(shop.begin) as work:
        work.products.add([a_plain_run("plain")])
    with shop.begin() as work, pytest.raises(ProductExists):
        work.products.add([taken])


def test_a_readable_id_cannot_move_to_another_product(shop):
    with changing(shop.begin) as work:
        work.products.add([a_plain_run("one"), a_plain_run("two")])
    two = a_plain_run("two", readable_id=a_plain_run("one").readable_id)
    with shop.begin() as work, pytest.raises(ReadableIdIsTaken):
        work.products.save([two])


def test_a_changed_product_is_stored(stocked):
    changed = attrs.evolve(
        a_run(),
        readable_id=f"{MICRO}+2T2032",
        title="Microeconomics",
        sells=CourseRun(MICRO, NOW, ELSEWHERE, frozenset({a_program().sku})),
        price_version=PriceVersion(3, Money.of("0.07"), NOW + hours(1)),
        enrollment_opens_at=None,
        payment_deadline_at=NOW,
        seats=99,
        listing=Listing.ON_SALE,
    )
    with changing(stocked.begin) as work:
        work.products.save([changed])
    with stocked.read() as work:
        assert work.products.get(a_run().sku) == attrs.evolve(changed, version=10)
        page = work.products.search(CatalogueSearch(NOW, "microeconomics 2t2032"))
        assert [product.sku for product in page.products] == [a_run().sku]


def test_a_changed_program_keeps_only_its_new_courses(stocked):
    changed = attrs.evolve(a_program(), sells=Program((MICRO, CourseId("new"))))
    with changing(stocked.begin) as work:
        work.products.save([changed])
    with stocked.read() as work:
        assert work.products.get(a_program().sku).courses == (MICRO, CourseId("new"))
        assert work.products.get(a_run().sku).programs == frozenset()
        assert work.products.programs_with([DATA]) == ()


def test_several_products_can_be_saved_at_once(stocked):
    with changing(stocked.begin) as work:
        products = work.products.everything()
        work.products.save([product.listed(Listing.ON_SALE) for product in products])
        work.products.save([])
    with stocked.read() as work:
        assert {p.listing for p in work.products.everything()} == {Listing.ON_SALE}
        assert {p.version for p in work.products.everything()} == {6, 10}


def test_a_price_change_is_appended_to_the_history(stocked):
    with changing(stocked.begin) as work:
        work.products.save([work.products.get(a_run().sku).repriced(Money(4001), NOW + hours(1))])
    with stocked.read() as work:
        assert work.products.prices(a_run().sku) == (
            a_run().price_version,
            PriceVersion(3, Money(4001), NOW + hours(1)),
        )
        assert work.products.prices(Sku("nowhere")) == ()


def test_a_price_version_never_changes(stocked):
    other = attrs.evolve(a_run(), price_version=PriceVersion(2, Money(1), ELSEWHERE))
    with changing(stocked.begin) as work:
        work.products.save([other])
    with stocked.read() as work:
        assert work.products.prices(a_run().sku) == (a_run().price_version,)
        assert work.products.get(a_run().sku).price == a_run().price


def test_a_stale_product_cannot_be_saved(stocked):
    with stocked.read() as work:
        mine = work.products.get(a_run().sku)
    with changing(stocked.begin) as work:
        work.products.save([work.products.get(a_run().sku).listed(Listing.HIDDEN)])
    with stocked.begin() as work, pytest.raises(ProductsHaveChanged):
        work.products.save([a_program(), mine])
    with stocked.read() as work:
        assert work.products.get(a_program().sku).version == a_program().version


def test_saving_a_product_does_not_change_its_seats_taken(stocked):
    with changing(stocked.begin) as work:
        before = work.products.get(a_run().sku)
        work.products.take_seats([a_run().sku])
        work.products.save([attrs.evolve(before, seats_taken=0)])
    with stocked.read() as work:
        assert work.products.get(a_run().sku).seats_taken == 3


def test_fewer_seats_than_taken_are_refused(stocked):
    with stocked.begin() as work, pytest.raises(Refused, match="seats 1, taken 2"):
        work.products.save([a_program(), attrs.evolve(a_run(), seats=1)])
    with changing(stocked.begin) as work:
        work.products.save([attrs.evolve(a_run(), seats=2)])
    with stocked.read() as work:
        assert work.products.get(a_run().sku).seats_left == 0


def test_seats_can_be_taken_and_released(stocked):
    with changing(stocked.begin) as work:
        work.products.take_seats([a_run().sku, a_program().sku])
    with stocked.read() as work:
        seats = {p.sku: p.seats_taken for p in work.products.everything()}
        assert seats == {a_run().sku: 3, a_program().sku: 8}
    with changing(stocked.begin) as work:
        work.products.release_seats([a_run().sku])
        work.products.release_seats([])
    with stocked.read() as work:
        assert work.products.get(a_run().sku) == a_run()


def test_unlimited_seats_are_counted_too(shop):
    with changing(shop.begin) as work:
        work.products.add([a_plain_run()])
        work.products.take_seats([Sku("plain")])
    with shop.read() as work:
        assert work.products.get(Sku("plain")).seats_taken == 1


def test_a_product_named_twice_takes_two_seats(shop):
    twice = [Sku("twice"), Sku("once"), Sku("twice")]
    with changing(shop.begin) as work:
        work.products.add([a_plain_run("twice", seats=3), a_plain_run("once", seats=3)])
        work.products.take_seats(twice)
    with shop.read() as work:
        assert [p.seats_left for p in work.products.everything()] == [2, 1]
    with shop.begin() as work, pytest.raises(SoldOut):
        work.products.take_seats(twice)
    with changing(shop.begin) as work:
        work.products.release_seats(twice)
    with shop.read() as work:
        assert [p.seats_left for p in work.products.everything()] == [3, 3]


def test_the_error_names_the_product_without_a_free_seat(stocked):
    with changing(stocked.begin) as work:
        work.products.take_seats([a_run().sku])
    with stocked.begin() as work, pytest.raises(SoldOut) as sold_out:
        work.products.take_seats([a_program().sku, a_run().sku])
    assert (sold_out.value.sku, sold_out.value.title) == (a_run().sku, a_run().title)


def test_a_seat_of_an_unknown_product_cannot_be_taken(stocked):
    with stocked.begin() as work, pytest.raises(UnknownProduct):
        work.products.take_seats([Sku("nowhere")])


def test_no_more_seats_than_taken_can_be_released(shop):
    with changing(shop.begin) as work:
        work.products.add([a_plain_run("plain", seats=1)])
    with shop.begin() as work, pytest.raises(ValueError, match="seat"):
        work.products.release_seats([Sku("plain")])


def test_the_runs_of_one_course_are_listed_together_earliest_first(shop):
    with changing(shop.begin) as work:
        work.products.add(
            [
                a_plain_run("later", readable_id=f"{MICRO}+1T2033", sells=CourseRun(MICRO)),
                a_plain_run("second", readable_id=f"{MICRO}+2T2032", sells=CourseRun(MICRO, NOW)),
                a_plain_run(
                    "first",
                    readable_id=f"{MICRO}+3T2031",
                    sells=CourseRun(MICRO, NOW - timedelta(days=90)),
                ),
                a_plain_program("Z-program", MICRO),
            ]
        )
    with shop.read() as work:
        page = work.products.search(CatalogueSearch(NOW)).products
        assert [p.sku.text for p in page] == ["Z-program", "first", "second", "later"]
        assert [p.sku.text for p in work.products.everything()] == [p.sku.text for p in page]


def test_all_products_are_read_page_by_page_sorted_by_sku(shop):
    with changing(shop.begin) as work:
        work.products.add([a_plain_run(sku) for sku in ("b", "B", "a-2", "a", "9")])
    with shop.read() as work:
        first = work.products.following(None, 3)
        assert [product.sku.text for product in first] == ["9", "B", "a"]
        rest = work.products.following(first[-1].sku, 3)
        assert [product.sku.text for product in rest] == ["a-2", "b"]
        assert work.products.following(rest[-1].sku, 3) == ()


def test_a_page_holds_complete_products(stocked):
    with stocked.read() as work:
        assert set(work.products.following(None, 2)) == {a_run(), a_program()}
