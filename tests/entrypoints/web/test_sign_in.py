"""Signing in and out, and the basket that comes along."""

import pytest
from flask import Blueprint

from core.identity import Learner, LearnerId
from coursetill_testing.town import Person, town
from entrypoints.web import sign_in
from entrypoints.web.app import create_app
from entrypoints.web.demo_sign_in import demo_learner


def test_a_name_identifies_one_learner_in_any_spelling():
    assert demo_learner(" ada  LOVELACE ").id == demo_learner("Ada Lovelace").id
    assert demo_learner("Ada Lovelace").email == "ada-lovelace@example.org"
    assert demo_learner("Ada Lovelace").id != demo_learner("Bob").id


@pytest.mark.parametrize("name", ["李小龍", "مريم", "x" * 500, "🙂a"])
def test_any_name_is_accepted(visitor, name):
    page = visitor.signs_in(name)
    assert page.status == 303
    assert "Sign out" in visitor.follow().text


@pytest.mark.parametrize("name", ["", "  ", "--"])
def test_a_missing_name_is_requested_again(visitor, name):
    page = visitor.signs_in(name, onward="/basket")
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert page.form("/sign-in/demo").fields["next"] == "/basket"


def test_pages_for_learners_redirect_to_sign_in_and_back(visitor):
    for address in ("/checkout", "/orders", "/orders/CT-NONE/receipt", "/orders?before=x"):
        visitor.visit(address)
        assert visitor.page.status == 303
        assert visitor.page.location.startswith("/sign-in?next=/")
        visitor.follow()
        visitor.follow()
        assert visitor.page.form("/sign-in/demo").fields["next"] == address


def test_a_signed_in_learner_is_redirected_onward(ada):
    assert ada.visit("/sign-in?next=/orders").location == "/orders"


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    " //evil.example",
    "//[",
    "https://[evil",
    "/orders\r\nX-Evil: 1",
    "/orders\nSet-Cookie: shop=1",
    "/\u2028evil",
    "evil.example",
    "",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_sign_in_redirects_only_within_the_shop(town, address):
    somebody = town.person()
    somebody.visit("/sign-in/demo")
    assert somebody.press("/sign-in/demo", name="Ada", next=address).location == "/"
    again = somebody.client.get("/sign-in", query_string={"next": address}, base_url=somebody.base)
    assert again.headers["Location"] == "/"


def test_a_visitors_basket_is_merged_and_the_page_reports_it(town, visitor):
    visitor.puts_in("STATS-1")
    visitor.signs_in(onward="/checkout")
    assert visitor.page.location == "/checkout?added=STATS-1"
    page = visitor.follow()
    assert "Added from before you signed in: Data Analysis." in page.text
    other = town.person("Ada Lovelace")
    assert "Total $39.33 USD" in other.visit("/basket").text


def test_products_left_out_of_the_merge_are_reported(town, ada):
    ada.puts_in("STATS-1")
    visitor = town.person()
    visitor.puts_in("EURO")
    visitor.signs_in(onward="/orders")
    assert visitor.page.location == "/basket?dropped=EURO"
    page = visitor.follow()
    assert (
        "Left out, as your basket is full or in another currency: A Course in Paris." in page.text
    )
    assert page.links_to("/products/EURO")


def test_codes_beyond_ten_are_left_out_and_reported(town, ada):
    for number in range(11):
        town.discount(f"SPRING{number:02}", amount="5")
    ada.puts_in("STATS-1")
    for number in range(10):
        ada.visit(f"/basket?code=SPRING{number:02}")
    visitor = town.person()
    visitor.puts_in("STATS-1")
    visitor.visit("/basket?code=SPRING10")
    visitor.signs_in(onward="/orders")
    assert visitor.page.location == "/basket?codes=SPRING10"
    assert "Codes left out, as a basket holds at most ten: SPRING10." in visitor.follow().text


def test_a_forged_address_cannot_report_a_false_merge(ada):
    ada.puts_in("STATS-1")
    page = ada.visit(
        "/basket?added=EURO,%3Cb%3E&dropped=STATS-1,NOPE,..,,%00x&codes=FREE".replace("%00", "")
    )
    assert page.status == 200
    assert "before you signed in" not in page.text
    assert "Left out" not in page.text
    assert "left out" not in page.text


def test_an_empty_visitors_basket_is_not_reported(visitor):
    assert visitor.signs_in(onward="/orders").location == "/orders"


def test_signing_in_starts_a_new_session(town, visitor):
    visitor.puts_in("STATS-1")
    visitor.visit("/products/STATS-1")
    old_token = visitor.token()
    with visitor.client.session_transaction(base_url=visitor.base) as session:
        before = dict(session)
    visitor.signs_in()
    visitor.visit("/orders")
    with visitor.client.session_transaction(base_url=visitor.base) as session:
        after = dict(session)
    assert set(before) == {"visitor", "csrf_token", "_permanent"}
    assert set(after) == {"learner", "csrf_token", "_permanent"}
    assert before["csrf_token"] != after["csrf_token"]
    assert visitor.post("/sign-out", csrf_token=old_token).status == 400


def test_signing_out_ends_the_session(ada):
    ada.visit("/orders")
    assert ada.press("/sign-out").location == "/"
    assert ada.visit("/orders").location.startswith("/sign-in")


def test_a_shop_without_sign_in_can_be_browsed():
    somebody = town(SIGN_IN="none").person()
    assert somebody.visit("/").status == 200
    somebody.visit("/checkout")
    somebody.follow()
    page = somebody.follow()
    assert "Sign-in is not set up yet" in page.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_demo_sign_in_exists_only_in_the_demo(method):
    somebody = town(SIGN_IN="none").person()
    send = somebody.visit if method == "get" else somebody.send
    assert send("/sign-in/demo").status == 404


class Known:
    """A way to sign in as somebody who is known already."""

    def __init__(self):
        self.pages = Blueprint("known", __name__)
        self.pages.add_url_rule("/known", view_func=self.come_back)

    def start(self, onward, /):
        return "/known"

    def come_back(self):
        return sign_in.complete(Learner(LearnerId("known-1"), "k@example.org", "Kay"), "/orders")


def test_another_sign_in_can_be_plugged_in():
    place = town(SIGN_IN="none")
    app = create_app(place.shop, Known())
    somebody = Person(place, place.settings.shop_url, app.test_client())
    somebody.visit("/orders")
    assert somebody.follow().location == "/known"
    assert somebody.follow().location == "/orders"
    assert "Kay" in somebody.follow().text
