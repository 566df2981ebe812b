"""Extensions on the shop's pages: prices, rules, links, pages of their own, and failures."""

import logging

import attrs
import pytest
from flask import Blueprint, request

from core.discount_code import PaymentType
from core.discounts.discount import Source
from core.errors import Refused
from core.identity import Actor
from core.orders.order import OrderSearch
from coursetill_testing.makers import personal
from entrypoints.composition.shop import with_extensions
from entrypoints.extensions.api import API, Extension, Host, Link, Parts
from entrypoints.extensions.loader import ExtensionCannotBeUsed, OpenExtension
from entrypoints.web import staff
from entrypoints.web.app import create_app


def put_in(town, name="club", **parts):
    """Turn an extension with these parts on in the town's shop."""
    shop = town.shop
    host = Host(
        name=name,
        settings={},
        database_url="",
        begin=shop.begin,
        read=shop.read,
        now=shop.now,
        shop_name="",
        shop_url="",
        support_email="",
        time_zone=shop.settings.time_zone,
    )
    extension = Extension(name=name, api=API, open=lambda _: Parts())
    town.shop = with_extensions(shop, (OpenExtension(extension, host, Parts(**parts)),))
    town.app = create_app(town.shop)


@attrs.define
class Club:
    """Members pay a price of their own, as long as the club answers."""

    price: str = "10.00"
    name: str = "club"
    error: Exception | None = None

    def offers(self, learner, products, at, /):
        if self.error is not None:
            raise self.error
        return [personal(p.sku.text, "fixed-price", self.price, "CLUB/10") for p in products]


@pytest.fixture
def club(town):
    club = Club()
    put_in(town, prices=club)
    return club


def test_every_page_shows_the_applied_offer(town, club):
    ada = town.person("Ada Lovelace")
    told = "price $10.00: your financial assistance (CLUB/10)"
    assert told in ada.visit("/products/STATS-1").text
    ada.puts_in("STATS-1")
    assert f"$10.00 {told}" in ada.visit("/basket").text
    assert told in ada.visit("/checkout").text
    reference = ada.orders()
    ada.pays(reference)
    club.error = RuntimeError()
    for address in (f"/orders/{reference}", f"/orders/{reference}/receipt"):
        assert "price $10.00: CLUB/10" in ada.visit(address).text
    assert town.order(reference).lines[0].reduction.payment_type is PaymentType.FINANCIAL_ASSISTANCE


def test_an_anonymous_visitor_sees_the_list_price(town, club):
    assert "$39.33" in town.person().visit("/products/STATS-1").text


def test_a_better_discount_of_the_shop_overrides_an_offer(town, club):
    town.discount("NINETY", amount="90", source=Source.AUTOMATIC)
    ada = town.person("Ada Lovelace")
    assert "$3.93 USD 90 % off: NINETY, for everybody" in ada.visit("/products/STATS-1").text


def test_a_typed_code_beaten_by_an_offer_names_the_offer(town, club):
    town.discount("SPRING")
    ada = town.person("Ada Lovelace")
    ada.puts_in("STATS-1")
    ada.send("/basket/codes", code="SPRING")
    assert "but CLUB/10 leaves less to pay" in ada.visit("/basket").text


def test_the_code_of_an_offer_cannot_be_typed(town, club):
    ada = town.person("Ada Lovelace")
    ada.puts_in("STATS-1")
    page = ada.send("/basket/codes", code="CLUB/10")
    assert (page.status, '"CLUB/10" is not a code' in page.text) == (422, True)


def test_a_failing_source_stops_the_sale_and_is_named_in_the_log_only(town, club, caplog):
    caplog.set_level(logging.ERROR)
    ada = town.person("Ada Lovelace")
    ada.puts_in("STATS-1")
    form = ada.visit("/checkout").form("/checkout").fields
    club.error = RuntimeError("the secret is hunter2")
    for page in (
        ada.visit("/products/STATS-1"),
        ada.visit("/basket"),
        ada.visit("/checkout"),
        ada.post("/checkout", **form),
    ):
        assert page.status == 503
        assert "Your price cannot be worked out at the moment." in page.text
        assert "hunter2" not in page.text
    assert "extension club failed: the secret is hunter2" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "Traceback" in caplog.text
    with town.records.read() as work:
        assert work.orders.search(OrderSearch()) == ()
    assert town.person().visit("/products/STATS-1").status == 200
    club.error = None
    assert "$10.00" in ada.visit("/basket").text


def test_an_order_placed_before_can_be_paid_while_the_source_fails(town, club):
    ada = town.person("Ada Lovelace")
    reference = ada.orders("STATS-1")
    club.error = RuntimeError()
    assert "You have paid" in ada.pays(reference).text


@attrs.frozen
class NotAMember(Refused):
    def __str__(self):
        return "This is for members of the club"


def test_a_refusal_by_an_extension_shows_its_own_text(town):
    put_in(town, rules=(lambda *_: NotAMember(),))
    ada = town.person("Ada Lovelace")
    ada.puts_in("STATS-1")
    assert "This is for members of the club." in ada.visit("/basket").text


def test_a_failing_rule_stops_the_sale(town):
    def fail(learner, product):
        raise KeyError(product.sku)

    put_in(town, rules=(fail,))
    ada = town.person("Ada Lovelace")
    ada.puts_in("STATS-1")
    page = ada.visit("/basket")
    assert page.status == 503
    assert "cannot tell at the moment whether you may buy" in page.text


def test_links_are_on_the_product_page_and_in_the_basket(town):
    def links(who, products):
        name = who.name if who else "somebody"
        skus = ",".join(product.sku.text for product in products)
        return [Link(f"A price for {name}", f"/club/?skus={skus}")]

    put_in(town, product_links=links, basket_links=links)
    visitor, ada = town.person(), town.person("Ada Lovelace")
    assert "A price for somebody" in visitor.visit("/products/STATS-1").text
    assert ada.visit("/products/STATS-1").links_to("/club/?skus=STATS-1")
    ada.puts_in("STATS-1")
    ada.puts_in("POVERTY-1")
    page = ada.visit("/basket")
    assert page.links_to("/club/?skus=STATS-1,POVERTY-1")
    assert "A price for Ada Lovelace" in page.text


def test_a_failing_link_is_left_out_of_the_page(town, caplog):
    def fail(who, products):
        raise RuntimeError

    put_in(town, product_links=fail)
    assert town.person().visit("/products/STATS-1").status == 200
    assert "extension club: its links failed" in caplog.text


def club_pages():
    pages = Blueprint("whatever", __name__)

    @pages.route("/", methods=["GET", "POST"])
    def welcome():
        return {"welcome": "to the club"}

    @pages.get("/fault")
    def fault():
        raise ZeroDivisionError

    return pages


def test_extension_pages_have_their_prefix_and_the_security_of_the_shop(town):
    put_in(town, pages=club_pages())
    ada = town.person("Ada Lovelace")
    answer = ada.client.get("/club/", base_url=ada.base)
    assert answer.json == {"welcome": "to the club"}
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert ada.post("/club/").status == 400
    assert ada.send("/club/").status == 200
    page = ada.visit("/club/fault")
    assert (page.status, "Something is wrong on our side" in page.text) == (500, True)


@pytest.mark.parametrize(
    "name, pages, why",
    [
        ("basket", club_pages(), "the shop has pages under /basket itself"),
        ("club", "pages", "its pages are a str, not a Blueprint of Flask"),
    ],
)
def test_invalid_pages_stop_the_start(town, name, pages, why):
    with pytest.raises(ExtensionCannotBeUsed, match=why):
        put_in(town, name, pages=pages)


def test_an_offer_shows_its_currency(town, club):
    club.price = "39.32"
    ada = town.person("Ada Lovelace")
    assert "$39.32 USD" in ada.visit("/products/STATS-1").text


@attrs.define
class Badge:
    """A sign-in for staff in which a header says who they are; a test may believe it."""

    pages: Blueprint = attrs.field(factory=lambda: Blueprint("badge", __name__))

    def __attrs_post_init__(self):
        self.pages.add_url_rule("/badge", view_func=lambda: "Show your badge.")

    def staff(self):
        name = request.headers.get("X-Badge")
        return Actor.staff(name) if name else None

    def start(self, onward, /):
        return f"/badge?next={onward}"


def desk():
    """The staff pages of an extension: they say who works with them, and take one form."""
    pages = Blueprint("desk", __name__)
    pages.add_url_rule("/", view_func=lambda: f"At work: {staff.acting().name}")
    pages.add_url_rule("/", "send", view_func=lambda: "sent", methods=["POST"])
    return pages


def staffed(town):
    put_in(town, staff_pages=desk())
    return create_app(town.shop, staff_sign_in=Badge()).test_client()


def test_no_staff_pages_exist_without_a_staff_sign_in(town):
    put_in(town, staff_pages=desk())
    client = town.app.test_client()
    for address in ("/staff", "/staff/club/", "/staff/club/none"):
        assert client.get(address, headers={"X-Badge": "ann"}).status_code == 404


def test_staff_can_open_the_pages_of_an_extension(town):
    client = staffed(town)
    answer = client.get("/staff/club/", headers={"X-Badge": "ann"})
    assert (answer.status_code, answer.text) == (200, "At work: ann")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/staff/club/none", headers={"X-Badge": "ann"}).status_code == 404


@pytest.mark.parametrize("address", ["/staff", "/staff/club/", "/staff/none/", "/staff/club/none"])
def test_anonymous_visitors_of_staff_pages_are_redirected_to_sign_in(town, address):
    answer = staffed(town).get(address)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/badge?next={address}")


@pytest.mark.parametrize("how", [{"method": "POST"}, {"headers": {"Accept": "application/json"}}])
def test_an_anonymous_form_or_program_is_refused_on_staff_pages(town, how):
    answer = staffed(town).open("/staff/club/", **how)
    assert answer.status_code in (400, 403)
    assert "sent" not in answer.text
    assert "At work" not in answer.text


def test_a_signed_in_learner_is_not_staff(town):
    put_in(town, staff_pages=desk())
    town.app = create_app(town.shop, staff_sign_in=Badge())
    ada = town.person("Ada Lovelace")
    assert ada.visit("/staff/club/").location == "/badge?next=/staff/club/"


def test_staff_forms_require_the_csrf_token_of_the_shop(town):
    client = staffed(town)
    assert client.post("/staff/club/", headers={"X-Badge": "ann"}).status_code == 400


def test_invalid_staff_pages_stop_the_start_with_or_without_a_staff_sign_in(town):
    with pytest.raises(ExtensionCannotBeUsed, match="staff pages are a str"):
        put_in(town, staff_pages="desk")


def test_an_extension_cannot_be_mounted_at_the_address_of_staff_pages(town):
    with pytest.raises(ExtensionCannotBeUsed, match="the shop has pages under /staff itself"):
        put_in(town, name="staff", pages=Blueprint("pages", __name__))
