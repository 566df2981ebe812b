"""The form by which a learner asks for their money back, and what the page says of it."""

import pytest

from core.identity import Actor
from core.order_reference import Reference
from core.orders.refund_request import LONGEST_REASON
from core.use_cases.refunds.refund_requests import approve_request, deny_request, latest_request
from coursetill_testing.town import town
from entrypoints.composition.clock_and_ids import new_key, new_refund_id

EVE = Actor.staff("eve")


@pytest.fixture
def reference(ada):
    """An order of two runs, paid."""
    reference = ada.orders("STATS-1", "POVERTY-1")
    ada.pays(reference)
    return reference


def address(reference):
    return f"/orders/{reference}/refund-request"


def sends(ada, reference, **different):
    fields = {
        "csrf_token": ada.token(),
        "request_key": new_key(),
        "line": ["1", "2"],
        "reason": "It is <b>not</b> for me",
        "consent": "yes",
    }
    return ada.post(address(reference), **{**fields, **different})


def requests(place, reference):
    with place.records.read() as work:
        return work.refund_requests.of(Reference(reference))


def answers(place, reference, verb, answer, **more):
    with place.records.read() as work:
        request = latest_request(work, Reference(reference))
    verb(request.id, answer, staff=EVE, begin=place.records.begin, now=place.clock(), **more)


def test_the_page_shows_the_end_of_the_refund_window(ada, reference):
    page = ada.visit(f"/orders/{reference}")
    assert page.offers(address(reference))
    assert "within 7 days of buying" in page.text
    assert "You can ask until" in page.text


def test_a_request_is_stored_and_its_state_shown(town, ada, reference):
    page = sends(ada, reference, line=["2"])
    assert (page.status, page.location) == (303, f"/orders/{reference}#refund")
    page = ada.visit(f"/orders/{reference}")
    assert "You have asked for a refund of a part of this order." in page.text
    assert "Global Poverty" in page.response.text.partition('id="refund"')[2]
    assert not page.offers(address(reference))
    [request] = requests(town, reference)
    assert (request.positions, request.reason) == ((2,), "It is <b>not</b> for me")


def test_no_line_is_preselected(ada, reference):
    page = ada.visit(f"/orders/{reference}")
    assert " checked" not in page.response.text.partition('id="refund"')[2]
    page = sends(ada, reference, line=["2"], consent="")
    form = page.response.text.partition('id="refund"')[2]
    assert [part[:1] for part in form.split('name="line" value="') if " checked" in part] == ["2"]


def test_a_repeated_form_makes_one_request(town, ada, reference):
    key = new_key()
    for _ in range(2):
        assert sends(ada, reference, request_key=key).status == 303
    assert len(requests(town, reference)) == 1


@pytest.mark.parametrize(
    ("wrong", "says", "field"),
    [
        ({"consent": ""}, "Tick that you lose access", "consent"),
        ({"reason": "  "}, "Say in a few words why", "reason"),
        ({"reason": "x" * (LONGEST_REASON + 1)}, "in 1,000 characters at most", "reason"),
        ({"line": []}, "Choose what you want a refund for", "what"),
    ],
)
def test_an_incomplete_form_shows_its_problems_and_keeps_the_input(
    town, ada, reference, wrong, says, field
):
    page = sends(ada, reference, **{"reason": "my own words", **wrong})
    assert page.status == 422
    assert says in page.text
    assert page.title.startswith("Error:")
    assert f'href="#{field}"' in page.response.text
    assert f'id="{field}"' in page.response.text
    assert ("my own words" in page.text) is ("reason" not in wrong)
    assert requests(town, reference) == ()


@pytest.mark.parametrize("wrong", [{"request_key": "x"}, {"line": ["0"]}, {"line": ["a"]}])
def test_an_invalid_form_is_400(town, ada, reference, wrong):
    assert sends(ada, reference, **wrong).status == 400
    assert requests(town, reference) == ()


def test_the_page_after_the_window_shows_its_last_day_and_no_form(town, ada, reference):
    town.clock.advance(days=400)
    page = sends(ada, reference)
    assert page.status == 422
    assert "could be asked for until" in page.text
    assert not ada.visit(f"/orders/{reference}").offers(address(reference))


def test_an_approval_is_shown(town, ada, reference):
    sends(ada, reference)
    more = {"refund_id": new_refund_id(), "gateway": town.gateway}
    answers(town, reference, approve_request, "Thank you for <i>telling</i> us", **more)
    page = ada.visit(f"/orders/{reference}")
    assert "Your refund is approved." in page.text
    assert "Thank you for <i>telling</i> us" in page.text
    assert page.h1.startswith("This order is refunded")


def test_a_denial_shows_its_reason_and_allows_another_request(town, ada, reference):
    sends(ada, reference, line=["1"])
    answers(town, reference, deny_request, "You have finished the course")
    page = ada.visit(f"/orders/{reference}")
    assert "You have finished the course" in page.text
    assert page.offers(address(reference))


def test_an_unpaid_order_offers_no_refund(ada):
    reference = ada.orders("STATS-1")
    assert not ada.visit(f"/orders/{reference}").offers(address(reference))
    assert sends(ada, reference).status == 422


def test_a_shop_without_a_window_offers_no_refund():
    ada = town(REFUND_DAYS="0").person("Ada Lovelace")
    reference = ada.orders("STATS-1")
    ada.pays(reference)
    assert not ada.visit(f"/orders/{reference}").offers(address(reference))
    assert sends(ada, reference, line=["1"]).status == 422
