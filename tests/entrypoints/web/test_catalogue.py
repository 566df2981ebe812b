"""The catalogue and the pages of its products."""

from datetime import timedelta

import attrs
import pytest

from core.discounts.discount import Source
from core.money import Money
from core.products.product import Listing, Sku
from entrypoints.web.demo_sign_in import demo_learner


def listed(page):
    return [
        a["href"].removeprefix("/products/") for a in page.all("a") if "/products/" in a["href"]
    ]


def test_the_catalogue_lists_programs_first_with_their_course_numbers(visitor):
    page = visitor.visit("/")
    assert page.status == 200
    assert listed(page)[0] == "DEDP"
    assert "14.310x 14.73x" in page.text
    assert len(listed(page)) == 10


def test_a_search_matches_words_in_any_order_and_case(visitor):
    assert listed(visitor.visit("/?q=poverty+GLOBAL")) == ["POVERTY-1"]


def test_a_search_by_course_number_finds_the_runs_of_the_course(visitor):
    assert set(listed(visitor.visit("/?q=14.310x"))) == {"STATS-1", "STATS-2", "STATS-3"}


def test_filters_keep_the_search_and_show_their_counts(visitor):
    page = visitor.visit("/?q=data")
    assert page.links_to("/?q=data&kind=program")
    assert "Programs 1 Course runs 3" in page.text
    assert "At any time 4 Open now 3" in page.text
    assert listed(visitor.visit("/?q=data&kind=program")) == ["DEDP"]
    assert "STATS-2" not in listed(visitor.visit("/?q=data&open=1"))


def test_an_empty_result_suggests_what_to_do(visitor):
    page = visitor.visit("/?q=zzz&open=1")
    assert page.status == 200
    assert "Nothing that is open now matches “zzz”" in page.text
    assert page.links_to("/?q=zzz")
    assert page.links_to("/?open=1")


def test_only_low_seat_counts_are_shown_and_closed_runs_have_a_reason(visitor):
    page = visitor.visit("/")
    assert "3 seats left" in page.text
    assert "1 seat left" in page.text
    assert "Sold out" in page.text
    assert "Closed 1 October 2026" in page.text
    assert "Opens 1 March 2027" in page.text


def test_pages_are_consecutive_and_none_follows_the_last(town, visitor):
    with town.records.begin() as work:
        template = work.products.get(Sku("MARKUP"))
        work.products.add(
            [
                attrs.evolve(template, sku=Sku(f"MORE-{n}"), readable_id=f"c:U+9.{n:02}x+1T27")
                for n in range(31)
            ]
        )
        work.commit()
    assert visitor.visit("/").links_to("/?page=2")
    page = visitor.visit("/?page=3")
    assert len(listed(page)) == 1
    assert "Page 3 of 3" in page.text
    assert not page.links_to("/?page=4")
    assert visitor.visit("/?page=4").status == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "1.5", "\u0661"])
def test_an_invalid_page_number_is_404(visitor, page):
    assert visitor.visit(f"/?page={page}").status == 404


def test_the_search_text_is_shown_escaped(visitor):
    page = visitor.visit("/?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert(1)</script>" in page.text
    assert "<script>alert" not in page.response.text


def test_the_catalogue_sets_no_cookie(visitor):
    assert "Set-Cookie" not in visitor.visit("/").response.headers


def test_a_title_with_markup_is_escaped(visitor):
    page = visitor.visit("/products/MARKUP")
    assert page.h1 == "&lt;b&gt;Bold&lt;/b&gt; &amp; &#34;quoted&#34;"


def test_the_page_of_a_run_lists_the_other_runs_of_its_course(visitor):
    page = visitor.visit("/products/STATS-1")
    assert "27 January 2027 to 19 May 2027 This run" in page.text
    assert page.links_to("/products/STATS-3")
    assert page.links_to("/products/STATS-2")
    assert page.links_to("/products/DEDP")
    assert "$39.33 USD" in page.text


def test_times_are_shown_with_their_zone(town):
    page = town.person().visit("/products/STATS-1")
    assert "27 January 2027, 14:00 UTC" in page.text
    assert {"datetime": "2027-01-27T14:00:00Z", "data-shown": "moment"} in page.all("time")


def test_the_page_of_a_program_offers_open_runs_or_a_later_choice(visitor):
    page = visitor.visit("/products/DEDP")
    radios = [(r["name"], r["value"]) for r in page.all("input") if r.get("type") == "radio"]
    assert radios == [
        ("run-1", "STATS-3"),
        ("run-1", "STATS-1"),
        ("run-1", ""),
        ("run-2", "POVERTY-1"),
        ("run-2", ""),
    ]
    assert page.text.count("Decide later") == 2


def test_the_page_of_a_product_not_on_sale_shows_the_reason_and_no_button(visitor):
    for sku, why in (
        ("OLD", "was 1 October 2026"),
        ("STATS-2", "can be bought from 1 March 2027"),
        ("FULL", "Every seat of A Full Course (FULL) is taken"),
    ):
        page = visitor.visit(f"/products/{sku}")
        assert page.status == 200
        assert why in page.text
        assert not page.offers("/basket/items")


def test_the_page_of_a_closed_run_links_to_the_next_open_one(town, visitor):
    page = visitor.visit("/products/STATS-2")
    assert "Another run of the course can be bought: 27 January 2027 to 19 May 2027." in page.text
    town.changes("STATS-1", lambda product: product.listed(Listing.WITHDRAWN))
    page = visitor.visit("/products/STATS-1")
    assert "can be bought: 2 September 2026 to 18 December 2026." in page.text
    assert "can be bought" not in visitor.visit("/products/OLD").text


def test_a_hidden_product_is_shown_at_its_address_only(town, visitor):
    town.changes("STATS-1", lambda product: product.listed(Listing.HIDDEN))
    assert "STATS-1" not in listed(visitor.visit("/"))
    assert visitor.visit("/products/STATS-1").offers("/basket/items")
    assert not visitor.visit("/products/STATS-3").links_to("/products/STATS-1")


def test_the_page_of_a_withdrawn_product_reports_it(town, visitor):
    town.changes("STATS-1", lambda product: product.listed(Listing.WITHDRAWN))
    page = visitor.visit("/products/STATS-1")
    assert page.status == 200
    assert "This is no longer sold." in page.text
    assert not page.offers("/basket/items")


@pytest.mark.parametrize("sku", ["NOPE", "a b", "%00", "..", "x" * 99, "ä"])
def test_a_product_that_does_not_exist_is_404(visitor, sku):
    assert visitor.visit(f"/products/{sku}").status == 404


def test_an_automatic_discount_is_applied_and_shown(town, visitor):
    town.discount("AUTUMN", "percent-off", "25", source=Source.AUTOMATIC)
    page = visitor.visit("/products/STATS-1")
    assert "$29.50 USD" in page.text
    assert "25 % off: AUTUMN, for everybody" in page.text


def test_an_expired_discount_is_not_applied(town, visitor):
    over = town.clock() - timedelta(days=1)
    town.discount("SUMMER", source=Source.AUTOMATIC, expires_at=over)
    assert "$39.33 USD" in visitor.visit("/products/STATS-1").text


def test_an_assigned_discount_is_applied_for_its_learner_only(town, ada, visitor):
    learner = demo_learner("Ada Lovelace").id
    town.discount("ADAS", "fixed-price", "5", source=Source.ASSIGNED, learners=(learner,))
    assert "price $5.00: your own discount ADAS" in ada.visit("/products/STATS-1").text
    assert "ADAS" not in visitor.visit("/products/STATS-1").text
    assert "ADAS" not in town.person("Bob").visit("/products/STATS-1").text


def test_the_page_of_an_owned_product_links_to_its_order(ada):
    reference = ada.orders("STATS-1")
    ada.pays(reference)
    page = ada.visit("/products/STATS-1")
    assert f"You bought Data Analysis already, with order {reference}." in page.text
    assert page.links_to(f"/orders/{reference}")
    assert not page.offers("/basket/items")


def test_owning_a_run_does_not_block_its_program_and_is_reported(ada):
    ada.pays(ada.orders("STATS-1"))
    page = ada.visit("/products/DEDP")
    assert "You own a run of this course already: 27 January 2027 to 19 May 2027." in page.text
    assert page.offers("/basket/items")


def test_the_page_shows_a_changed_price(town, visitor):
    town.changes("STATS-1", lambda p: p.repriced(Money(5000), town.clock()))
    assert "$50.00 USD" in visitor.visit("/products/STATS-1").text


def test_the_page_shows_current_seats(town, visitor):
    town.changes("POVERTY-1", lambda p: attrs.evolve(p, seats=11))
    assert "seats left" not in visitor.visit("/products/POVERTY-1").text
    town.changes("POVERTY-1", lambda p: attrs.evolve(p, seats=10))
    assert "10 seats left" in visitor.visit("/products/POVERTY-1").text
