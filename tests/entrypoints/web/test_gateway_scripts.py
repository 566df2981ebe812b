"""The gateway's part of the payment page: its script, and what its card form is allowed."""

from pathlib import Path

import attrs
import pytest

from coursetill_testing.running_gateways import CARD_FORM
from coursetill_testing.town import LIBRARY, ORIGINS, Town, settings
from entrypoints.gateways.api import BrowserPart, PagePolicy
from entrypoints.web.app import create_app


def told(form):
    return PagePolicy(
        scripts=(LIBRARY,),
        frames=ORIGINS,
        connections=ORIGINS[:1],
        styles=("https://styles.example.net/form.css",),
        images=("https://images.example.net",),
        opener="same-origin-allow-popups",
        permissions={"payment": ORIGINS[:1], "camera": ()},
    )


@pytest.fixture
def demanding():
    """A shop whose gateway needs more than usual."""
    town = Town(settings())
    (running,) = town.shop.gateways
    browser = BrowserPart(script=CARD_FORM, policy=told)
    opened = attrs.evolve(running.opened, browser=browser)
    town.shop = attrs.evolve(town.shop, gateways=(attrs.evolve(running, opened=opened),))
    town.app = create_app(town.shop)
    return town


def test_the_page_loads_the_gateways_script_before_its_own(demanding):
    ada = demanding.person("Ada Lovelace")
    page = ada.opens_form(ada.orders("STATS-1"))
    ours = [s["src"].partition("?")[0] for s in page.all("script")]
    assert ours[-2:] == ["/gateways/tested/card-form.js", "/static/pay.js"]


def test_the_gateways_script_is_served_and_cacheable(demanding):
    ada = demanding.person("Ada Lovelace")
    page = ada.opens_form(ada.orders("STATS-1"))
    address = page.all("script")[-2]["src"]
    answer = ada.client.get(address, base_url=ada.base)
    assert answer.data == CARD_FORM.read_bytes()
    assert answer.mimetype == "text/javascript"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    answer.close()


def test_a_gateway_not_in_use_has_no_script(demanding):
    stranger = demanding.app.test_client()
    address = "/gateways/stripe/card-form.js"
    assert stranger.get(address, base_url="http://127.0.0.1:8000").status_code == 404


def test_only_the_payment_page_allows_what_the_form_requires(demanding):
    ada = demanding.person("Ada Lovelace")
    page = ada.opens_form(ada.orders("STATS-1"))
    headers = page.response.headers
    assert page.policy["frame-src"] == list(ORIGINS)
    assert page.policy["connect-src"] == [ORIGINS[0]]
    assert page.policy["style-src"] == ["'self'", "https://styles.example.net"]
    assert page.policy["img-src"] == ["'self'", "https://images.example.net"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    assert headers["Permissions-Policy"] == (
        'camera=(self), geolocation=(), microphone=(), payment=(self "https://pay.example.net")'
    )
    other = ada.visit("/orders").response.headers
    assert other["Cross-Origin-Opener-Policy"] == "same-origin"
    assert other["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"


def test_a_missing_script_stops_the_start(demanding):
    (running,) = demanding.shop.gateways
    nowhere = BrowserPart(script=Path("/nowhere/card_form.js"))
    opened = attrs.evolve(running.opened, browser=nowhere)
    shop = attrs.evolve(demanding.shop, gateways=(attrs.evolve(running, opened=opened),))
    with pytest.raises(FileNotFoundError):
        create_app(shop)
