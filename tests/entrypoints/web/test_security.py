"""Web security: headers, cookies, CSRF tokens, host names, and access to orders."""

import logging

import attrs
import pytest

from core.errors import Conflict, Unavailable
from coursetill_testing.town import Person, town
from entrypoints.web.app import create_app
from entrypoints.web.security import FROM_OUTSIDE, LARGEST_REQUEST


def addresses(app, method, **values):
    """Every address that people use with this method, with these values in it."""
    known = {"sku": "STATS-1", "code": "WELCOME25", "filename": "shop.css", **values}
    known["gateway"] = "tested"
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("127.0.0.1:8000")
        return [
            adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments})
            for rule in app.url_map.iter_rules()
            if method in rule.methods and rule.endpoint.split(".")[0] not in FROM_OUTSIDE
        ]


def naming(reference, app, method):
    """Every address that takes this method and names this order."""
    return [a for a in addresses(app, method, reference=reference) if reference in a]


def test_every_order_route_is_404_for_another_learner(town, ada):
    reference = ada.orders("STATS-1")
    ada.opens_form(reference)
    attempt, token = town.attempts(reference)[-1].id, town.typed_card(reference)
    bob = town.person("Bob")
    walked = 0
    for answer_to in (reference, "CT-NONE-NONE-NONE"):
        told = [bob.visit(address) for address in naming(answer_to, town.app, "GET")]
        told += [
            bob.send(address, attempt=attempt, token=token)
            for address in naming(answer_to, town.app, "POST")
        ]
        assert {page.status for page in told} == {404}
        assert all("39.33" not in page.text and "Ada" not in page.text for page in told)
        walked += len(told)
    assert walked == 16
    assert ada.pays(reference).h1 == "You have paid $39.33"


def test_an_order_of_another_learner_looks_like_an_unknown_order(town, ada):
    reference = ada.orders("STATS-1")
    bob = town.person("Bob")
    one = bob.visit(f"/orders/{reference}").text.replace(reference, "X")
    other = bob.visit("/orders/CT-NONE").text.replace("CT-NONE", "X")
    assert one == other


def test_an_anonymous_visitor_sees_no_order(town, ada):
    reference = ada.orders("STATS-1")
    stranger = town.person()
    for address in naming(reference, town.app, "GET"):
        assert stranger.visit(address).location.startswith("/sign-in?")
    for address in naming(reference, town.app, "POST"):
        assert stranger.send(address).location == f"/sign-in?next=/orders/{reference}"


def everything(page):
    """All that a page's policy lets in."""
    return [source for sources in page.policy.values() for source in sources]


@pytest.mark.parametrize("https", [False, True])
def test_every_answer_carries_the_security_headers(https):
    different = {"SHOP_URL": "https://shop.example.org"} if https else {}
    place = town(**different)
    somebody = place.person("Ada")
    reference = somebody.orders("STATS-1")
    somebody.opens_form(reference)
    answers = [somebody.visit(a) for a in addresses(place.app, "GET", reference=reference)]
    answers += [somebody.send(a) for a in addresses(place.app, "POST", reference=reference)]
    answers += [somebody.visit("/nothing/here"), somebody.post("/checkout")]
    assert len(answers) > 20
    for page in answers:
        headers = page.response.headers
        policy = page.policy
        assert policy["default-src"] == ["'none'"]
        assert policy["frame-ancestors"] == ["'none'"]
        assert policy["base-uri"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        assert policy["style-src"] == ["'self'"]
        for source in everything(page):
            assert source not in ("'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] in ("no-referrer", "same-origin")
        assert ("Strict-Transport-Security" in headers) is https


def test_only_the_payment_page_allows_the_gateway(town, ada):
    reference = ada.orders("STATS-1")
    ada.opens_form(reference)
    for address in addresses(town.app, "GET", reference=reference):
        page = ada.visit(address)
        gateway = any("pay.example.net" in source for source in everything(page))
        assert gateway is address.endswith("/pay"), address
        assert (page.response.headers["Referrer-Policy"] == "no-referrer") is gateway


def test_each_page_has_its_own_nonce(visitor):
    nonces = {visitor.visit("/").all("script")[0]["nonce"] for _ in range(3)}
    assert len(nonces) == 3


def test_pages_of_a_learner_are_not_cached(town, ada):
    reference = ada.orders("STATS-1")
    stranger = town.person()
    for person, address in (
        (ada, "/"),
        (ada, "/orders"),
        (ada, f"/orders/{reference}"),
        (ada, "/checkout"),
        (stranger, "/basket"),
        (stranger, "/sign-in/demo"),
        (stranger, "/products/NOPE"),
    ):
        assert person.visit(address).response.headers["Cache-Control"] == "no-store"
    assert stranger.visit("/").response.headers["Cache-Control"] == "private, no-cache"


def test_static_files_are_cached_and_set_no_cookie(ada):
    page = ada.visit("/")
    sheet = next(link["href"] for link in page.all("link") if link.get("rel") == "stylesheet")
    headers = ada.visit(sheet).response.headers
    assert "max-age=31536000" in headers["Cache-Control"]
    assert "Set-Cookie" not in headers


def test_the_cookie_of_an_https_shop_is_bound_to_its_host():
    somebody = town(SHOP_URL="https://shop.example.org").person()
    cookie = somebody.visit("/products/STATS-1").response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-shop=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_cookie_of_a_local_shop_works_without_https(visitor):
    cookie = visitor.visit("/products/STATS-1").response.headers["Set-Cookie"]
    assert cookie.startswith("shop=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_a_form_without_csrf_token_changes_nothing_and_explains_it(town, ada):
    reference = ada.orders("STATS-1")
    for address in addresses(town.app, "POST", reference=reference):
        for token in ("", "forged"):
            page = ada.post(address, csrf_token=token, sku="MARKUP", name="Bob")
            assert page.status == 400
            assert page.h1 == "This form is too old"
            assert "Nothing was changed, ordered or charged." in page.text
            assert "CSRF" not in page.text
    assert "Not paid yet" in ada.visit("/orders").text
    assert "quoted" not in ada.visit("/basket").text


def test_the_csrf_token_of_another_visitor_is_refused(town, ada):
    assert ada.post("/sign-out", csrf_token=town.person("Bob").token()).status == 400


def test_get_requests_change_no_order(town, ada):
    reference = ada.orders("STATS-1")
    before = (town.order(reference), town.attempts(reference))
    for address in addresses(town.app, "GET", reference=reference):
        ada.visit(address)
    assert (town.order(reference), town.attempts(reference)) == before


@pytest.mark.parametrize(
    "host, answer",
    [
        ("shop.example.org", 200),
        ("shop.example.org:443", 200),
        ("evil.example", 400),
        ("shop.example.org.evil.example", 400),
        ("shop.example.org:8000", 400),
    ],
)
def test_the_shop_answers_only_to_its_own_host_name(host, answer):
    place = town(SHOP_URL="https://shop.example.org", SIGN_IN="none")
    response = place.app.test_client().get("/", headers={"Host": host}, base_url="https://x")
    assert response.status_code == answer
    assert "evil" not in response.text


def test_the_health_check_answers_to_any_host_name():
    place = town(SHOP_URL="https://shop.example.org", SIGN_IN="none")
    answer = place.app.test_client().get("/healthz", headers={"Host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_the_demo_answers_to_every_local_host_name(town):
    assert town.person(base="http://localhost:8000").visit("/").status == 200


class Away(Unavailable):
    def __str__(self):
        return "The database does not answer"


class Moved(Conflict):
    def __str__(self):
        return "Somebody else was first"


def failing(town, error):
    """The same shop, whose records fail."""

    def begin():
        raise error

    shop = attrs.evolve(town.shop, begin=begin, read=begin)
    app = create_app(shop)
    return Person(town, town.settings.shop_url, app.test_client())


def test_a_database_outage_is_503_with_an_explanation(town):
    somebody = failing(town, Away())
    page = somebody.visit("/")
    assert page.status == 503
    assert "The database does not answer." in page.text
    answer = somebody.client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")


def test_a_conflict_is_409(town):
    assert failing(town, Moved()).visit("/").status == 409


def test_a_program_error_shows_only_a_number_that_is_in_the_log(town, caplog):
    caplog.set_level(logging.ERROR)
    page = failing(town, ValueError("secret inner working")).visit("/?q=private")
    assert page.status == 500
    assert "secret" not in page.text
    number = page.text.partition("mention the number ")[2].partition(".")[0]
    assert len(number) == 12
    assert number in caplog.text
    assert "secret inner working" in caplog.text
    assert "private" not in caplog.text


def test_json_clients_get_problems_as_json(town, ada):
    reference = town.person("Bob").orders("STATS-1")
    answer = ada.ask_for(f"/orders/{reference}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "urn:coursetill:unknown-order",
        "title": "There is nothing here",
        "status": 404,
        "detail": f"There is no order {reference}.",
    }


@pytest.mark.parametrize(
    "address, fields, code",
    [
        ("/basket/items", {"sku": "OLD"}, "deadline-has-passed"),
        ("/basket/codes", {"code": "nope"}, "unknown-code"),
    ],
)
def test_json_clients_get_refusals_as_json(ada, address, fields, code):
    answer = ada.ask_for(address, **fields)
    assert answer.json["type"] == f"urn:coursetill:{code}"


def test_json_clients_get_401_without_sign_in(visitor):
    answer = visitor.ask_for("/orders", accept="application/problem+json")
    assert (answer.status_code, answer.json["status"]) == (401, 401)


def test_a_request_that_is_too_large_is_refused(ada):
    page = ada.post("/basket/codes", csrf_token=ada.token(), code="x" * LARGEST_REQUEST)
    assert page.status == 413
    assert "larger than anything" in page.text


def test_a_form_with_too_many_fields_is_refused(ada):
    fields = {f"field-{n}": "x" for n in range(300)}
    address = "/basket/codes"
    answer = ada.client.post(
        address, base_url=ada.base, data=fields, content_type="multipart/form-data"
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("address", ["/?q=%00", "/basket?code=a%00b", "/orders?before=%00"])
def test_a_null_character_in_an_address_does_not_reach_the_database(ada, address):
    assert ada.visit(address).status == 400


@pytest.mark.parametrize("fields", [{"code": "a\0b"}, {"a\0b": "c"}])
def test_a_null_character_in_a_form_does_not_reach_the_database(ada, fields):
    assert ada.send("/basket/codes", **fields).status == 400


def test_an_unsupported_method_is_405(ada):
    assert ada.send("/orders").status == 405
    assert ada.visit("/basket/items").status == 405


def test_the_log_holds_no_token_or_card(town, ada, caplog):
    caplog.set_level(logging.DEBUG)
    reference = ada.orders("STATS-1")
    ada.opens_form(reference)
    token = town.typed_card(reference)
    ada.press(f"/orders/{reference}/pay", token=token)
    ada.send(f"/orders/{reference}/pay", attempt="A1", token="forged-token")
    assert token not in caplog.text
    assert "forged-token" not in caplog.text
