"""The basket: putting in and taking out, codes, and what it says of each line."""

from datetime import timedelta

import attrs
import pytest

from core.discounts.discount import Source
from core.money import Money
from core.products.product import Listing
from entrypoints.web.code_guess_limit import MOST_BY_ADDRESS, MOST_BY_SHOPPER

WEEK = timedelta(days=7)


def test_an_empty_basket_links_to_the_catalogue(visitor):
    page = visitor.visit("/basket")
    assert "There is nothing in it yet" in page.text
    assert page.links_to("/")


def test_an_added_product_is_in_the_basket(visitor):
    page = visitor.puts_in("STATS-1")
    assert page.location == "/basket#item-STATS-1"
    page = visitor.follow()
    assert "Data Analysis 14.310x 27 January 2027 to 19 May 2027 $39.33" in page.text
    assert "Total $39.33 USD" in page.text
    assert page.links_to("/checkout")


def test_adding_a_product_twice_changes_nothing(visitor):
    visitor.puts_in("STATS-1")
    visitor.send("/basket/items", sku="STATS-1")
    assert visitor.visit("/basket").text.count("Data Analysis") == 2  # the line, and "Remove"


def test_the_page_of_a_product_in_the_basket_links_to_the_basket(visitor):
    visitor.puts_in("STATS-1")
    page = visitor.visit("/products/STATS-1")
    assert "This is in your basket." in page.text
    assert "Add to basket" not in page.text


def test_a_program_keeps_its_picked_runs_and_they_can_be_changed(visitor):
    visitor.puts_in("DEDP", **{"run-1": "STATS-1", "run-2": ""})
    page = visitor.visit("/basket")
    assert "14.310x 27 January 2027 to 19 May 2027" in page.text
    assert "The runs of 1 other course to be picked later" in page.text
    page = visitor.visit("/products/DEDP")
    chosen = [r["value"] for r in page.all("input") if r.get("type") == "radio" and "checked" in r]
    assert chosen == ["STATS-1", ""]
    visitor.press("/basket/items", **{"run-1": "STATS-3", "run-2": "POVERTY-1"})
    assert "to be picked later" not in visitor.visit("/basket").text


def test_a_run_of_another_course_cannot_be_picked(visitor):
    page = visitor.puts_in("DEDP", **{"run-1": "EURO"})
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert "is not a run of a course of Data, Economics, and Policy. Pick another run." in page.text


def test_two_runs_of_one_course_cannot_be_picked(visitor):
    page = visitor.puts_in("DEDP", **{"run-1": "STATS-1", "run-2": "STATS-3"})
    assert page.status == 422
    assert "not two" in page.text


@pytest.mark.parametrize("sku", ["OLD", "FULL", "STATS-2"])
def test_a_product_not_on_sale_is_not_added_and_the_page_shows_the_reason(visitor, sku):
    page = visitor.send("/basket/items", sku=sku)
    assert page.status == 422
    assert "There is a problem" in page.text
    assert "There is nothing in it yet" in visitor.visit("/basket").text


def test_a_product_in_another_currency_is_refused_with_a_message(visitor):
    visitor.puts_in("STATS-1")
    page = visitor.puts_in("EURO")
    assert page.status == 422
    assert "is priced in EUR, and your basket is in USD" in page.text


@pytest.mark.parametrize("fields", [{}, {"sku": "NOPE"}, {"sku": "DEDP", "run-1": "NOPE"}])
def test_an_unknown_product_is_not_added(visitor, fields):
    assert visitor.send("/basket/items", **fields).status == 404


def test_removing_a_line_twice_is_harmless(visitor):
    visitor.puts_in("STATS-1")
    visitor.visit("/basket")
    for _ in range(2):
        assert visitor.send("/basket/items/STATS-1/remove").location == "/basket"
    assert "There is nothing in it yet" in visitor.visit("/basket").text


def test_each_visitor_has_a_separate_basket(town, visitor):
    visitor.puts_in("STATS-1")
    assert "There is nothing in it yet" in town.person().visit("/basket").text


def test_a_code_shows_its_reduction_and_can_be_removed(town, visitor):
    town.discount("WELCOME25")
    visitor.puts_in("STATS-1")
    visitor.visit("/basket")
    assert visitor.press("/basket/codes", code=" welcome25 ").status == 303
    page = visitor.visit("/basket")
    assert "$39.33 $29.50 25 % off: code WELCOME25" in page.text
    assert "You save −$9.83 Total $29.50 USD" in page.text
    visitor.press("/basket/codes/WELCOME25/remove")
    assert "Total $39.33 USD" in visitor.visit("/basket").text


def test_a_refused_code_stays_in_its_field_beside_the_reason(town, visitor):
    town.discount("GONE", expires_at=town.clock() - WEEK)
    visitor.puts_in("STATS-1")
    visitor.visit("/basket")
    page = visitor.press("/basket/codes", code="gone")
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert 'The code "GONE" expired on 15 November 2026, 09:30 UTC.' in page.text
    field = next(f for f in page.all("input") if f.get("id") == "code")
    assert (field["value"], field["aria-describedby"]) == ("gone", "code-fault")
    assert "autofocus" in field
    assert page.links_to("#code")
    assert "Total $39.33 USD" in page.text


@pytest.mark.parametrize(
    "code, why",
    [
        ("nope", "There is no code"),
        ("", "is not a code"),
        ("a b", "is not a code"),
        ("x" * 60, "is not a code"),
        ("OTHERS", "is not for the products in your basket"),
        ("SOON", "can be used from 29 November 2026"),
        ("HERS", "There is no code"),
    ],
)
def test_a_code_without_effect_shows_the_reason(town, visitor, code, why):
    town.discount("OTHERS", skus=("EURO",))
    town.discount("SOON", activates_at=town.clock() + WEEK)
    visitor.puts_in("STATS-1")
    page = visitor.send("/basket/codes", code=code)
    assert page.status == 422
    assert why in page.text


def test_a_beaten_code_is_kept_and_shown_as_beaten(town, visitor):
    town.discount("SMALL", "percent-off", "5")
    town.discount("LARGE", "percent-off", "50")
    visitor.puts_in("STATS-1")
    for code in ("SMALL", "LARGE"):
        visitor.send("/basket/codes", code=code)
    assert "5 % off, but LARGE leaves less to pay." in visitor.visit("/basket").text


def test_a_code_shows_its_lines_and_the_better_discounts_of_the_others(town, visitor):
    town.discount("HALF", "percent-off", "50", skus=("STATS-1",))
    town.discount("QUARTER", "percent-off", "25")
    for sku in ("STATS-1", "MARKUP"):
        visitor.puts_in(sku)
    for code in ("HALF", "QUARTER"):
        visitor.send("/basket/codes", code=code)
    told = visitor.visit("/basket").text
    assert "HALF 50 % off on 1 line. It is not for 1 line." in told
    assert "QUARTER 25 % off on 1 line. Where it is not taken, HALF leaves less to pay." in told


def test_a_discount_for_an_address_applies_at_the_first_sign_in(town):
    town.discount("AID-7", source=Source.ASSIGNED, emails=("Zoe-Low@Example.org",))
    other, zoe = town.person("Ada Lovelace"), town.person("Zoe Low")
    for person in (other, zoe):
        person.puts_in("STATS-1")
    assert "your own discount AID-7" in zoe.visit("/basket").text
    assert "AID-7" not in other.visit("/basket").text
    assert "There is no code" in other.send("/basket/codes", code="AID-7").text


def test_a_link_can_hold_several_codes_and_an_invalid_one_is_named(town, visitor):
    town.discount("WELCOME25")
    town.discount("TEN", "dollars-off", "10")
    page = visitor.visit("/basket?code=WELCOME25&code=nope&code=TEN")
    assert page.status == 422
    assert 'There is no code "NOPE"' in page.text
    page = visitor.visit("/basket")
    assert "WELCOME25" in page.text
    assert "TEN" in page.text


def test_a_link_can_add_a_code_to_the_basket(town, visitor):
    town.discount("WELCOME25")
    assert visitor.visit("/basket?code=WELCOME25").location == "/basket#codes"
    assert "once there is something in your basket" in visitor.visit("/basket").text
    visitor.puts_in("STATS-1")
    assert "Total $29.50 USD" in visitor.visit("/basket").text


def test_a_link_with_an_unknown_code_shows_an_error(visitor):
    page = visitor.visit("/basket?code=nope")
    assert page.status == 422
    assert "There is no code" in page.text


def test_a_visitor_who_guesses_codes_has_to_wait(town, visitor):
    visitor.puts_in("STATS-1")
    for n in range(MOST_BY_SHOPPER):
        assert visitor.send("/basket/codes", code=f"guess{n}").status == 422
    page = visitor.send("/basket/codes", code="guess")
    assert page.status == 429
    assert page.response.headers["Retry-After"] == "600"
    assert "Please try again in 10 minutes." in page.text
    assert town.person().send("/basket/codes", code="guess").status == 422
    town.clock.advance(minutes=10)
    assert visitor.send("/basket/codes", code="guess").status == 422


def test_guesses_without_cookies_are_counted_per_address(town):
    for n in range(MOST_BY_ADDRESS):
        assert town.person().visit(f"/basket?code=guess{n}").status == 422
    assert town.person().visit("/basket?code=guess").status == 429


def test_existing_codes_do_not_count_as_guesses(town, visitor):
    town.discount("WELCOME25")
    town.discount("GONE", expires_at=town.clock() - WEEK)
    for _ in range(MOST_BY_SHOPPER + 1):
        assert visitor.send("/basket/codes", code="WELCOME25").status == 303
        assert visitor.send("/basket/codes", code="GONE").status == 422


def test_a_changed_price_is_shown_at_its_line(town, visitor):
    visitor.puts_in("STATS-1")
    town.changes("STATS-1", lambda product: product.repriced(Money(4242), town.clock()))
    page = visitor.visit("/basket")
    assert "The price changed since you put this in: it was $39.33." in page.text
    assert "Total $42.42 USD" in page.text


def test_a_line_no_longer_on_sale_shows_the_reason_and_is_not_in_the_total(town, visitor):
    visitor.puts_in("STATS-1")
    visitor.puts_in("MARKUP")
    town.changes("STATS-1", lambda product: product.listed(Listing.WITHDRAWN))
    page = visitor.visit("/basket")
    assert "Data Analysis (STATS-1) is no longer sold. It is not part of the total." in page.text
    assert "Total $19.99 USD" in page.text
    assert not page.links_to("/checkout")
    assert "Remove what cannot be bought" in page.text


def test_an_owned_picked_run_is_reported(town, ada):
    ada.pays(ada.orders("STATS-1"))
    ada.puts_in("DEDP", **{"run-1": "STATS-1"})
    page = ada.visit("/basket")
    assert "You own a run of 14.310x already: Data Analysis. You can still buy this." in page.text
    assert page.links_to("/checkout")


def test_a_basket_of_forty_lines_is_on_one_page(town, visitor):
    with town.records.begin() as work:
        found = work.products.among({p.sku for p in work.products.everything()}).values()
        template = next(product for product in found if product.sku.text == "MARKUP")
        work.products.add(
            [
                attrs.evolve(
                    template,
                    sku=attrs.evolve(template.sku, text=f"N-{n}"),
                    readable_id=f"c:U+9.{n}x+1T27",
                    title="A very long title that goes on " * 9,
                )
                for n in range(40)
            ]
        )
        work.commit()
    for n in range(40):
        visitor.send("/basket/items", sku=f"N-{n}")
    assert "Total $799.60 USD" in visitor.visit("/basket").text
