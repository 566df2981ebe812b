"""The features of baskets and check-out through the front end of the example."""

from __future__ import annotations

import pytest
from pytest_bdd import scenarios

from adapters.memory import MemoryShop
from coursetill_testing.contracts.gateway_world import MemoryWorld
from tests.entrypoints.web.hosted_town import ACCOUNT
from tests.examples.json_shopper import FRONT_END_MODULE, JsonShopper, learner_of
from tests.features.core_shopper import deliver_directly
from tests.features.core_staff import CoreStaff
from tests.features.doors import FOLDER
from tests.features.world import World

FEATURES = ("baskets/basket", "discounts/discount_codes", "orders/checkout")
"""Those that ask for no more than the API of the example offers."""

scenarios(*(str(FOLDER / f"{name}.feature") for name in FEATURES))


@pytest.fixture
def world() -> World:
    return World(
        MemoryShop(),
        MemoryWorld(ACCOUNT),
        make_shopper=JsonShopper,
        make_staff=CoreStaff,
        deliver_webhook=deliver_directly,
    )


def test_nobody_buys_who_is_not_signed_in(world: World) -> None:
    client = FRONT_END_MODULE.create_api(world.shop, learner_of).test_client()
    assert client.get("/basket").status_code == 401
    assert client.post("/orders", json={}).status_code == 401


@pytest.mark.parametrize("body", [{}, [], {"sku": 7, "runs": []}, {"sku": "SDS"}])
def test_a_request_without_its_fields_is_answered_with_400(world: World, body: object) -> None:
    client = FRONT_END_MODULE.create_api(world.shop, learner_of).test_client()
    signed_in = {"Authorization": "Bearer ada"}
    assert client.post("/basket/items", json=body, headers=signed_in).status_code == 400


def test_each_family_of_errors_has_its_status_and_a_public_type(world: World) -> None:
    client = FRONT_END_MODULE.create_api(world.shop, learner_of).test_client()
    signed_in = {"Authorization": "Bearer ada"}
    missing = client.get("/orders/CT-0000", headers=signed_in)
    assert (missing.status_code, missing.json["type"]) == (404, "urn:coursetill:unknown-order")
    wanted = {"key": "0" * 32, "total": "1.00", "currency": "USD"}
    empty = client.post("/orders", json=wanted, headers=signed_in)
    assert (empty.status_code, empty.json["type"]) == (422, "urn:coursetill:basket-is-empty")
    short = client.post("/orders", json=wanted | {"key": "0"}, headers=signed_in)
    assert short.status_code == 400
