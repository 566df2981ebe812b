"""The pages of financial aid: access, privacy, and the links to them."""

from __future__ import annotations

import pytest

from coursetill_financial_aid.decide_request import Bureau
from coursetill_testing.command_line import CommandLine
from coursetill_testing.town import Person, Town

PAGE = "/financial-aid/DEDP"
ANSWERS = {"income": "10000", "currency": "USD", "country": "IN", "consent": "yes"}
QUESTION = "Can't afford it? See financial assistance"
SET = ("financial-aid", "tiers", "set")
TIERS = ("--tier", "0:75%", "--tier", "75000:full")


@pytest.fixture
def ada(town: Town, till: CommandLine) -> Person:
    """Ada, in a shop with tiers for DEDP."""
    till.ok(*SET, "DEDP", "--program", "DEDP-MM", *TIERS)
    return town.person("Ada Lovelace")


def test_an_anonymous_visitor_signs_in_and_returns_to_the_page(ada: Person, town: Town) -> None:
    stranger = town.person()
    page = stranger.visit(f"{PAGE}?course=14.310x-1T2027")
    assert page.location == f"/sign-in?next={PAGE}?course%3D14.310x-1T2027"
    assert stranger.send(PAGE, **ANSWERS).location.startswith("/sign-in?next=")


def test_a_form_without_csrf_token_is_refused(ada: Person, till: CommandLine) -> None:
    assert ada.post(PAGE, **ANSWERS).status == 400
    ada.post(f"{PAGE}/withdraw")
    assert till.shape("financial-aid", "requests", "list")["requests"] == []


def test_a_request_page_is_private_and_not_cached(ada: Person, town: Town) -> None:
    ada.send(PAGE, **ANSWERS)
    mine = ada.client.get(PAGE, base_url=ada.base)
    assert mine.headers["Cache-Control"] == "no-store"
    assert "You pay less" in mine.text
    bob = town.person("Bob Kahn")
    assert "You pay less" not in bob.visit(PAGE).text
    bob.send(f"{PAGE}/withdraw")
    assert "You pay less" in ada.visit(PAGE).text


def test_no_page_shows_the_submitted_income(ada: Person) -> None:
    ada.send(PAGE, **{**ANSWERS, "income": "12345"})
    assert "12345" not in ada.visit(PAGE).response.text
    assert "12,345" not in ada.visit(PAGE).response.text


@pytest.mark.parametrize("name", ["NONE", "dedp", "DEDP%20", "<b>"])
def test_an_unknown_set_of_tiers_is_404(ada: Person, name: str) -> None:
    assert ada.visit(f"/financial-aid/{name}").status == 404
    assert ada.send(f"/financial-aid/{name}", **ANSWERS).status == 404
    assert ada.visit("/").status == 200


@pytest.mark.parametrize("course", ["", "NONE", "//evil.example", "<script>"])
def test_the_return_link_leads_only_to_products_of_the_shop(ada: Person, course: str) -> None:
    page = ada.visit(f"{PAGE}?course={course}")
    assert page.status == 200
    assert "Back to" not in page.text


def test_every_page_links_back_to_the_course_the_learner_came_from(ada: Person) -> None:
    ada.visit("/products/14.310x-1T2027")
    [link] = [a["href"] for a in ada.page.all("a") if a["href"].startswith("/financial-aid/")]
    assert ada.visit(link).links_to("/products/14.310x-1T2027")
    assert ada.press(PAGE, **ANSWERS).location == link
    assert ada.follow().links_to("/products/14.310x-1T2027")


def test_every_run_of_a_course_in_a_program_links_to_the_same_page(ada: Person) -> None:
    for sku, asked in (
        ("14.310x-1T2027", True),
        ("14.73x-1T2027", True),
        ("DEDP-MM", False),
        ("STATS-1", False),
    ):
        assert (QUESTION in ada.visit(f"/products/{sku}").text) is asked


def test_the_basket_links_to_the_form_and_then_shows_the_decision(ada: Person) -> None:
    ada.puts_in("STATS-1")
    assert QUESTION not in ada.visit("/basket").text
    ada.puts_in("14.310x-1T2027")
    assert QUESTION in ada.visit("/basket").text
    ada.send(PAGE, **ANSWERS)
    told = ada.visit("/basket").text
    assert QUESTION not in told
    assert "Your financial assistance" in told


def test_each_of_several_sets_of_tiers_is_named(ada: Person, till: CommandLine) -> None:
    till.ok(*SET, "POVERTY", "--course", "course-v1:MITxT+14.73x", "--title", "<Poor>", *TIERS)
    told = ada.visit("/products/14.73x-1T2027").text
    assert f"{QUESTION} for MicroMasters in Data, Economics, and Design of Policy" in told
    assert f"{QUESTION} for <Poor>" in told
    page = ada.visit("/financial-aid/")
    assert page.links_to("/financial-aid/DEDP")
    assert page.links_to("/financial-aid/POVERTY")
    assert "<Poor>" in ada.visit("/financial-aid/POVERTY").text


def test_no_link_is_shown_without_tiers(town: Town) -> None:
    ada = town.person("Ada Lovelace")
    assert QUESTION not in ada.visit("/products/14.310x-1T2027").text
    assert "There is none at the moment" in ada.visit("/financial-aid/").text


def test_the_page_shows_the_configured_waiting_time(ada: Person, bureau: Bureau) -> None:
    assert bureau.keep_incomes.days == 30
    assert "30 days after we have decided, your income is erased" in ada.visit(PAGE).text
