"""The demo's platform lets in who has paid, lets out who was refunded, and nobody else."""

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


def test_whoever_paid_may_enter(platform, shop):
    shop.sends(line_event())
    assert platform.enrolments.may_enter("ada", COURSE)
    assert not platform.enrolments.may_enter("bob", COURSE)


def test_a_program_opens_the_runs_that_were_picked(platform, shop):
    shop.sends(line_event(runs=("course-v1:MITxT+6.86x+1T2027",)))
    assert platform.enrolments.may_enter("ada", "course-v1:MITxT+6.86x+1T2027")


def test_whoever_was_refunded_may_no_longer_enter(platform, shop):
    shop.sends(line_event())
    shop.sends(line_event(REVOKE))
    assert not platform.enrolments.may_enter("ada", COURSE)


def test_an_event_told_twice_changes_nothing(platform, shop):
    shop.sends(line_event())
    shop.sends(line_event(REVOKE))
    shop.sends(line_event())
    assert not platform.enrolments.may_enter("ada", COURSE)


def test_an_event_that_it_has_had_is_still_received_and_said_to_be_known(shop):
    replies = [shop.sends(line_event()) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200]
    assert [reply.text for reply in replies] == ["taken", "had it before"]


def test_a_course_bought_again_after_a_refund_is_open_again(platform, shop):
    shop.sends(line_event())
    shop.sends(line_event(REVOKE))
    shop.sends(line_event(order="CT-2"))
    assert platform.enrolments.may_enter("ada", COURSE)


def test_what_comes_late_does_not_open_what_was_revoked(platform, shop):
    shop.sends(line_event(REVOKE))
    shop.sends(line_event())
    assert not platform.enrolments.may_enter("ada", COURSE)


def test_a_learners_enrolments_stand_in_the_order_in_which_they_were_told(platform, shop):
    for number in (3, 1, 2):
        shop.sends(line_event(order=f"CT-{number}"))
    told = platform.enrolments.by_learner()["ada"]
    assert [each.reference for each in told] == ["CT-3", "CT-1", "CT-2"]


def test_events_about_orders_are_taken_and_open_nothing(platform, shop):
    event = {"id": "e", "name": "order.paid", "reference": ORDER, "at": AT.isoformat(), "body": {}}
    assert shop.sends(event).status_code == 200
    assert platform.enrolments.by_learner() == {}


def test_an_event_that_somebody_else_signed_is_refused(platform, shop):
    assert shop.sends(line_event(), secret="another secret").status_code == 401
    assert platform.enrolments.by_learner() == {}


def test_an_event_under_another_id_than_it_was_signed_with_is_refused(platform, shop):
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
def test_what_cannot_be_read_is_refused_and_not_remembered(platform, shop, body):
    assert shop.posts(body, signature_headers("e", body)).status_code == 400
    shop.sends(line_event(id="e"))
    assert platform.enrolments.may_enter("ada", COURSE)


def test_out_of_order_it_takes_nothing_until_it_works_again(platform, shop):
    requests.post(f"{platform.url}/failing", data={"failing": "yes"}, timeout=5)
    assert shop.sends(line_event()).status_code == 503
    assert not platform.enrolments.may_enter("ada", COURSE)
    assert "out of order" in page_of(platform)
    requests.post(f"{platform.url}/failing", data={"failing": "no"}, timeout=5)
    shop.sends(line_event())
    assert platform.enrolments.may_enter("ada", COURSE)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_page_cannot_put_it_out_of_order(platform, shop, origin):
    reply = requests.post(
        f"{platform.url}/failing",
        data={"failing": "yes"},
        headers={"Origin": origin},
        timeout=5,
    )
    assert reply.status_code == 403
    assert shop.sends(line_event()).status_code == 200


def test_its_page_shows_enrolments_and_revocations(platform, shop):
    assert "Nobody has bought anything yet" in page_of(platform)
    shop.sends(line_event())
    shown = page_of(platform)
    assert "Demo learning platform" in shown
    assert COURSE in shown
    assert '<td class="enrolled">enrolled</td>' in shown
    shop.sends(line_event(REVOKE))
    assert '<td class="revoked">revoked</td>' in page_of(platform)


def test_its_page_shows_a_name_as_text(platform, shop):
    shop.sends(line_event())
    assert "Ada &lt;b&gt;" in page_of(platform)


def test_its_style_is_there(platform):
    assert requests.get(f"{platform.url}/static/platform.css", timeout=5).status_code == 200
