"""The learning platform simulator grants access to paid lines and removes it after a refund."""

import json
from collections.abc import Iterator

import pytest
import requests

from coursetill_simulators.learning_platform.app import RunningPlatform
from coursetill_simulators_tests.learning_platform.events import (
    AT,
    COURSE,
    ORDER,
    REVOKE,
    SECRET,
    Shop,
    line_event,
    signature_headers,
)


@pytest.fixture
def platform() -> Iterator[RunningPlatform]:
    with RunningPlatform(SECRET, now=lambda: AT) as running:
        yield running


@pytest.fixture
def shop(platform: RunningPlatform) -> Shop:
    return Shop(platform)


def page_of(platform: RunningPlatform) -> str:
    return requests.get(platform.url, timeout=5).text


def test_a_fulfilled_line_grants_access(platform, shop):
    shop.sends(line_event())
    assert platform.enrolments.may_enter("ada", COURSE)
    assert not platform.enrolments.may_enter("bob", COURSE)


def test_a_program_grants_access_to_its_picked_runs(platform, shop):
    shop.sends(line_event(runs=("course-v1:MITxT+6.86x+1T2027",)))
    assert platform.enrolments.may_enter("ada", "course-v1:MITxT+6.86x+1T2027")


def test_a_revoked_line_removes_access(platform, shop):
    shop.sends(line_event())
    shop.sends(line_event(REVOKE))
    assert not platform.enrolments.may_enter("ada", COURSE)


def test_a_repeated_event_changes_nothing(platform, shop):
    shop.sends(line_event())
    shop.sends(line_event(REVOKE))
    shop.sends(line_event())
    assert not platform.enrolments.may_enter("ada", COURSE)


def test_a_repeated_event_is_acknowledged_as_known(shop):
    replies = [shop.sends(line_event()) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200]
    assert [reply.text for reply in replies] == ["taken", "had it before"]


def test_a_course_bought_again_after_a_refund_is_accessible(platform, shop):
    shop.sends(line_event())
    shop.sends(line_event(REVOKE))
    shop.sends(line_event(order="CT-2"))
    assert platform.enrolments.may_enter("ada", COURSE)


def test_a_late_fulfilment_does_not_undo_a_revocation(platform, shop):
    shop.sends(line_event(REVOKE))
    shop.sends(line_event())
    assert not platform.enrolments.may_enter("ada", COURSE)


def test_enrolments_are_listed_in_order_of_arrival(platform, shop):
    for number in (3, 1, 2):
        shop.sends(line_event(order=f"CT-{number}"))
    told = platform.enrolments.by_learner()["ada"]
    assert [each.reference for each in told] == ["CT-3", "CT-1", "CT-2"]


def test_events_about_orders_are_accepted_and_grant_no_access(platform, shop):
    event = {"id": "e", "name": "order.paid", "reference": ORDER, "at": AT.isoformat(), "body": {}}
    assert shop.sends(event).status_code == 200
    assert platform.enrolments.by_learner() == {}


def test_an_event_signed_with_another_key_is_refused(platform, shop):
    assert shop.sends(line_event(), secret="another secret").status_code == 401
    assert platform.enrolments.by_learner() == {}


def test_an_event_with_another_id_than_the_signed_one_is_refused(platform, shop):
    body = json.dumps(line_event()).encode()
    assert shop.posts(body, signature_headers("another-id", body)).status_code == 400
    assert platform.enrolments.by_learner() == {}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"id": "e"}',
        b'{"id": "e", "name": "line.fulfilment_requested"}',
        b'{"id": "e", "name": "line.fulfilment_requested", "body": 7}',
    ],
)
def test_an_unreadable_event_is_refused_and_not_stored(platform, shop, body):
    assert shop.posts(body, signature_headers("e", body)).status_code == 400
    shop.sends(line_event(id="e"))
    assert platform.enrolments.may_enter("ada", COURSE)


def test_the_broken_switch_refuses_events_until_it_is_off(platform, shop):
    requests.post(f"{platform.url}/failing", data={"failing": "yes"}, timeout=5)
    assert shop.sends(line_event()).status_code == 503
    assert not platform.enrolments.may_enter("ada", COURSE)
    assert "out of order" in page_of(platform)
    requests.post(f"{platform.url}/failing", data={"failing": "no"}, timeout=5)
    shop.sends(line_event())
    assert platform.enrolments.may_enter("ada", COURSE)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_origin_cannot_set_the_broken_switch(platform, shop, origin):
    reply = requests.post(
        f"{platform.url}/failing",
        data={"failing": "yes"},
        headers={"Origin": origin},
        timeout=5,
    )
    assert reply.status_code == 403
    assert shop.sends(line_event()).status_code == 200


def test_the_page_shows_enrolments_and_revocations(platform, shop):
    assert "Nobody has bought anything yet" in page_of(platform)
    shop.sends(line_event())
    shown = page_of(platform)
    assert "Demo learning platform" in shown
    assert COURSE in shown
    assert '<td class="enrolled">enrolled</td>' in shown
    shop.sends(line_event(REVOKE))
    assert '<td class="revoked">revoked</td>' in page_of(platform)


def test_the_page_escapes_names(platform, shop):
    shop.sends(line_event())
    assert "Ada &lt;b&gt;" in page_of(platform)


def test_the_style_sheet_is_served(platform):
    assert requests.get(f"{platform.url}/static/platform.css", timeout=5).status_code == 200
