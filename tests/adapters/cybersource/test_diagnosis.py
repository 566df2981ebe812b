"""What is wrong with the account is said in words that can be acted upon."""

from datetime import timedelta

import attrs
import pytest

from adapters.cybersource.diagnosis import explain
from adapters.cybersource.rest.keys import SharedKey
from adapters.cybersource.rest.transport import ApiRefusal
from adapters.http_client import HttpClient, HttpRequest, Lost, NotSent, Timeouts
from tests.adapters.cybersource.vectors import FROZEN, OWN_P12, OWN_SHARED, official_settings
from tests.adapters.http_client.stubs import free_port

USUAL = official_settings()


def refused(status=401, after=timedelta(0), settings=USUAL, **more):
    failure = ApiRefusal(status, replied_at=FROZEN, **more)
    return explain(failure, settings, FROZEN + after)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(minutes=12), "12 minutes ahead of"),
        (timedelta(minutes=-12), "12 minutes behind"),
        (timedelta(seconds=61), "1 minute ahead"),
        (timedelta(hours=5), "5 hours ahead"),
        (timedelta(days=-400), "400 days behind"),
    ],
)
def test_a_wrong_clock_is_named_with_its_offset(after, said):
    assert said in refused(after=after)


def test_a_right_clock_is_not_blamed():
    assert "clock" not in refused(after=timedelta(seconds=60))


def test_a_clock_that_was_not_compared_should_be_checked():
    assert "clock" in explain(ApiRefusal(401), USUAL, FROZEN)


@pytest.mark.parametrize(
    ("key", "said", "unsaid"),
    [
        (OWN_SHARED, "test and production", "usual form"),
        (attrs.evolve(OWN_SHARED, key_id="my-key"), "usual form", "usual length"),
        (
            SharedKey(key_id=OWN_SHARED.key_id, secret="d29ydGhsZXNzLXdvcnRobGVzcw=="),
            "usual length",
            "usual form",
        ),
        (OWN_P12, "P12 file", "shared secret"),
    ],
)
def test_a_suspicious_key_is_named(key, said, unsaid):
    told = refused(settings=official_settings(keys=(key,)))
    assert said in told
    assert unsaid not in told
    assert "sim_merchant_001" in told


def test_http_signature_is_blamed_if_it_is_used():
    assert "HTTP Signature" in refused(settings=official_settings(http_signature=True))
    assert "HTTP Signature" not in refused()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "permission"),
        (404, "no such page"),
        (429, "too many requests"),
        (400, "refused a request"),
    ],
)
def test_each_refusal_is_explained_by_its_status(status, said):
    assert said in refused(status, reason="INVALID_DATA")


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("no connection (gaierror)", "nobody knows the name apitest.cybersource.com"),
        ("no connection (ConnectionRefusedError)", "nothing listens"),
        ("no connection (SSLCertVerificationError)", "does not trust"),
        ("no connection (ConnectTimeoutError)", "firewall"),
        ("no connection (Strange)", "Strange"),
    ],
)
def test_a_failed_connection_is_explained_by_its_cause(why, said):
    assert said in explain(NotSent(why), USUAL, FROZEN)


def test_each_network_error_is_classified():
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NotSent) as failure:
        HttpClient(Timeouts(connect=2, read=2)).send(HttpRequest("GET", url, {}))
    assert "nothing listens" in explain(failure.value, USUAL, FROZEN)


def test_an_unreadable_reply_is_reported_as_such():
    assert "HTTP 502" in explain(Lost("HTTP 502"), USUAL, FROZEN)


def test_no_explanation_shows_a_secret():
    told = official_settings(keys=(attrs.evolve(OWN_SHARED, key_id="my-key"),))
    assert OWN_SHARED.secret not in refused(settings=told)
